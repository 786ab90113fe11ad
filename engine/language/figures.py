"""Figures as evidence: how much, how many, how long, how much better; not dates, versions or team sizes.

A number with its unit is found by a small grammar (*about twenty two percent*, *from nine to four a month*,
*two out of three*, *cut it in half*). What it counts and what stands around it decide: a share, an amount of
money, a change or a ratio is evidence, a duration where something took it, a bare count only beside a word
of measuring. In a result or among evidence a figure is likelier one than in a situation or a proposal.

What it can't do: know whether a count of people is a team's size or a result where nothing says so.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.protocol.words import Word

from .breaks import ends_sentence
from .parts import Part
from .phrases import Found, plain, word_set

ONES = word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
LARGE = word_set("hundred thousand million billion hundreds thousands millions")
FRACTIONS = word_set(
    "half third thirds quarter quarters fifth fifths sixth seventh eighth tenth tenths twice halved doubled "
    "tripled quadrupled double triple"
)
ABOUT = word_set("about around nearly almost roughly under over below above only just at by to another every")
APPROXIMATE = ("less than", "more than", "fewer than", "up to", "at least", "at most", "close to")
TIME = re.compile(
    r"(?:half )?(?:(?:milli|micro)?second|minute|hour|day|night|evening|week|fortnight|month|quarter|year)s?|"
    r"ms"
)
MONEY = re.compile(
    r"euros?|dollars?|pounds?|cents?|dirhams?|rupees?|francs?|crowns?|yen|bucks|grand|k|usd|eur|[a-z]*\$.*"
)
PERCENT = word_set("percent per cent % points point")
PEOPLE = re.compile(
    r"(?:people|engineers?|developers?|scientists?|analysts?|colleagues|of us|others|guys|persons?|"
    r"teams?|members|interns?|students?|managers?|countries|offices|sites|kids|children|brothers?|sisters?)"
)
GROWN = re.compile(
    r"\b(?:dropped|drop|drops|fell|fall|falls|went|go|goes|rose|grew|grown|came|cut|cuts|brought|bring|down|up|"
    r"saved|saves|save|reduced|improved|increased|decreased|gained|lost|lose|cost|costs|costing|pay|paid|"
    r"spend|spent|spending|wasted|waste|raised|shrank|by|less|fewer|more|faster|slower|better|worse|"
    r"higher|lower|halved|doubled)\b"
)
MEASURED = re.compile(
    r"\b(?:counted|count|counts|measured|took|takes|take|takes|needed|found|had|got|get|sampled|logged|timed|"
    r"average|total|only|waited|waiting|wait|reached|served|handled|processed|survey|answered|said|asked|"
    r"opened|failed|caught|sold|renewed|returned|every|per|a (?:day|week|month|year)|wrong|right|correct|"
    r"errors?|failures?|complaints?|tickets?|orders?|customers?|users|patients?|calls?|times|requests?)\b"
)
MONTHS = word_set(
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday"
)
NO_FIGURE_BEFORE = re.compile(
    r"\b(?:version|python|java|chapter|page|slide|step|level|number|part|phase|option|room|floor|line|bus|"
    r"gpt|q|since|aged?|until|till|in (?:early|late)|the year|team of|teams of|group of|a team with|"
    r"first|last|next|past|other|these|those|the|my|our|us)$"
)
LIKELY_IN = {"result": 1.0, "evidence": 1.4, "headline": 1.0, "problem": 0.3}
UNLIKELY = -0.8
"""Log-odds of the part of the answer that a figure stands in; of the parts not named :data:`UNLIKELY`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Found):
    """A figure that is evidence."""

    kind: str
    """``share``, ``money``, ``change``, ``ratio``, ``time`` or ``count``."""


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
    stops = [n + 1 for n, word in enumerate(words) if ends_sentence(word.text)]
    found = []
    for start, end, core in numbers(said, frozenset(stops)):
        kind, odds = judge(said, start, end, core)
        part = next((p.part for p in parts if p.start <= start < p.end), None)
        if part is not None:
            odds += LIKELY_IN.get(part, UNLIKELY)
        confidence = 1 / (1 + 2.718281828**-odds)
        if confidence >= least:
            found.append(Figure(start=start, end=end, confidence=confidence, kind=kind))
    return found


def is_number(word: str) -> bool:
    """Whether a plain word is (part of) a number: ``twenty-two``, ``3.5``, ``40``, ``$30``, ``hundred``."""
    if word in ONES or word in LARGE or re.fullmatch(r"[$€£]?\d[\d.,:]*(?:%|k|m|x|st|nd|rd|th|s)?", word):
        return True
    pieces = word.split("-")
    return len(pieces) > 1 and all(piece in ONES or piece in LARGE or piece == "and" for piece in pieces)


def numbers(
    said: Sequence[str], stops: frozenset[int] = frozenset()
) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Yield start and end of each number with its unit, and the place of the bare number within.

    No number reaches across one of the ``stops``, places where a sentence ended.
    """
    borders = sorted({0, len(said)} | stops)
    for first, last in itertools.pairwise(borders):
        for start, end, core in _numbers(said[first:last]):
            yield first + start, first + end, (first + core[0], first + core[1])


def _numbers(said: Sequence[str]) -> Iterator[tuple[int, int, tuple[int, int]]]:
    at = 0
    while at < len(said):
        end = _number_end(said, at)
        if end == at:
            at += 1
            continue
        start, core = at, (at, end)
        end = _with_unit(said, end)
        joined = _joined(said, start, end)
        if joined > end:
            end = joined
        start = _with_prefix(said, start, at)
        yield start, end, core
        at = end


def _number_end(said: Sequence[str], at: int) -> int:
    """End of the bare number that begins at a place; the place itself where there is none."""
    end = at
    if said[at] in ("a", "half") and at + 1 < len(said):
        if (
            said[at + 1] in LARGE
            or said[at + 1] in FRACTIONS - {"quarter"}
            or (said[at + 1] == "quarter" and said[at + 2 : at + 3] == ["of"])
        ):
            end = at + 2
        elif said[at] == "half":
            return at + 1
        else:
            return at
    elif is_number(said[at]) or said[at] in FRACTIONS:
        if said[at] in ("quarter", "second", "third", "fifth", "quarters") and (
            at == 0 or not is_number(said[at - 1])
        ):
            return at
        end = at + 1
    while 0 < end < len(said):
        if end > at and (is_number(said[end]) or said[end] in ("thirds", "quarters", "fifths", "tenths")):
            end += 1
        elif (
            said[end] in ("and", "point")
            and end + 1 < len(said)
            and end > at
            and (
                (said[end] == "point" and is_number(said[end + 1]))
                or (said[end] == "and" and said[end - 1] in LARGE and is_number(said[end + 1]))
                or (said[end : end + 3] == ["and", "a", "half"])
            )
        ):
            end += 3 if said[end : end + 3] == ["and", "a", "half"] else 2
        else:
            break
    return end


def _with_unit(said: Sequence[str], end: int) -> int:
    """End of the number with percent, its currency or noun, and "a week" or "less" after it."""
    if said[end : end + 2] == ["per", "cent"]:
        end += 2
    elif (
        end < len(said) and (said[end] in PERCENT or TIME.fullmatch(said[end]) or MONEY.fullmatch(said[end]))
    ) or (
        end < len(said)
        and re.fullmatch(
            r"(?:times|fold|tickets|orders|users|customers|patients|calls|requests|people|pages|errors|cases|complaints|problems|questions)",
            said[end],
        )
    ):
        end += 1
    if (
        said[end : end + 1] in (["a"], ["per"], ["each"])
        and end + 1 < len(said)
        and TIME.fullmatch(said[end + 1])
    ):
        end += 2
    return end


def _joined(said: Sequence[str], start: int, end: int) -> int:
    """End of "from X to Y", "X out of Y", "X in Y", where a second number follows."""
    for size in range(0, 5):
        at = end + size
        if at >= len(said):
            break
        link = " ".join(said[end : at + 1])
        if (
            re.fullmatch(
                r"(?:\w+ )?(?:\w+ )?(?:\w+ )?(?:down |up )?to(?: about| under| just| only| around)?", link
            )
            and start > 0
            and "from" in said[max(0, start - 2) : start]
        ):
            after = _number_end(said, at + 1) if at + 1 < len(said) else at + 1
            if after > at + 1:
                return _with_unit(said, after)
        if re.fullmatch(r"(?:out of|of|of the|in|out of the|from)(?: every)?", link) and at + 1 < len(said):
            after = _number_end(said, at + 1)
            if after > at + 1 and not re.fullmatch(r"(?:19|20)\d\d", said[at + 1]):
                return _with_unit(said, after)
    return end


def _with_prefix(said: Sequence[str], start: int, core: int) -> int:
    """Start with "about", "less than", "from" and "by"."""
    for _ in range(3):
        if start > 1 and " ".join(said[start - 2 : start]) in APPROXIMATE:
            start -= 2
        elif start > 0 and (said[start - 1] in ABOUT - {"to", "at", "every"} or said[start - 1] == "from"):
            start -= 1
    return start


def judge(said: Sequence[str], start: int, end: int, core: tuple[int, int]) -> tuple[str, float]:
    """Kind of a number with its unit, and log-odds of its being evidence."""
    span, inner = said[start:end], said[core[0] : core[1]]
    text, number = " ".join(span), " ".join(inner)
    before, after = " ".join(said[max(0, start - 6) : start]), " ".join(said[end : end + 4])
    near = f"{before} {after}"
    bare_before = " ".join(said[max(0, core[0] - 3) : core[0]])
    if "percent" in span or "cent" in span or "%" in text:
        return "share", 2.5
    if any(MONEY.fullmatch(word) for word in span[1:]) or re.search(r"[$€£]", text):
        return "money", 1.5
    if re.search(r"\b(?:halved|doubled|tripled|quadrupled)\b", text):
        return "change", 2.0
    if re.fullmatch(r"(?:19|20)\d\d", number) or (
        said[core[0] - 1 : core[0]] and said[core[0] - 1] in MONTHS
    ):
        return "count", -4.0
    if re.search(r":|\d(?:st|nd|rd|th|0s)$", number) or re.match(r"(?:o'clock|am|pm|a\.m|p\.m)\b", after):
        return "count", -4.0
    if re.search(r"\b(?:out of|of the|of|in)\b", text) and len(text.split()) >= 3:
        return "ratio", 1.5
    if "from" in span and "to" in span:
        return "change", 2.5
    if number in FRACTIONS or inner[-1] in FRACTIONS:
        changed = (
            GROWN.search(before)
            or "by" in span
            or re.match(r"(?:of|the|as)\b", after)
            or before.endswith(" in")
        )
        if re.match(r"(?:an? |past|way|hour|year|day|term|marathon)", after) and "twice" not in number:
            return "change", -2.0
        return "change", 1.2 if changed else -0.6
    if (
        re.search(r"\b(?:at|before|after|until|till|past)$", bare_before)
        and len(inner) == 1
        and number in ONES
    ):
        return "count", -2.5
    if PEOPLE.match(after) or (span and PEOPLE.fullmatch(span[-1])):
        size = re.search(r"\b(?:team|teams|of us|group|were|are|with|had|have|have)\b", f"{before} {after}")
        return "count", -1.5 if size else -0.4
    if NO_FIGURE_BEFORE.search(bare_before):
        return "count", -1.8
    if any(TIME.fullmatch(word) for word in span):
        took = re.search(
            r"\b(?:took|takes|take|wait|waited|waiting|under|in|within|less than|down to|ran|"
            r"runs|lasted|saved|saves|cost|costs|spend|spent|spending|needed|done|back)\b",
            f"{before} {text}",
        )
        rate = re.search(r" (?:a|per|each) ", text)
        late = re.match(r"(?:late|later|early|earlier|faster|longer|less|sooner|more)", after)
        if rate or late:
            return "time", 1.2
        if re.match(r"(?:ago|old|before|after|in)\b", after) or re.search(
            r"\b(?:for|after|every|last|about|in|i'm|of|within)$", before
        ):
            return "time", -1.5
        return "time", 0.0 if took else -1.2
    odds = -1.0
    if number == "one":
        return "count", -2.5
    odds += 1.1 * bool(GROWN.search(near)) + 0.9 * bool(MEASURED.search(near) or MEASURED.search(text))
    odds += 0.5 * (len(inner) > 1 or bool(re.search(r"\d\d", number)) or bool(set(inner) & LARGE))
    odds += 0.5 * (start < core[0])
    odds -= 1.2 * (number in ("two", "three", "hundred", "thousand", "million") and start == core[0])
    return "count", odds
