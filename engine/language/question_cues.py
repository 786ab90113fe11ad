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

Rule = tuple[re.Pattern[str], tuple[float, ...]]
"""Pattern and probabilities."""


def _rules(section: str) -> list[Rule]:
    parted = (line.split(" | ", 1) for line in _SECTIONS[section])
    return [(re.compile(pattern), tuple(map(float, numbers.split()))) for numbers, pattern in parted]


RULES = _rules("rules")
"""Probability of a question by its form."""

YOU, SO = _rules("you"), _rules("so")
"""Probabilities that a statement asks, and that it checks what was meant."""


def first_fit(rules: Sequence[Rule], text: str, *otherwise: float) -> tuple[float, ...]:
    """Return the probabilities of the first rule that fits a text."""
    return next((numbers for pattern, numbers in rules if pattern.search(text)), otherwise)
