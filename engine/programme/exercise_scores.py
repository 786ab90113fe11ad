"""Scores of exercises, 0..10.

A score is ten times the weighted mean of how near each figure is to its target, as a skill's figure is
(:mod:`engine.programme.skills`). Figures that aren't known leave their weight to the others; with less than
half of the weight known there is no score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from engine.protocol.exercise import ExerciseScore, ScorePart
from engine.protocol.take import ExerciseResult, Take

from .element import Element
from .exercise_elements import DRILL, SCORES
from .heard import Heard
from .measures import median_f0
from .progress import usual_pitch_hz
from .script import Exercise
from .skills import LEAST_KNOWN, band_text, score
from .sound_elements import PITCH_FROM_USUAL

PURPOSE = "exercise:"
"""Begins the purpose of a take that was made for an exercise."""

UNSCORED = "This exercise has no score: doing it is what counts."
NO_WORDS = "Its score needs your words: turn words on."
TOO_LITTLE = "Too little was heard for a score."
ALL_REACHED = "All of it is at its target: take something harder next time."


def elements_of(exercise: str, scored_as: str = "", *, drill: bool = False) -> tuple[Element, ...]:
    """Return what the score of an exercise is made of; nothing where it has none.

    Parameters
    ----------
    scored_as : exercise whose score it has; empty for its own.
    """
    return SCORES.get(scored_as or exercise, DRILL if drill else ())


def needs_usual_pitch(purpose: str, exercises: Iterable[Exercise] = ()) -> bool:
    """Return whether the score of what a take is made for needs the person's usual pitch.

    Parameters
    ----------
    exercises : of the programme.
    """
    name = purpose.removeprefix(PURPOSE)
    elements = elements_of(name, _scored_as(name, exercises))
    return any(one.name == PITCH_FROM_USUAL for one in elements)


def pitch_from_usual(median_hz: float | None, earlier: Iterable[Take]) -> dict[str, float]:
    """Return how far a pitch is from the usual one, by name with its unit; empty where one isn't known.

    Parameters
    ----------
    earlier : the person's takes before it, newest first.
    """
    usual_hz = None if median_hz is None else usual_pitch_hz(earlier)
    if median_hz is None or usual_hz is None:
        return {}
    return {PITCH_FROM_USUAL: round(12.0 * math.log2(median_hz / usual_hz), 2)}


def needs_words(elements: Sequence[Element]) -> bool:
    """Return whether there is no score without the words."""
    by_voice = math.fsum(one.weight for one in elements if not one.words)
    return by_voice < LEAST_KNOWN * math.fsum(one.weight for one in elements)


def exercise_result(heard: Heard, exercises: Iterable[Exercise] = ()) -> ExerciseResult | None:
    """Return the score of the exercise that a take was made for; None where it was made for none.

    Parameters
    ----------
    exercises : of the programme, which may say whose score one of them has.
    """
    kind, _, name = heard.take.purpose.partition(":")
    if f"{kind}:" != PURPOSE or not name:
        return None
    scored_as = _scored_as(name, exercises)
    elements = elements_of(name, scored_as, drill=heard.take.card is not None)
    measured = {one.name: value for one in elements if (value := one.read(heard)) is not None}
    return ExerciseResult(
        exercise=name,
        scored_as=scored_as,
        score=score_of(elements, measured),
        measured=measured,
        steps=list(heard.steps),
    )


def take_scored(
    take: Take, captured: Mapping[str, float], earlier: Iterable[Take], exercises: Iterable[Exercise] = ()
) -> Take:
    """Return a take, of a recording say, with the result of the exercise that it was made for, if any.

    Parameters
    ----------
    captured : what was measured of it beside the take, by name with its unit.
    earlier : the person's takes, newest first; those that began before it tell their usual pitch.
    """
    before = (one for one in earlier if one.begun_at < take.begun_at)
    known = {**captured, **pitch_from_usual(median_f0(take), before)}
    return replace(take, exercise=exercise_result(Heard(take=take, captured=known), exercises))


def score_of(elements: Sequence[Element], measured: Mapping[str, float]) -> float | None:
    """Return the score, 0..10, of what was measured; None with less than half of the weight known."""
    known = [one for one in elements if one.name in measured]
    weight = math.fsum(one.weight for one in known)
    if not known or weight < LEAST_KNOWN * math.fsum(one.weight for one in elements):
        return None
    total = math.fsum(one.weight * score(one, measured[one.name]) for one in known)
    return 10.0 * total / weight


def exercise_score(take: Take, result: ExerciseResult) -> ExerciseScore:
    """Return a result as a person sees it; ``take`` tells why there is no score."""
    elements = elements_of(result.exercise, result.scored_as, drill=take.card is not None)
    weight = math.fsum(one.weight for one in elements if one.name in result.measured)
    parts = [_part(one, result.measured.get(one.name), weight) for one in elements]
    lost = {
        one.name: part.weight * (1.0 - (part.score or 0.0)) for one, part in zip(elements, parts, strict=True)
    }
    costliest = max(elements, key=lambda one: lost[one.name], default=None)
    note = try_next = ""
    if result.score is None:
        note = _why_none(elements, take, result)
    elif costliest is not None:
        try_next = costliest.advice if lost[costliest.name] > 0.0 else ALL_REACHED
    return ExerciseScore(
        exercise=result.exercise, score=result.score, parts=parts, note=note, try_next=try_next
    )


def _scored_as(name: str, exercises: Iterable[Exercise]) -> str:
    return next((one.score for one in exercises if one.name == name), "")


def _why_none(elements: Sequence[Element], take: Take, result: ExerciseResult) -> str:
    if not elements:
        return UNSCORED
    if needs_words(elements) and take.word_measures is None:
        return NO_WORDS
    known = (one.unknown for one in elements if one.unknown and one.name not in result.measured)
    return next(known, TOO_LITTLE)


def target_of(element: Element) -> str:
    """Return the target of a figure for a person; of a share in percent."""
    if not element.name.endswith("_share"):
        return band_text(element, element.unit, element.whole)
    edges = ("least", "most")
    percent = {edge: None if (at := getattr(element, edge)) is None else 100.0 * at for edge in edges}
    return element.whole or band_text(replace(element, **percent), "%")


def value_text(part: ScorePart) -> str:
    """Return a figure for a person: of a share in percent, of what is there or isn't as yes or no."""
    if part.value is None:
        return "not known"
    if part.name.endswith("_share"):
        return f"{100.0 * part.value:.0f} %"
    if part.target == "there":
        return "yes" if part.value else "no"
    return f"{f'{part.value:.1f}'.removesuffix('.0')} {part.unit}".rstrip()


def _part(element: Element, value: float | None, weight: float) -> ScorePart:
    return ScorePart(
        name=element.name,
        title=element.title,
        value=value,
        unit=element.unit,
        target=target_of(element),
        weight=0.0 if value is None else element.weight / weight,
        score=None if value is None else score(element, value),
    )
