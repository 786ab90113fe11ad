"""The yardstick beside the clone: its scoring, on all recordings or on a selection of them.

An estimator hears each recording once; what it answered is scored as often as needed.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

for _name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
    os.environ.setdefault(f"{_name}_NUM_THREADS", "1")

import numpy as np  # noqa: E402

SHARED = Path(__file__).parents[2] / "shared"

ABSENT = (
    "The labelled recordings are not here (../shared beside the clone): for their licences they are "
    "kept outside of the project, so there is nothing to measure on."
)

Figures = Mapping[str, float | None]
SetScores = dict[str, Figures]
"""Figures by set of recordings and measure."""

Times = Callable[[str], int]
"""How many times a recording is in a selection."""

Score = Callable[[Times], SetScores]
"""Score an estimator on a selection."""


class CannotMeasure(Exception):
    """There are no recordings, or the yardstick failed."""


def part(name: str) -> ModuleType:
    """Module of the yardstick's scoring."""
    folder = str(SHARED / "yardstick")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(f"scoring.{name}")


def labelled() -> Any:
    """Return the labelled recordings.

    Raises
    ------
    CannotMeasure
        They are not here.
    """
    if not (SHARED / "yardstick").is_dir() or not (SHARED / "data" / "MANIFEST.csv").is_file():
        raise CannotMeasure(ABSENT)
    return part("corpus").Corpus(SHARED / "data")


def remembering(name: str, task: str) -> Any:
    """Estimator ``module`` or ``module:function`` that hears each recording once."""
    kind = part("estimator").Estimator
    heard: dict[tuple[object, ...], tuple[tuple[object, ...], Any]] = {}

    def call(self: Any, *args: Any) -> Any:
        key = tuple(_place(one) for one in args)
        if key not in heard:
            heard[key] = args, kind.__call__(self, *args)
        return heard[key][1]

    return type("Remembering", (kind,), {"__call__": call})(name, task)


def _place(argument: object) -> object:
    """Identity of an array by its memory, which is kept as long as the answer; other values as they are."""
    if isinstance(argument, np.ndarray):
        return argument.ctypes.data, argument.shape, argument.strides
    return argument


class Selection:
    """The labelled recordings as if only some were there, some of them several times.

    A copy has a name of its own, ``1~pitch/fda/…``, in every table of labels.
    """

    def __init__(self, whole: Any, times: Times) -> None:
        self._whole, self._times = whole, times
        self.rows, self.by_file = cache(self._rows), cache(self._by_file)

    def _names(self, name: str) -> list[str]:
        return [f"{copy}~{name}" if copy else name for copy in range(self._times(name))]

    def _rows(self, table: str) -> list[dict[str, str]]:
        rows = self._whole.rows(table)
        return [{**row, "file": name} for row in rows for name in self._names(row["file"])]

    def _by_file(self, table: str) -> dict[str, list[dict[str, str]]]:
        groups = self._whole.by_file(table)
        return {copy: rows for name, rows in groups.items() for copy in self._names(name)}

    def audio(self, name: str) -> Any:
        """Samples of a recording."""
        return self._whole.audio(name.partition("~")[2] or name)


def figures(task: str, whole: Any, name: str) -> SetScores:
    """Figures of an estimator on all recordings."""
    found: SetScores = part("tasks").SCORERS[task](whole, part("estimator").Estimator(name, task))
    return found


def scored(task: str, whole: Any, estimator: Any) -> tuple[SetScores, Score]:
    """Figures of an estimator on all recordings, and a function for those on selections."""
    if task == "pitch":
        return _pitch(whole, estimator)
    score = part("tasks").SCORERS[task]

    def on(times: Times) -> SetScores:
        with _no_hindsight():
            found: SetScores = score(Selection(whole, times), estimator)
        return found

    return score(whole, estimator), on


def _no_hindsight() -> AbstractContextManager[Any]:
    """Leave out the best threshold of each set, which takes most of the time and is not reported."""
    return patch.object(part("measures"), "best_f1", return_value={})


class _Contour(NamedTuple):
    name: str
    true_hz: Any
    answer_hz: Any
    edge: Any


def _pitch(whole: Any, estimator: Any) -> tuple[SetScores, Score]:
    """Damage each recording once, and keep the time offset that was fitted on all."""
    tasks, measures = part("tasks"), part("measures")
    sets = {name: clips for name, clips in tasks.pitch_sets(whole).items() if clips}
    with patch.object(tasks, "pitch_sets", return_value=sets):
        all_of_them = tasks.score_pitch(whole, estimator)

    def contour(name: str, x: Any, at_s: Any, true_hz: Any, offset_s: float) -> _Contour:
        times_s, f0_hz = estimator.track(x)
        answer_hz = measures.f0_at(times_s + offset_s, f0_hz, at_s)
        edge = measures.near_change(true_hz > 0, round(0.015 / (at_s[1] - at_s[0])))
        return _Contour(name, true_hz, answer_hz, edge)

    contours = {
        name: [
            contour(file, x, at_s, f0_hz, all_of_them[name]["offset_ms"] / 1000)
            for file, _, x, at_s, f0_hz in clips
        ]
        for name, clips in sets.items()
    }

    def on(times: Times) -> SetScores:
        chosen = {name: [c for c in some for _ in range(times(c.name))] for name, some in contours.items()}
        return {
            name: measures.pitch(
                np.concatenate([c.true_hz for c in some]),
                np.concatenate([c.answer_hz for c in some]),
                np.concatenate([c.edge for c in some]),
            )
            for name, some in chosen.items()
            if some
        }

    return all_of_them, on


COPY = re.compile(
    r"(?P<sentence>.+/dr\d-\w+?_s[aix]\d+)_.+"
    r"|pace/(tempo|timit_streams)/(dr\d-)?(?P<reader>\w+?)(_len.+)?\.flac"
)
"""Altered recordings of a sentence, and those of a reader's sentences one after another."""


@cache
def original(name: str) -> str:
    """What a recording was made from, where several of one kind were made from the same; else itself."""
    found = COPY.fullmatch(name)
    return name if found is None else found["sentence"] or f"pace/{found['reader']}"


def sources(whole: Any) -> dict[str, str]:
    """Speaker of each recording, where a table names one, else the collection that it is from."""
    found = {row["file"]: row["source"] for row in whole.rows("MANIFEST.csv")}
    for table in SPEAKERS:
        found |= {row["file"]: f"speaker {row['speaker']}" for row in whole.rows(table)}
    return found


SPEAKERS: Sequence[str] = (
    "pitch/files.csv",
    "pitch/world_files.csv",
    "pace/utterances.csv",
    "pace/tempo_files.csv",
    "fillers/spliced_files.csv",
    "fillers/clips.csv",
    "creak/labels.csv",
    "creak/world_labels.csv",
    "intonation/world_labels.csv",
)
"""Tables with a column ``speaker``."""
