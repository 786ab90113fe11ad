"""The envelope of all events: their place in the order, their time and their channel."""

from __future__ import annotations

from msgspec import Struct

UNSTAMPED = -1
"""``seq`` of an event that the session hasn't stamped yet."""


def snake(name: str) -> str:
    """Wire name of a record: ``PauseEnded`` is ``pause_ended``."""
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class Event(Struct, frozen=True, kw_only=True, tag_field="type", tag=snake):
    """What all events have.

    Whoever finds a fact makes the record; the session stamps ``seq``, ``at_s`` and ``channel``.
    """

    seq: int = UNSTAMPED
    """Place in the session's order, from 0 without gaps."""

    at_s: float = 0.0
    """Stream time at which it became known: the end of the hop that decided it."""

    channel: int = 0
    """Whose voice it is about: 0 is the first (or only) speaker."""


class LateFact(Event, frozen=True, kw_only=True):
    """Base of facts that become known after they were true: what a recogniser or a camera found.

    It enters by :meth:`engine.core.session.Session.learn`; ``at_s`` is when it became known.
    """

    start_s: float
    end_s: float
    """Stream time of which it tells."""

    confidence: float
    """0..1."""

    source: str
    """What found it."""
