"""How late one microphone hears the other one's speaker."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.dialogues import Room, compose, heard_in, packaged_people
from dsp.crosstalk import Crosstalk
from dsp.frame import RATE_HZ
from dsp.pair import Pair
from engine.media.resample import Samples
from engine.profiles import load
from engine.session import Session

SECONDS = 35.0
BLOCK = 320


@pytest.fixture(scope="module")
def voices() -> Samples:
    """Two people, shape (2, n)."""
    return compose(packaged_people(), SECONDS, 45)[0]


def paired(heard: Samples, lost: float = 0.0) -> Pair:
    """Both channels, shape (n, 2), after all of it was heard but for a share of the second one's packets."""
    session, chance = Session(load("conversation"), 2), np.random.default_rng(2)
    for start in range(0, len(heard) - BLOCK, BLOCK):
        session.hear(0, heard[start : start + BLOCK, 0])
        if chance.random() < lost:
            session.missing(1, start, start + BLOCK)
        else:
            session.hear(1, heard[start : start + BLOCK, 1])
    assert session._pair is not None
    return session._pair


@pytest.mark.parametrize("late_ms", [0.0, 40.0, 200.0, 400.0])
def test_leakage_is_found_as_late_as_it_comes(voices: Samples, late_ms: float) -> None:
    pair = paired(heard_in(voices, Room("", leak_db=-22.0, leak_ms=late_ms), 1))
    for lag in pair.lags:
        assert lag == pytest.approx(late_ms / 10, abs=1)
    assert pair.apart == 0


@pytest.mark.parametrize("levels_db", [(0.0, 0.0), (0.0, -12.0)])
def test_where_nothing_leaks_there_is_no_lag(voices: Samples, levels_db: tuple[float, float]) -> None:
    assert paired(heard_in(voices, Room("", gains_db=levels_db), 1)).lags == (None, None)


@pytest.mark.parametrize("late_ms", [-70, -30, 30, 70])
def test_leakage_before_the_voice_says_that_the_channels_stand_apart(voices: Samples, late_ms: int) -> None:
    heard = heard_in(voices, Room("", leak_db=-22.0), 1)
    shift = abs(late_ms) * RATE_HZ // 1000
    later, sooner = (1, 0) if late_ms > 0 else (0, 1)
    apart = np.empty((len(heard) - shift, 2), np.float32)
    apart[:, later], apart[:, sooner] = heard[:-shift, later], heard[shift:, sooner]
    pair = paired(apart)
    assert pair.apart == pytest.approx(late_ms / 10, abs=1)
    pair.straightened(pair.apart)
    assert abs(pair.apart) <= 1


def test_lost_hops_are_not_compared(voices: Samples) -> None:
    heard = heard_in(voices, Room("", leak_db=-22.0), 1)
    for lag in paired(heard, lost=0.1).lags:
        assert lag == pytest.approx(0, abs=1)


def test_forgets_everything() -> None:
    part = Crosstalk()
    fresh = part.state.copy()
    part.state["first"]["path"]["lag"] = 7
    part.state["first"]["past_dbfs"] = -20.0
    part.reset()
    assert part.state == fresh
