"""Sentences: where one ends, from punctuation, pauses, how the phrase's melody ends, and words.

Where the text has full stops they decide (precision .95, recall .84 of the default recogniser against read
texts). Elsewhere each place between two words has log-odds of an end: those of the words around
(:mod:`engine.language.sentence_cues`), of a pause, and of how the melody before it ends; chosen are the
ends whose odds, together with those of the sentences' lengths, are highest (a semi-Markov model solved by
dynamic programming). Pauses are the best single cue, words and melody add to it (Shriberg et al. 2000).

What it can't do: by bare words alone it finds less than half of the ends, and joins or cuts main clauses
("and I …") as often as not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .breaks import ends_sentence, is_punctuated
from .phrases import Found, plain
from .sentence_cues import log_odds

Contour = Literal["falling", "rising", "flat", "unsure"]

LONGEST = 45
"""Words of the longest sentence that is left uncut."""

MEAN_WORDS, SPREAD = 11.0, 0.6
"""Length of spoken sentences: median in words, and deviation of its logarithm."""

SURE = 12.0
"""Log-odds of an end at a full stop: nothing else outweighs it."""

PUNCTUATED = -4.0
"""Log-odds of an end without a full stop in a text that has punctuation."""

EAGER = 0.5
"""Added log-odds: a sentence cut in two does less harm to what follows than two joined in one."""

CONTOURS: Mapping[str, float] = {"falling": 1.0, "rising": 0.5, "flat": -0.8, "unsure": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Found):
    """A sentence; ``confidence`` is that of its end."""


def find_sentences(
    words: Sequence[Word],
    *,
    timed: bool = True,
    contours: Mapping[int, Contour] | None = None,
    eager: float = EAGER,
) -> list[Sentence]:
    """Return sentences that cover all words, in order.

    Parameters
    ----------
    words
        Of one speaker.
    timed
        Whether their times were measured, so that pauses count.
    contours
        How the melody of the phrase that ends with a word ends, by the word's place.
    eager
        Log-odds added to an end at each place.
    """
    if not words:
        return []
    odds = [*end_log_odds(words, timed=timed, contours=contours, eager=eager), SURE]
    best, came_from = [0.0], [0]
    for end in range(1, len(words) + 1):
        starts = range(max(0, end - LONGEST), end)
        start = max(starts, key=lambda at: best[at] + _LENGTHS[end - at])
        best.append(best[start] + _LENGTHS[end - start] + odds[end])
        came_from.append(start)
    found: list[Sentence] = []
    end = len(words)
    while end:
        start = came_from[end]
        found.append(Sentence(start=start, end=end, confidence=1.0 / (1.0 + math.exp(-odds[end]))))
        end = start
    return found[::-1]


def end_log_odds(
    words: Sequence[Word],
    *,
    timed: bool = True,
    contours: Mapping[int, Contour] | None = None,
    eager: float = EAGER,
) -> list[float]:
    """Return log-odds of a sentence's end before each word; of the first it means nothing."""
    said = plain(words)
    punctuated = is_punctuated(words)
    odds = [0.0]
    for at in range(1, len(words)):
        if ends_sentence(words[at - 1].text):
            odds.append(SURE)
            continue
        value = eager + log_odds(said, at) + CONTOURS[(contours or {}).get(at - 1, "unsure")]
        if punctuated:
            value += PUNCTUATED
        if timed:
            value += _pause(words[at].start_s - words[at - 1].end_s)
        odds.append(value)
    return odds


def _pause(pause_s: float) -> float:
    """Log-odds of a pause: none below 0.2 s, 7 from 1.2 s."""
    return 7.0 * min(max(pause_s - 0.2, 0.0), 1.0)


def _length(words: int) -> float:
    """Log-odds of a sentence's length over that which even odds at each place would give."""
    spoken = -math.log(words * SPREAD) - (math.log(words / MEAN_WORDS) / SPREAD) ** 2 / 2 - 0.92
    even = -math.log(MEAN_WORDS) + (words - 1) * math.log(1 - 1 / MEAN_WORDS)
    return spoken - even


_LENGTHS = [0.0, *(_length(words) for words in range(1, LONGEST + 1))]
