"""Progress over weeks: series for charts, and the run of days with practice."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo

from engine.protocol.take import Take

from .gaps import NO_TARGETS
from .measures import MEASURES, median_f0
from .phases import Phases, day_of
from .records import Point, Series, Spread, Streak
from .script import Part, Programme
from .skills import NO_ASKS, Asks, Scored
from .spread import spread

STEADY_ST = 0.5
"""A steady pitch is within this of one's usual: practice and advice (P), no experiment."""

LEAST_USUAL = 3
"""Takes that one's usual pitch is told from."""

FREE_DAYS = 2
"""Days off in between that a run of practice survives: rest is part of training."""


def series(
    programme: Programme,
    takes: Sequence[Take],
    zone: tzinfo,
    *,
    targets: Mapping[str, float] = NO_TARGETS,
    asks: Asks = NO_ASKS,
) -> list[Series]:
    """Return a series for each skill, for each measure that skills are made of, and for steadiness of pitch.

    A measure that several skills use has the target of the first. The baseline is the mean of the guided
    takes at the beginning, None from fewer than the programme's least number of takes.
    """
    return of_scored(Scored(programme, takes, asks), zone, targets)


def of_scored(scored: Scored, zone: tzinfo, targets: Mapping[str, float] = NO_TARGETS) -> list[Series]:
    """Return the series of takes whose figures are counted already."""
    programme = scored.programme
    phases = Phases(programme, scored.takes, zone)
    found = []
    for skill in programme.skill:
        points = [
            Point(take=take.id, at=take.begun_at, value=value)
            for take in scored.takes
            if (value := scored.value(take, skill.name)) is not None
        ]
        found.append(
            Series(
                kind="skill",
                name=skill.name,
                title=skill.title,
                unit="of 10",
                points=points,
                target_low=targets.get(skill.name, skill.target),
                target_high=None,
                baseline=_baseline(points, phases, programme.least_takes),
                spread=spread(scored, phases, skill.name),
            )
        )
    parts: dict[str, Part] = {}
    for skill in programme.skill:
        for part in skill.part:
            parts.setdefault(part.measure, part)
    found += (_of_measure(part, scored, phases) for part in parts.values())
    return [*found, _steady_pitch(scored.takes)]


def _of_measure(part: Part, scored: Scored, phases: Phases) -> Series:
    measure = MEASURES[part.measure]
    points = [
        Point(take=take.id, at=take.begun_at, value=value)
        for take in scored.takes
        if (value := measure.read(take)) is not None
    ]
    return Series(
        kind="measure",
        name=part.measure,
        title=measure.title,
        unit=measure.unit,
        points=points,
        target_low=part.least,
        target_high=part.most,
        baseline=_baseline(points, phases, scored.programme.least_takes),
        spread=Spread(sd=None, degrees=0.0, repeats=0),
    )


def usual_pitch_hz(takes: Iterable[Take]) -> float | None:
    """Return one's usual pitch, the median of the takes'; None from fewer than :data:`LEAST_USUAL`."""
    known = [f0_hz for take in takes if (f0_hz := median_f0(take)) is not None]
    return statistics.median(known) if len(known) >= LEAST_USUAL else None


def _steady_pitch(takes: Sequence[Take]) -> Series:
    """Return each take's median F0 against one's own usual: the median of the takes before it."""
    points: list[Point] = []
    before: list[float] = []
    for take in takes:
        f0_hz = median_f0(take)
        if f0_hz is None:
            continue
        if len(before) >= LEAST_USUAL:
            value = 12.0 * math.log2(f0_hz / statistics.median(before))
            points.append(Point(take=take.id, at=take.begun_at, value=value))
        before.append(f0_hz)
    return Series(
        kind="measure",
        name="steady_pitch",
        title="pitch against your usual",
        unit="st",
        points=points,
        target_low=-STEADY_ST,
        target_high=STEADY_ST,
        baseline=None,
        spread=Spread(sd=None, degrees=0.0, repeats=0),
    )


def _baseline(points: Sequence[Point], phases: Phases, least: int) -> float | None:
    ids = {take.id for take in phases.baseline}
    values = [point.value for point in points if point.take in ids]
    return math.fsum(values) / len(values) if len(values) >= max(least, 1) else None


def streak(takes: Sequence[Take], day: date, zone: tzinfo) -> Streak:
    """Return the run of days with practice up to a day.

    It goes on over up to :data:`FREE_DAYS` days off in a row; takes of later days don't count.
    """
    days = sorted({made for take in takes if (made := day_of(take, zone)) <= day}, reverse=True)
    run = 0
    for place, made in enumerate(days):
        if place and (days[place - 1] - made).days > FREE_DAYS + 1:
            break
        run += 1
    going = bool(days) and (day - days[0]).days <= FREE_DAYS + 1
    week = sum((day - made).days < 7 for made in days)
    if not days:
        sentence = "Nothing yet: one take is a start."
    elif going:
        sentence = f"{_days(run)} of practice in this run, {week} in the last seven."
    else:
        sentence = f"Your last run had {_days(run)} of practice. One take begins the next."
    return Streak(days=run, going=going, this_week=week, sentence=sentence)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
