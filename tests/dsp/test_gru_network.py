from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp import weights
from dsp.gru_network import FEATURES, HIDDEN, OUTPUTS, SHAPES, SIZE, STATE_SIZE, gru_step, tanh

Floats = NDArray[np.float32]


def matrices(flat: Floats) -> list[NDArray[np.float64]]:
    parts, at = [], 0
    for rows, columns in SHAPES:
        parts.append(flat[at : at + rows * columns].reshape(rows, columns).astype(np.float64))
        at += rows * columns
    return parts


def by_the_book(hops: Floats, flat: Floats) -> NDArray[np.float64]:
    """Log-odds of each hop by the formulas of a gated recurrent unit, in double precision."""
    w_in, b_in, w_x, b_x, w_h, b_h, w_out, b_out = matrices(flat)
    hidden = np.zeros(HIDDEN)
    answers = []
    for x in hops:
        dense = np.maximum(0, x @ w_in + b_in[0])
        from_x, from_h = dense @ w_x + b_x[0], hidden @ w_h + b_h[0]
        reset, update = 1 / (1 + np.exp(-(from_x + from_h)[: 2 * HIDDEN].reshape(2, HIDDEN)))
        new = np.tanh(from_x[2 * HIDDEN :] + reset * from_h[2 * HIDDEN :])
        hidden = (1 - update) * new + update * hidden
        answers.append(hidden @ w_out + b_out[0])
    return np.array(answers)


def live(hops: Floats, flat: Floats) -> Floats:
    state, out = np.zeros(STATE_SIZE, np.float32), np.zeros(OUTPUTS, np.float32)
    answers = []
    for x in hops:
        gru_step(x, flat, state, out)
        answers.append(out.copy())
    return np.array(answers)


def test_hyperbolic_tangent_is_near_enough() -> None:
    for x in np.linspace(-12, 12, 401, dtype=np.float32):
        assert float(tanh(x)) == pytest.approx(np.tanh(x), abs=2e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_kernel_is_the_textbook_network(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flat = (0.2 * rng.standard_normal(SIZE)).astype(np.float32)
    hops = rng.standard_normal((60, FEATURES)).astype(np.float32)
    np.testing.assert_allclose(live(hops, flat), by_the_book(hops, flat), atol=5e-3)


def test_the_shipped_weights_keep_to_the_book_too() -> None:
    rng = np.random.default_rng(3)
    hops = rng.uniform(-1, 2, (300, FEATURES)).astype(np.float32)
    flat = weights.load_weights()
    np.testing.assert_allclose(live(hops, flat), by_the_book(hops, flat), atol=0.02)


def test_the_weights_are_few_and_finite() -> None:
    flat = weights.load_weights()
    assert flat.shape == (SIZE,)
    assert flat.dtype == np.float32
    assert np.isfinite(flat).all()
    assert SIZE * 2 < 1_000_000  # bytes of the file that ships


def test_weights_of_another_network_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "SIZE", SIZE + 1)
    with pytest.raises(ValueError, match=r"weights\.f16 holds"):
        weights.load_weights()
