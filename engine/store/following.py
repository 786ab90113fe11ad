"""A person's takes in memory, kept as the record has them: only what has changed is read again.

Each change of takes, by whatever process, raises the record's revision in the same transaction, and writes it
to the takes that it changes. What was deleted shows in the number of takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from engine.errors import RecordError
from engine.protocol.take import Take

from .database import Database
from .rows import take_of_row
from .schema import identity, takes

_PAGE = 500
_TRIES = 5
"""How often what changes meanwhile is read again before it is left to the next time."""


class Followed:
    """A person's takes: figures only, without review, nudges, findings and note. One thread at a time.

    Attributes
    ----------
    takes : by their ids, in no order; another mapping once anything has changed.
    """

    def __init__(self, database: Database, person: str) -> None:
        self._database: Final = database
        self._person: Final = person
        self._revision = -1
        self.takes: Mapping[str, Take] = {}

    def refresh(self) -> None:
        """Make the takes those of the record now."""
        for _ in range(_TRIES):
            revision, count = self._state()
            if revision != self._revision:
                self._read_since(self._revision)
                self._revision = revision
            elif count != len(self.takes):
                there = self._ids()
                self.takes = {id: take for id, take in self.takes.items() if id in there}
            else:
                break

    def _state(self) -> tuple[int, int]:
        """Return the record's revision and the number of the person's takes, both of one moment."""
        count = sa.select(sa.func.count()).select_from(takes).where(takes.c.person == self._person)
        query = sa.select(identity.c.revision, count.scalar_subquery().label("takes"))
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return row.revision, row.takes

    def _read_since(self, revision: int) -> None:
        """Read the takes that changed after a revision."""
        query = sa.select(takes.c.revision, takes.c.id, takes.c.document, sa.null().label("review"))
        query = query.where(takes.c.person == self._person)
        order = sa.tuple_(takes.c.revision, takes.c.id)
        after: tuple[int, str] | None = None
        while True:
            last = takes.c.revision > revision
            if after is not None:
                last = order > sa.tuple_(*map(sa.literal, after))
            page = query.where(last).order_by(takes.c.revision, takes.c.id).limit(_PAGE)
            with self._database.reading() as connection:
                rows = connection.execute(page).all()
            if rows:
                self.takes = {**self.takes, **{row.id: _figures_of(row) for row in rows}}
            if len(rows) < _PAGE:
                return
            after = (rows[-1].revision, rows[-1].id)

    def _ids(self) -> set[str]:
        with self._database.reading() as connection:
            query = sa.select(takes.c.id).where(takes.c.person == self._person)
            return set(connection.scalars(query))


@contextmanager
def changing_takes(database: Database) -> Iterator[tuple[sa.Connection, int]]:
    """Begin a transaction that changes takes, with the revision of its change: one of all at a time."""
    query = sa.update(identity).values(revision=identity.c.revision + 1).returning(identity.c.revision)
    with database.writing() as connection:
        yield connection, connection.execute(query).scalar_one()


def _figures_of(row: sa.Row[*tuple[Any, ...]]) -> Take:
    try:
        take = take_of_row(row)
    except msgspec.DecodeError as error:
        raise RecordError(
            f"The take {row.id} is damaged. `sottovoce record forget {row.id}` removes it, "
            "`sottovoce record check` finds others."
        ) from error
    return msgspec.structs.replace(take, nudges=[], findings=[], note="")
