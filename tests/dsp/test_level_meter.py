from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.band_snr import BandSnr
from dsp.level_meter import MIN_DBFS, QUIET_DBFS, SPEECH_HOPS, LevelMeter
from dsp.spectrum import Spectrum

from .sounds import Samples, hops, noise, silence, tone, vowel


def level_of(x: Samples) -> LevelMeter:
    level = LevelMeter()
    for hop in hops(x):
        level.process(hop)
    return level


@settings(deadline=None)
@given(amplitude=st.floats(1e-3, 0.9), offset=st.floats(-0.05, 0.05))
def test_level_is_the_rms_whatever_the_offset(amplitude: float, offset: float) -> None:
    level = level_of(tone(400.0, 0.1, amplitude) + np.float32(offset))
    assert level.level_dbfs == pytest.approx(20 * np.log10(amplitude / np.sqrt(2)), abs=0.05)


def test_silence_is_minus_120_and_the_floor_minus_90() -> None:
    level = level_of(silence(0.1))
    assert level.level_dbfs == MIN_DBFS
    assert level.noise_dbfs == QUIET_DBFS
    assert level.clipped == 0


def test_silence_leaves_nothing_behind_that_is_slow_to_compute() -> None:
    level = level_of(np.concatenate([noise(0.5, 0.1), silence(2.0)]))
    assert level.level_dbfs == level.momentary_lufs == MIN_DBFS
    assert (level.sums[:4] == 0).all()


@settings(deadline=None)
@given(share=st.floats(0, 1))
def test_clipped_is_a_share_of_the_hop(share: float) -> None:
    hop = np.full(160, 0.5, np.float32)
    count = round(160 * share)
    hop[:count] = -1.0
    level = LevelMeter()
    level.process(hop)
    assert level.clipped == pytest.approx(count / 160)


@pytest.mark.parametrize("rms", [1e-3, 1e-2, 0.1])
def test_the_floor_is_the_level_of_steady_noise(rms: float) -> None:
    assert level_of(noise(4.0, rms)).noise_dbfs == pytest.approx(20 * np.log10(rms), abs=1.5)


def test_the_floor_follows_a_fan_switched_on_and_off() -> None:
    level = LevelMeter()
    quiet, loud = noise(4.0, 1e-3), noise(4.0, 1e-2, seed=1)
    for hop in hops(np.concatenate([quiet, loud])):
        level.process(hop)
    assert level.noise_dbfs == pytest.approx(-40, abs=1.5)
    for hop in hops(quiet[:16000]):
        level.process(hop)
    assert level.noise_dbfs == pytest.approx(-60, abs=2.5)


def test_words_do_not_lift_the_floor() -> None:
    words = np.tile(np.concatenate([vowel(110.0, 0.5), silence(0.2)]), 8)
    level = level_of(words + noise(words.size / 16000, 1e-3))
    assert level.noise_dbfs == pytest.approx(-60, abs=2.5)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 30.0])
def test_the_ratio_of_speech_to_noise_is_told_in_speech_and_in_pauses(snr_db: float) -> None:
    spoken = np.tile(np.concatenate([vowel(120.0, 0.6), silence(0.4)]), 6)
    is_speech = np.tile(np.repeat([0.9, 0.1], [60, 40]), 6)
    x = spoken + noise(6.0, 0.1 * 10 ** (-snr_db / 20))
    level = LevelMeter()
    found = []
    assert level.snr_db == 0.0
    for hop, before in zip(hops(x), np.concatenate([[0.0], is_speech[:-1]]), strict=True):
        level.process(hop, before)
        found.append(level.snr_db)
    assert found[-1] == pytest.approx(found[-30], abs=0.5)
    assert np.median(found[300:]) == pytest.approx(snr_db, abs=2.0)
    assert level.sums[SPEECH_HOPS] == 360


@pytest.mark.parametrize("lost", [2, 6])
def test_the_floor_is_the_same_after_a_short_loss(lost: int) -> None:
    x = np.concatenate([noise(1.0, 1e-3), noise(3.0, 1e-1)])
    whole, holed = LevelMeter(), LevelMeter()
    gap = range(150, 150 + lost)
    floors = []
    for k, hop in enumerate(hops(x)):
        whole.process(hop)
        if k in gap:
            holed.bridge()
            holed.process_lost()
        else:
            holed.process(hop)
        floors.append((whole.noise_dbfs, holed.noise_dbfs))
    before, after = np.array(floors)[: gap.start], np.array(floors)[gap.stop :]
    np.testing.assert_array_equal(before[:, 0], before[:, 1])
    np.testing.assert_allclose(after[:, 0], after[:, 1], atol=1.5)
    assert after[-1, 0] > after[0, 0] + 30


def test_a_loss_before_any_sound_leaves_no_floor() -> None:
    level, spectrum, loudness = LevelMeter(), Spectrum(), BandSnr()
    level.bridge()
    level.process_lost()
    loudness.bridge(spectrum.bands)
    assert level.noise_dbfs == QUIET_DBFS
    assert loudness.hops == 0
    level.process(noise(0.01, 0.1))
    assert level.noise_dbfs == pytest.approx(-19.0, abs=2.0)


def test_the_floor_of_each_band_is_the_same_after_a_short_loss() -> None:
    x = np.concatenate([noise(1.0, 1e-3), noise(3.0, 1e-1)])
    whole, holed, spectrum = BandSnr(), BandSnr(), Spectrum()
    for k, hop in enumerate(hops(x)):
        if not 150 <= k < 154:
            spectrum.process(hop)
            holed.process(spectrum.bands)
        else:
            holed.bridge(spectrum.bands)
            spectrum.process(hop)
        whole.process(spectrum.bands)
        if k == 320:
            assert holed.above_db > 10
        if k > 154:
            assert holed.above_db == pytest.approx(whole.above_db, abs=3.0)
    assert holed.above_db < 5


def loudness_of(x: Samples) -> list[float]:
    spectrum, loudness = Spectrum(), BandSnr()
    answers = []
    for hop in hops(x):
        spectrum.process(hop)
        loudness.process(spectrum.bands)
        answers.append(loudness.above_db)
    return answers


def test_noise_is_not_above_itself_and_a_vowel_is() -> None:
    x = noise(4.0, 1e-3)
    x[48000:56000] += vowel(120.0, 0.5)
    above = np.array(loudness_of(x))
    assert np.median(above[100:290]) < 3
    assert above[310:340].min() > 10
    assert np.median(above[360:]) < 3


@settings(deadline=None)
@given(gain_db=st.floats(-10, 10))
def test_loudness_above_the_noise_does_not_know_the_gain(gain_db: float) -> None:
    x = noise(1.0, 1e-2)
    x[8000:12800] += vowel(120.0, 0.3, 0.05)
    scaled = (x * 10 ** (gain_db / 20)).astype(np.float32)
    np.testing.assert_allclose(loudness_of(x), loudness_of(scaled), atol=0.1)
