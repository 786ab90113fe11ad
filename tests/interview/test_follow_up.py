"""What an interviewer follows up on, over answers written for it."""

from __future__ import annotations

import pytest

from engine.interview.follow_up import choose, hear
from engine.interview.told import answer_told, card_told
from engine.language.transcript import Transcript
from engine.protocol.words import Word

from .answers import ANSWERS, HELD_OUT, Scripted

RIGHT_OF_20 = 18


def words(text: str) -> list[Word]:
    return list(Transcript.of_text(text).words)


def wrong(answers: tuple[Scripted, ...]) -> list[tuple[object, object, str]]:
    chosen = [(one.wants, choose(hear(words(one.text)), "medium"), one.text[:40]) for one in answers]
    return [one for one in chosen if one[0] != one[1]]


def test_the_right_thing_is_asked_for() -> None:
    assert len(ANSWERS) == 20
    assert len(wrong(ANSWERS)) <= 20 - RIGHT_OF_20, wrong(ANSWERS)


def test_the_right_thing_is_asked_for_where_the_rules_were_not_made() -> None:
    assert len(wrong(HELD_OUT)) <= 1, wrong(HELD_OUT)


def test_nothing_is_asked_for_twice() -> None:
    heard = hear(words(ANSWERS[1].text))
    assert choose(heard, "hard") == "result"
    assert choose(heard, "hard", {"result"}) != "result"


def test_what_may_have_been_missed_is_not_called_missing() -> None:
    assert choose(hear(words(ANSWERS[1].text)), "medium", complete=False) is None


@pytest.mark.parametrize(
    "text", ["We cut it from nine to three.", "It took half as long as before, 40 percent less."]
)
def test_a_figure_beside_another_is_compared(text: str) -> None:
    assert hear(words(f"I changed the form and I asked people about it. {text}")).compared


def test_the_card_says_what_was_missed_most() -> None:
    told = [
        answer_told("Why?", [], (0.0, 20.0), hear(words(ANSWERS[place].text)), complete=True)
        for place in (1, 2, 17)
    ]
    assert card_told(told) == "End with what changed because of it."
    assert told[0].text.endswith("No result was heard.")
    assert "We" in told[2].text
    assert "yourself" in told[2].text
