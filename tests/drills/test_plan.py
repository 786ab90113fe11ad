"""Plans: the same seed gives the same drill, another one another."""

from __future__ import annotations

import pytest

from engine.drills.chance import Chance
from engine.drills.plan import plan
from engine.shipped.drills import bank, load, shipped


@pytest.mark.parametrize("name", shipped())
def test_the_same_seed_gives_the_same_plan_and_another_one_another(name: str) -> None:
    drill = load(name)
    plans = [plan(drill, bank(), level="hard", seed=seed) for seed in (1, 1, 2)]
    assert plans[0] == plans[1]
    assert plans[0].steps != plans[2].steps


def test_what_is_drawn_lies_within_its_bounds() -> None:
    drill = load("interruptions")
    seen = set()
    for seed in range(50):
        step = plan(drill, bank(), level="medium", seed=seed).steps[1]
        assert 3.0 <= step.when["speaking_s"] <= 6.0
        seen.add(step.when["speaking_s"])
    assert len(seen) > 40


def test_a_draw_is_of_its_name_alone() -> None:
    assert Chance(1).unit("a") == Chance(1).unit("a")
    assert Chance(1).unit("a") != Chance(1).unit("b") != Chance(2).unit("b")
    mean = sum(Chance(seed).unit("x") for seed in range(2000)) / 2000
    assert mean == pytest.approx(0.5, abs=0.02)
    assert sorted(Chance(3).shuffled(range(9), "x")) == list(range(9))
    with pytest.raises(IndexError):
        Chance(1).pick([], "x")


def test_this_seed_gives_these_numbers_on_every_machine() -> None:
    assert [round(Chance(7).unit("x", n), 6) for n in range(3)] == [0.62438, 0.918917, 0.721254]


def test_no_line_comes_twice_before_all_have_come() -> None:
    for seed in range(20):
        made = plan(load("pressure-cooker"), bank(), level="hard", seed=seed)
        said = [line for step in made.steps for line in step.lines]
        assert len(said) == len(set(said))


def test_the_question_is_asked_and_of_the_style_that_is_wanted() -> None:
    styles = {question.text: question.style for question in bank().questions}
    for seed in range(10):
        made = plan(load("ethics-debate"), bank(), seed=seed)
        assert styles[made.question] == "ethics"
        assert made.steps[0].lines == (made.question,)
    twice = plan(load("silence"), bank(), level="hard", seed=1)
    asked = [step.lines[0] for step in twice.steps if step.do == "ask"]
    assert asked[0] == twice.question
    assert len(set(asked)) == len(asked)
