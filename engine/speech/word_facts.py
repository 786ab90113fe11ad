"""Results of a recogniser as late facts of a session, each with the sample at which it is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dsp.frame import RATE_HZ
from engine.protocol.words import Word, Words, WordsCorrected, WordsMissed

from .recogniser import Corrected, Final, Missed, Result


class KnownFact(NamedTuple):
    """A late fact for :meth:`engine.core.session.Session.learn`."""

    fact: Words | WordsCorrected | WordsMissed
    at: int
    """Sample index of stream time at which it is known."""


def word_facts(results: Iterable[Result], source: str) -> Iterator[KnownFact]:
    """Turn what a recogniser gave into late facts, in the same order; partial words are none.

    No clock comes into it: words are known at the samples that decided them, a missed span at its end.

    Parameters
    ----------
    results : of one speaker.
    source : name of the recogniser.
    """
    for result in results:
        if isinstance(result, Final) and result.words:
            words = result.words
            start_s, end_s = words[0].start_s, max(word.end_s for word in words)
            fact = Words(words=words, start_s=start_s, end_s=end_s, confidence=_mean(words), source=source)
            yield KnownFact(fact, _sample(max(result.known_s, end_s)))
        elif isinstance(result, Corrected):
            better = WordsCorrected(
                words=result.words,
                start_s=result.start_s,
                end_s=result.end_s,
                confidence=_mean(result.words),
                source=source,
            )
            yield KnownFact(better, _sample(max(result.known_s, result.end_s)))
        elif isinstance(result, Missed):
            start_s, end_s = result.start_s, result.end_s
            missed = WordsMissed(why=result.why, start_s=start_s, end_s=end_s, confidence=1.0, source=source)
            yield KnownFact(missed, _sample(end_s))


def _mean(words: list[Word]) -> float:
    return math.fsum(word.confidence for word in words) / len(words)


def _sample(at_s: float) -> int:
    """First sample index of which the time is not before ``at_s``."""
    at = math.ceil(at_s * RATE_HZ)
    return at + (at / RATE_HZ < at_s)
