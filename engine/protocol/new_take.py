"""Make the take of what was measured: a session, a drill in the terminal, a recording."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import fields, replace

from .drill_results import Card
from .kept import Kept
from .measures import ChannelMeasures
from .messages import Finding
from .nudges import Nudge
from .review import AnswerReview
from .take import Take, TakeKind, figures_of

LEAST_SPEECH_S = 1.0
"""With less speech of theirs there is nothing to keep."""


class Measured(Protocol):
    """A summary or an analysis."""

    @property
    def duration_s(self) -> float:
        """Length."""

    @property
    def profile(self) -> str:
        """Name of its profile."""

    @property
    def measures(self) -> Sequence[ChannelMeasures]:
        """Of each channel."""

    @property
    def findings(self) -> Sequence[list[Finding]]:
        """Of each channel."""

    @property
    def nudges(self) -> Sequence[Nudge]:
        """Of all channels."""


def new_take(
    measured: Measured,
    channel: int = 0,
    *,
    id: str,
    kind: TakeKind,
    begun_at: datetime,
    kept: Kept,
    title: str = "",
    question: str = "",
    story: str | None = None,
    purpose: str = "",
    card: Card | None = None,
    review: AnswerReview | None = None,
) -> Take:
    """Return the take of one channel: of its own measures, findings and nudges, and nothing of another one.

    Parameters
    ----------
    title : without it the take of a drill is called as the drill, with its level.
    card : of the drill that was done.
    review : of the words of that channel.
    """
    measures, parts, found = (None, [], []) if review is None else figures_of(review)
    own = measured.measures[channel]
    return Take(
        id=id,
        kind=kind,
        begun_at=begun_at,
        duration_s=measured.duration_s,
        profile=measured.profile,
        kept=kept,
        title=title or (drill_title(card) if card else ""),
        question=question,
        story=story,
        purpose=purpose,
        measures=ChannelMeasures(**{one.name: getattr(own, one.name) for one in fields(ChannelMeasures)}),
        findings=measured.findings[channel],
        nudges=[replace(nudge, channel=0) for nudge in measured.nudges if nudge.channel == channel],
        card=card,
        word_measures=measures,
        parts=parts,
        found=found,
        review=review,
    )


def drill_title(card: Card) -> str:
    """Return what the take of a drill is called: ``Interruptions, medium``."""
    return f"{card.title}, {card.level}"
