"""Plans, gap tables and comparisons as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import tzinfo

from engine.programme.exercise_scores import value_text
from engine.programme.records import ExerciseRun, ExerciseView, Gap, GapTable, Plan, Progress, Validation

WIDTH = 96

INDENT = " " * 17
"""Of what is shown or said in a step."""

HOW_TO_KEEP = (
    "A take counts for an item by the name in brackets: tag it so in Takes (sottovoce serve), or keep a "
    "recording with sottovoce analyze FILE --keep --purpose NAME. A drill that is kept counts by itself. "
    "What you did otherwise, or won't do today, you mark: sottovoce programme mark NAME "
    "done, skipped or swapped."
)


def plan_lines(plan: Plan, title: str) -> list[str]:
    """Return a plan: each item with what to do, why, and how to do it here."""
    lines = [f"{title}: {plan.minutes:g} minutes"]
    for item in plan.items:
        lines += [
            "",
            f"{'[x]' if item.done else '[ ]'} {item.title}, {item.minutes:g} min  ({item.name})",
        ]
        lines += _wrapped(item.how)
        lines += _wrapped(f"Why: {item.why}")
        if item.drill is not None:
            level = "" if item.level is None else f" --level {item.level}"
            lines += _wrapped(f"Drill: on the page, or sottovoce drill {item.drill}{level} --keep")
    if plan.note:
        lines += ["", plan.note]
    if any(not item.done for item in plan.items):
        lines += ["", *textwrap.wrap(HOW_TO_KEEP, WIDTH, break_on_hyphens=False)]
    return lines


def exercise_lines(view: ExerciseView, zone: tzinfo) -> list[str]:
    """Return how an exercise goes, and its scores, the newest first."""
    lines = [f"{view.title}, {view.minutes:g} min  (exercise:{view.name})", *_wrapped(view.how)]
    lines += _wrapped(f"Why: {view.why}")
    lines += _wrapped(view.known) if view.known else []
    if view.drill is not None:
        lines += _wrapped(f"Drill: on the page, or sottovoce drill {view.drill} --keep")
    lines += [""] if view.steps else []
    for placed in view.steps:
        lines.append(f"{placed.step.seconds:5g} s  {placed.step.does:6}  {placed.step.title}")
        said = placed.step.say or (placed.prompt.text.strip() if placed.prompt is not None else "")
        for line in said.splitlines():
            lines += textwrap.wrap(
                line, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, drop_whitespace=False
            )
    lines += ["", f"Score of: {', '.join(view.scored)}."] if view.scored else []
    if not view.runs:
        return [*lines, "", "Not done yet."]
    times = "once" if view.done == 1 else f"{view.done} times"
    best = "" if view.best is None else f", best score {view.best:.1f} of 10"
    lines += ["", f"Done {times}{best}."]
    lines += [_run_line(run, zone) for run in view.runs]
    newest = view.runs[0].score
    return [*lines, "", *textwrap.wrap(f"Next: {newest.try_next}", WIDTH)] if newest.try_next else lines


def _run_line(run: ExerciseRun, zone: tzinfo) -> str:
    made_of = ", ".join(
        f"{part.title} {value_text(part)}" for part in run.score.parts if part.value is not None
    )
    said = run.score.note or made_of
    return f"    {run.at.astimezone(zone):%Y-%m-%d %H:%M}  {_figure(run.score.score):>4}  {said}"


def gap_lines(table: GapTable) -> list[str]:
    """Return the gap table: a row a skill, and below it what would close the gap."""
    lines = [_row("", "skill", "baseline", "now", "target", "spread")]
    for row in table.rows:
        rank = "" if row.priority is None else f"{row.priority}"
        own = "own" if row.own_target else row.target_grade
        spread = "" if row.spread.sd is None else f"±{row.spread.sd:.1f}"
        lines.append(
            _row(rank, row.title, _figure(row.baseline), _figure(row.now), f"{row.target:g} {own}", spread)
        )
        said = " ".join(text for text in (row.closes, row.note) if text)
        lines += _wrapped(said) if said else []
    return [
        *lines,
        "",
        "Figures are from 0 to 10. Spread: how much your takes vary from day to day when nothing is learned.",
        "Baseline and now rest on different takes: `sottovoce programme validation` compares the same ones.",
        "Targets: E experiment, P practice and advice, V a vendor's figure, own: yours. "
        "`--skill NAME` shows the parts.",
    ]


def _row(rank: str, title: str, baseline: str, now: str, target: str, spread: str) -> str:
    return f"{rank:>2}  {title:34}{baseline:>9}{now:>7}{target:>9}{spread:>9}".rstrip()


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def skill_lines(row: Gap) -> list[str]:
    """Return what a skill's figure is made of, with the takes behind each part."""
    lines = [
        f"{row.title}: baseline {_figure(row.baseline)} ({_takes(row.baseline_takes)}), "
        f"now {_figure(row.now)} ({_takes(row.now_takes)}), target {row.target:g}"
    ]
    for part in row.parts:
        value = f"{part.value:.2f}".rstrip("0").rstrip(".")
        lines += [
            "",
            f"{part.title}: {value} {part.unit}".rstrip()
            + f", target {part.target} ({part.grade}), costs {part.lost:.1f} points",
        ]
        lines += _wrapped(part.closes) if part.lost > 0.0 else []
        lines += [
            f"    {one.take}: {one.value:.2f} {one.unit}".rstrip()
            for one in part.evidence
            if one.value is not None
        ]
    return [*lines, *(["", row.note] if row.note else [])]


def validation_lines(result: Validation) -> list[str]:
    """Return a comparison: what it comes to, then each skill in a sentence."""
    lines = [result.sentence]
    if result.missing:
        lines += ["", f"Not made both times: {', '.join(result.missing)}."]
    told = [one for one in (result.overall, *result.skills) if one.difference is not None]
    lines += [""] if told else []
    for one in told:
        lines += textwrap.wrap(one.sentence, WIDTH, subsequent_indent="    ")
    if told:
        lines += ["", f"All intervals together hold with {100 * result.confidence:.0f} % confidence."]
    return lines


def progress_lines(progress: Progress, zone: tzinfo) -> list[str]:
    """Return the figures of each skill, the oldest first, and the run of days."""
    lines = [progress.streak.sentence]
    for series in progress.series:
        if series.kind != "skill" or not series.points:
            continue
        lines += ["", f"{series.title}: baseline {_figure(series.baseline)}, target {series.target_low:g}"]
        points = (f"{point.at.astimezone(zone):%m-%d} {point.value:.1f}" for point in series.points)
        lines += textwrap.wrap("   ".join(points), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return lines


def _takes(count: int) -> str:
    return "1 take" if count == 1 else f"{count} takes"


def _wrapped(text: str) -> Iterable[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
