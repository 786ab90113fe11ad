"""Whether a term was explained: a plain phrase right after it or right before, from ``explanations.txt``.

*which means*, *that is*, *basically a*, *it keeps …* after the term; *it's called*, *known as* before it.
What it can't do: tell a good explanation from one that needs another term.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from .shipped import read_sections

REACH = 9
"""Words on each side that may explain a term."""


@functools.cache
def explaining() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what explains after a term, and what before it."""
    after, before = ("|".join(read_sections("explanations.txt")[name]) for name in ("after", "before"))
    return re.compile(rf"(?:{after})\b"), re.compile(rf"\b(?:{before})$")


def is_explained(said: Sequence[str], start: int, end: int) -> bool:
    """Whether plain words beside those from ``start`` to before ``end`` explain them."""
    after = " ".join(said[end : end + REACH])
    before = " ".join(said[max(0, start - REACH) : start])
    explains_after, explains_before = explaining()
    return bool(explains_after.match(after) or explains_before.search(before))
