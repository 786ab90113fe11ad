"""An exercise as a person sees it before and after: how it goes, why, and how it went so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from engine.protocol.take import Take

from .exercise_scores import PURPOSE, elements_of, exercise_result, exercise_score, needs_words
from .heard import Heard
from .phases import purpose_of
from .plan import gap_sentence
from .records import ExerciseRun, ExerciseView, Gap
from .script import Exercise, Programme
from .steps import duration_s, placed_steps

MOST_RUNS = 20


def exercise_view(
    programme: Programme, exercise: Exercise, takes: Sequence[Take], gaps: Mapping[str, Gap]
) -> ExerciseView:
    """Return an exercise with its runs.

    Parameters
    ----------
    takes : all of a person's takes, in any order.
    gaps : rows of the gap table by skill.
    """
    made = sorted((take for take in takes if does(exercise, take)), key=lambda take: take.begun_at)
    runs = [run for take in made if (run := _run(exercise, take)) is not None]
    titles = {skill.name: skill.title for skill in programme.skill}
    scores = [run.score.score for run in runs if run.score.score is not None]
    elements = elements_of(exercise.name, exercise.score, drill=exercise.drill is not None)
    return ExerciseView(
        name=exercise.name,
        title=exercise.title,
        how=exercise.how,
        why=gap_sentence(gaps[exercise.trains[0]]),
        known=exercise.known,
        minutes=exercise.minutes,
        seconds=duration_s(exercise),
        rhythm=exercise.rhythm,
        trains=[titles[skill] for skill in exercise.trains],
        drill=exercise.drill,
        keeps=exercise.keeps,
        talk=exercise.talk,
        speaks=not exercise.step or any(step.does == "speak" for step in exercise.step),
        steps=placed_steps(exercise, len(made)),
        needs_words=needs_words(elements),
        scored=[one.title for one in elements],
        done=len(made),
        best=max(scores, default=None),
        runs=runs[::-1][:MOST_RUNS],
    )


def does(exercise: Exercise, take: Take) -> bool:
    """Return whether a take was made for an exercise, or is its drill and was made for nothing else."""
    if take.exercise is not None:
        return take.exercise.exercise == exercise.name
    purpose = purpose_of(take)
    if purpose:
        return purpose == f"{PURPOSE}{exercise.name}"
    return take.card is not None and take.card.drill == exercise.drill


def _run(exercise: Exercise, take: Take) -> ExerciseRun | None:
    result = take.exercise
    if result is None or (result.score is None and result.scored_as != exercise.score):
        made_for = replace(take, purpose=f"{PURPOSE}{exercise.name}")
        steps = () if result is None else result.steps
        result = exercise_result(Heard(take=made_for, steps=steps), [exercise])
    if result is None:
        return None
    return ExerciseRun(take=take.id, at=take.begun_at, score=exercise_score(take, result))
