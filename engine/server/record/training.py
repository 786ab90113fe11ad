"""The programme of a server's people: where each stands, from the record, counted beside the loop."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TypeVar

from engine.programme.exercise_scores import needs_usual_pitch, take_scored
from engine.programme.interviews import questions_of
from engine.programme.progress import USUAL_TAKES
from engine.programme.script import Programme
from engine.programme.skills import Asks, Scored
from engine.programme.standing import Standing
from engine.programme.stories import BankQuestion
from engine.protocol.practice import OwnTarget, PlanMark
from engine.protocol.take import Take
from engine.store.record import Record

from .service import RecordService

MOST_PEOPLE = 8
"""People whose takes stay in memory, at some 5 MB a thousand takes; the others' are read when they ask."""

Result = TypeVar("Result")


class Training:
    """The programme over a record.

    Takes that were read stay in memory as figures, each person's apart; what has changed, by whatever
    process, is read before each answer.

    Parameters
    ----------
    bank : the questions that may come, with the skills that they ask for.

    Attributes
    ----------
    questions : those of the bank, then the programme's own.
    """

    def __init__(
        self, record: RecordService, programme: Programme, bank: Sequence[BankQuestion] = ()
    ) -> None:
        self.programme = programme
        self.questions = questions_of(programme, bank)
        self.asks: Asks = {question.text: question.skills for question in bank}
        self.record = record
        self._people: OrderedDict[str, _Known] = OrderedDict()
        self._choosing = threading.Lock()

    async def scored(self, person: str, take: Take, captured: Mapping[str, float]) -> Take:
        """Return the take of a recording with the result of the exercise that it was made for, if any.

        Parameters
        ----------
        captured : what was measured of it beside the take, by name with its unit.
        """
        exercises = self.programme.exercise
        needed = needs_usual_pitch(take.purpose, exercises)
        newest = await self.record.newest(person, USUAL_TAKES) if needed else []
        return take_scored(take, captured, newest, exercises)

    async def answer(self, person: str, zone: tzinfo, what: Callable[[Standing], Result]) -> Result:
        """Return what ``what`` returns of where a person stands now; it is called in a thread.

        Raises
        ------
        SottovoceError
            The record can't be read.
        """
        now = self.record.now()

        def work(record: Record) -> Result:
            scored = self._known(record, person).scored()
            marks = record.documents.all(person, "mark", PlanMark)
            targets = record.documents.all(person, "target", OwnTarget)
            standing = Standing(
                scored,
                now,
                zone,
                marks=list(marks.values()),
                targets={skill: target.figure for skill, target in targets.items()},
            )
            return what(standing)

        return await self.record.call(work)

    def read(self, record: Record, person: str) -> None:
        """Read a person's takes beforehand; the gap table counts most of what other answers need."""
        Standing(self._known(record, person).scored(), self.record.now(), UTC).gaps()

    def forgotten(self, person: str) -> None:
        """Hold nothing of a person any more."""
        with self._choosing:
            self._people.pop(person, None)

    def _known(self, record: Record, person: str) -> _Known:
        with self._choosing:
            known = self._people.setdefault(person, _Known(record, person, self.programme, self.asks))
            self._people.move_to_end(person)
            if len(self._people) > MOST_PEOPLE:
                self._people.popitem(last=False)
            return known


class _Known:
    """A person's takes with their figures, as they were when they asked last."""

    def __init__(self, record: Record, person: str, programme: Programme, asks: Asks) -> None:
        self._followed = record.follow(person)
        self._programme = programme
        self._asks = asks
        self._takes: Mapping[str, Take] = {}
        self._scored = Scored(programme, (), asks)
        self._refreshing = threading.Lock()

    def scored(self) -> Scored:
        """Return the takes as the record has them now."""
        with self._refreshing:
            self._followed.refresh()
            takes = self._followed.takes
            if takes is not self._takes:
                counted = None if self._takes.keys() - takes.keys() else self._scored
                self._scored = Scored(self._programme, list(takes.values()), self._asks, counted)
                self._takes = takes
            return self._scored
