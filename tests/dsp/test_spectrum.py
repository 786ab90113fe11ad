from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from dsp.spectrum import BANDS, BINS, FALL, WINDOW, Spectrum, mel_centres, triangles

from .sounds import hops, noise, tone


def hann(count: int) -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(count) + 0.5) / count)


def test_an_offset_counts_for_nothing() -> None:
    x = noise(0.05, 0.1)
    powers = []
    for offset in (0.0, 0.3):
        spectrum = Spectrum()
        for hop in hops(x + np.float32(offset)):
            spectrum.process(hop)
        powers.append(spectrum.bands_db.copy())
    np.testing.assert_allclose(powers[1], powers[0], atol=0.01)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rms=st.floats(1e-4, 0.3))
def test_the_kernel_agrees_with_numpy(seed: int, rms: float) -> None:
    spectrum = Spectrum()
    x = noise(0.05, rms, seed)
    for hop in hops(x):
        spectrum.process(hop)
    last = x[: x.size // 160 * 160][-WINDOW:].astype(np.float64)
    whole, late = hann(2 * (WINDOW - FALL)), hann(2 * FALL)
    taper = np.concatenate([whole[: WINDOW - FALL], late[FALL:]])
    expected = np.abs(np.fft.rfft((last - last.mean()) * taper * 2 / taper.sum())) ** 2
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
