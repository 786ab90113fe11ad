"""Headline: the point of the answer in its first 30 seconds, or when it came.

A listener decides within the first half minute what an answer is about (Minto 2009, *The Pyramid Principle*:
the answer first, then its reasons). The point is a headline or a result; where an opinion, a weakness or a
vague task is asked for, the problem, the weakness or the task in own words is a point too, when it opens the
answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.words import Word

from .parts import Parts
from .phrases import Found

TARGET_S = 30.0

POINTS = ("headline", "result")
"""Parts that say the point wherever they come."""

OPENINGS = ("problem", "proposal", "struggle", "paraphrase")
"""Parts that say it where they open an answer of these frameworks."""

OPENED = ("PEP", "growth", "none")

OPENING_WORDS = 12
"""Words of hesitation that an opening may follow."""


LIKELY = 0.5
"""Confidence below which a part is likelier another one, so that it says no point."""


def find_headline(words: Sequence[Word], parts: Parts) -> Found | None:
    """Return where the point is said first; None where it isn't."""
    for part in parts.spans:
        if part.confidence < LIKELY:
            continue
        opens = part.start < OPENING_WORDS and parts.framework in OPENED and part.part in OPENINGS
        if part.part in POINTS or opens:
            return Found(start=part.start, end=part.end, confidence=part.confidence)
    return None


def seconds_to(words: Sequence[Word], place: int) -> float:
    """Time from the answer's first word to a word, in seconds."""
    return max(words[place].start_s - words[0].start_s, 0.0)


def is_first(words: Sequence[Word], headline: Found | None) -> bool:
    """Whether the headline began within the first :data:`TARGET_S`."""
    return headline is not None and seconds_to(words, headline.start) < TARGET_S
