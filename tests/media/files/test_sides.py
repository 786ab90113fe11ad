"""Who speaks on two channels: one voice however it was saved, two people however they leak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from dsp.frame import RATE_HZ
from engine.media.files.recording import Recording
from engine.media.files.sides import ChannelSpeakers, Taken
from engine.media.voices.practice_answer import PassageSpan
from tests.harness.corpus import CASES
from tests.harness.dialogues import ROOMS, Room, compose, heard_in, packaged_people
from tests.harness.recordings import tone, write

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def speech(answer: tuple[Samples, list[PassageSpan]]) -> Samples:
    """Fifteen seconds of one voice."""
    return answer[0][: 15 * RATE_HZ]


@pytest.fixture(scope="module")
def dialogue() -> Samples:
    """Two people, shape (2, n)."""
    return compose(packaged_people(), 15.0, 45)[0]


def taken(left: Samples, right: Samples) -> Taken:
    sides = ChannelSpeakers()
    for start in range(0, left.size, 1600):
        sides.feed(left[start : start + 1600], right[start : start + 1600])
    return sides.taken()


def noise(like: Samples, dbfs: float, seed: int = 1) -> Samples:
    chance = np.random.default_rng(seed)
    return (10 ** (dbfs / 20) * chance.standard_normal(like.size)).astype(np.float32)


def late(samples: Samples, ms: float) -> Samples:
    return np.concatenate([np.zeros(round(ms * 16), np.float32), samples])[: samples.size]


def in_room(samples: Samples, echo_s: float, direct: float, seed: int) -> Samples:
    """What a microphone in an echoing room hears."""
    at_s = np.arange(round(echo_s * RATE_HZ)) / RATE_HZ
    response = np.random.default_rng(seed).standard_normal(at_s.size) * 10 ** (-3 * at_s / echo_s)
    response /= np.linalg.norm(response)
    response[0] += direct
    heard: Samples = fftconvolve(samples, response / np.linalg.norm(response))[: samples.size].astype(
        np.float32
    )
    return heard


@pytest.mark.parametrize("codec", ["aac", "libopus", "libmp3lame"])
@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_one_voice_saved_in_stereo_by_a_lossy_codec_is_one_speaker(
    speech: Samples, tmp_path: Path, codec: str, gain: float
) -> None:
    wide = np.repeat(speech, 3)
    path = write(tmp_path / "a.mka", np.float32(gain) * wide, wide, rate=48000, codec=codec)
    recording = Recording(path)
    assert (recording.speakers, recording.taken) == (1, "one_voice")
    assert "--channel both" in recording.remarks()[0]
    assert Recording(path, "both").speakers == 2


@pytest.mark.parametrize("ms", [1, 20, 60, 200, 500])
def test_one_voice_that_comes_late_on_one_channel_is_one_speaker(speech: Samples, ms: float) -> None:
    assert taken(speech + noise(speech, -65), late(speech, ms) + noise(speech, -65, 2)) == "one_voice"


@pytest.mark.parametrize(("echo_s", "direct"), [(0.3, 1.5), (0.5, 1.0), (0.8, 0.7), (1.0, 0.3)])
def test_one_voice_before_two_microphones_is_one_speaker(
    speech: Samples, echo_s: float, direct: float
) -> None:
    left, right = (in_room(speech, echo_s, direct, seed) for seed in (1, 2))
    assert taken(left + noise(left, -60), 0.5 * right + noise(right, -55, 2)) == "one_voice"


def test_one_voice_that_turns_from_one_microphone_to_the_other_is_one_speaker(speech: Samples) -> None:
    turn = (10 ** (3 * np.sin(2 * np.pi * 0.1 * np.arange(speech.size) / RATE_HZ) / 20)).astype(np.float32)
    assert taken(speech * turn + noise(speech, -65), speech / turn + noise(speech, -65, 2)) == "one_voice"


def test_inverted_channels_do_not_cancel_each_other(speech: Samples, tmp_path: Path) -> None:
    recording = Recording(write(tmp_path / "a.wav", speech, -speech))
    assert recording.taken == "one_voice"
    heard = np.concatenate([block[0] for block in recording.blocks() if not isinstance(block, int)])
    np.testing.assert_allclose(np.abs(heard), np.abs(speech), atol=1e-6)


@pytest.mark.parametrize("empty", ["zeros", "hiss", "hum", "music"])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_channel_without_a_voice_is_nobody(
    speech: Samples, tmp_path: Path, empty: str, swapped: bool
) -> None:
    at_s = np.arange(speech.size) / RATE_HZ
    other: Samples = {
        "zeros": np.zeros_like(speech),
        "hiss": noise(speech, -40),
        "hum": (0.05 * np.sin(2 * np.pi * 50 * at_s)).astype(np.float32),
        "music": sum(
            (tone(hz, speech.size / RATE_HZ, level=0.1) for hz in (262, 330, 392)), np.zeros_like(speech)
        ),
    }[empty]
    sides = (other, speech) if swapped else (speech, other)
    recording = Recording(write(tmp_path / "a.wav", *sides))
    assert (recording.speakers, recording.taken) == (1, "second_only" if swapped else "first_only")
    heard = np.concatenate([block[0] for block in recording.blocks() if not isinstance(block, int)])
    np.testing.assert_array_equal(heard, speech)


def test_what_is_not_speech_is_one_speaker(tmp_path: Path) -> None:
    assert Recording(write(tmp_path / "a.wav", tone(300, 3.0), tone(700, 3.0))).taken == "no_speech"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_two_people_are_two_speakers_however_they_leak(dialogue: Samples, room: Room) -> None:
    heard = heard_in(dialogue, room, 1)
    assert taken(*np.ascontiguousarray(heard.T)) == "two_speakers"


def test_who_says_little_is_a_speaker_all_the_same(speech: Samples) -> None:
    left, right = speech.copy(), noise(speech, -65)
    said = slice(9 * RATE_HZ, 12 * RATE_HZ)
    right[said] += left[said][::-1]
    left[said] = 0
    left += np.float32(0.1) * right
    right += np.float32(0.1) * left
    assert taken(left, right) == "two_speakers"


def test_two_people_after_a_stretch_of_one_voice_are_two_speakers(dialogue: Samples) -> None:
    mixed = dialogue.sum(axis=0)
    left, right = (np.concatenate([mixed, voice]).astype(np.float32) for voice in dialogue)
    assert taken(left + noise(left, -65), right + noise(right, -65, 2)) == "two_speakers"


@pytest.mark.corpus
def test_cases_of_one_voice() -> None:
    assert Recording(CASES / "one_voice_stereo.webm").taken == "one_voice"
    assert Recording(CASES / "tone_on_the_other_side.ogg").taken == "first_only"
