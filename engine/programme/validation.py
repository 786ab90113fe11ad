"""Validation: the same guided takes before and after, and whether a difference is more than one's own spread.

For each guided task with the figure both times: the mean after less the mean before; the difference is the
mean over those tasks. Its standard error is the spread of repeated takes (:mod:`engine.programme.spread`) for
the days that it rests on, a day's takes counted as one; its interval is Student's t, as for the repeatability
of a measurement (Bland & Altman 1996, BMJ 313:744). Half of the error allowed goes to the mean of all skills,
the other half in equal parts to the skills (Bonferroni), so that all intervals together hold in 95 of 100
people who didn't change. All skills are compared, not only those that were low: a skill picked because it was
low is higher the next time by chance alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from engine.protocol.take import Take

from .phases import Phases
from .records import Compared, Outcome, Spread, Validation
from .script import Programme
from .skills import NO_ASKS, Asks, Scored
from .spread import LEAST_REPEATS, spread
from .student import quantile

CONFIDENCE = 0.95
"""Of all intervals together."""

OVERALL = "All skills"


def validate(
    programme: Programme, takes: Sequence[Take], now: datetime, zone: tzinfo, asks: Asks = NO_ASKS
) -> Validation:
    """Compare the newest round of guided takes up to a time with the baseline.

    Parameters
    ----------
    takes : all of a person's takes: those between tell how much their takes vary.
    now : takes that began later don't count.
    zone : the person's, which tells their days.
    asks : skills that questions ask for.
    """
    scored = Scored(programme, [take for take in takes if take.begun_at <= now], asks)
    return of_scored(scored, now, zone)


def of_scored(scored: Scored, now: datetime, zone: tzinfo) -> Validation:
    """Compare takes whose figures are counted already."""
    programme = scored.programme
    phases = scored.phases(zone)
    newest = phases.rounds[-1] if phases.rounds else []
    pairs = {
        skill.name: _Pairs(scored, phases, phases.baseline, newest, skill.name) for skill in programme.skill
    }
    compared = sum(bool(pair.tasks) for pair in pairs.values())
    error = (1.0 - CONFIDENCE) / 2.0
    overall = _Pairs(scored, phases, phases.baseline, newest, "").compared(OVERALL, error)
    skills = [pairs[skill.name].compared(skill.title, error / max(compared, 1)) for skill in programme.skill]
    missing = [
        task.title
        for task in programme.task
        if not phases.days_made(phases.baseline, task.name) or not phases.days_made(newest, task.name)
    ]
    return Validation(
        programme=programme.name,
        at=now,
        confidence=CONFIDENCE,
        overall=overall,
        skills=skills,
        sentence=_sum_up(overall, skills, bool(phases.baseline), bool(newest)),
        missing=missing,
    )


class _Pairs:
    """Takes of the same guided tasks before and after that tell one figure."""

    def __init__(
        self, scored: Scored, phases: Phases, before: Sequence[Take], after: Sequence[Take], skill: str
    ) -> None:
        self._skill = skill
        self._before = _Side(scored, phases, before, skill)
        self._after = _Side(scored, phases, after, skill)
        self.tasks = [
            task.name
            for task in scored.programme.task
            if task.name in self._before.values and task.name in self._after.values
        ]
        self._titles = {task.name: task.title for task in scored.programme.task}
        self._spread = spread(scored, phases, skill)

    def compared(self, title: str, error: float) -> Compared:
        """Return the comparison; ``error`` is the chance that its interval may miss, both sides together."""
        before, after = self._before.mean(self.tasks), self._after.mean(self.tasks)
        difference = low = high = None
        if before is not None and after is not None:
            difference = after - before
            if self._spread.sd is not None:
                weight = self._before.weight(self.tasks) + self._after.weight(self.tasks)
                reach = (
                    quantile(1.0 - error / 2.0, self._spread.degrees) * self._spread.sd * math.sqrt(weight)
                )
                low, high = difference - reach, difference + reach
        outcome = _outcome(low, high)
        return Compared(
            skill=self._skill,
            title=title,
            before=before,
            after=after,
            difference=difference,
            low=low,
            high=high,
            tasks=[self._titles[task] for task in self.tasks],
            before_takes=self._before.takes(self.tasks),
            after_takes=self._after.takes(self.tasks),
            spread=self._spread,
            outcome=outcome,
            sentence=_sentence(title, before, after, low, high, outcome, self._spread),
        )


class _Side:
    """Figures of guided takes before, or after, by task."""

    def __init__(self, scored: Scored, phases: Phases, takes: Sequence[Take], skill: str) -> None:
        self.values: dict[str, list[tuple[Take, date, float]]] = defaultdict(list)
        for take in takes:
            value = scored.value(take, skill)
            if value is not None:
                self.values[phases.task(take)].append((take, phases.day(take), value))

    def mean(self, tasks: Sequence[str]) -> float | None:
        """Return the mean over tasks of each one's mean."""
        if not tasks:
            return None
        means = [math.fsum(v for _, _, v in self.values[task]) / len(self.values[task]) for task in tasks]
        return math.fsum(means) / len(means)

    def weight(self, tasks: Sequence[str]) -> float:
        """Return the variance of that mean, in squares of one take's spread: a day's takes go together."""
        days: dict[date, float] = defaultdict(float)
        for task in tasks:
            for _, day, _ in self.values[task]:
                days[day] += 1.0 / (len(tasks) * len(self.values[task]))
        return math.fsum(weight * weight for weight in days.values())

    def takes(self, tasks: Sequence[str]) -> list[str]:
        """Return the ids of the takes, the oldest first within each task."""
        return [take.id for task in tasks for take, _, _ in self.values[task]]


def _outcome(low: float | None, high: float | None) -> Outcome:
    if low is None or high is None:
        return "not told"
    return "improved" if low > 0.0 else "worse" if high < 0.0 else "no more than your spread"


def _sentence(
    title: str,
    before: float | None,
    after: float | None,
    low: float | None,
    high: float | None,
    outcome: Outcome,
    spread: Spread,
) -> str:
    if before is None or after is None:
        return f"{title}: no guided take tells it both before and after."
    change = f"{title}: {before:.1f} before, {after:.1f} after"
    if low is None or high is None:
        return (
            f"{change}. How much your takes vary isn't known yet: "
            f"{spread.repeats} of {LEAST_REPEATS} repeats on different days."
        )
    interval = f"a change of {after - before:+.1f} ({low:+.1f} to {high:+.1f})"
    if outcome == "no more than your spread":
        return f"{change}: {interval}, which is no more than your own takes vary."
    return f"{change}: {interval}, more than your own takes vary."


def _sum_up(overall: Compared, skills: Sequence[Compared], begun: bool, again: bool) -> str:
    """Say what it comes to, in a sentence or two."""
    if not begun:
        return "There is no baseline yet: make the guided takes first."
    if not again:
        return "The guided takes have not been made again yet."
    told = [one for one in (overall, *skills) if one.outcome != "not told"]
    better = [one.title for one in skills if one.outcome == "improved"]
    worse = [one.title for one in skills if one.outcome == "worse"]
    if not told:
        return "Not enough repeated takes to tell a change from how much your takes vary."
    said = []
    if overall.outcome in ("improved", "worse"):
        said.append(f"Over all skills you {'improved' if overall.outcome == 'improved' else 'got worse'}.")
    if better:
        said.append(f"You improved in {_listed(better)}.")
    if worse:
        said.append(f"You got worse in {_listed(worse)}.")
    if not said:
        return "No change that is more than your own takes vary from day to day."
    return " ".join([*said, "That is more than your own takes vary."])


def _listed(titles: Sequence[str]) -> str:
    names = [title[0].lower() + title[1:] for title in titles]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
