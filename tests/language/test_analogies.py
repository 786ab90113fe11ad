"""Whether something is put into the terms of another field."""

from __future__ import annotations

import pytest

from engine.language.analogies import ANNOUNCED, COMPARED, find_analogies
from engine.language.transcript import Transcript


def found(text: str) -> list[tuple[str, float]]:
    words = Transcript.of_text(text).words
    return [
        (" ".join(w.text for w in words[one.start : one.end]), one.confidence)
        for one in find_analogies(words)
    ]


@pytest.mark.parametrize(
    ("before", "quote", "confidence"),
    [
        ("So ", "think of it as a coat check.", ANNOUNCED),
        ("", "Think of the index like the back of a book.", ANNOUNCED),
        ("I know a good ", "analogy for it.", ANNOUNCED),
        ("I ", "compare it to driving in fog", ANNOUNCED),
        ("well ", "it's a bit like a choir without a conductor", COMPARED),
        ("", "It is like reading a map upside down.", COMPARED),
        ("the queue ", "works like a bakery on Saturday", COMPARED),
        ("so ", "it's like when you lend a book and forget to whom", COMPARED),
        ("you check it ", "the same way a cook would taste a soup", COMPARED),
    ],
)
def test_what_is_put_into_the_terms_of_another_field_is_found(
    before: str, quote: str, confidence: float
) -> None:
    ((said, sure),) = found(before + quote + (" Then we began." if quote.endswith(".") else ""))
    assert said.endswith(quote)
    assert sure == confidence


@pytest.mark.parametrize(
    "text",
    [
        "it looked like a network problem and it sounds like an easy one",
        "it's like a big thing for them and it was like a week of work",
        "I like a plan and I would like a second look",
        "it was like a hundred requests and something like a dashboard",
        "it's more like a support of the other two",
        "he was like I don't know what to do",
        "I thought of a better way and I think of my team as it was",
        "",
    ],
)
def test_a_guess_an_amount_a_quotation_and_a_filler_are_none(text: str) -> None:
    assert found(text) == []


def test_each_is_told_once_by_its_surest_wording() -> None:
    ((said, sure),) = found("think of it as like a post office where it works like a sorter")
    assert said.startswith("think of it")
    assert sure == ANNOUNCED
