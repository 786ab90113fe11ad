"""Whether a term was explained: a plain phrase right after it or right before, from ``explanations.txt``.

*which means*, *that is*, *basically a*, *it keeps …* after the term; *it's called*, *known as* before it.
What it can't do: tell a good explanation from one that needs another term.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .shipped import parse_sections, read_list

REACH = 9
"""Words on each side that may explain a term."""

_SECTIONS = parse_sections(read_list("explanations.txt"))[1]
_AFTER = [re.compile(rf"(?:{pattern})\b") for pattern in _SECTIONS["after"]]
_BEFORE = [re.compile(rf"\b(?:{pattern})$") for pattern in _SECTIONS["before"]]


def is_explained(said: Sequence[str], start: int, end: int) -> bool:
    """Whether plain words beside those from ``start`` to before ``end`` explain them."""
    after = " ".join(said[end : end + REACH])
    before = " ".join(said[max(0, start - REACH) : start])
    return any(pattern.match(after) for pattern in _AFTER) or any(
        pattern.search(before) for pattern in _BEFORE
    )
