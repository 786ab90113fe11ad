"""Figures of the skills in a take, 0..10, with the evidence that they are made of.

A part scores 1 within its target and falls in a straight line to 0 at its zero. The figure is ten times the
weighted mean of the parts that are known; with less than :data:`LEAST_KNOWN` of the weight there is none.
"""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import NamedTuple, Protocol

from engine.protocol.take import Take

from .measures import MEASURES
from .phases import Phases, day_of, is_made_as, purpose_of
from .records import PartFigure, SkillFigure
from .script import Part, Programme, SkillScript

LEAST_KNOWN = 0.5
"""Share of a skill's weight that must be known for a figure."""

Asks = Mapping[str, Collection[str]]
"""Names of the skills that a question asks for, by its text."""

NO_ASKS: Asks = {}


class Band(Protocol):
    """A target: full marks from ``least`` to ``most``, none from ``zero_below`` and ``zero_above`` on."""

    @property
    def least(self) -> float | None:
        """Lowest value of the target."""

    @property
    def most(self) -> float | None:
        """Highest value of the target."""

    @property
    def zero_below(self) -> float | None:
        """Value below ``least`` that counts nothing."""

    @property
    def zero_above(self) -> float | None:
        """Value above ``most`` that counts nothing."""


def score(part: Band, value: float) -> float:
    """Return how near a value is to a target, 0..1."""
    if part.least is not None and part.zero_below is not None and value < part.least:
        return max(0.0, (value - part.zero_below) / (part.least - part.zero_below))
    if part.most is not None and part.zero_above is not None and value > part.most:
        return max(0.0, (part.zero_above - value) / (part.zero_above - part.most))
    return 1.0


def target_text(part: Part) -> str:
    """Return a part's target for a person, such as ``130 to 170 words/min``."""
    measure = MEASURES[part.measure]
    return band_text(part, measure.unit, measure.whole)


def band_text(part: Band, unit: str, whole: str = "") -> str:
    """Return a target for a person; ``whole`` is what 1, the most that there is, means."""
    if part.least is None and part.most == 0.0:
        return "none"
    if part.most is None and part.least == 1.0 and whole:
        return whole
    return range_text(part.least, part.most, "{:g}".format, unit)


def range_text(low: float | None, high: float | None, write: Callable[[float], str], unit: str = "") -> str:
    """Return a range for a person, such as ``at most 3 /min``; empty for one without edges.

    Parameters
    ----------
    low, high : None where it is open on that side.
    write : writes an edge without its unit.
    """
    tail = f" {unit}" if unit else ""
    if low is not None and high is not None:
        return f"{write(low)} to {write(high)}{tail}"
    if high is not None:
        return f"at most {write(high)}{tail}"
    return "" if low is None else f"at least {write(low)}{tail}"


def asked_for(programme: Programme, take: Take, asks: Asks = NO_ASKS) -> set[str]:
    """Return the skills that a take's task asks for: by its purpose, its drill, or its question."""
    asked = set(asks.get(take.question, ()))
    purpose = purpose_of(take)
    kind, _, name = purpose.partition(":")
    guided = kind in ("baseline", "validation")
    for task in programme.task:
        if (guided and task.name == name) or (not purpose and is_made_as(task, take)):
            asked |= set(task.asks)
    for exercise in programme.exercise:
        made_in = take.card is not None and take.card.drill == exercise.drill
        if made_in or purpose == f"exercise:{exercise.name}":
            asked |= set(exercise.trains)
    return asked


class _Sum(NamedTuple):
    """A skill's parts put together."""

    figure: float | None
    known: float
    weights: list[float]
    """Of each part, 0 where it is unknown."""

    scores: list[float | None]


def _add_up(parts: Sequence[Part], values: Mapping[str, float | None], *, asked: bool) -> _Sum:
    scores: list[float | None] = []
    all_weight = weight = total = 0.0
    for part in parts:
        value = values[part.measure] if asked or not part.asked_only else None
        reached = None if value is None else score(part, value)
        scores.append(reached)
        all_weight += part.weight
        if reached is not None:
            weight += part.weight
            total += part.weight * reached
    known = weight / all_weight
    return _Sum(
        figure=10.0 * min(total / weight, 1.0) if known >= LEAST_KNOWN else None,
        known=known,
        weights=[
            0.0 if one is None else part.weight / weight for part, one in zip(parts, scores, strict=True)
        ],
        scores=scores,
    )


def figure(programme: Programme, skill: SkillScript, take: Take, asks: Asks = NO_ASKS) -> SkillFigure:
    """Return a skill's figure in a take."""
    values = {part.measure: MEASURES[part.measure].read(take) for part in skill.part}
    asked = skill.name in asked_for(programme, take, asks)
    added = _add_up(skill.part, values, asked=asked)
    evidence = [
        PartFigure(
            take=take.id,
            at=take.begun_at,
            measure=part.measure,
            title=MEASURES[part.measure].title,
            value=None if reached is None else values[part.measure],
            unit=MEASURES[part.measure].unit,
            target=target_text(part),
            grade=part.grade,
            weight=weight,
            score=reached,
        )
        for part, weight, reached in zip(skill.part, added.weights, added.scores, strict=True)
    ]
    return SkillFigure(
        skill=skill.name,
        take=take.id,
        at=take.begun_at,
        figure=added.figure,
        known=added.known,
        evidence=evidence,
    )


def figures(programme: Programme, take: Take, asks: Asks = NO_ASKS) -> list[SkillFigure]:
    """Return the figures of all skills of a programme in a take, in its order."""
    return [figure(programme, skill, take, asks) for skill in programme.skill]


class Scored:
    """Takes in order of time with the figures of all skills: each counted when first needed, and once.

    Parameters
    ----------
    takes : in any order; two of the same id count once, the last one given.
    asks : skills that questions ask for.
    earlier : what was counted before with the same programme and questions, used again for the same takes.
    """

    def __init__(
        self,
        programme: Programme,
        takes: Sequence[Take],
        asks: Asks = NO_ASKS,
        earlier: Scored | None = None,
    ) -> None:
        self.programme = programme
        latest = {take.id: take for take in takes}
        self.takes = sorted(latest.values(), key=lambda take: (take.begun_at.timestamp(), take.id))
        self._asks = asks
        self._phases: Phases | None = None
        self._past: Scored | None = None if earlier is None else earlier._past
        self._skills = {skill.name: skill for skill in programme.skill}
        self._measures = {part.measure for skill in programme.skill for part in skill.part}
        self._counted: dict[str, tuple[Take, dict[str, float | None]]] = (
            {} if earlier is None else earlier._counted
        )

    def until(self, at: datetime) -> Scored:
        """Return the takes that began by a time, without counting again."""
        return self._first(bisect_right(self.takes, at, key=lambda take: take.begun_at))

    def before(self, day: date, zone: tzinfo) -> Scored:
        """Return the takes of the days before one, without counting again."""
        past = self._first(bisect_left(self.takes, day, key=lambda take: day_of(take, zone)))
        known = self._past
        if known is None or known.takes != past.takes:
            known = self._past = past
        return known

    def of_days(self, first: date, last: date, zone: tzinfo) -> list[Take]:
        """Return the takes from a day to another one."""
        start = bisect_left(self.takes, first, key=lambda take: day_of(take, zone))
        stop = bisect_right(self.takes, last, key=lambda take: day_of(take, zone))
        return self.takes[start:stop]

    def phases(self, zone: tzinfo) -> Phases:
        """Return the phases that the takes are of, in a zone; sorted once."""
        found = self._phases
        if found is None or found.zone != zone:
            found = self._phases = Phases(self.programme, self.takes, zone)
        return found

    def _first(self, count: int) -> Scored:
        """Return the first of the takes; these themselves where all are."""
        if count == len(self.takes):
            return self
        found = copy.copy(self)
        found.takes = self.takes[:count]
        found._phases = found._past = None
        return found

    def figure(self, take: Take, skill: str) -> SkillFigure:
        """Return a skill's figure in a take with its evidence."""
        return figure(self.programme, self._skills[skill], take, self._asks)

    def value(self, take: Take, skill: str) -> float | None:
        """Return a skill's figure in a take; the mean of the known ones where ``skill`` is empty."""
        counted = self._counted.get(take.id)
        if counted is None or counted[0] is not take:
            counted = self._counted[take.id] = (take, self._count(take))
        return counted[1][skill]

    def _count(self, take: Take) -> dict[str, float | None]:
        values = {measure: MEASURES[measure].read(take) for measure in self._measures}
        asked = asked_for(self.programme, take, self._asks)
        counted = {
            name: _add_up(skill.part, values, asked=name in asked).figure
            for name, skill in self._skills.items()
        }
        known = [value for value in counted.values() if value is not None]
        return counted | {"": sum(known) / len(known) if known else None}
