"""Weights of the neural network: the one file that ``dsp/`` reads, at import."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from .gru_network import SIZE


def load_weights() -> NDArray[np.float32]:
    """Load the weights of ``dsp.gru_network`` in the order of its ``SHAPES``.

    Returns
    -------
    float32, shape (SIZE,)
        Read from half-precision floats.

    Raises
    ------
    ValueError
        The file was made for a network of another size.
    """
    weights = np.frombuffer(files(__package__).joinpath("weights.f16").read_bytes(), "<f2")
    if weights.size != SIZE:
        raise ValueError(f"weights.f16 holds {weights.size} weights, the network has {SIZE}: train it again")
    return weights.astype(np.float32)
