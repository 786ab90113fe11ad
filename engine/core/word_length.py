"""Syllables a word: assumed until words are recognised, then as they were said.

What text it is moves the ratio, so a rate of words that rests on syllables is uncertain by that much.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from engine.language.fusion import LEAST_WORD_CONFIDENCE, is_filled_pause
from engine.protocol.words import Words

TEXT_ERROR = 0.15
"""Standard deviation of the ratio over texts, as a share of it: 1.14 in a story for children, 1.5 in prepared
speech, 1.7 and more in technical talk."""

WORD_ERROR = 0.5
"""The same over single words: of English ones two thirds have one syllable, the others two to six."""

HEARD_ERROR = 0.05
"""Share of the words by which a recogniser miscounts them: a tenth is wrong, most of it replaced."""

RECENT_S = 60.0
"""Words of so long ago still tell of the text being said."""


class Ratio(NamedTuple):
    """Syllables a word."""

    value: float
    error: float
    """Standard error, as a share of the value."""


def blended(assumed: float, words: int, syllables: int) -> Ratio:
    """Return the ratio from what is assumed and what was counted, each weighted by its certainty.

    Parameters
    ----------
    assumed : the ratio before any word was recognised; its error is :data:`TEXT_ERROR`.
    words, syllables : counted in the same spans of speech.
    """
    if not words or not syllables:
        return Ratio(assumed, TEXT_ERROR)
    counted = WORD_ERROR**2 / words + HEARD_ERROR**2
    weight = TEXT_ERROR**2 / (TEXT_ERROR**2 + counted)
    value = assumed * (syllables / words / assumed) ** weight
    return Ratio(value, math.sqrt(weight * counted))


class WordLength:
    """Counts the syllables of the recognised words of one speaker.

    Parameters
    ----------
    assumed : syllables a word, of the profile.
    """

    def __init__(self, assumed: float) -> None:
        self._assumed = assumed
        self._recent: deque[tuple[float, int, int]] = deque()
        self._words = self._syllables = 0

    def add(self, fact: Words, nuclei_s: Sequence[float]) -> None:
        """Count recognised words against the syllables in their span.

        Unsure words are left out.

        Parameters
        ----------
        nuclei_s : times of syllables, rising.
        """
        spoken = [word for word in fact.words if not is_filled_pause(word)]
        if not spoken or sum(word.confidence for word in spoken) < LEAST_WORD_CONFIDENCE * len(spoken):
            return
        syllables = bisect_left(nuclei_s, fact.end_s) - bisect_left(nuclei_s, fact.start_s)
        syllables -= len(fact.words) - len(spoken)
        if syllables <= 0:
            return
        self._recent.append((fact.end_s, len(spoken), syllables))
        self._words += len(spoken)
        self._syllables += syllables

    def recent(self, now_s: float) -> Ratio:
        """Return the ratio of what is being said."""
        while self._recent and self._recent[0][0] < now_s - RECENT_S:
            self._recent.popleft()
        words = sum(count for _, count, _ in self._recent)
        return blended(self._assumed, words, sum(count for *_, count in self._recent))

    def session(self) -> Ratio:
        """Return the ratio over the session."""
        return blended(self._assumed, self._words, self._syllables)
