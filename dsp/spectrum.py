"""Short-time power spectrum and mel bands: one windowed FFT per hop, shared by all users of timbre."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .frame import RATE_HZ
from .kernel import kernel

WINDOW = 512
"""Window length in samples, 32 ms; its centre lies ``SPECTRUM_DELAY_HOPS`` behind the end of the hop."""

FALL = 96
"""Samples of the falling half of the asymmetric window, 6 ms; it rises over 26 ms. So its centre is half as
late as a symmetric window's, at nearly the same resolution."""

SPECTRUM_DELAY_HOPS = 1
"""The window's centre of power lies 11 ms back: the spectrum describes the hop before the newest best."""

BINS = WINDOW // 2 + 1
BANDS = 32
LOW_HZ, HIGH_HZ = 60.0, 7600.0

MIN_POWER = 1e-12
"""Power of digital silence, −120 dB."""

Floats = NDArray[np.float32]


def mel(hz: float) -> float:
    """Convert Hz to mel: ``2595 log10(1 + f / 700)`` (O'Shaughnessy 1987)."""
    return 2595.0 * math.log10(1.0 + hz / 700.0)


def mel_centres() -> NDArray[np.float64]:
    """Edges and centres of the bands in Hz, shape ``(BANDS + 2,)``: band *k* peaks at entry ``k + 1``."""
    mels = np.linspace(mel(LOW_HZ), mel(HIGH_HZ), BANDS + 2)
    centres: NDArray[np.float64] = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    return centres


def half_hann(count: int) -> NDArray[np.float64]:
    """Rising half of a Hann window, shape ``(count,)``."""
    half: NDArray[np.float64] = np.sin(0.5 * np.pi * (np.arange(count) + 0.5) / count) ** 2
    return half


def triangles() -> Floats:
    """Triangular weights of the bands over the bins, each band summing to 1: shape ``(BANDS, BINS)``."""
    hz = np.arange(BINS) * RATE_HZ / WINDOW
    edges = mel_centres()
    rising = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling))
    normed: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normed


@kernel
def radix_4(
    re: Floats, im: Floats, cosine: Floats, sine: Floats, stride: int, out_re: Floats, out_im: Floats
) -> None:
    """One radix-4 stage of Stockham's autosorting FFT; the inner loop runs over neighbours, so it vectorises.

    After Govindaraju et al. (2008), "High performance discrete Fourier transforms on graphics
    processors": four values a quarter of the length apart are combined; no reordering follows.

    Parameters
    ----------
    re, im : float32, shape (n,)
    cosine, sine : float32, shape (n,)
        ``cos`` and ``sin`` of ``2 * pi * k / n``.
    stride : int
        1, 4, 16 … for the first, second, third stage.
    out_re, out_im : float32, shape (n,)
        Overwritten.
    """
    n = re.size
    quarter = n // 4
    for group in range(quarter // stride):
        c1, s1 = cosine[group * stride], sine[group * stride]
        c2, s2 = cosine[2 * group * stride], sine[2 * group * stride]
        c3, s3 = cosine[3 * group * stride], sine[3 * group * stride]
        first, to = stride * group, 4 * stride * group
        for j in range(stride):
            i, o = first + j, to + j
            sum_ac_re, sum_ac_im = re[i] + re[i + 2 * quarter], im[i] + im[i + 2 * quarter]
            dif_ac_re, dif_ac_im = re[i] - re[i + 2 * quarter], im[i] - im[i + 2 * quarter]
            sum_bd_re, sum_bd_im = (
                re[i + quarter] + re[i + 3 * quarter],
                im[i + quarter] + im[i + 3 * quarter],
            )
            dif_bd_re, dif_bd_im = (
                re[i + quarter] - re[i + 3 * quarter],
                im[i + quarter] - im[i + 3 * quarter],
            )
            out_re[o], out_im[o] = sum_ac_re + sum_bd_re, sum_ac_im + sum_bd_im
            x, y = dif_ac_re + dif_bd_im, dif_ac_im - dif_bd_re
            out_re[o + stride], out_im[o + stride] = x * c1 + y * s1, y * c1 - x * s1
            x, y = sum_ac_re - sum_bd_re, sum_ac_im - sum_bd_im
            out_re[o + 2 * stride], out_im[o + 2 * stride] = x * c2 + y * s2, y * c2 - x * s2
            x, y = dif_ac_re - dif_bd_im, dif_ac_im + dif_bd_re
            out_re[o + 3 * stride], out_im[o + 3 * stride] = x * c3 + y * s3, y * c3 - x * s3


@kernel
def power_spectrum(x: Floats, window: Floats, twiddles: Floats, work: Floats, out: Floats) -> None:
    """Power spectrum of a real signal less its mean, by a half-length complex FFT.

    Even samples are real parts, odd ones imaginary parts; the two spectra are separated
    afterwards (Press et al., Numerical Recipes, section 12.3).

    Parameters
    ----------
    x, window : float32, shape (2 * m,)
        Samples and their weights; ``m`` a power of 16.
    twiddles : float32, shape (4, m)
        ``cos`` and ``sin`` of ``2 * pi * k / m``, then of ``pi * k / m``.
    work : float32, shape (4, m)
        Work space.
    out : float32, shape (m + 1,)
        Overwritten with squared magnitudes.
    """
    m = work.shape[1]
    re, im = work[0], work[1]
    mean = np.float32(0.0)
    for i in range(x.size):
        mean += x[i]
    mean /= np.float32(x.size)
    for i in range(m):
        re[i] = (x[2 * i] - mean) * window[2 * i]
        im[i] = (x[2 * i + 1] - mean) * window[2 * i + 1]
    stride = 1
    while stride < m:
        radix_4(work[0], work[1], twiddles[0], twiddles[1], stride, work[2], work[3])
        radix_4(work[2], work[3], twiddles[0], twiddles[1], 4 * stride, work[0], work[1])
        stride *= 16
    out[0] = (re[0] + im[0]) ** 2
    out[m] = (re[0] - im[0]) ** 2
    half = np.float32(0.5)
    for k in range(1, m):
        er = half * (re[k] + re[m - k])
        ei = half * (im[k] - im[m - k])
        dr = half * (im[k] + im[m - k])
        di = half * (re[m - k] - re[k])
        tr = dr * twiddles[2, k] + di * twiddles[3, k]
        ti = di * twiddles[2, k] - dr * twiddles[3, k]
        out[k] = (er + tr) ** 2 + (ei + ti) ** 2


@kernel
def band_powers(power: Floats, weights: Floats, ends: NDArray[np.int32], out: Floats, out_db: Floats) -> None:
    """Mean power of each band, linear and in dB.

    Parameters
    ----------
    power : float32, shape (bins,)
    weights : float32, shape (bands, bins)
        Rows sum to 1 and are zero outside ``ends[k, 0] <= bin < ends[k, 1]``.
    out, out_db : float32, shape (bands,)
        Overwritten; at least −120 dB.
    """
    for k in range(out.size):
        total = np.float32(MIN_POWER)
        for i in range(ends[k, 0], ends[k, 1]):
            total += weights[k, i] * power[i]
        out[k] = total
        out_db[k] = 10.0 * math.log10(total)


def tables() -> State:
    """Tables that all spectra share: the window, the FFT's twiddle factors, the weights of the bands."""
    half = WINDOW // 2
    shared = np.zeros(
        1,
        np.dtype(
            [
                ("window", "f4", WINDOW),
                ("twiddles", "f4", (4, half)),
                ("weights", "f4", (BANDS, BINS)),
                ("ends", "i4", (BANDS, 2)),
            ],
            align=True,
        ),
    )
    angle = np.pi * np.arange(half) / half
    taper = np.concatenate([half_hann(WINDOW - FALL), half_hann(FALL)[::-1]])
    shared["window"] = taper * 2 / taper.sum()
    shared["twiddles"] = np.stack([np.cos(2 * angle), np.sin(2 * angle), np.cos(angle), np.sin(angle)])
    shared["weights"] = triangles()
    filled = shared["weights"][0] > 0
    shared["ends"] = np.stack([filled.argmax(axis=1), BINS - filled[:, ::-1].argmax(axis=1)], axis=1)
    return shared


TABLES = tables()


@kernel
def update_spectrum(hop: Floats, tables: State, state: State) -> None:
    """Append a hop and compute the spectrum of the last 512 samples: ``Spectrum.process``."""
    samples = state.samples
    kept = samples.size - hop.size
    for i in range(kept):
        samples[i] = samples[i + hop.size]
    for i in range(hop.size):
        samples[kept + i] = hop[i]
    power_spectrum(samples, tables.window, tables.twiddles, state.work, state.power)
    band_powers(state.power, tables.weights, tables.ends, state.bands, state.bands_db)


class Spectrum(Component):
    """Power spectrum and mel bands of the last 32 ms, once a hop.

    A sine of amplitude 1 gives 0 dB in its bin, whatever the window.

    Attributes
    ----------
    power : float32, shape (BINS,)
        Squared magnitude of each bin, 31.25 Hz apart; overwritten by each hop.
    bands, bands_db : float32, shape (BANDS,)
        Mean power of each mel band, linear and in dB; overwritten by each hop.
    """

    STATE = np.dtype(
        [
            ("samples", "f4", WINDOW),
            ("work", "f4", (4, WINDOW // 2)),
            ("power", "f4", BINS),
            ("bands", "f4", BANDS),
            ("bands_db", "f4", BANDS),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget all samples."""
        self.state["samples"] = 0.0
        self.state["power"] = 0.0
        self.state["bands"] = MIN_POWER
        self.state["bands_db"] = 10.0 * math.log10(MIN_POWER)

    def process(self, hop: Floats) -> None:
        """Append 160 samples and recompute ``power``, ``bands`` and ``bands_db``."""
        update_spectrum(hop, TABLES[0], self.state)
