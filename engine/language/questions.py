"""Questions: whether an utterance asks, and whether it checks what was meant; punctuation is not needed.

Three kinds. *question* asks for something. *clarifying* asks what was meant: for a repetition, for a
meaning, or by putting what was understood as a statement (*so it is fixed*). *check_in* asks whether the
listener follows (*does that make sense*). Source of the first two: the dialogue acts of Shriberg et al.
(2004), ``q*`` and ``bu``, ``br``.

The probability of a question is a sum of log-odds of cues; see :mod:`engine.language.question_cues`.

What it can't do: know that a plain statement was meant as a check when only melody or the situation says
so: about half of the checks in meetings are worded as statements about the third person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .phrases import HESITATIONS, Found
from .question_cues import first_fit, question_cues
from .sentence_cues import KINDS
from .sentences import find_sentences

Kind = Literal["question", "clarifying", "check_in"]


LEAST_QUESTION, LEAST_CLARIFYING = 0.4, 0.25
"""Probabilities from which a kind is told: half of the F1 that can be had is where F1 is highest.

What is told to a person needs more; it has its ``confidence``.
"""

FRAGMENT = 4
"""Words of an utterance without a verb, at most, that may be a check."""

_OPENED = re.compile(r"(?:(?:yeah|right|wait|okay|well|and|but|i mean) )*(so|oh)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Probabilities that an utterance asks anything, checks what was meant, or checks in."""

    question: float
    clarifying: float
    check_in: float

    @property
    def kind(self) -> Kind | None:
        """The most special of the likely ones; None where nothing is asked."""
        if self.check_in >= 0.5:
            return "check_in"
        if self.clarifying >= LEAST_CLARIFYING:
            return "clarifying"
        return "question" if self.question >= LEAST_QUESTION else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Found):
    """A sentence that asks."""

    kind: Kind


def classify(text: str, *, alone: bool = True) -> Asked:
    """Return what one utterance asks.

    Parameters
    ----------
    text
        May have punctuation; only a question mark at its end is made use of.
    alone
        Whether it is somebody's whole turn. A few words without a verb ("the blue one") are then most
        often a check; within longer talk they are none.
    """
    marked = text.rstrip("\"'”’) ").endswith("?")
    said = without_repairs(re.sub(r"[^\w'\- ]", " ", text.lower().replace("’", "'")).split())
    if not said:
        return Asked(question=0.9 if marked else 0.0, clarifying=0.0, check_in=0.0)
    cues = question_cues()
    core = cues.lead_in.sub("", said + " ").strip() or said
    check_in = 0.85 if cues.check_in.search(said) else 0.02
    (question,) = first_fit(cues.rules, core, 0.0)
    if len(core.split()) > 2 and cues.tag.search(core):
        question = max(question, 0.8)
    if said.endswith(" or"):
        question = max(question, 0.7)
    question, clarifying = _checks(said, core, question, alone=alone)
    if marked:
        question = max(question, 0.95)
    return Asked(question=question, clarifying=clarifying, check_in=check_in)


def without_repairs(said: Sequence[str]) -> str:
    """Return words without repeats ("what what's"), beginnings of the next word and hesitations."""
    kept: list[str] = []
    words = [word for word in said if word not in HESITATIONS]
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        letter = len(word) == 1 and word not in ("a", "i") and len(following) > 1
        whole = word in KINDS and following != word and not following.startswith(f"{word}'")
        begun = following.startswith(word) and not whole
        if not (begun or letter):
            kept.append(word)
    pairs = [
        place for place in range(len(kept) - 3) if kept[place : place + 2] == kept[place + 2 : place + 4]
    ]
    for place in reversed(pairs):
        del kept[place : place + 2]
    return " ".join(kept)


def _checks(said: str, core: str, question: float, *, alone: bool) -> tuple[float, float]:
    """Return the probabilities of a question and of a check, given that of a question by its form."""
    cues = question_cues()
    if cues.repeat.search(said) and (alone or len(said.split()) > 1):
        return max(question, 0.9), 0.8
    if cues.meaning.search(said):
        return max(question, 0.7), 0.7
    if question >= LEAST_QUESTION or not alone:
        return question, 0.1
    if _OPENED.match(said):
        by_form, checks = first_fit(cues.so, core, 0.1, 0.1)
    elif _is_fragment(said, core):
        by_form, checks = (0.6, 0.5) if " " not in core else (0.45, 0.3)
    else:
        by_form, checks = first_fit(cues.you, core, 0.1, 0.1)
    return max(question, by_form), checks


def _is_fragment(said: str, core: str) -> bool:
    """Whether a few words say no more than a thing: no verb, no answer, no judgement."""
    cues = question_cues()
    return (
        len(core.split()) <= FRAGMENT
        and not cues.verb.search(core)
        and not cues.assesses.search(core)
        and not cues.backchannel.fullmatch(said)
    )


def find_questions(words: Sequence[Word], *, timed: bool = True) -> list[Question]:
    """Return the sentences that ask, in order of place."""
    found = []
    sentences = find_sentences(words, timed=timed)
    for sentence in sentences:
        span = words[sentence.start : sentence.end]
        asked = classify(" ".join(word.text for word in span), alone=len(sentences) == 1)
        kind = asked.kind
        if kind:
            confidence = {
                "question": asked.question,
                "clarifying": asked.clarifying,
                "check_in": asked.check_in,
            }[kind]
            found.append(Question(start=sentence.start, end=sentence.end, confidence=confidence, kind=kind))
    return found
