"""The comparison of measures with and without lost packets, on the packaged voice."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import loss
from benchmarks.talk import Samples
from engine.media.voice import PackagedVoice


@pytest.fixture(scope="module")
def spoken() -> Samples:
    """Two sentences with a pause between them, in a quiet room."""
    said = PackagedVoice().say("We led the move of our billing system to the cloud.")
    gap = np.zeros(16_000, np.float32)
    x = np.concatenate([gap, said, gap, said, gap])
    room = np.random.default_rng(1).normal(0, 1e-4, x.size).astype(np.float32)
    summed: Samples = x + room
    return summed


@pytest.mark.parametrize("fec", [True, False])
def test_nothing_lost_changes_nothing(spoken: Samples, fec: bool) -> None:
    condition = Namespace(loss=0.0, jitter=0.0)
    row = loss.compared("voice", spoken, condition, fec=fec, seed=1)
    assert row["pauses"] > 0
    assert row["off"]["pace_wpm"] == max(row["off"].values()) == 0
    assert row["new_pauses"] == row["missed_pauses"] == []
    assert row["lost"] == row["late"] == 0


def test_what_is_lost_is_counted_and_its_copies_heard(spoken: Samples) -> None:
    condition = Namespace(loss=0.1, jitter=0.02)
    rows = [loss.compared("voice", spoken, condition, fec=fec, seed=1) for fec in (True, False)]
    copied, bare = rows
    assert copied["lost"] == bare["lost"] > 0
    assert 0 < copied["recovered"] < copied["lost"]
    assert bare["recovered"] == 0
    assert copied["lost_s"] < bare["lost_s"] == pytest.approx(bare["lost"] * loss.PACKET_S, abs=0.03)
    total = loss.totals(rows)
    assert total["recordings"] == 2
    assert total["lost"] == 2 * bare["lost"]
    for key, worst in total["worst_off"].items():
        assert worst == max(row["off"].get(key, 0) for row in rows)


def test_a_pause_that_only_one_run_has_is_told(spoken: Samples) -> None:
    whole = loss.Heard(loss.encoded(spoken, 0.0, fec=False), 0.0, 0.0, 1)
    running = loss.Heard(loss.encoded(spoken[:44_000], 0.0, fec=False), 0.0, 0.0, 1)
    assert whole.new_pauses(running)
    assert whole.new_pauses(whole) == []


def test_a_folder_without_labels_is_nothing_to_measure_on(tmp_path: Path) -> None:
    assert loss.main(["--data", str(tmp_path)]) == 2
