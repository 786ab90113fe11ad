"""Odd answers to a link for feedback, the same from the same seed: bodies, headers and tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple
from urllib.parse import quote, quote_plus

Make = Callable[[Random], bytes]


class Odd(NamedTuple):
    """A request to a form."""

    method: str
    token: str
    headers: dict[str, bytes]
    body: bytes

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """Its headers as they are sent."""
        return [(name.encode(), value) for name, value in self.headers.items()]


def _text(random: Random) -> str:
    kinds = ("a", "<b>", "é", "\u202e", "\0", "\r\n", "😀", "\u200d", "%", "&", "</textarea>", " ")
    return "".join(random.choice(kinds) for _ in range(random.randrange(400)))


def _pairs(random: Random) -> bytes:
    names = [
        "rating-0",
        "rating-1",
        "rating-7",
        "rating-99",
        "rating-",
        "stop",
        "start",
        "round",
        "version",
        "",
    ]
    values = ["", "0", "1", "10", "11", "-1", "7.0", "1e1", "٣", "unsure", "9" * 400, "NaN"]
    pairs = []
    for _ in range(random.randrange(1, 30)):
        value = random.choice(values) if random.random() < 0.7 else _text(random)
        pairs.append(f"{quote_plus(random.choice(names))}={quote_plus(value)}")
    return random.choice(("&", ";", "&&", "\n")).join(pairs).encode()


BODIES: list[Make] = [
    _pairs,
    _pairs,
    _pairs,
    lambda _: b"",
    lambda _: b"rating-0",
    lambda _: b"rating-0=%ff%fe%zz%",
    lambda _: b'{"rating-0": 7}',
    lambda random: random.randbytes(random.randrange(2000)),
    lambda random: b"&" * random.randrange(5000),
    lambda random: b"=" * random.randrange(5000),
    lambda random: b"rating-0=7&" * random.randrange(60, 200),
    lambda random: b"stop=" + b"%F0%9F%98%80" * random.randrange(500, 1000) + b"&rating-0=5",
    lambda random: b"stop=" + b"x" * random.randrange(15_000, 70_000),
]
"""None of them answers the first question alone."""

TYPES = [b"application/x-www-form-urlencoded"] * 6 + [
    b"application/x-www-form-urlencoded; charset=\xff",
    b"APPLICATION/X-WWW-FORM-URLENCODED ; a=b",
    b"multipart/form-data; boundary=x",
    b"application/json",
    b"",
    b"\xff\xfe",
]

SITES = [b"same-origin"] * 5 + [b"cross-site", b"none", b"", b"\xff", b"same-origin, cross-site"]
ORIGINS = [b"null"] * 5 + [
    b"http://engine.test",
    b"http://[",
    b"https://evil.test",
    b"",
    b"\xff",
    b"null, null",
]


def tokens(random: Random, real: list[str]) -> str:
    """A token that is none, near one that is or far from it."""
    token = random.choice(real)
    at = random.randrange(len(token))
    other = random.choice("abcXYZ019-_")
    made = random.choice(
        (
            token[:at] + (other if token[at] != other else "~") + token[at + 1 :],
            token[:at],
            token + other,
            token.swapcase() if token.swapcase() != token else token[:-1],
            token[:12] + token[12:][::-1],
            "0" * len(token),
            token * random.randrange(2, 30),
            f"{token}/{other}",
            f"../feedback/{token}~",
            f"{token}\0",
            " " + token,
            "é" * 44,
            "",
        )
    )
    return quote(made, safe="/~" if random.random() < 0.5 else "")


def answers(seed: int, count: int, real: list[str]) -> Iterator[Odd]:
    """Requests of which none is an answer: the token is wrong, whatever else is."""
    for number in range(count):
        random = Random(f"{seed} {number}")
        body = random.choice(BODIES)(random)
        headers = {"content-type": random.choice(TYPES)}
        if random.random() < 0.7:
            headers["sec-fetch-site"] = random.choice(SITES)
        if random.random() < 0.7:
            headers["origin"] = random.choice(ORIGINS)
        yield Odd(random.choice(("GET", "POST", "POST", "POST", "HEAD")), tokens(random, real), headers, body)


def bodies(seed: int, count: int) -> Iterator[Odd]:
    """Requests to a link that is there, whose bodies may be answers or not; the token is for the caller."""
    for number in range(count):
        random = Random(f"{seed} {number} body")
        type_ = random.choice(TYPES)
        yield Odd("POST", "", {"content-type": type_}, random.choice(BODIES)(random))
