"""Selections of recordings, intervals over draws of them, and what is no change."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import yardstick
from benchmarks.figures import TABLES, Row
from benchmarks.intervals import draws, spreads, verdict, without_each
from benchmarks.yardstick import Selection, SetScores, Times, labelled, original, remembering, scored

NAMES = [f"vad/ten/{k}.flac" for k in range(6)] + [f"creak/{k}.flac" for k in range(3)]
COPIES = ["pace/tempo/falk0_len0.7.flac", "pace/tempo/falk0_len1.4.flac", "pace/timit_streams/dr3-falk0.flac"]
ROW = Row("right, %", "pitch", "fda", "correct", "pitch")
ERRORS = Row("gross errors, %", "pitch", "fda", "gross", "pitch")


class Recordings:
    """Six recordings of one speaker each, of two collections, with a number each."""

    def __init__(self) -> None:
        self.numbers = {name: float(k) for k, name in enumerate(NAMES)}
        self.tables = {
            "MANIFEST.csv": [{"file": name, "source": name[:5]} for name in NAMES],
            "creak/labels.csv": [{"file": name, "speaker": name} for name in NAMES[6:]],
        }

    def rows(self, table: str) -> list[dict[str, str]]:
        return self.tables.get(table, [])

    def by_file(self, table: str) -> dict[str, list[dict[str, str]]]:
        return {row["file"]: [row] for row in self.rows(table)}

    def audio(self, name: str) -> float:
        return self.numbers[name]


def test_each_draw_has_as_many_recordings_of_a_folder_as_are_in_it() -> None:
    many = list(draws(NAMES, 50))
    assert len(many) == 50
    for times in many:
        assert sum(times(name) for name in NAMES[:6]) == 6
        assert sum(times(name) for name in NAMES[6:]) == 3
    assert len({tuple(times(name) for name in NAMES) for times in many}) > 40
    again = [[times(name) for name in NAMES] for times in draws(NAMES, 50)]
    assert again == [[times(name) for name in NAMES] for times in many]


def test_copies_of_one_recording_are_drawn_together() -> None:
    others = [name.replace("falk0", "mbgt0") for name in COPIES]
    counts = {tuple(times(name) for name in COPIES) for times in draws(COPIES + others, 30)}
    assert counts == {(0, 0, 0), (1, 1, 1), (2, 2, 2)}


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("pitch/world/dr3-falk0_sx6_x0.8.flac", "pitch/world/dr3-falk0_sx6"),
        ("creak/world/dr3-falk0_si1086_low_jitter.flac", "creak/world/dr3-falk0_si1086"),
        ("pace/timit/dr1-fvmh0_sa1.flac", "pace/timit/dr1-fvmh0_sa1.flac"),
        ("vad/ten/testset-audio-01.flac", "vad/ten/testset-audio-01.flac"),
        ("pace/tempo/falk0_len0.7.flac", "pace/falk0"),
        ("pace/timit_streams/dr3-falk0.flac", "pace/falk0"),
    ],
)
def test_copies_are_known_by_their_names(name: str, whose: str) -> None:
    assert original(name) == whose


def test_a_source_is_left_out_at_a_time_unless_nothing_of_its_kind_would_remain() -> None:
    left = [[times(name) for name in NAMES] for times in without_each(Recordings())]
    assert left == [[1] * 6 + [int(k != gone) for k in range(3)] for gone in range(3)]


def test_a_selection_names_its_copies_apart_and_leaves_out_the_rest() -> None:
    chosen = Selection(Recordings(), lambda name: 2 if name == NAMES[1] else 0)
    assert [row["file"] for row in chosen.rows("MANIFEST.csv")] == [NAMES[1], f"1~{NAMES[1]}"]
    assert list(chosen.by_file("MANIFEST.csv")) == [NAMES[1], f"1~{NAMES[1]}"]
    assert chosen.audio(f"1~{NAMES[1]}") == chosen.audio(NAMES[1]) == 1.0
    assert chosen.rows("no/such.csv") == []


def mean_of(whole: Recordings) -> Any:
    def score(times: Times) -> SetScores:
        chosen = Selection(whole, times)
        values = {
            part: [chosen.audio(n) for n in chosen.by_file("MANIFEST.csv") if part in n] for part in PARTS
        }
        return {part: {"mean": float(np.mean(some)), "all": 1.0, "no": None} for part, some in values.items()}

    return score


PARTS = ("vad/", "creak/")


def test_an_interval_holds_the_figure_and_narrows_with_more_recordings() -> None:
    found = spreads(mean_of(Recordings()), Recordings())
    interval, left_out = found["vad/"]["mean"]
    assert interval is not None
    assert 0 <= interval[0] < 1.8 < 2.5 < 3.2 < interval[1] <= 5
    assert left_out is None, "the six are of one source"
    assert found["creak/"]["mean"].left_out == (6.5, 7.5)
    assert found["vad/"]["all"] == (None, None), "a figure that never moves has no interval"
    assert "no" not in found["vad/"]


@pytest.mark.parametrize(
    ("row", "new", "old", "intervals", "said"),
    [
        (ROW, 92.0, 91.5, [(91.0, 93.0), None], "within its interval"),
        (ROW, 92.0, 90.5, [(91.0, 93.0), None], "better"),
        (ROW, 92.0, 90.5, [(91.0, 93.0), (90.0, 92.5)], "within its interval"),
        (ROW, 90.5, 92.0, [None, (91.0, 93.0)], "worse"),
        (ERRORS, 0.3, 0.9, [(0.1, 0.5), (0.6, 1.2)], "better"),
        (ERRORS, 0.9, 0.3, [(0.6, 1.2), (0.1, 0.5)], "worse"),
        (ROW, 99.0, 90.0, [None, None], "no interval"),
        (TABLES["pace"].rows[3], -9.0, 4.0, [(-10.0, -8.0), (3.0, 5.0)], "worse"),
    ],
)
def test_a_move_within_the_interval_is_no_change(
    row: Row, new: float, old: float, intervals: list[tuple[float, float] | None], said: str
) -> None:
    assert verdict(row, new, old, intervals) == said


def test_an_estimator_hears_each_recording_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []

    class Estimator:
        def __init__(self, spec: str, task: str) -> None:
            self.spec = spec

        def __call__(self, *args: Any) -> int:
            heard.append(args[0].size)
            return len(heard)

    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, "scoring", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "scoring.estimator", SimpleNamespace(Estimator=Estimator))
    estimator = remembering("a:b", "ending")
    left, right = np.zeros((4, 2), np.float32).T
    other = np.zeros(4, np.float32)
    calls = [(left, 1.0), (left, 1.0), (right, 1.0), (left, 2.0), (other, 1.0), (other, 1.0)]
    assert [estimator(*call) for call in calls] == [1, 1, 2, 3, 4, 4]
    assert len(heard) == 4


@pytest.mark.corpus
@pytest.mark.parametrize("task", ["ending", "pauses"])
def test_all_recordings_once_give_the_figures_of_all(task: str) -> None:
    whole = labelled()
    figures, score = scored(task, whole, remembering(f"benchmarks.estimators:{task}", task))
    assert score(lambda name: 1) == figures


@pytest.mark.corpus
def test_pitch_of_all_recordings_once_is_that_of_all() -> None:
    whole = labelled()
    few = Selection(
        whole, lambda name: int("rl00" in name or "falk0" in name or not name.startswith("pitch"))
    )
    few.contour, few.babble = whole.contour, whole.babble  # type: ignore[attr-defined]
    figures, score = scored("pitch", few, remembering("benchmarks.estimators:pitch", "pitch"))
    again = score(lambda name: 1)
    assert set(again) == set(figures)
    assert {"fda", "world, opus 24 kb/s"} <= set(again)
    for name, one in again.items():
        assert one == {key: value for key, value in figures[name].items() if key != "offset_ms"}
    assert yardstick.part("measures").best_f1 is not None
