"""Numbers in words, with what belongs to them."""

from __future__ import annotations

import pytest

from engine.language.number_phrases import find_numbers, word_class
from engine.language.transcript import Transcript


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("It took forty-two minutes.", ["amount: forty-two minutes."]),
        ("We had two hundred and twelve orders", ["amount: two hundred and twelve orders"]),
        ("about twenty two percent of it", ["amount: about twenty two percent"]),
        ("It fell from nine falls a month to four.", ["range: from nine falls a month to four."]),
        ("from eighteen percent to nine", ["range: from eighteen percent to nine"]),
        ("Two out of three stayed", ["ratio: Two out of three"]),
        ("one in five thousand", ["ratio: one in five thousand"]),
        ("We cut it by a third.", ["fraction: by a third."]),
        ("about a quarter of the ad spend", ["fraction: about a quarter of the ad spend"]),
        ("Sales doubled.", ["fraction: doubled."]),
        ("nine hundred hours a day", ["amount: nine hundred hours a day"]),
        ("eleven point two percent", ["amount: eleven point two percent"]),
        ("four and a half hours", ["amount: four and a half hours"]),
        ("five or six words", ["amount: five or six"]),
        ("half an hour", ["halves: half an hour"]),
        ("an hour and a half", ["halves: an hour and a half"]),
        ("nine times out of ten", ["ratio: nine times out of ten"]),
        ("seven of them", ["amount: seven"]),
        ("two hundred pages in ten days", ["amount: two hundred pages", "amount: ten days"]),
        ("It was the third time in that quarter", []),
        ("a way to go", []),
        ("", []),
    ],
)
def test_a_number_is_found_with_its_unit_and_what_it_is_compared_with(text: str, phrases: list[str]) -> None:
    words = Transcript.of_text(text).words
    found = [f"{n.shape}: {' '.join(w.text for w in words[n.start : n.end])}" for n in find_numbers(words)]
    assert found == phrases


def test_no_number_reaches_across_punctuation() -> None:
    words = Transcript.of_text("There were nine, in three countries, and two. Hundred more").words
    assert [(n.start, n.end) for n in find_numbers(words)] == [(2, 3), (4, 5), (7, 8), (8, 10)]


def test_the_bare_number_lies_within_its_phrase() -> None:
    words = Transcript.of_text(
        "from about nine hours a day to less than two and another ten percent more"
    ).words
    for number in find_numbers(words):
        assert number.start <= number.number_start < number.number_end <= number.end


@pytest.mark.parametrize(
    ("word", "letter"), [("", "w"), ("-", "w"), ("3.5", "N"), ("$40", "N"), ("minutes", "T")]
)
def test_a_word_has_one_class(word: str, letter: str) -> None:
    assert word_class(word) == letter
