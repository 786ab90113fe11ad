"""Zipf frequencies of words."""

from __future__ import annotations

import pytest

from engine.speech.word_frequency import zipf


@pytest.mark.parametrize(
    ("word", "expected"), [("the", 7.73), ("The", 7.73), ("latency,", 3.31), ("don’t", 6.2), ("Okay.", 5.06)]
)
def test_frequency_of_a_word(word: str, expected: float) -> None:
    assert zipf(word) == pytest.approx(expected, abs=0.02)


def test_a_compound_is_as_rare_as_its_rarest_part() -> None:
    assert zipf("latency-the") == zipf("latency")


def test_what_is_no_word_has_none() -> None:
    assert zipf("2019") is None
    assert zipf("xqzzt") is None
    assert zipf("…") is None
