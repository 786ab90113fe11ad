"""Acts: what a speaker does with a sentence: acknowledge, give evidence, say the point, name a next step.

Found sentence by sentence by the wordings of ``acts.txt``, and by what other modules find: a view of the
other side that is named, an analogy, a figure, a question. A sentence may be several acts.

What it can't do: hear whether it is meant, or find what is put in other words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.protocol.terms import Act
from engine.protocol.words import Word

from .analogies import find_analogies
from .figures import find_figures
from .other_view import find_other_views
from .phrases import Found, plain
from .questions import find_questions
from .sentences import find_sentences
from .shipped import wording

LISTED: frozenset[Act] = frozenset(
    {"acknowledgement", "dismissal", "evidence", "headline", "next_step", "agenda", "proposal", "agreement"}
)
"""Acts of which ``acts.txt`` has wordings."""

SURE_QUESTION = 0.65
"""Probability from which a sentence is taken as a question: above a statement that may check something."""

LEAST_FIGURE = 0.5
"""Probability from which a number is taken as evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Found):
    """A sentence, and what the speaker does with it."""

    acts: frozenset[Act]
    said: tuple[str, ...]
    """Its plain words."""


def find_acts(words: Sequence[Word]) -> list[Sentence]:
    """Return all sentences in order of place, each with its acts; they cover all words."""
    spans = find_sentences(words)
    said = plain(words)
    found: dict[int, set[Act]] = {span.start: set() for span in spans}
    for act, places in _by_others(words).items():
        for one in places:
            found[next(span.start for span in spans if span.start <= one.start < span.end)].add(act)
    for span in spans:
        text = " ".join(said[span.start : span.end])
        found[span.start] |= {act for act in LISTED if wording("acts.txt", act).search(text)}
        if "other_view" in found[span.start] and "dismissal" not in found[span.start]:
            found[span.start].add("acknowledgement")
    return [
        Sentence(
            start=span.start,
            end=span.end,
            confidence=span.confidence,
            acts=frozenset(found[span.start]),
            said=tuple(said[span.start : span.end]),
        )
        for span in spans
    ]


def read_wordings() -> None:
    """Read and compile the wordings of all acts, which takes a tenth of a second at first."""
    find_acts([Word(text="so", start_s=0.0, end_s=0.1, confidence=1.0)])


def mentions(said: Sequence[str], phrases: Sequence[str]) -> bool:
    """Whether plain words have one of some phrases; ``*`` at the end of its word stands for any ending."""
    for phrase in phrases:
        wanted = phrase.split()
        for at in range(len(said) - len(wanted) + 1):
            if all(_is(said[at + n], word) for n, word in enumerate(wanted)):
                return True
    return False


def _by_others(words: Sequence[Word]) -> Mapping[Act, Sequence[Found]]:
    """Return where other modules find an act."""
    asked = [one for one in find_questions(words) if one.confidence >= SURE_QUESTION]
    return {
        "other_view": find_other_views(words),
        "analogy": find_analogies(words),
        "evidence": find_figures(words, least=LEAST_FIGURE),
        "question": [one for one in asked if one.kind != "check_in"],
        "check_in": [one for one in asked if one.kind == "check_in"],
    }


def _is(said: str, wanted: str) -> bool:
    return said.startswith(wanted[:-1]) if wanted.endswith("*") else said.removesuffix("'s") == wanted
