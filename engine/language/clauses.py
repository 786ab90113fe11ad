"""Clauses: the units that are judged as parts of an answer.

Sentences, cut more eagerly than elsewhere where no full stop says where they end: a clause too many costs
less than one that holds two parts.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.words import Word

from .sentences import find_sentences

EAGER = 1.5
"""Log-odds added to an end at each place between two words."""

Clause = tuple[int, int]
"""Places of its words; the end is exclusive."""


def find_clauses(words: Sequence[Word], *, timed: bool = True) -> list[Clause]:
    """Cut an answer's words into clauses, one after the other without gaps."""
    return [(one.start, one.end) for one in find_sentences(words, timed=timed, eager=EAGER)]
