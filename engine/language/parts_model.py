"""The trained model behind :mod:`engine.language.parts`: its states, its shapes, and its weights.

``parts.f16`` is written by ``python -m tools.train.answers`` and read once, at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .embed import DIMENSIONS
from .part_features import COUNT

FRAMEWORKS: Mapping[str, tuple[str, ...]] = {
    "STAR": ("situation", "task", "action", "result"),
    "CAR": ("context", "problem", "action", "result"),
    "PEP": ("problem", "evidence", "proposal"),
    "growth": ("struggle", "turning_point", "new_practice"),
    "none": ("paraphrase", "clarifying_question", "assumption", "proposal"),
}
"""Parts of each way to build an answer, in their order."""

EVERYWHERE = ("headline", "check_in", "filler_talk", "other")
"""Parts that an answer of any kind may have."""

PARTS: tuple[str, ...] = (
    *dict.fromkeys(part for parts in FRAMEWORKS.values() for part in parts),
    *EVERYWHERE,
)
"""All parts."""

STATES: tuple[tuple[str, str], ...] = tuple(
    (framework, part) for framework, parts in FRAMEWORKS.items() for part in (*parts, *EVERYWHERE)
)
"""States of the hidden Markov model: a part within a framework; no answer changes its framework."""

SHAPES = {
    "clause": (DIMENSIONS + COUNT + 1, len(PARTS)),
    "log_prior": (len(PARTS),),
    "question": (DIMENSIONS + 1, len(FRAMEWORKS)),
    "start": (len(STATES),),
    "transition": (len(STATES), len(STATES) + 1),
}
"""Arrays of the file, in their order."""


class PartsModel(NamedTuple):
    """Weights; each float64, its shape in :data:`SHAPES`."""

    clause: NDArray[np.float64]
    """Logistic regression of a clause's part: rows for the embedding, the features and 1."""

    log_prior: NDArray[np.float64]
    """Log share of each part among the clauses it was trained on."""

    question: NDArray[np.float64]
    """Logistic regression of the framework that a question asks for: rows for the embedding and 1."""

    start: NDArray[np.float64]
    """Probability of a framework's answer to begin in each of its states."""

    transition: NDArray[np.float64]
    """Probability of each next state; the last column is the answer's end."""


def unpack_model(content: bytes) -> PartsModel:
    """Cut the file into its arrays.

    Raises
    ------
    ValueError
        The file was made for other parts or features.
    """
    sizes = [int(np.prod(shape)) for shape in SHAPES.values()]
    values = np.frombuffer(content, "<f2").astype(np.float64)
    if values.size != sum(sizes):
        raise ValueError(f"parts.f16 holds {values.size} weights, not {sum(sizes)}: train it again")
    cuts = np.split(values, np.cumsum(sizes)[:-1])
    return PartsModel(*(cut.reshape(shape) for cut, shape in zip(cuts, SHAPES.values(), strict=True)))


def pack_model(model: PartsModel) -> bytes:
    """Return what :func:`unpack_model` reads."""
    return np.concatenate([array.ravel() for array in model]).astype("<f2").tobytes()


MODEL_FILE = files(__package__).joinpath("parts.f16")
"""The weights that ship beside the code."""


def load_model() -> PartsModel:
    """Read the weights that ship beside the code."""
    return unpack_model(MODEL_FILE.read_bytes())
