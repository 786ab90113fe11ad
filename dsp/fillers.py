"""Filled pauses ("uh", "um") by ear: long, voiced, level in pitch, hardly moving, set apart.

What is said of them by Goto, Itou & Hayamizu (1999): the articulation stays put and F0
neither rises nor jumps. What is known of places: a pause beside them. No words are
recognised, so a word drawled like one counts as one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .change import SpectralChange
from .kernel import kernel
from .pitch import PitchTracker

LAG_HOPS = 5
"""Pitch and spectrum are compared with those 50 ms before."""

LEVEL_ST = 0.5
"""Change of F0 over the lag that still counts as level pitch."""

GAP_HOPS = 3
"""Hops in a row that may fail within one sound."""

SHORTEST_HOPS, LONGEST_HOPS = 25, 200
"""A filled pause lasts 0.25 to 2 s; what is longer is a hum or a note."""

STEADY_DB, STEADY_SHARE = 3.0, 0.4
"""Share of its hops in which the spectrum changes by less. "um" moves in its middle."""

SPREAD_ST, RISE_ST = 0.8, 0.4
"""Most standard deviation of its F0, and most rise from its first to its last 50 ms."""

BESIDE_HOPS, APART_HOPS = 30, 10
"""Unvoiced hops, of those next to it, that set it apart on one side."""

SPEECH_SHARE = 0.5
"""Share of its hops that must be speech by the voice activity: not a tone from a machine."""

MEMORY_HOPS = BESIDE_HOPS + LONGEST_HOPS + 2 * GAP_HOPS

Floats = NDArray[np.float32]


@kernel
def contour(pitch_st: NDArray[np.float64], start: int, stop: int, out: NDArray[np.float64]) -> None:
    """Standard deviation and rise of the voiced hops ``start <= k < stop``.

    Parameters
    ----------
    pitch_st : float64, shape (n,)
        F0 in semitones, NaN where unvoiced.
    out : float64, shape (2,)
        Overwritten: standard deviation; mean of the last five voiced hops less that of
        the first five, semitones.
    """
    n, total, squares, first, n_first = 0, 0.0, 0.0, 0.0, 0
    for k in range(start, stop):
        st = pitch_st[k]
        if not math.isnan(st):
            n += 1
            total += st
            squares += st * st
            if n_first < 5:
                first += st
                n_first += 1
    last, n_last = 0.0, 0
    for k in range(stop - 1, start - 1, -1):
        if n_last < 5 and not math.isnan(pitch_st[k]):
            last += pitch_st[k]
            n_last += 1
    out[0] = math.sqrt(max(0.0, squares / n - (total / n) ** 2))
    out[1] = last / n_last - first / n_first


@kernel
def push(memory: NDArray[np.float64], value: float) -> None:
    """Shift a memory by one and put a value at its end."""
    for k in range(memory.size - 1):
        memory[k] = memory[k + 1]
    memory[-1] = value


class Fillers:
    """Finds filled pauses once they have ended, and the pause beside them is certain."""

    def __init__(self) -> None:
        self._change = SpectralChange(LAG_HOPS)
        self._pitch_st = np.zeros(MEMORY_HOPS)
        self._out = np.zeros(2)
        self.reset()

    def reset(self) -> None:
        """Forget everything heard."""
        self._change.reset()
        self._pitch_st.fill(math.nan)
        self._drop()
        self._waiting = False
        self.start_ago_hops = self.end_ago_hops = 0
        """Ends of the filled pause that ``process`` has just found, in hops before the hop's end."""

    def _drop(self) -> None:
        """No sound is under way."""
        self._length = self._misses = self._steady = self._spoken = 0

    def process(self, f0_hz: float, bands_db: Floats, speech: float) -> bool:
        """Take a hop in: F0 and probability of speech as known now, and the mel bands.

        Returns
        -------
        bool
            Whether a filled pause is now known; its ends are in ``start_ago_hops`` and
            ``end_ago_hops``.
        """
        self._change.process(bands_db)
        st = 12.0 * math.log2(f0_hz / 100.0) if f0_hz > 0.0 else math.nan
        before_st = float(self._pitch_st[-LAG_HOPS])
        push(self._pitch_st, st)
        self.start_ago_hops += 1
        self.end_ago_hops += 1
        level = not math.isnan(st) and (math.isnan(before_st) or abs(st - before_st) < LEVEL_ST)
        if level or self._length:
            self._length += 1
            self._steady += self._change.change_db < STEADY_DB
            self._spoken += speech > 0.5
            self._misses = 0 if level else self._misses + 1
            if self._misses > GAP_HOPS:
                self._weigh()
                self._drop()
        return self._waiting and self._is_apart()

    def _weigh(self) -> None:
        """See whether the sound that ends here is like a filled pause; if so, wait for what is beside it."""
        hops = self._length - self._misses
        if not SHORTEST_HOPS <= hops <= LONGEST_HOPS:
            return
        stop = MEMORY_HOPS - self._misses
        start = stop - hops
        contour(self._pitch_st, start, stop, self._out)
        if (
            self._steady < STEADY_SHARE * hops
            or self._spoken < SPEECH_SHARE * hops
            or self._out[0] > SPREAD_ST
            or self._out[1] > RISE_ST
        ):
            return
        self._waiting = True
        self.end_ago_hops = self._misses + PitchTracker.DELAY_HOPS
        self.start_ago_hops = self.end_ago_hops + hops
        self._quiet_before = int(np.isnan(self._pitch_st[start - BESIDE_HOPS : start]).sum())

    def _is_apart(self) -> bool:
        """Whether the waiting sound is set apart, before or after; gives up when it can no more be."""
        after_hops = self.end_ago_hops - PitchTracker.DELAY_HOPS
        quiet_after = int(np.isnan(self._pitch_st[-after_hops:]).sum())
        apart = self._quiet_before >= APART_HOPS or quiet_after >= APART_HOPS
        self._waiting = not apart and after_hops < BESIDE_HOPS
        return apart
