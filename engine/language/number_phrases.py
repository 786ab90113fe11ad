"""Numbers in words with what belongs to them: "from nine hours to forty minutes", "two out of three".

Each word becomes a letter for its class; the grammar is a regular expression over the letters. A phrase
never reaches across punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.protocol.words import Word

from .phrases import Found, plain, word_set

ONES = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
LARGE = word_set("hundred thousand million billion hundreds thousands millions")
DIGITS = re.compile(r"[$€£]?\d[\d.,:]*(?:%|k|m|bn|x|st|nd|rd|th|s)?")
TIMES = re.compile(r"times|fold")
TIME = re.compile(
    r"(?:milli|micro)?seconds?|minutes?|hours?|days?|nights?|evenings?|mornings?|weeks?|fortnights?|months?|"
    r"quarters|years?|ms"
)
MONEY = re.compile(r"euros?|dollars?|pounds?|cents?|dirhams?|rupees?|francs?|crowns?|bucks|grand|usd|eur|k")
COUNTED = re.compile(
    r"people|(?:ticket|order|user|customer|patient|call|request|page|error|case|complaint|problem|"
    r"question|product|account|message|record|row|job|screen|step|form|shop|unit)s?"
)

_CLASSES = {
    word: letter
    for letter, words in {
        "F": "third thirds quarter quarters fifth fifths sixth tenth tenths",
        "D": "halved doubled tripled quadrupled twice double triple",
        "P": "percent cent %",
        "A": "about around nearly almost roughly under over below above only just barely another",
        "l": "less more fewer longer faster better lower higher worse cheaper shorter",
        "n": "least most than",
        "e": "the our my your their all",
        "m": "those these them us",
        "r": "per",
        "q": "each every",
        "u": "up down",
        "a": "a an",
        "H": "half",
        "d": "and",
        "p": "point",
        "f": "from",
        "b": "by",
        "t": "to",
        "o": "of",
        "O": "out",
        "i": "in",
        "@": "at",
        "|": "or",
        "s": "as",
    }.items()
    for word in words.split()
}
"""Letters of the words of the grammar; others are N number, L hundred, T time, M money, C counted, x times,
w any."""

_NUMBER = r"(?:aL|[NL])(?:[NL]|d(?=[NL])|pN)*(?:daH)?"
_UNIT = r"(?:P|[TMCx])"
_RATE = r"(?:[arq]T|rw)"
_OF_WHAT = rf"(?:rP|w?{_UNIT}(?={_RATE})|w(?=rw)|{_UNIT})?{_RATE}?l?"
_AMOUNT = rf"{_NUMBER}{_OF_WHAT}"
_HALVES = r"(?:HaT|aTdaH)l?"  # half an hour, an hour and a half
_ABOUT = r"(?:A|ln|@n|ut|f|b)*"
_SHAPES = {
    "range": rf"{_ABOUT}f{_ABOUT}(?P<range>{_NUMBER})(?:{_UNIT}|w)?{_RATE}?"
    rf"(?:iaT|[wu]{{0,3}})t{_ABOUT}{_AMOUNT}(?:\|{_NUMBER})?",
    "ratio": rf"{_ABOUT}(?P<ratio>{_NUMBER})(?:[Cx]?o|[wCx]?Oo|x?i)[eq]?{_AMOUNT}",
    "halves": rf"{_ABOUT}(?P<halves>{_HALVES})",
    "fraction": rf"{_ABOUT}(?P<fraction>(?:(?:a|N)F|aH|H)(?=o)|(?<=b)aF|aF(?!w)|NF|H(?!a)|D)"
    r"(?:oew{0,2}|om|ow{1,2}|s\w)?",
    "amount": rf"{_ABOUT}(?P<amount>{_NUMBER})(?:\|{_NUMBER})?{_OF_WHAT}",
}
_GRAMMAR = re.compile("|".join(f"(?P<{name}_phrase>{shape})" for name, shape in _SHAPES.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPhrase(Found):
    """A number with its unit, and what it is compared with."""

    shape: str
    """``range`` (from X to Y), ``ratio`` (X of Y), ``fraction`` (a third of it, doubled), ``halves`` (of an
    hour) or ``amount``."""

    number_start: int
    number_end: int
    """Places of the (first) bare number."""


def word_class(word: str) -> str:
    """The letter of a plain word; ``w`` for words that are no part of a number."""
    if word in _CLASSES:
        return _CLASSES[word]
    if word in LARGE:
        return "L"
    pieces = [piece for piece in word.split("-") if piece != "and"]
    if DIGITS.fullmatch(word) or all(piece in ONES or piece in LARGE for piece in pieces):
        return "N"
    for letter, kind in (("T", TIME), ("M", MONEY), ("x", TIMES), ("C", COUNTED)):
        if kind.fullmatch(word):
            return letter
    return "w"


def find_numbers(words: Sequence[Word]) -> Iterator[NumberPhrase]:
    """Yield the numbers in order of place."""
    said = plain(words)
    classes = "".join(map(word_class, said))
    first = 0
    for place, word in enumerate(words):
        if place + 1 < len(words) and word.text[-1:] not in ",.;:?!…":
            continue
        for match in _GRAMMAR.finditer(classes, first, place + 1):
            shape = next(name for name in _SHAPES if match[name] is not None)
            yield NumberPhrase(
                start=match.start(),
                end=match.end(),
                shape=shape,
                number_start=match.start(shape),
                number_end=match.end(shape),
            )
        first = place + 1
