"""Adapter of the understanding of whole answers to the yardstick's contract."""

from __future__ import annotations

import functools
from collections import Counter

from engine.language.embed import Embed
from engine.language.fillers import count_fillers
from engine.language.headline import is_first
from engine.language.reading import HEARD, read_answer
from engine.language.score import score_answer
from engine.language.transcript import Transcript
from engine.speech.meaning import embedder

from .text_estimators import words_of


@functools.cache
def _embed() -> Embed:
    return embedder()


def answer(question: str, text: str) -> dict[str, object]:
    """All that is read from an answer."""
    words = words_of(text)
    reading = read_answer(Transcript(words, timed=False), question, _embed())
    kinds = Counter(asked.kind for asked in reading.questions)
    stance = reading.stance_confidences
    return {
        "parts": [(part.part, part.start, part.end, part.confidence) for part in reading.parts.spans],
        "figures": [(figure.start, figure.end) for figure in reading.figures],
        "technical_terms": [(term.term, term.explained) for term in reading.terms],
        "fillers": count_fillers(words, timed=False),
        "clarifying_questions": kinds["clarifying"] + kinds["question"],
        "hedges": len(reading.hedges),
        "restarts": len(reading.restarts),
        "we": len(reading.pronouns.we),
        "i": len(reading.pronouns.i),
        "empathy": reading.empathy.kind if reading.empathy else "none",
        "headline_first": is_first(words, reading.headline),
        "check_in": reading.check_in is not None,
        "paraphrases_question": reading.heard("paraphrase"),
        "states_assumption": stance["assumption"] >= HEARD,
        "names_unknown": stance["unknown"] >= HEARD,
        "owns_fault": stance["own_fault"] >= HEARD,
        "blames_others": stance["blame"] >= HEARD,
        "names_other_view": stance["other_view"] >= HEARD,
        "score": score_answer(reading),
    }
