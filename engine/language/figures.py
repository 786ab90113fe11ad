"""Figures as evidence: how much, how many, how long, how much better; not dates, versions or team sizes.

Numbers come from :mod:`engine.language.number_phrases`. What one counts and what stands around it
(``figures.txt``) decide: a share, an amount of money, a change or a ratio is evidence, a duration where
something took it, a bare count beside a word of measuring or change, or of what so many people did. What is
only planned or imagined is none, nor the whole that something is counted in ("out of *twenty*"). Each reason
adds or takes log-odds. In a result or among evidence a number is likelier a figure than in a situation or a
proposal, where it describes or plans.

What it can't do: know whether a count of people is a team's size or a result where nothing says so; tell a
sample's size from what was found in it; see a figure that is told without a number ("not one came back").
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .number_phrases import ONES, NumberPhrase, find_numbers, word_class
from .phrases import Found, Part, plain
from .shipped import wording

Kind = Literal["share", "money", "change", "ratio", "time", "count"]

IN_PART = {
    "result": 1.0,
    "evidence": 1.2,
    "headline": 1.0,
    "problem": 0.2,
    "new_practice": -0.3,
    "proposal": -1.4,
}
ELSEWHERE = -0.9
"""Log-odds of the part of the answer that a number stands in."""

NEVER = -5.0
"""Log-odds of what is a date, a time of day or a name."""

BEFORE, AFTER = 6, 4
"""Words around a number that tell what it is."""

FEW = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[0-9]|1[0-2]"
"""Numbers of people that may all be known by name: a team, not a measure."""

PLANNED = -1.5
"""Log-odds of a number that is planned, imagined or a limit ("up to fifty")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Found):
    """A figure that is evidence."""

    kind: Kind


def find_figures(words: Sequence[Word], parts: Sequence[Part] = (), *, least: float = 0.5) -> list[Figure]:
    """Find the figures that are evidence, in order of place.

    Parameters
    ----------
    words
        Of the answer.
    parts
        Where its parts are; a figure's part says how likely it is evidence. None: judged without.
    least
        Confidence below which a number is left out.
    """
    said = plain(words)
    found = []
    for phrase in find_numbers(words):
        kind, odds = judge(said, phrase)
        part = next((p.part for p in parts if p.start <= phrase.start < p.end), None)
        if part is not None:
            odds += IN_PART.get(part, ELSEWHERE)
        confidence = 1 / (1 + math.exp(-odds))
        if confidence >= least:
            found.append(Figure(start=phrase.start, end=phrase.end, confidence=confidence, kind=kind))
    return found


def judge(said: Sequence[str], phrase: NumberPhrase) -> tuple[Kind, float]:
    """Kind of a number, and log-odds of its being evidence, its part of the answer left aside."""
    number = _Number(said, phrase)
    kind, odds = number.judge()
    return kind, odds + PLANNED * (
        number.has("near: planned", number.before) + number.text.startswith("up to ")
    )


class _Number:
    """A number as it is judged: its texts, and those around it."""

    def __init__(self, said: Sequence[str], phrase: NumberPhrase) -> None:
        self.phrase = phrase
        self.words = said[phrase.start : phrase.end]
        self.inner = said[phrase.number_start : phrase.number_end]
        self.text, self.number = " ".join(self.words), " ".join(self.inner)
        self.before = " ".join(said[max(0, phrase.start - BEFORE) : phrase.start])
        self.after = " ".join(said[phrase.end : phrase.end + AFTER])
        self.right_before = " ".join(said[max(0, phrase.number_start - 3) : phrase.number_start])
        self.classes = "".join(map(word_class, self.words))

    @staticmethod
    def has(section: str, text: str) -> bool:
        """Whether a wording of a section of ``figures.txt`` is in a text."""
        return wording("figures.txt", section).search(text) is not None

    def followed(self, section: str) -> bool:
        """Whether a wording of a section comes right after."""
        return wording("figures.txt", section).match(self.after) is not None

    def judge(self) -> tuple[Kind, float]:
        shape = self.phrase.shape
        if "P" in self.classes or "%" in self.text:
            return "share", 2.2
        if "M" in self.classes[1:] or re.search(r"[$€£]", self.text):
            return "money", 1.6
        if re.fullmatch(r"\d[\d.]*x", self.number):
            return "change", 1.6
        if self._names():
            return "count", NEVER
        if shape == "range":
            return self._range()
        if shape == "ratio":
            always = r"(?:nine|99|ninety-nine)(?: times)? (?:out of|in) (?:ten|100|a hundred)"
            return "ratio", -1.0 if re.fullmatch(always, self.text) else 1.2
        if self._is_whole():
            return "count", -2.0
        if self.number == "one" and shape == "amount" and self.classes[-1] not in "PMT":
            return "count", -2.5
        if shape == "fraction":
            return "change", self._fraction()
        if self.followed("after: people") or wording("figures.txt", "after: people").fullmatch(
            self.words[-1]
        ):
            if self.followed("after: did") and not re.fullmatch(FEW, self.number):
                return "count", 0.6
            return "count", -1.6 if self.has("near: team", f"{self.before} {self.after}") else -0.3
        if "T" in self.classes:
            return "time", self._time()
        return "count", self._count()

    def _names(self) -> bool:
        """Whether a number is a date, a time of day, an age, a version or an ordinal."""
        if re.fullmatch(r"(?:19|20)\d\d", self.number) or re.search(r":|\d(?:st|nd|rd|th|0s)$", self.number):
            return True
        last = self.right_before.rpartition(" ")[2]
        if self.has("before: month", last) or self.followed("after: month") or self.followed("after: clock"):
            return True
        bare = self.phrase.end == self.phrase.number_end
        at_clock = self.number in ONES and self.has("before: clock", self.right_before)
        if bare and (at_clock or self.has("before: age", self.right_before)):
            return True
        return self.phrase.shape == "amount" and self.has("before: name", self.right_before)

    def _is_whole(self) -> bool:
        """Whether it is what something is counted in: "out of forty", "of a hundred requests ninety"."""
        counted = self.after and word_class(self.after.partition(" ")[0]) == "N"
        return self.has("before: whole", self.right_before) or bool(
            counted and self.right_before.endswith(" of")
        )

    def _range(self) -> tuple[Kind, float]:
        if "T" not in self.classes and self.followed("after: clock"):
            return "time", -1.5
        bare = all(word in ("from", "to") or re.fullmatch(FEW, word) for word in self.words)
        return "change", 0.5 if bare else 2.0  # "from nine to twelve": hours of a day, or settings

    def _fraction(self) -> float:
        last = self.before.rpartition(" ")[2]
        if "s" in self.classes:
            return 1.2  # half as long
        if self.has("before: owned", last) or self.followed("after: no share"):
            return -2.0
        if self.number in ("doubled", "halved", "tripled", "quadrupled"):
            return 2.0
        if last == "in" and self.number == "a quarter" and self.classes[-1] == "F":
            return -2.0  # of a year
        about = 0.6 * (self.phrase.start < self.phrase.number_start)
        in_half = last == "in" and self.number == "half"
        if in_half or self.words[0] in ("by", "from") or self.has("near: changed", self.before):
            return about + 1.2
        return about + (0.8 if self.phrase.end > self.phrase.number_end else -0.7)

    def _time(self) -> float:
        rate = self.phrase.shape != "halves" and self.classes.endswith(("aT", "rT", "qT"))
        if rate or self.classes.endswith("l") or self.followed("after: more"):
            return 1.2
        odds = 0.9 * self.followed("after: compared") + 0.5 * self.has("before: compared", self.before)
        limit = re.match(r"(?:under|less than|within|only|just)\b", self.text)
        if limit or self.has("before: took", self.before):
            return odds + 0.8
        if self.followed("after: planned") or self.has("before: period", self.before):
            return -1.6
        return odds + (0.3 if self.has("near: took", f"{self.before} {self.text}") else -1.2)

    def _count(self) -> float:
        near = f"{self.before} {self.after}"
        measured = "C" in self.classes or "x" in self.classes or self.has("near: measured", near)
        odds = -1.0 + 1.0 * self.has("near: changed", near) + 0.9 * measured
        large = len(self.inner) > 1 or any(
            word_class(word) == "L" or re.search(r"\d\d|\.\d|-", word) for word in self.inner
        )
        odds += 0.6 if large else -0.4
        odds += 0.5 * (self.phrase.start < self.phrase.number_start)
        odds += 0.8 * any(re.fullmatch(r"\d+\.\d+", word) for word in self.inner)
        odds -= 1.0 * ("|" in self.classes)  # "five or six": a guess
        if self.classes[-1] in "NL":
            # the value of what was measured ("it was ninety-two, and now"), or so many who did something
            odds += 1.3 * (self.has("before: value", self.before) and self.followed("after: value"))
            odds += 1.0 * self.followed("after: did")
        vague = ("two", "three", "hundred", "thousand", "hundreds", "thousands")
        return odds - 0.8 * (self.number in vague)
