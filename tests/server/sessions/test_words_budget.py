"""Who has words how, in made-up load and time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol.messages import WordsMode
from engine.server.sessions import words_budget
from engine.server.sessions.words_budget import BACKLOG_S, CALM_S, LATE_SHARE, ORDER, WordsBudget

CALM: dict[str, Any] = {"spare_cores": 4.0, "delay_share": 0.0, "shedding": 0}


class Speaker:
    def __init__(self, mode: WordsMode = "live", waiting_s: float = 0.0) -> None:
        self.mode = mode
        self.waiting_s = waiting_s


class Timed(WordsBudget):
    """A budget with a clock of its own."""

    at_s = 100.0

    def after(self, speakers: list[Speaker], seconds: float, **load: Any) -> list[WordsMode]:
        """Modes after some time under a load."""
        for _ in range(round(4 * seconds)):
            self.at_s += 0.25
            for speaker, mode in zip(
                speakers, self.look(self.at_s, speakers, **{**CALM, **load}), strict=True
            ):
                speaker.mode = mode
        return [speaker.mode for speaker in speakers]


@pytest.mark.parametrize(
    ("speakers", "cores", "live", "phrase"),
    [(5, 1.0, 5, 0), (6, 1.0, 4, 2), (20, 1.0, 0, 20), (30, 1.0, 0, 20), (3, 0.3, 1, 2), (1, 0.04, 0, 0)],
)
def test_all_have_words_by_phrase_before_anyone_has_them_live(
    speakers: int, cores: float, live: int, phrase: int
) -> None:
    modes = WordsBudget(cores).look(0.0, [Speaker() for _ in range(speakers)], **CALM)
    assert modes.count("live") == live
    assert modes.count("phrase") == phrase
    assert modes == sorted(modes, key=ORDER.index, reverse=True), "who asked first has the better mode"
    assert modes.count("afterwards") == speakers - live - phrase


def test_a_server_with_little_to_spare_gives_less_and_takes_its_time_to_give_more() -> None:
    budget, speakers = Timed(1.0), [Speaker(), Speaker()]
    assert budget.after(speakers, 1, spare_cores=0.3) == ["live", "phrase"]
    assert budget.after(speakers, CALM_S - 1) == ["live", "phrase"]
    assert budget.after(speakers, 2) == ["live", "live"]


@pytest.mark.parametrize("trouble", [{"delay_share": LATE_SHARE + 0.1}, {"backlog": True}])
def test_words_give_way_before_packets_suffer_and_come_back(trouble: dict[str, Any]) -> None:
    budget, speakers = Timed(1.0), [Speaker() for _ in range(4)]
    load = {key: value for key, value in trouble.items() if key != "backlog"}
    for speaker in speakers:
        speaker.waiting_s = BACKLOG_S + 0.5 if "backlog" in trouble else 0.0
    assert budget.after(speakers, 0.25, **load) == ["live", "live", "live", "phrase"]
    assert budget.after(speakers, 6, **load).count("live") == 0
    for speaker in speakers:
        speaker.waiting_s = 0.0
    assert budget.after(speakers, 120) == ["live"] * 4
    assert budget.share == 1.0


def test_shedding_ends_words_before_the_end_and_then_all() -> None:
    budget, speakers = Timed(1.0), [Speaker(), Speaker()]
    assert budget.after(speakers, 0.25, shedding=1) == ["afterwards"] * 2
    assert budget.after(speakers, 0.25, shedding=2) == ["unavailable"] * 2
    assert budget.after(speakers, 120) == ["live"] * 2


def test_words_afterwards_stay_so_until_what_waits_is_done() -> None:
    budget, speaker = Timed(1.0), Speaker("afterwards", waiting_s=60.0)
    assert budget.after([speaker], 30) == ["afterwards"]
    speaker.waiting_s = 0.0
    assert budget.after([speaker], 1) == ["live"]


@pytest.mark.parametrize(("live_cores", "at_last"), [(0.0, 10), (0.12, 6), (0.2, 3), (0.3, 2)])
def test_what_live_words_cost_is_measured_but_never_taken_for_nothing(
    live_cores: float, at_last: int
) -> None:
    budget, speakers = Timed(1.0), [Speaker() for _ in range(10)]
    budget.after(speakers, 1, used_cores=0.9)
    for _ in range(120):
        modes = [speaker.mode for speaker in speakers]
        used = live_cores * modes.count("live") + words_budget.PHRASE_CORES * modes.count("phrase")
        budget.after(speakers, 10, used_cores=used)
    assert [speaker.mode for speaker in speakers].count("live") == at_last
    assert budget.live_cores >= words_budget.LEAST_LIVE_CORES


@pytest.mark.parametrize(
    ("speakers", "cores", "corrected"), [(1, 1.0, 1), (3, 1.0, 2), (4, 1.0, 1), (5, 1.0, 0)]
)
def test_words_are_corrected_by_what_live_words_of_all_leave(
    speakers: int, cores: float, corrected: int
) -> None:
    budget = WordsBudget(cores)
    modes = budget.look(0.0, [Speaker() for _ in range(speakers)], **CALM)
    assert modes == ["live"] * speakers
    assert budget.corrected == corrected


@pytest.mark.parametrize(
    "trouble", [{"delay_share": LATE_SHARE + 0.1}, {"backlog": True}, {"shedding": 1}, {"spare_cores": 0.5}]
)
def test_corrections_are_the_first_to_give_way_and_come_back_once_it_is_calm(trouble: dict[str, Any]) -> None:
    budget, speakers = Timed(1.0), [Speaker(), Speaker()]
    budget.after(speakers, 1)
    assert budget.corrected == 2
    speakers[0].waiting_s = BACKLOG_S + 0.5 if trouble.pop("backlog", False) else 0.0
    modes = budget.after(speakers, 0.25, **trouble)
    assert budget.corrected == 0
    assert modes == ["afterwards" if trouble.get("shedding") else "live"] * 2
    assert budget.share == 1.0, "that may be enough"
    speakers[0].waiting_s = 0.0
    budget.after(speakers, 60)
    assert budget.corrected == 2
    budget.after([], 1)
    assert budget.corrected == 0


def test_who_comes_later_begins_with_what_is_left() -> None:
    budget = WordsBudget(1.0)
    assert budget.first(0, spare_cores=4.0, shedding=0) == "live"
    assert budget.first(5, spare_cores=4.0, shedding=0) == "phrase"
    assert budget.first(20, spare_cores=4.0, shedding=0) == "afterwards"
    assert budget.first(words_budget.MOST_SPEAKERS, spare_cores=4.0, shedding=0) == "unavailable"
    assert budget.first(0, spare_cores=-0.5, shedding=0) == "afterwards"


@given(
    speakers=st.integers(0, 80),
    cores=st.floats(0.01, 8),
    spare=st.floats(-2, 8),
    late=st.floats(0, 5),
    shedding=st.integers(0, 3),
)
def test_no_budget_is_overdrawn(
    speakers: int, cores: float, spare: float, late: float, shedding: int
) -> None:
    modes = WordsBudget(cores).look(
        0.0,
        [Speaker() for _ in range(speakers)],
        spare_cores=spare,
        delay_share=late,
        shedding=shedding,
    )
    costs = {"live": words_budget.LIVE_CORES, "phrase": words_budget.PHRASE_CORES}
    assert sum(costs.get(mode, 0.0) for mode in modes) <= max(0.0, min(cores, spare)) + 1e-6
    assert len(modes) == speakers
