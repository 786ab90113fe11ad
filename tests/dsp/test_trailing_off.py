"""Phrases made to fade: how far they trail off is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dsp.level_meter import HISTORY_HOPS, MOMENTARY_HOPS, LevelMeter
from dsp.trailing_off import MIN_HOPS, NATURAL_DB, TrailingOff, end_fall
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, heard, hops, noise, silence

TEXT = "We are moving our billing to the new system in January."


def told(x: Samples) -> list[tuple[float, float]]:
    return [(f.trailing_db, f.trailing_confidence) for f in heard(x) if f.edge_ago_hops and not f.talking]


def said(voice: SpeechSynthesizer) -> Samples:
    """One phrase, without the silence that the voice leaves after it."""
    x = voice.synthesize(TEXT)
    return x[: np.flatnonzero(np.abs(x) > 0.02)[-1]]


def faded(x: Samples, by_db: float, seconds: float) -> Samples:
    """The last part let fade by so much, evenly in dB."""
    y = x.copy()
    size = round(seconds * 16000)
    y[-size:] *= 10 ** (-by_db * np.linspace(0, 1, size) / 20)
    return y.astype(np.float32)


def in_room(x: Samples) -> Samples:
    whole = np.concatenate([silence(0.5), x, silence(0.8)])
    return whole + noise(whole.size / 16000, 1e-4)


@pytest.mark.parametrize("by_db", [0.0, 6.0, 12.0])
def test_a_steady_sound_falls_by_the_mean_of_its_last_0_4_s(by_db: float) -> None:
    level = LevelMeter()
    for hop in hops(faded(noise(3.0, 0.1), by_db, 0.4)):
        level.process(hop)
    found = end_fall(level.powers, 300, 300, np.zeros(HISTORY_HOPS))
    expected = -10 * math.log10(np.mean(10 ** (-by_db * np.linspace(0, 1, 1000) / 10)))
    assert found == pytest.approx(expected, abs=0.5)


def test_a_voice_that_fades_trails_off_more_than_one_that_does_not(voice: SpeechSynthesizer) -> None:
    x = said(voice)
    ((plain_db, plain_sure),) = told(in_room(x))
    ((faded_db, faded_sure),) = told(in_room(faded(x, 12.0, 1.2)))
    assert plain_sure > 0.9
    assert faded_sure > 0.9
    assert -NATURAL_DB - 1.5 < plain_db < 1.5  # cut before it fades, it may keep its level to the end
    assert 4.0 < faded_db - plain_db < 12.0


def test_gain_changes_nothing(voice: SpeechSynthesizer) -> None:
    x = in_room(faded(said(voice), 9.0, 1.0))
    ((expected_db, _),) = told(x)
    for gain in (0.1, 2.0):
        ((found_db, _),) = told((gain * x).astype(np.float32))
        assert found_db == pytest.approx(expected_db, abs=1.0)


def test_a_word_is_too_short_to_trail_off(voice: SpeechSynthesizer) -> None:
    for trailing_db, confidence in told(in_room(voice.synthesize("Yes."))):
        assert math.isnan(trailing_db)
        assert confidence == 0.0


def test_an_end_that_was_lost_is_not_judged() -> None:
    for lost, known in ((range(285, 287), False), (range(100, 110), True), (range(60, 240), False)):
        level = LevelMeter()
        trailing = TrailingOff(level)
        for k, hop in enumerate(hops(noise(3.0, 0.1))):
            if k in lost:
                level.process_lost()
            else:
                level.process(hop, 0.9 if k > 40 else 0.0)
            if k == 40:
                trailing.begin_phrase(1)
        assert math.isnan(trailing.end_phrase(0)[0]) is not known


def test_an_end_hardly_above_the_noise_is_not_trusted() -> None:
    sure = []
    for floor in (1e-4, 0.02):
        level = LevelMeter()
        trailing = TrailingOff(level)
        x = np.concatenate([silence(2.0), faded(noise(1.8, 0.1), 20.0, 0.6)]) + noise(3.8, floor, seed=1)
        for k, hop in enumerate(hops(x.astype(np.float32))):
            level.process(hop, 0.9 if k > 200 else 0.0)
            if k == 199:
                trailing.begin_phrase(0)
        sure.append(trailing.end_phrase(0)[1])
    assert sure[0] == 1.0
    assert sure[1] < 0.5


def test_the_longest_phrase_is_told_by_its_last_ten_seconds() -> None:
    level = LevelMeter()
    trailing = TrailingOff(level)
    trailing.begin_phrase(0)
    x = np.concatenate([noise(4.0, 1e-2), noise(11.0, 1e-3)])
    for hop in hops(x):
        level.process(hop, 0.9)
    assert trailing.end_phrase(25)[0] == pytest.approx(-NATURAL_DB, abs=1.0)
    assert HISTORY_HOPS > MIN_HOPS + MOMENTARY_HOPS
