"""Sentence vectors, and the cutting of words into pieces that they start from."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from engine.errors import ModelError
from engine.language.embed import DIMENSIONS, Embed
from engine.speech import meaning
from engine.speech.meaning import embedder, packaged_file
from engine.speech.wordpiece import WordPiece, basic_words

PIECES = "[UNK] [CLS] [SEP] the time ##out ##s , . un ##help ##ful naive cafe ' re 日"
VOCABULARY = {piece: n for n, piece in enumerate(PIECES.split())}


@pytest.fixture(scope="module")
def embed() -> Embed:
    return embedder()


@pytest.fixture(scope="module")
def pieces() -> WordPiece:
    return WordPiece(json.loads(packaged_file(*meaning.VOCABULARY))["model"]["vocab"])


def test_words_are_cut_greedily_into_known_pieces() -> None:
    assert WordPiece(VOCABULARY).pieces("timeouts") == ["time", "##out", "##s"]
    assert WordPiece(VOCABULARY).pieces("unhelpful") == ["un", "##help", "##ful"]


@pytest.mark.parametrize("word", ["timer", "x", "time" * 30])
def test_a_word_with_an_unknown_rest_is_unknown_as_a_whole(word: str) -> None:
    assert WordPiece(VOCABULARY).pieces(word) == ["[UNK]"]


def test_punctuation_accents_and_ideographs_stand_apart() -> None:
    assert list(basic_words("Naïve,  CAFÉ they’re\u200b a日b")) == [
        "naive", ",", "cafe", "they", "’", "re", "a", "日", "b",
    ]  # fmt: skip


def test_a_long_text_is_cut_and_still_ends() -> None:
    assert WordPiece(VOCABULARY).encode("the " * 50, 8) == [1, 3, 3, 3, 3, 3, 3, 2]
    assert WordPiece(VOCABULARY).encode("", 8) == [1, 2]


def test_pieces_are_those_of_the_reference_implementation(pieces: WordPiece) -> None:
    reference = {  # by the tokenizers library, version 0.23
        "We re-ran the back-fill; 3.5% of rows wouldn't deduplicate.": [
            101, 2057, 2128, 1011, 2743, 1996, 2067, 1011, 6039, 1025, 1017, 1012, 1019, 1003, 1997,
            10281, 2876, 1005, 1056, 2139, 8566, 24759, 24695, 1012, 102,
        ],
    }  # fmt: skip
    for text, expected in reference.items():
        assert pieces.encode(text, 128) == expected


def test_vectors_are_of_unit_length_and_a_sentence_s_own(embed: Embed) -> None:
    sentences = ["it fell from eight percent to half a percent", "I asked the nurse to call the family", ""]
    together = embed(sentences)
    assert together.shape == (3, DIMENSIONS)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(together, np.stack([embed([s])[0] for s in sentences]))
    assert embed([]).shape == (0, DIMENSIONS)


def test_what_means_the_same_is_nearer(embed: Embed) -> None:
    asked, same, other = embed(
        [
            "the number of errors went down by half",
            "we had fifty percent fewer mistakes",
            "my sister keeps bees in the garden",
        ]
    )
    assert asked @ same > asked @ other + 0.2


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModelError, match="no_such_package is not installed"):
        packaged_file("no_such_package", "model.onnx", "")


def test_another_file_than_the_expected_one_is_refused() -> None:
    content = packaged_file("engine", "py.typed", hashlib.sha256(b"").hexdigest())
    assert content == b""
    with pytest.raises(ModelError, match=r"py\.typed of the package engine is not the expected"):
        packaged_file("engine", "py.typed", "0" * 64)
    with pytest.raises(ModelError, match=r"holds no nothing\.onnx"):
        packaged_file("engine", "nothing.onnx", "0" * 64)
