"""What the report of the programme shows, in its order; the template only draws it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from engine.programme.ratings import RatingRow
from engine.programme.records import Compared, Gap, PartGap, Series
from engine.programme.stories import StoryState

from .charts import chart
from .requests import ProgrammeReport
from .texts import capital, clock, day, number, points, signed, when

GRADES = {
    "E": "an experiment or a measurement",
    "P": "practice and advice",
    "V": "a vendor's figure",
}
"""How well founded a target is."""

MOST_WEEKS = 16
"""Rows of the table behind the charts: the newest weeks."""


LEAST_POINTS = 2
"""Takes from which a chart is drawn."""


class Skill(NamedTuple):
    """A row of the gap table."""

    rank: str
    title: str
    baseline: str
    now: str
    target: str
    grade: str
    gap: str
    spread: str
    closes: str
    note: str


class PartRow(NamedTuple):
    """A part of a skill's figure, as evidence."""

    title: str
    value: str
    target: str
    grade: str
    costs: str
    takes: str


class StoryRow(NamedTuple):
    """A signature story."""

    title: str
    shows: str
    takes: str
    best: str
    missing: str
    answers: str


class RatedRow(NamedTuple):
    """A row of the three columns."""

    title: str
    own: str
    others: str
    figure: str


class Outcome(NamedTuple):
    """A row of the comparison."""

    title: str
    before: str
    after: str
    difference: str
    interval: str
    outcome: str


def programme_page(request: ProgrammeReport) -> dict[str, Any]:
    """Return what the template of the programme is filled with."""
    series = request.progress.series
    skills = [one for one in series if one.kind == "skill" and one.points]
    others = [one for one in series if one.kind == "measure"]
    validation = request.validation
    told = [one for one in (validation.overall, *validation.skills) if one.difference is not None]
    return {
        "title": f"Programme: {request.title}",
        "running_title": f"Programme: {request.title}",
        "day": day(request.today.day),
        "made": when(request.made_at),
        "today": request.today,
        "week": request.week,
        "streak": request.progress.streak.sentence,
        "gaps": [_skill(row) for row in request.gaps.rows],
        "evidence": [
            (row.title, _summary(row), [_part(part) for part in row.parts])
            for row in request.gaps.rows
            if row.parts
        ],
        "grades": GRADES,
        "validation": validation,
        "outcomes": [_outcome(one) for one in told],
        "confidence": f"{100.0 * validation.confidence:.0f} %",
        "charts": [chart(one, 0.0, 10.0) for one in skills if len(one.points) >= LEAST_POINTS],
        "other_charts": [chart(one) for one in others if len(one.points) >= LEAST_POINTS],
        "weeks": _weeks(skills),
        "stories": [_story(one) for one in request.stories],
        "ratings": [] if request.ratings is None else [_rated(row) for row in request.ratings.rows],
        "rating_answers": 0 if request.ratings is None else request.ratings.answers,
        "disagreements": [] if request.ratings is None else request.ratings.disagreements,
        "week_titles": [one.title for one in skills],
    }


def _skill(row: Gap) -> Skill:
    return Skill(
        rank="" if row.priority is None else str(row.priority),
        title=row.title,
        baseline=points(row.baseline),
        now=points(row.now),
        target=f"{row.target:g}",
        grade="own" if row.own_target else row.target_grade,
        gap=points(row.gap),
        spread="–" if row.spread.sd is None else f"±{row.spread.sd:.1f}",
        closes=row.closes,
        note=row.note,
    )


def _summary(row: Gap) -> str:
    def told(name: str, value: float | None, count: int) -> str:
        takes = "1 take" if count == 1 else f"{count} takes"
        return f"{name} {'not known' if value is None else points(value)} ({takes})"

    baseline = told("baseline", row.baseline, row.baseline_takes)
    return capital(f"{baseline}, {told('now', row.now, row.now_takes)}, target {row.target:g}")


def _part(part: PartGap) -> PartRow:
    return PartRow(
        title=capital(part.title),
        value=f"{number(part.value)} {part.unit}".rstrip(),
        target=part.target,
        grade=part.grade,
        costs=f"{part.lost:.1f}",
        takes=str(len(part.evidence)),
    )


def _outcome(one: Compared) -> Outcome:
    low, high = one.low, one.high
    return Outcome(
        title=one.title if one.skill else "All skills",
        before=points(one.before),
        after=points(one.after),
        difference="–" if one.difference is None else signed(one.difference),
        interval="–" if low is None or high is None else f"{signed(low)} to {signed(high)}",
        outcome=one.outcome,
    )


def _story(state: StoryState) -> StoryRow:
    best = next((take for take in state.takes if take.take == state.best), None)
    return StoryRow(
        title=state.story.title,
        shows=f"{state.skill}, {state.story.framework}",
        takes=str(len(state.takes)),
        best="–" if best is None else f"{day(best.at)}, {clock(best.length_s)}",
        missing=state.note or " ".join(one.hint for one in state.missing) or "Nothing.",
        answers=str(len(state.story.answers)),
    )


def _rated(row: RatingRow) -> RatedRow:
    others = row.others
    said = "–" if others.mean is None else f"{others.mean:.1f} ({others.low} to {others.high})"
    return RatedRow(row.title, "–" if row.own is None else str(row.own), said, points(row.figure))


def _weeks(series: Sequence[Series]) -> list[tuple[str, list[str]]]:
    """Return the mean of each week: the table behind the charts, the newest week first."""
    of_week: dict[date, list[list[float]]] = {}
    for place, one in enumerate(series):
        for point in one.points:
            monday = point.at.date() - timedelta(days=point.at.weekday())
            of_week.setdefault(monday, [[] for _ in series])[place].append(point.value)
    newest = sorted(of_week, reverse=True)[:MOST_WEEKS]
    return [(day(monday), [_mean(values) for values in of_week[monday]]) for monday in newest]


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.1f} ({len(values)})" if values else "–"
