"""Accuracy of the measures on women and on men, by the yardstick, in the band of the readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from benchmarks import yardstick
from benchmarks.groups import Figure, drawn
from benchmarks.readers import narrow

ROWS = (
    ("pitch right, %", "pitch", "world", "correct"),
    ("voice activity, F1, %", "vad", "timit", "f1"),
    ("pauses, F1, %", "pauses", "timit", "f1"),
    ("syllable nuclei, F1, %", "pace", "all", "nuclei_f1"),
    ("pace, bias, %", "pace", "all", "bias"),
    ("spliced filled pauses, F1, %", "fillers", "spliced", "f1"),
    ("resynthesised creak, F1, %", "creak", "world", "f1"),
    ("creak, false alarms, %", "creak", "world, no creak", "false_alarm"),
    ("endings, mean recall of the three, %", "ending", "world", "balanced"),
)
"""What it is, and its place in the yardstick's results."""

SEXES = ("F", "M")

TABLES = (
    "pitch/world_files.csv",
    "pace/utterances.csv",
    "pace/tempo_files.csv",
    "fillers/spliced_files.csv",
    "creak/world_labels.csv",
    "intonation/world_labels.csv",
)
"""Tables with the speaker of a recording and their sex."""


class _Narrow:
    """The labelled recordings in the band of the readers."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole
        self.audio = cache(lambda name: narrow(whole.audio(name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def figures() -> dict[str, tuple[Figure, Figure]]:
    """Figures of women and of men, with intervals over speakers; none where the yardstick isn't."""
    try:
        whole = _Narrow(yardstick.labelled())
    except yardstick.CannotMeasure:
        return {}
    of_whom = {row["file"]: row["speaker"] for table in TABLES for row in whole.rows(table)}
    sexes = {row["speaker"]: row["sex"] for table in TABLES for row in whole.rows(table)}
    women, men = (sorted(name for name, one in sexes.items() if one == sex) for sex in SEXES)
    out = {}
    for task in dict.fromkeys(row[1] for row in ROWS):
        _, score = yardstick.scored(task, whole, yardstick.remembering(f"benchmarks.estimators:{task}", task))
        scores = cache(partial(_scores, score, of_whom))
        for what, _, group, key in (row for row in ROWS if row[1] == task):
            figure = partial(_figure, scores, group, key)
            out[what] = drawn((women,), figure), drawn((men,), figure)
    return out


def _scores(score: yardstick.Score, of_whom: dict[str, str], voices: tuple[str, ...]) -> yardstick.SetScores:
    """Scores on the recordings of some speakers; those of nobody known stay, in sets of their own."""
    drawn_times = Counter(voices)
    return score(lambda name: drawn_times[of_whom[name]] if name in of_whom else 1)


def _figure(
    scores: Callable[[tuple[str, ...]], yardstick.SetScores], group: str, key: str, voices: Sequence[str]
) -> float | None:
    return scores(tuple(sorted(voices))).get(group, {}).get(key)
