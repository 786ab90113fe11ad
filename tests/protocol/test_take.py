"""What is kept of a take, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.cues import CUES
from engine.protocol.drill_results import Card, Listened
from engine.protocol.kept import Kept
from engine.protocol.messages import Finding
from engine.protocol.nudges import Evidence, Nudge
from engine.protocol.review import (
    AnswerPart,
    AnswerReview,
    CountRange,
    Mark,
    ReviewFinding,
    WordMeasures,
    WordSpan,
)
from engine.protocol.take import Take, TakeSound, decode_take, encode_take, figures_of, reduced
from engine.protocol.words import Word

SAID = "zanzibar"
"""A word that is nowhere but in what was said."""

WORD_CUES = frozenset(name for name, cue in CUES.items() if cue.needs_words)

EVIDENCE = Evidence(
    measure="terms", value=3, unit="terms", threshold=3, window_s=(0.0, 9.0), confidence=0.9, seq=1
)


def nudge(number: int, cue: str, why: str) -> Nudge:
    return Nudge(
        seq=number,
        at_s=9.0,
        id=number,
        cue=cue,
        text="Say it simply",
        why=why,
        tone="change",
        urgent=False,
        show_s=3.0,
        evidence=EVIDENCE,
    )


REVIEW = AnswerReview(
    question="What went wrong?",
    words=[
        Word(text="We", start_s=1.0, end_s=1.2, confidence=0.9),
        Word(text=SAID, start_s=1.3, end_s=2.0, confidence=0.8),
    ],
    unknown=[],
    parts=[AnswerPart(start=0, end=2, part="situation", confidence=0.7)],
    marks=[Mark(start=1, end=2, kind="term", confidence=0.8, note=f"{SAID} may be unknown")],
    measures=WordMeasures(
        words=2,
        words_per_min=120.0,
        fillers=CountRange(least=0, most=1),
        restarts=0,
        hedges=0,
        we=1,
        i=0,
        figures=0,
        questions=0,
        terms=1,
        terms_explained=0,
        headline_s=None,
    ),
    findings=[
        ReviewFinding(
            what="terms",
            good=False,
            text=f"Explain {SAID}.",
            quotes=[WordSpan(start=1, end=2)],
            confidence=0.8,
            value=1.0,
            unit="terms",
        )
    ],
    try_next=f"Explain {SAID} once.",
    source="moonshine",
)

CARD = Card(
    drill="vague-question",
    title="A vague question",
    level="medium",
    seed=1,
    duration_s=60.0,
    events=[],
    composure=None,
    try_next="Ask which of it matters.",
    listened=Listened(what="question", heard=True, by="words", quote=SAID, text=f"You asked: {SAID}?"),
)


def whole() -> Take:
    """A take with all that one can have."""
    measures, parts, found = figures_of(REVIEW)
    return Take(
        id="t1",
        kind="drill",
        begun_at=datetime(2026, 1, 5, 18, 30, tzinfo=UTC),
        duration_s=60.0,
        profile="interview",
        kept=Kept(figures=True, words=True, sound=True),
        question="What went wrong?",
        findings=[Finding(cue="pace", good=True, text="Pace 150.")],
        nudges=[
            nudge(1, "say_it_simply", f"{SAID} was not explained."),
            nudge(2, "pace", "190 words a minute."),
        ],
        card=CARD,
        word_measures=measures,
        parts=parts,
        found=found,
        review=REVIEW,
        sound=TakeSound(duration_s=60.0, size=9, sha256="00"),
    )


def test_figures_alone_hold_no_word_that_was_said() -> None:
    take = reduced(whole(), Kept(figures=True), WORD_CUES)
    assert SAID.encode() not in encode_take(take)
    assert take.sound is None
    assert take.nudges[1].why
    assert take.card is not None
    assert take.card.listened is not None
    assert take.card.listened.heard
    assert [part.part for part in take.parts] == ["situation"]
    assert (take.parts[0].start_s, take.parts[0].end_s) == (1.0, 2.0)
    assert take.found[0].value == 1.0


def test_words_alone_hold_no_figure() -> None:
    take = reduced(whole(), Kept(words=True), WORD_CUES)
    assert take.review == REVIEW
    assert (take.measures, take.findings, take.nudges, take.card) == (None, [], [], None)
    assert (take.word_measures, take.parts, take.found, take.sound) == (None, [], [], None)


def test_all_of_it_stays_where_all_is_allowed() -> None:
    assert reduced(whole(), Kept(figures=True, words=True, sound=True), WORD_CUES) == whole()


def test_nothing_is_anything() -> None:
    assert not Kept().anything
    assert Kept(sound=True).anything


def test_a_document_is_read_back() -> None:
    document = encode_take(whole())
    assert decode_take(document) == whole()
    assert encode_take(decode_take(document)) == document


@pytest.mark.parametrize("document", ["{}", "[]", "nonsense"])
def test_what_is_no_take_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_take(document)
