"""Technical terms a general listener may not know, and whether each was explained.

A term is listed (``terms.txt``: the terms of several fields, to which a user's own can be added), or
written in capitals like an acronym, or rare. Rare is below Zipf 3 in general English (van Heuven et al.
2014: 1 in a million words), as the recogniser's side fills it in; on its own it is weak, as "saxophone"
is rarer than "latency", so such a word counts half, but for one near a listed term or with the ending of
a science's words. A listed word that is ordinary too counts where a noun can stand ("join") or near
another term ("yield").

Whether a term was explained tells :mod:`engine.language.explained`.

What it can't do: know this listener. Names of people and places are rare words too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .explained import is_explained
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

TECHNICAL_ENDINGS = re.compile(
    r"(?:i[sz]ation|i[sz]er|itis|emia|aemia|osis|ectomy|oscopy|ometry|ometer|otomy|plasty|ography|"
    r"ogram|opathy|genic|lysis|bolic|ware|middleware|ability|ometric|ometrics|stasis|uria)s?$"
)
"""Rare words that end so are made by a science or a trade more often than not."""

NEAR = 12
"""Words around a rare or ordinary word in which another term makes it one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Found):
    """A technical term, each time it is said."""

    term: str
    """In plain words."""

    explained: bool


Kind = Literal["term", "noun", "near"]
"""A term always, as a noun only (``~``), or near another term only (``?``)."""

_KINDS: Mapping[str, Kind] = {"~": "noun", "?": "near"}


def parse_terms(text: str) -> dict[str, Kind]:
    """Return the terms of lines, each with when it is one; ``#`` begins a remark."""
    terms: dict[str, Kind] = {}
    for line in text.splitlines():
        entry = line.partition("#")[0].strip().lower()
        if entry:
            terms.setdefault(entry.lstrip("~?").strip(), _KINDS.get(entry[0], "term"))
    return terms


def _forms(term: str) -> set[str]:
    """A term, its plural, and both with spaces for hyphens."""
    forms = {term} if term.endswith("s") else {term, f"{term}s"}
    return forms | {form.replace("-", " ") for form in forms}


class Terms:
    """A list of terms that finds them in words."""

    def __init__(self, text: str) -> None:
        self._kinds = {form: kind for term, kind in parse_terms(text).items() for form in _forms(term)}
        self._phrases = Phrases(self._kinds)

    def find(self, words: Sequence[Word]) -> list[Term]:
        """Return every use of a term, in order of place."""
        said = plain(words)
        listed = list(self._phrases.find(said))
        sure = [start for start, _, phrase in listed if self._kinds[phrase] == "term"]
        taken = {place for start, end, _ in listed for place in range(start, end)}

        def is_near(place: int) -> bool:
            return any(0 < abs(other - place) <= NEAR for other in sure)

        found = []
        for start, end, phrase in listed:
            kind = self._kinds[phrase]
            as_noun = kind == "noun" and start > 0 and said[start - 1] in DETERMINERS
            confidence = 0.85 if kind == "term" else 0.3 + 0.25 * (as_noun or is_near(start))
            found.append(self._term(said, start, end, confidence))
        for place, word in enumerate(words):
            if place in taken:
                continue
            if _is_code(word.text) and said[place] not in COMMON_CAPITALS:
                found.append(self._term(said, place, place + 1, 0.6))
            elif _is_rare(word, said[place]):
                confidence = _of_rare(word, said[place], near=is_near(place))
                found.append(self._term(said, place, place + 1, confidence))
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


def _is_code(text: str) -> bool:
    """Whether a word is an acronym ("QBR"), or letters and digits that are no time or order ("p99")."""
    text = text.strip(".,;:!?\"'()“”’")
    if re.fullmatch(r"[A-Z][A-Z0-9]{1,4}s?(?:'s)?", text):
        return True
    return bool(re.fullmatch(r"[A-Za-z]{1,4}\d{1,4}", text))


def _of_rare(word: Word, said: str, *, near: bool) -> float:
    """Probability that a rare word is a term: names stand in capitals, feelings end in -ed."""
    if TECHNICAL_ENDINGS.search(said):
        return 0.55
    return 0.5 if near and word.text[:1].islower() and not said.endswith(("ed", "ly")) else 0.3


def _is_rare(word: Word, said: str) -> bool:
    return word.zipf is not None and 0 < word.zipf < RARE_ZIPF and len(said) > 3 and said.isalpha()


@functools.cache
def shipped_terms() -> Terms:
    """Return the list that ships, read at its first use."""
    return Terms(read_list("terms.txt"))


def find_terms(words: Sequence[Word]) -> list[Term]:
    """Return every use of a term of the shipped list, an acronym or a rare word, in order of place."""
    return shipped_terms().find(words)


def unknown_share(words: Sequence[Word]) -> float:
    """Return the share of words that a general listener may not know: terms, and words below Zipf 3.5."""
    unknown = {
        place for term in find_terms(words) if term.confidence >= 0.5 for place in range(term.start, term.end)
    }
    for place, (word, said) in enumerate(zip(words, plain(words), strict=True)):
        if word.zipf is not None and word.zipf < UNKNOWN_ZIPF and said and not said[0].isdigit():
            unknown.add(place)
    return len(unknown) / len(words) if words else 0.0
