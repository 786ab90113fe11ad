from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.loudness import Loudness
from dsp.pitch import PitchTracker
from dsp.spectrum import Spectrum
from dsp.syllables import Syllables

from .sounds import Samples, hops, noise, silence, vowel

NOISE_RMS = 3e-4


def nuclei(x: Samples, speech: float = 0.9) -> list[float]:
    spectrum, loudness, pitch, syllables = Spectrum(), Loudness(), PitchTracker(), Syllables()
    found = []
    for k, hop in enumerate(hops(x), start=1):
        spectrum.process(hop)
        loudness.process(spectrum.bands)
        f0_hz, _ = pitch.process(hop)
        ago = syllables.process(loudness.above_db, f0_hz > 0, speech)
        if ago:
            found.append((k - ago) / 100)
    return found


def syllables_of(
    count: int, length_s: float, gap_s: float, f0_hz: float = 120.0
) -> tuple[Samples, list[float]]:
    """Vowels of one length with gaps between; and their middles in seconds."""
    parts = [silence(0.3)]
    for _ in range(count):
        parts += [vowel(f0_hz, length_s), silence(gap_s)]
    x = np.concatenate([*parts, silence(0.3)])
    middles = [0.3 + k * (length_s + gap_s) + length_s / 2 for k in range(count)]
    return x + noise(x.size / 16000, NOISE_RMS), middles


@pytest.mark.parametrize("f0_hz", [90.0, 130.0, 220.0])
@pytest.mark.parametrize(("length_s", "gap_s"), [(0.1, 0.05), (0.15, 0.1), (0.25, 0.2)])
def test_every_vowel_is_one_nucleus_at_its_middle(f0_hz: float, length_s: float, gap_s: float) -> None:
    x, middles = syllables_of(12, length_s, gap_s, f0_hz)
    found = nuclei(x)
    assert len(found) == pytest.approx(12, abs=1)
    for at in found:
        assert min(abs(at - middle) for middle in middles) < 0.05


@settings(deadline=None, max_examples=10)
@given(gain_db=st.floats(-10, 10))
def test_the_gain_changes_nothing(gain_db: float) -> None:
    x, _ = syllables_of(8, 0.14, 0.09)
    assert len(nuclei((x * 10 ** (gain_db / 20)).astype(np.float32))) == pytest.approx(len(nuclei(x)), abs=1)


def test_hisses_are_no_syllables() -> None:
    x = noise(3.0, NOISE_RMS)
    for start in range(8000, 40000, 6400):
        x[start : start + 2400] += noise(0.15, 0.05, seed=start)
    assert nuclei(x) == []


def test_voices_that_are_not_speech_are_no_syllables() -> None:
    x, _ = syllables_of(8, 0.14, 0.09)
    assert nuclei(x, speech=0.1) == []


def test_steady_noise_and_silence_have_none() -> None:
    assert nuclei(noise(3.0, 0.03)) == []
    assert nuclei(silence(3.0)) == []


def test_a_nucleus_does_not_span_a_gap() -> None:
    syllables = Syllables()
    for _ in range(10):
        syllables.process(0.0, False, 0.9)
    for _ in range(10):
        syllables.process(20.0, True, 0.9)
    syllables.forget_sound()
    assert [syllables.process(0.0, True, 0.9) for _ in range(20)] == [0] * 20
