"""Random draws from a seed: unpredictable for the person, the same on every machine.

Each draw depends on its name and the seed only, not on earlier draws: adding a step to a drill changes
nothing in the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mixed(number: int) -> int:
    """64 bits, well mixed: the output function of SplitMix64 (Steele, Lea & Flood 2014)."""
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
    return number ^ number >> 31


class Chance:
    """Draws by a seed, 64 bits of it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed & _MASK

    def unit(self, *name: str | int) -> float:
        """A number from 0 up to 1, of this name."""
        state = self._seed
        for part in "\0".join(map(str, name)).encode():
            state = mixed(state + _GOLDEN + part & _MASK)
        return (mixed(state + _GOLDEN & _MASK) >> 11) / (1 << 53)

    def between(self, low: float, high: float, *name: str | int) -> float:
        """A number from ``low`` to ``high``."""
        return low + (high - low) * self.unit(*name)

    def pick(self, choices: Sequence[T], *name: str | int) -> T:
        """One of the choices.

        Raises
        ------
        IndexError
            There are none.
        """
        return choices[int(self.unit(*name) * len(choices))]

    def shuffled(self, items: Sequence[T], *name: str | int) -> list[T]:
        """All of them, in another order."""
        keys = [(self.unit(*name, place), place) for place in range(len(items))]
        return [items[place] for _, place in sorted(keys)]
