"""The review of an answer as an engine would send it: for the page's tests and pictures."""

from __future__ import annotations

from engine.protocol.messages import Review
from engine.protocol.review import (
    AnswerPart,
    AnswerReview,
    CountRange,
    Mark,
    MarkKind,
    ReviewFinding,
    UnknownSpan,
    WordMeasures,
    WordPace,
    WordSpan,
)
from engine.protocol.words import Word

QUESTION = "Tell me about a time you changed how a team works."

PARTS = {
    "situation": (
        "Last winter our night jobs failed about twice a week, and um nobody could, nobody could say why. "
        "The alerts went to a list that I think no one read any more."
    ),
    "task": "I was asked to make the mornings quiet again before the spring release.",
    "action": (
        "So, first I sorted three months of failures by cause. It turned out that most of them were, "
        "like, the same idempotency bug in two jobs. We fixed those and, uh, moved the alerts to the person "
        "on duty."
    ),
    "result": (
        "Failures went from nine a month to one, and the release was on time. Does that answer your question?"
    ),
}
"""An answer part by part; its marks are found by :data:`MARKED`."""

MARKED: list[tuple[MarkKind, str, str]] = [
    ("filler", "um", ""),
    ("restart", "nobody could,", ""),
    ("hedge", "I think", ""),
    ("filler", "So,", ""),
    ("figure", "three months", ""),
    ("filler", "like,", ""),
    ("term", "idempotency", "A listener may not know “idempotency”: say it in plain words once."),
    ("filler", "uh,", ""),
    ("figure", "from nine a month to one,", ""),
    ("check_in", "Does that answer your question?", ""),
]

PAUSES = {"read": 1.7, "Failures": 2.4, "So,": 0.9, "moved": 0.6}
"""Silence before a word, in seconds."""

PALE = {"list", "sorted", "duty."}
UNKNOWN_AFTER = "release."


def _words(texts: list[str]) -> tuple[list[Word], list[UnknownSpan]]:
    now_s = 1.2
    words: list[Word] = []
    unknown: list[UnknownSpan] = []
    for text in texts:
        if text in PAUSES:
            now_s += PAUSES[text]
        length_s = 0.14 + 0.045 * len(text)
        confidence = 0.41 if text in PALE else 0.93
        words.append(Word(text=text, start_s=now_s, end_s=now_s + length_s, confidence=confidence, zipf=5.0))
        now_s += length_s + 0.06
        if text == UNKNOWN_AFTER and not unknown:
            unknown.append(UnknownSpan(start_s=now_s, end_s=now_s + 2.1, why="lost"))
            now_s += 2.3
    return words, unknown


def _span(texts: list[str], quote: str) -> tuple[int, int]:
    """Find a quote's words."""
    wanted = quote.split()
    for start in range(len(texts)):
        if texts[start : start + len(wanted)] == wanted:
            return start, start + len(wanted)
    raise ValueError(f"no {quote!r} in the answer")


def a_review(*, repeated: int = 1) -> AnswerReview:
    """Give the review of an answer with every kind of mark, a pause, an unknown span and unsure findings."""
    texts: list[str] = []
    parts = []
    for _ in range(repeated):
        for part, said in PARTS.items():
            start = len(texts)
            texts += said.split()
            confidence = 0.5 if part == "task" else 0.9
            parts.append(AnswerPart(start=start, end=len(texts), part=part, confidence=confidence))
    words, unknown = _words(texts)

    def quotes(*said: str) -> list[WordSpan]:
        return [WordSpan(start=start, end=end) for start, end in (_span(texts, one) for one in said)]

    marks = []
    for kind, said, note in MARKED:
        start, end = _span(texts, said)
        marks.append(Mark(start=start, end=end, kind=kind, confidence=0.9, note=note))
    findings = [
        ReviewFinding(
            what="result",
            good=True,
            text="The result has figures: the change can be pictured.",
            quotes=quotes("Failures went from nine a month to one,"),
            confidence=0.93,
        ),
        ReviewFinding(
            what="check_in",
            good=True,
            text="You checked in at the end.",
            quotes=quotes("Does that answer your question?"),
            confidence=0.9,
        ),
        ReviewFinding(
            what="headline",
            good=False,
            text="The headline came after 0:31; the aim is within 0:30.",
            quotes=quotes("Failures went from nine a month to one, and the release was on time."),
            confidence=0.86,
            value=31.0,
            unit="s",
        ),
        ReviewFinding(
            what="terms",
            good=False,
            text="One term went unexplained.",
            quotes=quotes("idempotency bug"),
            confidence=0.84,
        ),
        ReviewFinding(
            what="ownership",
            good=None,
            text="Not sure: whose fault it was may not have been said.",
            quotes=quotes("nobody could say why."),
            confidence=0.55,
            sure=False,
        ),
    ]
    return AnswerReview(
        question=QUESTION,
        words=words,
        unknown=unknown,
        parts=parts,
        marks=marks,
        measures=WordMeasures(
            words=len(words),
            words_per_min=148.0,
            fillers=CountRange(least=4, most=6),
            restarts=1,
            hedges=1,
            we=1,
            i=3,
            figures=2,
            questions=1,
            terms=1,
            terms_explained=0,
            headline_s=31.0,
            pace=WordPace(by_words=148.0, by_syllables=155.0, better="words", sure=True),
        ),
        findings=findings,
        try_next="Say the result first: “Failures went from nine a month to one”, then how.",
        source="moonshine-tiny-en",
    )


def review_message(**how: int) -> Review:
    """Give :func:`a_review` as the message that carries it."""
    return Review(channel=0, review=a_review(**how))
