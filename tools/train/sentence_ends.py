"""Train the cues of sentence ends (:mod:`engine.language.sentence_cues`).

    python -m tools.train.sentence_ends > engine/language/sentence_weights.txt

The text is what was written for training: ``text/monologues.txt`` and ``answers/written``. Logistic
regression with an L2 penalty over the cues that stand in at least three places. On stderr: F1 of ends in
talk that was left out of the training, five times a fifth.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.language.breaks import ends_sentence
from engine.language.sentence_cues import features
from engine.language.transcript import bare

from .answers.written import read_answers

TEXT = Path(__file__).parent / "text" / "monologues.txt"
LEAST_PLACES, PENALTY, STEPS = 3, 1.0, 600
FOLDS = 5

Places = list[tuple[list[str], bool]]
"""Of each place its cues, and whether a sentence ends there."""


def turns() -> Iterator[list[str]]:
    """Yield the words of each turn of the training text, with punctuation."""
    for line in TEXT.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield re.sub(r"[{}]", "", line).split()
    for answer in read_answers():
        yield answer.as_written()[0]


def places(tokens: Sequence[str]) -> Places:
    """Return the places between the words of a turn."""
    said = [bare(token) for token in tokens]
    return [(list(features(said, at)), ends_sentence(tokens[at - 1])) for at in range(1, len(tokens))]


def fit(known: Places) -> dict[str, float]:
    """Fit weights by accelerated gradient steps on the penalised likelihood; the bias is not penalised.

    A step is that of the bound ``X'X ≤ m diag(counts)``, ``m`` being the cues of a place, so it needs no
    search (Nesterov 1983).
    """
    counts = Counter(name for names, _ in known for name in names)
    order = ["bias", *sorted(name for name, n in counts.items() if n >= LEAST_PLACES)]
    column = {name: k for k, name in enumerate(order)}
    rows = [[0, *(column[name] for name in names if name in column)] for names, _ in known]
    most = max(map(len, rows))
    active = np.array([row + [len(order)] * (most - len(row)) for row in rows])
    ends = np.array([is_end for _, is_end in known], np.float64)
    penalty = np.full(len(order) + 1, PENALTY)
    penalty[0] = 0.0
    bound = most * np.bincount(active.ravel(), minlength=len(order) + 1) / 4 + penalty + 1e-9
    weights = ahead = np.zeros(len(order) + 1)
    for step in range(STEPS):
        miss = 1.0 / (1.0 + np.exp(-ahead[active].sum(axis=1))) - ends
        gradient = np.bincount(active.ravel(), np.repeat(miss, most), len(order) + 1) + penalty * ahead
        gradient[-1] = 0.0  # stands for cues that are too rare
        following = ahead - gradient / bound
        ahead = following + step / (step + 3) * (following - weights)
        weights = following
    return dict(zip(order, weights.tolist(), strict=False))


def f1_left_out(texts: Sequence[Places]) -> float:
    """F1 of ends at even odds, each turn judged by weights of the others."""
    judged: list[tuple[bool, bool]] = []
    for fold in range(FOLDS):
        weights = fit([place for k, text in enumerate(texts) if k % FOLDS != fold for place in text])
        for text in texts[fold::FOLDS]:
            for names, is_end in text:
                says = weights["bias"] + sum(weights.get(name, 0.0) for name in names) > 0
                judged.append((is_end, says))
    hits = sum(is_end and says for is_end, says in judged)
    return 2 * hits / sum(is_end + says for is_end, says in judged)


def write(weights: dict[str, float]) -> None:
    """Write weights to stdout."""
    print("# Log-odds of cues, made by python -m tools.train.sentence_ends.")
    for name, weight in sorted(weights.items()):
        if round(weight, 2):
            print(f"{weight:.2f} {name}")


def main() -> None:
    """Train, and say on stderr how right it is."""
    texts = [places(tokens) for tokens in turns()]
    print(f"F1 of ends left out: {f1_left_out(texts):.3f}", file=sys.stderr)
    write(fit([place for text in texts for place in text]))


if __name__ == "__main__":
    main()
