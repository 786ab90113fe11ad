"""Spread of a person's repeated takes: how much a figure varies when nothing is learned.

The unit is the day: what changes from one day to the next (sleep, a cold, the room) is shared by a day's
takes, so that two takes of one day say less than two of different days. The spread is estimated by the mean
square successive difference (von Neumann, Kent, Bellinson & Hart 1941), which slow learning hardly widens:
of like takes, on different days, within a phase. Each day begins and ends at most one of those differences.
"""

from __future__ import annotations

import math
from datetime import date

from .phases import Phases
from .records import Spread
from .skills import Scored

LEAST_REPEATS = 4
"""Pairs from which a spread is told: from fewer, it is mostly chance. Not measured."""

MOST_TAKES = 300
"""Newest takes that a spread rests on: it is of the person as they are, and quick to find."""

FLOOR = 0.25
"""Smallest standard deviation believed, in points: figures of few steps may come out alike by chance."""


def spread(scored: Scored, phases: Phases, skill: str) -> Spread:
    """Return the spread of a skill's figure; of the mean of all where ``skill`` is empty."""
    last: dict[tuple[str, str], tuple[date, float]] = {}
    begun: set[date] = set()
    ended: set[date] = set()
    squares: list[float] = []
    for take in scored.takes[-MOST_TAKES:]:
        value = scored.value(take, skill)
        if value is None:
            continue
        day, key = phases.day(take), (phases.phase(take), phases.alike(take))
        before = last.get(key)
        if before is not None and before[0] == day:
            continue
        last[key] = (day, value)
        if before is None or before[0] in begun or day in ended:
            continue
        begun.add(before[0])
        ended.add(day)
        squares.append((value - before[1]) ** 2)
    return of_squares(squares)


def of_squares(squares: list[float]) -> Spread:
    """Return the spread of squared successive differences."""
    count = len(squares)
    if count < LEAST_REPEATS:
        return Spread(sd=None, degrees=degrees(count), repeats=count)
    sd = math.sqrt(math.fsum(squares) / (2 * count))
    return Spread(sd=max(sd, FLOOR), degrees=degrees(count), repeats=count)


def degrees(count: int) -> float:
    """Return the degrees of freedom of successive differences of independent normal values.

    2m²/(3m − 1) for m differences of one chain: the χ² of the same mean and variance.
    """
    return 2.0 * count * count / (3 * count - 1) if count else 0.0
