"""Rounds of feedback and the three columns as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import tzinfo

from engine.programme.ratings import Rated, RatingTable, RoundView
from engine.protocol.feedback import LEAST_ANSWERS

WIDTH = 96

WORDING = "How something is worded may give somebody away. Who wrote it isn't kept."


def round_lines(rounds: Iterable[RoundView], zone: tzinfo) -> list[str]:
    """Return rounds, each with what its people say together, if that may be shown."""
    lines: list[str] = []
    for view in rounds:
        lines += [""] if lines else []
        lines += [_heading(view, zone), *_answers(view)]
    return lines or ["Nobody was asked yet: sottovoce feedback ask --name YOU --people 3"]


def rating_lines(table: RatingTable) -> list[str]:
    """Return the three columns, and where they disagree."""
    lines = [_row("", "you", "others", "takes")]
    for row in table.rows:
        own = "-" if row.own is None else f"{row.own}"
        figure = "-" if row.figure is None else f"{row.figure:.1f}"
        baseline = " (baseline)" if row.figure_from == "baseline" else ""
        lines.append(_row(row.title, own, _rated(row.others), f"{figure}{baseline}"))
    lines += [
        "",
        "You and others rate from 1 to 10; takes have a figure from 0 to 10. None is mixed into another.",
    ]
    if table.disagreements:
        lines += ["", "Where they disagree:"]
        lines += [f"  {one.title}: {one.sentence}" for one in table.disagreements]
    return lines


def _heading(view: RoundView, zone: tzinfo) -> str:
    made = f"{view.made_at.astimezone(zone):%Y-%m-%d}"
    if view.by == "mail":
        return f"{view.id}  {made}  by mail, not anonymous: {view.answered} added"
    until = f"{view.expires_at.astimezone(zone):%Y-%m-%d %H:%M}"
    state = {"open": f"open until {until}", "expired": f"expired {until}", "over": "over"}[view.state]
    return f"{view.id}  {made}  {view.answered} of {view.asked} answered, {state}"


def _answers(view: RoundView) -> list[str]:
    if not view.shown:
        return _wrapped(_why_not(view))
    lines = [f"  {one.title}: {_rated(one.rated)}" for one in view.rated]
    for what, texts in (("Stop", view.stop), ("Start", view.start)):
        if texts:
            lines += [f"  {what}:"]
            lines += [
                line
                for text in texts
                for line in textwrap.wrap(
                    f"- {text}", WIDTH, initial_indent="    ", subsequent_indent="      "
                )
            ]
    if view.by == "links" and (view.stop or view.start):
        lines += _wrapped(WORDING)
    return lines


def _why_not(view: RoundView) -> str:
    if view.by == "mail":
        return "No reply was added yet: sottovoce feedback add FILE"
    if view.state == "over":
        return f"There were fewer than {LEAST_ANSWERS} answers, so none is shown."
    if view.can_show:
        return f"Enough have answered: wait for the others, or see it now: sottovoce feedback close {view.id}"
    if view.state == "expired":
        return (
            f"Answers are shown from {LEAST_ANSWERS} on. Give the links more time with sottovoce feedback "
            f"extend {view.id}"
        )
    return f"Answers are shown together, from {LEAST_ANSWERS} on, once the round is over."


def _rated(rated: Rated) -> str:
    if rated.mean is None:
        return "-" if not rated.count else f"{rated.count} of {LEAST_ANSWERS} needed"
    return f"{rated.mean:.1f} ({rated.low} to {rated.high}, {rated.count} people)"


def _row(title: str, own: str, others: str, figure: str) -> str:
    return f"{title:<34}{own:>5}  {others:<28}{figure}".rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
