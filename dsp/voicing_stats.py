"""Statistics of one speaker's F0, creak and lost audio: over recent windows and over the session.

A ring keeps one word per hop, from which windows of any length are kept as sums. F0 is counted in
histograms of ten-cent bins, whose median and standard deviation are available at any time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP_S
from .kernel import kernel

LOWEST_HZ = 60.0

BINS = 370
"""Ten-cent bins from 60 Hz to just above 500 Hz."""

PITCH_HOPS = round(15.0 / HOP_S)
"""Window of the standard deviation of F0."""

LOSS_HOPS = round(10.0 / HOP_S)
"""Window of lost audio."""

LONGEST_HOPS = round(120.0 / HOP_S)
"""Longest creak window."""

NEAR_ST = 9.0
"""F0 further than this from its median is taken for an octave error and left out."""

F0, CREAKY, LOST, SPOKEN = 0x1FF, 0x200, 0x400, 0x800
"""Fields of a hop's word: bin number from 1 on, 0 without F0; the flags creaky, lost and spoken."""

Counts = NDArray[np.int64]


@kernel
def median_bin(counts: Counts, total: int) -> int:
    """Bin that holds the median of ``total`` values; the lower middle one where their number is even."""
    below = 0
    for k in range(counts.size):
        below += counts[k]
        if below >= (total + 1) // 2:
            return k
    return counts.size - 1


@kernel
def spread_st(counts: Counts, total: int) -> float:
    """Standard deviation of a histogram in semitones, octave errors left out."""
    middle = median_bin(counts, total)
    near = int(NEAR_ST * 10)
    first, stop = max(0, middle - near), min(counts.size, middle + near + 1)
    count = mean = squares = 0.0
    for k in range(first, stop):
        st = 0.1 * (k - middle)
        count += counts[k]
        mean += counts[k] * st
        squares += counts[k] * st * st
    return math.sqrt(max(0.0, squares / count - (mean / count) ** 2))


@kernel
def median_hz(counts: Counts, total: int) -> float:
    """Median of a histogram in Hz."""
    hz: float = LOWEST_HZ * 2.0 ** ((median_bin(counts, total) + 0.5) / 120.0)
    return hz


@kernel
def count_hop(frame: State, speaking: bool, state: State) -> None:
    """Count the frame of the next hop; ``speaking`` says whether the speaker is speaking."""
    ring = state.ring
    now, hops = 0, state.hops
    if speaking and frame.f0_hz > 0.0:
        k = min(max(int(120.0 * math.log2(frame.f0_hz / LOWEST_HZ)), 0), BINS - 1)
        now = k + 1
        state.pitch[k] += 1
        state.recent[k] += 1
        state.pitch_hops += 1
        state.recent_hops += 1
    if speaking and frame.creak >= 0.5:
        now |= CREAKY
    if not frame.known:
        now |= LOST
    if speaking:
        now |= SPOKEN
    gone = ring[(hops - PITCH_HOPS) % LONGEST_HOPS] & F0
    if gone:
        state.recent[gone - 1] -= 1
        state.recent_hops -= 1
    lost = ring[(hops - LOSS_HOPS) % LONGEST_HOPS] & LOST
    state.lost_lately += (not frame.known) - (lost > 0)
    state.lost_hops += not frame.known
    before = ring[(hops - state.creak_window) % LONGEST_HOPS]
    state.creaky += ((now & CREAKY) > 0) - ((before & CREAKY) > 0)
    state.voiced += ((now & (F0 | CREAKY)) > 0) - ((before & (F0 | CREAKY)) > 0)
    state.pitched += ((now & F0) > 0) - ((before & F0) > 0)
    state.spoken += ((now & SPOKEN) > 0) - ((before & SPOKEN) > 0)
    state.creak_hops += (now & CREAKY) > 0
    state.voiced_hops += (now & (F0 | CREAKY)) > 0
    ring[hops % LONGEST_HOPS] = now
    state.hops = hops + 1


class VoicingStats(Component):
    """Counts of one speaker's hops with F0, with creak, and lost.

    Parameters
    ----------
    creak_window : length of the creak window in hops, 1..``LONGEST_HOPS``.

    Attributes
    ----------
    hops : so far.
    lost_hops, voiced_hops, creak_hops : of them, lost; speech with F0 or creak; speech with creak.
    pitch_hops, recent_hops : speech with F0, so far and over the last 15 s.
    lost_lately : lost, over the last 10 s.
    voiced, creaky : speech with F0 or creak, and with creak, over the creak window.
    pitched, spoken : speech with F0, and all speech, over the creak window.
    """

    STATE = np.dtype(
        [
            ("hops", "i8"),
            ("creak_window", "i8"),
            ("lost_hops", "i8"),
            ("lost_lately", "i8"),
            ("voiced_hops", "i8"),
            ("voiced", "i8"),
            ("creak_hops", "i8"),
            ("creaky", "i8"),
            ("pitched", "i8"),
            ("spoken", "i8"),
            ("pitch_hops", "i8"),
            ("recent_hops", "i8"),
            ("pitch", "i8", BINS),
            ("recent", "i8", BINS),
            ("ring", "u2", LONGEST_HOPS),
        ],
        align=True,
    )

    def __init__(self, creak_window: int, state: State | None = None) -> None:
        if not 0 < creak_window <= LONGEST_HOPS:
            raise ValueError(f"creak is counted over 1 to {LONGEST_HOPS} hops, not {creak_window}")
        self._creak_window = creak_window
        super().__init__(state)

    def reset(self) -> None:
        """Forget everything."""
        self.zero_state()
        self.state["creak_window"] = self._creak_window

    def process(self, frame: State, speaking: bool) -> None:
        """Count the frame of the next hop, a record; ``speaking`` says whether the speaker is speaking."""
        count_hop(frame, speaking, self.state)

    def share_below(self, f0_hz: float) -> float:
        """Share of the F0 so far that is lower than this, 0..1; only defined if there was any F0."""
        k = min(max(int(120.0 * math.log2(f0_hz / LOWEST_HZ)), 0), BINS - 1)
        return float(self.pitch[:k].sum()) / int(self.pitch_hops)

    def sd_st(self) -> float:
        """Standard deviation of F0 so far, in semitones; only defined if there was any F0."""
        st: float = spread_st(self.pitch, self.pitch_hops)
        return st
