"""Offers of real clients, mutated: some right, some wrong, some beyond anything a client would send."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ..offers import CLIENTS, of

NUMBERS = ("0", "-1", "65536", "4294967296", "9" * 30, "x", "1e9", "0x7f", "")
WORDS = (
    " ",
    ":",
    "/",
    "a=",
    "m=",
    "\t",
    "\0",
    "\ufeff",
    "\u2028",
    "é",
    "a=group:BUNDLE 0 1",
    "a=bundle-only",
    "%",
)
Change = Callable[[Random, list[str]], None]


def mutated(seed: int) -> str:
    """Offer of a client with one to six changes; the same for the same seed."""
    random = Random(seed)
    lines = of(random.choice(list(CLIENTS))).split("\r\n")
    for _ in range(random.randint(1, 6)):
        random.choice(CHANGES)(random, lines)
        if not lines:
            lines.append("")
    text = random.choice(("\r\n", "\r\n", "\r\n", "\n", "\r")).join(lines)
    return text[: random.randint(0, len(text))] if random.random() < 0.05 else text


def _drop(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    del lines[at : at + random.choice((1, 1, 1, 3, 10))]


def _repeat(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    lines[at:at] = [lines[at]] * random.choice((1, 1, 2, 40, 600))


def _swap(random: Random, lines: list[str]) -> None:
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _flip(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    if lines[at]:
        place = random.randrange(len(lines[at]))
        lines[at] = lines[at][:place] + chr(random.randrange(1, 0x250)) + lines[at][place + 1 :]


def _number(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    words = lines[at].split(" ")
    words[random.randrange(len(words))] = random.choice(NUMBERS)
    lines[at] = " ".join(words)


def _value(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    lines[at] = lines[at].partition(":")[0] + random.choice(("", ":", ": ", ":" + random.choice(NUMBERS)))


def _word(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    place = random.randint(0, len(lines[at]))
    lines[at] = lines[at][:place] + random.choice(WORDS) + lines[at][place:]


def _long(random: Random, lines: list[str]) -> None:
    lines[random.randrange(len(lines))] += random.choice(("a", " 9", ":", "/")) * random.choice((300, 20_000))


def _splice(random: Random, lines: list[str]) -> None:
    other = of(random.choice(list(CLIENTS))).split("\r\n")
    first = random.randrange(len(other))
    at = random.randrange(len(lines))
    lines[at:at] = other[first : first + random.randint(1, 30)]


def _section(random: Random, lines: list[str]) -> None:
    """Put one section more, or the same once more."""
    other = of(random.choice(list(CLIENTS))).split("\r\nm=")
    lines += f"m={random.choice(other[1:])}".split("\r\n") * random.choice((1, 1, 1, 40))


CHANGES: tuple[Change, ...] = (
    _drop, _drop, _repeat, _swap, _flip, _flip, _number, _number, _value, _word, _long, _splice, _section,
)  # fmt: skip
