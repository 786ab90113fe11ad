from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import find_peaks, lfilter

from dsp.creak import CreakDetector
from dsp.frame import HOP, RATE_HZ
from dsp.level_meter import LevelMeter
from dsp.pitch import PitchTracker

from .sounds import Samples, hops, noise, silence, tone, vowel
from .speaker import speak

Floats = NDArray[np.float64]
TEXT = "Young people who measure things usually learn more."


def creakiness(x: Samples, detector: CreakDetector | None = None) -> tuple[Floats, Floats]:
    """Times and probabilities; padded so that the last hop is answered too."""
    detector, tracker, level = detector or CreakDetector(), PitchTracker(), LevelMeter()
    late = detector.DELAY_HOPS
    found = []
    for hop in hops(np.concatenate([x, silence(late * HOP / RATE_HZ)])):
        level.process(hop)
        f0_hz, _ = tracker.process(hop)
        found.append(detector.process(hop, level.noise_dbfs, f0_hz, tracker.usual_hz))
    answers = np.array(found[late:])
    return (np.arange(answers.size) + 0.5) * HOP / RATE_HZ, answers


def ringing(at_s: Floats, length_s: float, strengths: Floats | float = 1.0, rms: float = 0.1) -> Samples:
    """Glottal pulses through the formants of a schwa, in faint breath."""
    x = np.zeros(round(length_s * RATE_HZ))
    x[(at_s * RATE_HZ).astype(int)] = strengths
    for hz, width_hz in ((550, 80), (1450, 100), (2450, 140)):
        pole = np.exp(-np.pi * width_hz / RATE_HZ)
        x = lfilter([1.0], [1.0, -2 * pole * np.cos(2 * np.pi * hz / RATE_HZ), pole**2], x)
    x = rms * x / np.sqrt(np.mean(x**2))
    sound: Samples = (x + 0.01 * rms * np.random.default_rng(1).standard_normal(x.size)).astype(np.float32)
    return sound


def fry(rate_hz: float, length_s: float, jitter: float = 0.0, double: bool = False, seed: int = 0) -> Samples:
    """Vocal fry: slow pulses, each gap off by up to ``jitter``; or pairs, the second weaker and soon."""
    rng = np.random.default_rng(seed)
    at, strengths, t = [], [], 0.02
    while t < length_s - 0.05:
        at.append(t)
        strengths.append(1.0)
        if double:
            at.append(t + 0.35 / rate_hz)
            strengths.append(0.6)
        t += (1 + jitter * rng.uniform(-1, 1)) / rate_hz
    return ringing(np.array(at), length_s, np.array(strengths))


def within(times_s: Floats, start_s: float, end_s: float) -> NDArray[np.bool_]:
    return (times_s > start_s) & (times_s < end_s)


# --- signals with a known answer ------------------------------------------------


@pytest.mark.parametrize("rate_hz", [28, 35, 45, 58])
@pytest.mark.parametrize(("jitter", "double"), [(0.0, False), (0.2, False), (0.1, True)])
def test_slow_pulses_are_creak(rate_hz: float, jitter: float, double: bool) -> None:
    x = np.concatenate([silence(0.4), fry(rate_hz, 0.6, jitter, double), silence(0.4)]) + noise(1.4, 1e-4)
    times_s, creak = creakiness(x)
    assert (creak[within(times_s, 0.48, 0.92)] >= 0.5).mean() > 0.8
    assert (creak[(times_s < 0.36) | (times_s > 1.04)] < 0.5).all()


@pytest.mark.parametrize("f0_hz", [80, 90, 100, 120, 180, 250])
def test_a_modal_voice_is_not(f0_hz: float) -> None:
    for x in (vowel(f0_hz, 1.0), ringing(np.arange(0.01, 0.98, 1 / f0_hz), 1.0)):
        sound = np.concatenate([silence(0.4), x, silence(0.4)]) + noise(1.8, 1e-4)
        _, creak = creakiness(sound.astype(np.float32))
        assert (creak >= 0.5).mean() < 0.02


def test_jitter_of_a_modal_voice_is_not() -> None:
    rng = np.random.default_rng(3)
    at_s = 0.02 + np.cumsum(0.01 * (1 + 0.02 * rng.standard_normal(90)))
    _, creak = creakiness(np.concatenate([silence(0.3), ringing(at_s, 1.0), silence(0.3)]) + noise(1.6, 1e-4))
    assert (creak >= 0.5).mean() < 0.03


@pytest.mark.parametrize(
    "x",
    [silence(1.0), noise(1.0, 0.1), noise(1.0, 1e-4), tone(50, 1.0), tone(440, 1.0)],
    ids=["silence", "loud noise", "soft noise", "hum", "tone"],
)
def test_silence_noise_and_tones_are_not(x: Samples) -> None:
    _, creak = creakiness(x)
    assert (creak >= 0.5).mean() < 0.03
    assert ((creak >= 0) & (creak <= 1)).all()


def test_one_click_is_not() -> None:
    x = noise(1.0, 1e-4)
    x[8000:8040] += 0.5
    _, creak = creakiness(x)
    assert (creak < 0.5).all()


def test_a_high_voice_that_drops_by_an_octave_creaks() -> None:
    """80 Hz is a low man's pitch; for one who speaks at 200 Hz it is fry."""
    low = ringing(np.arange(0.01, 0.5, 1 / 82), 0.5)
    high = np.concatenate([silence(0.4), vowel(200, 1.2), low, silence(0.4)]) + noise(2.5, 1e-4)
    times_s, creak = creakiness(high.astype(np.float32))
    assert (creak[within(times_s, 1.7, 2.0)] >= 0.5).mean() > 0.7
    deep = np.concatenate([silence(0.4), vowel(95, 1.2), low, silence(0.4)]) + noise(2.5, 1e-4)
    _, creak = creakiness(deep.astype(np.float32))
    assert (creak >= 0.5).mean() < 0.05


@given(gain_db=st.floats(-30, 12), polarity=st.sampled_from([-1, 1]))
@settings(max_examples=15, deadline=None)
def test_gain_and_polarity_change_little(gain_db: float, polarity: int) -> None:
    sound = np.concatenate([silence(0.3), 0.5 * fry(40, 0.5, 0.2), silence(0.3)]) + noise(1.1, 1e-4)
    gained = (polarity * 10 ** (gain_db / 20) * sound).astype(np.float32)
    _, plain = creakiness(sound.astype(np.float32))
    _, found = creakiness(gained)
    assert (np.abs(plain - found) < 0.1).mean() > 0.9


# --- against another implementation ---------------------------------------------


def slow_peaks(x: Samples) -> Floats:
    """Gaps in seconds between peaks of the smoothed envelope, by SciPy: no delay, no window."""
    envelope = np.convolve(x.astype(np.float64) ** 2, np.hanning(64), "same")
    peaks, _ = find_peaks(10 * np.log10(envelope + 1e-12), prominence=8, height=-45)
    gaps: Floats = np.diff(peaks) / RATE_HZ
    return gaps


@pytest.mark.parametrize(("rate_hz", "creaky"), [(30, True), (50, True), (85, False), (110, False)])
def test_agrees_with_the_gaps_that_scipy_finds(rate_hz: float, creaky: bool) -> None:
    x = ringing(np.arange(0.02, 0.55, 1 / rate_hz), 0.6)
    assert (np.median(slow_peaks(x)) > 1 / 75) == creaky
    times_s, creak = creakiness(np.concatenate([silence(0.3), x, silence(0.3)]) + noise(1.2, 1e-4))
    assert (np.median(creak[within(times_s, 0.4, 0.75)]) >= 0.5) == creaky


# --- a real voice -----------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.55, 0.75, 1.0, 1.3])
def test_a_spoken_sentence_is_modal(factor: float) -> None:
    spoken = speak(TEXT, lambda hz: np.maximum(85.0, factor * hz))
    _, creak = creakiness(spoken.samples + noise(spoken.samples.size / RATE_HZ, 1e-4))
    assert (creak >= 0.5).mean() < 0.03


def test_a_sentence_that_ends_in_fry() -> None:
    """The F0 of the last voiced 0.4 s becomes 38 Hz: under what the vocoder takes for voice, so 42."""

    def drop(hz: Floats) -> Floats:
        changed: Floats = np.where(np.arange(hz.size) < hz.size - 32, hz, 42.0)
        return changed

    spoken = speak(TEXT, drop)
    times_s, creak = creakiness(spoken.samples + noise(spoken.samples.size / RATE_HZ, 1e-4))
    low = np.interp(times_s, spoken.times_s, ((spoken.f0_hz > 0) & (spoken.f0_hz < 60)).astype(float)) > 0.5
    assert (creak[low] >= 0.5).mean() > 0.4
    assert (creak[~low] >= 0.5).mean() < 0.06


# --- the object ---------------------------------------------------------------------


def test_reset_forgets_everything() -> None:
    detector = CreakDetector()
    x = fry(40, 0.5) + noise(0.5, 1e-4)
    _, first = creakiness(x, detector)
    detector.reset()
    _, again = creakiness(x, detector)
    np.testing.assert_array_equal(first, again)


def test_nothing_is_allocated_in_the_hot_path() -> None:
    detector = CreakDetector()
    sound = list(hops(fry(40, 1.0)))
    for hop in sound:
        detector.process(hop, -70.0, 0.0, 0.0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(10):
            for hop in sound:
                detector.process(hop, -70.0, 0.0, 0.0)
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now - before < 2_000
    assert peak - before < 4_000  # numbers that are answered, no arrays
