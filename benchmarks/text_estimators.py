"""Adapters of the understanding of text to the yardstick's contracts: text without times, in words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.language.markers import find_markers
from engine.language.questions import classify
from engine.language.terms import unknown_share
from engine.language.transcript import Transcript
from engine.protocol.words import Word
from engine.speech.word_frequency import zipf

LEAST = 0.5
"""Probability from which a use counts as a marker."""


def words_of(text: str | Sequence[str]) -> Sequence[Word]:
    """Words of a text, with their frequency in English as the recogniser's side fills it in."""
    return [msgspec.structs.replace(word, zipf=zipf(word.text)) for word in Transcript.of_text(text).words]


def markers(words: Sequence[str]) -> set[int]:
    """Places of the words that are used as fillers or discourse markers."""
    return {
        place
        for marker in find_markers(Transcript.of_text(words).words, timed=False)
        if marker.confidence >= LEAST and marker.marker not in ("right", "okay", "ok")
        for place in range(marker.start, marker.end)
    }


def questions(text: str) -> str:
    """Kind of one utterance; a check-in is a question."""
    kind = classify(text).kind
    return "none" if kind is None else "question" if kind == "check_in" else kind


def jargon(text: str) -> float:
    """Share of words that a general listener would not know."""
    return unknown_share(words_of(text))
