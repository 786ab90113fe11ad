"""Cues of questions in words without punctuation, read from ``questions.txt``.

A question in English inverts (*do you*, *is it*), begins with a question word before an auxiliary, ends in a
tag (*right*, *isn't it*) or an open *or*, or is a statement about what only the listener can know (*you
mean …*). Checks of understanding are mostly such statements: *so it is fixed* (Shriberg et al. 2004,
tags ``bu`` and ``br``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from .shipped import parse_sections, read_list

LIST = "questions.txt"

Rule = tuple[re.Pattern[str], tuple[float, ...]]
"""Pattern and probabilities."""


class QuestionCues:
    """The list in ``questions.txt``, compiled; :func:`question_cues` has the one."""

    def __init__(self) -> None:
        classes, self._sections = parse_sections(read_list(LIST))
        backchannel, tag = classes["BACKCHANNEL"], classes["TAG"]
        self.lead_in = re.compile(classes["LEAD_IN"])
        self.verb = re.compile(rf"\b{classes['VERB']}\b")
        self.assesses = re.compile(rf"\b{classes['ASSESSES']}\b")
        """Words of short replies that agree or judge."""
        self.backchannel = re.compile(rf"{backchannel}(?: {backchannel})*")
        self.tag = re.compile(rf"\b{tag}$")
        self.check_in = re.compile("|".join(rf"\b{pattern}" for pattern in self._sections["check_in"]))
        self.repeat, self.meaning = self._any("repeat"), self._any("meaning")
        self.rules = self._rules("rules")
        """Probability of a question by its form."""
        self.you, self.so = self._rules("you"), self._rules("so")
        """Probabilities that a statement asks, and that it checks what was meant."""

    def _any(self, section: str) -> re.Pattern[str]:
        return re.compile("|".join(self._sections[section]))

    def _rules(self, section: str) -> list[Rule]:
        parted = (line.split(" | ", 1) for line in self._sections[section])
        return [(re.compile(pattern), tuple(map(float, numbers.split()))) for numbers, pattern in parted]


@functools.cache
def question_cues() -> QuestionCues:
    """Return the cues, read at their first use."""
    return QuestionCues()


def first_fit(rules: Sequence[Rule], text: str, *otherwise: float) -> tuple[float, ...]:
    """Return the probabilities of the first rule that fits a text."""
    return next((numbers for pattern, numbers in rules if pattern.search(text)), otherwise)
