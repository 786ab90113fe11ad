"""When words were said, from attention and speech with a known answer."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.speech.alignment import EARLY_S, Floats, first_vectors, word_spans

HOP_S = 0.01


def attention(edges: list[int], vectors: int) -> Floats:
    """Each token is heard evenly from its edge to the next, and a little everywhere."""
    rows = np.full((len(edges), vectors), 0.01, np.float32)
    for row, (start, stop) in zip(rows, zip(edges, [*edges[1:], vectors], strict=True), strict=True):
        row[start:stop] = 1.0
    return np.stack([rows / rows.sum(axis=1, keepdims=True)] * 2)


@pytest.mark.parametrize("edges", [[0, 5, 12, 30], [0, 1, 2, 3], [0]])
def test_each_token_begins_where_it_is_heard(edges: list[int]) -> None:
    assert first_vectors(attention(edges, 40)).tolist() == edges


def test_more_tokens_than_sound_still_have_places() -> None:
    first = first_vectors(np.full((2, 6, 3), 1 / 3, np.float32))
    assert first.tolist() == [0, 1, 2, 2, 2, 2]


def test_words_in_speech_keep_their_places_and_touch() -> None:
    speech = np.ones(200, np.float32)
    spans = word_spans([0.0, 0.5, 1.2], 2.0, speech, HOP_S)
    starts = [start_s for start_s, _ in spans]
    assert starts == pytest.approx([EARLY_S, 0.5 + EARLY_S, 1.2 + EARLY_S])
    assert [end_s for _, end_s in spans] == pytest.approx([*starts[1:], 2.0])


def test_a_word_moves_out_of_silence() -> None:
    speech = np.zeros(300, np.float32)
    speech[50:100] = speech[200:280] = 1.0
    spans = word_spans([0.0, 1.1], 3.0, speech, HOP_S)
    assert spans[0] == pytest.approx((0.5, 1.0))
    assert spans[1] == pytest.approx((2.0, 2.8))


def test_words_never_overlap_and_last_a_hop() -> None:
    spans = word_spans([0.0, 0.0, 0.001, 1.9], 2.0, np.zeros(200, np.float32), HOP_S)
    for (start_s, end_s), (next_s, _) in itertools.pairwise(spans):
        assert start_s < end_s <= next_s + 1e-9
    assert spans[-1][1] > spans[-1][0]
