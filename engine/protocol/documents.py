"""What a record holds beside takes: documents, each of a kind, with an id of its own within that kind."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from .feedback import FeedbackRound, OwnRating, PendingAnswer
from .note import Note
from .practice import Analogy, OwnTarget, PlanMark
from .story import Story

DOCUMENTS: Mapping[str, type[Struct]] = {
    "mark": PlanMark,
    "target": OwnTarget,
    "story": Story,
    "note": Note,
    "analogy": Analogy,
    "rating": OwnRating,
    "feedback": FeedbackRound,
    "answer": PendingAnswer,
}
"""Struct of each kind. It has a ``version``, whose default is the newest that this program knows."""


def encode_document(body: Struct) -> bytes:
    """Return a document as JSON, the same bytes for the same body, read back or not."""
    return msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(body), type=type(body)))


def is_newer(body: Struct) -> bool:
    """Whether a newer version of the program wrote a document."""
    fields = msgspec.structs.fields(type(body))
    known: int = next(field.default for field in fields if field.name == "version")
    found: int = getattr(body, "version")  # noqa: B009 - each kind's struct has it
    return found > known


def is_sealed(kind: str, document: str | bytes) -> bool:
    """Whether a document stays in its record: a round of feedback that goes on, and the answers to it."""
    if kind != "feedback":
        return kind == "answer"
    try:
        return not msgspec.json.decode(document, type=FeedbackRound).settled
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True  # what can't be read can't be known to be over
