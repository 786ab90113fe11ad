"""Parts of an answer: cut into clauses, judged together, by a model that was trained on other answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.language.clauses import find_clauses
from engine.language.embed import DIMENSIONS, Embed, Vectors
from engine.language.part_features import COUNT, CUES, FUNCTION_WORDS, PLACES, clause_features
from engine.language.parts import Parts, find_parts
from engine.language.parts_model import (
    FRAMEWORKS,
    MODEL_FILE,
    PARTS,
    SHAPES,
    STATES,
    pack_model,
    unpack_model,
)
from engine.language.sentences import find_sentences
from engine.language.transcript import Transcript
from engine.speech.meaning import embedder

from .answers import GARDEN, without_punctuation


@pytest.fixture(scope="module")
def embed() -> Embed:
    return embedder()


def no_meaning(sentences: Sequence[str]) -> Vectors:
    """Embed every sentence alike: only words, form and order are left."""
    return np.full((len(sentences), DIMENSIONS), DIMENSIONS**-0.5, np.float32)


def heard(parts: Parts, least: float = 0.0) -> list[str]:
    return [part.part for part in parts.spans if part.confidence >= least]


def test_a_punctuated_answer_is_cut_at_its_sentences() -> None:
    words = Transcript.of_text("We had a leak. Who saw it? I did, at night").words
    assert find_clauses(words, timed=False) == [(0, 4), (4, 7), (7, 11)]


def test_without_punctuation_more_is_cut_than_sentences() -> None:
    words = Transcript.of_text(without_punctuation(GARDEN)).words
    assert len(find_clauses(words, timed=False)) > len(find_sentences(words, timed=False))


@pytest.mark.parametrize("text", ["", "one", "a " * 200, "word. " * 30, "so i so i so i " * 20])
def test_clauses_cover_every_word_once(text: str) -> None:
    words = Transcript.of_text(text).words
    spans = find_clauses(words, timed=False)
    assert [place for start, end in spans for place in range(start, end)] == list(range(len(words)))
    assert all(end > start for start, end in spans)


def test_features_tell_an_act_an_obligation_and_an_offer_apart() -> None:
    rows = clause_features(
        [["I", "wrote", "it", "down."], ["I", "had", "to", "do", "it."], ["Shall", "I", "go", "on?"]]
    )
    assert rows.shape == (3, COUNT)
    cue = {name: rows[:, len(FUNCTION_WORDS) + 2 * n] for n, name in enumerate(CUES)}
    assert cue["first_past"].tolist() == [1, 1, 0]
    assert cue["obligation"].tolist() == [0, 1, 0]
    assert cue["offer"].tolist() == [0, 0, 1]
    assert rows[:, -PLACES + 2].tolist() == [1, 0, 0]
    assert rows[:, -PLACES + 3].tolist() == [0, 0, 1]


def test_the_model_s_probabilities_are_such() -> None:
    model = unpack_model(MODEL_FILE.read_bytes())
    np.testing.assert_allclose(model.transition.sum(axis=1), 1.0, atol=2e-3)
    for framework in FRAMEWORKS:
        own = [n for n, (name, _) in enumerate(STATES) if name == framework]
        assert model.start[own].sum() == pytest.approx(1.0, abs=2e-3)
        assert model.transition[own][:, [n for n in range(len(STATES)) if n not in own]].max() == 0.0


def test_packing_keeps_the_model_and_another_size_is_refused() -> None:
    content = MODEL_FILE.read_bytes()
    assert pack_model(unpack_model(content)) == content
    assert sum(int(np.prod(shape)) for shape in SHAPES.values()) * 2 == len(content)
    with pytest.raises(ValueError, match="train it again"):
        unpack_model(content[:-2])


@pytest.mark.parametrize("punctuated", [True, False])
def test_the_parts_of_an_answer_are_found_in_their_places(embed: Embed, punctuated: bool) -> None:
    text = GARDEN if punctuated else without_punctuation(GARDEN)
    words = Transcript.of_text(text).words
    parts = find_parts(
        words,
        find_clauses(words, timed=False),
        "Tell me about a time you solved a problem for your neighbours.",
        embed,
    )
    assert [place for part in parts.spans for place in range(part.start, part.end)] == list(range(len(words)))
    assert parts.framework in ("STAR", "CAR")
    assert heard(parts)[-1] == "result"
    assert "action" in heard(parts)
    assert sum(parts.frameworks.values()) == pytest.approx(1.0)
    assert set(parts.heard) == set(PARTS)


def test_a_question_for_an_opinion_and_one_for_a_weakness_ask_for_other_frameworks(embed: Embed) -> None:
    asked = {
        "What would you change about our warehouse?": "PEP",
        "What is a weakness you have worked on?": "growth",
    }
    for question, framework in asked.items():
        assert find_parts([], [], question, embed).framework == framework


def test_without_meaning_the_form_of_the_clauses_still_tells_some_parts() -> None:
    words = Transcript.of_text(GARDEN).words
    assert "action" in heard(find_parts(words, find_clauses(words, timed=False), "", no_meaning))


def test_no_words_have_no_parts() -> None:
    parts = find_parts([], [], "", no_meaning)
    assert parts.spans == []
    assert set(parts.heard.values()) == {0.0}
    assert set(parts.absent.values()) == {1.0}
    assert sum(parts.frameworks.values()) == pytest.approx(1.0)
