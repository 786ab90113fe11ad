"""The network: prefix, draft and beams, its attention, and files that are not the expected ones."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ModelError
from engine.language.transcript import bare
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.speech import moonshine as module
from engine.speech.alignment import first_vectors
from engine.speech.moonshine import STEP_S, Decoded, Moonshine, Sound, moonshine, token_texts, with_attention

TEXT = "After that we wrote a short list of what to check."


@pytest.fixture(scope="module")
def model() -> Moonshine:
    return moonshine()


@pytest.fixture(scope="module")
def speech() -> Samples:
    return np.concatenate([silence(0.2), SpeechSynthesizer().synthesize(TEXT), silence(0.2)])


@pytest.fixture(scope="module")
def sound(model: Moonshine, speech: Samples) -> Sound:
    return model.hear(speech)


@pytest.fixture(scope="module")
def decoded(model: Moonshine, sound: Sound) -> Decoded:
    return model.decode(sound)


def text(model: Moonshine, one: Decoded) -> str:
    return " ".join(bare(word.text) for word in model.words(one.tokens))


def test_it_writes_what_is_said(model: Moonshine, decoded: Decoded) -> None:
    expected, found = bare(TEXT).split(), text(model, decoded).split()
    assert sum(a == b for a, b in zip(expected, found, strict=False)) >= 0.8 * len(expected), found


def test_each_token_and_the_end_have_a_probability(decoded: Decoded) -> None:
    assert len(decoded.log_probabilities) == len(decoded.tokens) + 1
    assert max(decoded.log_probabilities) <= 0
    assert -0.6 < decoded.likelihood < 0


def test_attention_is_a_distribution_over_the_sound(decoded: Decoded, speech: Samples) -> None:
    assert decoded.attention.shape[:2] == (2, len(decoded.tokens))
    assert decoded.attention.shape[2] == pytest.approx(speech.size / 16_000 / STEP_S, abs=2)
    assert decoded.attention.sum(axis=2) == pytest.approx(1.0, abs=0.01)


def test_attention_moves_on_with_the_words(decoded: Decoded) -> None:
    first = first_vectors(decoded.attention)
    assert np.all(np.diff(first) > 0)
    assert first[0] == 0


def test_a_prefix_is_kept_whatever_is_heard(model: Moonshine, decoded: Decoded, sound: Sound) -> None:
    wrong = [decoded.tokens[3], *decoded.tokens[:2]]
    assert model.decode(sound, wrong).tokens[:3] == wrong
    assert len(model.decode(sound, wrong).log_probabilities) > 3


def test_the_rest_follows_a_right_prefix(model: Moonshine, decoded: Decoded, sound: Sound) -> None:
    again = model.decode(sound, decoded.tokens[:4])
    assert text(model, again) == text(model, decoded)


@pytest.mark.parametrize("at", [0, 3])
def test_a_draft_changes_nothing(model: Moonshine, decoded: Decoded, sound: Sound, at: int) -> None:
    wrong = [*decoded.tokens[:at], decoded.tokens[-2], *decoded.tokens[at + 1 :]]
    for draft in (decoded.tokens, wrong):
        again = model.decode(sound, (), draft)
        assert text(model, again) == text(model, decoded)
        assert again.attention.shape == decoded.attention.shape
        assert again.likelihood == pytest.approx(decoded.likelihood, abs=0.05)


def test_several_beginnings_are_at_least_as_likely(model: Moonshine, sound: Sound) -> None:
    """Without favour for fillers, which the likelihood doesn't show."""
    wide = model.decode(sound, beams=4)
    assert wide.likelihood >= model.decode(sound).likelihood - 0.02
    assert len(wide.log_probabilities) == len(wide.tokens) + 1


@pytest.mark.parametrize("beams", [1, 3])
def test_a_sound_that_was_heard_once_can_be_decoded_again(
    model: Moonshine, speech: Samples, sound: Sound, beams: int
) -> None:
    again, anew = (model.decode(one, beams=beams) for one in (sound, model.hear(speech)))
    assert again.tokens == anew.tokens
    assert again.log_probabilities == anew.log_probabilities


def test_a_short_sound_is_padded(model: Moonshine) -> None:
    assert model.decode(model.hear(np.zeros(160, np.float32))).attention.shape[2] > 10


def test_tokens_do_not_run_away(model: Moonshine) -> None:
    loud = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    assert len(model.decode(model.hear(loud)).tokens) <= 1 * 7 + 3


def test_token_texts_of_one_and_two_bytes_of_length() -> None:
    long = "x" * 200
    content = bytes([2]) + b"ab" + bytes([128 + 200 // 128, 200 % 128]) + long.encode()
    assert token_texts(content) == ["ab", long]


def test_another_decoder_is_refused() -> None:
    with pytest.raises(ModelError, match="not the expected one"):
        with_attention(bytes(700_000))


def test_a_changed_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENCODER", "0" * 64)
    with pytest.raises(ModelError, match="not the expected file"):
        Moonshine()
