"""A look back at a call or interview: what was noticed in its take, and how often in the takes before.

What can recur is a measure of the voice or of a drill that missed its target by half or more, and a sure
finding in the words. Each is counted among the earlier takes that could have shown it, never among those of
which it isn't known. From fewer than :data:`LEAST_EARLIER` of them nothing is said of a habit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from msgspec import Struct

from engine.protocol.take import Take

from .measures import LEAST_WORDS, MEASURES
from .script import Part, Programme
from .skills import score, target_text

LEAST_EARLIER = 5
"""Earlier takes from which it is said whether something recurs."""

MOST_EARLIER = 20
"""The newest earlier takes that count."""

MISSED = 0.5
"""Score of a measure, 0..1, up to which it counts as noticed."""

USUAL = 0.5
"""Share of the earlier takes from which something is usual."""

FINDINGS: Mapping[str, str] = MappingProxyType(
    {
        "headline": "the point came late, or not at all",
        "figures": "no figure in the result",
        "terms": "terms without a plain word",
        "hedges": "hedges",
        "fillers": "filler words",
        "we_and_i": "“we” without “I”",
        "blame": "others to blame",
        "questions": "many questions before the answer",
        "parts": "parts of the answer out of order",
    }
)
"""Names for people of findings in the words; the others are parts of an answer that weren't heard."""

Recurs = Literal["usual", "sometimes", "new", "not told"]


class Again(Struct, frozen=True, kw_only=True):
    """An earlier take that showed the same."""

    take: str
    at: datetime


class Recurring(Struct, frozen=True, kw_only=True):
    """Something noticed in a take, and where else."""

    what: str
    """A measure, or what a finding in the words is about."""

    title: str
    value: str
    """In this take, with its unit; empty for a finding in the words."""

    target: str
    closes: str
    """One thing to try; empty for a finding in the words."""

    earlier: int
    """Earlier takes that could have shown it."""

    takes: list[Again]
    """Those that showed it, newest first."""

    recurs: Recurs
    sentence: str


class LookBack(Struct, frozen=True, kw_only=True):
    """A take in the light of those before it."""

    take: str
    at: datetime
    noticed: list[Recurring]
    """What recurs most often first."""

    note: str
    """A sentence where nothing can be said; else empty."""


def look_back(programme: Programme, take: Take, takes: Sequence[Take]) -> LookBack:
    """Return what was noticed in a take, and in which of the takes before it, too.

    Parameters
    ----------
    takes : all of a person's takes, in any order; those from the take on don't count.
    """
    before = [one for one in takes if one.begun_at < take.begun_at and one.id != take.id]
    before = sorted(before, key=lambda one: one.begun_at, reverse=True)[:MOST_EARLIER]
    noticed = [_recurring(one, before) for one in _noticed(programme, take)]
    noticed.sort(key=lambda one: (one.recurs == "not told", -_share(one)))
    return LookBack(take=take.id, at=take.begun_at, noticed=noticed, note=_note(take, noticed))


def _share(one: Recurring) -> float:
    return len(one.takes) / one.earlier if one.earlier else 0.0


def _note(take: Take, noticed: Sequence[Recurring]) -> str:
    if take.measures is None and take.word_measures is None and take.card is None:
        return "No figures of this take are kept, so there is nothing to look back at."
    if not noticed:
        return "Nothing in this take was far from its target. What went badly may be in what isn't measured."
    return ""


class _Seen(NamedTuple):
    what: str
    title: str
    value: str
    target: str
    closes: str
    part: Part | None
    """Of a measure; None for a finding in the words."""


def _noticed(programme: Programme, take: Take) -> Iterator[_Seen]:
    parts = {part.measure: part for skill in reversed(programme.skill) for part in skill.part}
    for name, part in parts.items():
        measure = MEASURES[name]
        if measure.source != "words" and _missed(part, take):
            value = f"{measure.read(take) or 0.0:.2f}".rstrip("0").rstrip(".")
            shown = f"{value} {measure.unit}".rstrip()
            yield _Seen(name, measure.title, shown, target_text(part), part.closes, part)
    for what in dict.fromkeys(_findings(take)):
        title = FINDINGS.get(what, f"no {what.replace('_', ' ')} heard")
        yield _Seen(what, title, "", "", "", None)


def _missed(part: Part, take: Take) -> bool | None:
    """Whether a measure was far from its target; None where it isn't known."""
    value = MEASURES[part.measure].read(take)
    return None if value is None else score(part, value) <= MISSED


def _findings(take: Take) -> Iterator[str]:
    """Yield what sure findings in the words say needs work."""
    return (one.what for one in take.found if one.sure and one.good is False)


def _found(what: str, take: Take) -> bool | None:
    if take.word_measures is None or take.word_measures.words < LEAST_WORDS:
        return None
    return what in _findings(take)


def _recurring(seen: _Seen, before: Sequence[Take]) -> Recurring:
    shown = [
        (one, _found(seen.what, one) if seen.part is None else _missed(seen.part, one)) for one in before
    ]
    known = [(one, so) for one, so in shown if so is not None]
    again = [Again(take=one.id, at=one.begun_at) for one, so in known if so]
    recurs: Recurs
    if len(known) < LEAST_EARLIER:
        recurs = "not told"
    elif not again:
        recurs = "new"
    else:
        recurs = "usual" if len(again) >= USUAL * len(known) else "sometimes"
    return Recurring(
        what=seen.what,
        title=seen.title,
        value=seen.value,
        target=seen.target,
        closes=seen.closes,
        earlier=len(known),
        takes=again,
        recurs=recurs,
        sentence=_sentence(recurs, len(again), len(known)),
    )


def _sentence(recurs: Recurs, again: int, known: int) -> str:
    counted = f"{again} of {known} earlier takes"
    if recurs == "not told":
        few = "No earlier take tells it" if not known else f"Only {_takes(known)} before"
        return f"{few}: too few to call it a habit (at least {LEAST_EARLIER})."
    if recurs == "new":
        return f"Not so in the {known} takes before: it may have been the day."
    return f"{'Usual' if recurs == 'usual' else 'Now and then'}: in {counted}, too."


def _takes(count: int) -> str:
    return "1 take" if count == 1 else f"{count} takes"
