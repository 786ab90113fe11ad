"""Advice of an assistant on what was said in a take."""

from __future__ import annotations

from msgspec import Struct

from .review import WordSpan


class Advice(Struct, frozen=True, kw_only=True):
    """One paragraph of advice and follow-up questions, by a language model: it may be wrong."""

    advice: str
    """Without sentences that quote what was not said."""

    example: str
    """How it might have been said instead, in the model's words; empty where it gave none."""

    quotes: list[WordSpan]
    """What it refers to: words of the review. What is no verbatim part of the transcript is left out."""

    follow_ups: list[str]
    """Questions that an interviewer may ask next."""

    host: str
    """Where the words were sent."""

    model: str

    cut: bool
    """Whether the words were too many, so that it saw only the first of them."""
