"""Crosstalk suppression: turns what one microphone hears of the other speaker into silence.

Each channel may pick up the other speaker, attenuated and late (``dsp.delay_estimation`` finds how late).
The attenuation is learned while one of them is loud, as a low quantile of the other channel's peaks
against theirs, which the other's own words hardly move. A channel that isn't clearly above that, or above
its own noise while the other talks, holds leakage only. Its frames become silence, so that neither the
measures nor the turns count it as speech. Only voices leak: a tone, music or noise on one channel, however
loud, changes nothing on the other. Until a cross-correlation has found leakage, such a sound tells that less
of it leaks where the other channel doesn't hear it.

The constants were chosen on the labelled dialogues and composed ones (``benchmarks.interruptions``); how
sensitive the figures are to each was not measured.
"""

from __future__ import annotations

import math

import numpy as np

from .component import Component, State
from .kernel import kernel

LEAK_AT_FIRST_DB, LEAK_MIN_DB = -21.0, -36.0
"""Level of a voice in the other channel against its own: before any leakage was heard, and without any."""

LEAK_MARGIN_DB = 8.0
"""A channel less than this above the other's leakage holds leakage only."""

NEVER_LEAK_DB = -6.0
"""A channel at most this far below the other one has a voice of its own."""

FALL_DB = 1.0
"""Decay of the peaks per hop: leakage comes late, through the air and the network."""

HELD_DB = 0.3
"""The same where leakage comes early, as the channels are misaligned."""

UNKNOWN = -1000
"""Lag while no leakage is known."""

RING_HOPS = 64
"""Hops remembered: exceeds the latest leakage."""

LOUD_DB = 6.0
"""Leakage is learned while a voice is at most this far below its peaks and below its usual level."""

HEARD_DB = 3.0
"""Sound less than this above the noise is no leakage, and no voice while the other talks."""

STEP_DB, MIN_STEP_DB = 4.0, 0.1
"""Step of the learned leakage: the first over the square root of the hops so far, at least the second."""

SILENT_DB, SILENT_STEP_DB = 6.0, 0.5
"""The other channel is so far below what would leak of a loud sound that is no voice; step downwards then."""

UP, UP_FAR, FAR_DB = 0.5, 0.1, 12.0
"""Share of a step upwards; the second where the other channel is ``FAR_DB`` above: it may be speaking
itself."""

MIN_VOICE = 0.2
"""Probability of speech from which a sound may be a voice. Tones, music and noise have less."""

SMOOTHING = 0.3
"""Weight of a new hop in the compared level."""

LEARNING = 0.005
"""Weight of a new hop in a channel's usual speech level."""

RELEARNED_HOPS = 16
"""Weight, in hops, of what was learned before the lag of the leakage was known."""

HANG_HOPS = 25
"""How long a channel's talk continues after the last hop of its own speech."""

LEAD_RATIO, LEAD_KEEP = 10.0**0.8, 0.98
"""A channel leads over a stretch in which it has this many times the other's power, 8 dB; decay of that
evidence per hop."""

LEAD_HOPS, LEAD_OWN_HOPS = 15, 8
"""Length of such a stretch, and own speech in it, from which it is used to estimate the lag."""


@kernel
def leak_delay_hops(channel: State) -> int:
    """Delay at which a channel's voice is expected in the other one: a hop early, to catch its onset."""
    return int(max(0, channel.lag - 1))


@kernel
def track_levels(level_dbfs: float, hop: int, channel: State) -> None:
    """Track a channel's level, and the peaks of its voice at the delay of its leakage."""
    channel.level_dbfs += SMOOTHING * (level_dbfs - channel.level_dbfs)
    channel.top_dbfs = max(channel.level_dbfs, channel.top_dbfs - FALL_DB)
    late_dbfs = channel.past_dbfs[(hop - leak_delay_hops(channel)) % RING_HOPS]
    if math.isfinite(late_dbfs):
        channel.late_dbfs += SMOOTHING * (late_dbfs - channel.late_dbfs)
    channel.peak_dbfs = max(channel.late_dbfs, channel.peak_dbfs - FALL_DB)
    channel.leaking_dbfs -= HELD_DB if UNKNOWN < channel.lag < -1 else FALL_DB
    if channel.past_voice[(hop - leak_delay_hops(channel)) % RING_HOPS]:
        channel.leaking_dbfs = max(channel.leaking_dbfs, channel.peak_dbfs)


@kernel
def has_voice(speech: float, channel: State) -> bool:
    """Whether a channel's sound may be a voice, now or up to ``HANG_HOPS`` ago."""
    channel.voiceless_hops = 0 if speech >= MIN_VOICE else channel.voiceless_hops + 1
    return bool(channel.voiceless_hops <= HANG_HOPS)


@kernel
def stands_out(channel: State, noise_dbfs: float, other: State) -> bool:
    """Whether a channel's sound is its own: neither leakage, nor noise while the other talks.

    It is above ``leaking_dbfs + min(leak_db + LEAK_MARGIN_DB, NEVER_LEAK_DB)`` of the other channel and,
    up to ``HANG_HOPS`` after the other's speech, ``HEARD_DB`` above its own noise.
    """
    leak_dbfs = other.leaking_dbfs + min(other.leak_db + LEAK_MARGIN_DB, NEVER_LEAK_DB)
    if channel.level_dbfs <= leak_dbfs:
        return False
    return bool(other.quiet_hops > HANG_HOPS or channel.level_dbfs > noise_dbfs + HEARD_DB)


@kernel
def learn_leakage(channel: State, other: State, noise_dbfs: float) -> None:
    """Learn from a hop of a channel's own speech how loud it is in the other one, whose noise is given."""
    if channel.late_dbfs < max(channel.peak_dbfs, channel.own_dbfs) - LOUD_DB:
        return
    channel.leak_hops += 1
    step_db = max(MIN_STEP_DB, STEP_DB / math.sqrt(channel.leak_hops))
    above_db = other.top_dbfs - channel.peak_dbfs - channel.leak_db
    if above_db <= 0.0 or other.top_dbfs <= noise_dbfs + HEARD_DB:
        channel.leak_db = max(channel.leak_least_db, channel.leak_db - step_db)
    else:
        channel.leak_db += step_db * (UP if above_db < FAR_DB else UP_FAR)


@kernel
def learn_silence(channel: State, other: State) -> None:
    """Learn from a channel's loud sound that is no voice that less leaks into the other one, if it does."""
    if channel.lag != UNKNOWN or channel.late_dbfs < max(channel.peak_dbfs, channel.own_dbfs) - LOUD_DB:
        return
    if other.top_dbfs <= channel.peak_dbfs + channel.leak_db - SILENT_DB:
        channel.leak_db = max(channel.leak_least_db, channel.leak_db - SILENT_STEP_DB)


@kernel
def learn_own_level(power: float, channel: State) -> None:
    """Learn the level of a channel's own speech."""
    channel.own_hops += 1
    rate = max(LEARNING, 1.0 / channel.own_hops)
    channel.own_power += rate * (power - channel.own_power)
    channel.own_dbfs = 10.0 * math.log10(channel.own_power + 1e-12)


@kernel
def track_lead(power: float, other_power: float, own: bool, channel: State) -> None:
    """Track the stretch over which a channel leads: a cumulative sum reset at 0 (CUSUM, Page 1954)."""
    channel.lead = LEAD_KEEP * channel.lead + power - LEAD_RATIO * other_power
    if channel.lead > 0.0:
        channel.lead_hops += 1
        channel.lead_own_hops += own
    else:
        channel.lead, channel.lead_hops, channel.lead_own_hops = 0.0, 0, 0


@kernel
def clear_leakage(channel: State, frame: State, own: bool, speaks: bool) -> None:
    """Turn what isn't a channel's own in its frame into silence."""
    channel.quiet_hops = 0 if own else channel.quiet_hops + 1
    if own:
        channel.snr_db = frame.snr_db
    talking = bool(frame.talking and channel.quiet_hops <= HANG_HOPS)
    edge = 0
    if talking != channel.talking:
        channel.talking = talking
        edge = frame.edge_ago_hops
        if edge == 0:
            edge = 1 if talking else channel.quiet_hops + 1
    frame.talking = talking
    frame.edge_ago_hops = edge
    frame.snr_db = channel.snr_db
    if speaks and not own:
        frame.speech = 0.0
        frame.f0_hz = 0.0
        frame.voicing = 0.0
        frame.nucleus_ago_hops = 0
        frame.filler_start_ago_hops = 0
        frame.filler_end_ago_hops = 0
        frame.filler_confidence = 0.0
        frame.creak = 0.0


@kernel
def suppress_leakage(a: State, b: State, state: State) -> None:
    """Turn leakage into silence in the frames of one hop of both channels.

    Parameters
    ----------
    a, b : records of the type ``FRAME``. Changed, unless one of them was lost.
    state : record of the type ``Crosstalk.STATE``. Changed.
    """
    first, second, hop = state.first, state.second, state.hop
    state.hop += 1
    known = a.known and b.known
    first.past_dbfs[hop % RING_HOPS] = a.level_dbfs if known else math.nan
    second.past_dbfs[hop % RING_HOPS] = b.level_dbfs if known else math.nan
    first.past_own[hop % RING_HOPS] = second.past_own[hop % RING_HOPS] = 0
    first.past_voice[hop % RING_HOPS] = has_voice(a.speech, first) if known else 0
    second.past_voice[hop % RING_HOPS] = has_voice(b.speech, second) if known else 0
    if not known:
        return
    track_levels(a.level_dbfs, hop, first)
    track_levels(b.level_dbfs, hop, second)
    first.sounds = stands_out(first, a.noise_dbfs, second)
    second.sounds = stands_out(second, b.noise_dbfs, first)
    a_speaks, b_speaks = a.speech >= 0.5, b.speech >= 0.5
    a_own, b_own = a_speaks and first.sounds, b_speaks and second.sounds
    first.past_own[hop % RING_HOPS], second.past_own[hop % RING_HOPS] = a_own, b_own
    if first.past_own[(hop - leak_delay_hops(first)) % RING_HOPS]:
        learn_leakage(first, second, b.noise_dbfs)
    elif not a_speaks:
        learn_silence(first, second)
    if second.past_own[(hop - leak_delay_hops(second)) % RING_HOPS]:
        learn_leakage(second, first, a.noise_dbfs)
    elif not b_speaks:
        learn_silence(second, first)
    a_power, b_power = 10.0 ** (a.level_dbfs / 10), 10.0 ** (b.level_dbfs / 10)
    if a_own and not b_own:
        learn_own_level(a_power, first)
    if b_own and not a_own:
        learn_own_level(b_power, second)
    track_lead(a_power, b_power, a_own, first)
    track_lead(b_power, a_power, b_own, second)
    clear_leakage(first, a, a_own, a_speaks)
    clear_leakage(second, b, b_own, b_speaks)


CHANNEL = np.dtype(
    [
        ("level_dbfs", "f8"),
        ("top_dbfs", "f8"),  # its decaying peaks
        ("lag", "i8"),  # hops by which the other channel hears its voice late; UNKNOWN
        ("late_dbfs", "f8"),  # its level that long ago
        ("peak_dbfs", "f8"),  # its decaying peaks that long ago
        ("leaking_dbfs", "f8"),  # peaks of its voice that may leak now
        ("leak_db", "f8"),  # level of its voice in the other channel, against its peaks
        ("leak_least_db", "f8"),  # lower limit of leak_db, by the cross-correlation
        ("leak_hops", "i8"),  # hops that leak_db was learned from
        ("own_power", "f8"),
        ("own_dbfs", "f8"),  # level of its own speech; -120 before any
        ("own_hops", "i8"),
        ("quiet_hops", "i8"),  # hops since the last hop of its own speech
        ("sounds", "?"),  # whether its sound is its own, see stands_out
        ("talking", "?"),
        ("snr_db", "f8"),  # of its own speech, without leakage
        ("lead", "f8"),  # cumulative sum of its lead in power
        ("lead_hops", "i8"),  # length of the lead
        ("lead_own_hops", "i8"),  # hops of its own speech within it
        ("past_dbfs", "f4", RING_HOPS),  # its level, hop by hop; NaN where something was lost
        ("past_own", "i1", RING_HOPS),  # whether it spoke
        ("past_voice", "i1", RING_HOPS),  # whether its sound may have been a voice
        ("voiceless_hops", "i8"),  # hops since its sound may have been a voice
    ],
    align=True,
)


class Crosstalk(Component):
    """Levels of both channels, and how each picks up the other."""

    STATE = np.dtype([("first", CHANNEL), ("second", CHANNEL), ("hop", "i8")], align=True)

    def reset(self) -> None:
        """Forget everything."""
        self.zero_state()
        for name in ("first", "second"):
            channel = self.state[name]
            for level in ("level_dbfs", "top_dbfs", "late_dbfs", "peak_dbfs", "leaking_dbfs", "own_dbfs"):
                channel[level] = -120.0
            channel["past_dbfs"] = -120.0
            channel["lag"] = UNKNOWN
            channel["leak_db"], channel["leak_least_db"] = LEAK_AT_FIRST_DB, LEAK_MIN_DB
            channel["quiet_hops"] = channel["voiceless_hops"] = HANG_HOPS + 1

    def lead_length(self, channel: int) -> int:
        """Hops over which a channel has led; 0 while that is too short to estimate the lag."""
        state = self.state[channel]
        hops = int(state["lead_hops"])
        return hops if hops >= LEAD_HOPS and state["lead_own_hops"] >= LEAD_OWN_HOPS else 0

    def set_leakage(self, channel: int, hops: int, gain_db: float) -> None:
        """Set the lag and the minimum level of a channel's voice in the other one.

        What was learned at another lag then hardly counts.
        """
        state = self.state[channel]
        state["leak_least_db"] = max(LEAK_MIN_DB, gain_db)
        state["leak_db"] = max(state["leak_db"], state["leak_least_db"])
        if state["lag"] != hops:
            state["leak_db"] = max(state["leak_db"], LEAK_AT_FIRST_DB)
            state["leak_hops"] = min(state["leak_hops"], RELEARNED_HOPS)
            self.set_lag(channel, hops)

    def set_lag(self, channel: int, hops: int) -> None:
        """Set the lag of a channel's leakage after the channels were moved against each other."""
        self.state[channel]["lag"] = hops
