"""``python -m tools.train WORK``: train the weights, from Debian packages on."""

from __future__ import annotations

import argparse
import os
import pickle
from pathlib import Path

from . import packages, sources, synthesis
from .clean import cleaned
from .examples import examples
from .fit import Smaller, export, fit
from .recording import Corpus
from .scenes import Mixer, split
from .teacher import taught
from .variants import variants

SCENES, HELD_OUT_SCENES, EPOCHS = 16_000, 200, 8
"""Scenes to train on, scenes to evaluate on after each epoch, and epochs."""

TRAIN_SEED, HELD_OUT_SEED = 31, 99
"""Seeds of the scenes."""


def corpus(work: Path, names: list[str]) -> Corpus:
    """Load all recordings, labelled and cleaned; they are cached in ``work``."""
    kept = work / "corpus.pickle"
    if kept.exists():
        with kept.open("rb") as file:
            of, found = pickle.load(file)
        if of == names:
            assert isinstance(found, Corpus)
            return found
    folder = work / "packages"
    packages.fetch(names, folder)
    speech = {**sources.speech(folder, names), **synthesis.speech(work)}
    found = cleaned(Corpus(speech, variants(speech), sources.noise(folder, names)))
    found.varied |= taught(found)
    with kept.open("wb") as file:
        pickle.dump((names, found), file, pickle.HIGHEST_PROTOCOL)
    return found


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.train", description=__doc__)
    parser.add_argument("work", type=Path, help="folder for packages, recordings and the trained weights")
    parser.add_argument("--scenes", type=int, default=SCENES, help="scenes to train on (%(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="epochs (%(default)s)")
    parser.add_argument(
        "--packages",
        nargs="+",
        default=sources.PACKAGES,
        metavar="NAME",
        help="only these packages, for a trial",
    )
    parser.add_argument(
        "--start",
        nargs=3,
        metavar=("WEIGHTS", "DENSE", "HIDDEN"),
        help="start from the weights of a smaller network of these sizes, and end halfway to them",
    )
    arguments = parser.parse_args()
    smaller = None
    if arguments.start:
        weights, dense, hidden = arguments.start
        smaller = Smaller(Path(weights), int(dense), int(hidden))
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    found = corpus(work, sorted(arguments.packages))
    cores = len(os.sched_getaffinity(0))
    training = examples(Mixer(split(found, held_out=False), TRAIN_SEED), arguments.scenes, cores)
    strangers = examples(Mixer(split(found, held_out=True), HELD_OUT_SEED), HELD_OUT_SCENES, cores)
    del found
    export(fit(training, strangers, arguments.epochs, smaller), work / "weights.f16")


if __name__ == "__main__":
    main()
