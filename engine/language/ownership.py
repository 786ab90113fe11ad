"""Who is answerable: own fault, blame, what is unknown, what is assumed, how the other side sees it.

Each is a list of wordings with a weight, after Lerner & Tetlock (1999, accountability: cause, effect and
repair named in the first person) and, for the view of the other side, perspective taking as Galinsky et al.
(2008) define it: another's reasons put into words. The weights of what is found in a clause add up as
log-odds from :data:`PRIOR`; a clause counts from a probability of 0.5.

What it can't do: find a fault that is only told ("and then the site was down"), or tell irony.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from typing import Literal

from engine.protocol.words import Word

from .clauses import Clause
from .phrases import Found, plain
from .shipped import read_sections

Stance = Literal["own_fault", "blame", "unknown", "assumption", "other_view"]

PRIOR, BLAME_PRIOR = -2.0, -2.6
"""Log-odds of a stance in a clause, and of blame in an answer, before a word is heard."""

ANSWER_WORDS = 300
"""Length of a long answer: two minutes."""


@functools.cache
def wordings_of(stance: Stance) -> list[tuple[re.Pattern[str], float]]:
    """Return the wordings of ``stances.txt`` in plain words, each with the log-odds that it adds."""
    lines = (line.partition(" | ") for line in read_sections("stances.txt")[stance])
    return [(re.compile(pattern), float(odds)) for odds, _, pattern in lines]


def find_stances(words: Sequence[Word], spans: Sequence[Clause], stance: Stance) -> list[Found]:
    """Return the clauses that take a stance, in order of place, with their probability."""
    said = plain(words)
    found = []
    for start, end in spans:
        text = " ".join(said[start:end])
        odds = PRIOR + sum(weight for wording, weight in wordings_of(stance) if wording.search(text))
        confidence = 1 / (1 + math.exp(-odds))
        if confidence >= 0.5:
            found.append(Found(start=start, end=end, confidence=confidence))
    return found


def stance_confidence(words: Sequence[Word], spans: Sequence[Clause], stance: Stance) -> float:
    """Probability that an answer takes a stance somewhere: that none of its clauses does it taken away.

    Weak signs of blame in several clauses add up, so they are counted over the answer there. Longer talk is
    judged in stretches of :data:`ANSWER_WORDS`, and the surest counts: else an hour would have every stance.
    """
    if stance == "blame":
        said = plain(words)
        starts = range(0, max(len(said) - ANSWER_WORDS // 2, 1), ANSWER_WORDS // 2)
        return max(_blame(" ".join(said[start : start + ANSWER_WORDS])) for start in starts)
    found = find_stances(words, spans, stance)
    stretches = ([other for other in found if 0 <= other.start - one.start < ANSWER_WORDS] for one in found)
    return max((1 - math.prod(1 - one.confidence for one in stretch) for stretch in stretches), default=0.0)


def _blame(text: str) -> float:
    times = ((weight, min(len(wording.findall(text)), 2)) for wording, weight in wordings_of("blame"))
    odds = BLAME_PRIOR + sum(weight * often**0.7 for weight, often in times if often)
    return 1 / (1 + math.exp(-odds))
