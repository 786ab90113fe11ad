"""Answers that the parts model is trained on: their file format, and how a recogniser would give them."""

from __future__ import annotations

import random

import pytest

from engine.language.parts_model import FRAMEWORKS, PARTS
from tools.train.answers.written import parse_answers, read_answers, recognised

TEXT = """
= STAR 7 hf ci | What did you do?
situation: It was, um, late. The lamp-post was {two metres} off.
action: I rang, you know, the council.
"""


def test_an_answer_is_read_with_its_labels() -> None:
    (answer,) = parse_answers(TEXT)
    assert (answer.framework, answer.quality, answer.question) == ("STAR", 7, "What did you do?")
    assert answer.flags == {"hf", "ci"}
    words, labels = answer.as_written()
    assert words[6:10] == ["was", "two", "metres", "off."]
    assert labels == ["situation"] * 10 + ["action"] * 6
    assert answer.without("situation").as_written()[1] == ["action"] * 6


def test_a_recogniser_gives_no_punctuation_and_drops_most_fillers() -> None:
    heard = {
        " ".join(recognised(TEXT.splitlines()[2].partition(": ")[2], random.Random(n))) for n in range(20)
    }
    assert heard == {
        "it was late the lamp post was two metres off",
        "it was um late the lamp post was two metres off",
    }


@pytest.mark.parametrize(
    "text", ["= STAR 7 xx | Why?", "= STAR 7", "action: I ran.", "= CAR 5 | Why?\nno label"]
)
def test_a_line_of_another_format_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="line "):
        parse_answers(text)


def test_the_answers_that_we_wrote_are_many_and_known_to_the_model() -> None:
    answers = read_answers()
    assert len(answers) >= 120
    assert {answer.framework for answer in answers} == set(FRAMEWORKS)
    assert {part for answer in answers for part, _ in answer.segments} == set(PARTS)
    assert all(1 <= answer.quality <= 10 for answer in answers)
