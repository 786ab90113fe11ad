from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.terminal.speech_check import FRAME, Heard, SpeechCheck
from dsp.frame import RATE_HZ
from engine.errors import DeviceError
from engine.media.voices.practice_answer import PassageSpan

Samples = NDArray[np.float32]


def noise(kind: str, level_dbfs: float, seconds: float = 8.0) -> Samples:
    """Steady sound of a level: hiss (white), a fan (pink), or hum of the mains."""
    rng, count = np.random.default_rng(1), round(seconds * RATE_HZ)
    if kind == "hum":
        at_s = np.arange(count) / RATE_HZ
        made = np.sum([np.sin(2 * np.pi * 50 * k * at_s) / k for k in range(1, 8)], axis=0)
    else:
        spectrum = np.fft.rfft(rng.standard_normal(count))
        if kind == "pink":
            spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
        made = np.fft.irfft(spectrum, count)
    samples: Samples = (made / made.std() * 10.0 ** (level_dbfs / 20.0)).astype(np.float32)
    return samples


def noticed_s(samples: Samples, block: int = FRAME) -> float | None:
    """When a voice is noticed; None when none is."""
    check = SpeechCheck()
    for start in range(0, samples.size, block):
        if check.process(samples[start : start + block]) is Heard.VOICE:
            return (start + block) / RATE_HZ
    return None


def test_digital_silence_and_a_microphone_that_is_off_are_nothing() -> None:
    assert SpeechCheck().process(np.zeros(5 * RATE_HZ, np.float32)) is Heard.NOTHING
    assert SpeechCheck().process(noise("white", -80.0)) is Heard.NOTHING
    assert SpeechCheck().process(np.full(5 * RATE_HZ, 0.3, np.float32)) is Heard.NOTHING, "an offset"


@pytest.mark.parametrize("kind", ["white", "pink", "hum"])
@pytest.mark.parametrize("level_dbfs", [-50.0, -40.0, -30.0, -26.0, -20.0, -14.0])
def test_steady_noise_is_noise_however_loud(kind: str, level_dbfs: float) -> None:
    assert SpeechCheck().process(noise(kind, level_dbfs)) is Heard.NOISE


@pytest.mark.parametrize("gain_db", [-20.0, 0.0])
@pytest.mark.parametrize("noise_dbfs", [-90.0, -55.0])
def test_a_voice_is_noticed_at_once(
    answer: tuple[Samples, list[PassageSpan]], gain_db: float, noise_dbfs: float
) -> None:
    samples, spans = answer
    begins = int(np.flatnonzero(np.abs(samples) > 0.02)[0])
    heard = samples[: begins + 2 * RATE_HZ] * np.float32(10.0 ** (gain_db / 20.0))
    quiet = noise("pink", noise_dbfs, 3.0 + heard.size / RATE_HZ)
    quiet[3 * RATE_HZ :][: heard.size] += heard
    when_s = noticed_s(quiet)
    assert when_s is not None
    assert 0.0 < when_s - 3.0 - begins / RATE_HZ < 0.7
    assert spans


@pytest.mark.parametrize("block", [100, 320, 441, 4000])
def test_blocks_of_any_size_are_heard_alike(answer: tuple[Samples, list[PassageSpan]], block: int) -> None:
    samples = answer[0][: 4 * RATE_HZ]
    frame_s, by_block_s = noticed_s(samples), noticed_s(samples, block)
    assert frame_s is not None
    assert by_block_s is not None
    assert abs(by_block_s - frame_s) <= max(block, FRAME) / RATE_HZ


def test_who_was_heard_stays_heard(answer: tuple[Samples, list[PassageSpan]]) -> None:
    check = SpeechCheck()
    assert check.process(answer[0][: 5 * RATE_HZ]) is Heard.VOICE
    assert check.process(np.zeros(10 * RATE_HZ, np.float32)) is Heard.VOICE


def test_without_webrtcvad_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webrtcvad", None)
    with pytest.raises(DeviceError, match="make setup-extras"):
        SpeechCheck()
