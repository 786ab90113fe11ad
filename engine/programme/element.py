"""A figure that the score of an exercise is made of."""

from __future__ import annotations

from msgspec import Struct

from .heard import Read


class Element(Struct, frozen=True, kw_only=True):
    """A figure that a score is made of, with its target; bands as of :class:`.script.Part`."""

    name: str
    """With its unit, as in :attr:`ExerciseResult.measured`."""

    title: str
    read: Read
    weight: float = 1.0
    least: float | None = None
    most: float | None = None
    zero_below: float | None = None
    zero_above: float | None = None
    unit: str = ""
    whole: str = ""
    """What 1, the most that there is, means as a target; empty for what can be more."""

    advice: str
    """One thing to try where it is missed."""

    words: bool = True
    """Whether it needs the words."""

    unknown: str = ""
    """Why it may not be known, for a person; empty where that is "too little was heard"."""


def there(
    name: str, title: str, read: Read, advice: str, weight: float = 1.0, whole: str = "there"
) -> Element:
    """Return something that is there (1) or isn't (0), or a share of what is wanted."""
    return Element(
        name=name, title=title, read=read, weight=weight, least=1.0, zero_below=0.0, whole=whole,
        advice=advice,
    )  # fmt: skip


def at_most(
    name: str, title: str, read: Read, most: float, zero: float, unit: str, advice: str, weight: float = 1.0
) -> Element:
    """Return something of which ``most`` is well, and ``zero`` counts nothing."""
    return Element(
        name=name, title=title, read=read, weight=weight, most=most, zero_above=zero, unit=unit, advice=advice
    )  # fmt: skip
