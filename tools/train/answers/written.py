"""Answers that we wrote, with their labels, and how a recogniser would give them.

A file of ``written/`` holds answers. An answer begins with ``= FRAMEWORK QUALITY FLAG ... | question``; each
of its lines is ``part: text``; ``{braces}`` stand around figures that are evidence. Flags: ``hf`` the point
comes first, ``ci`` checks in, ``pq`` says the question again in own words, ``sa`` states an assumption,
``nu`` names what is unknown, ``of`` owns a fault, ``bo`` blames others, ``nov`` names another's view, ``ew``
and ``ea`` empathy in words only and with action.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).with_name("written")

FLAGS = ("hf", "ci", "pq", "sa", "nu", "of", "bo", "nov", "ew", "ea")

HESITATION = re.compile(r"um|uh|hmm|huh")
SET_OFF = re.compile(r"(^|,) (like|you know|i mean|right|well)(?=,)", re.IGNORECASE)
"""A marker between commas: a recogniser drops some."""

DROPPED_HESITATIONS, DROPPED_MARKERS = 0.9, 0.5
"""Shares that a recogniser drops."""


@dataclass(frozen=True)
class Answer:
    """A labelled answer."""

    framework: str
    quality: int
    """1..10, in the eyes of the one who wrote it."""
    flags: frozenset[str]
    question: str
    segments: Sequence[tuple[str, str]]
    """Part and text, with braces around figures."""

    def as_written(self) -> tuple[list[str], list[str]]:
        """Words with punctuation, and the part of each."""
        return self._words(lambda text: re.sub(r"[{}]", "", text).split())

    def as_recognised(self, rng: random.Random) -> tuple[list[str], list[str]]:
        """Words in lower case without punctuation and with fewer fillers, and the part of each."""
        return self._words(lambda text: recognised(text, rng))

    def without(self, part: str) -> Answer:
        """The answer as it is when a part isn't told; the whole one where nothing would be left."""
        left = [segment for segment in self.segments if segment[0] != part]
        return replace(self, segments=left) if left else self

    def _words(self, split: Callable[[str], list[str]]) -> tuple[list[str], list[str]]:
        cut = [(part, split(text)) for part, text in self.segments]
        return [w for _, words in cut for w in words], [part for part, words in cut for _ in words]


def recognised(text: str, rng: random.Random) -> list[str]:
    """Words of a text as a recogniser without punctuation gives them."""
    plain = re.sub(r"[{}]", "", text).replace("’", "'").replace("-", " ")
    plain = SET_OFF.sub(lambda m: m[0] if rng.random() < DROPPED_MARKERS else m[1], plain)
    words = [re.sub(r"[^\w'%.]", "", word).strip(".'").lower() for word in plain.split()]
    return [
        word
        for word in words
        if word and not (HESITATION.fullmatch(word) and rng.random() < DROPPED_HESITATIONS)
    ]


def parse_answers(text: str) -> list[Answer]:
    """Read the answers of a file.

    Raises
    ------
    ValueError
        A line is none of the format.
    """
    answers: list[Answer] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("="):
            head, found, question = line[1:].partition("|")
            framework, quality, *flags = head.split()
            if not found or set(flags) - set(FLAGS):
                raise ValueError(f"line {number}: = FRAMEWORK QUALITY FLAG ... | question, not {line!r}")
            answers.append(Answer(framework, int(quality), frozenset(flags), question.strip(), []))
        elif line.strip():
            part, found, words = line.partition(":")
            if not found or not answers:
                raise ValueError(f"line {number}: part: text, not {line!r}")
            segments = [*answers[-1].segments, (part.strip(), words.strip())]
            answers[-1] = replace(answers[-1], segments=segments)
    return answers


def read_answers(folder: Path = FOLDER) -> list[Answer]:
    """Read all answers that we wrote."""
    return [
        answer for path in sorted(folder.glob("*.txt")) for answer in parse_answers(path.read_text("utf-8"))
    ]
