"""Train the cues of sentence ends (:mod:`engine.language.sentence_cues`) on ``text/monologues.txt``.

    python -m tools.train.sentence_ends > engine/language/sentence_weights.txt

Logistic regression with an L2 penalty over the cues that stand in at least three places. On stderr: F1 of
ends in paragraphs that were left out of the training, five times a fifth.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.language.breaks import ends_sentence
from engine.language.sentence_cues import features
from engine.language.transcript import bare

TEXT = Path(__file__).parent / "text" / "monologues.txt"
LEAST_PLACES, PENALTY, STEPS = 3, 1.0, 60
FOLDS = 5

Floats = NDArray[np.float64]
Places = list[tuple[list[str], bool]]


def paragraphs() -> list[Places]:
    """Read the cues of each place between two words, and whether a sentence ends there, by paragraph."""
    found = []
    for line in TEXT.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            tokens = re.sub(r"[{}]", "", line).split()
            said = [bare(token) for token in tokens]
            found.append(
                [(list(features(said, at)), ends_sentence(tokens[at - 1])) for at in range(1, len(tokens))]
            )
    return found


def fit(places: Places) -> dict[str, float]:
    """Fit weights by Newton steps on the penalised likelihood; the bias is not penalised."""
    counts = Counter(name for names, _ in places for name in names)
    order = ["bias", *sorted(name for name, n in counts.items() if n >= LEAST_PLACES)]
    column = {name: k for k, name in enumerate(order)}
    x = np.zeros((len(places), len(order)))
    x[:, 0] = 1.0
    for row, (names, _) in enumerate(places):
        x[row, [column[name] for name in names if name in column]] = 1.0
    y = np.array([ends for _, ends in places], np.float64)
    penalty = np.full(len(order), PENALTY)
    penalty[0] = 0.0
    return dict(zip(order, _newton(x, y, penalty).tolist(), strict=True))


def _newton(
    x: NDArray[np.float64], y: NDArray[np.float64], penalty: NDArray[np.float64]
) -> NDArray[np.float64]:
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-(x @ weights)))
        gradient = x.T @ (p - y) + penalty * weights
        hessian = (x.T * (p * (1 - p))) @ x + np.diag(penalty + 1e-6)
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def f1_left_out(texts: list[Places]) -> float:
    """F1 of ends at even odds, each paragraph judged by weights of the others."""
    hits = told = true = 0
    for fold in range(FOLDS):
        weights = fit([place for k, text in enumerate(texts) if k % FOLDS != fold for place in text])
        for names, ends in (place for text in texts[fold::FOLDS] for place in text):
            says = weights["bias"] + sum(weights.get(name, 0.0) for name in names) > 0
            hits, told, true = hits + (says and ends), told + says, true + ends
    return 2 * hits / (told + true)


def main() -> None:
    """Write the weights to stdout, and how right they are to stderr."""
    texts = paragraphs()
    print(f"F1 of ends left out: {f1_left_out(texts):.3f}", file=sys.stderr)
    weights = fit([place for text in texts for place in text])
    print("# Log-odds of cues, made by python -m tools.train.sentence_ends.")
    for name, weight in sorted(weights.items()):
        if round(weight, 2):
            print(f"{weight:.2f} {name}")


if __name__ == "__main__":
    main()
