from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ
from dsp.pitch import PitchTracker

from .sounds import Samples, hops, noise, seconds, silence, tone, vowel
from .speaker import Spoken, speak

Floats = NDArray[np.float64]

TEXTS = (
    "I would like to leave this in your safe.",
    "Many people think the answer is simple, but it isn't.",
    "Young people who measure things usually learn more.",
)


def track(x: Samples, tracker: PitchTracker | None = None) -> tuple[Floats, Floats, Floats]:
    """Times, F0 and voicing; padded so that the last hop is answered too."""
    tracker = tracker or PitchTracker()
    late = tracker.DELAY_HOPS
    padded = np.concatenate([x, silence(late * HOP / RATE_HZ)])
    answers = np.array([tracker.process(hop) for hop in hops(padded)])[late:]
    times_s = (np.arange(len(answers)) + 0.5) * HOP / RATE_HZ
    return times_s, answers[:, 0], answers[:, 1]


def cents(answer_hz: Floats, true_hz: Floats | float) -> Floats:
    """How far off; an unvoiced answer is as far as 1 Hz."""
    off: Floats = 1200 * np.log2(np.maximum(answer_hz, 1.0) / true_hz)
    return off


def inner(times_s: Floats, length_s: float, margin_s: float = 0.06) -> NDArray[np.bool_]:
    return (times_s > margin_s) & (times_s < length_s - margin_s)


def harmonics(f0_hz: Floats, numbers: range, amplitude: float = 0.05) -> Samples:
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE_HZ
    x = np.sum([amplitude * np.sin(k * phase + k * k) for k in numbers], axis=0)
    sound: Samples = x.astype(np.float32)
    return sound


# --- signals with a known answer --------------------------------------------


@pytest.mark.parametrize("f0_hz", [62, 75, 90, 110, 150, 200, 280, 370, 480])
def test_a_steady_vowel(f0_hz: float) -> None:
    times_s, answer_hz, voicing = track(vowel(f0_hz, 0.8))
    middle = inner(times_s, 0.8)
    assert (np.abs(cents(answer_hz[middle], f0_hz)) < 15).all()
    assert (voicing[middle] > 0.8).all()


@pytest.mark.parametrize("rate_st_per_s", [-40, -15, 15, 40])
def test_a_glide_is_read_at_its_own_time(rate_st_per_s: float) -> None:
    t = seconds(0.6)
    contour = 160 * 2 ** (rate_st_per_s / 12 * (t - 0.3))
    times_s, answer_hz, _ = track(vowel(contour, 0.6))
    middle = inner(times_s, 0.6)
    off = cents(answer_hz[middle], np.interp(times_s[middle], t, contour))
    assert (np.abs(off) < 25).all()
    assert abs(np.median(off)) < 10  # a time stamp 5 ms wrong would give 20 cents at the fastest


def test_vibrato_is_followed() -> None:
    t = seconds(1.0)
    contour = 220 * 2 ** (0.5 / 12 * np.sin(2 * np.pi * 5.5 * t))
    times_s, answer_hz, _ = track(vowel(contour, 1.0))
    middle = inner(times_s, 1.0)
    assert np.median(np.abs(cents(answer_hz[middle], np.interp(times_s[middle], t, contour)))) < 8
    assert np.ptp(cents(answer_hz[middle], 220)) == pytest.approx(100, abs=20)


@pytest.mark.parametrize("f0_hz", [100, 140, 220])
def test_the_fundamental_may_be_missing(f0_hz: float) -> None:
    x = harmonics(np.full(12_800, float(f0_hz)), range(3, 9))
    times_s, answer_hz, _ = track(x)
    assert (np.abs(cents(answer_hz[inner(times_s, 0.8)], f0_hz)) < 20).all()


def test_a_pure_tone_has_its_own_pitch() -> None:
    times_s, answer_hz, _ = track(tone(180, 0.5))
    assert (np.abs(cents(answer_hz[inner(times_s, 0.5)], 180)) < 15).all()


@pytest.mark.parametrize(("snr_db", "right"), [(20, 0.99), (10, 0.97), (5, 0.93)])
def test_white_noise_takes_little_away(snr_db: float, right: float) -> None:
    rms = 0.1 / 10 ** (snr_db / 20)
    x = np.concatenate([silence(0.5), vowel(130, 1.0), silence(0.5)]) + noise(2.0, rms)
    times_s, answer_hz, _ = track(x)
    voice = (times_s > 0.56) & (times_s < 1.44)
    good = answer_hz[voice] > 0
    good[good] = np.abs(cents(answer_hz[voice][good], 130)) < 50
    assert good.mean() >= right
    without = (times_s > 0.06) & (times_s < 0.46) | (times_s > 1.54)
    assert (answer_hz[without] > 0).mean() < 0.05


def test_silence_noise_and_clicks_have_no_pitch() -> None:
    keys = np.zeros(16_000, np.float32)
    keys[1000::3700] = 0.5
    for x in (silence(1.0), noise(1.0, 0.1), noise(1.0, 1e-4), keys):
        _, answer_hz, voicing = track(x)
        assert (answer_hz > 0).mean() < 0.03
        assert ((voicing >= 0) & (voicing <= 1)).all()


@pytest.mark.parametrize("formant_hz", [400, 550, 700])
def test_a_mouth_that_rings_after_single_pulses_has_no_pitch(formant_hz: float) -> None:
    """Vocal fry: what repeats is the first formant, not the voice."""
    pulses = np.zeros(16_000)
    pulses[1000:15_000:571] = 1.0  # 28 a second
    t = np.arange(800) / RATE_HZ
    ring = np.exp(-2 * np.pi * 40 * t) * np.sin(2 * np.pi * formant_hz * t)
    x = (0.3 * np.convolve(pulses, ring)[:16_000]).astype(np.float32) + noise(1.0, 1e-4)
    _, answer_hz, _ = track(x)
    assert (answer_hz > 0).mean() < 0.03


@pytest.mark.parametrize("f0_hz", [100, 220])
@pytest.mark.parametrize("before_dbfs", [-75, -60])
def test_a_voice_is_not_heard_before_it_begins(f0_hz: float, before_dbfs: float) -> None:
    """A window that reaches into the vowel correlates, whatever its middle is."""
    x = np.concatenate([silence(0.5), vowel(f0_hz, 0.5), silence(0.3)])
    x += noise(1.3, 10 ** (before_dbfs / 20))
    times_s, answer_hz, _ = track(x)
    first_s = times_s[answer_hz > 0][0]
    assert 0.5 <= first_s < 0.53


@pytest.mark.parametrize("f0_hz", [90, 130, 210])
@pytest.mark.parametrize("hum_hz", [50, 60, 100, 120])
def test_mains_hum_hides_no_voice(hum_hz: float, f0_hz: float) -> None:
    """Hum 30 dB below the voice, with its third harmonic, alone for a second before it."""
    t = seconds(2.0)
    hum = 0.0042 * np.sin(2 * np.pi * hum_hz * t) + 0.0014 * np.sin(6 * np.pi * hum_hz * t + 1)
    voice = np.concatenate([silence(1.0), vowel(f0_hz, 0.6), silence(0.4)])
    times_s, answer_hz, _ = track((voice + hum).astype(np.float32) + noise(2.0, 1e-4))
    inside = (times_s > 1.04) & (times_s < 1.56)
    assert (np.abs(cents(answer_hz[inside], f0_hz)) < 30).all()
    assert (answer_hz[times_s > 1.65] > 0).mean() < 0.05


@given(gain_db=st.floats(-30, 12), polarity=st.sampled_from([-1, 1]), dc=st.floats(-0.05, 0.05))
@settings(max_examples=25, deadline=None)
def test_gain_polarity_and_offset_change_nothing(gain_db: float, polarity: int, dc: float) -> None:
    sound = np.concatenate([silence(0.3), vowel(140, 0.4, rms=0.05), silence(0.3)]) + noise(1.0, 1e-4)
    gained = polarity * 10 ** (gain_db / 20) * sound + dc
    _, plain_hz, _ = track(sound)
    times_s, answer_hz, _ = track(gained.astype(np.float32))
    settled = times_s > 0.2  # the offset itself is a step at the start
    assert (answer_hz[settled] > 0).sum() == pytest.approx((plain_hz[settled] > 0).sum(), abs=2)
    both = settled & (answer_hz > 0) & (plain_hz > 0)
    assert both.sum() > 35
    assert (np.abs(cents(answer_hz[both], plain_hz[both])) < 5).all()


@given(cut=st.integers(1, HOP - 1))
@settings(max_examples=10, deadline=None)
def test_a_shift_of_the_signal_shifts_the_answer(cut: int) -> None:
    t = seconds(0.6)
    contour = 150 + 60 * t
    _, answer_hz, _ = track(vowel(contour, 0.6)[cut:])
    times_s = (np.arange(answer_hz.size) + 0.5) * HOP / RATE_HZ + cut / RATE_HZ
    middle = inner(times_s, 0.6)
    assert (np.abs(cents(answer_hz[middle], np.interp(times_s[middle], t, contour))) < 20).all()


def test_a_louder_voice_is_heard_among_others() -> None:
    """Softer voices are periodic too: in their company level tells whose the pitch is."""
    t = seconds(3.0)
    others = np.zeros(t.size)
    for hz in (95, 128, 171, 214):
        others += vowel(hz * 2 ** (0.2 * np.sin(2 * np.pi * (0.7 + hz / 500) * t + hz)), 3.0, rms=0.012)
    front = np.concatenate([silence(1.2), vowel(150, 0.6), silence(1.2)])
    times_s, answer_hz, _ = track((front + others).astype(np.float32))
    voice = (times_s > 1.26) & (times_s < 1.74)
    assert (np.abs(cents(answer_hz[voice], 150)) < 50).mean() > 0.9
    assert (answer_hz[times_s > 1.9] > 0).mean() < 0.5


# --- against another implementation -----------------------------------------


def yin(x: Samples, at_s: Floats) -> tuple[Floats, Floats]:
    """F0 and aperiodicity by de Cheveigné & Kawahara (2002), steps 2 to 5, plainly."""
    lag_max, size = round(RATE_HZ / 60), 400
    found, aperiodic = np.zeros(at_s.size), np.ones(at_s.size)
    for k, moment in enumerate(at_s):
        start = round(moment * RATE_HZ) - (size + lag_max) // 2
        if start < 0 or start + size + lag_max + 1 > x.size:
            continue
        frame = x[start : start + size + lag_max + 1].astype(np.float64)
        d = np.array([np.sum((frame[:size] - frame[lag : lag + size]) ** 2) for lag in range(lag_max + 1)])
        normal = np.ones(lag_max + 1)
        normal[1:] = d[1:] * np.arange(1, lag_max + 1) / np.maximum(np.cumsum(d[1:]), 1e-12)
        below = np.flatnonzero(normal[32:] < 0.15)
        lag = 32 + (int(below[0]) if below.size else int(np.argmin(normal[32:])))
        while lag + 1 < lag_max and normal[lag + 1] < normal[lag]:
            lag += 1
        lag = min(lag, lag_max - 1)
        left, low, right = normal[lag - 1 : lag + 2]
        bend = left - 2 * low + right
        found[k] = RATE_HZ / (lag + (0.5 * (left - right) / bend if bend > 0 else 0.0))
        aperiodic[k] = low
    return found, aperiodic


@pytest.mark.parametrize("text", TEXTS)
def test_agrees_with_yin_where_that_is_sure(text: str) -> None:
    spoken = speak(text, lambda hz: 190 * (hz / 190) ** 0.4)  # calm: the two have other windows
    times_s, answer_hz, _ = track(spoken.samples)
    yin_hz, aperiodic = yin(spoken.samples, times_s)
    sure = (aperiodic < 0.1) & (answer_hz > 0)
    assert sure.sum() > 30
    assert (np.abs(cents(answer_hz[sure], yin_hz[sure])) < 50).mean() > 0.95


# --- a real voice with its own truth ----------------------------------------


def lower(hz: Floats) -> Floats:
    return 0.5 * hz


def flat(hz: Floats) -> Floats:
    return np.full(hz.size, 170.0)


def judged(spoken: Spoken) -> tuple[float, float, float, float]:
    """Voicing agreement, gross errors, share within 50 cents, median error in cents."""
    times_s, answer_hz, _ = track(spoken.samples)
    true_hz = np.interp(times_s, spoken.times_s, spoken.f0_hz)
    sure = np.interp(times_s, spoken.times_s, (spoken.f0_hz > 0).astype(float))
    # The network's F0 goes on through closures that nobody hears.
    level_db = 10 * np.log10(np.convolve(spoken.samples**2, np.ones(320) / 320, "same") + 1e-12)
    heard_db = level_db[np.minimum((times_s * RATE_HZ).astype(int), level_db.size - 1)]
    settled = (sure == 0) | ((sure == 1) & (heard_db > heard_db.max() - 20))
    agree = ((answer_hz > 0) == (sure == 1))[settled].mean()
    both = (answer_hz > 0) & (sure == 1)
    off = np.abs(cents(answer_hz[both], true_hz[both]))
    return float(agree), float((off > 300).mean()), float((off < 50).mean()), float(np.median(off))


@pytest.mark.parametrize("text", TEXTS)
def test_a_spoken_sentence(text: str) -> None:
    for change, close in ((flat, 0.96), (lower, 0.85), (np.asarray, 0.85)):
        agree, gross, within, median = judged(speak(text, change))
        assert agree > 0.85, change
        assert gross < 0.03, change
        assert within > close, change
        assert median < 20, change


# --- the object --------------------------------------------------------------


def test_reset_forgets_everything() -> None:
    x = vowel(120, 0.5)
    tracker = PitchTracker()
    first = track(x, tracker)
    tracker.reset()
    for a, b in zip(first, track(x, tracker), strict=True):
        np.testing.assert_array_equal(a, b)


def test_lost_samples_leave_no_pitch_behind() -> None:
    tracker = PitchTracker()
    for hop in hops(vowel(120, 0.6)):
        tracker.process(hop)
    tracker.forget_sound()
    assert tracker.harmonicity == 0.0
    assert all(tracker.process(hop)[0] == 0.0 for hop in hops(silence(0.1)))
    assert tracker.usual_hz == pytest.approx(120, rel=0.02)


def test_harmonicity_tells_tone_from_noise() -> None:
    tracker = PitchTracker()
    tonal = [tracker.process(hop) and tracker.harmonicity for hop in hops(vowel(120, 0.5))][10:]
    noisy = [tracker.process(hop) and tracker.harmonicity for hop in hops(noise(1.0, 0.1))][10:]
    assert min(tonal) > 0.8
    assert np.mean(noisy) < 0.5


@pytest.mark.parametrize("bounds", [(50, 400), (60, 700), (300, 200)])
def test_an_impossible_range_is_refused(bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="between 55 and 550 Hz"):
        PitchTracker(*bounds)


def test_nothing_is_allocated_in_the_hot_path() -> None:
    tracker = PitchTracker()
    sound = list(hops(vowel(120, 1.0)))
    for hop in sound:
        tracker.process(hop)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(10):
            for hop in sound:
                tracker.process(hop)
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now - before < 2_000
    assert peak - before < 4_000  # floats that are answered, no arrays
