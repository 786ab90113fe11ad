"""Sounds with a known answer, 16 kHz mono float32, and how to hear them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dsp.ears import Ears
from dsp.frame import HOP, RATE_HZ, Frame

Samples = NDArray[np.float32]


def seconds(length_s: float) -> NDArray[np.float64]:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def silence(length_s: float) -> Samples:
    return np.zeros(round(length_s * RATE_HZ), np.float32)


def noise(length_s: float, rms: float, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    return (rms * rng.standard_normal(round(length_s * RATE_HZ))).astype(np.float32)


def tone(hz: float, length_s: float, amplitude: float = 0.1) -> Samples:
    return (amplitude * np.sin(2 * np.pi * hz * seconds(length_s))).astype(np.float32)


def vowel(f0_hz: float | NDArray[np.float64], length_s: float, rms: float = 0.1) -> Samples:
    """A schwa: harmonics of ``f0_hz`` (a contour as long as the sound, or one value) under formants."""
    contour = np.broadcast_to(np.asarray(f0_hz, np.float64), (round(length_s * RATE_HZ),))
    phase = 2 * np.pi * np.cumsum(contour) / RATE_HZ
    x = np.zeros(contour.size)
    for k in range(1, int(4000 / contour.min()) + 1):
        hz = k * contour
        gain = sum(
            1 / (1 + ((hz - formant) / width) ** 2)
            for formant, width in ((550, 60), (1450, 90), (2450, 120), (3500, 160))
        )
        x += np.where(hz < 7000, gain / k**1.3, 0.0) * np.sin(k * phase)
    ramp = np.minimum(1.0, np.minimum(np.arange(x.size), np.arange(x.size)[::-1]) / (0.02 * RATE_HZ))
    x *= ramp
    scaled: Samples = (rms * x / np.sqrt(np.mean(x**2))).astype(np.float32)
    return scaled


def clicks(per_s: float, length_s: float, seed: int = 0) -> Samples:
    """Keys or knocks: short bursts of decaying noise at uneven times."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(round(length_s * RATE_HZ)) * 1e-3
    at = 0.0
    while (at := at + rng.uniform(0.6, 1.4) / per_s) < length_s - 0.05:
        start = round(at * RATE_HZ)
        burst = rng.standard_normal(800) * np.exp(-np.arange(800) / rng.uniform(60, 200))
        x[start : start + 800] += 0.2 * burst
    return x.astype(np.float32)


def hops(x: Samples) -> Iterator[Samples]:
    for start in range(0, x.size - HOP + 1, HOP):
        yield x[start : start + HOP]


def heard(x: Samples, ears: Ears | None = None) -> list[Frame]:
    ears = ears or Ears()
    return [ears.process(hop) for hop in hops(x)]


def edges(frames: list[Frame]) -> list[tuple[float, bool]]:
    """Times in seconds at which talking changed, and what it became."""
    return [
        ((k - frame.edge_ago_hops) / 100, frame.talking)
        for k, frame in enumerate(frames, start=1)
        if frame.edge_ago_hops
    ]
