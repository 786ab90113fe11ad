"""Validation: noise alone is never called progress, and what changes is told."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from engine.programme.records import Validation
from engine.programme.script import Programme
from engine.programme.validation import validate
from engine.shipped.programmes import load

from .people import START, Level, Person, at, rising, steady, take

END = START + timedelta(days=34)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load()


def validated(programme: Programme, seed: int, level: Level, **noise: Any) -> Validation:
    takes = Person(seed, level, **noise).rota(programme)
    return validate(programme, takes, at(END), UTC)


def told(validation: Validation, outcome: str) -> list[str]:
    return [one.title for one in (validation.overall, *validation.skills) if one.outcome == outcome]


@pytest.mark.parametrize(
    ("level", "noise"),
    [
        (0.5, {"day_noise": 0.1, "take_noise": 0.1}),
        (0.7, {"day_noise": 0.2, "take_noise": 0.02}),
    ],
)
def test_of_100_people_without_change_at_most_5_are_told_that_they_improved(
    programme: Programme, level: float, noise: dict[str, float]
) -> None:
    results = [validated(programme, seed, steady(level), **noise) for seed in range(100)]
    assert sum(bool(told(one, "improved")) for one in results) <= 5
    assert sum(bool(told(one, "worse")) for one in results) <= 5
    assert sum("improved" in one.sentence for one in results) <= 5
    assert all(one.overall.low is not None for one in results)  # they were told something


def test_people_who_improve_are_told_so(programme: Programme) -> None:
    results = [
        validated(programme, seed, rising(0.3, 0.8), day_noise=0.05, take_noise=0.05) for seed in range(25)
    ]
    assert sum("improved" in one.sentence for one in results) >= 24
    assert sum(one.overall.outcome == "improved" for one in results) >= 23
    assert not any(told(one, "worse") for one in results)


def test_people_who_get_worse_are_told_so_and_never_that_they_improved(programme: Programme) -> None:
    results = [
        validated(programme, seed, rising(0.8, 0.3), day_noise=0.05, take_noise=0.05) for seed in range(25)
    ]
    assert sum("worse" in one.sentence for one in results) >= 24
    assert not any(told(one, "improved") for one in results)


def test_the_interval_holds_the_true_difference(programme: Programme) -> None:
    """Without change the true difference is 0: nearly all intervals of all people have it within."""
    results = [validated(programme, seed, steady(0.6)) for seed in range(100, 140)]
    missed = [
        one.title
        for result in results
        for one in result.skills
        if one.low is not None and one.high is not None and not one.low <= 0.0 <= one.high
    ]
    assert len(missed) <= 3


def test_one_round_of_takes_is_not_enough_to_tell(programme: Programme) -> None:
    takes = [
        Person(1, steady(0.3)).make(f"{kind}-{task.name}", at(day), f"{kind}:{task.name}", task.drill, 0.0)
        for kind, day in (("baseline", START), ("validation", END - timedelta(days=1)))
        for task in programme.task
    ]
    result = validate(programme, takes, at(END), UTC)
    assert result.sentence == "Not enough repeated takes to tell a change from how much your takes vary."
    assert {one.outcome for one in result.skills} == {"not told"}
    fluency = next(one for one in result.skills if one.skill == "fluency")
    assert fluency.difference is not None
    assert "0 of 4 repeats" in fluency.sentence


def test_before_any_take_it_says_what_to_do(programme: Programme) -> None:
    assert validate(programme, [], at(END), UTC).sentence.startswith("There is no baseline yet")
    first = take("a", at(START), purpose="baseline:background")
    again = validate(programme, [first], at(END), UTC)
    assert again.sentence == "The guided takes have not been made again yet."
    assert len(again.missing) == 3


def test_takes_after_the_time_do_not_count(programme: Programme) -> None:
    takes = Person(3, steady(0.5)).rota(programme)
    early = validate(programme, takes, at(START + timedelta(days=20)), UTC)
    assert early.sentence == "The guided takes have not been made again yet."


def test_the_order_of_takes_changes_nothing(programme: Programme) -> None:
    takes = Person(4, rising(0.4, 0.7)).rota(programme)
    assert validate(programme, takes, at(END), UTC) == validate(programme, takes[::-1], at(END), UTC)


def test_many_takes_of_one_day_are_one_day(programme: Programme) -> None:
    """Making a guided take ten times on its day narrows no interval."""
    person = Person(5, steady(0.5))
    takes = person.rota(programme)
    first = next(one for one in takes if one.purpose == "baseline:project")
    copies = [
        person.make(f"x{n}", first.begun_at + timedelta(minutes=n + 1), first.purpose, None, 0.0)
        for n in range(9)
    ]
    once, often = (validate(programme, some, at(END), UTC) for some in (takes, takes + copies))
    for one, many in zip(once.skills, often.skills, strict=True):
        if one.low is not None and one.high is not None:
            assert many.low is not None
            assert many.high is not None
            assert many.high - many.low >= one.high - one.low - 1e-9
