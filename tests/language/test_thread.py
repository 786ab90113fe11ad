"""Whether talk after an interruption takes up the talk before it."""

from __future__ import annotations

import pytest

from engine.language.thread import FUNCTION_WORDS, compare_thread, content_words
from engine.language.transcript import Transcript

BEFORE = "we moved the billing system to the cloud and every team that sends invoices was afraid of it"


def compared(after: str, others: str = "", before: str = BEFORE) -> str | None:
    first, second = (Transcript.of_text(text).words for text in (before, after))
    return compare_thread(first, second, others.split())


@pytest.mark.parametrize(
    ("after", "thread"),
    [
        (
            "so the teams were afraid because an invoice can go wrong once and then nobody trusts it",
            "resumed",
        ),
        ("as I was saying there is one more thing about that", "resumed"),
        ("okay so coming back to what happened in the second month of it", "resumed"),
        ("I think my greatest strength is patience with children and animals at home", "anew"),
        ("sorry I lost my train can you tell me", "anew"),
        ("let me start over with the billing and the invoices and the cloud", "anew"),
        ("the cloud is one possible place and my garden is the other one I like", None),
        ("yes sure", None),
    ],
)
def test_content_words_that_come_again_take_a_thread_up(after: str, thread: str | None) -> None:
    assert compared(after) == thread


def test_words_of_the_question_and_of_the_other_side_tell_nothing() -> None:
    after = "the billing and the cloud are what everyone asks me about since that day"
    assert compared(after) == "resumed"
    assert compared(after, others="Why did you move billing to the cloud?") == "anew"


def test_too_little_before_tells_nothing() -> None:
    assert compared("the teams were afraid because an invoice can go wrong", before="the teams") is None


def test_endings_and_function_words_do_not_count() -> None:
    assert content_words(["Tests,", "tested", "testing", "the", "and", "was", "12"]) == {"test"}
    assert not content_words(FUNCTION_WORDS)
