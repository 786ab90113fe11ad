"""Takes, or their entries, by their ids: those that are there, in the order of the ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from engine.protocol.take import Take, TakeEntry

from .database import Database
from .rows import ENTRY_COLUMNS, entry_of_row, take_of_row
from .schema import takes

_MOST = 500
"""Ids in one query."""


def takes_there(database: Database, person: str, ids: Iterable[str]) -> list[Take]:
    """Return takes, with the reviews of their words."""
    columns = takes.c.id, takes.c.document, takes.c.review
    return [take_of_row(row) for row in _rows(database, person, ids, columns)]


def entries_there(database: Database, person: str, ids: Iterable[str]) -> list[TakeEntry]:
    """Return entries of takes."""
    return [entry_of_row(row) for row in _rows(database, person, ids, ENTRY_COLUMNS)]


def _rows(
    database: Database, person: str, ids: Iterable[str], columns: Sequence[sa.Column[Any]]
) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    wanted = list(ids)
    query = sa.select(*columns).where(takes.c.person == person)
    for first in range(0, len(wanted), _MOST):
        some = wanted[first : first + _MOST]
        with database.reading() as connection:
            there = {row.id: row for row in connection.execute(query.where(takes.c.id.in_(some)))}
        yield from (there[id] for id in some if id in there)
