"""A small recurrent network, trained for this project by ``tools/train``, and how a hop goes through it.

A dense layer of rectifiers, a layer of gated recurrent units (Cho et al. 2014, as in
PyTorch: the reset gate acts after the recurrent product) and two outputs. A hop costs
some 25 000 multiplications and no call; all weights lie in one array, which all speakers
share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .band_snr import FIRST_BAND, LAST_BAND
from .kernel import kernel
from .spectrum import BANDS

ABOVE = LAST_BAND - FIRST_BAND
FEATURES = ABOVE + BANDS + 2
"""Inputs: bands above their noise, bands relative to the loud moments, the level relative to either."""

DENSE, HIDDEN, OUTPUTS = 48, 64, 3
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
"""Weights and bias of the dense layer, of the units' gates (reset, update, new) from the layer before and
from themselves, and of the outputs: in this order in one array."""

SIZE = sum(rows * columns for rows, columns in SHAPES)
STATE_SIZE = HIDDEN + DENSE + 6 * HIDDEN
"""Values of the state: what the units remember first, then work space."""

Floats = NDArray[np.float32]


@kernel
def tanh(x: np.float32) -> np.float32:
    """Hyperbolic tangent by Lambert's continued fraction, within 2e-4: no call, so loops of it vectorise."""
    x = min(np.float32(4.97), max(np.float32(-4.97), x))
    s = x * x
    above = np.float32(135135.0) + s * (np.float32(17325.0) + s * (np.float32(378.0) + s))
    below = np.float32(135135.0) + s * (np.float32(62370.0) + s * (np.float32(3150.0) + s * np.float32(28.0)))
    return np.float32(x * above / below)


@kernel
def affine(x: Floats, weights: Floats, start: int, out: Floats) -> int:
    """``out = x @ matrix + bias``, both taken from ``weights[start:]``; where the next ones begin."""
    end = start + x.size * out.size
    matrix = weights[start:end].reshape(x.size, out.size)  # plain indices, or loops don't vectorise
    bias = weights[end : end + out.size]
    for j in range(out.size):
        out[j] = bias[j]
    for i in range(x.size):
        for j in range(out.size):
            out[j] += x[i] * matrix[i, j]
    return end + out.size


@kernel
def gru_step(x: Floats, weights: Floats, state: Floats, out: Floats) -> None:
    """Take the features of a hop in.

    Parameters
    ----------
    x : float32, shape (FEATURES,)
    weights : float32, shape (SIZE,)
    state : float32, shape (STATE,)
        Zeros before the first hop.
    out : float32, shape (OUTPUTS,)
        Overwritten with log-odds.
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
