"""The comparison of measures with and without lost packets, on the packaged voice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import loss
from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.labelled_speech import Samples


@pytest.fixture(scope="module")
def spoken() -> Samples:
    """Two sentences with a pause between them, in a quiet room."""
    said = SpeechSynthesizer().synthesize("We led the move of our billing system to the cloud.")
    gap = np.zeros(16_000, np.float32)
    x = np.concatenate([gap, said, gap, said, gap])
    room = np.random.default_rng(1).normal(0, 1e-4, x.size).astype(np.float32)
    summed: Samples = x + room
    return summed


def compared(x: Samples, lost: float, jitter_s: float, *, fec: bool) -> dict[str, Any]:
    packets = loss.encoded(x, lost, fec=fec)
    holed = loss.Heard(packets, lost, jitter_s, 1)
    return loss.compared("voice", loss.Heard(packets, 0.0, 0.0, 1), holed)


@pytest.mark.parametrize("fec", [True, False])
def test_nothing_lost_changes_nothing(spoken: Samples, fec: bool) -> None:
    row = compared(spoken, 0.0, 0.0, fec=fec)
    assert row["pauses"] > 0
    assert row["off"]["pace_wpm"] == max(row["off"].values()) == 0
    assert row["new_pauses"] == row["missed_pauses"] == []
    assert row["lost"] == row["late"] == 0
    assert loss.holds(loss.totals([row]))


def test_what_is_lost_is_counted_and_its_copies_heard(spoken: Samples) -> None:
    rows = [compared(spoken, 0.1, 0.02, fec=fec) for fec in (True, False)]
    copied, bare = rows
    assert copied["lost"] == bare["lost"] > 0
    assert 0 < copied["recovered"] < copied["lost"]
    assert bare["recovered"] == 0
    assert copied["lost_s"] < bare["lost_s"] == pytest.approx(bare["lost"] * loss.PACKET_S, abs=0.03)
    total = loss.totals(rows)
    assert total["lost"] == 2 * bare["lost"]
    for key, worst in total["worst_off"].items():
        assert worst == max(row["off"].get(key, 0) for row in rows)


def test_over_the_corpus_counts_are_summed_and_others_weighed_by_speech(spoken: Samples) -> None:
    row = compared(spoken, 0.0, 0.0, fec=False)
    rows = [
        row | {"speech_s": 30.0, "measures": {"pause_count": [9, 8], "pace_wpm": [100.0, 110.0]}},
        row | {"speech_s": 10.0, "measures": {"pause_count": [1, 1], "pace_wpm": [100.0, 90.0]}},
        row | {"speech_s": 50.0, "measures": {}},
    ]
    assert loss.pooled(rows, "pause_count") == pytest.approx(-0.1)
    assert loss.pooled(rows, "pace_wpm") == pytest.approx(0.05)
    total = loss.totals([row])
    assert not loss.holds(total | {"new_pauses": 1})
    assert not loss.holds(total | {"pooled_off": total["pooled_off"] | {"pace_wpm": -0.06}})


def test_a_pause_that_only_one_run_has_is_told(spoken: Samples) -> None:
    whole = loss.Heard(loss.encoded(spoken, 0.0, fec=False), 0.0, 0.0, 1)
    running = loss.Heard(loss.encoded(spoken[:44_000], 0.0, fec=False), 0.0, 0.0, 1)
    assert whole.new_pauses(running)
    assert whole.new_pauses(whole) == []


def test_a_folder_without_labels_is_nothing_to_measure_on(tmp_path: Path) -> None:
    assert loss.main(["--data", str(tmp_path)]) == 2
