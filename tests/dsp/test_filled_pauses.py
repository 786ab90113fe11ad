from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from dsp.filled_pause_odds import IMPOSSIBLE, RING_HOPS, ROWS, SEMITONES, melody_odds
from dsp.filled_pauses import MIN_CONFIDENCE, FilledPauseDetector
from dsp.level_meter import LevelMeter
from dsp.pitch import PitchTracker
from dsp.spectrum import Spectrum
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, heard, hops, noise, silence, tone, vowel

EE = ((280, 50), (2250, 100), (2900, 150))
MURMUR = ((230, 60), (2300, 900))


def found_in(
    x: Samples, speech: float = 0.9, fillers: FilledPauseDetector | None = None
) -> list[tuple[float, float, float]]:
    """Start, end and confidence of each."""
    spectrum, pitch, level = Spectrum(), PitchTracker(), LevelMeter()
    fillers = fillers or FilledPauseDetector()
    found = []
    for k, hop in enumerate(hops(x), start=1):
        spectrum.process(hop)
        level.process(hop)
        f0_hz, _ = pitch.process(hop)
        sure = fillers.process(f0_hz, spectrum.bands_db, level.level_dbfs, level.noise_dbfs, speech)
        if sure:
            found.append(((k - fillers.start_ago_hops) / 100, (k - fillers.end_ago_hops) / 100, sure))
    return found


def between_pauses(sound: Samples, before_s: float = 0.5) -> Samples:
    x = np.concatenate([silence(before_s), sound, silence(0.6)])
    return x + noise(x.size / 16000, 3e-4)


def sung(f0_hz: float, length_s: float, formants: tuple[tuple[int, int], ...], rms: float = 0.1) -> Samples:
    """Pulses through other formants than a schwa's."""
    x = np.zeros(round(length_s * 16000))
    x[(np.arange(0.0, length_s - 0.001, 1 / f0_hz) * 16000).astype(int)] = 1.0
    for hz, width_hz in formants:
        pole = np.exp(-np.pi * width_hz / 16000)
        x = lfilter([1.0], [1.0, -2 * pole * np.cos(2 * np.pi * hz / 16000), pole**2], x)
    sound: Samples = (rms * x / np.sqrt(np.mean(x**2))).astype(np.float32)
    return sound


def babbled(length_s: float) -> Samples:
    """Schwas whose F0 and formants never rest: nothing in it is held."""
    f0_hz = 120 * 2 ** (np.sin(2 * np.pi * 3 * np.arange(round(length_s * 16000)) / 16000) / 3)
    parts = [
        sung(120.0 + 10 * (k % 3), 0.06, formants)
        for k, formants in enumerate([EE, MURMUR, ((700, 80), (1100, 90), (2600, 150))] * 40)
    ]
    x = np.concatenate(parts)[: f0_hz.size]
    return (0.5 * x + 0.5 * vowel(f0_hz, length_s)).astype(np.float32)


@pytest.mark.parametrize("f0_hz", [85.0, 120.0, 210.0])
@pytest.mark.parametrize("length_s", [0.35, 0.6, 1.0])
def test_a_held_vowel_between_pauses_is_one_where_it_was(f0_hz: float, length_s: float) -> None:
    contour = f0_hz * 2 ** (np.linspace(0.3, -0.3, round(length_s * 16000)) / 12)
    found = found_in(between_pauses(vowel(contour, length_s)))
    assert len(found) == 1
    np.testing.assert_allclose(found[0][:2], (0.5, 0.5 + length_s), atol=0.07)
    assert 0.5 <= found[0][2] <= 1.0


@pytest.mark.parametrize(
    "sound",
    [
        vowel(120.0, 0.09),
        vowel(np.linspace(110, 190, 8000), 0.5),
        vowel(120 * 2 ** (np.sin(2 * np.pi * 5 * np.arange(8000) / 16000) / 4), 0.5),
        vowel(120.0, 2.6),
        vowel(400.0, 0.5),
        sung(120.0, 0.5, EE),
        sung(120.0, 0.5, MURMUR),
        babbled(0.6),
        noise(0.5, 0.1),
        silence(0.5),
    ],
    ids=[
        "too short",
        "rising",
        "vibrato",
        "too long",
        "a shriek",
        "ee",
        "mm",
        "moving",
        "a hiss",
        "nothing",
    ],
)
def test_what_is_not_held_or_not_central_is_none(sound: Samples) -> None:
    assert found_in(between_pauses(sound)) == []


def test_a_held_sound_that_is_no_speech_is_none() -> None:
    assert found_in(between_pauses(vowel(120.0, 0.5)), speech=0.1) == []
    assert found_in(between_pauses(tone(300.0, 0.5)), speech=0.1) == []


def test_a_short_vowel_is_one_only_where_it_stands_alone() -> None:
    short = vowel(120.0, 0.2)
    alone = found_in(between_pauses(short))
    assert len(alone) == 1
    assert alone[0][2] >= 0.5
    assert found_in(between_pauses(np.concatenate([babbled(0.5), short, babbled(0.5)]))) == []


def test_the_longer_and_the_better_set_off_the_surer() -> None:
    by_length = [found_in(between_pauses(vowel(120.0, length_s)))[0][2] for length_s in (0.13, 0.17, 0.25)]
    assert all(a < b for a, b in pairwise(by_length))
    held = vowel(120.0, 0.5)
    after = found_in(between_pauses(np.concatenate([babbled(0.5), held])))
    alone = found_in(between_pauses(held))
    assert after[0][2] < alone[0][2]


def test_um_is_one_filler_and_ma_is_not_held_together() -> None:
    murmur = sung(120.0, 0.3, MURMUR, rms=0.05)
    um = found_in(between_pauses(np.concatenate([vowel(120.0, 0.25), murmur])))
    assert len(um) == 1
    np.testing.assert_allclose(um[0][:2], (0.5, 1.05), atol=0.07)
    ma = found_in(between_pauses(np.concatenate([murmur, vowel(120.0, 0.5)])))
    assert len(ma) == 1
    np.testing.assert_allclose(ma[0][:2], (0.8, 1.3), atol=0.07)


def test_stray_pitches_of_a_soft_nasal_dont_count() -> None:
    def odds(*semitones: float) -> float:
        rings = np.zeros((ROWS, RING_HOPS))
        rings[SEMITONES, : len(semitones)] = semitones
        return melody_odds(rings, 0, len(semitones), 10.0)

    held, soft = [10.0] * 30, [-1.0] * 8
    assert odds(*held, *soft, *[14.0, 4.0] * 6) == odds(*held) == 0.0
    assert odds(*held, *[14.0, 4.0] * 16) < -3.0
    assert odds(*held[:10], *soft * 4) == IMPOSSIBLE


def test_a_gap_in_the_audio_ends_it_unjudged() -> None:
    fillers = FilledPauseDetector()
    bands_db = np.full(32, -40.0, np.float32)
    for _ in range(40):
        fillers.process(120.0, bands_db, -30.0, -70.0, 0.9)
    fillers.forget_sound()
    assert not any(fillers.process(0.0, bands_db, -80.0, -80.0, 0.1) for _ in range(60))


def test_reset_forgets_the_speaker() -> None:
    fillers = FilledPauseDetector()
    x = between_pauses(np.concatenate([babbled(1.5), silence(0.5), vowel(120.0, 0.5)]))
    first = found_in(x, fillers=fillers)
    assert first
    assert found_in(x, fillers=fillers) != first
    fillers.reset()
    assert found_in(x, fillers=fillers) == first


@pytest.fixture(scope="module")
def hesitant(voice: SpeechSynthesizer) -> Samples:
    """A sentence, and an "um" and an "uh" about a few words."""
    um = voice.synthesize("[um](/ʌmm/).", speed=0.5, liveliness=0.0)
    uh = voice.synthesize("[uh](/ʌʌʌ/).", speed=0.6, liveliness=0.0)
    role = voice.synthesize("my role was mostly", speed=0.9)
    fluent = voice.synthesize("I led the move of our billing system to the cloud.")
    parts = (silence(0.4), fluent, silence(0.4), um, silence(0.3), role, silence(0.3), uh, silence(0.6))
    return np.concatenate(parts)


def sure(x: NDArray[np.float32]) -> list[float]:
    found = [frame.filler_confidence for frame in heard(x.astype(np.float32))]
    assert all(c == 0.0 or MIN_CONFIDENCE <= c <= 1.0 for c in found)
    return [c for c in found if c >= 0.5]


def test_fluent_speech_has_none_and_hesitant_speech_has_some(
    voice: SpeechSynthesizer, hesitant: Samples
) -> None:
    fluent = voice.synthesize(
        "I led the move of our billing system to the cloud. It went live two weeks early."
    )
    assert sure(fluent + noise(fluent.size / 16000, 1e-4)) == []
    assert len(sure(hesitant + noise(hesitant.size / 16000, 1e-4))) == 2


@pytest.mark.parametrize("pole", [0.9, -0.5], ids=["dull", "sharp"])
def test_a_microphone_that_colours_the_voice_hides_none(hesitant: Samples, pole: float) -> None:
    x = hesitant + noise(hesitant.size / 16000, 1e-4)
    assert len(sure((1 - abs(pole)) * lfilter([1.0], [1.0, -pole], x))) == 2
