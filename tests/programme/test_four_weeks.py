"""A person follows the plan for four weeks: better, the same, or worse; what they are told is right."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from engine.programme.gaps import gap_table
from engine.programme.plan import plan_day
from engine.programme.validation import validate
from engine.protocol.take import Take
from engine.shipped.programmes import load

from .people import START, Level, Person, at, rising, steady

SHIPPED = load()
LAST = START + timedelta(days=34)


def weeks(level: Level) -> list[Take]:
    return Person(5, level, day_noise=0.04, take_noise=0.04).follow(SHIPPED, 35, misses=0.1)


@pytest.mark.parametrize(
    ("level", "outcome", "sentence"),
    [
        (rising(0.3, 0.8), "improved", "Over all skills you improved."),
        (steady(0.5), "no more than your spread", "No change that is more than your own takes vary"),
        (rising(0.8, 0.3), "worse", "Over all skills you got worse."),
    ],
)
def test_four_weeks_are_told_as_they_were(level: Level, outcome: str, sentence: str) -> None:
    takes = weeks(level)
    result = validate(SHIPPED, takes, at(LAST, 23), UTC)
    assert result.missing == []
    assert result.overall.outcome == outcome
    assert result.sentence.startswith(sentence)
    assert {one.outcome for one in result.skills} <= {outcome, "no more than your spread", "not told"}

    table = gap_table(SHIPPED, takes, at(LAST, 23), UTC)
    for row in table.rows:
        assert row.baseline is not None or row.note
        if row.now is not None:
            assert row.gap == pytest.approx(max(0.0, row.target - row.now))
    changes = [
        row.now - row.baseline for row in table.rows if row.now is not None and row.baseline is not None
    ]
    mean = sum(changes) / len(changes)
    assert {"improved": mean > 2.0, "worse": mean < -2.0}.get(outcome, abs(mean) < 2.0)


def test_the_reasons_of_a_plan_are_the_gaps_of_that_morning() -> None:
    takes = weeks(steady(0.4))
    checked = 0
    for number in range(4, 28):
        day = START + timedelta(days=number)
        morning = [take for take in takes if take.begun_at.date() < day]
        rows = {row.title: row for row in gap_table(SHIPPED, morning, at(day, 0), UTC).rows}
        for item in plan_day(SHIPPED, takes, day, UTC).items:
            row = next((row for title, row in rows.items() if item.why.startswith(f"{title} ")), None)
            if row is None or row.gap is None:
                continue
            figure = row.baseline if row.now is None else row.now
            if row.gap > 0.0:
                assert f"{figure:.1f}, target {row.target:g}" in item.why
                assert ("your largest gap" in item.why) == (row.priority == 1)
                checked += 1
            assert row.skill in item.trains
    assert checked > 20
