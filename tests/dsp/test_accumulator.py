"""Sums over a speaker's hops against the same sums computed the long way, and flags of hops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.accumulator import (
    CREAK,
    DETECTION,
    EDGE,
    FAULT,
    LOSS,
    READING,
    READING_HOPS,
    TRACE,
    TRACE_HOPS,
    Accumulator,
)
from dsp.ears import Ears
from dsp.frame import FRAME, HOP, UNKNOWN_FRAME, Frame
from dsp.voicing_stats import LONGEST_HOPS, LOWEST_HZ, PITCH_HOPS, VoicingStats

QUIET = UNKNOWN_FRAME._replace(known=True, level_dbfs=-70.0, noise_dbfs=-72.0, speech=0.0)
VOICE = QUIET._replace(level_dbfs=-25.0, momentary_lufs=-24.0, speech=1.0, talking=True, f0_hz=120.0)
LOST = UNKNOWN_FRAME._replace(talking=True)
WINDOW = 40


def pitched(semitones: float) -> Frame:
    return VOICE._replace(f0_hz=LOWEST_HZ * 2 ** (semitones / 12))


def told(frames: list[Frame], accumulator: Accumulator | None = None) -> list[int]:
    accumulator = Accumulator(WINDOW) if accumulator is None else accumulator
    return [accumulator.add_frame(frame) for frame in frames]


def hops_of(kind: int, frames: list[Frame]) -> list[int]:
    return [hop for hop, bits in enumerate(told(frames)) if bits & kind]


def recorded(frame: Frame) -> NDArray[np.void]:
    record = np.zeros(1, FRAME)
    record[0] = frame
    return record


KINDS = {"quiet": QUIET, "voice": VOICE, "creak": VOICE._replace(f0_hz=0.0, creak=0.9), "lost": LOST}


@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=150))
def test_windows_hold_the_latest_hops(kinds: list[str]) -> None:
    accumulator = Accumulator(WINDOW)
    told([KINDS[kind] for kind in kinds], accumulator)
    now, late = accumulator.snapshot(), kinds[-WINDOW:]
    assert now.voiced_hops == late.count("voice") + late.count("creak")
    assert now.creaky_hops == late.count("creak")
    assert now.lost_lately == accumulator.voiced.lost_hops == kinds.count("lost")
    assert (now.hops, now.f0_hops, now.f0_recent_hops) == (
        len(kinds),
        kinds.count("voice"),
        kinds.count("voice"),
    )


def test_f0_of_long_ago_leaves_the_recent_spread_and_stays_in_the_median() -> None:
    accumulator = Accumulator(WINDOW)
    told([pitched(8.05 if hop % 2 else 12.05) for hop in range(400)], accumulator)
    told([QUIET] * (PITCH_HOPS - 200), accumulator)
    assert accumulator.snapshot().f0_recent_hops == 200
    assert accumulator.snapshot().f0_sd_st == pytest.approx(2.0, abs=0.01)
    told([QUIET] * 200, accumulator)
    assert accumulator.snapshot().f0_recent_hops == 0
    assert math.isnan(accumulator.snapshot().f0_sd_st)
    assert accumulator.snapshot().f0_hops == 400
    assert accumulator.snapshot().f0_median_hz == pytest.approx(LOWEST_HZ * 2 ** (8.05 / 12), rel=1e-6)


@pytest.mark.parametrize("window", [1, LONGEST_HOPS])
def test_windows_of_any_length_move_on(window: int) -> None:
    voiced = VoicingStats(window)
    creaky, quiet = recorded(KINDS["creak"])[0], recorded(QUIET)[0]
    for _ in range(window):
        voiced.process(creaky, True)
    assert voiced.creaky == window
    for left in range(min(3, window), 0, -1):
        voiced.process(quiet, False)
        assert voiced.creaky == window - (min(3, window) - left + 1)


def test_a_window_that_is_not_kept_is_refused() -> None:
    for window in (0, LONGEST_HOPS + 1):
        with pytest.raises(ValueError, match="creak is counted over 1 to 12000 hops"):
            VoicingStats(window)


@given(st.lists(st.floats(0, 36.5), min_size=1, max_size=300))
def test_median_is_right_within_a_bin(semitones: list[float]) -> None:
    accumulator = Accumulator(WINDOW)
    told([pitched(value) for value in semitones], accumulator)
    lower = np.sort(semitones)[(len(semitones) - 1) // 2]
    assert 12 * math.log2(accumulator.snapshot().f0_median_hz / LOWEST_HZ) == pytest.approx(
        float(lower), abs=0.11
    )


def test_octave_errors_do_not_widen_the_spread() -> None:
    voice = 12 + 2 * np.sin(np.linspace(0, 60, 1000))
    accumulator = Accumulator(WINDOW)
    told([pitched(float(value)) for value in [*voice, *(voice[:20] + 12)]], accumulator)
    assert accumulator.voiced.sd_st() == pytest.approx(voice.std(), abs=0.03)
    assert accumulator.snapshot().f0_sd_st == pytest.approx(voice.std(), abs=0.03)
    assert accumulator.snapshot().f0_median_hz == pytest.approx(120, rel=0.02)


def test_level_is_that_of_the_speech() -> None:
    accumulator = Accumulator(WINDOW)
    assert math.isnan(accumulator.snapshot().level_dbfs)
    assert accumulator.level.mean_dbfs() is None
    told([VOICE] * 1200 + [QUIET] * 500, accumulator)
    now = accumulator.snapshot()
    assert now.level_dbfs == pytest.approx(-25.0)
    assert now.loudness_lufs == pytest.approx(-24.0)
    assert now.change_db == pytest.approx(0.0, abs=1e-6)
    assert now.noise_dbfs == -72.0
    told([VOICE._replace(level_dbfs=-15.0, momentary_lufs=-14.0)] * 100, accumulator)
    assert accumulator.snapshot().change_db == pytest.approx(
        10 * math.log10(5.5) - summed_mean(1200, 100), abs=0.01
    )


def summed_mean(soft: int, loud: int) -> float:
    """Mean power, in dB, of two numbers of hops, the second 10 dB louder."""
    return 10 * math.log10((soft + 10 * loud) / (soft + loud))


def test_nothing_is_told_of_an_ordinary_hop() -> None:
    due = {hop for hop in range(100) if (hop + 1) % TRACE_HOPS == 0 or (hop + 1) % READING_HOPS == 0}
    assert {hop for hop, bits in enumerate(told([QUIET] * 100)) if bits} == due
    assert hops_of(TRACE, [QUIET] * 30) == [9, 19, 29]
    assert hops_of(READING, [QUIET] * 60) == [24, 49]


def test_edges_syllables_and_fillers_are_told() -> None:
    frames = [QUIET, VOICE, VOICE._replace(nucleus_ago_hops=3), VOICE, VOICE, QUIET]
    frames[4] = VOICE._replace(filler_start_ago_hops=9, filler_end_ago_hops=2)
    assert hops_of(EDGE, frames) == [1, 5]
    assert hops_of(DETECTION, frames) == [2, 4]


def test_lost_hops_and_the_first_behind_them_are_told() -> None:
    assert hops_of(LOSS, [QUIET, LOST, LOST, QUIET, QUIET]) == [1, 2, 3]
    assert hops_of(EDGE, [QUIET, LOST, LOST, QUIET, QUIET]) == []


def test_a_span_of_creak_is_told_when_it_is_over() -> None:
    creak = KINDS["creak"]
    accumulator = Accumulator(WINDOW)
    frames = [VOICE] * 20 + [creak] * 8 + [VOICE] * 5 + [creak] * 4 + [VOICE] * 10
    (hop,) = (hop for hop, bits in enumerate(told(frames, accumulator)) if bits & CREAK)
    assert hop == 37 + 5
    first, stop = accumulator.creak_hops
    assert stop - first == 17
    assert first < 20
    assert hops_of(CREAK, [VOICE] * 20 + [creak] * 9 + [VOICE] * 20) == []


def test_a_trace_is_of_the_same_hops_in_tenths() -> None:
    accumulator = Accumulator(WINDOW)
    frames = [VOICE._replace(f0_hz=100.04 + hop, level_dbfs=-20.06 - hop) for hop in range(30)]
    frames[12] = LOST
    known = []
    for frame in frames:
        if accumulator.add_frame(frame) & TRACE:
            f0_hz, level_dbfs, all_known = accumulator.trace
            known.append(all_known)
    # F0 is known three hops late: the level that goes with it was told three hops before it.
    assert f0_hz == [120.0 + hop for hop in range(10)]
    assert level_dbfs == [round(-37.1 - hop, 1) for hop in range(10)]
    assert known == [True, False, True]


def test_faults_come_and_go() -> None:
    accumulator = Accumulator(WINDOW)
    assert accumulator.add_frame(LOST, bad=True) & FAULT
    assert accumulator.faults.on == 1
    assert not any(bits & FAULT for bits in told([QUIET] * 99, accumulator))
    assert told([QUIET], accumulator)[0] & FAULT
    assert accumulator.faults.on == 0


def test_whole_packets_give_what_single_hops_give() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(0, 0.05, 400 * HOP).astype(np.float32)
    x[: 50 * HOP] *= 1e-3
    x[33 * HOP + 7] = np.nan
    together, single = Accumulator(WINDOW), Accumulator(WINDOW)
    ears, ears_single = Ears(), Ears()
    done, bits = 0, {}
    while done < 400:
        hops, told_of = together.process_hops(x[done * HOP :], ears)
        if not hops:
            assert done == 33
            hops, told_of = 1, together.add_frame(ears.process_lost(), bad=True)
        done += hops
        bits[done - 1] = told_of
    for hop, samples in enumerate(x.reshape(-1, HOP)):
        frame = ears_single.process_lost() if hop == 33 else ears_single.process(samples)
        assert bits.get(hop, 0) == single.add_frame(frame, bad=hop == 33)
    assert repr(together.snapshot()) == repr(single.snapshot())
