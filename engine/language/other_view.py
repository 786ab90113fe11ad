"""Whether another's view is named: what they think, want or fear, or what is right in it.

Said to the one who holds it ("I see why you worry", "you're right that …") or of people in general, by the
phrases of ``other_view.txt``; of the people in a story, as :mod:`engine.language.ownership` finds it. Naming
the other's view before one's own is what makes them listen (perspective taking; Galinsky et al. 2008).

What it can't do: tell a view that is named to be mocked, or one that is put without naming whose it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from engine.protocol.words import Word

from .clauses import find_clauses
from .ownership import find_stances
from .phrases import Found, plain
from .shipped import wording

CONFIDENCE = 0.7
"""Of each phrase: a judgement, they are equal."""

FOLLOWING = 6
"""Words after a phrase that are quoted with it: they say what the view is."""


def find_other_views(words: Sequence[Word]) -> list[Found]:
    """Return where another's view is named, in order of place, none over another."""
    said = plain(words)
    starts = list(accumulate((len(word) + 1 for word in said), initial=0))
    named = find_stances(words, find_clauses(words, timed=False), "other_view")
    for match in wording("other_view.txt", "named").finditer(" ".join(said)):
        start = bisect_right(starts, match.start()) - 1
        end = min(bisect_right(starts, match.end() - 1) + FOLLOWING, len(said))
        named.append(Found(start=start, end=end, confidence=CONFIDENCE))
    found: list[Found] = []
    for one in sorted(named, key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found
