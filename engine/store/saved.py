"""Read the JSON file that the page's *Save* writes as a take."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from engine.protocol.drill_results import Card
from engine.protocol.kept import Kept
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import Finding
from engine.protocol.new_take import drill_title
from engine.protocol.nudges import Nudge
from engine.protocol.review import AnswerReview
from engine.protocol.take import Take, TakeKind, figures_of


class SavedSession(Struct, frozen=True, kw_only=True):
    """What of a saved session becomes a take; the first channel is the person's own."""

    program: str
    session: str | None
    saved_at: datetime
    duration_s: float
    profile: str | None = None
    measures: list[ChannelMeasures] = []
    findings: list[list[Finding]] = []
    nudges: list[Nudge] = []
    review: AnswerReview | None = None
    drills: list[Card] = []
    kept: Kept | None = None
    """What may be kept of it; null where the person saved it themselves, so that all may."""


def take_of_saved(saved: SavedSession) -> Take:
    """Return the take of a saved session; the same file gives the same id.

    It began its duration before it was saved, as nothing tells it better.
    """
    told = f"{saved.session} {saved.saved_at.isoformat()} {saved.duration_s}"
    card = saved.drills[-1] if saved.drills else None
    question = saved.review.question if saved.review else ""
    kind: TakeKind = (
        "drill" if card else "call" if len(saved.measures) > 1 else "question" if question else "talk"
    )
    take = Take(
        id="saved-" + hashlib.sha256(told.encode()).hexdigest()[:24],
        kind=kind,
        begun_at=saved.saved_at - timedelta(seconds=max(0.0, saved.duration_s)),
        duration_s=saved.duration_s,
        profile=saved.profile or "",
        kept=saved.kept or Kept(figures=True, words=saved.review is not None),
        title=drill_title(card) if card else "",
        question=question,
        measures=saved.measures[0] if saved.measures else None,
        findings=saved.findings[0] if saved.findings else [],
        nudges=[nudge for nudge in saved.nudges if nudge.channel == 0],
        card=card,
    )
    if saved.review is None:
        return take
    words, parts, found = figures_of(saved.review)
    return msgspec.structs.replace(take, word_measures=words, parts=parts, found=found, review=saved.review)
