"""Floors on the labelled recordings: a change that makes the ears clearly worse is noticed.

The floors lie some points under what the estimators reach, so that they hold for a
change of mind about a constant and fail for a mistake.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import estimators, nudges
from benchmarks.yardstick import labelled, part
from engine.shipped.profiles import load
from tests.harness.corpus import SHARED
from tests.harness.labelled_speech import Labels

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(600)]

Scores = dict[str, dict[str, float | None]]


@pytest.fixture(scope="module")
def score() -> Callable[[str], Scores]:
    """Scores of one of the estimators by the yardstick's own rules."""
    whole, estimator, scorers = labelled(), part("estimator").Estimator, part("tasks").SCORERS
    return lambda task: scorers[task](whole, estimator(estimators.__name__, task))


def check(scores: Scores, least: dict[tuple[str, str], float], most: dict[tuple[str, str], float]) -> None:
    low = {
        key: value
        for key, floor in least.items()
        if (value := scores[key[0]][key[1]]) is None or value < floor
    }
    high = {
        key: value for key, top in most.items() if (value := scores[key[0]][key[1]]) is None or value > top
    }
    assert not low, "below the floor"
    assert not high, "above the ceiling"


def test_voice_activity(score: Callable[[str], Scores]) -> None:
    check(
        score("vad"),
        least={("ten", "auc"): 0.948, ("timit", "auc"): 0.97, ("ten", "f1"): 92, ("timit", "f1"): 95.5},
        most={
            ("ten", "false_alarm"): 18,
            ("no speech", "false_alarm"): 5.5,
            ("ten", "onset_ms"): 52,
            ("ten", "offset_ms"): 50,
        },
    )


def test_pitch(score: Callable[[str], Scores]) -> None:
    least = {
        "fda": 92,
        "world": 95.7,
        "fda, white 5 dB": 91,
        "world, white 5 dB": 91.5,
        "fda, babble 10 dB": 79,
        "world, babble 10 dB": 79,
        "fda, telephone": 90.9,
        "world, telephone": 94.7,
        "fda, opus 24 kb/s": 91.8,
    }
    check(
        score("pitch"),
        least={(name, "correct"): floor for name, floor in least.items()},
        most={("fda", "gross"): 0.8, ("world", "gross"): 0.3, ("fda", "cents"): 15},
    )


def test_pauses(score: Callable[[str], Scores]) -> None:
    check(score("pauses"), least={("timit", "f1"): 88, ("ten", "f1"): 58}, most={("timit", "end_abs_ms"): 20})


def test_pace(score: Callable[[str], Scores]) -> None:
    check(
        score("pace"),
        least={("all", "r"): 0.96, ("all", "nuclei_f1"): 84.5, ("all", "bias"): -4},
        most={("all", "mape"): 7.5, ("all", "mape_gain"): 8, ("all", "bias"): 4},
    )


def test_fillers(score: Callable[[str], Scores]) -> None:
    check(
        score("fillers"),
        least={("spliced", "f1"): 95, ("real", "f1"): 65, ("real", "precision"): 65},
        most={("timit", "false_per_min"): 0.3, ("no fillers", "false_per_min"): 0},
    )


def test_creak(score: Callable[[str], Scores]) -> None:
    check(score("creak"), least={("world", "f1"): 79}, most={("world, no creak", "false_alarm"): 1.5})


def test_turns(score: Callable[[str], Scores]) -> None:
    check(
        score("turns"),
        least={("all", "precision"): 95, ("all", "recall"): 95, ("all", "bc_recall"): 90},
        most={("all", "bc_as_interruption"): 5},
    )


def test_endings(score: Callable[[str], Scores]) -> None:
    check(
        score("ending"),
        least={("fda", "balanced"): 92, ("world", "balanced"): 95},
        most={("fda", "false_rise"): 5},
    )


def test_nudges_on_labelled_talk() -> None:
    labels, profile = Labels(SHARED / "data"), load("conversation")
    good = nudges.good_speech(labels, profile)["all"]
    assert good["wrong_per_10_min"] < 3
    came = {name: one["came"] for name, one in nudges.altered(labels, profile).items()}
    # Without words nobody knows whether 1.4x length is slow talk or long words: "Pick it up" may stay silent.
    least = {
        "0.7x length: Slow down": 8,
        "imposed rises: Land it": 2,
        "spliced fillers: Breathe instead": 20,
        "creak: Support your voice": 7,
        "monotone: Vary your tone": 3,
        "interruptions: Let them finish": 25,
    }
    assert not {name: came[name] for name, floor in least.items() if came[name] < floor}, "below the floor"
