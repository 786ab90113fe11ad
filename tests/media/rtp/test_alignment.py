"""Where a speaker's sound is put on the time line of a call."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.media.rtp.alignment import TOLERANCE_S, Alignment

BLOCK = 320


def worst_s(
    *, seconds: float, delay_s: float = 0.03, jitter_s: float = 0.0, drift: float = 0.0, told: bool = True
) -> tuple[float, int]:
    """How far a block is put from where it was said, at most after a second, and how often it was moved."""
    rng = np.random.default_rng(0)
    alignment = Alignment(100.0)
    if told:
        alignment.round_trip(2 * delay_s)
    place, moves, off = 0, 0, []
    for block in range(round(seconds * RATE_HZ / BLOCK)):
        said_s = 100.0 + (block + 1) * BLOCK / RATE_HZ * (1 + drift)
        arrived_s = said_s + delay_s + rng.uniform(0, jitter_s)
        moved = alignment.shift(place + BLOCK, arrived_s)
        moves += moved != 0
        place = place + moved + BLOCK
        if block > 50:
            off.append(abs(100.0 + place / RATE_HZ - said_s))
    return max(off), moves


def test_a_steady_speaker_is_never_moved() -> None:
    worst, moves = worst_s(seconds=30)
    assert worst < 1e-6
    assert moves == 0


@pytest.mark.parametrize("drift", [2e-4, -2e-4])
@pytest.mark.parametrize("jitter_s", [0.0, 0.06])
def test_a_drifting_clock_and_jitter_stay_within_the_tolerance(drift: float, jitter_s: float) -> None:
    worst, moves = worst_s(seconds=600, jitter_s=jitter_s, drift=drift)
    assert worst < TOLERANCE_S + 0.01
    assert 3 <= moves <= 15


def test_a_long_way_is_taken_off_once_it_is_known() -> None:
    assert worst_s(seconds=5, delay_s=0.15)[0] < TOLERANCE_S + 0.001
    assert worst_s(seconds=5, delay_s=0.15, told=False)[0] == pytest.approx(0.15, abs=0.011)


def test_another_connection_is_placed_by_its_own_arrivals() -> None:
    alignment = Alignment(0.0)
    assert alignment.shift(BLOCK, BLOCK / RATE_HZ) == 0
    alignment.restart()
    away_s = 12.0
    assert alignment.shift(2 * BLOCK, away_s + 2 * BLOCK / RATE_HZ) == away_s * RATE_HZ


@pytest.mark.parametrize("late_s", [0.3, 3.0, 4.0])
def test_who_stands_late_of_a_sudden_is_moved_within_a_second(late_s: float) -> None:
    """A stall after which the sender's stamps go on as if there had been none."""
    alignment = Alignment(100.0)
    place, moved = 0, 0
    for block in range(300):
        stalled_s = late_s if block >= 200 else 0.0
        arrived_s = 100.0 + (block + 1) * BLOCK / RATE_HZ + stalled_s
        shift = alignment.shift(place + BLOCK, arrived_s)
        assert shift == 0 or 200 <= block <= 250
        place, moved = place + shift + BLOCK, moved + shift
    assert moved / RATE_HZ == pytest.approx(late_s, abs=TOLERANCE_S)
