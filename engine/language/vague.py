"""General talk: words that would fit any answer ("it depends", "communication is very important").

What it can't do: know that a general answer was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.words import Word

from .phrases import plain
from .shipped import wording


def count_general(words: Sequence[Word]) -> int:
    """How often the words are general."""
    return sum(1 for _ in wording("vague.txt", "general").finditer(" ".join(plain(words))))
