"""Synthetic noises: steady ones (hiss, rain, fans, the sea) and single ones with a pitch or a beat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.signal as ss
from numpy.typing import NDArray

from dsp.frame import RATE_HZ

HIGHEST_HZ = 7800.0
"""Harmonics above this are left out."""

Rng = np.random.Generator
Sound = NDArray[np.float64]


def white(rng: Rng, n: int) -> Sound:
    """White noise."""
    return rng.standard_normal(n)


def dull(rng: Rng, n: int) -> Sound:
    """Noise that falls towards the highs."""
    return np.asarray(ss.lfilter([1], [1, -rng.uniform(0.8, 0.995)], white(rng, n)))


def band(rng: Rng, n: int) -> Sound:
    """Noise in one band, at least 200 Hz wide."""
    low, high = np.sort(rng.uniform(60, 7500, 2))
    edges = [low, min(7900.0, max(high, low + 200))]
    return np.asarray(ss.lfilter(*ss.butter(2, edges, "band", fs=RATE_HZ), white(rng, n)))


def rain(rng: Rng, n: int) -> Sound:
    """Soft noise with drops."""
    drops = (rng.random(n) < rng.uniform(0.0002, 0.004)) * rng.exponential(30, n)
    splash = ss.lfilter(*ss.butter(2, rng.uniform(800, 4000), fs=RATE_HZ), drops)
    return np.asarray(0.3 * white(rng, n) + splash)


def fan(rng: Rng, n: int) -> Sound:
    """Low, slowly modulated noise, and a hum."""
    t, f0 = np.arange(n) / RATE_HZ, rng.uniform(40, 180)
    swing = 1 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.2, 12) * t)
    y = ss.lfilter([1], [1, -0.97], white(rng, n)) * swing
    for h in range(1, rng.integers(2, 20)):
        y = y + rng.uniform(0, 8) / h * np.sin(2 * np.pi * f0 * h * t + rng.uniform(0, 6))
    return np.asarray(y)


def sea(rng: Rng, n: int) -> Sound:
    """Low noise that swells: waves, wind."""
    swell = np.abs(ss.lfilter([1], [1, -0.99995], white(rng, n)))
    return np.asarray(ss.lfilter([1], [1, -rng.uniform(0.5, 0.98)], white(rng, n)) * swell)


STEADY: tuple[Callable[[Rng, int], Sound], ...] = (white, dull, band, rain, fan, sea)


def length(rng: Rng, least_s: float, most_s: float) -> int:
    """Samples of a random length."""
    return int(RATE_HZ * rng.uniform(least_s, most_s))


def harmonics(f0_hz: Sound, amplitudes: Sound) -> Sound:
    """Harmonic sound with a moving pitch; ``amplitudes`` of the first, second, … harmonic."""
    phase = np.cumsum(2 * np.pi * f0_hz / RATE_HZ)
    y = np.zeros(f0_hz.size)
    for h, amplitude in enumerate(amplitudes, 1):
        if f0_hz.max() * h < HIGHEST_HZ:
            y += amplitude * np.sin(h * phase)
    return y


def repeated(rng: Rng, y: Sound, least_s: float, most: int) -> Sound:
    """Repeat a few times, with equal pauses of up to half a second."""
    pause = np.zeros(length(rng, least_s, 0.5))
    return np.tile(np.append(y, pause), rng.integers(1, most))


def wail(rng: Rng) -> Sound:
    """A wail, such as a baby's cry."""
    n = length(rng, 0.5, 2)
    t = np.arange(n) / n
    arch = rng.uniform(-0.3, 0.4) * np.sin(np.pi * t * rng.uniform(0.5, 1.5))
    f0 = rng.uniform(300, 650) * 2 ** (arch + rng.uniform(-0.15, 0.15) * t)
    f0 = f0 * (1 + 0.01 * np.cumsum(rng.standard_normal(n)) / 60)
    y = harmonics(f0, rng.uniform(0.1, 1, 13)) + rng.uniform(0, 0.5) * rng.standard_normal(n)
    return np.asarray(y * np.sin(np.pi * t) ** rng.uniform(0.2, 0.8))


def bell(rng: Rng) -> Sound:
    """A bell, a beep or a ringing phone."""
    n = length(rng, 0.1, 2)
    t, y = np.arange(n) / RATE_HZ, np.zeros(n)
    for _ in range(rng.integers(1, 7)):
        tone = np.sin(2 * np.pi * rng.uniform(200, 5000) * t)
        y += rng.uniform(0.1, 1) * tone * np.exp(-t * rng.uniform(0, 12))
    if rng.random() < 0.4:
        y = y * (np.sin(2 * np.pi * rng.uniform(5, 30) * t) > 0)
    return y


def bark(rng: Rng) -> Sound:
    """A dog's bark."""
    n = length(rng, 0.08, 0.3)
    t = np.arange(n) / n
    f0 = rng.uniform(200, 900) * (1 + 0.4 * np.sin(np.pi * t) - 0.3 * t)
    y = harmonics(f0, np.arange(1.0, 12.0) ** -rng.uniform(0, 1))
    y = (y + rng.uniform(0.2, 2) * rng.standard_normal(n)) * np.sin(np.pi * t) ** 0.5
    return repeated(rng, y, 0.05, 4)


def snore(rng: Rng) -> Sound:
    """A snore or a breath."""
    n = length(rng, 0.6, 2)
    t, f = np.arange(n) / n, rng.uniform(200, 2500)
    edges = [f * 0.5, min(7900.0, f * 1.8)]
    y = ss.lfilter(*ss.butter(2, edges, "band", fs=RATE_HZ), rng.standard_normal(n))
    if rng.random() < 0.6:
        rate_hz = rng.uniform(18, 70)
        phase = 2 * np.pi * rate_hz * np.arange(n) / RATE_HZ + np.cumsum(rng.standard_normal(n)) * 0.02
        y = y * (1 + rng.uniform(0.3, 1.5) * ss.sawtooth(phase))
    return np.asarray(y * np.sin(np.pi * t) ** rng.uniform(0.5, 2))


def clicks(rng: Rng) -> Sound:
    """A clock, taps or keys: regular or not."""
    n = length(rng, 0.3, 3)
    y = np.zeros(n)
    a_second, at_s, regular = rng.uniform(1, 12), rng.uniform(0, 0.3), rng.random() < 0.5
    f = rng.uniform(300, 6000)
    while at_s < n / RATE_HZ - 0.06:
        m = length(rng, 0.002, 0.04)
        click = rng.standard_normal(m) * np.exp(-np.arange(m) / m * rng.uniform(3, 8))
        if rng.random() < 0.5:
            click = click * np.sin(2 * np.pi * f * np.arange(m) / RATE_HZ)
        start = int(at_s * RATE_HZ)
        y[start : start + m] += click * rng.uniform(0.4, 1)
        at_s += 1 / a_second if regular else rng.exponential(1 / a_second)
    return y


def chord(rng: Rng) -> Sound:
    """Plucked strings."""
    n = length(rng, 0.4, 2.5)
    t, y, base_hz = np.arange(n) / RATE_HZ, np.zeros(n), rng.uniform(80, 400)
    for semitones in rng.choice([0, 3, 4, 5, 7, 9, 12, 16], rng.integers(1, 5), replace=False):
        f0, decay = base_hz * 2 ** (semitones / 12), rng.uniform(1, 8)
        for h in range(1, 15):
            if f0 * h < HIGHEST_HZ:
                tone = np.sin(2 * np.pi * f0 * h * t + rng.uniform(0, 6))
                y += tone / h * np.exp(-t * decay * (1 + 0.2 * h))
    return y


def call(rng: Rng) -> Sound:
    """An animal's call: chirps, a crow, a howl."""
    n = length(rng, 0.05, 0.8)
    t = np.arange(n) / n
    corners = np.log(rng.uniform(400, 4000) * 2 ** rng.uniform(-0.7, 0.7, 3))
    f0 = np.exp(np.interp(t, [0, 0.5, 1], corners))
    y = harmonics(f0, np.array([1.0, rng.uniform(0, 0.7), rng.uniform(0, 0.5)])) * np.sin(np.pi * t) ** 0.5
    return repeated(rng, y, 0.02, 8)


def ring(rng: Rng) -> Sound:
    """A telephone's tone: dial, ring-back, busy or a key: two sines, on and off."""
    first, second = rng.choice([350, 400, 425, 440, 480, 697, 770, 852, 941, 1209, 1336, 1477], 2)
    on = length(rng, 0.08, 2.0)
    t = np.arange(on) / RATE_HZ
    y = np.sin(2 * np.pi * first * t) + rng.choice([0.0, 1.0]) * np.sin(2 * np.pi * second * t)
    return repeated(rng, y, 0.05, 5)


def cough(rng: Rng) -> Sound:
    """A cough or a throat that is cleared: a burst, then noise that may have a voice in it."""
    n = length(rng, 0.15, 0.5)
    t = np.arange(n) / n
    y = rng.standard_normal(n) * np.exp(-t * rng.uniform(3, 8)) * (1 - np.exp(-t * 200))
    formant = rng.uniform(500, 2200)
    y = ss.lfilter(*ss.butter(2, [formant * 0.6, formant * 1.7], "band", fs=RATE_HZ), y) + 0.2 * y
    if rng.random() < 0.4:
        f0 = rng.uniform(90, 260) * 2 ** (-rng.uniform(0, 0.7) * t)
        y = y + rng.uniform(0, 0.3) * harmonics(f0, np.arange(1.0, 20.0) ** -0.8) * np.sin(np.pi * t)
    return repeated(rng, np.asarray(y), 0.05, 4)


SINGLE: tuple[Callable[[Rng], Sound], ...] = (wail, bell, bark, snore, clicks, chord, call, ring, cough)


def steady(rng: Rng, n: int) -> Sound:
    """Draw one of the steady noises."""
    return STEADY[rng.integers(len(STEADY))](rng, n)


def single(rng: Rng) -> NDArray[np.float32]:
    """Draw one of the single noises, with a peak of 1."""
    y = SINGLE[rng.integers(len(SINGLE))](rng)
    return np.asarray(y / (np.abs(y).max() + 1e-9), np.float32)
