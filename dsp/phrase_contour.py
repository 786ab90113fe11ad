"""Pitch contour of a phrase's end: the movement of F0 over its last 0.4 s.

``change_st = 12 log2(f2 / f1)``, *f1* and *f2* the medians of F0 over the first and the last 50 ms of the
window. What the constants were tuned on isn't recorded, and how sensitive
the figures are to each was not measured.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import HOP_S
from .kernel import kernel

WINDOW_HOPS = round(0.4 / HOP_S)
"""Length of the end of a phrase, up to its last voiced hop."""

HISTORY_HOPS = 128
"""Hops kept: that window, the 0.25 s until the end is noticed, and the silence before a detector notices."""

MIN_HOPS, ENOUGH_HOPS = 8, 16
"""Voiced hops in the window below which nothing is reported, and from which there are enough."""

SURE_RUN_HOPS, MIN_RUN_HOPS, REACH_ST = 4, 2, 7.0
"""A run of voicing of the first length belongs to the phrase. One of the second length belongs to it only
if its F0 continues that of the run before within ``REACH_ST``, and if it ends with the phrase. Others
are clicks, voiced releases of stops, or the next phrase."""

EDGE_HOPS = 5
"""First and last value are medians over the voiced hops among this many."""

BREAK_ST = 3.0
"""A larger step from hop to hop begins a new run."""

OCTAVE_ST = 2.5
"""A run nearer than this to an octave from the rest is an octave error."""

MOVE_ST = 2.0
"""A smaller change is called level."""

SCOOP_ST = 3.0
"""A rise of at least this from the lowest point is heard as a rise, whatever came before."""

TAIL_HOPS, LONGEST_TAIL_HOPS = 10, 24
"""A voiceless tail up to the first length is usual; from the second on, the known F0 doesn't describe the
end."""

MIN_CONFIDENCE = 0.5
"""A contour of less confidence is unsure."""

Doubles = NDArray[np.float64]


def contour_kind(change_st: float, confidence: float) -> Literal["rise", "fall", "level", "unsure"]:
    """Name of a contour: a change of ``MOVE_ST`` or more is a movement."""
    if math.isnan(change_st) or confidence < MIN_CONFIDENCE:
        return "unsure"
    return "rise" if change_st >= MOVE_ST else "fall" if change_st <= -MOVE_ST else "level"


@kernel
def median_of(values: Doubles, start: int, count: int, work: Doubles) -> float:
    """Median of ``values[start:start + count]``; ``work`` has room for them."""
    for i in range(count):
        value = values[start + i]
        k = i
        while k > 0 and work[k - 1] > value:
            work[k] = work[k - 1]
            k -= 1
        work[k] = value
    median: float = 0.5 * (work[(count - 1) // 2] + work[count // 2])
    return median


@kernel
def repair_octaves(pitch_st: Doubles, count: int, work: Doubles) -> int:
    """Move runs with octave errors to the octave of the rest.

    Parameters
    ----------
    pitch_st : float64, shape (n,)
        F0 of voiced hops in semitones, the first ``count``; changed in place.
    work : float64, shape (n,)
        Work space.

    Returns
    -------
    odd : int
        Hops that were moved, or that lie in a run which no octave brings near the rest.
    """
    usual = median_of(pitch_st, 0, count, work)
    odd = 0
    start = 0
    for i in range(1, count + 1):
        if i < count and abs(pitch_st[i] - pitch_st[i - 1]) <= BREAK_ST:
            continue
        away = median_of(pitch_st, start, i - start, work) - usual
        octaves = round(away / 12.0)
        if octaves != 0 and abs(away - 12.0 * octaves) < OCTAVE_ST:
            for k in range(start, i):
                pitch_st[k] -= 12.0 * octaves
            odd += i - start
        elif abs(away) > 9.0:
            odd += i - start
        start = i
    return odd


@kernel
def append_pitch(f0_hz: float, voicing: float, state: State) -> None:
    """Append the pitch of a hop: ``PhraseContour.process``."""
    at = state.hops % HISTORY_HOPS
    state.f0_hz[at] = f0_hz
    state.voicing[at] = voicing
    state.hops += 1


class PhraseContour(Component):
    """The recent F0, and the contour of a phrase that ended in it.

    Pass every hop's result of ``PitchTracker`` to ``process``; call ``ending`` once a phrase has ended.
    """

    STATE = np.dtype(
        [("f0_hz", "f8", HISTORY_HOPS), ("voicing", "f8", HISTORY_HOPS), ("hops", "i8")], align=True
    )

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state)
        self._pitch_st = np.zeros(WINDOW_HOPS)
        self._at = np.zeros(WINDOW_HOPS, np.int64)
        self._work = np.zeros(WINDOW_HOPS)
        self.end_hz = math.nan
        """F0 at the end that ``ending`` told of last; NaN where it told of none."""

    def reset(self) -> None:
        """Forget everything."""
        for name in ("f0_hz", "voicing", "hops"):
            self.state[name] = 0

    def process(self, f0_hz: float, voicing: float) -> None:
        """Append the pitch of the next hop: F0 (0 is unvoiced) and probability of voicing."""
        append_pitch(f0_hz, voicing, self.state)

    def process_lost(self) -> None:
        """Append a hop of which nothing is known."""
        self.process(math.nan, 0.0)

    def ending(self, ago_hops: int = 0) -> tuple[float, float]:
        """Movement of F0 at the end of the phrase that ended ``ago_hops`` hops before the newest.

        Hops are counted in the pitch tracker's results: add nothing for its delay.

        Returns
        -------
        change_st : float
            Median of the last voiced hops less that of the first within 0.4 s, in semitones;
            after a dip of ``SCOOP_ST`` or more, the rise out of it. NaN when too little was
            voiced, or a hop in question was lost.
        confidence : float
            0..1: share and certainty of voicing, absence of octave errors, and distance of the last
            voiced hop from the phrase's end.
        """
        self.end_hz = math.nan
        hops = int(self.hops)
        oldest = max(0, hops - HISTORY_HOPS)
        newest = hops - 1 - max(0, ago_hops)
        last = self._last_voiced(newest, oldest)
        if last is None:
            return math.nan, 0.0
        count, sure = 0, 0.0
        for hop in range(max(oldest, last - WINDOW_HOPS + 1), last + 1):
            f0_hz = float(self.f0_hz[hop % HISTORY_HOPS])
            if math.isnan(f0_hz):
                return math.nan, 0.0
            if f0_hz > 0.0:
                self._pitch_st[count] = 12.0 * math.log2(f0_hz)
                self._at[count] = hop
                sure += float(self.voicing[hop % HISTORY_HOPS])
                count += 1
        if count < MIN_HOPS:
            return math.nan, 0.0
        odd = repair_octaves(self._pitch_st, count, self._work)
        at = self._at[:count]
        first_count = int((at < at[0] + EDGE_HOPS).sum())
        last_count = int((at > last - EDGE_HOPS).sum())
        start_st = median_of(self._pitch_st, 0, first_count, self._work)
        end_st = median_of(self._pitch_st, count - last_count, last_count, self._work)
        lowest_st = end_st
        for k in range(count - EDGE_HOPS):
            lowest_st = min(lowest_st, median_of(self._pitch_st, k, EDGE_HOPS, self._work))
        self.end_hz = 2.0 ** (end_st / 12.0)
        change_st = end_st - start_st
        if end_st - lowest_st >= SCOOP_ST:
            change_st = max(change_st, end_st - lowest_st)
        whole = (1.0 - odd / count) ** 2
        tail = newest - last
        heard = min(1.0, max(0.0, (LONGEST_TAIL_HOPS - tail) / (LONGEST_TAIL_HOPS - TAIL_HOPS)))
        enough = min(1.0, count / ENOUGH_HOPS)
        return change_st, enough * min(1.0, sure / count / 0.8) * whole * heard

    def _last_voiced(self, newest: int, oldest: int) -> int | None:
        """Last voiced hop of the phrase; None when there is none, or a hop in question was lost."""
        last = top = run = 0
        waiting, begins_hz, after_hz = False, 0.0, 0.0
        goes_on = newest + 1 < int(self.hops) and self.f0_hz[(newest + 1) % HISTORY_HOPS] > 0.0
        for hop in range(newest, oldest - 1, -1):
            f0_hz = float(self.f0_hz[hop % HISTORY_HOPS])
            if math.isnan(f0_hz):
                return None
            if f0_hz > 0.0:
                run += 1
                if run == 1:
                    top, ends_hz = hop, f0_hz
                if run == MIN_RUN_HOPS and waiting:
                    if 12.0 * abs(math.log2(begins_hz / ends_hz)) <= REACH_ST:
                        return last
                    waiting = False
                if run == SURE_RUN_HOPS:
                    return top
            elif run:
                if run >= MIN_RUN_HOPS and not (goes_on and top == newest):
                    last, begins_hz, waiting = top, after_hz, True
                run = 0
            after_hz = f0_hz
        return None
