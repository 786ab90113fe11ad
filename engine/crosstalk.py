"""Leakage between two microphones: the other side's voice is nobody's speech.

Each channel of a call may hear the other one's speaker faintly. Where both channels
seem to speak, the one that lies far below the other, each against its own speech
level once that is known, only hears leakage. Its frames go on as silence, so that
neither the speaker's measures nor the turns take it for speech.
"""

from __future__ import annotations

import math

from dsp.frame import Frame

from .windows import hops

LEAK_DB = 15.0
"""A channel this far below the other hears leakage."""

SMOOTHING = 0.3
"""Share of a new hop in the level that is compared."""

OWN_LEVEL_HOPS = hops(1.5)
"""Speech alone that a channel's own level needs before it is trusted."""

LEARNING = 0.005

HANG_HOPS = hops(0.25)
"""How long a channel's talk goes on after its own last speech."""


class _Channel:
    def __init__(self) -> None:
        self.level_dbfs = -120.0
        self.own_power = 0.0
        self.own_dbfs = 0.0
        """Level of its own speech, once there was any."""
        self.own_hops = 0
        self.quiet_hops = HANG_HOPS + 1
        """Hops since this channel's own last speech."""
        self.talking = False
        self.snr_db = 0.0
        """Of its own speech: leakage doesn't count."""

    def learn(self, level_dbfs: float) -> None:
        self.own_hops += 1
        rate = max(LEARNING, 1.0 / self.own_hops)
        self.own_power += rate * (10.0 ** (level_dbfs / 10) - self.own_power)
        self.own_dbfs = 10.0 * math.log10(self.own_power + 1e-12)


class Crosstalk:
    """Takes the frames of both channels, gives them with leakage turned into silence."""

    def __init__(self) -> None:
        self._channels = (_Channel(), _Channel())

    def step(self, frames: list[Frame]) -> list[Frame]:
        """Frames of one hop of both channels; those with lost audio are handed through."""
        (a, b), (first, second) = frames, self._channels
        if not (a.known and b.known):
            return frames
        first.level_dbfs += SMOOTHING * (a.level_dbfs - first.level_dbfs)
        second.level_dbfs += SMOOTHING * (b.level_dbfs - second.level_dbfs)
        above_db = first.level_dbfs - second.level_dbfs
        if first.own_hops >= OWN_LEVEL_HOPS and second.own_hops >= OWN_LEVEL_HOPS:
            above_db -= first.own_dbfs - second.own_dbfs
        a_speaks, b_speaks = a.speech >= 0.5, b.speech >= 0.5
        a_own, b_own = a_speaks and above_db > -LEAK_DB, b_speaks and above_db < LEAK_DB
        if a_own and not b_speaks and second.level_dbfs < first.level_dbfs + LEAK_DB:
            first.learn(a.level_dbfs)
        if b_own and not a_speaks and first.level_dbfs < second.level_dbfs + LEAK_DB:
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
