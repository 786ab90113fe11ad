"""Floors of *Land it* on the labelled recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.land_it import Alter, Told, as_it_is, creaky, imposed, laryngograph, read_by
from engine.core.exercise_pitch import LANDED_ST
from tests.harness.corpus import DATA
from tests.harness.telephone import telephone

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(300)]


@pytest.mark.parametrize("alter", [as_it_is, telephone])
@pytest.mark.parametrize("statements", [imposed, laryngograph])
def test_falls_land_and_rises_do_not(
    statements: Callable[[Path, Alter], Iterator[Told]], alter: Alter
) -> None:
    told = list(statements(DATA, alter))
    known = [(one, one.curve.fall_st) for one in told if one.curve.fall_st is not None]
    assert len(known) >= 0.85 * len(told)
    wrong = [
        one.name for one, fall in known if one.falls is not None and (fall >= LANDED_ST) is not one.falls
    ]
    assert len(wrong) <= 1
    errors = sorted(abs(fall - one.true_st) for one, fall in known if one.true_st is not None)
    assert errors[len(errors) // 2] < 0.5
    assert errors[int(0.9 * len(errors))] < 2.0


def test_no_voice_is_punished() -> None:
    assert [one.name for one in creaky(DATA) if one.curve.fall_st is not None] == []
    medians = []
    for sex in ("F", "M"):
        falls = sorted(fall for one in read_by(DATA, sex) if (fall := one.curve.fall_st) is not None)
        assert len(falls) >= 25
        medians.append(falls[len(falls) // 2])
    assert min(medians) > 2.0
    assert max(medians) - min(medians) < 1.0
