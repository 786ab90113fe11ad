"""Sums over the recent past against the same sums done the long way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.windows import LOWEST_HZ, PitchHistogram, Ring, SpokenTime, spread_st


@given(values=st.lists(st.floats(-100, 100, width=32), max_size=80), ask=st.integers(0, 40))
def test_ring_gives_the_latest_in_order(values: list[float], ask: int) -> None:
    ring = Ring(32)
    for value in values:
        ring.push(value)
    kept = values[-32:]
    assert ring.last(ask).tolist() == (kept[-ask:] if ask else [])


@given(st.lists(st.floats(0, 36.5), min_size=1, max_size=300))
def test_histogram_finds_the_median_within_a_bin(semitones: list[float]) -> None:
    histogram = PitchHistogram()
    for value in semitones:
        histogram.add(value)
    lower = np.sort(semitones)[(len(semitones) - 1) // 2]
    assert histogram.median_st() == pytest.approx(float(lower), abs=0.11)


def test_octave_errors_do_not_widen_the_spread() -> None:
    voice = 12 + 2 * np.sin(np.linspace(0, 60, 1000))
    histogram = PitchHistogram()
    for value in [*voice, *(voice[:20] + 12)]:
        histogram.add(float(value))
    assert histogram.sd_st() == pytest.approx(voice.std(), abs=0.1)
    assert LOWEST_HZ * 2 ** (histogram.median_st() / 12) == pytest.approx(120, rel=0.02)
    with_errors = np.concatenate([voice, voice[:20] + 12]).astype(np.float32)
    assert spread_st(with_errors) == pytest.approx(voice.std(), abs=0.1)


def spoken(*runs: tuple[float, float]) -> SpokenTime:
    time = SpokenTime()
    for start, end in runs:
        time.start(start)
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
    time.nuclei_s.extend([1.0, 3.0, 6.0])
    time.forget(4.5)
    assert list(time.nuclei_s) == [6.0]
    assert time.window(11, 100) == (5, 6, 6)
