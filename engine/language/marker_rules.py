"""Rules of discourse markers, read from ``markers.txt``, and what a break beside a marker says."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import Pattern

from .shipped import read_sections


@dataclass(frozen=True, slots=True)
class Rule:
    """Neighbours, and the probability of a marker between them."""

    left: Pattern[str]
    right: Pattern[str]
    probability: float


def parse_rule(line: str) -> Rule:
    """Return the rule of a line of ``markers.txt``."""
    probability, left, right = (part.strip() for part in line.split(" | "))
    return Rule(
        re.compile("" if left == "*" else rf"(?:^| )(?:{left})$"),
        re.compile("" if right == "*" else rf"(?:{right})(?: |$)"),
        float(probability),
    )


@functools.cache
def rules_of(marker: str) -> Sequence[Rule]:
    """Return the rules of a marker, in order; ``so fills`` says whether a *so* says nothing."""
    return [parse_rule(line) for line in read_sections("markers.txt")[marker]]


BREAK_LOG_ODDS: Mapping[str, tuple[float, float, float, float]] = {
    "like": (3.0, 2.2, 0.0, -0.6),
    "you know": (1.5, 0.8, 0.8, -0.7),
    "i mean": (1.5, 1.0, 0.6, -0.7),
    "kind of": (1.8, 0.8, 0.3, 0.0),
    "sort of": (1.8, 0.8, 0.3, 0.0),
    "so": (1.8, 1.5, 0.0, -0.8),
    "well": (2.0, 1.0, 0.5, -0.7),
    "actually": (1.5, 0.7, 0.3, -0.3),
    "basically": (1.5, 0.7, 0.3, -0.2),
    "right": (3.0, 0.8, 0.0, -2.0),
    "okay": (2.5, 1.0, 0.3, -1.0),
    "ok": (2.5, 1.0, 0.3, -1.0),
}
"""Of each marker, log-odds for a break on both sides, after it only, before it only, and on neither.

The last counts only in a text with punctuation. A marker is set off; the ordinary use stands within its
clause, with its complement behind it.
"""


def first_fit(rules: Sequence[Rule], left: str, right: str) -> float:
    """Return the probability of the first rule that fits the words around."""
    return next(rule.probability for rule in rules if rule.left.search(left) and rule.right.match(right))
