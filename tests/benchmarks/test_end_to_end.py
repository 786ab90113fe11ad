import numpy as np
import pytest

from benchmarks.end_to_end import cut_sentence, evaluated, evidence_ms


def test_the_evidence_takes_as_long_as_a_pause_must_last_to_be_one() -> None:
    takes = evidence_ms(cut_sentence())
    assert len(takes) == 16
    assert 230 <= np.mean(takes) <= 300
    assert max(takes) - min(takes) < 50


def test_what_is_left_after_the_evidence_is_the_delay() -> None:
    """A page's clock that runs 5 s ahead of the stream, messages 30 ms after they are due."""
    cuts = [7000.0, 9000.0, 11000.0]
    notes = {
        "cuts": [1000.0, *cuts],
        "messages": [
            {"now": 1280.0, "type": "pause_started", "at_s": -3.75},
            *({"now": cut + 280, "type": "pause_started", "at_s": (cut + 250 - 5000) / 1000} for cut in cuts),
            {"now": 8530.0, "type": "reading", "at_s": 3.5},
            {"now": 8540.0, "type": "nudge", "at_s": 3.5},
        ],
    }
    delay = evaluated(notes, [240.0, 260.0], began_ms=2000.0)
    assert delay["event"] == pytest.approx([30.0] * 3)
    assert delay["reading"] == pytest.approx([30.0])
    assert delay["nudge"] == pytest.approx([40.0])


def test_a_cut_that_nobody_told_is_no_delay() -> None:
    notes = {"cuts": [3000.0], "messages": [{"now": 4500.0, "type": "pause_started", "at_s": 1.0}]}
    assert evaluated(notes, [250.0], began_ms=0.0)["event"] == []
