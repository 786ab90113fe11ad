"""Cues of questions in words without punctuation, read from ``questions.txt``.

A question in English inverts (*do you*, *is it*), begins with a question word before an auxiliary, ends in a
tag (*right*, *isn't it*) or an open *or*, or is a statement about what only the listener can know (*you
mean …*). Checks of understanding are mostly such statements: *so it is fixed* (Shriberg et al. 2004,
tags ``bu`` and ``br``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .shipped import parse_sections, read_list

_CLASSES, _SECTIONS = parse_sections(read_list("questions.txt"))

LEAD_IN = re.compile(_CLASSES["LEAD_IN"])
ELLIPSIS = re.compile(rf"{_CLASSES['PRONOUN']} {_CLASSES['AUX']}")
"""A statement of which only the subject is left: *it is*, *he does*."""

VERB = re.compile(rf"\b{_CLASSES['VERB']}\b")
ASSESSES = re.compile(rf"\b{_CLASSES['ASSESSES']}\b")
"""Words of short replies that agree or judge."""

BACKCHANNEL = re.compile(rf"{_CLASSES['BACKCHANNEL']}(?: {_CLASSES['BACKCHANNEL']})*")
TAG = re.compile(rf"\b{_CLASSES['TAG']}$")
SOFT_TAG = re.compile(rf"\b{_CLASSES['SOFT_TAG']}$")
"""Words that ask for agreement, or agree."""

CHECK_IN = [re.compile(rf"\b{pattern}") for pattern in _SECTIONS["check_in"]]
REPEAT = [re.compile(pattern) for pattern in _SECTIONS["repeat"]]
MEANING = [re.compile(pattern) for pattern in _SECTIONS["meaning"]]

Rule = tuple[re.Pattern[str], float]
"""Pattern and probability."""


def _rules(section: str) -> list[Rule]:
    parted = (line.split(" | ", 1) for line in _SECTIONS[section])
    return [(re.compile(pattern), float(probability)) for probability, pattern in parted]


RULES, YOU, SO = _rules("rules"), _rules("you"), _rules("so")


def first_fit(rules: Sequence[Rule], text: str, otherwise: float) -> float:
    """Return the probability of the first rule that fits a text."""
    return next((probability for pattern, probability in rules if pattern.search(text)), otherwise)
