"""Empathy: whether another person's state is named, and whether something was done about it.

Words alone (*that sounds hard*) and words followed by an act for that person (*so I took two of her shifts*)
are told apart: cognitive and behavioural empathy of Decety & Jackson (2004). A state is a feeling or strain
that another person has, not the speaker; the act is the speaker's, in that clause or one of the next
:data:`REACH`, and is for that person.

What it can't do: hear warmth, or see kindness that names no state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .clauses import Clause
from .phrases import Found, plain
from .shipped import wording, wordings

Empathy = Literal["none", "words_only", "with_action"]

REACH = 4
"""Clauses after the one that names a state in which an act for that person counts."""

LIST = "empathy.txt"
"""Wordings of another's state, of an act for them, and of the speaker's own state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Found):
    """Where another person's state is named, and where something was done about it."""

    kind: Empathy
    act: tuple[int, int] | None = None
    """Places of the clause with the act; None where there was none."""


def find_empathy(words: Sequence[Word], spans: Sequence[Clause]) -> Shown | None:
    """Return where another's state is named, rather one that was acted upon; None where none is."""
    said = plain(words)
    named = None
    for n, (start, end) in enumerate(spans):
        text = " ".join(said[start:end])
        hits = sum(pattern.search(text) is not None for pattern in wordings(LIST, "states"))
        if not hits or (hits == 1 and wording(LIST, "own").search(text)):
            continue
        confidence = 0.6 if hits == 1 else 0.75
        for later_start, later_end in spans[n : n + 1 + REACH]:
            later = " ".join(said[later_start:later_end])
            if wording(LIST, "acts").search(later):
                return Shown(
                    start=start,
                    end=end,
                    confidence=confidence,
                    kind="with_action",
                    act=(later_start, later_end),
                )
        named = named or Shown(start=start, end=end, confidence=confidence, kind="words_only")
    return named
