from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from av.filter import Graph
from numpy.typing import NDArray
from scipy.signal import freqz, resample_poly

from dsp.frame import RATE_HZ
from dsp.k_weighting import HIGH_PASS, SHELF, TABLE_HZ, Biquad, high_pass, shelf
from dsp.level_meter import MIN_DBFS, LevelMeter
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, hops, silence, tone

Floats = NDArray[np.float64]

SPOKEN = "We led the move of our billing system to the cloud, and it went live two weeks early."


def loudness(x: Samples) -> Floats:
    """Momentary and short-term loudness after each hop, shape (hops, 2)."""
    level, found = LevelMeter(), []
    for hop in hops(x):
        level.process(hop)
        found.append((level.momentary_lufs, level.short_term_lufs))
    return np.array(found)


def test_the_coefficients_at_48_khz_are_those_of_the_standard() -> None:
    table = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
    np.testing.assert_allclose(shelf(TABLE_HZ), table, atol=1e-8)
    np.testing.assert_allclose(
        high_pass(TABLE_HZ), (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621), atol=1e-8
    )


def test_the_weighting_at_16_khz_is_that_at_48_khz_within_0_07_db() -> None:
    hz = np.geomspace(10, 7950, 400)

    def gain_db(rate_hz: float, *filters: Biquad) -> Floats:
        gains = [freqz(f[:3], (1.0, *f[3:]), worN=hz, fs=rate_hz)[1] for f in filters]
        total_db: Floats = 20 * np.log10(np.abs(np.prod(gains, axis=0)))
        return total_db

    difference_db = gain_db(RATE_HZ, SHELF, HIGH_PASS) - gain_db(
        TABLE_HZ, shelf(TABLE_HZ), high_pass(TABLE_HZ)
    )
    assert np.abs(difference_db).max() < 0.07


@pytest.mark.parametrize("level_dbfs", [-40.0, -20.0, -3.0])
def test_a_tone_of_997_hz_has_3_01_lufs_less_than_its_peak(level_dbfs: float) -> None:
    found = loudness(tone(997.0, 4.0, 10 ** (level_dbfs / 20)))
    assert found[-1] == pytest.approx(level_dbfs - 3.01, abs=0.07)


def meter(x: Samples) -> Floats:
    """What ffmpeg's meter says of the same at 48 kHz, every 0.1 s, shape (n, 2)."""
    wide = resample_poly(x, 3, 1).astype(np.float32)
    graph = Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=TABLE_HZ, layout="mono", time_base=Fraction(1, TABLE_HZ)
    )
    filters = [source, graph.add("ebur128", "metadata=1"), graph.add("abuffersink")]
    for a, b in pairwise(filters):
        a.link_to(b)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(wide[None], format="flt", layout="mono")
    frame.sample_rate, frame.pts = TABLE_HZ, 0
    graph.push(frame)
    graph.push(None)
    found: list[tuple[float, float]] = []
    while True:
        try:
            told = graph.pull().metadata
        except (BlockingIOError, EOFError):
            return np.array(found)
        if told:  # the last one is short of 0.1 s
            found.append((float(told["lavfi.r128.M"]), float(told["lavfi.r128.S"])))


def test_speech_and_tones_are_as_loud_as_another_meter_says(voice: SpeechSynthesizer) -> None:
    low, high = tone(50.0, 3.0, 0.2), tone(5000.0, 4.0, 0.01)
    x = np.concatenate([low, 0.5 * voice.synthesize(SPOKEN), high]).astype(np.float32)
    mine, other = loudness(x)[9::10], meter(x)
    count = min(len(mine), len(other))
    assert count > 100
    full = slice(30, count)  # from where its windows are full: it counts what was before the start as silence
    np.testing.assert_allclose(mine[full], other[full], atol=0.15)
    np.testing.assert_allclose(mine[4:30, 0], other[4:30, 0], atol=0.1)


def test_the_windows_are_0_4_s_and_3_s_long() -> None:
    x = np.concatenate([tone(997.0, 4.0, 0.1), silence(4.0)])
    found = loudness(x)
    assert found[400 + 20 - 1, 0] == pytest.approx(-23.0 - 3.01, abs=0.15)
    assert found[400 + 150 - 1, 1] == pytest.approx(-23.0 - 3.01, abs=0.15)
    assert found[400 + 42, 0] < -90
    assert found[400 + 302, 1] < -90
    assert found[-1] == pytest.approx(MIN_DBFS)


def test_lost_audio_is_no_part_of_the_loudness() -> None:
    level = LevelMeter()
    for k, hop in enumerate(hops(tone(997.0, 12.0, 0.1))):
        if k % 5 == 4:
            level.process_lost()
        else:
            level.process(hop)
    assert level.momentary_lufs == pytest.approx(-23.0, abs=0.5)
    assert level.short_term_lufs == pytest.approx(-23.0, abs=0.5)
