"""The steps of an exercise, round by round, each with the prompt of its round."""

from __future__ import annotations

import pytest

from engine.programme.reading import parse
from engine.programme.script import Exercise
from engine.programme.steps import duration_s, placed_steps, table_rows
from engine.shipped.programmes import load

from .test_reading import WHOLE

ROUNDS = (
    WHOLE
    + """rounds = 3
[[exercise.step]]
title = "Settle"
seconds = 5
does = "think"
once = true
[[exercise.step]]
title = "Look"
seconds = 10
does = "think"
prompt = "shown"
[[exercise.step]]
title = "Talk"
seconds = 20
[[exercise.prompt]]
text = "first"
[[exercise.prompt]]
text = "second"
"""
)


def exercise() -> Exercise:
    return parse(ROUNDS, "mine.toml", name="mine").exercise[0]


def test_steps_come_round_by_round_and_once_means_in_the_first() -> None:
    placed = placed_steps(exercise())
    assert [(one.round, one.step.title) for one in placed] == [
        (0, "Settle"),
        (0, "Look"),
        (0, "Talk"),
        (1, "Look"),
        (1, "Talk"),
        (2, "Look"),
        (2, "Talk"),
    ]
    assert duration_s(exercise()) == 95.0


@pytest.mark.parametrize(
    ("runs", "prompts"), [(0, ["first", "second", "first"]), (1, ["second", "first", "second"])]
)
def test_each_round_has_the_next_prompt_and_a_later_run_goes_on(runs: int, prompts: list[str]) -> None:
    assert [one.prompt.text for one in placed_steps(exercise(), runs) if one.prompt] == prompts


def test_a_table_is_cut_into_cells() -> None:
    assert table_rows("a | b\n1 |\n") == [["a", "b"], ["1", ""]]


def test_shipped_prompts_are_all_reached_before_one_comes_again() -> None:
    for one in load().exercise:
        shown = []
        for runs in range(-(-len(one.prompt) // one.rounds)):
            rounds = {placed.round: placed.prompt for placed in placed_steps(one, runs) if placed.prompt}
            shown += list(rounds.values())
        assert set(shown) == set(one.prompt)
