"""Figures of skills: their parts, their evidence, and what isn't known."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.programme.measures import MEASURES, heard_share
from engine.programme.script import Part, Programme
from engine.programme.skills import Scored, figure, figures, score, target_text
from engine.protocol.measures import Exchange
from engine.protocol.take import FoundInWords, FoundPart, Take
from engine.shipped.programmes import asks, load

from .people import START, at, card, measures, take, words

BAND = Part(measure="pace", least=130, most=170, zero_below=80, zero_above=240, grade="P", closes="Slower.")


SHIPPED = load()


@pytest.fixture(scope="module")
def programme() -> Programme:
    return SHIPPED


def of(programme: Programme, name: str, one: Take) -> float | None:
    skill = next(skill for skill in programme.skill if skill.name == name)
    return figure(programme, skill, one, asks()).figure


@pytest.mark.parametrize(
    ("value", "expected"), [(60, 0), (80, 0), (105, 0.5), (130, 1), (170, 1), (205, 0.5), (240, 0), (400, 0)]
)
def test_a_part_scores_1_within_its_target_and_falls_in_a_line(value: float, expected: float) -> None:
    assert score(BAND, value) == pytest.approx(expected)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_nearer_to_the_target_never_scores_less(a: float, b: float) -> None:
    def away(value: float) -> float:
        return max(130 - value, value - 170, 0.0)

    if (a < 150) == (b < 150) and away(a) <= away(b):
        assert score(BAND, a) >= score(BAND, b)
    assert 0.0 <= score(BAND, a) <= 1.0


def test_targets_are_said_for_a_person() -> None:
    assert target_text(BAND) == "130 to 170 words/min"
    texts = {target_text(part) for skill in load().skill for part in skill.part}
    assert {"there", "none", "at most 3 /min", "at least 1", "all, in order", "each time"} <= texts


def test_a_figure_is_the_weighted_mean_of_its_parts(programme: Programme) -> None:
    """Fluency of a voice: fillers (2) and pauses (1) in the target, pace (1) halfway out of it."""
    one = take("a", at(START), measures=measures(pace_wpm=205.0))
    assert of(programme, "fluency", one) == pytest.approx(10 * (2 + 1 + 0.5) / 4)


def test_an_unknown_part_leaves_its_weight_to_the_others(programme: Programme) -> None:
    one = take("a", at(START), measures=measures(pace_wpm=None, unsure=["fillers_per_min"]))
    assert of(programme, "fluency", one) is None  # pauses alone: 1 of 6
    two = take("b", at(START), measures=measures(pace_wpm=None), word_measures=words())
    found = next(f for f in figures(programme, two) if f.skill == "fluency")
    assert found.known == pytest.approx(5 / 6)
    assert sum(evidence.weight for evidence in found.evidence) == pytest.approx(1.0)
    pace = next(evidence for evidence in found.evidence if evidence.measure == "pace")
    assert (pace.value, pace.score, pace.weight) == (None, None, 0.0)


def test_evidence_names_take_value_target_and_grade(programme: Programme) -> None:
    one = take("a", at(START), measures=measures())
    found = next(f for f in figures(programme, one) if f.skill == "fluency")
    fillers = found.evidence[0]
    assert (fillers.take, fillers.measure, fillers.value) == ("a", "fillers", 2.0)
    assert (fillers.target, fillers.grade, fillers.score) == ("at most 3 /min", "P", 1.0)


def test_a_take_without_figures_has_none(programme: Programme) -> None:
    assert {one.figure for one in figures(programme, take("a", at(START)))} == {None}
    short = take("b", at(START), measures=measures(speech_s=5.0), word_measures=words(words=10))
    assert {one.figure for one in figures(programme, short)} == {None}


def test_what_a_task_does_not_ask_for_is_not_missed(programme: Programme) -> None:
    """Telling of a struggle is growth where it was asked for; elsewhere its absence says nothing."""
    free = take("a", at(START), measures=measures(), word_measures=words())
    asked = take("b", at(START), measures=measures(), word_measures=words(), purpose="baseline:background")
    assert of(programme, "growth", free) is None
    assert of(programme, "growth", asked) == 0.0


def test_a_question_of_the_bank_asks_for_its_skills(programme: Programme) -> None:
    text = next(question for question, skills in asks().items() if skills == ("growth",))
    assert of(programme, "growth", take("a", at(START), question=text, word_measures=words())) == 0.0
    assert set().union(*asks().values()) <= {skill.name for skill in programme.skill}


def test_composure_is_of_drills_alone(programme: Programme) -> None:
    run = take("a", at(START), card=card("interruptions", 9.0, ("resumed", "resumed")))
    assert of(programme, "composure", run) == pytest.approx(10.0)
    assert of(programme, "composure", take("b", at(START), card=card("interruptions", None))) is None


def exchange(**changed: Any) -> Exchange:
    usual: dict[str, Any] = {
        "longest_monologue_s": 30.0, "response_gap_s": 0.5, "longest_gap_s": 1.0, "slow_responses": 0,
        "responses": 5, "early_starts": 0, "interruptions_suffered": 0, "floor_held": 0, "yield_s": None,
        "overlap_s": 1.0, "backchannels_per_min": 3.0, "questions": 1, "pace_adaptation": None,
    }  # fmt: skip
    return Exchange(**(usual | changed))


def test_a_call_tells_collaboration_without_words(programme: Programme) -> None:
    voice = measures(talk_share=0.75, interruptions=0, exchange=exchange())
    call = take("a", at(START), kind="call", measures=voice)
    assert of(programme, "collaboration", call) == pytest.approx(7.5)
    alone = take("b", at(START), measures=measures(talk_share=0.75))
    assert of(programme, "collaboration", alone) is None


def test_a_finding_that_is_not_sure_counts_as_not_heard() -> None:
    read = MEASURES["own_fault"].read
    sure = FoundInWords(what="own_fault", good=True, confidence=0.9)
    unsure = msgspec.structs.replace(sure, sure=False, good=None)
    assert read(take("a", at(START), word_measures=words(), found=[sure])) == 1.0
    assert read(take("a", at(START), word_measures=words(), found=[unsure])) == 0.0
    assert read(take("a", at(START), word_measures=words(words=20))) is None


def heard(*parts: str) -> Take:
    found = [
        FoundPart(part=part, start_s=float(place), end_s=place + 1.0, confidence=0.9)
        for place, part in enumerate(parts)
    ]
    return take("a", at(START), word_measures=words(), parts=found)


def test_parts_count_in_their_order() -> None:
    assert heard_share(heard("problem", "evidence", "proposal"), "PEP") == 1.0
    assert heard_share(heard("proposal", "problem", "evidence"), "PEP") == pytest.approx(2 / 3)
    assert heard_share(heard("proposal", "evidence", "problem"), "PEP") == pytest.approx(1 / 3)
    assert heard_share(heard(), "PEP") == 0.0
    assert MEASURES["framework"].read(heard("situation", "task", "action", "result")) == 1.0


@given(st.integers(0, 10), st.floats(0, 20), st.floats(60, 260), st.booleans())
def test_figures_stay_within_0_and_10(hedges: int, fillers: float, pace: float, asked: bool) -> None:
    one = take(
        "a",
        at(START),
        measures=measures(pace_wpm=pace, fillers_per_min=fillers),
        word_measures=words(hedges=hedges),
        purpose="baseline:project" if asked else "",
    )
    scored = Scored(SHIPPED, [one])
    for found in figures(SHIPPED, one):
        assert found.figure is None or 0.0 <= found.figure <= 10.0
        assert scored.value(one, found.skill) == found.figure


def test_a_take_that_was_replaced_is_counted_anew(programme: Programme) -> None:
    old = take("a", at(START), measures=measures(fillers_per_min=2.0))
    first = Scored(programme, [old])
    assert first.value(old, "fluency") == pytest.approx(10.0)
    new = take("a", at(START), measures=measures(fillers_per_min=12.0))
    second = Scored(programme, [new], earlier=first)
    assert second.value(new, "fluency") == pytest.approx(5.0)
    assert len(Scored(programme, [old, new]).takes) == 1
