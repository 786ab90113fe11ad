"""Whether another person's view is named: what they think, want or fear, or what is right in it.

Cue phrases in ``other_view.txt``. Naming the other's view before one's own is what makes them listen
(perspective taking; Galinsky et al. 2008 in negotiation).

What it can't do: tell a view that is named to be mocked, or one that is paraphrased without naming whose
it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from engine.protocol.words import Word

from .phrases import Found, plain
from .shipped import parse_sections, read_list

CONFIDENCE = 0.7
"""Of each: a judgement, the phrases are equal."""

FOLLOWING = 6
"""Words after the phrase that are quoted with it: they say what the view is."""

_, _SECTIONS = parse_sections(read_list("other_view.txt"))
_NAMED = re.compile("|".join(_SECTIONS["named"]))


def find_other_views(words: Sequence[Word]) -> list[Found]:
    """Return where another's view is named, in order of place, with the words that follow it."""
    said = plain(words)
    starts = list(accumulate((len(word) + 1 for word in said), initial=0))
    found: list[Found] = []
    for match in _NAMED.finditer(" ".join(said)):
        start = bisect_right(starts, match.start()) - 1
        end = min(bisect_right(starts, match.end() - 1) + FOLLOWING, len(said))
        if not found or start >= found[-1].end:
            found.append(Found(start=start, end=end, confidence=CONFIDENCE))
    return found
