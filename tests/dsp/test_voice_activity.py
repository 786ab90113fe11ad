from __future__ import annotations

import numpy as np
import pytest

from dsp.band_snr import BandSnr
from dsp.level_meter import LevelMeter
from dsp.spectrum import Spectrum
from dsp.voice_activity import VoiceActivity
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, clicks, hops, noise, silence, tone

TEXT = "We led the move of our billing system to the cloud. It went live two weeks early."


def speech_in(x: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    spectrum, level, loudness, voice = Spectrum(), LevelMeter(), BandSnr(), VoiceActivity()
    answers = []
    for hop in hops(x):
        spectrum.process(hop)
        level.process(hop)
        loudness.process(spectrum.bands)
        voice.process(loudness.bands_above_db, spectrum.bands_db, level.level_dbfs, level.noise_dbfs)
        answers.append(voice.speech)
    return np.array(answers)


def hum(length_s: float) -> Samples:
    return sum((tone(50.0 * k, length_s, 0.1 / k) for k in range(2, 8)), tone(50.0, length_s))


def bell(length_s: float) -> Samples:
    strokes = [
        sum(tone(hz, 0.8, 0.1) for hz in (620.0, 1240.0, 1870.0, 2510.0))
        * np.exp(-np.arange(12800) / 3000).astype(np.float32)
        for _ in range(round(length_s / 0.8))
    ]
    return np.concatenate(strokes)


@pytest.mark.parametrize(
    ("sound", "most"),
    [
        (silence(6.0), 0.0),
        (noise(6.0, 0.05), 0.05),
        (noise(6.0, 1e-3), 0.05),
        (hum(6.0), 0.1),
        (tone(440.0, 6.0), 0.1),
        (bell(6.0), 0.1),
        (clicks(6.0, 6.0), 0.1),
        (clicks(2.0, 6.0, seed=3), 0.1),
    ],
    ids=["silence", "rain", "soft noise", "hum", "tone", "bell", "keys", "knocks"],
)
def test_what_is_no_speech_is_not_called_speech(sound: Samples, most: float) -> None:
    assert np.mean(speech_in(sound) >= 0.5) <= most


@pytest.mark.parametrize("gain_db", [-20, -10, 0, 6])
@pytest.mark.parametrize("polarity", [1, -1])
def test_speech_is_speech_at_any_level(voice: SpeechSynthesizer, gain_db: int, polarity: int) -> None:
    spoken = voice.synthesize(TEXT)
    x = np.concatenate([noise(1.0, 1e-4), spoken + noise(spoken.size / 16000, 1e-4), noise(1.0, 1e-4)])
    x = np.clip(polarity * x * 10 ** (gain_db / 20) / np.abs(x).max() * 0.5, -1, 1).astype(np.float32)
    p = speech_in(x)
    level = np.array([np.sqrt(np.mean(hop**2)) for hop in hops(x)])
    loud = level > 0.1 * level.max()
    assert np.mean(p[loud] >= 0.5) > 0.9
    assert np.mean(p[:90] >= 0.5) < 0.1
    assert np.mean(p[-60:] >= 0.5) < 0.1


def test_reset_makes_it_new(voice: SpeechSynthesizer) -> None:
    x = voice.synthesize("It went live.")
    spectrum, level, loudness, activity = Spectrum(), LevelMeter(), BandSnr(), VoiceActivity()
    runs = []
    for _ in range(2):
        for part in (spectrum, level, loudness, activity):
            part.reset()
        answers = []
        for hop in hops(x):
            spectrum.process(hop)
            level.process(hop)
            loudness.process(spectrum.bands)
            activity.process(loudness.bands_above_db, spectrum.bands_db, level.level_dbfs, level.noise_dbfs)
            answers.append(activity.speech)
        runs.append(answers)
    assert runs[0] == runs[1]
