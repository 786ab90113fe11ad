"""A review of an answer, written by hand: what a client is shown."""

from __future__ import annotations

from engine.protocol.review import (
    AnswerPart,
    AnswerReview,
    CountRange,
    Mark,
    ReviewFinding,
    UnknownSpan,
    WordMeasures,
    WordSpan,
)

from .scripted_recogniser import NAME, said

_FIRST = said("Our nightly job took, um, nine hours. So we we split it by region.", 0.5)
_SECOND = said("So the API waits less and now it takes forty minutes.", 9.0)
WORDS = [*_FIRST, *_SECOND]

REVIEW = AnswerReview(
    question="Tell me about something you improved.",
    words=WORDS,
    unknown=[UnknownSpan(start_s=6.2, end_s=8.7, why="lost")],
    parts=[
        AnswerPart(start=0, end=7, part="situation", confidence=0.8),
        AnswerPart(start=7, end=14, part="action", confidence=0.9),
        AnswerPart(start=14, end=25, part="result", confidence=0.9),
    ],
    marks=[
        Mark(start=4, end=5, kind="filler", confidence=0.9),
        Mark(start=8, end=10, kind="restart", confidence=0.8),
        Mark(start=16, end=17, kind="term", confidence=0.7),
        Mark(start=23, end=25, kind="figure", confidence=0.7),
    ],
    measures=WordMeasures(
        words=25,
        words_per_min=140.0,
        fillers=CountRange(least=1, most=3),
        restarts=1,
        hedges=0,
        we=2,
        i=0,
        figures=2,
        questions=0,
        terms=1,
        terms_explained=0,
        headline_s=9.0,
    ),
    findings=[
        ReviewFinding(
            what="figures",
            good=True,
            text="The result has a figure.",
            quotes=[WordSpan(start=21, end=25)],
            confidence=0.9,
        ),
        ReviewFinding(
            what="headline",
            good=False,
            text="The headline came after 9 s.",
            quotes=[],
            confidence=0.9,
            value=9.0,
            unit="s",
        ),
        ReviewFinding(
            what="ownership",
            good=None,
            text="Not sure: who decided was not heard.",
            quotes=[],
            confidence=0.4,
            sure=False,
        ),
    ],
    try_next="Say the result first.",
    source=NAME,
)
