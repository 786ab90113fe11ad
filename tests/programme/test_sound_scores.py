"""Scores of exercises of pitch, and of a view said back, from what was captured."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from engine.programme.exercise_scores import (
    ALL_REACHED,
    NO_WORDS,
    exercise_result,
    exercise_score,
    needs_usual_pitch,
    take_scored,
)
from engine.programme.exercise_view import exercise_view
from engine.programme.gaps import gap_table
from engine.programme.heard import Heard
from engine.programme.progress import LEAST_USUAL, usual_pitch_hz
from engine.programme.steps import spoken_lines
from engine.protocol.exercise import ExerciseScore
from engine.protocol.take import Take
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


MINE = replace(load().exercise[0], name="mine", score="steady_pitch")


def test_an_exercise_of_ones_own_has_the_score_that_it_names() -> None:
    assert needs_usual_pitch("exercise:mine", [MINE])
    assert not needs_usual_pitch("exercise:mine", [replace(MINE, score="")])
    heard = Heard(take=take("t", at(START), purpose="exercise:mine"), captured={"pitch_from_usual_st": 0.2})
    found = exercise_result(heard, [MINE])
    assert found is not None
    assert (found.exercise, found.scored_as, found.score) == ("mine", "steady_pitch", 10.0)
    assert [part.name for part in exercise_score(heard.take, found).parts] == ["pitch_from_usual_st"]


def test_a_recording_is_scored_by_its_pitch_against_the_takes_before_it() -> None:
    def of(name: str, day: int, hz: float) -> Take:
        when = at(START + timedelta(days=day))
        return take(name, when, purpose="exercise:mine", measures=measures(f0_median_hz=hz))

    days = (9, 300.0), (8, 300.0), (3, 100.0), (2, 100.0), (1, 100.0)
    earlier = [of(f"e{day}", day, hz) for day, hz in days]
    heard = take_scored(of("t", 5, 100.0 * 2 ** (2 / 12)), {}, earlier, [MINE]).exercise
    assert heard is not None
    assert heard.measured == {"pitch_from_usual_st": 2.0}
    assert take_scored(of("t", 5, 100.0), {}, earlier[:4], [MINE]).exercise == replace(
        heard, score=None, measured={}
    )
    other = take_scored(take("t", at(START)), {"fall_st": 3.0}, earlier)
    assert other.exercise is None


def test_of_a_recording_a_paraphrase_says_what_it_lacks() -> None:
    made = take("t", at(START), purpose="exercise:paraphrase", measures=measures(), word_measures=words())
    heard = take_scored(made, {}, [])
    assert heard.exercise is not None
    note = exercise_score(heard, heard.exercise).note
    assert "a recording, which doesn't tell what was said to you" in note


def test_a_take_from_before_the_programme_named_a_score_is_scored_when_it_is_looked_at() -> None:
    mine = replace(load().exercise[0], name="mine", score="one_breath", drill=None)
    kept = take_scored(take("t", at(START), purpose="exercise:mine", measures=measures()), {}, [])
    assert kept.exercise is not None
    assert kept.exercise.score is None
    table = gap_table(load(), [kept], at(START), UTC)
    view = exercise_view(load(), mine, [kept], {row.skill: row for row in table.rows})
    assert view.scored
    assert view.runs[0].score.score is not None
