"""Technical terms a general listener may not know, and whether each was explained.

A term is listed (``terms.txt``: the terms of several fields, to which a user's own can be added), or
written in capitals like an acronym, or rare. Rare is below Zipf 3 in general English (van Heuven et al.
2014: 1 in a million words), as the recogniser's side fills it in; on its own it is weak, as "saxophone"
is rarer than "latency", so such a word counts half. A listed word that is ordinary too ("join", "spark")
counts where a noun can stand or near another term.

A term is explained when a plain phrase follows or goes before it: *which means*, *that is*, *basically
a*, *so-called*, or an apposition ("calibration, so ten percent means ten times of a hundred").

What it can't do: know this listener. Names of people and places are rare words too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.protocol.words import Word

from .phrases import Found, Phrases, plain, word_set
from .shipped import read_list

RARE_ZIPF = 3.0
UNKNOWN_ZIPF = 3.5
"""Words below it count in the share of words that a general listener may not know."""

COMMON_CAPITALS = word_set(
    "ok us usa uk eu un tv pc cd dvd am pm ceo cto cfo vp hr it id pdf phd mba bbc nasa fbi cia atm "
    "gps diy faq i a i'm i'd i've i'll no so and the we he she but"
)
"""Abbreviations that everybody knows, and words that stand in capitals for other reasons."""

DETERMINERS = word_set(
    "a an the my your our their his her its this that these those each every some any no wrong right "
    "first second new old same whole own one two three four five bad good big small slow fast called "
    "inner outer in into of with using on from and"
)

EXPLAINS_AFTER = re.compile(
    r"^(?:(?:um|uh) )*(?:"
    r"which (?:is|are|was|were|means?|meant|basically|just|in plain|stands|lets?|tells?)|"
    r"that is\b|that's (?:a|an|the|when|where|how|what|basically|just|our|like)|"
    r"meaning|i mean (?:a|an|the|when|how)|"
    r"(?:it|this|that|they) (?:just |basically |simply |really )?(?:means?|stands? for)|"
    r"it's (?:a|an|the|when|where|how|basically|just|like|called)|"
    r"or (?:in other words|how|what we call|the|simply)|in other words|"
    r"basically (?:a|an|the|how|when)|so (?:a|an|how|when|the (?:time|number|share|part|way|place))\b|"
    r"think of|like a|a kind of|a sort of|what we call|for those|if you don't know|i should explain|"
    r"to explain|stands for|where you|"
    r"the (?:thing|place|part|tool|program|system|time|number|share|way|table|list|people|person|money|"
    r"amount) (?:that|which|who|where|we|you|between|it|of))\b"
)
"""The words after a term that explain it, in its sentence or the next."""

EXPLAINS_BEFORE = re.compile(
    r"(?:(?:it's|is|are|was) called|we call(?: it| that| this)?|so called|so-called|known as|called|"
    r"what (?:we|people|they|engineers|doctors) call|"
    r"the (?:technical )?(?:term|word|name)(?: for (?:it|that|this))? is)(?: a| an| the)?$"
)
"""The words before a term that named the thing first."""

NEAR = 12
"""Words around an ambiguous term in which another term makes it one."""

REACH = 9
"""Words after a term that may explain it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Found):
    """A technical term, each time it is said."""

    term: str
    """In plain words."""

    explained: bool


def parse_terms(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return terms and ordinary words that are terms too (``~``) from lines; ``#`` begins a remark."""
    sure, also_ordinary = set(), set()
    for line in text.splitlines():
        entry = line.partition("#")[0].strip().lower()
        if entry.startswith("~"):
            also_ordinary.add(entry[1:].strip())
        elif entry:
            sure.add(entry)
    return frozenset(sure), frozenset(also_ordinary - sure)


def _with_plurals(terms: Iterable[str]) -> set[str]:
    return {form for term in terms for form in (term, term + "s") if not form.endswith("ss")} | set(terms)


class Terms:
    """A list of terms that finds them in words."""

    def __init__(self, text: str) -> None:
        sure, also_ordinary = parse_terms(text)
        self._ordinary = frozenset(_with_plurals(also_ordinary)) - _with_plurals(sure)
        self._phrases = Phrases(form for term in sure | also_ordinary for form in _with_plurals((term,)))

    def find(self, words: Sequence[Word]) -> list[Term]:
        """Return every use of a term, in order of place."""
        said = plain(words)
        listed = list(self._phrases.find(said))
        sure = [start for start, _, phrase in listed if phrase not in self._ordinary]
        taken = {place for start, end, _ in listed for place in range(start, end)}
        found = []
        for start, end, phrase in listed:
            confidence = 0.85
            if phrase in self._ordinary:
                as_noun = start > 0 and said[start - 1] in DETERMINERS
                near = any(0 < abs(place - start) <= NEAR for place in sure)
                confidence = 0.3 + 0.25 * as_noun + 0.25 * near
            found.append(self._term(said, start, end, confidence))
        for place, word in enumerate(words):
            if place in taken:
                continue
            if _is_acronym(word.text) and said[place] not in COMMON_CAPITALS:
                found.append(self._term(said, place, place + 1, 0.6))
            elif _is_rare(word, said[place]):
                found.append(self._term(said, place, place + 1, 0.3))
        return sorted(found, key=lambda term: term.start)

    @staticmethod
    def _term(said: Sequence[str], start: int, end: int, confidence: float) -> Term:
        return Term(
            start=start,
            end=end,
            confidence=confidence,
            term=" ".join(said[start:end]),
            explained=is_explained(said, start, end),
        )


def is_explained(said: Sequence[str], start: int, end: int) -> bool:
    """Whether a plain phrase right before or after explains the words from ``start`` to ``end``."""
    if EXPLAINS_BEFORE.search(" ".join(said[max(0, start - 7) : start])):
        return True
    return bool(EXPLAINS_AFTER.match(" ".join(said[end : end + REACH])))


def _is_acronym(text: str) -> bool:
    return bool(re.fullmatch(r"\W*[A-Z][A-Z0-9]{1,4}s?(?:'s)?\W*", text))


def _is_rare(word: Word, said: str) -> bool:
    return word.zipf is not None and 0 < word.zipf < RARE_ZIPF and len(said) > 3 and said.isalpha()


SHIPPED = Terms(read_list("terms.txt"))


def find_terms(words: Sequence[Word]) -> list[Term]:
    """Return every use of a term of the shipped list, an acronym or a rare word, in order of place."""
    return SHIPPED.find(words)


def unknown_share(words: Sequence[Word]) -> float:
    """Return the share of words that a general listener may not know: terms, and words below Zipf 3.5."""
    unknown = {
        place for term in find_terms(words) if term.confidence >= 0.5 for place in range(term.start, term.end)
    }
    for place, (word, said) in enumerate(zip(words, plain(words), strict=True)):
        if word.zipf is not None and word.zipf < UNKNOWN_ZIPF and said and not said[0].isdigit():
            unknown.add(place)
    return len(unknown) / len(words) if words else 0.0
