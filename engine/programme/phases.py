"""Where in the programme each take belongs: to the baseline, to a round of validation, or to practice.

A take belongs to a guided take by its purpose or its tag (``baseline:project``). One that says nothing
counts where that guided take is due on its day: if it answers its words as the question, or runs its drill at
its level.

Days are those of the person's time zone: a take belongs to the day on which it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from engine.protocol.take import Take

from .script import Programme, Task

ROUND_DAYS = 14
"""Guided takes within so many days of the first belong to one baseline, or one round of validation."""

RETAKE_WEEKS = 13
"""After a validation the same takes are due again each quarter."""


PURPOSES = ("baseline:", "validation:", "exercise:")


def purpose_of(take: Take) -> str:
    """Return what a take was made for: its purpose, or else the first tag that is one; else empty."""
    return take.purpose or next((tag for tag in take.tags if tag.startswith(PURPOSES)), "")


def is_made_as(task: Task, take: Take) -> bool:
    """Whether a take answers a guided task's words, or runs its drill at its level."""
    if task.drill is None:
        return take.question == task.say
    return take.card is not None and take.card.drill == task.drill and task.level in (None, take.card.level)


def day_of(take: Take, zone: tzinfo) -> date:
    """Return the day on which a take began."""
    return take.begun_at.astimezone(zone).date()


class Phases:
    """Sorts a person's takes into the phases of a programme.

    Parameters
    ----------
    takes : in order of time.

    Attributes
    ----------
    baseline : guided takes of the beginning, those within :data:`ROUND_DAYS` of the first.
    rounds : the guided takes of each validation, the oldest round first.
    """

    def __init__(self, programme: Programme, takes: Sequence[Take], zone: tzinfo) -> None:
        self.programme = programme
        self.zone = zone
        self._names = {task.name for task in programme.task}
        self._task: dict[str, str] = {}
        self._day: dict[str, date] = {}
        self.baseline: list[Take] = []
        self.rounds: list[list[Take]] = []
        for take in takes:
            kind, task = self._sorted(take)
            if kind == "baseline" and self._joins(self.baseline, take):
                self.baseline.append(take)
            elif kind == "validation":
                if not self.rounds or not self._joins(self.rounds[-1], take):
                    self.rounds.append([])
                self.rounds[-1].append(take)
            if task:
                self._task[take.id] = task
        self._phase = {take.id: "baseline" for take in self.baseline}
        for number, one in enumerate(self.rounds):
            self._phase |= {take.id: f"validation {number}" for take in one}

    def _joins(self, group: list[Take], take: Take) -> bool:
        return not group or (self.day(take) - self.day(group[0])).days < ROUND_DAYS

    def _sorted(self, take: Take) -> tuple[str, str]:
        """Return the phase, ``baseline`` or ``validation``, and the guided task of a take; else empty."""
        purpose = purpose_of(take)
        if purpose:
            kind, _, name = purpose.partition(":")
            return (kind, name) if kind in ("baseline", "validation") and name in self._names else ("", "")
        day = self.day(take)
        for task in self.programme.task:
            if not is_made_as(task, take):
                continue
            if day in self.days_made(self.baseline, task.name) or task.name in self.open_baseline(day):
                return "baseline", task.name
            newest = self.rounds[-1] if self.rounds else []
            if day in self.days_made(newest, task.name) or task.name in self.open_validation(day):
                return "validation", task.name
        return "", ""

    def task(self, take: Take) -> str:
        """Return the guided task that a take was made for; empty where it is none."""
        return self._task.get(take.id, "")

    def does(self, take: Take, name: str) -> bool:
        """Whether a take is the guided take of a name such as ``validation:project``."""
        kind, _, task = name.partition(":")
        return self.task(take) == task and self.phase(take).partition(" ")[0] == kind

    def day(self, take: Take) -> date:
        """Return the day of a take."""
        found = self._day.get(take.id)
        if found is None:
            found = self._day[take.id] = day_of(take, self.zone)
        return found

    def phase(self, take: Take) -> str:
        """Return the phase of a take: repeats compare within one only."""
        return self._phase.get(take.id, "practice")

    def alike(self, take: Take) -> str:
        """Return what a take must have in common with another one to be a repeat of it."""
        if self.task(take):
            return f"task {self.task(take)}"
        if take.card is not None:
            return f"drill {take.card.drill} {take.card.level} {take.card.formula}"
        if purpose_of(take):
            return purpose_of(take)
        return "question" if take.question else take.kind

    def days_made(self, takes: Sequence[Take], task: str) -> set[date]:
        """Return the days on which a guided task was made, of some takes."""
        return {self.day(take) for take in takes if self.task(take) == task}

    def open_baseline(self, day: date) -> list[str]:
        """Return the guided tasks that the baseline still lacks on a day.

        A second day of a task is asked for only in the baseline's first :data:`ROUND_DAYS`.
        """
        fresh = not self.baseline or (day - self.day(self.baseline[0])).days < ROUND_DAYS
        return self._open(self.baseline, self.programme.days if fresh else 1)

    def open_validation(self, day: date) -> list[str]:
        """Return the guided tasks that a validation lacks on a day; none before it is due."""
        due = self.validation_due(day)
        if due is None or day < due:
            return []
        running = bool(self.rounds) and (day - self.day(self.rounds[-1][0])).days < ROUND_DAYS
        return self._open(self.rounds[-1] if running else [], self.programme.days)

    def validation_due(self, day: date) -> date | None:
        """Return the day from which the next, or the running, validation is due; None without a baseline."""
        if not self.baseline or self._open(self.baseline, 1):
            return None
        if not self.rounds:
            return self.day(self.baseline[-1]) + timedelta(weeks=self.programme.weeks)
        first = self.day(self.rounds[-1][0])
        running = (day - first).days < ROUND_DAYS and self._open(self.rounds[-1], self.programme.days)
        return first if running else self.day(self.rounds[-1][-1]) + timedelta(weeks=RETAKE_WEEKS)

    def _open(self, takes: Sequence[Take], days: int) -> list[str]:
        return [task.name for task in self.programme.task if len(self.days_made(takes, task.name)) < days]
