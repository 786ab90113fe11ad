"""We and I: how often a speaker names the team and themselves, in all or within a span.

*we, us, our, ours* against *I, me, my, mine*, contractions included. Exact but for what the recogniser
misheard: of twenty "I" a small one drops up to a quarter, so a ratio needs a few minutes of talk.

What it can't do: tell the team from "you and I", or a we that means everybody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.protocol.words import Word

from .phrases import plain

_CONTRACTION = r"(?:'(?:m|d|ll|ve|re|s))?"
_WE = re.compile(rf"(?:we|us|our|ours){_CONTRACTION}")
_I = re.compile(rf"(?:i|me|my|mine){_CONTRACTION}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pronouns:
    """Places of the words for the team and for the speaker."""

    we: tuple[int, ...]
    i: tuple[int, ...]

    @property
    def share_of_i(self) -> float | None:
        """Share of I among both; None where neither was said."""
        both = len(self.we) + len(self.i)
        return len(self.i) / both if both else None


def find_pronouns(words: Sequence[Word], start: int = 0, end: int | None = None) -> Pronouns:
    """Return the pronouns among the words from ``start`` to before ``end``; all by default."""
    said = list(enumerate(plain(words)))[start:end]
    return Pronouns(
        we=tuple(at for at, word in said if _WE.fullmatch(word)),
        i=tuple(at for at, word in said if _I.fullmatch(word)),
    )
