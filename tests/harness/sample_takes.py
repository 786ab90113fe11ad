"""Takes as a record would hold them: for the page's tests and pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from engine.protocol.drill_results import Card
from engine.protocol.kept import Kept
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import Finding
from engine.protocol.take import Take, figures_of

from .sample_answer import QUESTION, a_review

ALL = Kept(figures=True, words=True, sound=True)
FIGURES = Kept(figures=True)

NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)


def measures(**changed: Any) -> ChannelMeasures:
    """Give measures of a calm speaker."""
    calm = ChannelMeasures(
        speech_s=52.0, talk_share=None, pace_wpm=148.0, syllables_per_s=3.7, syllables=190, pause_count=9,
        pause_total_s=11.0, longest_pause_s=2.4, longest_stretch_s=14.0, f0_median_hz=118.0, f0_sd_st=2.9,
        fillers=4, fillers_per_min=3.8, creak_share=0.06, level_dbfs=-24.0, noise_dbfs=-60.0,
        loudness_lufs=-25.0, snr_db=36.0, trailing_db=-2.0, phrases=11, endings=9, rises=1, interruptions=0,
        backchannels=0, lost_s=0.0, muted_s=0.0, exchange=None, unsure=[],
    )  # fmt: skip
    return structs.replace(calm, **changed)


def an_answer(**changed: Any) -> Take:
    """Give a take of an answer of which all was kept."""
    review = a_review()
    word_measures, parts, found = figures_of(review)
    take = Take(
        id="answer", kind="question", begun_at=NOW - timedelta(hours=1), duration_s=74.0,
        profile="conversation", kept=ALL, question=QUESTION, measures=measures(),
        word_measures=word_measures, parts=parts, found=found,
        findings=[Finding(cue="pace", good=True, text="Your pace was comfortable: 148 words a minute.")],
        review=review, tags=["interview", "leadership"],
    )  # fmt: skip
    return structs.replace(take, **changed)


def figures_only(**changed: Any) -> Take:
    """Give the same answer of which figures were kept only."""
    earlier = NOW - timedelta(days=3)
    return an_answer(
        id="figures", begun_at=earlier, kept=FIGURES, review=None, tags=[], title="Second try",
        measures=measures(pace_wpm=171.0, fillers_per_min=6.4, longest_stretch_s=31.0), **changed,
    )  # fmt: skip


def a_drill(**changed: Any) -> Take:
    """Give a drill of which figures were kept."""
    card = Card(
        drill="interruptions", title="Interruptions", level="medium", seed=1, duration_s=60.0, events=[],
        composure=7.2, try_next="Finish the word you are at, then stop.", listened=None,
    )  # fmt: skip
    take = Take(
        id="drill", kind="drill", begun_at=NOW - timedelta(days=9), duration_s=61.0, profile="conversation",
        kept=FIGURES, measures=measures(), card=card,
    )  # fmt: skip
    return structs.replace(take, **changed)
