"""Where a person stands at a time: what to do, the gap table, the comparison and progress, of their takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

from engine.protocol.practice import PlanMark
from engine.protocol.take import Take

from . import gaps, plan, progress, validation
from .exercise_view import exercise_view
from .gaps import NO_TARGETS
from .records import ExerciseView, GapTable, Plan, Progress, Validation
from .script import Programme
from .skills import Scored


def items_of(programme: Programme) -> Iterator[str]:
    """Yield the names of all that plans of a programme may hold, such as ``exercise:pep``."""
    for task in programme.task:
        yield from (f"{kind}:{task.name}" for kind in ("baseline", "validation"))
    yield from (f"exercise:{one.name}" for one in programme.exercise)


class Standing:
    """Answers about a person at a time, from their takes, marks and targets.

    Parameters
    ----------
    scored : all of their takes; those that began after ``now`` don't count.
    zone : the person's, which tells their days.
    marks : what they did with items of plans.
    targets : their own, by skill, 0..10; of skills that the programme doesn't have none counts.
    """

    def __init__(
        self,
        scored: Scored,
        now: datetime,
        zone: tzinfo,
        *,
        marks: Sequence[PlanMark] = (),
        targets: Mapping[str, float] = NO_TARGETS,
    ) -> None:
        skills = {skill.name for skill in scored.programme.skill}
        self._scored = scored.until(now)
        self._now = now
        self._zone = zone
        self._marks = marks
        self._targets = {skill: figure for skill, figure in targets.items() if skill in skills}
        self.day: date = now.astimezone(zone).date()

    def today(self) -> Plan:
        """Return what to do on the day."""
        return plan.of_scored(self._scored, self.day, self._zone, marks=self._marks, targets=self._targets)

    def tomorrow(self) -> Plan:
        """Return what to do on the day after, as far as it is known now."""
        day = self.day + timedelta(days=1)
        return plan.of_scored(self._scored, day, self._zone, marks=self._marks, targets=self._targets)

    def week(self) -> Plan:
        """Return the longer practice of the week."""
        return plan.week_of_scored(
            self._scored, self.day, self._zone, marks=self._marks, targets=self._targets
        )

    @property
    def takes(self) -> Sequence[Take]:
        """The person's takes until now, in order of time."""
        return self._scored.takes

    def gaps(self) -> GapTable:
        """Return the gap table."""
        return gaps.of_scored(self._scored, self._now, self._zone, self._targets)

    def validation(self) -> Validation:
        """Return the comparison of the guided takes with those of the beginning."""
        return validation.of_scored(self._scored, self._now, self._zone)

    def progress(self, weeks: int | None = None, only: tuple[str, str] | None = None) -> Progress:
        """Return the series of skills and measures, and the run of days with practice.

        Parameters
        ----------
        weeks : of the last so many weeks; of all time by default.
        only : kind and name of the one series that is wanted; all by default.
        """
        since = None if weeks is None else self._now - timedelta(weeks=weeks)
        return Progress(
            series=progress.of_scored(self._scored, self._zone, self._targets, since=since, only=only),
            streak=progress.streak(self._scored.takes, self.day, self._zone),
        )

    def exercise(self, name: str) -> ExerciseView | None:
        """Return how an exercise goes, and how it went so far; None where there is none of that name."""
        programme = self._scored.programme
        found = next((one for one in programme.exercise if one.name == name), None)
        if found is None:
            return None
        rows = {row.skill: row for row in self.gaps().rows}
        return exercise_view(programme, found, self._scored.takes, rows)
