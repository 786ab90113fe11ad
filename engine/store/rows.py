"""Rows of takes: from a take to its row, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from engine.errors import NoSuchTake, UsageError
from engine.protocol.kept import Kept
from engine.protocol.review import AnswerReview
from engine.protocol.take import Take, TakeEntry, TakeFigure, decode_take, encode_take, entry_of

from .schema import takes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_review = msgspec.json.Decoder(AnswerReview)
_figure = msgspec.json.Decoder(TakeFigure)
_tags = msgspec.json.Decoder(list[str])

ENTRY_COLUMNS: tuple[sa.Column[Any], ...] = tuple(
    column for column in takes.c if column.name not in ("document", "review", "revision")
)
"""What :func:`entry_of_row` needs."""


def row_of(person: str, take: Take, sound_file: str | None) -> dict[str, Any]:
    """Return the row of a take, but for its revision.

    Raises
    ------
    UsageError
        The time it began has no zone, or is none that a take can have.
    """
    if take.begun_at.tzinfo is None:
        raise UsageError("the time at which a take began needs its zone, such as +01:00")
    if not 1970 < take.begun_at.year < 9999:  # any zone can show it
        raise UsageError(f"a take can't have begun in {take.begun_at.year}")
    entry = entry_of(take)
    document = encode_take(msgspec.structs.replace(take, review=None)).decode()
    return {
        "person": person,
        "id": take.id,
        "begun_us": (take.begun_at - _EPOCH) // _MICROSECOND,
        "begun_at": take.begun_at.isoformat(),
        "kind": take.kind,
        "duration_s": take.duration_s,
        "title": _plain(take.title),
        "tags": msgspec.json.encode(take.tags).decode(),
        "question": _plain(take.question),
        "story": None if take.story is None else _plain(take.story),
        "purpose": _plain(take.purpose),
        "figures": take.kept.figures,
        "words": take.kept.words,
        "sound": take.kept.sound,
        "figure": None if entry.figure is None else msgspec.json.encode(entry.figure).decode(),
        "sound_file": sound_file,
        "document": document,
        "review": None if take.review is None else msgspec.json.encode(take.review).decode(),
    }


def take_of_row(row: sa.Row[*tuple[Any, ...]]) -> Take:
    """Return the take of a row that has ``document`` and ``review``."""
    take = decode_take(row.document)
    if row.review is None:
        return take
    return msgspec.structs.replace(take, review=_review.decode(row.review))


def entry_of_row(row: sa.Row[*tuple[Any, ...]]) -> TakeEntry:
    """Return the entry of a row that has :data:`ENTRY_COLUMNS`."""
    return TakeEntry(
        id=row.id,
        kind=row.kind,
        begun_at=datetime.fromisoformat(row.begun_at),
        duration_s=row.duration_s,
        title=row.title,
        tags=_tags.decode(row.tags),
        question=row.question,
        story=row.story,
        purpose=row.purpose,
        kept=Kept(figures=row.figures, words=row.words, sound=row.sound),
        sound=row.sound_file is not None,
        figure=None if row.figure is None else _figure.decode(row.figure),
    )


def is_take(person: str, id: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Return the conditions that one take's row meets."""
    return takes.c.person == person, takes.c.id == id


def found(result: sa.Result[*tuple[Any, ...]], id: str) -> sa.Row[*tuple[Any, ...]]:
    """Return the one row of a result.

    Raises
    ------
    NoSuchTake
        There is none.
    """
    row = result.one_or_none()
    if row is None:
        raise NoSuchTake(f"there is no take {id[:64]}")
    return row


def _plain(text: str) -> str:
    """Return a text without NUL, which PostgreSQL cannot hold; in the document it is escaped."""
    return text.replace("\0", "")
