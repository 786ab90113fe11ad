"""Loudness normalisation (ITU-R BS.1770-4) with a peak limiter."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dsp.frame import RATE_HZ
from dsp.k_weighting import HIGH_PASS, OFFSET_DB, SHELF, Biquad
from engine.media.resample import Samples

SPEECH_LUFS = -23.0
"""Loudness of speech (EBU R 128)."""

DISTRACTION_LUFS = -30.0
"""Loudness of distractions: audible beside a voice, and not over it."""

PEAK_DBFS = -3.0
"""Highest sample peak."""

BLOCK, STEP = round(0.4 * RATE_HZ), round(0.1 * RATE_HZ)
"""Gating blocks of 400 ms with an overlap of three quarters (ITU-R BS.1770-4)."""

ABSOLUTE_LUFS, RELATIVE_LU = -70.0, -10.0
"""Gates: blocks below them don't count; the second is relative to the mean of those above the first."""

LOOK_AHEAD = round(0.005 * RATE_HZ)
"""Attack and release of the limiter in samples: 5 ms before and after a peak."""


def integrated_lufs(samples: Samples) -> float:
    """Return the integrated loudness of a mono sound (ITU-R BS.1770-4); −inf when all is below the gate.

    Parameters
    ----------
    samples : float32, shape (n,), 16 kHz; padded to a gating block when shorter.
    """
    weighted = k_weighted(samples)
    if weighted.size < BLOCK:
        weighted = np.pad(weighted, (0, BLOCK - weighted.size)) * math.sqrt(BLOCK / max(1, weighted.size))
    power = (sliding_window_view(weighted, BLOCK)[::STEP] ** 2).mean(axis=1)
    loud = power[power > _power(ABSOLUTE_LUFS)]
    if not loud.size:
        return -math.inf
    loud = loud[loud > max(_power(ABSOLUTE_LUFS), loud.mean() * 10.0 ** (RELATIVE_LU / 10.0))]
    return OFFSET_DB + 10.0 * math.log10(loud.mean())


def loudness_normalized(samples: Samples, lufs: float, peak_dbfs: float = PEAK_DBFS) -> Samples:
    """Return a sound at a given loudness, with its peaks limited.

    Parameters
    ----------
    samples : float32, shape (n,), 16 kHz mono.
    lufs : target integrated loudness; not reached where the limiter takes much away.

    Returns
    -------
    float32, shape (n,); silence is unchanged.
    """
    now = integrated_lufs(samples)
    if now == -math.inf:
        return samples.copy()
    return peak_limited(samples * np.float32(10.0 ** ((lufs - now) / 20.0)), peak_dbfs)


def peak_limited(samples: Samples, peak_dbfs: float = PEAK_DBFS) -> Samples:
    """Return samples with a smooth gain reduction around every peak that is too high."""
    most = 10.0 ** (peak_dbfs / 20.0)
    needed = np.minimum(1.0, most / np.maximum(np.abs(samples), 1e-9))
    if needed.min() == 1.0:
        return samples
    held = sliding_window_view(np.pad(needed, 2 * LOOK_AHEAD, constant_values=1.0), 2 * LOOK_AHEAD + 1).min(
        axis=1
    )
    bell = np.hanning(2 * LOOK_AHEAD + 3)[1:-1]
    gain = np.convolve(held, bell / bell.sum(), "valid")
    turned: Samples = np.clip(samples * gain, -most, most).astype(np.float32)
    return turned


def k_weighted(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return samples filtered by the K-weighting, as a multiplication in the frequency domain."""
    padded = samples.size + RATE_HZ // 2  # the filters' tail falls into the padding, and is cut off
    spectrum = np.fft.rfft(samples, padded)
    turn = np.exp(-2j * np.pi * np.arange(spectrum.size) / padded)
    weighted: np.ndarray[tuple[int], np.dtype[np.float64]] = np.fft.irfft(
        spectrum * _response(SHELF, turn) * _response(HIGH_PASS, turn), padded
    )[: samples.size]
    return weighted


def _response(
    filter_: Biquad, turn: np.ndarray[tuple[int], np.dtype[np.complex128]]
) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
    b0, b1, b2, a1, a2 = filter_
    found: np.ndarray[tuple[int], np.dtype[np.complex128]] = (b0 + b1 * turn + b2 * turn**2) / (
        1.0 + a1 * turn + a2 * turn**2
    )
    return found


def _power(lufs: float) -> float:
    return float(10.0 ** ((lufs - OFFSET_DB) / 10.0))
