"""Small recurrent neural network: a dense layer, a layer of gated recurrent units (GRU), three outputs.

    d = relu(x A + a)
    r, z = σ(d W + b + h U + c)                     reset and update gates
    n = tanh(d W_n + b_n + r (h U_n + c_n))         as in PyTorch: the reset gate acts after the product
    h = n + z (h - n)
    log odds = h V + v

(Cho et al. 2014, "Learning phrase representations using RNN encoder–decoder for statistical machine
translation"). ``tools/train`` trains it. A hop costs some 79,000 multiplications and no library call;
all weights lie in one array, which all speakers share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .band_snr import FIRST_BAND, LAST_BAND
from .kernel import kernel
from .spectrum import BANDS

ABOVE = LAST_BAND - FIRST_BAND
FEATURES = ABOVE + BANDS + 2
"""Inputs: bands over their noise, bands relative to the loud moments, the level relative to both."""

DENSE, HIDDEN, OUTPUTS = 64, 128, 3
SHAPES = (
    (FEATURES, DENSE),
    (1, DENSE),
    (DENSE, 3 * HIDDEN),
    (1, 3 * HIDDEN),
    (HIDDEN, 3 * HIDDEN),
    (1, 3 * HIDDEN),
    (HIDDEN, OUTPUTS),
    (1, OUTPUTS),
)
"""Weights and bias of the dense layer, of the gates (reset, update, new) from the dense layer and from
the hidden state, and of the outputs: in this order in one array."""

SIZE = sum(rows * columns for rows, columns in SHAPES)
"""Number of weights."""
STATE_SIZE = HIDDEN + DENSE + 6 * HIDDEN
"""Values of the state: the hidden state first, then work space."""

Floats = NDArray[np.float32]


@kernel
def tanh(x: np.float32) -> np.float32:
    """Hyperbolic tangent by Lambert's continued fraction, within 2e-4; without a call, so loops vectorise."""
    x = min(np.float32(4.97), max(np.float32(-4.97), x))
    s = x * x
    above = np.float32(135135.0) + s * (np.float32(17325.0) + s * (np.float32(378.0) + s))
    below = np.float32(135135.0) + s * (np.float32(62370.0) + s * (np.float32(3150.0) + s * np.float32(28.0)))
    return np.float32(x * above / below)


@kernel
def affine(x: Floats, weights: Floats, start: int, out: Floats) -> int:
    """Compute ``out = x @ matrix + bias``, both from ``weights[start:]``; return where the next begin."""
    end = start + x.size * out.size
    matrix = weights[start:end].reshape(x.size, out.size)  # a view: loops over it vectorise
    bias = weights[end : end + out.size]
    for j in range(out.size):
        out[j] = bias[j]
    for i in range(x.size):
        for j in range(out.size):
            out[j] += x[i] * matrix[i, j]
    return end + out.size


@kernel
def gru_step(x: Floats, weights: Floats, state: Floats, out: Floats) -> None:
    """Process the features of a hop.

    Parameters
    ----------
    x : float32, shape (FEATURES,)
    weights : float32, shape (SIZE,)
    state : float32, shape (STATE_SIZE,)
        Zeros before the first hop. Changed.
    out : float32, shape (OUTPUTS,)
        Overwritten with log odds.
    """
    hidden = state[:HIDDEN]
    dense = state[HIDDEN : HIDDEN + DENSE]
    gates = state[HIDDEN + DENSE : HIDDEN + DENSE + 3 * HIDDEN]
    again = state[HIDDEN + DENSE + 3 * HIDDEN :]
    at = affine(x, weights, 0, dense)
    for j in range(DENSE):
        dense[j] = max(np.float32(0.0), dense[j])
    at = affine(dense, weights, at, gates)
    at = affine(hidden, weights, at, again)
    half = np.float32(0.5)
    for j in range(HIDDEN):
        reset = half + half * tanh(half * (gates[j] + again[j]))
        update = half + half * tanh(half * (gates[HIDDEN + j] + again[HIDDEN + j]))
        new = tanh(gates[2 * HIDDEN + j] + reset * again[2 * HIDDEN + j])
        hidden[j] = new + update * (hidden[j] - new)
    affine(hidden, weights, at, out)
