"""Everything read from an answer's words, once: parts, marks, stances, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from engine.protocol.words import Word

from .analogies import find_analogies
from .clauses import find_clauses
from .embed import Embed
from .empathy import Shown, find_empathy
from .figures import Figure, find_figures
from .fillers import find_fillers
from .headline import find_headline
from .hedges import find_hedges
from .markers import Marker
from .ownership import Stance, find_stances, stance_confidence
from .parts import Parts, find_parts
from .phrases import Found
from .pronouns import Pronouns, find_pronouns
from .questions import Question, find_questions
from .restarts import Restart, find_restarts
from .terms import Term, find_terms
from .transcript import Transcript

HEARD = 0.5
"""Probability from which a part counts as heard."""

IMPLIED = 0.75
"""Of what follows from the parts of an answer alone: below what is told as sure."""

CHECK_IN_WITHIN = 0.6
"""A check-in comes after this share of the words."""

CHECK_IN_WORDS = 60
"""Or within so many words of the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from an answer."""

    question: str
    words: Sequence[Word]
    parts: Parts
    fillers: Sequence[Marker]
    restarts: Sequence[Restart]
    hedges: Sequence[Found]
    terms: Sequence[Term]
    """The first use of each."""
    questions: Sequence[Question]
    pronouns: Pronouns
    figures: Sequence[Figure]
    headline: Found | None
    check_in: Found | None
    empathy: Shown | None
    analogies: Sequence[Found]
    stances: Mapping[Stance, Sequence[Found]] = field(default_factory=dict)
    """Places of each stance."""
    stance_confidences: Mapping[Stance, float] = field(default_factory=dict)

    def heard(self, part: str) -> bool:
        """Whether a part was heard."""
        return any(one.part == part for one in self.parts.spans)

    def spans(self, part: str) -> list[Found]:
        """Places of a part."""
        return [one for one in self.parts.spans if one.part == part]

    def share(self, *names: str) -> float:
        """Share of the words in parts of these names."""
        inside = sum(one.end - one.start for one in self.parts.spans if one.part in names)
        return inside / max(len(self.words), 1)


def read_answer(transcript: Transcript, question: str, embed: Embed) -> Reading:
    """Read an answer."""
    words, timed = transcript.words, transcript.timed
    spans = find_clauses(words, timed=timed)
    parts = find_parts(words, spans, question, embed)
    questions = find_questions(words, timed=timed)
    stances: tuple[Stance, ...] = get_args(Stance)
    return Reading(
        question=question,
        words=words,
        parts=parts,
        fillers=find_fillers(words, timed=timed),
        restarts=find_restarts(words),
        hedges=find_hedges(words, timed=timed),
        terms=first_uses(find_terms(words)),
        questions=questions,
        pronouns=find_pronouns(words),
        figures=find_figures(words, parts.spans),
        headline=find_headline(words, parts),
        check_in=find_check_in(words, parts, questions),
        empathy=find_empathy(words, spans),
        analogies=find_analogies(words),
        stances={stance: find_stances(words, spans, stance) for stance in stances},
        stance_confidences={
            **{stance: stance_confidence(words, spans, stance) for stance in stances},
            "own_fault": max(stance_confidence(words, spans, "own_fault"), weakness_confidence(parts)),
        },
    )


def weakness_confidence(parts: Parts) -> float:
    """Probability that a weakness of one's own is named: who tells a struggle to a change owns it.

    At most :data:`IMPLIED`: nothing was said that owns it in words.
    """
    return (
        IMPLIED
        * parts.frameworks["growth"]
        * min(parts.heard.get("struggle", 0.0), parts.heard.get("turning_point", 0.0))
    )


def first_uses(terms: Sequence[Term], least: float = HEARD) -> list[Term]:
    """The first use of each term of at least a confidence; explained if any of its uses is."""
    first: dict[str, Term] = {}
    for term in terms:
        if term.confidence < least:
            continue
        known = first.setdefault(term.term, term)
        if term.explained and not known.explained:
            first[term.term] = Term(
                start=known.start, end=known.end, confidence=known.confidence, term=known.term, explained=True
            )
    return list(first.values())


def find_check_in(words: Sequence[Word], parts: Parts, questions: Sequence[Question]) -> Found | None:
    """Where the speaker asks at the end whether that answered it; None where they don't.

    A part that is judged as one by its meaning, or a question in the form of one.
    """
    earliest = min(CHECK_IN_WITHIN * len(words), len(words) - CHECK_IN_WORDS)
    by_form = [q for q in questions if q.kind == "check_in" and q.start >= earliest]
    by_meaning = [p for p in parts.spans if p.part == "check_in" and p.start >= earliest]
    found: list[Found] = [*by_form, *by_meaning]
    return max(found, key=lambda one: (one.confidence, one.start)) if found else None
