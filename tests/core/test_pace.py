"""Words a minute from syllables: how uncertain, which are possible, and what recognised words change."""

from __future__ import annotations

import math

import pytest

from engine.core.pace import FASTEST_WPM, PaceReading, possible, recent_pace, session_pace
from engine.core.windows import Rates
from engine.core.word_length import HEARD_ERROR, TEXT_ERROR, Ratio, WordLength, blended
from engine.protocol.words import Word, Words

ASSUMED = Ratio(1.5, TEXT_ERROR)


def rates(speech_sps: float, articulation_sps: float | None = None) -> Rates:
    return Rates(speech_sps, articulation_sps or 1.2 * speech_sps, 0.3, 7.0, 8.0, 30)


def pace(speech_sps: float, ratio: Ratio = ASSUMED, articulation_sps: float | None = None) -> PaceReading:
    return recent_pace(rates(speech_sps, articulation_sps), None, ratio, 7.0, 1.0)


def words(count: int, start_s: float = 0.0, *, confidence: float = 0.9, text: str = "cats") -> Words:
    said = [
        Word(text=text, start_s=start_s + 0.4 * k, end_s=start_s + 0.4 * k + 0.3, confidence=confidence)
        for k in range(count)
    ]
    return Words(start_s=start_s, end_s=said[-1].end_s, confidence=confidence, source="test", words=said)


def nuclei(count: int, from_s: float, to_s: float) -> list[float]:
    return [from_s + (k + 0.5) * (to_s - from_s) / count for k in range(count)]


def test_the_text_is_part_of_the_error() -> None:
    found = pace(4.0)
    assert found.wpm == pytest.approx(160)
    assert found.error_wpm == pytest.approx(40 * math.hypot(0.3, 0.6))
    whole = session_pace(1200, 240.0, 300.0, ASSUMED)
    assert whole.wpm == pytest.approx(160)
    assert whole.error_wpm == pytest.approx(24, rel=0.03), "a long session doesn't tell the text"


def test_a_rate_that_nobody_speaks_at_is_no_reading() -> None:
    assert pace(7.0).wpm == pytest.approx(280), "of words of 1.7 syllables this is 247"
    assert pace(7.3) == PaceReading()
    assert not possible(FASTEST_WPM / 60 * 1.2 * 1.1, 6.0, Ratio(1.2, 0.05))
    assert pace(1.0, articulation_sps=1.2) == PaceReading(), "a hum has no words"
    assert session_pace(7300, 900.0, 1000.0, ASSUMED) == PaceReading()


def test_recognised_words_give_the_true_rate() -> None:
    length = WordLength(1.5)
    assert length.recent(10.0) == length.session() == ASSUMED
    length.add(words(120), nuclei(137, 0.0, 48.0))
    found = length.recent(49.0)
    assert found.value == pytest.approx(137 / 120, rel=0.06)
    assert HEARD_ERROR < found.error < 0.08
    assert pace(3.4, found).wpm == pytest.approx(60 * 3.4 / found.value)
    assert length.recent(200.0) == ASSUMED, "another text by now"
    assert length.session() == found


def test_few_words_tell_little() -> None:
    few, many = blended(1.5, 4, 4), blended(1.5, 200, 200)
    assert 1.3 < few.value < 1.5
    assert few.error > 0.12
    assert many.value == pytest.approx(1.0, rel=0.07)
    assert blended(1.5, 0, 0) == blended(1.5, 5, 0) == ASSUMED


@pytest.mark.parametrize("fact", [words(20, confidence=0.4), words(20, text="um")])
def test_unsure_words_and_filled_pauses_are_no_words(fact: Words) -> None:
    length = WordLength(1.5)
    length.add(fact, nuclei(30, 0.0, 8.0))
    assert length.session() == ASSUMED


def test_words_that_come_in_pieces_count_the_same() -> None:
    whole, pieces = WordLength(1.5), WordLength(1.5)
    syllables = nuclei(90, 0.0, 32.0)
    whole.add(words(80), syllables)
    for first in range(0, 80, 4):
        pieces.add(words(4, 0.4 * first), syllables)
    assert pieces.session().value == pytest.approx(whole.session().value, rel=0.1)
    assert pieces.session().value <= whole.session().value + 0.01, "no syllable counts twice"
