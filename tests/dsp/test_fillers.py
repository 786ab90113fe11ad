from __future__ import annotations

import numpy as np
import pytest

from dsp.fillers import Fillers
from dsp.level import Level
from dsp.pitch import PitchTracker
from dsp.spectrum import Spectrum
from engine.media.voice import PackagedVoice

from .sounds import Samples, heard, hops, noise, silence, tone, vowel


def found_in(x: Samples, speech: float = 0.9) -> list[tuple[float, float]]:
    spectrum, pitch, fillers, level = Spectrum(), PitchTracker(), Fillers(), Level()
    found = []
    for k, hop in enumerate(hops(x), start=1):
        spectrum.process(hop)
        level.process(hop)
        f0_hz, _ = pitch.process(hop)
        if fillers.process(f0_hz, spectrum.bands_db, level.level_dbfs, level.noise_dbfs, speech):
            found.append(((k - fillers.start_ago_hops) / 100, (k - fillers.end_ago_hops) / 100))
    return found


def between_pauses(sound: Samples, before_s: float = 0.5) -> Samples:
    x = np.concatenate([silence(before_s), sound, silence(0.6)])
    return x + noise(x.size / 16000, 3e-4)


@pytest.mark.parametrize("f0_hz", [85.0, 120.0, 210.0])
@pytest.mark.parametrize("length_s", [0.35, 0.6, 1.0])
def test_a_held_vowel_between_pauses_is_one_where_it_was(f0_hz: float, length_s: float) -> None:
    contour = f0_hz * 2 ** (np.linspace(0.3, -0.3, round(length_s * 16000)) / 12)
    found = found_in(between_pauses(vowel(contour, length_s)))
    assert len(found) == 1
    np.testing.assert_allclose(found[0], (0.5, 0.5 + length_s), atol=0.07)


@pytest.mark.parametrize(
    "sound",
    [
        vowel(120.0, 0.15),
        vowel(np.linspace(110, 190, 8000), 0.5),
        vowel(120 * 2 ** (np.sin(2 * np.pi * 5 * np.arange(8000) / 16000) / 4), 0.5),
        vowel(120.0, 2.6),
        noise(0.5, 0.1),
        silence(0.5),
    ],
    ids=["too short", "rising", "vibrato", "too long", "a hiss", "nothing"],
)
def test_what_is_not_held_is_none(sound: Samples) -> None:
    assert found_in(between_pauses(sound)) == []


def test_a_held_sound_that_is_no_speech_is_none() -> None:
    assert found_in(between_pauses(vowel(120.0, 0.5)), speech=0.1) == []
    assert found_in(between_pauses(tone(300.0, 0.5)), speech=0.1) == []


def test_a_gap_in_the_audio_ends_it_unjudged() -> None:
    fillers = Fillers()
    bands_db = np.full(32, -40.0, np.float32)
    for _ in range(40):
        fillers.process(120.0, bands_db, -30.0, -70.0, 0.9)
    fillers.reset()
    assert not any(fillers.process(0.0, bands_db, -80.0, -80.0, 0.1) for _ in range(60))


def test_fluent_speech_has_none_and_hesitant_speech_has_some(voice: PackagedVoice) -> None:
    fluent = voice.say("I led the move of our billing system to the cloud. It went live two weeks early.")
    assert not any(frame.filler_start_ago_hops for frame in heard(fluent + noise(fluent.size / 16000, 1e-4)))
    um = voice.say("[um](/ʌmmm/).", speed=0.6, liveliness=0.0)
    role = voice.say("my role was mostly", speed=0.9)
    hesitant = np.concatenate([silence(0.4), um, silence(0.3), role, silence(0.3), um, silence(0.6)])
    frames = heard(hesitant + noise(hesitant.size / 16000, 1e-4))
    assert sum(frame.filler_start_ago_hops > 0 for frame in frames) == 2
