"""Leakage between two microphones: the other side's voice is nobody's speech.

Each channel of a call may hear the other one's speaker faintly. How faintly is learned
where one of them is loud: a low quantile of the other's peaks against theirs, which own
words of the other hardly move. A channel that isn't clearly above that, or beside the
other's talk above its own noise, only hears leakage. Its frames go on as silence, so
that neither the speaker's measures nor the turns take it for speech.
"""

from __future__ import annotations

import math

from dsp.frame import Frame

from .windows import hops

LEAK_AT_FIRST_DB, LEAK_LEAST_DB = -21.0, -36.0
"""Leakage, level in the other channel against that in its own: before any was heard, and where it is none."""

LEAK_MARGIN_DB = 8.0
"""A channel that is not so much above the other's leakage hears only that."""

NEVER_LEAK_DB = -6.0
"""A channel no further below the other one than this has a voice of its own."""

FALL_DB = 1.0
"""Peaks die away by this a hop: leakage comes late, by the way through the air and the network."""

LOUD_DB = 6.0
"""Leakage is learned where a voice is no further below its peaks, nor below its usual level."""

HEARD_DB = 3.0
"""What is so little above the noise is no leakage, and beside the other's talk no voice."""

STEP_DB, LEAST_STEP_DB = 4.0, 0.1
"""What is learned moves by the first over the square root of the hops so far, and at least by the second."""

UP, UP_FAR, FAR_DB = 0.5, 0.1, 12.0
"""Share of a step upwards; the second where the other channel is so far above: it may be speaking itself."""

SMOOTHING = 0.3
"""Share of a new hop in the level that is compared."""

LEARNING = 0.005
"""Share of a new hop in a channel's usual level."""

HANG_HOPS = hops(0.25)
"""How long a channel's talk goes on after its own last speech."""


class _Channel:
    def __init__(self) -> None:
        self.level_dbfs = -120.0
        self.peak_dbfs = -120.0
        """Its peaks, dying away as an echo of them does."""
        self.leak_db = LEAK_AT_FIRST_DB
        """Level of its voice in the other channel, against its peaks."""
        self.leak_hops = 0
        """Hops that was learned from."""
        self.own_power = 0.0
        self.own_dbfs = -120.0
        """Level of its own speech; −120 before any."""
        self.own_hops = 0
        self.quiet_hops = HANG_HOPS + 1
        """Hops since this channel's own last speech."""
        self.sounds = False
        """Whether what it hears now is neither leakage nor, beside the other's talk, noise."""
        self.talking = False
        self.snr_db = 0.0
        """Of its own speech: leakage doesn't count."""

    def hear(self, level_dbfs: float) -> None:
        self.level_dbfs += SMOOTHING * (level_dbfs - self.level_dbfs)
        self.peak_dbfs = max(self.level_dbfs, self.peak_dbfs - FALL_DB)

    def stands_out(self, noise_dbfs: float, other: _Channel) -> bool:
        """Whether its sound is its own: no leakage, nor noise while the other talks."""
        leak_dbfs = other.peak_dbfs + min(other.leak_db + LEAK_MARGIN_DB, NEVER_LEAK_DB)
        if self.level_dbfs <= leak_dbfs:
            return False
        return other.quiet_hops > HANG_HOPS or self.level_dbfs > noise_dbfs + HEARD_DB

    def leaks(self, other: _Channel, noise_dbfs: float) -> None:
        """Learn from a hop of its own speech how the other one, whose noise is given, hears it."""
        if self.level_dbfs < max(self.peak_dbfs, self.own_dbfs) - LOUD_DB:
            return
        self.leak_hops += 1
        step_db = max(LEAST_STEP_DB, STEP_DB / math.sqrt(self.leak_hops))
        above_db = other.peak_dbfs - self.peak_dbfs - self.leak_db
        if above_db <= 0.0 or other.peak_dbfs <= noise_dbfs + HEARD_DB:
            self.leak_db = max(LEAK_LEAST_DB, self.leak_db - step_db)
        else:
            self.leak_db += step_db * (UP if above_db < FAR_DB else UP_FAR)

    def learn(self, level_dbfs: float) -> None:
        self.own_hops += 1
        rate = max(LEARNING, 1.0 / self.own_hops)
        self.own_power += rate * (10.0 ** (level_dbfs / 10) - self.own_power)
        self.own_dbfs = 10.0 * math.log10(self.own_power + 1e-12)


class Crosstalk:
    """Takes the frames of both channels, gives them with leakage turned into silence."""

    def __init__(self) -> None:
        self._channels = (_Channel(), _Channel())

    @property
    def sounds(self) -> tuple[bool, bool]:
        """Which channels now hear a sound of their own."""
        return self._channels[0].sounds, self._channels[1].sounds

    def step(self, frames: list[Frame]) -> list[Frame]:
        """Frames of one hop of both channels; those with lost audio are handed through."""
        (a, b), (first, second) = frames, self._channels
        if not (a.known and b.known):
            return frames
        first.hear(a.level_dbfs)
        second.hear(b.level_dbfs)
        first.sounds = first.stands_out(a.noise_dbfs, second)
        second.sounds = second.stands_out(b.noise_dbfs, first)
        a_speaks, b_speaks = a.speech >= 0.5, b.speech >= 0.5
        a_own, b_own = a_speaks and first.sounds, b_speaks and second.sounds
        if a_own:
            first.leaks(second, b.noise_dbfs)
            if not b_own:
                first.learn(a.level_dbfs)
        if b_own:
            second.leaks(first, a.noise_dbfs)
            if not a_own:
                second.learn(b.level_dbfs)
        return [self._cleared(first, a, a_own, a_speaks), self._cleared(second, b, b_own, b_speaks)]

    @staticmethod
    def _cleared(channel: _Channel, frame: Frame, own: bool, speaks: bool) -> Frame:
        channel.quiet_hops = 0 if own else channel.quiet_hops + 1
        if own:
            channel.snr_db = frame.snr_db
        talking = frame.talking and channel.quiet_hops <= HANG_HOPS
        edge = 0
        if talking != channel.talking:
            channel.talking = talking
            edge = frame.edge_ago_hops or (1 if talking else channel.quiet_hops + 1)
        snr_db = channel.snr_db
        same = talking == frame.talking and edge == frame.edge_ago_hops
        if same and own >= speaks:
            return frame if snr_db == frame.snr_db else frame._replace(snr_db=snr_db)
        if own or not speaks:
            return frame._replace(talking=talking, edge_ago_hops=edge, snr_db=snr_db)
        return frame._replace(
            talking=talking,
            edge_ago_hops=edge,
            snr_db=snr_db,
            speech=0.0,
            f0_hz=0.0,
            voicing=0.0,
            nucleus_ago_hops=0,
            filler_start_ago_hops=0,
            filler_end_ago_hops=0,
            filler_confidence=0.0,
            creak=0.0,
        )
