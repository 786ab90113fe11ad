"""Progress over weeks: series for charts, and the run of days with practice."""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Literal

import msgspec

from engine.protocol.take import Take

from .gaps import NO_TARGETS
from .measures import MEASURES, median_f0
from .phases import day_of
from .records import Point, Series, Spread, Streak
from .script import Part, SkillScript
from .skills import Scored
from .spread import spread

STEADY_ST = 0.5
"""A steady pitch is within this of one's usual: practice and advice (P), no experiment."""

USUAL_TAKES = 30
"""Newest takes that one's usual pitch is told from."""

LEAST_USUAL = 3
"""Those of them whose pitch is known, at least."""

UNKNOWN_SPREAD = Spread(sd=None, degrees=0.0, repeats=0)

FREE_DAYS = 2
"""Days off in between that a run of practice survives: rest is part of training."""


def of_scored(
    scored: Scored,
    zone: tzinfo,
    targets: Mapping[str, float] = NO_TARGETS,
    *,
    since: datetime | None = None,
    only: tuple[str, str] | None = None,
) -> list[Series]:
    """Return a series for each skill, for each measure that skills are made of, and for steadiness of pitch.

    A measure that several skills use has the target of the first. The baseline is the mean of the guided
    takes at the beginning, None from fewer than the programme's least number of takes.

    Parameters
    ----------
    since : takes that began before it are no points; baselines and spreads rest on all.
    only : kind and name of the one series that is wanted.
    """
    return [
        make()
        for kind, name, make in _Charts(scored, zone, targets, since).all()
        if only is None or only == (kind, name)
    ]


def usual_pitch_hz(takes: Iterable[Take]) -> float | None:
    """Return one's usual pitch in Hz, the median of the newest takes'; None where it isn't known.

    Parameters
    ----------
    takes : newest first, of which the first :data:`USUAL_TAKES` count.
    """
    return _usual([median_f0(take) for take in itertools.islice(takes, USUAL_TAKES)])


def _usual(f0_hz: Iterable[float | None]) -> float | None:
    known = [one for one in f0_hz if one is not None]
    return statistics.median(known) if len(known) >= LEAST_USUAL else None


class _Charts:
    """Makes series from takes."""

    def __init__(
        self, scored: Scored, zone: tzinfo, targets: Mapping[str, float], since: datetime | None
    ) -> None:
        self._scored = scored
        self._programme = scored.programme
        self._targets = targets
        self._phases = scored.phases(zone)
        self._takes = [take for take in scored.takes if since is None or take.begun_at >= since]

    def all(self) -> Iterator[tuple[str, str, Callable[[], Series]]]:
        """Yield kind and name of each series, and what makes it."""
        parts: dict[str, Part] = {}
        for skill in self._programme.skill:
            yield "skill", skill.name, functools.partial(self._of_skill, skill)
            for part in skill.part:
                parts.setdefault(part.measure, part)
        for part in parts.values():
            yield "measure", part.measure, functools.partial(self._of_measure, part)
        yield "measure", "steady_pitch", self._steady_pitch

    def _of_skill(self, skill: SkillScript) -> Series:
        return self._series(
            "skill",
            skill.name,
            skill.title,
            "of 10",
            lambda take: self._scored.value(take, skill.name),
            (self._targets.get(skill.name, skill.target), None),
            spread(self._scored, self._phases, skill.name),
        )

    def _of_measure(self, part: Part) -> Series:
        measure = MEASURES[part.measure]
        target = (part.least, part.most)
        return self._series("measure", part.measure, measure.title, measure.unit, measure.read, target)

    def _steady_pitch(self) -> Series:
        """Return each take's median F0 against one's own usual before it."""
        values: dict[str, float] = {}
        before: deque[float | None] = deque(maxlen=USUAL_TAKES)
        for take in self._scored.takes:
            f0_hz, usual_hz = median_f0(take), _usual(before)
            if f0_hz is not None and usual_hz is not None:
                values[take.id] = 12.0 * math.log2(f0_hz / usual_hz)
            before.append(f0_hz)
        found = self._series(
            "measure",
            "steady_pitch",
            "pitch against your usual",
            "st",
            lambda take: values.get(take.id),
            (-STEADY_ST, STEADY_ST),
        )
        return msgspec.structs.replace(found, baseline=None)

    def _series(
        self,
        kind: Literal["skill", "measure"],
        name: str,
        title: str,
        unit: str,
        read: Callable[[Take], float | None],
        target: tuple[float | None, float | None],
        varies: Spread = UNKNOWN_SPREAD,
    ) -> Series:
        first = [value for take in self._phases.baseline if (value := read(take)) is not None]
        enough = len(first) >= max(self._programme.least_takes, 1)
        return Series(
            kind=kind,
            name=name,
            title=title,
            unit=unit,
            points=[
                Point(take=take.id, at=take.begun_at, value=value)
                for take in self._takes
                if (value := read(take)) is not None
            ],
            target_low=target[0],
            target_high=target[1],
            baseline=math.fsum(first) / len(first) if enough else None,
            spread=varies,
        )


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
