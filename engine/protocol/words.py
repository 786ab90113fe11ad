"""Words: what a speech recogniser heard, as late facts, and the partial words before they are final."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .envelope import LateFact


class Word(Struct, frozen=True, kw_only=True):
    """A word as the recogniser wrote it."""

    text: str
    """Without spaces; case and punctuation as recognised (``results,``)."""

    start_s: float
    end_s: float
    """Stream time."""

    confidence: float
    """0..1: the recogniser's own probability of it, not calibrated unless the source says so."""

    zipf: float | None = None
    """Zipf frequency in general English: log10 of uses in 10^9 words, 0..8; null where unknown.

    Van Heuven et al. (2014), SUBTLEX-UK.
    """


class Words(LateFact, frozen=True, kw_only=True):
    """Words that are final, in order of time; ``start_s`` and ``end_s`` span them."""

    words: list[Word]


class WordsCorrected(LateFact, frozen=True, kw_only=True):
    """Better words for all of ``start_s`` to ``end_s``: they replace what was said to be final there."""

    words: list[Word]


MissedReason = Literal["lost", "busy", "failed", "unclear"]


class WordsMissed(LateFact, frozen=True, kw_only=True):
    """A span of which no words are known: unknown, not silence."""

    why: MissedReason
    """``lost``: its audio never arrived; ``busy``: there was no time; ``failed``: the recogniser broke;
    ``unclear``: somebody spoke, and the recogniser was too unsure of the words."""


WordEvent = Words | WordsCorrected | WordsMissed
