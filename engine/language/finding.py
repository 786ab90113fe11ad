"""One finding about an answer: a sentence for a person, its evidence and how sure it is.

A finding is told as sure where four of five like it are right, as measured on answers that no part of the
model was made with; :data:`SURE` has that confidence for each. Below it the sentence begins "Not sure" and
:attr:`~engine.protocol.review.ReviewFinding.sure` is false, or nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.protocol.review import ReviewFinding, WordSpan

from .phrases import Found

SURE: Mapping[str, float] = {
    "headline": 0.8,
    "headline_late": 0.6,
    "headline_none": 1.0,
    "part_heard": 0.6,
    "part_missing": 0.9,
    "parts": 0.85,
    "own_fault": 0.7,
    "blame": 0.7,
    "unknown": 0.8,
    "assumption": 0.6,
    "other_view": 0.7,
    "empathy": 0.9,
    "analogy": 0.9,
    "check_in": 0.7,
    "paraphrase": 0.8,
    "figures": 0.8,
}
"""Confidence from which a finding of a kind is told as sure."""

SILENT = 0.4
"""Confidence below which nothing is said."""

FEWEST_WORDS = 40
"""An answer of fewer words is too short to miss anything in."""

MOST_UNKNOWN = 0.1
"""Share of the time of which no words are known, above which nothing is missed for sure."""


def span(found: Found) -> WordSpan:
    """A place as the review gives it."""
    return WordSpan(start=found.start, end=found.end)


def part_name(part: str) -> str:
    """Name of a part for a person."""
    return part.replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: int, what: str) -> str:
    """``1 figure``, ``2 figures``, ``no figure``."""
    return f"no {what}" if number == 0 else f"{number} {what}" if number == 1 else f"{number} {what}s"


def finding(
    what: str,
    text: str,
    confidence: float,
    *,
    good: bool | None,
    quotes: Sequence[Found] = (),
    kind: str = "",
    value: float | None = None,
    unit: str = "",
    doubt: bool = False,
) -> Iterator[ReviewFinding]:
    """Yield one finding, with "Not sure" before its text where it isn't; none where it is too weak."""
    if confidence < SILENT:
        return
    sure = confidence >= SURE[kind or what] and not doubt
    yield ReviewFinding(
        what=what,
        good=good if sure else None,
        text=text if sure else f"Not sure: {text[0].lower()}{text[1:]}",
        quotes=[span(quote) for quote in quotes],
        confidence=round(min(confidence, 1.0), 3),
        value=value,
        unit=unit,
        sure=sure,
    )
