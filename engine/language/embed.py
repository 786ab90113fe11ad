"""The embedding of sentences, as an argument: what computes it is not known here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (sentences, :data:`DIMENSIONS`), rows of unit length: a dot product is a cosine."""

DIMENSIONS = 384

Embed = Callable[[Sequence[str]], Vectors]
"""Sentences to vectors: close vectors, close meaning. The vector of a sentence depends on it alone."""
