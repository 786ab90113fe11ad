"""``python -m tools.train.answers [WEIGHTS]``: cross-validate, then train on all answers that we wrote."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import engine.language
from engine.language.parts import find_parts
from engine.language.parts_model import PARTS, PartsModel, pack_model
from engine.language.transcript import Transcript
from engine.speech.meaning import embedder

from .fit import SPELLINGS, Example, examples, fit
from .written import read_answers

SEED = 3
FOLDS = 6
UNSCORED = ("filler_talk", "other")


def token_f1(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """F1 of the words of each part, of pairs of true and found part."""
    scores = {}
    for part in PARTS:
        true, found = sum(t == part for t, _ in pairs), sum(f == part for _, f in pairs)
        if true:
            scores[part] = 2 * sum(t == f == part for t, f in pairs) / (true + found)
    return scores


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.train.answers", description=__doc__)
    default = Path(engine.language.__file__).with_name("parts.f16")
    parser.add_argument("weights", type=Path, nargs="?", default=default, help="file to write (%(default)s)")
    parser.add_argument(
        "--folds", type=int, default=FOLDS, help="0 to leave the validation out (%(default)s)"
    )
    arguments = parser.parse_args()
    embed = embedder()
    answers = read_answers()
    made = examples(answers, embed, SEED)
    order = list(range(len(answers)))
    random.Random(SEED).shuffle(order)
    found: dict[bool, list[tuple[str, str]]] = {True: [], False: []}

    def judge(model: PartsModel, example: Example, *, written: bool) -> None:
        words = Transcript.of_text(example.words).words
        for part in find_parts(words, example.spans, example.answer.question, embed, model=model).spans:
            found[written] += [(label, part.part) for label in example.labels[part.start : part.end]]

    for fold in range(arguments.folds):
        held = set(order[fold :: arguments.folds])
        model = fit([e for n, e in enumerate(made) if n // SPELLINGS not in held], embed)
        for n in sorted(held):
            judge(model, made[SPELLINGS * n], written=True)
            judge(model, made[SPELLINGS * n + 1], written=False)
    for written, pairs in found.items() if arguments.folds else ():
        scores = token_f1(pairs)
        mean = np.mean([score for part, score in scores.items() if part not in UNSCORED])
        print("as written" if written else "as recognised", f"macro F1 {100 * mean:.1f}")
        print("  ", ", ".join(f"{part} {100 * score:.0f}" for part, score in scores.items()))
    arguments.weights.write_bytes(pack_model(fit(made, embed)))
    print(f"{len(answers)} answers: {arguments.weights}")


if __name__ == "__main__":
    main()
