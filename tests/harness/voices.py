"""Voices that the packaged one doesn't have, synthesised: singing and whispering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

from dsp.frame import RATE_HZ

Samples = NDArray[np.float32]

FORMANTS_HZ = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
    "@": (500, 1500, 2500),
}
"""Of vowels (Peterson & Barney 1952); the last is a central one."""

SCALE_ST = (0, 2, 4, 5, 7, 9, 11, 12)


def note(hz: float, seconds: float, vowel: str, vibrato_st: float = 0.0) -> Samples:
    """One sung note: harmonics weighted by the vowel's formants."""
    at_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    f0_hz = hz * 2 ** (vibrato_st * np.sin(2 * np.pi * 5.5 * at_s) / 12)
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    out = np.zeros(at_s.size)
    for k in range(1, int(3800 / hz) + 1):
        weights = (
            weight / (1 + ((k * hz - formant) / width) ** 2)
            for formant, width, weight in zip(FORMANTS_HZ[vowel], (80, 100, 140), (1, 0.6, 0.3), strict=True)
        )
        out += (sum(weights) + 0.003) * np.sin(k * phase) / k**0.3
    out *= np.clip(np.minimum(at_s / 0.04, (at_s[-1] - at_s) / 0.06), 0, 1)
    sound: Samples = (0.2 * out / np.abs(out).max()).astype(np.float32)
    return sound


def sung(
    seconds: float, seed: int, *, base_hz: float = 140.0, vibrato_st: float = 0.0, slow: float = 1.0
) -> Samples:
    """A melody of notes of 0.25 to 0.9 s on changing vowels, some after a consonant, with rests."""
    chance = np.random.default_rng(seed)
    parts, degree = [np.zeros(RATE_HZ // 2, np.float32)], 0
    while sum(part.size for part in parts) < seconds * RATE_HZ:
        degree = int(np.clip(degree + chance.integers(-2, 3), 0, 7))
        hz, length_s = base_hz * 2 ** (SCALE_ST[degree] / 12), slow * float(chance.uniform(0.25, 0.9))
        if chance.random() < 0.5:
            parts.append((0.02 * chance.standard_normal(RATE_HZ // 20)).astype(np.float32))
        parts.append(note(hz, length_s, list(FORMANTS_HZ)[chance.integers(6)], vibrato_st))
        rest_s = float(chance.uniform(0.3, 0.9) if chance.random() < 0.12 else chance.uniform(0, 0.1))
        parts.append(np.zeros(round(rest_s * RATE_HZ), np.float32))
    song = np.concatenate(parts)
    return (song + 0.0003 * chance.standard_normal(song.size)).astype(np.float32)


def whispered(speech: Samples, seed: int = 0) -> Samples:
    """Speech with its vocal tract (linear prediction) and breath instead of a voice."""
    order, size, step = 18, 400, 200
    chance, window = np.random.default_rng(seed), np.hanning(size)
    out = np.zeros(speech.size + size)
    for start in range(0, speech.size - size, step):
        part = speech[start : start + size] * window
        r = np.correlate(part, part, "full")[size - 1 : size + order]
        if r[0] < 1e-7:
            continue
        r[0] *= 1.0001
        tract = solve_toeplitz(r[:order], r[1 : order + 1])
        breath = np.sqrt(2 * max(0.0, float(r[0] - tract @ r[1 : order + 1])) / size)
        breathed = lfilter([1.0], np.r_[1.0, -tract], breath * chance.standard_normal(size))
        out[start : start + size] += window * breathed
    soft = 1.2 * np.diff(out[: speech.size], prepend=0.0) + 0.3 * out[: speech.size]
    sound: Samples = (0.05 * soft / np.sqrt(np.mean(soft**2))).astype(np.float32)
    return sound
