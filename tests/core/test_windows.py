"""Sums over the recent past against the same sums done the long way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.windows import SPREAD, SpokenTime


def spoken(*runs: tuple[float, float], sps: float = 4.0) -> SpokenTime:
    """Runs of speech with evenly spaced syllables."""
    time = SpokenTime()
    for start, end in runs:
        time.start(start)
        time.nuclei_s.extend(float(t) for t in np.arange(start + 0.5 / sps, end, 1 / sps))
        if end - start < 1 / sps:
            time.nuclei_s.append((start + end) / 2)
        time.stop(end)
    return time


def test_window_counts_silences_up_to_a_second() -> None:
    time = spoken((0, 4), (4.5, 6), (9, 11))
    assert time.window(11, 100) == (0, 7.5, 9.0)


def test_window_reaches_back_as_far_as_asked() -> None:
    time = spoken((0, 4), (5, 11))
    assert time.window(11, 5) == (6, 5, 5)
    start, said, counted = time.window(11, 8)
    assert (start, said, counted) == (3, 7, 8)
    assert time.window(11.5, 6.25) == (5.25, 5.75, 6.25)


def test_window_within_a_silence() -> None:
    assert spoken((0, 4), (6, 8)).window(8, 2.5) == (5.5, 2.0, 2.5)


def test_long_silence_starts_the_measure_anew() -> None:
    time = spoken((0, 4), (9.5, 11))
    assert time.window(11, 8) == (9.5, 1.5, 1.5)
    assert time.window(17, 8) == (17, 0, 0)


def test_listening_does_not_count() -> None:
    time = spoken((0, 4))
    time.start(7, listened=True)
    time.nuclei_s.append(8.0)
    time.stop(9)
    assert time.window(9, 100) == (0, 6, 6)
    assert time.window(9.5, 3) == (3.5, 2.5, 3)


def test_speech_that_goes_on_is_counted_up_to_now() -> None:
    time = spoken((0, 4))
    time.start(4.5)
    assert time.window(6, 100) == (0, 5.5, 6.0)


@given(
    edges=st.lists(st.floats(0.01, 3), min_size=2, max_size=20),
    wanted=st.floats(0.5, 30),
    rest=st.floats(0, 2),
)
def test_window_never_gives_more_than_asked(edges: list[float], wanted: float, rest: float) -> None:
    times = np.cumsum(edges[: len(edges) // 2 * 2]).reshape(-1, 2)
    time = spoken(*((float(a), float(b)) for a, b in times))
    now = float(times[-1, 1]) + rest
    start, said, counted = time.window(now, wanted)
    assert 0 <= said <= counted <= wanted + 1e-9
    assert said <= now - start + 1e-9


def test_forgetting_keeps_what_a_window_can_reach() -> None:
    time = spoken((0, 4), (5, 11))
    time.forget(4.5)
    assert min(time.nuclei_s) > 5
    assert time.window(11, 100) == (5, 6, 6)


@pytest.mark.parametrize("sps", [2.5, 3.5, 5.0, 7.0])
@pytest.mark.parametrize("pause_s", [0.3, 0.9])
def test_rates_of_even_speech(sps: float, pause_s: float) -> None:
    runs = [(k * (2 + pause_s), k * (2 + pause_s) + 2) for k in range(8)]
    rates = spoken(*runs, sps=sps).rates(runs[-1][1], 8.0)
    assert rates.articulation_sps == pytest.approx(sps, rel=0.05)
    assert rates.speech_sps == pytest.approx(sps * rates.spoken_s / rates.counted_s, rel=0.1)
    assert rates.counted_s == 8.0


def test_a_pause_counts_up_to_a_second_in_the_speech_rate_and_not_at_all_in_articulation() -> None:
    brief, long = (spoken((0, 4), (4 + gap_s, 8 + gap_s)).rates(8 + gap_s, 20.0) for gap_s in (1.0, 4.0))
    assert brief == long
    assert brief.articulation_sps == pytest.approx(4.0, rel=0.03)
    assert (brief.spoken_s, brief.counted_s, brief.syllables) == (8.0, 9.0, 32)


def test_sounds_without_a_syllable_belong_to_the_silence_around_them() -> None:
    time = spoken((0, 4))
    for start in (4.6, 5.2):
        time.start(start)
        time.stop(start + 0.2)
    time.start(6.0)
    time.nuclei_s.append(6.5)
    assert time.rates(7.0, 20.0).counted_s == pytest.approx(4 + 1 + 1)


def test_listening_between_sounds_without_a_syllable_is_listening_still() -> None:
    time = spoken((0, 4))
    time.start(4.6, listened=True)
    time.stop(4.7)
    time.start(6.0)
    time.nuclei_s.append(6.5)
    assert time.rates(7.0, 20.0).counted_s == pytest.approx(4 + 1)


def live_rates(nuclei_s: list[float], window_s: float = 8.0) -> list[tuple[float, float, float]]:
    """Time, syllables a second and their standard error, four times a second of speech without pauses."""
    time = SpokenTime()
    time.start(0.0)
    out, coming = [], list(nuclei_s)
    for quarter in range(1, int(4 * nuclei_s[-1])):
        while coming and coming[0] <= quarter / 4:
            time.nuclei_s.append(coming.pop(0))
        rates = time.rates(quarter / 4, window_s)
        out.append((quarter / 4, rates.speech_sps, rates.error_sps))
    return out


def uneven(rng: np.random.Generator, sps: float, start_s: float, count: int, spread: float) -> list[float]:
    """Syllables whose intervals vary by ``spread``, a standard deviation as a share of their mean."""
    gaps = np.maximum(0.2, 1 + spread * rng.standard_normal(count)) / sps
    return [float(t) for t in start_s + np.cumsum(gaps)]


@pytest.mark.parametrize(("before", "after"), [(3.25, 4.75), (4.75, 3.25), (3.0, 6.0)])
def test_rate_settles_within_four_seconds_of_a_change_of_tempo(before: float, after: float) -> None:
    nuclei = [float(t) for t in np.arange(0.5 / before, 20, 1 / before)]
    nuclei += [float(t) for t in np.arange(nuclei[-1] + 1 / after, 40, 1 / after)]
    late = [sps for at_s, sps, _ in live_rates(nuclei) if at_s >= 24]
    assert max(abs(sps - after) for sps in late) <= 0.3 * abs(after - before)


@pytest.mark.parametrize("sps", [3.0, 4.0, 5.5])
def test_rate_swings_little_in_steady_speech(sps: float) -> None:
    even = [float(t) for t in np.arange(0.5 / sps, 60, 1 / sps)]
    assert max(abs(r / sps - 1) for at_s, r, _ in live_rates(even) if at_s > 8) < 0.06
    lively = uneven(np.random.default_rng(3), sps, 0.0, round(60 * sps), 0.3)
    swing = np.std([r / sps - 1 for at_s, r, _ in live_rates(lively) if at_s > 8])
    assert swing < 0.06


def test_error_is_what_speech_as_uneven_as_said_gives() -> None:
    rng = np.random.default_rng(5)
    off = []
    for _ in range(60):
        nuclei = uneven(rng, 4.0, 0.0, 60, SPREAD**0.5)
        _, sps, error_sps = live_rates(nuclei)[-1]
        off.append((sps - 4.0) / error_sps)
    assert np.sqrt(np.mean(np.square(off))) == pytest.approx(1.0, abs=0.3)


def test_error_shrinks_with_what_was_heard() -> None:
    errors = [error for _, _, error in live_rates([float(t) for t in np.arange(0.1, 12, 0.25)])]
    assert errors[15] > errors[23] > errors[31]
    assert math.isinf(SpokenTime().rates(5.0, 8.0).error_sps)
