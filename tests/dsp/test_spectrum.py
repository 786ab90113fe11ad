from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.change import Stir
from dsp.frame import RATE_HZ
from dsp.loudness import Loudness
from dsp.spectrum import BANDS, BINS, WINDOW, Spectrum, mel_centres, triangles

from .sounds import Samples, hops, noise, tone, vowel


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rms=st.floats(1e-4, 0.3))
def test_the_kernel_agrees_with_numpy(seed: int, rms: float) -> None:
    spectrum = Spectrum()
    x = noise(0.05, rms, seed)
    for hop in hops(x):
        spectrum.process(hop)
    last = x[: x.size // 160 * 160][-WINDOW:].astype(np.float64)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
    expected = np.abs(np.fft.rfft(last * taper * 2 / taper.sum())) ** 2
    np.testing.assert_allclose(spectrum.power, expected, rtol=1e-3, atol=1e-6 * expected.max())


@pytest.mark.parametrize("hz", [250.0, 1000.0, 3000.0, 7000.0])
def test_a_full_scale_sine_is_0_db_in_its_bin(hz: float) -> None:
    spectrum = Spectrum()
    for hop in hops(tone(hz, 0.1, 1.0)):
        spectrum.process(hop)
    k = round(hz * WINDOW / RATE_HZ)
    assert 10 * np.log10(spectrum.power[k]) == pytest.approx(0.0, abs=0.1)
    loudest = int(np.argmax(spectrum.bands_db))
    edges = mel_centres()
    assert edges[loudest] <= hz <= edges[loudest + 2]


def test_bands_weigh_alike_and_cover_the_range() -> None:
    weights = triangles()
    assert weights.shape == (BANDS, BINS)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)
    used = np.flatnonzero(weights.sum(axis=0))
    assert used[0] * RATE_HZ / WINDOW < 130
    assert used[-1] * RATE_HZ / WINDOW > 7300


def test_silence_is_the_floor_and_reset_forgets() -> None:
    spectrum = Spectrum()
    for hop in hops(tone(500.0, 0.1)):
        spectrum.process(hop)
    spectrum.reset()
    spectrum.process(np.zeros(160, np.float32))
    assert (spectrum.bands_db == -120).all()


def stir_of(x: Samples) -> float:
    """Change over 40 ms of what stands above the noise, at the end of a sound."""
    spectrum, loudness = Spectrum(), Loudness()
    stir = Stir(loudness.bands_above_db.size, (4, 10))
    for hop in hops(x):
        spectrum.process(hop)
        loudness.process(spectrum.bands)
        stir.process(loudness.bands_above_db)
    return float(stir.change_db[0])


def test_a_held_vowel_hardly_stirs_and_a_sweep_does() -> None:
    room = noise(1.5, 3e-4)
    sweep = 0.1 * np.sin(2 * np.pi * np.cumsum(np.geomspace(300, 3000, 8000)) / RATE_HZ)
    held, swept = room.copy(), room.copy()
    held[16000:] += vowel(120.0, 0.6)[:8000]
    swept[16000:] += sweep.astype(np.float32)
    assert stir_of(held) < 1.0
    assert stir_of(swept) > 2.0
    assert stir_of(room) < 1.0
