"""When words were said: attention of the decoder to the sound, and where our ears hear speech.

Each vector of the encoder is given to one token, in order, so that the sum of the attention is largest
(dynamic time warping, as Radford et al. (2022) do for Whisper). A word begins with the first vector of its
first token; within silence the edge moves to where speech goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

EARLY_S = 0.1
"""By how much attention is before the sound that a word begins with, at the median of synthetic speech."""

SPEECH = 0.3
"""Probability from which a hop counts as speech."""


def first_vectors(attention: Floats) -> Integers:
    """Give each vector to a token.

    Parameters
    ----------
    attention : float32, shape (kinds, tokens, vectors).

    Returns
    -------
    int64, shape (tokens,)
        First vector of each token, rising by at least one where there are enough.
    """
    _, tokens, vectors = attention.shape
    spread = attention.std(axis=1, keepdims=True) + 1e-9
    score = ((attention - attention.mean(axis=1, keepdims=True)) / spread).mean(axis=0).astype(np.float64)
    if tokens >= vectors:
        return np.arange(tokens, dtype=np.int64).clip(max=vectors - 1)
    best = np.full(tokens, -np.inf)
    best[0] = score[0, 0]
    moved = np.zeros((vectors, tokens), bool)
    for s in range(1, vectors):
        before = np.concatenate([[-np.inf], best[:-1]])
        moved[s] = before > best
        best = np.where(moved[s], before, best) + score[:, s]
    first = np.zeros(tokens, np.int64)
    token = tokens - 1
    for s in range(vectors - 1, 0, -1):
        if moved[s, token]:
            first[token] = s
            token -= 1
    return first


def word_spans(
    starts_s: Sequence[float], end_s: float, speech: Floats, hop_s: float
) -> list[tuple[float, float]]:
    """Put words where speech is.

    Parameters
    ----------
    starts_s : float
        Where attention puts the beginning of each word, from the first hop on; they rise.
    end_s : float
        End of the sound.
    speech : float32, shape (hops,)
        Probability of speech.
    hop_s : float
        Length of a hop.

    Returns
    -------
    start and end of each word, in seconds from the first hop on; none overlaps the next.
    """
    on = np.flatnonzero(speech >= SPEECH)
    if not on.size:
        on = np.arange(max(1, speech.size))
    edges = [min(max(0.0, start_s + EARLY_S), end_s) for start_s in starts_s]
    spans: list[tuple[float, float]] = []
    for k, edge_s in enumerate(edges):
        place = int(np.searchsorted(on, round(edge_s / hop_s)))
        start_s = float(on[min(place, on.size - 1)]) * hop_s
        start_s = max(start_s, spans[-1][0] + hop_s if spans else 0.0)
        limit_s = edges[k + 1] if k + 1 < len(edges) else end_s
        last = int(np.searchsorted(on, round(limit_s / hop_s))) - 1
        stop_s = (float(on[last]) + 1) * hop_s if last >= 0 else limit_s
        if spans and spans[-1][1] > start_s:
            spans[-1] = (spans[-1][0], start_s)
        spans.append((start_s, max(stop_s, start_s + hop_s)))
    return spans
