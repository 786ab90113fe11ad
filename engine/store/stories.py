"""Signature stories of a record, with the takes that tell them."""

from __future__ import annotations

from engine.protocol.story import Story
from engine.protocol.take import Take

from .record import Record

_ALL = 2**31 - 1


def told(record: Record, person: str) -> tuple[dict[str, Story], list[Take]]:
    """Return a person's stories by id, and all takes that tell one of them, whole."""
    stories = record.documents.all(person, "story", Story)
    ids = [entry.id for entry in record.takes(person, limit=_ALL) if entry.story in stories]
    return stories, record.these(person, ids)
