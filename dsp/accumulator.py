"""Running sums over one speaker's hops, and flags for the hops that have something to report.

Most hops only move sums. Whole packets are therefore processed in one compiled call, which
returns early at the hops that matter: an edge of talking, a syllable, a fault of the input,
lost audio, and those at which a trace or a reading is due.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from . import ears, input_faults, speech_level, voicing_stats
from .component import Component, State
from .creak import CreakDetector
from .decimate import LOW_PASS
from .ears import Ears, Floats
from .frame import FRAME, HOP, Frame
from .input_faults import InputFaults
from .kernel import kernel
from .level_meter import is_audio
from .pitch import PitchTracker
from .spectrum import TABLES
from .speech_level import SpeechLevel
from .voice_activity import WEIGHTS
from .voicing_stats import VoicingStats

FULL_SCALE_LIMIT = 8.0
"""Samples of a larger magnitude are not audio at full scale ±1."""

TRACE_HOPS, READING_HOPS = 10, 25
"""Intervals of traces and of readings."""

SHORTEST_CREAK_HOPS, CREAK_GAP_HOPS = 10, 5
"""Shortest reported span of creak; longest gap inside one."""

LOSS, EDGE, DETECTION, CREAK, FAULT, TRACE, READING = (1 << k for k in range(7))
"""Flags of a hop: it was lost, or is the first after a loss; ``talking`` changed; a syllable or a
filled pause was detected; a span of creak ended; a fault of the input came or went; a trace or a
reading is due."""


@kernel
def track_creak_span(frame: State, hop: int, state: State) -> bool:
    """Track spans of creak; return whether one of sufficient length has just ended."""
    if frame.creak >= 0.5:
        if state.creak_start < 0:
            state.creak_start = hop
        state.creak_last = hop
    elif state.creak_start >= 0 and hop - state.creak_last > CREAK_GAP_HOPS:
        state.creak_span[0], state.creak_span[1] = state.creak_start, state.creak_last + 1
        state.creak_start = -1
        return bool(state.creak_span[1] - state.creak_span[0] >= SHORTEST_CREAK_HOPS)
    return False


@kernel
def record_trace(frame: State, hop: int, state: State) -> None:
    """Store F0 and level of a hop in tenths of a unit; F0 is known later than the level."""
    at = hop % TRACE_HOPS
    if at == 0:
        state.trace_known = True
        for k in range(state.trace_level.size - TRACE_HOPS):
            state.trace_level[k] = state.trace_level[k + TRACE_HOPS]
    state.trace_known &= frame.known
    state.trace_f0[at] = np.rint(10.0 * frame.f0_hz)
    state.trace_level[state.trace_level.size - TRACE_HOPS + at] = np.rint(10.0 * frame.level_dbfs)


@kernel
def add_frame(frame: State, bad: bool, state: State) -> int:
    """Add the frame of the next hop.

    Parameters
    ----------
    frame : record of the type ``FRAME``.
    bad : whether the hop's samples were no audio.
    state : record of the type ``Accumulator.STATE``. Changed.

    Returns
    -------
    int
        Flags of the hop; mostly 0.
    """
    flags, hop, on = 0, state.hops, state.faults.on
    input_faults.update_faults(frame, bad, state.faults)
    if state.faults.on != on:
        flags |= FAULT
    if not (frame.known and state.known):
        flags |= LOSS
    if frame.known:
        if frame.talking != state.talking:
            flags |= EDGE
        if frame.nucleus_ago_hops or frame.filler_start_ago_hops:
            flags |= DETECTION
        if track_creak_span(frame, hop, state):
            flags |= CREAK
        state.talking = frame.talking
        speech_level.update_speech_level(frame, frame.talking, state.level)
    state.known = frame.known
    voicing_stats.count_hop(frame, frame.known and frame.talking, state.voiced)
    record_trace(frame, hop, state)
    if (hop + 1) % TRACE_HOPS == 0:
        flags |= TRACE
    if (hop + 1) % READING_HOPS == 0:
        flags |= READING
    state.hops = hop + 1
    return flags


@kernel
def process_hops(
    samples: Floats, low_pass: Floats, tables: State, weights: Floats, ears_state: State, sums: State
) -> tuple[int, int]:
    """Process hops up to the first one with a flag, or to before one whose samples are no audio.

    Parameters
    ----------
    samples : float32, shape (160 n,)
    low_pass, tables, weights, ears_state : of ``dsp.ears.process_hop``.
    sums : record of the type ``Accumulator.STATE``, shape (1,). Changed.

    Returns
    -------
    hops : number of hops processed.
    flags : of the last of them; 0 before one that is no audio.
    """
    for k in range(samples.size // HOP):
        hop = samples[k * HOP : (k + 1) * HOP]
        if not is_audio(hop, FULL_SCALE_LIMIT):
            return k, 0
        ears.process_hop(hop, low_pass, tables, weights, ears_state)
        flags = add_frame(ears_state[0].frame, False, sums[0])
        if flags:
            return k + 1, flags
    return samples.size // HOP, 0


@kernel
def snapshot_fields(state: State) -> tuple[float, ...]:
    """Fields of :class:`Snapshot`."""
    level, voice = state.level, state.voiced
    level_dbfs, loudness_lufs, change_db, sure = speech_level.current_level(level)
    return (
        level_dbfs,
        level.noise_dbfs,
        loudness_lufs,
        level.snr_db,
        change_db,
        sure,
        voice.hops,
        voice.lost_lately,
        voice.pitch_hops,
        voicing_stats.median_hz(voice.pitch, voice.pitch_hops) if voice.pitch_hops else math.nan,
        voice.recent_hops,
        voicing_stats.spread_st(voice.recent, voice.recent_hops) if voice.recent_hops else math.nan,
        voice.voiced,
        voice.creaky,
        voice.pitched,
        voice.spoken,
    )


class Snapshot(NamedTuple):
    """Values of the sums at one moment; NaN where unknown."""

    level_dbfs: float
    noise_dbfs: float
    loudness_lufs: float
    snr_db: float
    change_db: float
    level_confidence: float
    """The fields up to here are those of ``dsp.speech_level``."""

    hops: int
    lost_lately: int
    """Hops so far, and lost hops of the last 10 s."""

    f0_hops: int
    f0_median_hz: float
    """Hops with F0 so far, and the median of that F0."""

    f0_recent_hops: int
    f0_sd_st: float
    """The same over the last 15 s, with the standard deviation in place of the median."""

    voiced_hops: int
    creaky_hops: int
    """Hops with F0 or creak, and with creak, over the creak window."""

    pitched_hops: int
    spoken_hops: int
    """Hops with F0, and all of speech, over the creak window."""


class Accumulator(Component):
    """Sums over the hops of one speaker.

    Parameters
    ----------
    creak_window : length of the creak window in hops.

    Attributes
    ----------
    hops : processed so far.
    level, voiced, faults : the components.
    records : array of shape (1,) that holds the state, for kernels.
    """

    STATE = np.dtype(
        [
            ("hops", "i8"),
            ("known", "?"),
            ("talking", "?"),
            ("trace_known", "?"),
            ("creak_start", "i8"),
            ("creak_last", "i8"),
            ("creak_span", "i8", 2),  # the last one: first hop, and one past its last
            ("trace_f0", "f8", TRACE_HOPS),  # tenths of Hz
            ("trace_level", "f8", PitchTracker.DELAY_HOPS + TRACE_HOPS),  # tenths of dB
            ("level", SpeechLevel.STATE),
            ("faults", InputFaults.STATE),
            ("voiced", VoicingStats.STATE),
        ],
        align=True,
    )

    def __init__(self, creak_window: int) -> None:
        self.records = np.zeros(1, self.STATE)
        state = self.records[0]
        self.level = SpeechLevel(state["level"])
        self.faults = InputFaults(state["faults"])
        self.voiced = VoicingStats(creak_window, state["voiced"])
        self._frame = np.zeros(1, FRAME)
        super().__init__(state)

    def reset(self) -> None:
        """Forget everything."""
        for part in (self.level, self.faults, self.voiced):
            part.reset()
        for name in ("hops", "talking", "creak_last", "creak_span", "trace_f0"):
            self.state[name] = 0
        self.state["known"] = self.state["trace_known"] = True
        self.state["creak_start"] = -1
        self.state["trace_level"] = -1200.0

    def process_hops(self, samples: Floats, ears: Ears) -> tuple[int, int]:
        """Process whole hops up to the first that has something to report; see :func:`process_hops`."""
        processed: tuple[int, int] = process_hops(
            samples, LOW_PASS, TABLES, WEIGHTS, ears.state, self.records
        )
        return processed

    def add_frame(self, frame: Frame, *, bad: bool = False) -> int:
        """Add the frame of the next hop; ``bad`` if its samples were no audio. See :func:`add_frame`."""
        self._frame[0] = frame
        return add_frame(self._frame[0], bad, self.state)

    def snapshot(self) -> Snapshot:
        """Values of all sums, in one call."""
        return Snapshot._make(snapshot_fields(self.state))

    @property
    def creak_hops(self) -> tuple[int, int]:
        """First hop of the creak span reported last, and one past its last."""
        delay = CreakDetector.DELAY_HOPS
        first, stop = self.state["creak_span"].tolist()
        return max(0, first - delay), stop - delay

    @property
    def trace(self) -> tuple[list[float], list[float], bool]:
        """F0 in Hz and level in dBFS of the hops of the last trace, and whether all of them were received."""
        f0, level = self.state["trace_f0"].tolist(), self.state["trace_level"][:TRACE_HOPS].tolist()
        return [hz / 10 for hz in f0], [db / 10 for db in level], bool(self.state["trace_known"])
