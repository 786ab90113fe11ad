"""Figures of groups of speakers, with intervals over speakers, and ratios between two groups.

At equal true behaviour: speakers of one group are compared only with those of the other whose labelled
pace lies in the same 20 words a minute (Mantel–Haenszel rate ratio), who read the same text.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

DRAWS = 1000
SEED = 1

MOST_OFTEN = 1.25
"""A cue may be given to one group so many times as often as to another, and no more."""

LEAST_NUDGES = 10
"""Fewer nudges in the two groups together tell nothing about a ratio."""

STRATUM_WPM = 20.0


Speaker = TypeVar("Speaker")


class Figure(NamedTuple):
    """A value with its 95 % interval; None where there is nothing to compute it from."""

    value: float | None
    low: float | None
    high: float | None


class Counted(NamedTuple):
    """A speaker: labelled pace, seconds heard, and how often something came."""

    wpm: float
    seconds: float
    given: int


class Ratio(NamedTuple):
    """How many times as often something came in one group as in another, at equal pace."""

    figure: Figure
    nudges: int
    """In both groups, among speakers who have a counterpart."""

    @property
    def verdict(self) -> str:
        """``holds`` within 1.25 either way, ``fails`` beyond it, ``too few`` nudges to tell.

        ``fails, may be chance`` where the interval holds ratios that would be allowed, or shows nothing,
        as one of the groups got none.
        """
        value, low, high = self.figure
        if self.nudges < LEAST_NUDGES or value is None:
            return "too few"
        if 1 / MOST_OFTEN <= value <= MOST_OFTEN:
            return "holds"
        chance = low is None or high is None or low == high or (low <= MOST_OFTEN and high >= 1 / MOST_OFTEN)
        return "fails, may be chance" if chance else "fails"


def drawn(groups: Sequence[Sequence[Speaker]], figure: Callable[..., float | None]) -> Figure:
    """Compute a figure of groups of speakers, and its interval over draws of speakers from each group."""
    if not all(groups):
        return Figure(None, None, None)
    random = np.random.default_rng(SEED)
    values = []
    for _ in range(DRAWS):
        taken = ([group[k] for k in random.integers(len(group), size=len(group))] for group in groups)
        value = figure(*taken)
        if value is not None:
            values.append(value)
    values.sort()
    low, high = (values[round(p * (len(values) - 1))] if values else None for p in (0.025, 0.975))
    return Figure(figure(*groups), low, high)


def per_ten_minutes(speakers: Sequence[Counted]) -> float | None:
    """How often it came in ten minutes."""
    seconds = sum(one.seconds for one in speakers)
    return 600 * sum(one.given for one in speakers) / seconds if seconds else None


def ratio(one: Sequence[Counted], other: Sequence[Counted]) -> Ratio:
    """Compare how often something came in two groups of speakers at equal pace."""
    both = [pair for pair in _strata(one, other) if all(pair)]
    nudges = sum(speaker.given for pair in both for group in pair for speaker in group)
    return Ratio(drawn((one, other), rate_ratio), nudges)


def rate_ratio(one: Sequence[Counted], other: Sequence[Counted]) -> float | None:
    """Mantel–Haenszel rate ratio; infinite where only one group got any, None where nobody did."""
    up = down = 0.0
    for pair in _strata(one, other):
        (mine, my_s), (theirs, their_s) = ((sum(x.given for x in g), sum(x.seconds for x in g)) for g in pair)
        if my_s and their_s:
            up += mine * their_s / (my_s + their_s)
            down += theirs * my_s / (my_s + their_s)
    if down:
        return up / down
    return math.inf if up else None


def _strata(one: Sequence[Counted], other: Sequence[Counted]) -> list[tuple[list[Counted], list[Counted]]]:
    strata: dict[int, tuple[list[Counted], list[Counted]]] = defaultdict(lambda: ([], []))
    for place, group in enumerate((one, other)):
        for speaker in group:
            strata[int(speaker.wpm // STRATUM_WPM)][place].append(speaker)
    return list(strata.values())
