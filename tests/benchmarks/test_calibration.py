"""Reliability of confidences: what the tables say, and that what is told surely is right."""

from __future__ import annotations

import pytest

from benchmarks.calibration import Told, cells, coverage, endings, paces
from engine.shipped import profiles
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import Labels
from tests.harness.readings import reading


def test_cells_tell_the_share_that_was_right() -> None:
    told = [Told(0.6, True), Told(0.6, False), Told(1.0, True), Told(0.9, True), Told(0.1, False)]
    assert cells(told) == ["0 % of 1", "–", "50 % of 2", "–", "100 % of 2"]


def test_coverage_leaves_guesses_out() -> None:
    read = [
        (reading(1.0, pace_wpm=150.0, pace_error_wpm=20.0, pace_confidence=sure), 150.0, words)
        for sure, words in ((1.0, 165.0), (1.0, 185.0), (0.4, 300.0))
    ]
    assert coverage(read, 0.5)[1] == ["of 2 readings", "50 %", "100 %"]


@pytest.mark.corpus
@pytest.mark.timeout(300)
def test_what_is_told_surely_is_right_nine_times_in_ten() -> None:
    labels, profile = Labels(DATA), profiles.load("conversation")
    sure = [one.right for one in endings(labels) if one.confidence >= 0.9]
    assert len(sure) > 100
    assert sum(sure) >= 0.9 * len(sure)
    read = list(paces(labels, profile))
    for share, errors in ((0.55, 1), (0.9, 2)):
        within = [
            abs((one.pace_wpm or 0.0) - words) <= errors * (one.pace_error_wpm or 0.0)
            for one, _, words in read
        ]
        assert sum(within) >= share * len(within)
