"""Analogies: a thing put into the terms of another field, one that the listener knows.

A likeness of relations, not of looks (Gentner 1983, structure mapping): *it's like a librarian who …*, *think
of it as a queue at a bakery*, *the same way you would check a recipe*. Found by the wordings of
``analogies.txt``: those that announce one, and those that compare. Where *like* is a filler ("it's like a big
thing"), or what follows is an amount or a thing of the same field, nothing is found.

What it can't do: find one without such a wording ("the cache is our memory"), or know whether the other thing
is of another field and helps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from engine.protocol.words import Word

from .breaks import ends_sentence
from .phrases import Found, plain
from .shipped import wording

ANNOUNCED, COMPARED = 0.8, 0.6
"""Confidence of the two kinds of wording: judgements, as analogies are rare."""

FOLLOWING = 8
"""Words after a wording that are quoted with it: they say what it is like."""


def find_analogies(words: Sequence[Word]) -> list[Found]:
    """Return where an analogy is made, in order of place, none over another."""
    said = plain(words)
    text = " ".join(said)
    starts = list(accumulate((len(word) + 1 for word in said), initial=0))
    found: list[Found] = []
    for section, confidence in (("announced", ANNOUNCED), ("compared", COMPARED)):
        for match in wording("analogies.txt", section).finditer(text):
            start = bisect_right(starts, match.start()) - 1
            end = bisect_right(starts, match.end() - 1)
            near = " ".join(said[start : end + 2])
            if section == "compared" and wording("analogies.txt", "none").search(near):
                continue
            last = min(end + FOLLOWING, len(said))
            end = next((n + 1 for n in range(end, last) if ends_sentence(words[n].text)), last)
            found.append(Found(start=start, end=end, confidence=confidence))
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (-one.confidence, one.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
