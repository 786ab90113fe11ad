"""Scores of exercises of pitch, and of a view said back, from what was captured."""

from __future__ import annotations

import pytest

from engine.programme.exercise_scores import (
    ALL_REACHED,
    NO_WORDS,
    exercise_result,
    exercise_score,
    needs_usual_pitch,
)
from engine.programme.heard import Heard
from engine.programme.progress import LEAST_USUAL, usual_pitch_hz
from engine.programme.steps import spoken_lines
from engine.protocol.exercise import ExerciseScore
from engine.shipped.programmes import load

from .people import START, at, measures, take, words

GOOD = {
    "kept_share": 0.4,
    "own_words_share": 0.5,
    "copied_words": 4.0,
    "point_first_share": 1.0,
    "checked_share": 1.0,
}


def scored(exercise: str, captured: dict[str, float], *, heard_words: bool = True) -> ExerciseScore:
    made = take(
        "t",
        at(START),
        purpose=f"exercise:{exercise}",
        measures=measures(),
        word_measures=words() if heard_words else None,
    )
    result = exercise_result(Heard(take=made, captured=captured))
    assert result is not None
    assert result.measured == captured
    return exercise_score(made, result)


@pytest.mark.parametrize(
    ("fall_st", "landed", "score"), [(3.4, 1.0, 10.0), (3.0, 0.9, 10.0), (1.5, 0.6, 5.0), (-1.0, 0.2, 0.0)]
)
def test_landing_is_scored_by_how_far_the_ends_fall(fall_st: float, landed: float, score: float) -> None:
    assert scored("land_it", {"fall_st": fall_st, "landed_share": landed}).score == pytest.approx(score)


def test_what_costs_most_of_landing_is_what_to_try() -> None:
    assert scored("land_it", {"fall_st": 0.5, "landed_share": 0.8}).try_next.startswith(
        "Begin the last stressed"
    )
    assert scored("land_it", {"fall_st": 3.5, "landed_share": 0.6}).try_next.startswith("Breathe in")
    assert scored("land_it", {"fall_st": 3.5, "landed_share": 1.0}).try_next == ALL_REACHED


def test_ends_that_nobody_could_hear_have_no_score_and_are_held_against_nobody() -> None:
    shown = scored("land_it", {}, heard_words=False)
    assert shown.score is None
    assert "creaky or very soft isn't held against you" in shown.note


@pytest.mark.parametrize(("away_st", "score"), [(0.5, 10.0), (-0.5, 10.0), (1.75, 5.0), (-3.2, 0.0)])
def test_steady_pitch_is_scored_by_its_distance_from_ones_usual(away_st: float, score: float) -> None:
    assert scored("steady_pitch", {"pitch_from_usual_st": away_st}).score == pytest.approx(score)


def test_without_a_usual_pitch_steadiness_says_how_many_takes_it_needs() -> None:
    assert f"at least {LEAST_USUAL}" in scored("steady_pitch", {}).note
    assert needs_usual_pitch("exercise:steady_pitch")
    assert not needs_usual_pitch("exercise:land_it")
    assert not needs_usual_pitch("")


def test_the_usual_pitch_is_the_median_of_enough_takes() -> None:
    takes = [
        take(f"t{k}", at(START), measures=measures(f0_median_hz=hz))
        for k, hz in enumerate((118.0, 122.0, 300.0))
    ]
    assert usual_pitch_hz(takes) == 122.0
    assert usual_pitch_hz(takes[: LEAST_USUAL - 1]) is None


def test_a_paraphrase_has_full_marks_and_a_parrot_and_another_topic_few() -> None:
    assert scored("paraphrase", GOOD).score == pytest.approx(10.0)
    parrot = scored(
        "paraphrase",
        {
            "kept_share": 1.0,
            "own_words_share": 0.0,
            "copied_words": 33.0,
            "point_first_share": 0.0,
            "checked_share": 0.0,
        },
    )
    assert parrot.score is not None
    assert parrot.score < 3.0
    other = scored("paraphrase", GOOD | {"kept_share": 0.0, "own_words_share": 0.0, "point_first_share": 0.0})
    assert other.score is not None
    assert other.score < 3.0


def test_without_words_a_paraphrase_is_only_done() -> None:
    shown = scored("paraphrase", {}, heard_words=False)
    assert (shown.score, shown.note) == (None, NO_WORDS)


def test_what_an_exercise_says_is_its_prompts_with_their_point() -> None:
    lines = {one.name: spoken_lines(one) for one in load().exercise}
    assert all(point.startswith("Their point") for point in lines["paraphrase"].values())
    assert len(lines["paraphrase"]) >= 9
    assert "That was my mistake." in lines["land_it"]
    assert lines["pep"] == {}
