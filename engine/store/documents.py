"""Documents of a record: marks, targets and whatever else a person keeps beside takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import UsageError
from engine.protocol.documents import DOCUMENTS, encode_document, is_newer, is_sealed

from .database import Database
from .erasing import erase
from .schema import documents

_LONGEST_ID = 128

CHOICES = frozenset({"mark", "target"})
"""Kinds that hold no words and are taken back all the time: their bytes go with the next deletion."""

Body = TypeVar("Body", bound=Struct)


class Change:
    """Documents within one transaction that writes: all that is done to them is done, or nothing of it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection: Final = connection

    def put(self, person: str, kind: str, id: str, body: Struct) -> None:
        """Write a document; one of the same id is replaced. Raises as :meth:`Documents.put`."""
        row = _row_of(person, kind, id, body)
        insert = _insert(self._connection).values(row)
        insert = insert.on_conflict_do_update(
            index_elements=list(documents.primary_key), set_={"document": row["document"]}
        )
        self._connection.execute(insert)

    def add(self, person: str, kind: str, id: str, body: Struct) -> bool:
        """Write a document unless one of the same id is there; whether it was written."""
        row = _row_of(person, kind, id, body)
        insert = _insert(self._connection).values(row).on_conflict_do_nothing().returning(documents.c.id)
        return self._connection.execute(insert).one_or_none() is not None

    def get(self, person: str, kind: str, id: str, type: type[Body]) -> Body | None:
        """Return a document, which nobody else changes before the end; None where there is none."""
        query = sa.select(documents.c.document).where(*_is_one(person, kind, id)).with_for_update()
        found = self._connection.scalar(query)
        return None if found is None else msgspec.json.decode(found, type=type)

    def all(self, person: str, kind: str, type: type[Body]) -> dict[str, Body]:
        """Return all documents of a kind by their ids, in the order of these."""
        return _all(self._connection, person, kind, type)

    def delete(self, person: str, kind: str, id: str) -> bool:
        """Delete a document; whether there was one. :meth:`Documents.erase` goes after the end."""
        return self._connection.execute(sa.delete(documents).where(*_is_one(person, kind, id))).rowcount > 0


class Documents:
    """Documents by person, kind and id. Kinds, with their structs, are :data:`.DOCUMENTS`.

    The record writes what it is handed: a person wrote it, so their switches for takes don't speak of it.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """Begin a transaction that writes; it is committed at the end, or nothing of it is."""
        with self._database.writing() as connection:
            yield Change(connection)

    def put(self, person: str, kind: str, id: str, body: Struct) -> None:
        """Write a document; one of the same id is replaced.

        Raises
        ------
        UsageError
            An id that is not one.
        TypeError
            A body that is no struct of this kind.
        """
        with self.changing() as change:
            change.put(person, kind, id, body)

    def add(self, person: str, kind: str, id: str, body: Struct) -> bool:
        """Write a document unless one of the same id is there; whether it was written."""
        with self.changing() as change:
            return change.add(person, kind, id, body)

    def get(self, person: str, kind: str, id: str, type: type[Body]) -> Body | None:
        """Return a document; None where there is none."""
        query = sa.select(documents.c.document).where(*_is_one(person, kind, id))
        with self._database.reading() as connection:
            found = connection.scalar(query)
        return None if found is None else msgspec.json.decode(found, type=type)

    def all(self, person: str, kind: str, type: type[Body]) -> dict[str, Body]:
        """Return all documents of a kind by their ids, in the order of these."""
        with self._database.reading() as connection:
            return _all(connection, person, kind, type)

    def every(self, person: str) -> Iterator[tuple[str, str, str]]:
        """Yield kind, id and JSON text of a person's documents, but for sealed ones, by kind and id."""
        query = sa.select(documents.c.kind, documents.c.id, documents.c.document)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(documents.c.person == person)).all()
        yield from sorted(
            (row.kind, row.id, row.document) for row in rows if not is_sealed(row.kind, row.document)
        )

    def find(self, kind: str, id: str, type: type[Body]) -> tuple[str, Body] | None:
        """Return the person who has a document, and it; None where nobody has one, or several have."""
        query = sa.select(documents.c.person, documents.c.document)
        query = query.where(documents.c.kind == kind, documents.c.id == id).limit(2)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return (rows[0].person, msgspec.json.decode(rows[0].document, type=type)) if len(rows) == 1 else None

    def delete(self, person: str, kind: str, id: str) -> bool:
        """Delete a document, for good; whether there was one. The bytes of :data:`CHOICES` go later."""
        with self.changing() as change:
            gone = change.delete(person, kind, id)
        if gone and kind not in CHOICES:
            self.erase()
        return gone

    def erase(self) -> None:
        """Leave nothing of what was deleted in the files; raises as :func:`.erase`."""
        erase(self._database, whole=True, tables="documents")


def body_of(kind: str, id: str, document: str | bytes) -> Struct:
    """Return a document's struct.

    Raises
    ------
    UsageError
        A kind that is not known, an id that is not one, or a document of another kind or a newer version.
    """
    _refuse_id(id)
    if kind not in DOCUMENTS:
        raise UsageError(f"a document of a kind that this version of Sottovoce does not know: {kind[:32]}")
    try:
        body = msgspec.json.decode(document, type=DOCUMENTS[kind])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"this is no {kind} ({error})") from error
    if is_newer(body):
        raise UsageError(f"this {kind} was written by a newer version of Sottovoce: update it")
    return body


def _all(connection: sa.Connection, person: str, kind: str, type: type[Body]) -> dict[str, Body]:
    query = sa.select(documents.c.id, documents.c.document)
    rows = connection.execute(query.where(documents.c.person == person, documents.c.kind == kind)).all()
    decoder = msgspec.json.Decoder(type)
    return {row.id: decoder.decode(row.document) for row in sorted(rows, key=lambda row: row.id)}


def _row_of(person: str, kind: str, id: str, body: Struct) -> dict[str, str]:
    if type(body) is not DOCUMENTS.get(kind):
        raise TypeError(f"{type(body).__name__} is not the struct of the kind {kind}")
    _refuse_id(id)
    return {"person": person, "kind": kind, "id": id, "document": encode_document(body).decode()}


def _refuse_id(id: str) -> None:
    if not 1 <= len(id) <= _LONGEST_ID or not id.isprintable():
        raise UsageError(f"the id of a document has 1 to {_LONGEST_ID} characters that can be printed")


def _insert(connection: sa.Connection) -> Any:
    """Return an insert that knows what to do with a row that is there."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(documents)


def _is_one(person: str, kind: str, id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return documents.c.person == person, documents.c.kind == kind, documents.c.id == id
