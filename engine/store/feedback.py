"""Feedback in a record: rounds, their links, and the answers by them.

A link is a secret that is kept nowhere: the record has its SHA-256. An answer is a document with a random id
and no time while its round goes on, and nothing that is told or exported has it; when the round is over the
answers are pooled and deleted.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from engine.errors import FeedbackRefused, NoSuchRound, RecordUnavailable, UsageError
from engine.protocol.feedback import (
    FEWEST_LINKS,
    LEAST_ANSWERS,
    MAX_NAME,
    MOST_DAYS,
    MOST_LINKS,
    Answer,
    Asked,
    FeedbackRound,
    PendingAnswer,
    pooled,
    tidy,
)

from .documents import Change, Documents

ROUND, ANSWER = "feedback", "answer"
"""Kinds of documents."""

_ID_BYTES = 6
_SECRET_BYTES = 24
"""192 random bits."""

_TOKEN = re.compile(rf"(?P<id>[0-9a-f]{{{2 * _ID_BYTES}}})[A-Za-z0-9_-]{{32}}")

_replace = msgspec.structs.replace


class NewRound(NamedTuple):
    """A round that was just made."""

    id: str
    round: FeedbackRound
    tokens: list[str]
    """The last part of each link; nothing gives them again."""


class Feedback:
    """The rounds of feedback in a record."""

    def __init__(self, documents: Documents) -> None:
        self._documents: Final = documents

    def make(
        self, person: str, asker: str, asked: Sequence[Asked], now: datetime, *, links: int, days: int
    ) -> NewRound:
        """Begin a round.

        Parameters
        ----------
        asker : the name by which those who are asked know the person.
        links : how many people are asked by a link, 2 to 5; 0 where all answer by mail.
        days : how long the links work.

        Raises
        ------
        UsageError
            A name, a number of links or of days that isn't possible.
        """
        name = " ".join(tidy(asker).split())
        if not 1 <= len(name) <= MAX_NAME:
            raise UsageError(f"say who asks: a name of 1 to {MAX_NAME} characters")
        if links and not FEWEST_LINKS <= links <= MOST_LINKS:
            raise UsageError(f"ask {FEWEST_LINKS} to {MOST_LINKS} people")
        if not 1 <= days <= MOST_DAYS:
            raise UsageError(f"links work for 1 to {MOST_DAYS} days")
        id = secrets.token_hex(_ID_BYTES)
        tokens = [id + secrets.token_urlsafe(_SECRET_BYTES) for _ in range(links)]
        made = FeedbackRound(
            asker=name,
            made_at=now,
            expires_at=now + timedelta(days=days),
            links=links,
            asked=list(asked),
            unused=sorted(map(_hash, tokens)),
            over=not links,
        )
        self._documents.put(person, ROUND, id, made)
        return NewRound(id, made, tokens)

    def rounds(self, person: str, now: datetime) -> dict[str, FeedbackRound]:
        """Return all rounds by their ids.

        Parameters
        ----------
        now : the time it is, not one that somebody asks about: rounds that have expired by then are ended
            for good, as whoever has seen their answers may not wait for more.
        """
        found = self._documents.all(person, ROUND, FeedbackRound)
        for id, one in found.items():
            if not one.settled and (one.over or now >= one.expires_at) and len(one.used) >= LEAST_ANSWERS:
                found[id] = self.close(person, id)
        return found

    def close(self, person: str, id: str) -> FeedbackRound:
        """End a round: its links take no more answers; those there are pooled, or deleted if too few.

        Raises
        ------
        NoSuchRound
            There is none of that id.
        """
        with self._documents.changing() as change:
            round = _one(change, person, id)
            if round.over and not _pending(change, person, id):
                return round
            round = _end(change, person, id, round)
        self._erase()
        return round

    def extend(self, person: str, id: str, now: datetime, days: int) -> FeedbackRound:
        """Let the links of a round work for so many days from now on.

        Raises
        ------
        NoSuchRound
            There is none of that id.
        UsageError
            It is over, or a number of days that isn't possible.
        """
        if not 1 <= days <= MOST_DAYS:
            raise UsageError(f"links work for 1 to {MOST_DAYS} days")
        with self._documents.changing() as change:
            round = _one(change, person, id)
            if round.over:
                raise UsageError("this round is over: make a new one")
            round = _replace(round, expires_at=now + timedelta(days=days))
            change.put(person, ROUND, id, round)
        return round

    def add_mailed(self, person: str, id: str, answer: Answer) -> FeedbackRound:
        """Add an answer that came by mail.

        Raises
        ------
        NoSuchRound
            There is none of that id.
        UsageError
            Its people answer by links.
        """
        with self._documents.changing() as change:
            round = _one(change, person, id)
            if round.links:
                raise UsageError(
                    "this round is answered by links: make one by mail for answers that come by mail"
                )
            round = _replace(round, mailed=[*round.mailed, answer])
            change.put(person, ROUND, id, round)
        return round

    def delete(self, person: str, id: str) -> None:
        """Delete a round and all answers to it, for good.

        Raises
        ------
        NoSuchRound
            There is none of that id.
        """
        with self._documents.changing() as change:
            _one(change, person, id)
            for answer in _pending(change, person, id):
                change.delete(person, ANSWER, answer)
            change.delete(person, ROUND, id)
        self._documents.erase()

    # --- for those who have a link ------------------------------------------------------

    def form(self, token: str, now: datetime) -> FeedbackRound:
        """Return the round of a link that can be used.

        Raises
        ------
        FeedbackRefused
            No such link, or one that takes no answer any more.
        """
        found = self._documents.find(ROUND, _id_of(token), FeedbackRound)
        return _usable(token, None if found is None else found[1], now)

    def answer(self, token: str, answer: Answer, now: datetime) -> None:
        """Take the one answer of a link; that of the last link ends the round.

        Raises
        ------
        FeedbackRefused
            No such link, or one that takes no answer any more.
        """
        id, used = _id_of(token), _hash(token)
        found = self._documents.find(ROUND, id, FeedbackRound)
        person = "" if found is None else found[0]
        with self._documents.changing() as change:
            round = _usable(token, change.get(person, ROUND, id, FeedbackRound), now)
            known = {one.name for one in round.asked}
            ratings = {name: rating for name, rating in answer.ratings.items() if name in known}
            pending = PendingAnswer(round=id, ratings=ratings, stop=answer.stop, start=answer.start)
            change.put(person, ANSWER, secrets.token_hex(16), pending)
            unused = [one for one in round.unused if one != used]
            round = _replace(round, unused=unused, used=sorted([*round.used, used]))
            if unused:
                change.put(person, ROUND, id, round)
            else:
                _end(change, person, id, round)
        if not unused:
            self._erase()

    def _erase(self) -> None:
        """Leave nothing of single answers in the files; the next deletion does it if this can't be done."""
        try:
            self._documents.erase()
        except RecordUnavailable:
            return


def _one(change: Change, person: str, id: str) -> FeedbackRound:
    round = change.get(person, ROUND, id, FeedbackRound)
    if round is None:
        raise NoSuchRound(f"there is no round of feedback {id[:32]}")
    return round


def _end(change: Change, person: str, id: str, round: FeedbackRound) -> FeedbackRound:
    """End a round: its answers are pooled, and deleted, unread where they are too few."""
    answers = _pending(change, person, id)
    pool = pooled(answers.values()) if len(answers) >= LEAST_ANSWERS else round.pool
    round = _replace(round, over=True, pool=pool)
    change.put(person, ROUND, id, round)
    for answer in answers:
        change.delete(person, ANSWER, answer)
    return round


def _pending(change: Change, person: str, id: str) -> dict[str, PendingAnswer]:
    answers = change.all(person, ANSWER, PendingAnswer)
    return {key: answer for key, answer in answers.items() if answer.round == id}


def _id_of(token: str) -> str:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise FeedbackRefused(
            "No such link is known. It may have been cut off when it was copied: open it as it was sent.",
            "unknown",
        )
    return match["id"]


def _usable(token: str, round: FeedbackRound | None, now: datetime) -> FeedbackRound:
    hashed = _hash(token)
    if round is None or hashed not in [*round.unused, *round.used]:
        raise FeedbackRefused(
            "No such link is known. It may have been cut off when it was copied, or the round was deleted.",
            "unknown",
        )
    if hashed in round.used:
        raise FeedbackRefused(f"Its answer is in, and {round.asker} thanks you. Each link takes one.", "used")
    if round.over:
        raise FeedbackRefused(f"{round.asker} has ended it, and takes no more answers.", "over")
    if now >= round.expires_at:
        raise FeedbackRefused(
            f"It takes no answer any more. If you would still like to, ask {round.asker}.", "expired"
        )
    return round


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
