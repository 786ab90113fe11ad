"""What a server makes of its load, in made-up times."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.server.sessions.load import CALM_S, GUESSED_SHARE, SHED_TIMES, WINDOW_S, LoadMonitor
from engine.server.sessions.loop_probe import MAX_WAITING, PROBE_S
from engine.server.sessions.words_budget import LATE_SHARE

LOOK_S = 0.2

MAX_DELAY_S = 0.05

SHED_S = [times * MAX_DELAY_S for times in SHED_TIMES]


class Machine:
    """A server in made-up time."""

    def __init__(self, max_cpu: float = 0.85) -> None:
        self.monitor = LoadMonitor(max_cpu, MAX_DELAY_S)
        self.now_s = 1000.0
        self.cpu_s = 5.0

    def run(self, seconds: float, *, cpu: float = 0.1, late_s: float = 0.001, heard: int = 0) -> None:
        """Let time pass with the loop so late and the processor so busy."""
        for _ in range(round(seconds / LOOK_S)):
            for _ in range(round(LOOK_S / PROBE_S)):
                self.now_s += PROBE_S
                self.monitor.add_wait(late_s)
            self.cpu_s += cpu * LOOK_S
            self.monitor.look(self.now_s, self.cpu_s, heard=heard)


def test_an_idle_server_takes_a_session() -> None:
    machine = Machine()
    machine.run(5.0)
    assert machine.monitor.cpu == pytest.approx(0.1)
    assert machine.monitor.level == 0
    assert machine.monitor.refusal(10, 0) is None


def test_what_is_spare_for_words_is_what_calls_and_other_helpers_leave() -> None:
    monitor = LoadMonitor(0.85, MAX_DELAY_S, cores=2)
    monitor.look(0.0, 0.0, heard=1, helpers_cpu=0.2)
    monitor.look(1.0, 0.5, heard=1, helpers_cpu=0.2)
    assert monitor.spare_cores == pytest.approx(1.7 - 0.5 - 0.2)
    assert monitor.delay_share == 0
    machine = Machine()
    machine.run(3.0, late_s=0.6 * MAX_DELAY_S)
    assert machine.monitor.delay_share == pytest.approx(0.6)
    assert machine.monitor.level == 0, "words give way before anything else is shed"
    assert machine.monitor.delay_share > LATE_SHARE


def test_what_a_session_costs_is_learnt() -> None:
    machine = Machine()
    assert machine.monitor.session_cpu == GUESSED_SHARE
    machine.run(60.0, cpu=0.9)
    assert machine.monitor.session_cpu == GUESSED_SHARE, "with nobody heard there is nothing to learn"
    machine.run(60.0, cpu=0.5, heard=100)
    assert machine.monitor.session_cpu == pytest.approx(0.005, rel=0.1)


def test_one_more_session_is_refused_before_it_would_be_too_much() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(30.0, cpu=0.80, heard=80)
    assert machine.monitor.refusal(80, 0) is None
    machine.run(30.0, cpu=0.845, heard=84)
    why = machine.monitor.refusal(84, 0)
    assert why is not None
    assert "85%" in why
    assert "--max-cpu" in why


def test_sessions_that_have_only_just_begun_are_counted_before_they_cost() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(30.0, cpu=0.5, heard=50)
    assert machine.monitor.refusal(50, 0) is None
    assert machine.monitor.refusal(80, 30) is None
    assert machine.monitor.refusal(90, 40) is not None


def test_connecting_is_not_taken_for_what_a_session_costs() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(1.0, cpu=1.0)  # a burst of offers
    machine.run(2.0, cpu=0.3, heard=10)
    assert machine.monitor.session_cpu < 2 * GUESSED_SHARE
    assert machine.monitor.refusal(10, 10) is None


def test_a_server_without_sessions_takes_one_however_busy_the_machine_is() -> None:
    machine = Machine()
    machine.run(5.0, cpu=1.0, late_s=0.4)
    assert machine.monitor.level > 0
    assert machine.monitor.refusal(0, 0) is None
    assert machine.monitor.refusal(1, 0) is not None


def test_a_loop_that_is_late_sheds_more_the_later_it_is() -> None:
    for level, begin_s in enumerate(SHED_S, 1):
        machine = Machine()
        machine.run(5.0, late_s=begin_s * 1.4)
        assert machine.monitor.level == level
        assert "ms" in (machine.monitor.refusal(1, 0) or "")


def test_it_recovers_a_level_at_a_time_and_not_at_once() -> None:
    machine = Machine()
    machine.run(5.0, late_s=0.7)
    assert machine.monitor.level == 3
    levels = []
    for _ in range(round((WINDOW_S + 4 * CALM_S) / LOOK_S)):
        machine.run(LOOK_S)
        levels.append(machine.monitor.level)
    assert levels[: round(CALM_S / LOOK_S)] == [3] * round(CALM_S / LOOK_S)
    assert sorted(set(levels), reverse=True) == [3, 2, 1, 0]
    assert levels == sorted(levels, reverse=True)
    assert machine.monitor.refusal(1, 0) is None


def test_a_load_about_a_limit_does_not_flutter() -> None:
    machine = Machine()
    machine.run(5.0, late_s=SHED_S[0] * 1.2)
    levels = set()
    for turn in range(60):
        machine.run(0.6, late_s=SHED_S[0] * (0.9 if turn % 2 else 1.2))
        levels.add(machine.monitor.level)
    assert levels == {1}


def test_what_waits_still_counts_as_much_as_what_was_heard() -> None:
    machine = Machine()
    machine.run(5.0)
    monitor = machine.monitor
    monitor.look(machine.now_s, machine.cpu_s, heard=1, waiting_s=[0.06, 0.04, 0.02])
    assert monitor.level == 0, "a collection of garbage now and then is nobody's trouble"
    waiting_s = [20.0 - number * PROBE_S for number in range(MAX_WAITING)]
    monitor.look(machine.now_s, machine.cpu_s, heard=1, waiting_s=waiting_s)
    assert monitor.level == 3
    assert monitor.delay_s > 15
    assert "too busy" in (monitor.refusal(1, 0) or "")


def test_an_answer_that_does_not_come_counts_by_its_age() -> None:
    machine = Machine()
    machine.run(5.0)
    for age_s, level in ((0.9, 0), (1.1, 1), (21.0, 3)):
        machine.monitor.look(machine.now_s, machine.cpu_s, heard=1, unanswered_s=age_s)
        assert machine.monitor.level == level
    assert machine.monitor.delay_s == pytest.approx(20.0)


@given(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=100), st.integers(0, 100))
def test_the_delay_is_not_passed_by_95_of_100(durations_s: list[float], heard: int) -> None:
    monitor = LoadMonitor(0.85, 0.05)
    monitor.look(0.0, 0.0, heard=1)
    for duration_s in durations_s[:heard]:
        monitor.add_wait(duration_s)
    monitor.look(1.0, 0.1, heard=1, waiting_s=durations_s[heard:])
    assert monitor.delay_s in durations_s
    assert sum(duration_s > monitor.delay_s for duration_s in durations_s) <= 0.05 * len(durations_s)
    assert sum(duration_s >= monitor.delay_s for duration_s in durations_s) > 0.05 * len(durations_s)


def test_a_server_that_has_just_begun_is_not_late() -> None:
    monitor = LoadMonitor(0.85, 0.05)
    monitor.look(0.0, 0.0, heard=0)
    assert monitor.delay_s == 0.0


def test_what_helpers_use_counts_where_they_share_the_cores_with_the_server() -> None:
    for cores, refused in ((1.0, True), (4.0, False)):
        monitor = LoadMonitor(0.85, MAX_DELAY_S, cores)
        monitor.look(0.0, 0.0, heard=10)
        monitor.look(1.0, 0.1, heard=10, helpers_cpu=0.9)
        assert (monitor.refusal(10, 0) is not None) is refused
        assert "helper" in (monitor.refusal(10, 0) or "helper")


def test_helpers_begin_nothing_while_the_server_is_late_or_at_its_limit() -> None:
    machine = Machine(max_cpu=0.85)
    machine.run(5.0, cpu=0.5, heard=50)
    assert machine.monitor.helper_refusal() is None
    machine.run(5.0, cpu=0.9, heard=50)
    assert "90%" in (machine.monitor.helper_refusal() or "")
    machine.run(5.0, cpu=0.5, heard=50, late_s=0.06)
    assert "50 ms" in (machine.monitor.helper_refusal() or "")
    machine.run(1.0, cpu=0.9, heard=1, late_s=0.06)
    assert machine.monitor.helper_refusal() is None, "nobody else can suffer"
