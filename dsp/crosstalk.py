"""Leakage between two microphones: the other side's voice is nobody's speech.

Each channel of a call may hear the other one's speaker faintly, and late (``dsp/delay_estimation.py`` finds
how late).
How faintly is learned where one of them is loud: a low quantile of the other's peaks against theirs, which
own words of the other hardly move. A channel that isn't clearly above that, or beside the other's talk above
its own noise, only hears leakage. Its frames go on as silence, so that neither the speaker's measures nor
the turns take it for speech. Only a voice counts as leaking: a tone, music or noise that one channel hears,
however loud, takes nothing from the other one.
"""

from __future__ import annotations

import math

import numpy as np

from .component import Component, State
from .kernel import kernel

LEAK_AT_FIRST_DB, LEAK_MIN_DB = -21.0, -36.0
"""Leakage, level in the other channel against that in its own: before any was heard, and where it is none."""

LEAK_MARGIN_DB = 8.0
"""A channel that is not so much above the other's leakage hears only that."""

NEVER_LEAK_DB = -6.0
"""A channel no further below the other one than this has a voice of its own."""

FALL_DB = 1.0
"""Peaks die away by this a hop: leakage comes late, by the way through the air and the network."""

HELD_DB = 0.3
"""Likewise where leakage comes early, as the channels stand apart."""

UNKNOWN = -1000
"""Lag where nothing is known to leak."""

RING_HOPS = 64
"""Hops that are remembered; more than the latest leakage is late."""

LOUD_DB = 6.0
"""Leakage is learned where a voice is no further below its peaks, nor below its usual level."""

HEARD_DB = 3.0
"""What is so little above the noise is no leakage, and beside the other's talk no voice."""

STEP_DB, MIN_STEP_DB = 4.0, 0.1
"""What is learned moves by the first over the square root of the hops so far, and at least by the second."""

UP, UP_FAR, FAR_DB = 0.5, 0.1, 12.0
"""Share of a step upwards; the second where the other channel is so far above: it may be speaking itself."""

MIN_VOICE = 0.2
"""Probability of speech from which a sound may be a voice. What is none, such as tones, music and noise, is
nobody's speech where it leaks, and hides nobody's."""

SMOOTHING = 0.3
"""Share of a new hop in the level that is compared."""

LEARNING = 0.005
"""Share of a new hop in a channel's usual level."""

RELEARNED_HOPS = 16
"""What was learned before it was known how late leakage comes counts as so many hops."""

HANG_HOPS = 25
"""How long a channel's talk goes on after its own last speech."""

LEAD_RATIO, LEAD_KEEP = 10.0**0.8, 0.98
"""A channel leads over the stretch in which it has so many times the other one's power, 8 dB; what was before
counts so much a hop less."""

LEAD_HOPS, LEAD_OWN_HOPS = 15, 8
"""It tells what leaks once it is so long, and has so much of the channel's own speech."""


@kernel
def leak_delay_hops(channel: State) -> int:
    """How late a channel's voice is looked for in the other one: a hop early, in time for its edge."""
    return int(max(0, channel.lag - 1))


@kernel
def track_levels(level_dbfs: float, hop: int, channel: State) -> None:
    """Follow a channel's level, and the peaks of its voice as they leak into the other one now."""
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
    """Whether a channel's sound may be a voice: there is one in it, or was shortly before."""
    channel.voiceless_hops = 0 if speech >= MIN_VOICE else channel.voiceless_hops + 1
    return bool(channel.voiceless_hops <= HANG_HOPS)


@kernel
def stands_out(channel: State, noise_dbfs: float, other: State) -> bool:
    """Whether a channel's sound is its own: no leakage, nor noise while the other talks."""
    leak_dbfs = other.leaking_dbfs + min(other.leak_db + LEAK_MARGIN_DB, NEVER_LEAK_DB)
    if channel.level_dbfs <= leak_dbfs:
        return False
    return bool(other.quiet_hops > HANG_HOPS or channel.level_dbfs > noise_dbfs + HEARD_DB)


@kernel
def learn_leakage(channel: State, other: State, noise_dbfs: float) -> None:
    """Learn from a hop of a channel's own speech how the other one, whose noise is given, hears it now."""
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
def learn_own_level(power: float, channel: State) -> None:
    """Learn how loud a channel's own speech is."""
    channel.own_hops += 1
    rate = max(LEARNING, 1.0 / channel.own_hops)
    channel.own_power += rate * (power - channel.own_power)
    channel.own_dbfs = 10.0 * math.log10(channel.own_power + 1e-12)


@kernel
def track_lead(power: float, other_power: float, own: bool, channel: State) -> None:
    """Follow the stretch over which a channel leads (a cumulative sum that starts anew at 0, Page 1954)."""
    channel.lead = LEAD_KEEP * channel.lead + power - LEAD_RATIO * other_power
    if channel.lead > 0.0:
        channel.lead_hops += 1
        channel.lead_own_hops += own
    else:
        channel.lead, channel.lead_hops, channel.lead_own_hops = 0.0, 0, 0


@kernel
def clear_leakage(channel: State, frame: State, own: bool, speaks: bool) -> None:
    """Make silence of what is not a channel's own in its frame."""
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
    if second.past_own[(hop - leak_delay_hops(second)) % RING_HOPS]:
        learn_leakage(second, first, a.noise_dbfs)
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
        ("top_dbfs", "f8"),  # its peaks, dying away as an echo of them does
        ("lag", "i8"),  # hops by which its voice comes late in the other channel; UNKNOWN
        ("late_dbfs", "f8"),  # its level so long ago
        ("peak_dbfs", "f8"),  # its peaks then, likewise
        ("leaking_dbfs", "f8"),  # those of its voice that may leak now
        ("leak_db", "f8"),  # level of its voice in the other channel, against its peaks
        ("leak_least_db", "f8"),  # as much is known to leak
        ("leak_hops", "i8"),  # hops that was learned from
        ("own_power", "f8"),
        ("own_dbfs", "f8"),  # level of its own speech; -120 before any
        ("own_hops", "i8"),
        ("quiet_hops", "i8"),  # hops since this channel's own last speech
        ("sounds", "?"),  # whether what it hears now is neither leakage nor, beside the other's talk, noise
        ("talking", "?"),
        ("snr_db", "f8"),  # of its own speech: leakage doesn't count
        ("lead", "f8"),  # by how much it is the louder one
        ("lead_hops", "i8"),  # since when
        ("lead_own_hops", "i8"),  # hops of its own speech since then
        ("past_dbfs", "f4", RING_HOPS),  # its level, hop by hop; NaN where something was lost
        ("past_own", "i1", RING_HOPS),  # whether it spoke
        ("past_voice", "i1", RING_HOPS),  # whether its sound may have been a voice
        ("voiceless_hops", "i8"),  # hops since there may have been one
    ],
    align=True,
)


class Crosstalk(Component):
    """What is known of both channels' levels, and of how each hears the other."""

    STATE = np.dtype([("first", CHANNEL), ("second", CHANNEL), ("hop", "i8")], align=True)

    def reset(self) -> None:
        """Forget everything heard."""
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
        """For how many hops a channel has led; 0 where that is too short to tell what leaks."""
        state = self.state[channel]
        hops = int(state["lead_hops"])
        return hops if hops >= LEAD_HOPS and state["lead_own_hops"] >= LEAD_OWN_HOPS else 0

    def set_leakage(self, channel: int, hops: int, gain_db: float) -> None:
        """Know how late, and at least how loud, a channel's voice comes in the other one.

        What was learned while it was taken to come at another moment hardly counts.
        """
        state = self.state[channel]
        state["leak_least_db"] = max(LEAK_MIN_DB, gain_db)
        state["leak_db"] = max(state["leak_db"], state["leak_least_db"])
        if state["lag"] != hops:
            state["leak_db"] = max(state["leak_db"], LEAK_AT_FIRST_DB)
            state["leak_hops"] = min(state["leak_hops"], RELEARNED_HOPS)
            self.set_lag(channel, hops)

    def set_lag(self, channel: int, hops: int) -> None:
        """Know that a channel's voice comes so many hops late from now on, by the same way as before."""
        self.state[channel]["lag"] = hops
