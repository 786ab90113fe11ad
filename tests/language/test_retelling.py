"""A view said back: what is kept, in whose words, whose point comes first."""

from __future__ import annotations

import pytest

from engine.language.retelling import Retelling, compare_retelling
from engine.protocol.words import Word

VIEW = (
    "I don't mind the new tool. What I mind is that nobody asked us before it was bought. "
    "We would have told you in a day that it can't read our old files."
)
POINT = "Their point: they want to be asked before a decision that concerns them."


def spoken(text: str) -> list[Word]:
    return [
        Word(text=word, start_s=0.3 * k, end_s=0.3 * k + 0.2, confidence=0.9)
        for k, word in enumerate(text.split())
    ]


def compare(text: str) -> Retelling:
    retelling = compare_retelling(VIEW, POINT, spoken(text))
    assert retelling is not None
    return retelling


GOOD = (
    "Okay, so what matters to you is being asked before somebody decides on a tool, "
    "because you'd have seen in a day that our old files don't open. Is that right?"
)


def test_a_paraphrase_keeps_words_and_adds_its_own() -> None:
    good = compare(GOOD)
    assert good.kept >= 0.3
    assert good.own >= 0.3
    assert good.copied_words < 6
    assert good.point_first
    assert good.checked


def test_saying_it_word_for_word_has_no_words_of_ones_own() -> None:
    parrot = compare(VIEW)
    assert (parrot.kept, parrot.own, parrot.copied_words) == (1.0, 0.0, 33)
    assert not parrot.point_first
    assert not parrot.checked


def test_another_topic_keeps_nothing() -> None:
    other = compare("So you think price isn't why they go, the first week is too hard for them.")
    assert (other.kept, other.own) == (0.0, 0.0)
    assert not other.point_first


def test_beginning_with_oneself_is_not_beginning_with_their_point() -> None:
    assert not compare(
        f"Well, I think that we should look at the budget and at the plan first. {GOOD}"
    ).point_first


@pytest.mark.parametrize(
    "end", ["Is that right?", "Did I get that?", "Right?", "Have I understood?", "Is that what you mean?"]
)
def test_the_question_at_the_end_is_heard(end: str) -> None:
    assert compare(f"So you want to be asked before a tool is bought. {end}").checked


def test_a_question_in_the_middle_is_no_check() -> None:
    assert not compare("Is that right? So you want to be asked before a tool is bought.").checked


def test_of_a_few_words_nothing_is_told() -> None:
    assert compare_retelling(VIEW, POINT, spoken("Um, so you mind, um, it.")) is None
    assert compare_retelling("", "", spoken(GOOD)) is None
