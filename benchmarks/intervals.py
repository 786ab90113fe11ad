"""How far the figures would move with other recordings, and whether a change is more than that.

The 95 % interval of a figure is that of :data:`DRAWS` draws of the recordings (bootstrap): from each
folder as many as it holds, with replacement; what was made from one recording is drawn together. The
range is that of the figure with all of one source left out, source by source: a speaker where one is
named, else a collection.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from .figures import Row
from .yardstick import Score, SetScores, Times, original, sources

DRAWS = 500
SEED = 1

Range = tuple[float, float]


class Spread(NamedTuple):
    """How a figure moves with the recordings."""

    interval: Range | None
    """95 %; None where all draws give the same, as from one recording, or from many without a fault."""

    left_out: Range | None
    """Lowest and highest with one source left out; None where that changes nothing, as with but one."""


Spreads = dict[str, dict[str, Spread]]
"""By set and measure."""


def draws(names: Iterable[str], count: int = DRAWS) -> Iterator[Times]:
    """Draw recordings with replacement, as many from each folder as are in it."""
    members: dict[str, list[str]] = defaultdict(list)
    for unit in sorted({original(name) for name in names}):
        members[unit.rpartition("/")[0]].append(unit)
    random = np.random.default_rng(SEED)
    for _ in range(count):
        taken = (random.choice(units, len(units)).tolist() for units in members.values())
        yield partial(_times_drawn, Counter(chain.from_iterable(taken)))


def _times_drawn(drawn: Counter[str], name: str) -> int:
    return drawn[original(name)]


def without_each(whole: Any) -> Iterator[Times]:
    """Leave out one source after the other, where its kind of recordings has several."""
    from_whom = sources(whole)
    kinds: dict[str, set[str]] = defaultdict(set)
    for name, source in from_whom.items():
        kinds[name.partition("/")[0]].add(source)
    several = {s for some in kinds.values() if len(some) > 1 for s in some}
    alone = {s for some in kinds.values() if len(some) == 1 for s in some}
    for source in sorted(several - alone):
        yield partial(_unless_from, from_whom, source)


def _unless_from(from_whom: Mapping[str, str], source: str, name: str) -> int:
    return int(from_whom.get(name) != source)


def spreads(score: Score, whole: Any) -> Spreads:
    """Return how each figure of an estimator moves with the recordings."""
    names = [row["file"] for row in whole.rows("MANIFEST.csv")]
    drawn = _gathered(score(times) for times in draws(names))
    left = _gathered(score(times) for times in without_each(whole))
    return {
        name: {
            key: Spread(
                _between(np.quantile(values, (0.025, 0.975)).tolist()),
                _between(left.get(name, {}).get(key, [0.0])),
            )
            for key, values in figures.items()
        }
        for name, figures in drawn.items()
    }


def _gathered(scored: Iterable[SetScores]) -> dict[str, dict[str, list[float]]]:
    """Values of each figure that are there, by set and measure."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for scores in scored:
        for name, figures in scores.items():
            for key, value in figures.items():
                if value is not None:
                    values[name][key].append(value)
    return values


def _between(values: list[float]) -> Range | None:
    low, high = min(values), max(values)
    return (low, high) if low < high else None


def verdict(row: Row, new: float, old: float, intervals: Iterable[Range | None]) -> str:
    """Tell whether a figure is better or worse than it was, or moved by less than its interval.

    Parameters
    ----------
    intervals : of the figure now, and as it was.
    """
    known = [interval for interval in intervals if interval is not None]
    if not known:
        return "no interval"
    if any(low <= min(new, old) and max(new, old) <= high for low, high in known):
        return "within its interval"
    return "better" if row.worth(new) > row.worth(old) else "worse"
