"""Short-time spectrum: one windowed FFT a hop, shared by everything that listens to timbre."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .frame import HOP, RATE_HZ
from .kernel import kernel

WINDOW = 512
"""Samples under the window, 32 ms; its middle is ``SPECTRUM_DELAY_HOPS`` behind the end of the hop."""

SPECTRUM_DELAY_HOPS = 1
"""The window's middle is 16 ms back: the spectrum describes the hop before the newest, best."""

BINS = WINDOW // 2 + 1
BANDS = 32
LOW_HZ, HIGH_HZ = 60.0, 7600.0

Floats = NDArray[np.float32]


def mel(hz: float) -> float:
    """Mel of a frequency (O'Shaughnessy 1987)."""
    return 2595.0 * math.log10(1.0 + hz / 700.0)


def mel_centres() -> NDArray[np.float64]:
    """Edges and centres of the bands in Hz, shape ``(BANDS + 2,)``: band *k* peaks at entry ``k + 1``."""
    mels = np.linspace(mel(LOW_HZ), mel(HIGH_HZ), BANDS + 2)
    centres: NDArray[np.float64] = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    return centres


def triangles() -> Floats:
    """Triangular weights of the bands over the bins, each summing to 1: shape ``(BANDS, BINS)``."""
    hz = np.arange(BINS) * RATE_HZ / WINDOW
    edges = mel_centres()
    rising = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling))
    for k in np.flatnonzero(weights.sum(axis=1) < 0.5):  # narrower than a bin: take the nearest
        weights[k, np.argmin(np.abs(hz - edges[k + 1]))] = 1.0
    normed: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normed


@kernel
def power_spectrum(
    x: Floats,
    window: Floats,
    cosine: Floats,
    sine: Floats,
    order: NDArray[np.int32],
    re: Floats,
    im: Floats,
    out: Floats,
) -> None:
    """Power of a real signal's spectrum by a half-length complex radix-2 FFT.

    Even samples are taken as real, odd ones as imaginary parts; the two spectra are
    parted afterwards (Press et al., Numerical Recipes, section 12.3).

    Parameters
    ----------
    x, window : float32, shape (2 * m,)
        Samples and their weights; ``m`` a power of two.
    cosine, sine : float32, shape (m,)
        ``cos`` and ``sin`` of ``pi * k / m``.
    order : int32, shape (m,)
        Bit-reversed indices.
    re, im : float32, shape (m,)
        Work space.
    out : float32, shape (m + 1,)
        Overwritten with squared magnitudes.
    """
    m = order.size
    for i in range(m):
        j = 2 * order[i]
        re[i] = x[j] * window[j]
        im[i] = x[j + 1] * window[j + 1]
    half = 1
    while half < m:
        step = m // half
        for start in range(0, m, 2 * half):
            for k in range(half):
                c, s = cosine[k * step], sine[k * step]
                a = start + k
                b = a + half
                tr = re[b] * c + im[b] * s
                ti = im[b] * c - re[b] * s
                re[b] = re[a] - tr
                im[b] = im[a] - ti
                re[a] += tr
                im[a] += ti
        half *= 2
    out[0] = (re[0] + im[0]) ** 2
    out[m] = (re[0] - im[0]) ** 2
    for k in range(1, m):
        er = 0.5 * (re[k] + re[m - k])
        ei = 0.5 * (im[k] - im[m - k])
        dr = 0.5 * (im[k] + im[m - k])
        di = -0.5 * (re[k] - re[m - k])
        tr = dr * cosine[k] + di * sine[k]
        ti = di * cosine[k] - dr * sine[k]
        out[k] = (er + tr) ** 2 + (ei + ti) ** 2


@kernel
def band_levels(
    power: Floats, weights: Floats, first: NDArray[np.int32], last: NDArray[np.int32], out_db: Floats
) -> None:
    """Mean power of each band in dB.

    Parameters
    ----------
    power : float32, shape (bins,)
    weights : float32, shape (bands, bins)
        Rows sum to 1 and are zero outside ``first[k] <= bin < last[k]``.
    out_db : float32, shape (bands,)
        Overwritten; −120 dB at least.
    """
    for k in range(out_db.size):
        total = 0.0
        for i in range(first[k], last[k]):
            total += weights[k, i] * power[i]
        out_db[k] = 10.0 * math.log10(total + 1e-12)


class Spectrum:
    """Power spectrum and mel bands of the last 32 ms, once a hop.

    A sine of amplitude 1 gives 0 dB in its bin, whatever the window.
    """

    def __init__(self) -> None:
        half = WINDOW // 2
        angle = np.pi * np.arange(half) / half
        bits = half.bit_length() - 1
        taper = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(WINDOW) + 0.5) / WINDOW)
        self._window: Floats = (taper * 2 / taper.sum()).astype(np.float32)
        self._cosine: Floats = np.cos(angle).astype(np.float32)
        self._sine: Floats = np.sin(angle).astype(np.float32)
        self._order = np.array([int(f"{i:0{bits}b}"[::-1], 2) for i in range(half)], np.int32)
        self._re, self._im = np.zeros(half, np.float32), np.zeros(half, np.float32)
        self._weights = triangles()
        filled = self._weights > 0
        self._first = filled.argmax(axis=1).astype(np.int32)
        self._last = (BINS - filled[:, ::-1].argmax(axis=1)).astype(np.int32)
        self._samples = np.zeros(WINDOW, np.float32)
        self.power: Floats = np.zeros(BINS, np.float32)
        """Squared magnitude of each bin, 31.25 Hz apart; overwritten by each hop."""
        self.bands_db: Floats = np.full(BANDS, -120.0, np.float32)
        """Level of each mel band; overwritten by each hop."""

    def reset(self) -> None:
        """Forget all samples."""
        self._samples.fill(0.0)
        self.power.fill(0.0)
        self.bands_db.fill(-120.0)

    def process(self, hop: Floats) -> None:
        """Take 160 samples in; ``power`` and ``bands_db`` then tell of the last 512."""
        self._samples[:-HOP] = self._samples[HOP:]
        self._samples[-HOP:] = hop
        power_spectrum(
            self._samples, self._window, self._cosine, self._sine, self._order, self._re, self._im, self.power
        )
        band_levels(self.power, self._weights, self._first, self._last, self.bands_db)
