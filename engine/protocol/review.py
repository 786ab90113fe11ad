"""The review of an answer: its words with marks, the parts found in it, and findings with quotes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .words import MissedReason, Word

MarkKind = Literal["filler", "restart", "term", "hedge", "figure", "question", "check_in"]


class WordSpan(Struct, frozen=True, kw_only=True):
    """A run of words of the review, by their places in :attr:`AnswerReview.words`."""

    start: int
    end: int
    """Exclusive; above ``start``."""


class Mark(WordSpan, frozen=True, kw_only=True):
    """A run of words of a kind, to be drawn in the transcript."""

    kind: MarkKind
    confidence: float
    """0..1."""

    note: str = ""
    """A sentence for a person; empty where the kind says all."""


class AnswerPart(WordSpan, frozen=True, kw_only=True):
    """A part of the answer's framework."""

    part: str
    """Such as ``situation`` or ``result``: a key of :data:`engine.language.parts.PARTS`."""

    confidence: float


class UnknownSpan(Struct, frozen=True, kw_only=True):
    """Stream time of which no words are known."""

    start_s: float
    end_s: float
    why: MissedReason


class ReviewFinding(Struct, frozen=True, kw_only=True):
    """One thing about what was said."""

    what: str
    """Its measure, such as ``headline`` or ``result``."""

    good: bool | None
    """None where it is neither."""

    text: str
    """A sentence for a person, with the figure and the target; says "not sure" below its confidence."""

    quotes: list[WordSpan]
    """Its evidence; empty for what was not heard."""

    confidence: float
    value: float | None = None
    unit: str = ""
    sure: bool = True
    """Whether the confidence reaches the one at which four of five such findings are right."""


class CountRange(Struct, frozen=True, kw_only=True):
    """A count on which ears and words may differ."""

    least: int
    most: int


class WordPace(Struct, frozen=True, kw_only=True):
    """Words a minute, counted twice; pauses in, each counted up to 1 s."""

    by_words: float | None
    """By the words heard, filled pauses left out; null when none were."""

    by_syllables: float | None
    """By the syllables heard, as :attr:`ChannelMeasures.pace_wpm`; null when too little was heard."""

    better: Literal["words", "syllables"]
    """The one to show."""

    sure: bool
    """Whether the better one rests on enough."""


class WordMeasures(Struct, frozen=True, kw_only=True):
    """Figures of an answer's words; null where too little is known."""

    words: int
    words_per_min: float | None
    fillers: CountRange
    restarts: int
    hedges: int
    we: int
    i: int
    figures: int
    questions: int
    terms: int
    terms_explained: int
    headline_s: float | None
    """When the headline came, from the answer's first word; null when none was heard."""

    pace: WordPace | None = None
    """Words a minute by words beside that by syllables; null when no sound was heard."""


class AnswerReview(Struct, frozen=True, kw_only=True):
    """What was said in an answer, and what to make of it."""

    question: str
    """That was answered; empty when unknown."""

    words: list[Word]
    unknown: list[UnknownSpan]
    parts: list[AnswerPart]
    marks: list[Mark]
    measures: WordMeasures
    findings: list[ReviewFinding]
    """The weightiest first."""

    try_next: str
    """One sentence; empty where nothing was found."""

    source: str
    """Recogniser that heard the words."""
