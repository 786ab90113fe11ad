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

from .phrases import Found, plain
from .question_cues import AUX, CHECK_IN, DETERMINER, LEAD_IN, MEANING, PRONOUN, REPEAT, RULES, TAG
from .sentences import find_sentences

Kind = Literal["question", "clarifying", "check_in"]


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
        if self.clarifying >= 0.5:
            return "clarifying"
        return "question" if self.question >= 0.5 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Found):
    """A sentence that asks."""

    kind: Kind


def classify(text: str) -> Asked:
    """Return what one utterance asks.

    ``text`` may have punctuation; only a question mark at its end is made use of.
    """
    marked = text.rstrip().endswith("?")
    said = " ".join(re.sub(r"[^\w'\- ]", " ", text.lower().replace("’", "'")).split())
    if not said:
        return Asked(question=0.9 if marked else 0.0, clarifying=0.0, check_in=0.0)
    core = LEAD_IN.sub("", said + " ").strip() or said
    check_in = 0.85 if any(pattern.search(said) for pattern in CHECK_IN) else 0.02
    question = next((p for pattern, p in RULES if pattern.search(core)), 0.12)
    clarifying = _clarifying(said, core)
    if TAG.search(core) and len(core.split()) > 2:
        question = max(question, 0.8)
        clarifying = max(clarifying, 0.45)
    if re.search(r"\b(?:or|or something|or anything|or whatever)$", said):
        question = max(question, 0.6)
    if clarifying >= 0.5:
        question = max(question, 0.6)
    if marked:
        question = max(question, 0.95)
    return Asked(question=question, clarifying=clarifying, check_in=check_in)


def _clarifying(said: str, core: str) -> float:
    if any(pattern.search(said) for pattern in REPEAT):
        return 0.75
    if any(pattern.search(said) for pattern in MEANING):
        return 0.7
    opened = re.match(r"(?:(?:um|uh|yeah|right|wait|okay|well|and|but|i mean) )*(so|oh|or)\b", said)
    subject = re.match(rf"({PRONOUN}|{DETERMINER})(?:'\w+)?\b", core)
    if opened and subject and opened[1] == "so":
        return (
            0.6
            if subject[1] in ("you", "it", "this", "they", "these", "those", "there", "he", "she")
            else 0.4
        )
    if opened and subject and opened[1] == "oh":
        return 0.6 if subject[1] not in ("i", "we") else 0.25
    if re.match(r"(?:you|you're|you've|you'd|you'll|your)\b", core):
        return 0.45
    if re.fullmatch(rf"(?:{PRONOUN}) (?:{AUX})", core):
        return 0.6
    return 0.1


def find_questions(words: Sequence[Word], *, timed: bool = True) -> list[Question]:
    """Return the sentences that ask, in order of place."""
    found = []
    for sentence in find_sentences(words, timed=timed):
        span = words[sentence.start : sentence.end]
        asked = classify(
            " ".join(plain(span)) + ("?" if span[-1].text.rstrip("\"'”’)").endswith("?") else "")
        )
        kind = asked.kind
        if kind:
            confidence = {
                "question": asked.question,
                "clarifying": asked.clarifying,
                "check_in": asked.check_in,
            }[kind]
            found.append(Question(start=sentence.start, end=sentence.end, confidence=confidence, kind=kind))
    return found
