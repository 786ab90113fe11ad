"""Phrases: find listed runs of words in a transcript, whatever their case and punctuation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.protocol.words import Word

from .transcript import bare


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


HESITATIONS = word_set("um uh er erm uhm umm eh mm hm hmm ah")
"""Words for a filled pause, as recognisers and transcribers write them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A run of words that was found, by the places of its words."""

    start: int
    end: int
    """Exclusive; above ``start``."""

    confidence: float = 1.0
    """0..1: how likely it is what it was found as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Found):
    """A run of clauses of one part of an answer; ``confidence`` is the mean posterior of its words."""

    part: str
    """As in :data:`engine.language.parts.PARTS`."""


def plain(words: Sequence[Word]) -> list[str]:
    """Return the words in lower case, without punctuation around them."""
    return [bare(word.text) for word in words]


class Phrases:
    """A list of phrases, found left to right, the longest first, without overlap."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in {tuple(phrase.split()) for phrase in phrases}:
            self._by_first.setdefault(phrase[0], []).append(phrase)
        for same_first in self._by_first.values():
            same_first.sort(key=lambda phrase: (-len(phrase), phrase))

    def find(self, said: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and phrase of each that is in plain words."""
        at = 0
        while at < len(said):
            phrase = self.at(said, at)
            if phrase:
                yield at, at + len(phrase), " ".join(phrase)
            at += max(len(phrase), 1)

    def at(self, said: Sequence[str], at: int) -> tuple[str, ...]:
        """Return the longest phrase that starts at a place; an empty one where there is none."""
        for phrase in self._by_first.get(said[at], ()):
            if tuple(said[at : at + len(phrase)]) == phrase:
                return phrase
        return ()
