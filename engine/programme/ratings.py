"""Three columns beside each other: the person's own rating, other people's, and the figure of their takes.

They are never mixed into one another. A rating is an opinion from 1 to 10; a figure, from 0 to 10, is what
measures add up to. Where two of them are far apart, the table says by how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec import Struct

from engine.protocol.feedback import (
    EXPLAINING,
    EXPLAINING_ASKS,
    LEAST_ANSWERS,
    AnswerPool,
    Asked,
    FeedbackRound,
    OwnRating,
    joined,
    pooled,
)

from .records import Gap, GapTable
from .script import Programme

APART = 2.0
"""Points from which on two columns disagree; with other people only a value beyond all of theirs."""

SAME_TIME = timedelta(days=14)
"""Rounds made so long before the newest one count as one with it."""

Column = Literal["own", "others", "figure"]
State = Literal["open", "expired", "over"]


class Rated(Struct, frozen=True, kw_only=True):
    """What other people rate."""

    count: int
    mean: float | None
    """None, as are the others, with fewer than :data:`LEAST_ANSWERS`."""

    low: int | None
    high: int | None


class RatedThing(Struct, frozen=True, kw_only=True):
    """One thing that a round asks, as its people rate it."""

    name: str
    title: str
    rated: Rated


class RoundView(Struct, frozen=True, kw_only=True):
    """A round as its person may see it: of answers by links only what all say together, once it is over."""

    id: str
    asker: str
    made_at: datetime
    expires_at: datetime
    by: Literal["links", "mail"]
    asked: int
    """Links that were made; 0 by mail."""

    answered: int
    state: State
    """``expired`` takes answers again once it is extended."""

    can_show: bool
    """Whether closing it shows the answers: enough are in."""

    shown: bool
    rated: list[RatedThing]
    """Empty unless ``shown``, as are the texts."""

    stop: list[str]
    """In the order of the alphabet. How something is worded may give somebody away."""

    start: list[str]


class Disagreement(Struct, frozen=True, kw_only=True):
    """Two columns of one row that are far apart."""

    name: str
    title: str
    between: tuple[Column, Column]
    by: float
    """Points that the first is above the second; negative below."""

    sentence: str


class RatingRow(Struct, frozen=True, kw_only=True):
    """One thing that is rated."""

    name: str
    title: str
    asks: str
    own: int | None
    own_at: datetime | None
    others: Rated
    figure: float | None
    """Of the newest takes, or else of the baseline."""

    figure_from: Literal["now", "baseline", ""]


class RatingTable(Struct, frozen=True, kw_only=True):
    """The three columns, and where they disagree."""

    rows: list[RatingRow]
    answers: int
    """Of other people, of which the column is made."""

    disagreements: list[Disagreement]
    """The largest first."""


def asked_of(programme: Programme) -> list[Asked]:
    """Return what people rate: how well one explains, and the skills of a programme that others can tell."""
    first = Asked(name=EXPLAINING, title="Explaining technical things", asks=EXPLAINING_ASKS)
    skills = [Asked(name=s.name, title=s.title, asks=s.people) for s in programme.skill if s.people]
    return [first, *skills]


def rated(values: Sequence[int]) -> Rated:
    """Return mean and range of ratings, from enough of them."""
    if len(values) < LEAST_ANSWERS:
        return Rated(count=len(values), mean=None, low=None, high=None)
    mean = round(sum(values) / len(values), 1)
    return Rated(count=len(values), mean=mean, low=min(values), high=max(values))


def others(rounds: Iterable[FeedbackRound]) -> AnswerPool:
    """Return the newest answers that may be shown: of the newest round with any, and of those just before it.

    What too few rated by links stays out: beside answers by mail, which are known, it would be told.
    """
    shown = [one for one in rounds if one.pool is not None or one.mailed]
    if not shown:
        return AnswerPool(answers=0)
    newest = max(one.made_at for one in shown)
    recent = [one for one in shown if newest - one.made_at <= SAME_TIME]
    by_links = [_shown(one.pool) for one in recent if one.pool is not None]
    return joined([*by_links, pooled(answer for one in recent for answer in one.mailed)])


def _shown(pool: AnswerPool) -> AnswerPool:
    ratings = {name: values for name, values in pool.ratings.items() if len(values) >= LEAST_ANSWERS}
    return msgspec.structs.replace(pool, ratings=ratings)


def view_of(id: str, round: FeedbackRound, now: datetime) -> RoundView:
    """Return what the person of a round may see of it."""
    by_links = round.links > 0
    pool = round.pool if by_links else pooled(round.mailed) if round.mailed else None
    things = [] if pool is None else round.asked
    values = {} if pool is None else pool.ratings
    ended: State = "over" if round.over else "expired" if now >= round.expires_at else "open"
    return RoundView(
        id=id,
        asker=round.asker,
        made_at=round.made_at,
        expires_at=round.expires_at,
        by="links" if by_links else "mail",
        asked=round.links,
        answered=round.answered if by_links else len(round.mailed),
        state=ended if by_links else "open",
        can_show=by_links and not round.over and round.answered >= LEAST_ANSWERS,
        shown=pool is not None,
        rated=[
            RatedThing(name=one.name, title=one.title, rated=rated(values.get(one.name, [])))
            for one in things
        ],
        stop=[] if pool is None else pool.stop,
        start=[] if pool is None else pool.start,
    )


def compare(
    asked: Sequence[Asked],
    own: Mapping[str, OwnRating],
    rounds: Iterable[FeedbackRound],
    gaps: GapTable | None = None,
) -> RatingTable:
    """Return the three columns.

    Parameters
    ----------
    own : by the name of what is asked.
    gaps : figures of takes; without it that column is empty.
    """
    pool = others(rounds)
    figures = {} if gaps is None else {row.skill: row for row in gaps.rows}
    rows = [_row(one, own.get(one.name), pool, figures.get(one.name)) for one in asked]
    found = [each for row in rows for each in _disagreements(row)]
    found.sort(key=lambda each: -abs(each.by))
    return RatingTable(rows=rows, answers=pool.answers, disagreements=found)


def _row(asked: Asked, own: OwnRating | None, pool: AnswerPool, gap: Gap | None) -> RatingRow:
    now = None if gap is None else gap.now
    figure = now if gap is None or now is not None else gap.baseline
    return RatingRow(
        name=asked.name,
        title=asked.title,
        asks=asked.asks,
        own=None if own is None else own.rating,
        own_at=None if own is None else own.at,
        others=rated(pool.ratings.get(asked.name, [])),
        figure=figure,
        figure_from="" if figure is None else "baseline" if now is None else "now",
    )


def _disagreements(row: RatingRow) -> list[Disagreement]:
    them, figure = row.others, row.figure
    mean, low, high = them.mean, them.low, them.high
    found: list[tuple[tuple[Column, Column], float, str]] = []
    if mean is not None and low is not None and high is not None:
        about = f"others {mean:.1f} on average ({low} to {high})"
        if row.own is not None and not low <= row.own <= high:
            by = row.own - mean
            found.append((("own", "others"), by, f"You rate yourself {row.own}, {about}: {_points(by)}."))
        if figure is not None and not low <= figure <= high:
            by = figure - mean
            found.append(
                (("figure", "others"), by, f"Your takes come to {figure:.1f}, {about}: {_points(by)}.")
            )
    if row.own is not None and figure is not None:
        by = row.own - figure
        sentence = f"You rate yourself {row.own}, your takes come to {figure:.1f}: {_points(by)}."
        found.append((("own", "figure"), by, sentence))
    return [
        Disagreement(name=row.name, title=row.title, between=between, by=round(by, 1), sentence=sentence)
        for between, by, sentence in found
        if abs(round(by, 1)) >= APART
    ]


def _points(by: float) -> str:
    return f"{abs(by):.1f} points {'higher' if by > 0 else 'lower'}"
