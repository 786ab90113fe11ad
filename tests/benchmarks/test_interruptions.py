"""Dialogues of the packaged voice: who cuts in is found, in time, and who only listens is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import interruptions
from engine.protocol.events import Backchannel, Interruption
from tests.harness.dialogues import ROOMS, Dialogue, Person, Room, Truth, compose, heard_in, packaged_people
from tests.harness.interruption_scores import figures, judged

Capture = pytest.CaptureFixture[str]

DEFINITION_S = 0.8


@pytest.fixture(scope="module")
def people() -> tuple[Person, Person]:
    """Two speakers."""
    return packaged_people()


def cut_in(channel: int, start_s: float, at_s: float) -> Interruption:
    return Interruption(seq=0, at_s=at_s, channel=channel, start_s=start_s, overlap_s=DEFINITION_S)


def nod(channel: int, start_s: float, end_s: float) -> Backchannel:
    return Backchannel(seq=0, at_s=end_s + 0.3, channel=channel, start_s=start_s, end_s=end_s)


def verdict(events: list[Any]) -> dict[str, Any]:
    """Verdict where channel 1 cuts in at 5 s, and says a word at 9 s."""
    truth = Truth([[], [(5.0, 6.5)]], [[], [(9.0, 9.4)]])
    return judged(Dialogue("made up", np.zeros((1, 2), np.float32), truth), events, DEFINITION_S)


@pytest.mark.parametrize(
    "room",
    [ROOMS[0], ROOMS[2], ROOMS[3], Room("leak -20 dB, noise -60 dBFS", leak_db=-20.0, noise_dbfs=-60.0)],
    ids=lambda room: room.name,
)
def test_who_cuts_in_is_found_in_time_and_who_listens_is_left_alone(
    people: tuple[Person, Person], room: Room
) -> None:
    rows = [
        judged(dialogue, interruptions.heard(dialogue), DEFINITION_S)
        for dialogue in interruptions.composed(people, room, 4)
    ]
    made = figures(rows)
    assert made["interruptions"] >= 8
    assert made["backchannels"] >= 8
    mistakes = [m for row in rows for m in row["mistakes"] if not m.endswith("listening, not found")]
    assert len(mistakes) <= 2, mistakes
    assert made["recall"] >= 95
    assert made["bc_recall"] >= 75
    assert made["bc_as_interruption"] <= interruptions.MOST_BACKCHANNELS


def test_a_soft_speaker_is_not_taken_for_leakage(people: tuple[Person, Person]) -> None:
    room = Room("levels 0 and -18 dB", gains_db=(0.0, -18.0))
    made = figures(
        [judged(d, interruptions.heard(d), DEFINITION_S) for d in interruptions.composed(people, room, 4)]
    )
    assert made["recall"] >= 95
    assert made["precision"] >= 90


def test_what_is_composed_is_what_its_labels_say(people: tuple[Person, Person]) -> None:
    voices, truth = compose(people, 60.0, 5)
    again, same = compose(people, 60.0, 5)
    np.testing.assert_array_equal(voices, again)
    assert truth == same
    assert truth != compose(people, 60.0, 6)[1]
    spans = [span for side in truth.interruptions for span in side]
    assert len(spans) >= 2
    for start_s, end_s in spans:
        assert end_s - start_s >= 1.0
        both = np.abs(voices[:, round(start_s * 16_000) : round(end_s * 16_000)]).max(axis=1)
        assert (both > 0.05).all()
    assert all(0.1 < b - a < 0.8 for side in truth.backchannels for a, b in side)


def test_a_room_has_its_levels_leakage_and_delay() -> None:
    voices = np.zeros((2, 1600), np.float32)
    voices[0, 100] = 0.5
    x = heard_in(voices, Room("made up", (0.0, -6.0), leak_db=-20.0, leak_ms=10.0, noise_dbfs=-200.0), 1)
    assert x.shape == (1600, 2)
    assert x[100, 0] == pytest.approx(0.5)
    assert x[260, 1] == pytest.approx(0.05)
    assert np.count_nonzero(np.abs(x) > 1e-6) == 2
    noisy = heard_in(voices, Room("noise", noise_dbfs=-40.0), 1)
    assert noisy[:, 1].std() == pytest.approx(0.01, rel=0.1)


def test_right_answers_are_right_and_their_delay_is_known() -> None:
    row = verdict([cut_in(1, 5.05, 5.9), nod(1, 9.02, 9.38)])
    assert row["mistakes"] == []
    assert row["delays_s"] == [pytest.approx(0.1)]
    made = figures([row])
    assert (made["precision"], made["recall"], made["bc_recall"], made["in_time"]) == (100, 100, 100, 100)
    assert interruptions.held(made)


@pytest.mark.parametrize(
    ("events", "mistake"),
    [
        ([], "not found"),
        ([cut_in(0, 5.0, 5.8)], "not found"),
        ([cut_in(1, 4.2, 5.8)], "not found"),
        ([cut_in(1, 5.0, 6.0)], "200 ms late"),
        ([cut_in(1, 5.0, 5.8), cut_in(1, 9.0, 9.8)], "there was none"),
    ],
)
def test_every_mistake_is_told_and_breaks_a_bar(events: list[Any], mistake: str) -> None:
    row = verdict(events)
    assert any(mistake in told for told in row["mistakes"])
    assert not interruptions.held(figures([row]))


def test_a_word_of_listening_taken_for_cutting_in_is_counted() -> None:
    made = figures([verdict([cut_in(1, 5.0, 5.8), cut_in(1, 9.0, 9.8)])])
    assert made["bc_as_interruption"] == 100


def test_without_recordings_the_packaged_voice_is_measured(tmp_path: Path, capsys: Capture) -> None:
    args = ["--data", str(tmp_path), "--dialogues", "1", "--only", "packaged voice, clean", "--list"]
    assert interruptions.main(args) == 0
    out = capsys.readouterr().out
    assert "packaged voice, clean" in out
    assert "all of packaged voice" in out
    assert "holds" in out
