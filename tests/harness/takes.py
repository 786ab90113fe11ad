"""Takes for tests: with figures, words and sound, made from a number."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone

from engine.protocol.kept import Kept
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import Finding
from engine.protocol.review import AnswerReview, CountRange, WordMeasures
from engine.protocol.take import Take, figures_of
from engine.protocol.words import Word

ALL = Kept(figures=True, words=True, sound=True)
BEGUN = datetime(2027, 1, 4, 9, 30, tzinfo=timezone(timedelta(hours=1)))


def measures(number: int = 0) -> ChannelMeasures:
    return ChannelMeasures(
        speech_s=50.0,
        talk_share=None,
        pace_wpm=140.0 + number % 20,
        syllables_per_s=4.5,
        syllables=200,
        pause_count=9,
        pause_total_s=8.0,
        longest_pause_s=1.5,
        longest_stretch_s=20.0,
        f0_median_hz=120.0,
        f0_sd_st=2.5,
        fillers=3,
        fillers_per_min=3.0,
        creak_share=0.02,
        level_dbfs=-24.0,
        noise_dbfs=-60.0,
        phrases=12,
        rises=2,
        interruptions=0,
        backchannels=0,
        lost_s=0.0,
    )


def review(said: list[str], question: str = "") -> AnswerReview:
    """A review of some words, without findings."""
    words = [
        Word(text=text, start_s=float(at), end_s=at + 0.5, confidence=0.9) for at, text in enumerate(said)
    ]
    figures = WordMeasures(
        words=len(words),
        words_per_min=130.0,
        fillers=CountRange(least=1, most=2),
        restarts=0,
        hedges=1,
        we=2,
        i=3,
        figures=1,
        questions=0,
        terms=1,
        terms_explained=1,
        headline_s=4.0,
    )
    return AnswerReview(
        question=question,
        words=words,
        unknown=[],
        parts=[],
        marks=[],
        measures=figures,
        findings=[],
        try_next="Say the result first.",
        source="test",
    )


def take(number: int, *, kept: Kept = ALL, said: list[str] | None = None) -> Take:
    """The take of a number: each begun an hour after the one before."""
    reviewed = review(said or [f"word{number}"] * 20)
    word_measures, parts, found = figures_of(reviewed)
    return Take(
        id=f"take-{number}",
        kind="question",
        begun_at=BEGUN + timedelta(hours=number),
        duration_s=60.0,
        profile="interview",
        kept=kept,
        question="What went wrong?",
        measures=measures(number),
        findings=[Finding(cue="pace", good=True, text="Your pace was easy to follow.")],
        word_measures=word_measures,
        parts=parts,
        found=found,
        review=reviewed,
    )


def opus(number: int, size: int = 2000) -> bytes:
    """Bytes with the pages of an Ogg Opus file of one second around noise made from a number."""
    page = b"OggS" + bytes([0, 2]) + bytes(8) + bytes(4) + bytes(4) + bytes(4) + bytes([1, 19])
    head = (
        b"OpusHead" + bytes([1, 1]) + (312).to_bytes(2, "little") + (48_000).to_bytes(4, "little") + bytes(3)
    )
    last = b"OggS" + bytes([0, 4]) + (48_312).to_bytes(8, "little") + bytes(12) + bytes([1, 255])
    return page + head + last + random.Random(number).randbytes(size)


NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
