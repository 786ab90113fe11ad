"""Takes before a take: what is usual for a person is told from them."""

from __future__ import annotations

from engine.protocol.take import Take

from .record import Record

LOOKED_AT = 200
"""Entries among which takes of the same kind are looked for."""


def takes_before(record: Record, person: str, take: Take, most: int) -> list[Take]:
    """Return the newest takes of the same kind before a take, of which figures are kept; at most so many.

    Raises
    ------
    NoSuchTake
        The take is gone.
    """
    entries = record.takes(person, limit=LOOKED_AT, before=take.id)
    alike = [entry.id for entry in entries if entry.kind == take.kind and entry.kept.figures]
    return record.these(person, alike[:most])
