"""Figures as evidence: how much, how many, how long, how much better; not dates, versions or team sizes.

Numbers come from :mod:`engine.language.number_phrases`. What one counts and what stands around it decide: a
share, an amount of money, a change or a ratio is evidence, a duration where something took it, a bare count
beside a word of measuring or change. Each reason adds or takes log-odds. In a result or among evidence a
number is likelier a figure than in a situation or a proposal, where it describes or plans.

What it can't do: know whether a count of people is a team's size or a result where nothing says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .number_phrases import ONES, NumberPhrase, find_numbers, word_class
from .parts import Part
from .phrases import Found, plain, word_set

Kind = Literal["share", "money", "change", "ratio", "time", "count"]

CHANGED = re.compile(
    r"\b(?:dropped|drops?|fell|falls?|went|rose|grew|grown|came|cuts?|brought|down|up|saved|saves?|reduced|"
    r"improved|increased|decreased|gained|lost|lose|costs?|costing|paid|spend|spent|spending|wasted|waste|raised|"
    r"shrank|by|less|fewer|more|faster|slower|better|worse|higher|lower|now|instead)\b"
)
"""Near a number that tells a change."""

MEASURED = re.compile(
    r"\b(?:counted|counts?|measured|found|got|logged|timed|average|total|only|waited|reached|served|handled|"
    r"processed|survey|answered|opened|failed|caught|sold|renewed|returned|stayed|wrong|right|correct|errors?|"
    r"failures?|complaints?|tickets?|orders?|customers?|users|patients?|calls?|requests?|times|since|every|each)\b"
)
"""Near a number that was measured."""

TOOK = re.compile(
    r"\b(?:took|takes?|waits?|waited|waiting|under|within|less than|ran|runs|lasted|saved|saves|costs?|spend|"
    r"spent|needed|down|instead of|for telling|late|loses?|losing|lost)\b"
)
"""Before a time that something took."""

PLANNED = re.compile(r"(?:ago|old|before|after|later|in|time|sprints?|plan|notice|trial|period|test)\b")
PERIOD = re.compile(
    r"\b(?:for|after|every|last|next|first|in|within|of|the|these|those|past|about|i'm|he's|she's|was)$"
)
"""Around a time that is a period or an age."""

PEOPLE = re.compile(
    r"(?:people|engineers?|developers?|scientists?|analysts?|colleagues|others|guys|persons?|teams?|members|"
    r"interns?|students?|managers?|countries|offices|sites|kids|children|brothers?|sisters?|of us)\b"
)
TEAM = re.compile(r"\b(?:team|teams|of us|group|were|are|with|big|company)\b")

NAMED_BEFORE = re.compile(
    r"\b(?:version|python|java|chapter|page|slide|step|level|number|part|phase|option|room|floor|line|bus|gpt|q|"
    r"since|aged?|until|till|the year|teams? of|group of|day|model|first|last|next|past|these|those|my|our)$"
)
"""Before a number that names something."""

CLOCK_BEFORE = re.compile(r"\b(?:at|before|after|until|till|past|by)$")
AGE_BEFORE = re.compile(r"\b(?:i'm|he's|she's|i am|he is|she is|i was|he was|she was|aged)$")
CLOCK_AFTER = re.compile(r"(?:o'clock|am|pm|a\.m|p\.m|in the (?:morning|evening|afternoon|night)|at night)\b")
POSSESSIVE = word_set("their my his her our your second first other that this next last every")
MONTHS = word_set(
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday"
)

IN_PART = {"result": 1.0, "evidence": 1.2, "headline": 1.0, "problem": 0.2, "new_practice": -0.3}
ELSEWHERE = -0.9
"""Log-odds of the part of the answer that a number stands in."""

NEVER = -5.0


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
        Where its parts are; a figure's part says how likely it is evidence.
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
    span = said[phrase.start : phrase.end]
    inner = said[phrase.number_start : phrase.number_end]
    text, number = " ".join(span), " ".join(inner)
    before = " ".join(said[max(0, phrase.start - 6) : phrase.start])
    after = " ".join(said[phrase.end : phrase.end + 4])
    right_before = " ".join(said[max(0, phrase.number_start - 3) : phrase.number_start])
    classes = "".join(map(word_class, span))
    if "P" in classes or "%" in text:
        return "share", 2.2
    if "M" in classes[1:] or re.search(r"[$€£]", text):
        return "money", 1.6
    if _names(said, phrase, right_before, number, after):
        return "count", NEVER
    if phrase.shape == "range":
        return ("time", -1.5) if "T" not in classes and CLOCK_AFTER.match(after) else ("change", 2.0)
    if phrase.shape == "ratio":
        if re.fullmatch(r"(?:nine|99|ninety-nine)(?: times)? out of (?:ten|100|a hundred)", text):
            return "ratio", -1.0  # "nearly always", not a count
        return "ratio", -1.5 if number == "one" and span[-1] in ("those", "these", "them", "us") else 1.2
    if phrase.shape == "fraction":
        return "change", _fraction(said, phrase, before, after, number)
    if PEOPLE.match(after) or PEOPLE.fullmatch(span[-1]):
        return "count", -1.6 if TEAM.search(f"{before} {after}") else -0.3
    if "T" in classes:
        return "time", _time(before, text, after, classes)
    return "count", _count(f"{before} {after}", phrase, inner, classes)


def _names(said: Sequence[str], phrase: NumberPhrase, right_before: str, number: str, after: str) -> bool:
    """Whether a number is a date, a time of day, a version or an ordinal."""
    if re.fullmatch(r"(?:19|20)\d\d", number) or re.search(r":|\d(?:st|nd|rd|th|0s)$", number):
        return True
    if CLOCK_AFTER.match(after) or right_before.rpartition(" ")[2] in MONTHS:
        return True
    small = number in ONES
    if phrase.end == phrase.number_end and (
        (small and CLOCK_BEFORE.search(right_before)) or AGE_BEFORE.search(right_before)
    ):
        return True
    return bool(NAMED_BEFORE.search(right_before)) and phrase.shape == "amount"


def _fraction(said: Sequence[str], phrase: NumberPhrase, before: str, after: str, number: str) -> float:
    last = before.rpartition(" ")[2]
    if last in POSSESSIVE or re.match(r"(?:an? |past|way|hour|year|day|term|as)", after):
        return -2.0
    if number in ("doubled", "halved", "tripled", "quadrupled"):
        return 2.0
    if CHANGED.search(before) or said[phrase.start] in ("by", "from") or last == "in":
        return 1.2
    return 0.5 if phrase.end > phrase.number_end else -0.7


def _time(before: str, text: str, after: str, classes: str) -> float:
    if classes.endswith(("aT", "rT", "l")) or re.match(r"(?:faster|longer|sooner|less)\b", after):
        return 1.2
    if re.match(r"(?:under|less than|within|only|just)\b", text):
        return 0.8
    if PLANNED.match(after) or PERIOD.search(before):
        return -1.6
    return 0.3 if TOOK.search(f"{before} {text}") else -1.2


def _count(near: str, phrase: NumberPhrase, inner: Sequence[str], classes: str) -> float:
    if inner == ["one"] and "C" not in classes:
        return -2.5
    odds = -1.0 + 1.0 * bool(CHANGED.search(near)) + 0.9 * bool(MEASURED.search(near) or "C" in classes)
    large = len(inner) > 1 or any(
        word_class(word) == "L" or re.search(r"\d\d|\.\d|-", word) for word in inner
    )
    odds += 0.6 * large + 0.5 * (phrase.start < phrase.number_start)
    odds += 0.8 * any(re.fullmatch(r"\d+\.\d+", word) for word in inner) - 0.4 * (not large)
    odds -= 1.0 * ("|" in classes)  # "five or six": a guess
    odds -= 0.8 * (inner in (["two"], ["three"], ["hundred"], ["thousand"], ["hundreds"], ["thousands"]))
    return odds
