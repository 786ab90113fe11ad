"""Cues of questions in words without punctuation, read from ``questions.txt``.

A question in English inverts (*do you*, *is it*), begins with a question word before an auxiliary, ends in a
tag (*right*, *isn't it*) or an open *or*, or is a statement about what only the listener can know (*you
mean …*). Checks of understanding are mostly such statements: *so it is fixed* (Shriberg et al. 2004,
tags ``bu`` and ``br``).
"""

from __future__ import annotations

import re

from .shipped import parse_sections, read_list

_CLASSES, _SECTIONS = parse_sections(read_list("questions.txt"))

LEAD_IN = re.compile(_CLASSES["LEAD_IN"])
PRONOUN = _CLASSES["PRONOUN"]
DETERMINER = _CLASSES["DETERMINER"]
AUX = _CLASSES["AUX"]
TAG = re.compile(rf"\b{_CLASSES['TAG']}$")

CHECK_IN = [re.compile(rf"\b{pattern}") for pattern in _SECTIONS["check_in"]]
REPEAT = [re.compile(pattern) for pattern in _SECTIONS["repeat"]]
MEANING = [re.compile(pattern) for pattern in _SECTIONS["meaning"]]

RULES = [
    (re.compile(pattern), float(probability))
    for probability, pattern in (line.split(" | ", 1) for line in _SECTIONS["rules"])
]
"""Pattern and probability of a question, in order."""
