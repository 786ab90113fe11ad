"""Today's practice and the weekly hour: which exercise, and why.

A day's plan follows from the takes of the days before, so that it doesn't change while the day goes on; the
day's own takes and marks only say what is done, skipped or swapped. Guided takes come first: those that the
baseline lacks, and from four weeks on those of the validation. Then exercises, by

    need × due × fresh

need: the gaps of the skills that it trains, the first in full, the second by half, and so on; a skill of
which nothing is known counts as a gap of 1, one that has reached its target 0.2; each skill counts half once
an exercise of the day trains it. due: days since it was last done over the days after which it is due, at
most 2, and 1.5 for a new one. fresh: 1 / (1 + times in two weeks / 4), halved for each time it was skipped
in a week. What isn't due yet comes only when nothing due fits. What is swapped gives its place to another
exercise; what is skipped makes the day shorter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from engine.protocol.practice import PlanMark
from engine.protocol.take import Take

from . import gaps
from .gaps import NO_TARGETS
from .phases import purpose_of
from .records import Gap, LeftOut, Plan, PlanItem
from .script import Exercise, Programme, Rhythm, Task
from .skills import NO_ASKS, Asks, Scored

UNKNOWN_GAP = 1.0
REACHED_GAP = 0.2
NEW_DUE = 1.5
MOST_DUE = 2.0
DOSE_DAYS = 14
DOSE = 4.0
SKIP_DAYS = 7
MOST_ITEMS = 3
"""Exercises of a day: rare and short is what people keep up."""


def plan_day(
    programme: Programme,
    takes: Sequence[Take],
    day: date,
    zone: tzinfo,
    *,
    marks: Sequence[PlanMark] = (),
    targets: Mapping[str, float] = NO_TARGETS,
    asks: Asks = NO_ASKS,
) -> Plan:
    """Return what to do on a day.

    Parameters
    ----------
    takes : all of a person's takes, in any order.
    day : in the person's zone.
    marks : what the person did with items of this day's and earlier plans.
    targets : the person's own targets by skill.
    asks : skills that questions ask for.
    """
    return of_scored(Scored(programme, takes, asks), day, zone, marks=marks, targets=targets)


def of_scored(
    scored: Scored,
    day: date,
    zone: tzinfo,
    *,
    marks: Sequence[PlanMark] = (),
    targets: Mapping[str, float] = NO_TARGETS,
) -> Plan:
    """Return what to do on a day, of takes whose figures are counted already."""
    return _Planner(scored, day, zone, marks, targets).day_plan()


def plan_week(
    programme: Programme,
    takes: Sequence[Take],
    day: date,
    zone: tzinfo,
    *,
    marks: Sequence[PlanMark] = (),
    targets: Mapping[str, float] = NO_TARGETS,
    asks: Asks = NO_ASKS,
) -> Plan:
    """Return the weekly practice of the week, from Monday, that a day is in; parameters as for a day."""
    return week_of_scored(Scored(programme, takes, asks), day, zone, marks=marks, targets=targets)


def week_of_scored(
    scored: Scored,
    day: date,
    zone: tzinfo,
    *,
    marks: Sequence[PlanMark] = (),
    targets: Mapping[str, float] = NO_TARGETS,
) -> Plan:
    """Return the weekly practice, of takes whose figures are counted already."""
    monday = day - timedelta(days=day.weekday())
    return _Planner(scored, monday, zone, marks, targets, days=7).week_plan()


class _Planner:
    """Plans from what was known when the day, or the week, began."""

    def __init__(
        self,
        scored: Scored,
        day: date,
        zone: tzinfo,
        marks: Sequence[PlanMark],
        targets: Mapping[str, float],
        days: int = 1,
    ) -> None:
        self._programme = scored.programme
        self._day = day
        self._past = scored.before(day, zone)
        self._phases = self._past.phases(zone)
        self._sorted = scored.phases(zone)
        self._within = [day + timedelta(days=ahead) for ahead in range(days)]
        self._during = scored.of_days(day, self._within[-1], zone)
        self._marks = marks
        began = datetime.combine(day, time(), zone)
        self._gaps = {row.skill: row for row in gaps.of_scored(self._past, began, zone, targets).rows}
        self._trained: dict[str, int] = {}
        self._of_purpose = {f"exercise:{one.name}": [one.name] for one in scored.programme.exercise}
        self._of_drill: dict[str, list[str]] = {}
        for one in scored.programme.exercise:
            if one.drill is not None:
                self._of_drill.setdefault(one.drill, []).append(one.name)
        self._titles = {f"exercise:{one.name}": one.title for one in scored.programme.exercise}
        for kind in ("baseline", "validation"):
            self._titles |= {f"{kind}:{task.name}": task.title for task in scored.programme.task}
        self._done = self._days_done()

    # --- plans ---------------------------------------------------------------

    def day_plan(self) -> Plan:
        """Return the plan of the day."""
        skipped = self._turned_down()
        guided = self._guided()
        items = [item for item in guided if item.name not in skipped]
        count, minutes = self._skipped("daily", guided)
        left = self._programme.minutes_a_day - minutes - sum(item.minutes for item in items)
        items += self._exercises("daily", left, MOST_ITEMS - count - len(items), skipped)
        return self._plan(items, skipped, self._note(guided))

    def week_plan(self) -> Plan:
        """Return the plan of the week's long practice."""
        skipped = self._turned_down()
        count, minutes = self._skipped("weekly", [])
        left = self._programme.minutes_a_week - minutes
        items = self._exercises("weekly", left, MOST_ITEMS - count, skipped)
        return self._plan(items, skipped, "One longer practice, on a day of your choice.")

    def _plan(self, items: list[PlanItem], skipped: set[str], note: str) -> Plan:
        return Plan(
            day=self._day,
            items=items,
            minutes=sum(item.minutes for item in items),
            skipped=[
                LeftOut(name=name, title=self._titles[name]) for name in sorted(skipped & {*self._titles})
            ],
            note=note,
        )

    def _turned_down(self) -> set[str]:
        """Return what the person won't do now."""
        return {m.item for m in self._marks if m.day in self._within and m.what in ("skipped", "swapped")}

    def _skipped(self, rhythm: Rhythm, guided: Sequence[PlanItem]) -> tuple[int, float]:
        """Return how many items the person left out without another one in their place, and their minutes."""
        minutes = {item.name: item.minutes for item in guided}
        for one in self._programme.exercise:
            if one.rhythm == rhythm:
                minutes[f"exercise:{one.name}"] = one.minutes
        names = {m.item for m in self._marks if m.day in self._within and m.what == "skipped"}
        left_out = [minutes[name] for name in names if name in minutes]
        return len(left_out), sum(left_out)

    # --- guided takes ----------------------------------------------------------

    def _guided(self) -> list[PlanItem]:
        """Return the guided takes that are due, as many as fit, at least one."""
        kind = "baseline"
        names = self._phases.open_baseline(self._day)
        made = self._phases.baseline
        if not names:
            kind = "validation"
            names = self._phases.open_validation(self._day)
            made = self._phases.rounds[-1] if self._phases.rounds else []
        items: list[PlanItem] = []
        left = self._programme.minutes_a_day
        for task in self._programme.task:
            if task.name in names and (not items or task.minutes <= left):
                again = bool(self._phases.days_made(made, task.name))
                items.append(self._guided_item(task, kind, again))
                left -= task.minutes
        return items

    def _guided_item(self, task: Task, kind: str, again: bool) -> PlanItem:
        if again:
            why = "Once more on another day: it shows how much your takes vary by themselves."
        elif kind == "baseline":
            why = "Part of your baseline: what you do later is compared with it."
        else:
            why = "The same take as at the beginning: it shows what has changed."
        return PlanItem(
            name=f"{kind}:{task.name}",
            kind="baseline" if kind == "baseline" else "validation",
            title=task.title,
            how=task.say,
            why=why,
            minutes=task.minutes,
            drill=task.drill,
            level=task.level,
            trains=list(task.asks),
            done=self._marked(f"{kind}:{task.name}")
            or any(self._sorted.does(take, f"{kind}:{task.name}") for take in self._during),
        )

    def _note(self, guided: Sequence[PlanItem]) -> str:
        if guided and guided[0].kind == "baseline":
            begun = bool(self._phases.baseline)
            return "Your baseline isn't complete yet." if begun else "Your baseline comes first."
        if guided:
            return "Time to compare: the guided takes again."
        due = self._phases.validation_due(self._day)
        if due is None:
            return ""
        days = (due - self._day).days
        return f"The guided takes again in {days} day{'' if days == 1 else 's'}, on {due:%Y-%m-%d}."

    # --- exercises ---------------------------------------------------------------

    def _exercises(self, rhythm: Rhythm, minutes: float, most: int, skipped: set[str]) -> list[PlanItem]:
        chosen: list[PlanItem] = []
        left = [
            one
            for one in self._programme.exercise
            if one.rhythm == rhythm and f"exercise:{one.name}" not in skipped
        ]
        while left and len(chosen) < most:
            fits = [one for one in left if one.minutes <= minutes + 1e-9]
            due = [one for one in fits if self._is_due(one)]
            if not fits or (chosen and not due):
                break
            best = max(due or fits, key=self._worth)  # the first of equals: the programme's order
            chosen.append(self._item(best))
            left.remove(best)
            minutes -= best.minutes
            for skill in best.trains:
                self._trained[skill] = self._trained.get(skill, 0) + 1
        return chosen

    def _worth(self, exercise: Exercise) -> float:
        need = math.fsum(
            self._need(skill) / (place + 1) * math.ldexp(1.0, -self._trained.get(skill, 0))
            for place, skill in enumerate(exercise.trains)
        )
        days = self._days_since(exercise)
        due = NEW_DUE if days is None else min(days / exercise.every_days, MOST_DUE)
        doses = sum(1 for day in self._done[exercise.name] if (self._day - day).days <= DOSE_DAYS)
        fresh = math.ldexp(1.0, -self._skips(exercise)) / (1.0 + doses / DOSE)
        return need * due * fresh

    def _need(self, skill: str) -> float:
        gap = self._gaps[skill].gap
        weight = next(one.weight for one in self._programme.skill if one.name == skill)
        return weight * (UNKNOWN_GAP if gap is None else max(gap, REACHED_GAP))

    def _is_due(self, exercise: Exercise) -> bool:
        days = self._days_since(exercise)
        return days is None or days >= exercise.every_days

    def _days_since(self, exercise: Exercise) -> int | None:
        days = self._done[exercise.name]
        return (self._day - max(days)).days if days else None

    def _days_done(self) -> dict[str, set[date]]:
        """Return the days before on which each exercise was done, by takes and marks."""
        days: dict[str, set[date]] = {exercise.name: set() for exercise in self._programme.exercise}
        for take in self._past.takes:
            for name in self._exercises_of(take):
                days[name].add(self._phases.day(take))
        for mark in self._marks:
            name = mark.item.removeprefix("exercise:")
            if mark.what == "done" and mark.day < self._day and name in days:
                days[name].add(mark.day)
        return days

    def _skips(self, exercise: Exercise) -> int:
        """Return on how many days of the last week it was skipped."""
        name, since = f"exercise:{exercise.name}", self._day - timedelta(days=SKIP_DAYS)
        skips = (m.day for m in self._marks if m.item == name and m.what == "skipped")
        return len({day for day in skips if since <= day < self._day})

    def _item(self, exercise: Exercise) -> PlanItem:
        name = f"exercise:{exercise.name}"
        return PlanItem(
            name=name,
            kind="exercise",
            title=exercise.title,
            how=exercise.how,
            why=self._why(exercise),
            minutes=exercise.minutes,
            drill=exercise.drill,
            level=None,
            trains=list(exercise.trains),
            done=self._marked(name)
            or any(exercise.name in self._exercises_of(take) for take in self._during),
        )

    def _marked(self, name: str) -> bool:
        return any(m.item == name and m.what == "done" and m.day in self._within for m in self._marks)

    def _exercises_of(self, take: Take) -> list[str]:
        """Return the exercises that a take does: made for them, or their drill outside the guided takes."""
        purpose = purpose_of(take)
        if not purpose and take.exercise is not None:
            purpose = f"exercise:{take.exercise.exercise}"
        if purpose:
            return self._of_purpose.get(purpose, [])
        if take.card is None or self._sorted.task(take):
            return []
        return self._of_drill.get(take.card.drill, [])

    def _why(self, exercise: Exercise) -> str:
        weights = {skill: self._need(skill) / (place + 1) for place, skill in enumerate(exercise.trains)}
        skill = max(weights, key=lambda name: weights[name])
        days, times = self._days_since(exercise), len(self._done[exercise.name])
        if days is None:
            dose = "New to you."
        else:
            ago = "yesterday" if days == 1 else f"{days} days ago"
            dose = f"Last done {ago}, {'once' if times == 1 else f'{times} times'} so far."
        return f"{gap_sentence(self._gaps[skill])} {dose}"


def gap_sentence(row: Gap) -> str:
    """Return where a skill stands, as a sentence."""
    at = row.baseline if row.now is None else row.now
    if row.gap is None or at is None:
        return f"{row.title} isn't measured yet."
    if row.gap == 0.0:
        return f"{row.title} has reached its target, {row.target:g}: this keeps it."
    weakest = f" What costs most: {row.parts[0].title}." if row.parts and row.parts[0].lost > 0.0 else ""
    first = "your largest gap: " if row.priority == 1 else ""
    return f"{row.title} is {first}{at:.1f}, target {row.target:g}.{weakest}"
