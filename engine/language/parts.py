"""Parts of an answer: situation, task, action, result and the like, by meaning, cue words and order.

A clause's part is judged by a logistic regression on its sentence embedding and on the features of
:mod:`engine.language.part_features`. A hidden Markov model whose states are the parts of each framework
(STAR, CAR, problem-evidence-proposal, struggle-turning point-new practice, none of them) joins the
clauses: the classifier's scaled likelihood (Bourlard & Morgan 1994: posterior over prior) is the emission,
the question's meaning the prior of the framework. Confidence is the posterior of forward and backward
(Rabiner 1989).

What it can't do: know a context from a situation better than by the rest of the answer; be surer than its
training, which is answers written for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.protocol.words import Word

from .clauses import Clause
from .embed import Embed
from .part_features import clause_features
from .parts_model import FRAMEWORKS, PARTS, STATES, PartsModel, load_model
from .phrases import Part

EMISSION_SCALE = 1.0
"""Exponent of the emissions; less than 1 would make them weaker witnesses than they are alone."""

MODEL = load_model()

_PART_OF_STATE = np.array([PARTS.index(part) for _, part in STATES])
_FRAMEWORK_OF_STATE = np.array([list(FRAMEWORKS).index(framework) for framework, _ in STATES])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an answer is made of."""

    spans: Sequence[Part]
    """They cover all words."""

    frameworks: Mapping[str, float]
    """Probability of each of :data:`FRAMEWORKS`."""

    heard: Mapping[str, float]
    """Probability that each of :data:`PARTS` is somewhere in the answer, at least: its surest clause's."""

    absent: Mapping[str, float]
    """Probability that each is nowhere: at most, as if clauses were independent."""

    @property
    def framework(self) -> str:
        """The likeliest framework."""
        return max(self.frameworks, key=lambda name: self.frameworks[name])


def find_parts(
    words: Sequence[Word], spans: Sequence[Clause], question: str, embed: Embed, *, model: PartsModel = MODEL
) -> Parts:
    """Find the parts of an answer.

    Parameters
    ----------
    words
        Of the answer.
    spans
        Its clauses, which cover all words.
    question
        That it answers; empty where unknown.
    embed
        Computes sentence vectors.
    model
        Weights; those that ship with the code by default.
    """
    texts = [word.text for word in words]
    prior = framework_prior(question, embed, model)
    if not spans:
        return Parts(
            spans=[],
            frameworks=dict(zip(FRAMEWORKS, prior.tolist(), strict=True)),
            heard=dict.fromkeys(PARTS, 0.0),
            absent=dict.fromkeys(PARTS, 1.0),
        )
    inputs = clause_inputs([texts[start:end] for start, end in spans], embed)
    states = state_posteriors(inputs, prior, model)
    posteriors = np.stack(
        [states[:, part == _PART_OF_STATE].sum(axis=1) for part in range(len(PARTS))], axis=1
    )
    frameworks = np.bincount(_FRAMEWORK_OF_STATE, states[0], minlength=len(FRAMEWORKS))
    return Parts(
        spans=_runs(spans, posteriors),
        frameworks=dict(zip(FRAMEWORKS, frameworks.tolist(), strict=True)),
        heard=dict(zip(PARTS, posteriors.max(axis=0).tolist(), strict=True)),
        absent=dict(zip(PARTS, (1 - posteriors).prod(axis=0).tolist(), strict=True)),
    )


def clause_inputs(texts: Sequence[Sequence[str]], embed: Embed) -> NDArray[np.float64]:
    """Embedding, features and 1 of each clause: shape (clauses, rows of ``PartsModel.clause``)."""
    vectors = embed([" ".join(words).lower() for words in texts])
    return np.hstack([vectors, clause_features(texts), np.ones((len(texts), 1))]).astype(np.float64)


def framework_prior(question: str, embed: Embed, model: PartsModel) -> NDArray[np.float64]:
    """Probability of each framework by the question alone; equal where there is none."""
    if not question.strip():
        return np.full(len(FRAMEWORKS), 1 / len(FRAMEWORKS))
    vector = np.append(embed([question.lower()])[0], 1.0)
    return np.asarray(np.exp(_log_softmax(vector @ model.question)), np.float64)


def state_posteriors(
    inputs: NDArray[np.float64], prior: NDArray[np.float64], model: PartsModel
) -> NDArray[np.float64]:
    """Probability of each state at each clause, given all clauses: shape (clauses, states)."""
    likelihood = EMISSION_SCALE * (_log_softmax(inputs @ model.clause) - model.log_prior)
    emission = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))[:, _PART_OF_STATE]
    step, end = model.transition[:, :-1], model.transition[:, -1]
    forward, backward = np.zeros_like(emission), np.zeros_like(emission)
    forward[0] = _normalised(prior[_FRAMEWORK_OF_STATE] * model.start * emission[0])
    for n in range(1, len(emission)):
        forward[n] = _normalised((forward[n - 1] @ step) * emission[n])
    backward[-1] = end
    for n in range(len(emission) - 2, -1, -1):
        backward[n] = _normalised(step @ (emission[n + 1] * backward[n + 1]))
    both = forward * backward
    return np.asarray(both / both.sum(axis=1, keepdims=True), np.float64)


def _normalised(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x / x.sum(), np.float64)


def _log_softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = x - x.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float64)


def _runs(spans: Sequence[tuple[int, int]], posteriors: NDArray[np.float64]) -> list[Part]:
    """Join neighbouring clauses of the same part."""
    found: list[Part] = []
    for (start, end), row in zip(spans, posteriors, strict=True):
        best = int(row.argmax())
        part, confidence = PARTS[best], float(row[best])
        if found and found[-1].part == part:
            last = found.pop()
            before = last.end - last.start
            confidence = (last.confidence * before + confidence * (end - start)) / (before + end - start)
            start = last.start
        found.append(Part(start=start, end=end, part=part, confidence=min(confidence, 1.0)))
    return found
