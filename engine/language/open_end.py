"""Whether talk that stops is over, by its last words: "we looked at the" isn't, "it worked" may be.

Lists of wordings (``open_end.txt``) over bare words: recognisers put a full stop where a phrase ends, whether
the sentence does or not, so only a comma, a dash or dots count, as signs that it goes on.

What it can't do: know that "we moved the service" goes on with "to another town". Melody tells more there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.protocol.words import Word

from .phrases import plain
from .shipped import wording

LAST = 8
"""Words at the end that are looked at."""

LONGEST_THINKING = 16
"""Words of talk that only holds the turn, at most."""

_GOES_ON = re.compile(r"(?:[,;:–—-]|\.\.\.|…)$")


def is_open(words: Sequence[Word]) -> bool:
    """Whether more is to come after the last of the words; so where there are none."""
    if not words or _GOES_ON.search(words[-1].text):
        return True
    return wording("open_end.txt", "open").search(" ".join(plain(words[-LAST:]))) is not None


def is_thinking(words: Sequence[Word]) -> bool:
    """Whether the words only hold the turn ("good question, let me think"); so where there are none."""
    if len(words) > LONGEST_THINKING:
        return False
    return wording("open_end.txt", "thinking").match(" ".join(plain(words))) is not None
