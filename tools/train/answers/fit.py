"""Fit the weights: two logistic regressions and the counts of the hidden Markov model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from engine.language.clauses import EAGER
from engine.language.embed import Embed
from engine.language.parts import clause_inputs
from engine.language.parts_model import FRAMEWORKS, PARTS, STATES, PartsModel
from engine.language.sentences import find_sentences
from engine.language.transcript import Transcript

from .written import Answer

Matrix = NDArray[np.float64]

EMBEDDING_L2, FEATURE_L2, QUESTION_L2, BIAS_L2 = 4.0, 40.0, 0.5, 0.01
"""Penalties of squared weights; chosen by cross-validation over the answers."""

LEAST_TRANSITION = 0.3
"""Added to the count of each transition within a framework."""

STEPS = 150

CUTS = (EAGER, EAGER - 0.7, EAGER + 0.7)
"""Log-odds that cut what was recognised into clauses; the first is that of :mod:`engine.language.clauses`."""

SPELLINGS = 2 * (1 + len(CUTS))
"""Examples of each answer."""


@dataclass(frozen=True)
class Example:
    """An answer in one of its spellings."""

    answer: Answer
    words: list[str]
    labels: list[str]
    spans: list[tuple[int, int]]
    inputs: Matrix
    """Shape (clauses, inputs)."""
    shares: Matrix
    """Share of each part among the words of each clause: shape (clauses, parts)."""


def examples(answers: Sequence[Answer], embed: Embed, seed: int) -> list[Example]:
    """Each answer as written, as recognised, and so again without one of its framework's last two parts.

    Those who write answers to an end nearly always write a result; who speaks may stop before it. An answer
    without its first parts would be one of another framework. What was recognised is cut into clauses of
    several lengths, as melody and pauses will cut it.
    """
    rng = random.Random(seed)
    found = []
    for answer in answers:
        for version in (answer, answer.without(rng.choice(FRAMEWORKS[answer.framework][-2:]))):
            found.append(example(answer, version.as_written(), EAGER, embed))
            found += [example(answer, version.as_recognised(rng), eager, embed) for eager in CUTS]
    return found


def example(answer: Answer, said: tuple[list[str], list[str]], eager: float, embed: Embed) -> Example:
    """One spelling of an answer, cut into clauses."""
    words, labels = said
    heard = Transcript.of_text(words).words
    spans = [(one.start, one.end) for one in find_sentences(heard, timed=False, eager=eager)]
    inputs = clause_inputs([words[start:end] for start, end in spans], embed)
    counts = [Counter(labels[start:end]) for start, end in spans]
    shares = np.array([[count[part] / count.total() for part in PARTS] for count in counts])
    return Example(answer, words, labels, spans, inputs, shares)


def fit(train: Sequence[Example], embed: Embed) -> PartsModel:
    """Fit all weights to examples."""
    inputs = np.vstack([example.inputs for example in train])
    shares = np.vstack([example.shares for example in train])
    features = inputs.shape[1] - 1
    penalties = np.full(features + 1, FEATURE_L2)
    dimensions = embed(["x"]).shape[1]
    penalties[:dimensions], penalties[-1] = EMBEDDING_L2, BIAS_L2
    answers = [example.answer for example in train]
    asked = np.hstack([embed([a.question.lower() for a in answers]), np.ones((len(answers), 1))])
    wanted = np.array([[float(answer.framework == name) for name in FRAMEWORKS] for answer in answers])
    question_penalties = np.append(np.full(dimensions, SPELLINGS * QUESTION_L2), BIAS_L2)
    start, transition = count_transitions(train)
    return PartsModel(
        clause=logistic(inputs, shares, penalties),
        log_prior=np.log(shares.mean(axis=0) + 1e-3),
        question=logistic(asked, wanted, question_penalties),
        start=start,
        transition=transition,
    )


def logistic(inputs: Matrix, shares: Matrix, penalties: Matrix) -> Matrix:
    """Multinomial logistic regression with a squared penalty for each input's weights."""
    shape = (inputs.shape[1], shares.shape[1])

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weights = flat.reshape(shape)
        scores = inputs @ weights
        scores -= scores.max(axis=1, keepdims=True)
        log_shares = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        slope = inputs.T @ (np.exp(log_shares) - shares) + penalties[:, None] * weights
        value = -(shares * log_shares).sum() + 0.5 * (penalties[:, None] * weights**2).sum()
        return float(value), slope.ravel()

    start = np.zeros(shape[0] * shape[1])
    best = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(best.x.reshape(shape), np.float64)


def count_transitions(train: Sequence[Example]) -> tuple[Matrix, Matrix]:
    """Start probabilities and transitions, as in :class:`PartsModel`."""
    count = len(STATES)
    frameworks = np.array([framework for framework, _ in STATES])
    same = frameworks[:, None] == frameworks[None, :]
    share = 3 * LEAST_TRANSITION / same.sum(axis=1)
    start = share.copy()
    transition = np.hstack([same * share[:, None], np.full((count, 1), LEAST_TRANSITION)])
    for example in train:
        before = None
        for row in example.shares:
            state = (example.answer.framework, PARTS[int(row.argmax())])
            if state not in STATES:
                continue  # a part that the framework doesn't have
            at = STATES.index(state)
            if before is None:
                start[at] += 1
            else:
                transition[before, at] += 1
            before = at
        if before is not None:
            transition[before, count] += 1
    for name in FRAMEWORKS:
        start[frameworks == name] /= start[frameworks == name].sum()
    return start, transition / transition.sum(axis=1, keepdims=True)
