from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from dsp.syllables import MIN_PEAK, Syllables
from dsp.voice_activity import NUCLEUS_DELAY_HOPS
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, heard, noise, silence


def peaks(values: Iterable[float]) -> list[int]:
    """Hops whose peaks are found in a curve, the curve's own delay taken off."""
    syllables, found = Syllables(), []
    for k, value in enumerate(values):
        ago = syllables.process(value)
        if ago:
            found.append(k - ago + NUCLEUS_DELAY_HOPS)
    return found


def bumps(middles: Iterable[int], height: float, length: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    t = np.arange(length)
    return sum((height * np.exp(-0.5 * ((t - m) / 2.0) ** 2) for m in middles), np.zeros(length))


def nuclei(x: Samples) -> list[float]:
    return [
        (k - frame.nucleus_ago_hops) / 100
        for k, frame in enumerate(heard(x), start=1)
        if frame.nucleus_ago_hops
    ]


@pytest.mark.parametrize("apart", [9, 15, 30])
@pytest.mark.parametrize("height", [1.1 * MIN_PEAK, 0.9])
def test_each_peak_is_told_where_it_was(apart: int, height: float) -> None:
    middles = list(range(20, 200, apart))
    assert peaks(bumps(middles, height, 230)) == middles


def test_low_peaks_and_ripples_are_none() -> None:
    assert peaks(bumps([20, 60], 0.9 * MIN_PEAK, 100)) == []
    plateau = np.clip(bumps(range(20, 60, 3), 0.6, 100), 0, 0.9)
    assert len(peaks(plateau)) == 1


def test_a_second_peak_at_once_is_the_same_syllable() -> None:
    curve = np.array([0.0, 0.5, 0.9, 0.5, 0.2, 0.6, 0.1, 0.0, 0.0])
    assert peaks(curve) == [2]


def test_a_nucleus_does_not_span_a_long_gap() -> None:
    syllables = Syllables()
    for value in bumps([20], 0.9, 22):
        syllables.process(float(value))
    syllables.forget_sound()
    assert [syllables.process(0.0) for _ in range(20)] == [0] * 20


@pytest.mark.parametrize("lost", [2, 6])
@pytest.mark.parametrize("start", range(8, 34))
def test_a_short_gap_hides_no_nucleus(start: int, lost: int) -> None:
    syllables, found = Syllables(), []
    for hop, value in enumerate(bumps([20, 60], 0.9, 100)):
        if start <= hop < start + lost:
            syllables.bridge(float(value))
        elif ago := syllables.process(float(value)):
            found.append(hop - ago + NUCLEUS_DELAY_HOPS)
    assert found == [20, 60]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We led the move of our billing system to the cloud.", 14),
        ("It went live two weeks early, and nobody noticed.", 13),
        ("The customers were happy, so we did it again in the spring.", 16),
    ],
)
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.25])
def test_the_syllables_of_sentences_are_counted(
    voice: SpeechSynthesizer, text: str, count: int, speed: float
) -> None:
    spoken = voice.synthesize(text, speed=speed)
    x = np.concatenate([silence(0.5), spoken, silence(0.5)]) + noise(1.0 + spoken.size / 16000, 1e-4)
    assert len(nuclei(x.astype(np.float32))) == pytest.approx(count, rel=0.2)


def test_what_is_no_speech_has_none() -> None:
    assert nuclei(noise(3.0, 0.03)) == []
    assert nuclei(silence(3.0)) == []
    hisses = noise(3.0, 3e-4)
    for start in range(8000, 40000, 6400):
        hisses[start : start + 2400] += noise(0.15, 0.05, seed=start)
    assert nuclei(hisses) == []
