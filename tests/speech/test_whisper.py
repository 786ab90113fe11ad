"""A Whisper model that the user names; the package is none of those that a clone installs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.errors import ModelError
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.speech.open import open_recogniser
from engine.speech.recogniser import Final
from engine.speech.whisper import WhisperRecogniser

RATE_HZ = 16_000


class ModelOfOnePiece:
    """Stands for WhisperModel: the same words for every sound, a third of a second each."""

    supported_languages = ("en", "de")

    def __init__(self, words: Sequence[str], avg_logprob: float = -0.2) -> None:
        self.words = words
        self.avg_logprob = avg_logprob
        self.heard: list[int] = []

    def transcribe(self, samples: Samples, **_: Any) -> tuple[list[Any], None]:
        self.heard.append(samples.size)
        words = [
            SimpleNamespace(word=f" {word}", start=k / 3, end=(k + 1) / 3, probability=0.9)
            for k, word in enumerate(self.words)
        ]
        return [SimpleNamespace(words=words, avg_logprob=self.avg_logprob)], None


@pytest.fixture(scope="module")
def speech() -> Samples:
    voice = SpeechSynthesizer().synthesize("We wrote a short list of what to check.")
    return np.concatenate([silence(1.0), voice, silence(1.0)])


def heard(model: ModelOfOnePiece, speech: Samples, block: int = 320) -> list[Final]:
    recogniser = WhisperRecogniser(model, "whisper:mine", "phrase")
    results = []
    for at in range(0, speech.size, block):
        results += recogniser.process(speech[at : at + block])
    return [one for one in results + recogniser.finish() if isinstance(one, Final)]


def test_a_phrase_is_heard_once_at_its_pause(speech: Samples) -> None:
    model = ModelOfOnePiece(["We", "wrote", "it."])
    results = heard(model, speech)
    assert len(model.heard) == 1
    assert model.heard[0] < speech.size
    assert [word.text for one in results for word in one.words] == ["We", "wrote", "it."]
    first = results[0].words[0]
    assert first.start_s > 0.8
    assert first.confidence == 0.9
    assert results[0].known_s <= speech.size / RATE_HZ


def test_block_sizes_make_no_difference(speech: Samples) -> None:
    assert heard(ModelOfOnePiece(["We"]), speech) == heard(ModelOfOnePiece(["We"]), speech, 7001)


def test_an_unlikely_piece_and_a_loop_are_dropped(speech: Samples) -> None:
    assert heard(ModelOfOnePiece(["We"], avg_logprob=-1.5), speech) == []
    assert heard(ModelOfOnePiece(["so", "well"] * 5), speech) == []


def test_nothing_is_asked_where_nobody_speaks() -> None:
    model = ModelOfOnePiece(["you"])
    assert heard(model, np.zeros(3 * RATE_HZ, np.float32)) == []
    assert model.heard == []


def test_it_says_what_it_can(speech: Samples) -> None:
    abilities = WhisperRecogniser(ModelOfOnePiece([]), "whisper:mine", "phrase").abilities
    assert abilities.name == "whisper:mine"
    assert "live" not in abilities.modes
    assert "de" in abilities.languages


def test_where_the_package_is_missing_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(ModelError, match="pip install faster-whisper"):
        open_recogniser("afterwards", "whisper:no-such-model")


@pytest.mark.parametrize("name", ["", "whisper:", "vosk"])
def test_a_model_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="moonshine"):
        open_recogniser("live", name)
