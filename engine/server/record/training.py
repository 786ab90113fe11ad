"""The programme of a server's person: where they stand, from the record, read and counted beside the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TypeVar

from engine.programme.interviews import questions_of
from engine.programme.script import Programme
from engine.programme.skills import Asks, Scored
from engine.programme.standing import Standing
from engine.programme.stories import BankQuestion
from engine.protocol.practice import OwnTarget, PlanMark
from engine.store.record import Record

from .service import RecordService

Result = TypeVar("Result")


class Training:
    """The programme over a record.

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
        self._record = record

    async def answer(self, person: str, zone: tzinfo, what: Callable[[Standing], Result]) -> Result:
        """Return what ``what`` returns of where a person stands now; it is called in a thread.

        Raises
        ------
        SottovoceError
            The record can't be read.
        """
        now = self._record.now()

        def work(record: Record) -> Result:
            takes = list(record.all(person, review=False))
            marks = record.documents.all(person, "mark", PlanMark)
            targets = record.documents.all(person, "target", OwnTarget)
            standing = Standing(
                Scored(self.programme, takes, self.asks),
                now,
                zone,
                marks=list(marks.values()),
                targets={skill: target.figure for skill, target in targets.items()},
            )
            return what(standing)

        return await self._record.call(work)
