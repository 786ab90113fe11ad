"""What a server makes of its load, in made-up times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.server.counts import BOUNDS_S, Histogram, quantile_s
from engine.server.headroom import (
    CALM_S,
    GUESSED_SHARE,
    PROBE_S,
    SHED_S,
    WINDOW_S,
    Headroom,
)

LOOK_S = 0.2


class Machine:
    """A server in made-up time."""

    def __init__(self, max_cpu: float = 0.85) -> None:
        self.headroom = Headroom(max_cpu, 0.05)
        self.now_s = 1000.0
        self.cpu_s = 5.0

    def run(self, seconds: float, *, cpu: float = 0.1, late_s: float = 0.001, heard: int = 0) -> None:
        """Let time pass with the loop so late and the processor so busy."""
        for _ in range(round(seconds / LOOK_S)):
            for _ in range(round(LOOK_S / PROBE_S)):
                self.now_s += PROBE_S
                self.headroom.probed(self.now_s - late_s, self.now_s)
            self.cpu_s += cpu * LOOK_S
            self.headroom.look(self.now_s, self.cpu_s, heard=heard)


def test_an_idle_server_takes_a_session() -> None:
    machine = Machine()
    machine.run(5.0)
    assert machine.headroom.cpu == pytest.approx(0.1)
    assert machine.headroom.level == 0
    assert machine.headroom.refusal(10, 0) is None


def test_what_a_session_costs_is_learnt() -> None:
    machine = Machine()
    assert machine.headroom.session_cpu == GUESSED_SHARE
    machine.run(60.0, cpu=0.9)
    assert machine.headroom.session_cpu == GUESSED_SHARE, "with nobody heard there is nothing to learn"
    machine.run(60.0, cpu=0.5, heard=100)
    assert machine.headroom.session_cpu == pytest.approx(0.005, rel=0.1)


def test_one_more_session_is_refused_before_it_would_be_too_much() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(30.0, cpu=0.80, heard=80)
    assert machine.headroom.refusal(80, 0) is None
    machine.run(30.0, cpu=0.845, heard=84)
    why = machine.headroom.refusal(84, 0)
    assert why is not None
    assert "85%" in why
    assert "--max-cpu" in why


def test_sessions_that_have_only_just_begun_are_counted_before_they_cost() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(30.0, cpu=0.5, heard=50)
    assert machine.headroom.refusal(50, 0) is None
    assert machine.headroom.refusal(80, 30) is None
    assert machine.headroom.refusal(90, 40) is not None


def test_connecting_is_not_taken_for_what_a_session_costs() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(1.0, cpu=1.0)  # a burst of offers
    machine.run(2.0, cpu=0.3, heard=10)
    assert machine.headroom.session_cpu < 2 * GUESSED_SHARE
    assert machine.headroom.refusal(10, 10) is None


def test_a_server_without_sessions_takes_one_however_busy_the_machine_is() -> None:
    machine = Machine()
    machine.run(5.0, cpu=1.0, late_s=0.4)
    assert machine.headroom.level > 0
    assert machine.headroom.refusal(0, 0) is None
    assert machine.headroom.refusal(1, 0) is not None


def test_a_loop_that_is_late_sheds_more_the_later_it_is() -> None:
    for level, begin_s in enumerate(SHED_S, 1):
        machine = Machine()
        machine.run(5.0, late_s=begin_s * 1.4)
        assert machine.headroom.level == level
        assert "ms" in (machine.headroom.refusal(1, 0) or "")


def test_it_recovers_a_level_at_a_time_and_not_at_once() -> None:
    machine = Machine()
    machine.run(5.0, late_s=0.7)
    assert machine.headroom.level == 3
    levels = []
    for _ in range(round((WINDOW_S + 4 * CALM_S) / LOOK_S)):
        machine.run(LOOK_S)
        levels.append(machine.headroom.level)
    assert levels[: round(CALM_S / LOOK_S)] == [3] * round(CALM_S / LOOK_S)
    assert sorted(set(levels), reverse=True) == [3, 2, 1, 0]
    assert levels == sorted(levels, reverse=True)
    assert machine.headroom.refusal(1, 0) is None


def test_a_load_about_a_limit_does_not_flutter() -> None:
    machine = Machine()
    machine.run(5.0, late_s=SHED_S[0] * 1.2)
    levels = set()
    for turn in range(60):
        machine.run(0.6, late_s=SHED_S[0] * (0.9 if turn % 2 else 1.2))
        levels.add(machine.headroom.level)
    assert levels == {1}


def test_one_long_block_weighs_as_much_as_the_packets_that_it_kept_waiting() -> None:
    short, long = Headroom(0.85, 0.05), Headroom(0.85, 0.05)
    short.probed(10.0, 10.0)
    long.probed(10.0, 11.0)
    assert sum(short.lag.counts) == 1
    assert sum(long.lag.counts) == pytest.approx(1.0 / PROBE_S, abs=2)
    assert long.lag.sum_s == pytest.approx(0.5 / PROBE_S, rel=0.1)


def test_a_machine_that_slept_is_not_counted_for_hours() -> None:
    headroom = Headroom(0.85, 0.05)
    headroom.probed(10.0, 100_000.0)
    assert sum(headroom.lag.counts) <= WINDOW_S / PROBE_S + 1


@given(st.lists(st.floats(0.0, 10.0), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_is_in_the_bucket_of_the_true_one(durations_s: list[float], share: float) -> None:
    histogram = Histogram()
    for duration_s in durations_s:
        histogram.add(duration_s)
    assert sum(histogram.counts) == len(durations_s)
    true_s = sorted(durations_s)[max(0, -int(-share * len(durations_s) // 1) - 1)]
    found_s = quantile_s(histogram.counts, share)
    upper_s = next((bound for bound in BOUNDS_S if true_s <= bound), BOUNDS_S[-1])
    lower_s = max((bound for bound in BOUNDS_S if bound < min(true_s, BOUNDS_S[-1])), default=0.0)
    assert lower_s <= found_s <= upper_s + 1e-9


def test_nothing_counted_has_no_quantile() -> None:
    assert quantile_s(Histogram().counts, 0.99) == 0.0
