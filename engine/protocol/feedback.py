"""360° feedback: what other people answer about a person, and the person's own ratings.

Nothing here says who gave an answer or when. While a round goes on its answers are documents of their own;
when it is over they become an :class:`AnswerPool`, in which nobody can tell what one person gave.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

EXPLAINING = "explaining"
"""Name of the first question's rating; all others are names of skills."""

EXPLAINING_ASKS = "How well do I explain technical things?"

LEAST_ANSWERS = 3
"""Answers, and ratings of one thing, from which on anything of them is shown."""

FEWEST_LINKS, MOST_LINKS = 2, 5
DAYS = 14
"""How long links work, unless another time is asked for."""

MOST_DAYS = 90
LOWEST, HIGHEST = 1, 10
"""Of a rating."""

MAX_TEXT = 600
"""Characters of what to stop or to start."""

MAX_NAME = 60

_JOINERS = "\u200c\u200d"
"""Invisible, and part of words and emojis."""

Rating = Annotated[int, Meta(ge=LOWEST, le=HIGHEST)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]


class Asked(Struct, frozen=True, kw_only=True):
    """One thing that people rate from 1 to 10."""

    name: str
    """:data:`EXPLAINING` or the name of a skill."""

    title: str
    asks: str
    """What is rated, as a question."""


class Answer(Struct, frozen=True, kw_only=True):
    """What one person answered."""

    ratings: dict[str, Rating] = {}
    """By the name of what was asked; what they can't say is missing."""

    stop: Text = ""
    """One thing to stop."""

    start: Text = ""
    """One thing to start."""


class PendingAnswer(Answer, frozen=True, kw_only=True):
    """An answer by a link, in a round that goes on: nobody is shown it, and no export has it."""

    version: int = 1
    round: str
    """Id of the round."""


class AnswerPool(Struct, frozen=True, kw_only=True):
    """Answers without the people who gave them: each list is in the order of what it holds."""

    answers: int
    ratings: dict[str, list[Rating]] = {}
    stop: list[Text] = []
    start: list[Text] = []


class FeedbackRound(Struct, frozen=True, kw_only=True):
    """A round of feedback: the people who were asked at one time, by links or by mail."""

    version: int = 1
    asker: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    """Who asks, as the people asked know them."""

    made_at: datetime
    expires_at: datetime
    links: Annotated[int, Meta(ge=0, le=MOST_LINKS)]
    """Links that were made; 0 where people answer by mail."""

    asked: list[Asked]
    unused: list[str] = []
    """SHA-256 of each link that can be used, in their order; the links themselves are kept nowhere."""

    used: list[str] = []
    over: bool = False
    """Whether no more answers are taken by links."""

    pool: AnswerPool | None = None
    """Answers by links, once the round is over and there are :data:`LEAST_ANSWERS`."""

    mailed: list[Answer] = []
    """Answers that came by mail, so that the person knows who gave them."""

    @property
    def settled(self) -> bool:
        """Whether it is over and no answer waits to be pooled: only mail changes it now."""
        return self.over and (self.pool is not None or len(self.used) < LEAST_ANSWERS)

    @property
    def answered(self) -> int:
        """Links that were used."""
        return len(self.used)


class OwnRating(Struct, frozen=True, kw_only=True):
    """A person's own rating of what others are asked, too."""

    version: int = 1
    rating: Rating
    at: datetime


def pooled(answers: Iterable[Answer]) -> AnswerPool:
    """Return answers without what belongs together in one of them."""
    given = list(answers)
    names = sorted({name for answer in given for name in answer.ratings})
    return AnswerPool(
        answers=len(given),
        ratings={name: sorted(a.ratings[name] for a in given if name in a.ratings) for name in names},
        stop=sorted(answer.stop for answer in given if answer.stop),
        start=sorted(answer.start for answer in given if answer.start),
    )


def joined(pools: Iterable[AnswerPool]) -> AnswerPool:
    """Return what several pools hold together."""
    all_of = list(pools)
    names = sorted({name for pool in all_of for name in pool.ratings})
    return AnswerPool(
        answers=sum(pool.answers for pool in all_of),
        ratings={name: sorted(n for pool in all_of for n in pool.ratings.get(name, [])) for name in names},
        stop=sorted(text for pool in all_of for text in pool.stop),
        start=sorted(text for pool in all_of for text in pool.start),
    )


def tidy(text: str) -> str:
    """Return what somebody typed without control characters, long gaps, and spaces around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = ("".join(c if c.isprintable() or c in _JOINERS else " " for c in line) for line in lines)
    return "\n".join(" ".join(line.split()) for line in plain if line.strip())
