"""The plan of an interview: its questions, drawn by a seed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.errors import UsageError
from engine.interview.plan import MOST_QUESTIONS
from engine.shipped.drills import bank

from .candidate import planned

BY_TEXT = {one.text: one for one in bank().questions}


def asked(**settings: object) -> list[str]:
    plan = planned(**settings)  # type: ignore[arg-type]
    return [plan.steps[step].lines[0] for step in plan.questions]


def test_the_same_settings_and_seed_give_the_same_plan() -> None:
    assert planned(seed=5) == planned(seed=5)
    assert asked(seed=5) != asked(seed=6)


@pytest.mark.parametrize("style", ["ethics", "extreme ownership"])
def test_questions_are_of_the_style_as_long_as_there_are_any(style: str) -> None:
    of_style = sum(one.style == style for one in bank().questions)
    texts = asked(style=style, questions=of_style + 2)
    assert {BY_TEXT[text].style for text in texts[:of_style]} == {style}
    assert len(set(texts)) == of_style + 2


def test_the_next_question_is_of_the_same_skill_where_one_is_left() -> None:
    for seed in range(20):
        chained = [BY_TEXT[text] for text in asked(seed=seed, questions=5)]
        assert all(set(one.skills) & set(other.skills) for one, other in pairwise(chained))


def test_questions_that_stories_answer_come_first() -> None:
    stories = tuple(one.text for one in bank().questions if one.style == "ethics")[:2]
    assert set(asked(prefer=stories, questions=4)[:2]) == set(stories)


def test_minutes_have_enough_questions_ready() -> None:
    assert len(asked(questions=None, minutes=5.0)) == 5
    assert len(asked(questions=None, minutes=60.0)) == MOST_QUESTIONS


@pytest.mark.parametrize(
    "settings", [{"questions": None}, {"questions": 3, "minutes": 5.0}, {"questions": 0}, {"questions": 13}]
)
def test_a_length_that_cannot_be_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="an interview"):
        planned(**settings)  # type: ignore[arg-type]
