"""Rates over the recent past: updated at every fact, computed when a reading needs them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from dsp.frame import HOP_S

FULL_SHARE = 0.375
"""Share of a window, its latest part, with weight 1; before that the weight falls to 0.

Such a window follows a change of tempo in half its length and is nearly as steady as a rectangular one, at
whose edge each old syllable would change the rate in one step.
"""

SPREAD = 0.35
"""Variance of the number of syllables in a few seconds, divided by its mean.

Syllables come more evenly than a Poisson process, for which it is 1: 0.2 in read sentences with their
pauses (TIMIT, over 3 to 8 s), and miscounting them adds 0.15.
"""

NEAR_S = 0.1
"""Accuracy of the edges of speech: a syllable this near to an edge belongs to the speech."""

LEAST_SPS = 1.0
"""Lower limit of the rate from which the standard error is computed: no syllables are no certainty."""


class Rates(NamedTuple):
    """Syllables a second over a window."""

    speech_sps: float
    """Pauses included."""

    articulation_sps: float
    """Pauses excluded."""

    error_sps: float
    """Standard error of ``speech_sps``."""

    spoken_s: float
    counted_s: float
    """Speech in the window, and speech with the pauses that count."""

    syllables: int
    """In the window."""


class Fading:
    """Weights of a window: 1 for its latest :data:`FULL_SHARE`, then falling to 0 at its end."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._full_s = FULL_SHARE * window_s

    def weight(self, age_s: float) -> float:
        """Return the weight at an age >= 0."""
        weight = (self._window_s - age_s) / (self._window_s - self._full_s)
        return 1.0 if weight > 1.0 else weight if weight > 0.0 else 0.0

    def area(self, age_s: float) -> float:
        """Return the integral of the weights from age 0 to ``age_s``."""
        return self._sum(age_s, 1)

    def area_of_square(self, age_s: float) -> float:
        """Return the integral of the squared weights."""
        return self._sum(age_s, 2)

    def _sum(self, age_s: float, power: int) -> float:
        fading_s = self._window_s - self._full_s
        left = 1.0 - self.weight(age_s) ** (power + 1)
        return min(age_s, self._full_s) + fading_s / (power + 1) * left


class SpokenTime:
    """Speech, syllables and filled pauses in stream time, for rates over the recent past.

    Silences count up to ``silence_cap_s`` each, so that a breath slows a speaker down;
    those spent listening to the other side don't count at all. A silence (or a stretch
    of lost audio) of ``anew_s`` or more starts the measure anew. Sounds without a syllable
    are part of the silence around them.
    """

    silence_cap_s = 1.0
    anew_s = 5.0

    def __init__(self) -> None:
        self._runs: deque[tuple[float, float, bool]] = deque()
        self.running_since_s: float | None = None
        self._listened = False
        self.nuclei_s: list[float] = []
        """Times of syllables, rising."""
        self.fillers_s: list[float] = []
        """Ends of filled pauses, rising."""

    def start(self, at_s: float, *, listened: bool = False) -> None:
        """Note that speech began, after a silence of the speaker's own or after listening."""
        self.running_since_s = at_s
        self._listened |= listened

    def stop(self, at_s: float) -> None:
        """Note that speech ended; without a syllable it was a cough or someone else, and is dropped."""
        since_s, self.running_since_s = self.running_since_s, None
        if since_s is None:
            return
        first = bisect_left(self.nuclei_s, since_s - NEAR_S)
        if first == len(self.nuclei_s) or self.nuclei_s[first] > at_s + NEAR_S:
            return
        self._runs.append((since_s, max(at_s, since_s), self._listened))
        self._listened = False

    def forget(self, before_s: float) -> None:
        """Drop what no window can reach any more."""
        while self._runs and self._runs[0][1] < before_s:
            self._runs.popleft()
        for times in (self.nuclei_s, self.fillers_s):
            del times[: bisect_left(times, before_s)]

    def window(self, now_s: float, counted_s: float) -> tuple[float, float, float]:
        """Return the latest span with ``counted_s`` of counted time, or less where there is less.

        Returns
        -------
        start_s : begin of the span.
        spoken_s : speech in it.
        counted_s : speech and capped silences in it.
        """
        spoken = counted = 0.0
        start, later, cap_s = now_s, now_s, self.silence_cap_s
        for begin, end, listened in self._latest_first(now_s):
            silence = max(0.0, later - end)
            if silence >= self.anew_s:
                break
            counted_silence = min(silence, cap_s)
            cap_s = 0.0 if listened else self.silence_cap_s
            room = counted_s - counted
            if counted_silence >= room:
                return later - room, spoken, counted_s
            counted += counted_silence
            room -= counted_silence
            length = end - begin
            if length >= room:
                return end - room, spoken + room, counted_s
            spoken += length
            counted += length
            start = later = begin
        return start, spoken, counted

    def rates(self, now_s: float, window_s: float) -> Rates:
        """Return syllables a second over the latest ``window_s`` of counted time, weighted by age."""
        weighed, spoken_weight, age_s = Fading(window_s), 0.0, 0.0
        runs: list[tuple[float, float, float]] = []
        spoken_s, later, cap_s, syllables = 0.0, now_s, self.silence_cap_s, 0
        for begin, end, listened in self._latest_first(now_s):
            silence = max(0.0, later - end)
            if silence >= self.anew_s:
                break
            age_s += min(silence, cap_s)
            if age_s >= window_s:
                break
            cap_s = 0.0 if listened else self.silence_cap_s
            runs.append((begin, end, age_s))
            length = min(end - begin, window_s - age_s)
            spoken_weight += weighed.area(age_s + length) - weighed.area(age_s)
            spoken_s += length
            age_s += length
            later = begin
        heard, count = weighed.area(age_s), 0.0
        if not spoken_weight:
            return Rates(0.0, 0.0, math.inf, 0.0, 0.0, 0)
        begin, end, end_age_s = runs.pop()
        for at_s in self.nuclei_s[bisect_left(self.nuclei_s, begin) :]:
            if at_s > now_s:
                break
            while runs and at_s >= runs[-1][0]:
                begin, end, end_age_s = runs.pop()
            weight = weighed.weight(end_age_s + (end - at_s if end > at_s else 0.0))
            count += weight
            syllables += weight > 0
        speech_sps = count / heard
        error_sps = math.sqrt(SPREAD * max(speech_sps, LEAST_SPS) * weighed.area_of_square(age_s)) / heard
        return Rates(speech_sps, count / spoken_weight, error_sps, spoken_s, min(age_s, window_s), syllables)

    def _latest_first(self, now_s: float) -> Iterator[tuple[float, float, bool]]:
        if self.running_since_s is not None:
            yield self.running_since_s, max(now_s, self.running_since_s), self._listened
        yield from reversed(self._runs)


def hops(seconds: float) -> int:
    """Return a length of time in whole hops."""
    return round(seconds / HOP_S)
