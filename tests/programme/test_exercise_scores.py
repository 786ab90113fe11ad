"""Scores of exercises: what they are made of, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from engine.programme.element import Element
from engine.programme.exercise_elements import DRILL, SCORES
from engine.programme.exercise_scores import (
    ALL_REACHED,
    NO_WORDS,
    TOO_LITTLE,
    UNSCORED,
    exercise_result,
    exercise_score,
    score_of,
    target_of,
    value_text,
)
from engine.programme.heard import Heard, different_words, words_in, words_of
from engine.programme.skills import score
from engine.protocol.drill_results import Listened
from engine.protocol.review import AnswerReview, CountRange, Mark
from engine.protocol.take import FoundInWords, FoundPart, StepTime, Take
from engine.protocol.words import Word
from engine.shipped.programmes import load

from .people import START, at, card, measures, take, words

PEP = [
    FoundPart(part=part, start_s=start, end_s=start + 5.0, confidence=0.9)
    for start, part in ((1.0, "problem"), (20.0, "evidence"), (40.0, "proposal"))
]


def made(exercise: str, **changed: Any) -> Take:
    usual: dict[str, Any] = {"measures": measures(), "word_measures": words()}
    return take("t", at(START), purpose=f"exercise:{exercise}", **(usual | changed))


def telling(place: int, start_s: float, end_s: float) -> StepTime:
    return StepTime(place=place, speaks=True, start_s=start_s, end_s=end_s)


def said(*spans: tuple[str, float], marks: tuple[tuple[str, int], ...] = ()) -> AnswerReview:
    """A review of texts that begin at a time, two words a second; marks by kind and place."""
    heard = [
        Word(
            text=word,
            start_s=start + place / 2,
            end_s=start + place / 2 + 0.4,
            confidence=0.9,
            zipf=6.0 if len(word) < 4 else 3.0,
        )
        for text, start in spans
        for place, word in enumerate(text.split())
    ]
    return AnswerReview(
        question="",
        words=heard,
        unknown=[],
        parts=[],
        marks=[
            Mark(kind="term" if kind == "term" else "question", start=place, end=place + 1, confidence=0.9)
            for kind, place in marks
        ],
        measures=words(words=max(len(heard), 40)),
        findings=[],
        try_next="",
        source="test",
    )


def result(take: Take, *steps: StepTime) -> dict[str, float]:
    found = exercise_result(Heard(take=take, steps=steps))
    assert found is not None
    return found.measured


def test_every_shipped_exercise_has_a_score_unless_nothing_is_spoken_in_it() -> None:
    """Those of two people, and those that others score, apart."""
    without = {"mock_interview", "settle", "shadowing"}
    names = {one.name for one in load().exercise if one.drill is None}
    assert names - without <= set(SCORES)
    assert set(SCORES) <= names


@pytest.mark.parametrize("element", [one for table in (*SCORES.values(), DRILL) for one in table])
def test_every_figure_has_a_band_that_can_be_met_and_missed(element: Element) -> None:
    assert (element.least is None) == (element.zero_below is None)
    assert (element.most is None) == (element.zero_above is None)
    for edge, zero in ((element.least, element.zero_below), (element.most, element.zero_above)):
        if edge is not None and zero is not None:
            assert score(element, edge) == 1.0
            assert score(element, zero) == 0.0


@pytest.mark.parametrize("name", SCORES)
def test_figures_of_a_score_have_names_of_their_own(name: str) -> None:
    names = [one.name for one in SCORES[name]]
    assert len(names) == len(set(names))


def test_a_whole_pep_has_full_marks_and_is_told_to_go_on_to_something_harder() -> None:
    heard = made("pep", parts=PEP, measures=measures(fillers_per_min=2.0))
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert found.score == pytest.approx(10.0)
    assert found.measured["pep_share"] == 1.0
    assert exercise_score(heard, found).try_next == ALL_REACHED


def test_what_costs_most_is_what_to_try_next() -> None:
    heard = made("pep", parts=PEP[:1])
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert found.score is not None
    # weights 4, 1.5, 1, 1 of 7.5; a third of the parts, the rest at its target
    assert found.score == pytest.approx(10.0 * (4.0 / 3.0 + 1.5 + 1.0 + 1.0) / 7.5)
    shown = exercise_score(heard, found)
    assert shown.try_next.startswith("Say all three")
    assert sum(part.weight for part in shown.parts) == pytest.approx(1.0)
    assert [part.target for part in shown.parts][:2] == ["all, in order", "at least 1"]


def test_targets_of_shares_are_in_percent() -> None:
    targets = {one.name: target_of(one) for one in (*SCORES["one_breath"], *SCORES["half_a_minute"])}
    assert (targets["pause_share"], targets["ended_share"]) == ("10 to 40 %", "all")


def test_without_words_a_score_of_words_is_none_and_says_so() -> None:
    heard = made("pep", word_measures=None)
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert (found.score, set(found.measured)) == (None, {"fillers_per_min"})
    assert exercise_score(heard, found).note == NO_WORDS


def test_of_too_little_speech_nothing_is_told() -> None:
    short = made("pep", word_measures=words(words=12), measures=measures(speech_s=8.0))
    found = exercise_result(Heard(take=short))
    assert found is not None
    assert (found.score, found.measured) == (None, {})
    assert exercise_score(short, found).note == TOO_LITTLE


def test_one_breath_needs_no_words() -> None:
    heard = made("one_breath", word_measures=None, measures=measures(fillers_per_min=8.0))
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert found.score == pytest.approx(10.0 * 1.0 / 4.0)


def test_an_exercise_without_a_formula_says_that_it_has_no_score() -> None:
    heard = made("mine")
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert exercise_score(heard, found).note == UNSCORED


@pytest.mark.parametrize("purpose", ["", "baseline:project", "exercise:"])
def test_a_take_for_something_else_has_no_result(purpose: str) -> None:
    assert exercise_result(Heard(take=take("t", at(START), purpose=purpose))) is None


def test_a_drill_is_scored_by_its_card() -> None:
    drill = take("t", at(START), purpose="exercise:silence", card=card("silence", 6.0))
    found = exercise_result(Heard(take=drill))
    assert found is not None
    assert found.score == pytest.approx(6.0)
    assert found.measured == {"composure": 6.0}


def test_what_a_drill_listens_for_counts_as_much_as_composure() -> None:
    listened = Listened(what="question", heard=True, by="words", quote="", text="")
    vague = replace(card("vague-question", 4.0), listened=listened)
    found = exercise_result(Heard(take=take("t", at(START), purpose="exercise:clarify_first", card=vague)))
    assert found is not None
    assert found.score == pytest.approx(7.0)


# --- step by step ------------------------------------------------------------------

TEN = "alpha bravo carol delta ember frank giant hotel india jolly"
OTHERS = "kilos lemon mango north ocean piano queen river sugar tango"
THIRD = "ultra velvet water xenon yellow zebra amber blaze crown daisy"


def test_a_telling_that_fills_its_time_to_the_end_was_cut_off() -> None:
    review = said((TEN, 0.0), (TEN, 25.2), (TEN, 40.0))
    heard = made("half_a_minute", review=review)
    # the second one's last word ends at 30.1 s
    steps = telling(1, 0.0, 20.0), telling(3, 20.0, 30.3), telling(5, 30.3, 50.0)
    assert result(heard, *steps)["ended_share"] == pytest.approx(2 / 3)


def test_tellings_in_the_same_words_are_not_for_three_listeners() -> None:
    steps = telling(1, 0.0, 10.0), telling(2, 10.0, 20.0), telling(3, 20.0, 30.0)
    same = made("explain_to_three", review=said((TEN, 0.0), (TEN, 10.0), (TEN, 20.0)))
    assert result(same, *steps)["different_words_share"] == 0.0
    different = made("explain_to_three", review=said((TEN, 0.0), (OTHERS, 10.0), (THIRD, 20.0)))
    assert result(different, *steps)["different_words_share"] == 1.0


def test_terms_for_the_child_are_those_of_its_own_telling() -> None:
    review = said((TEN, 0.0), (OTHERS, 10.0), marks=(("term", 2), ("term", 12), ("term", 13)))
    heard = made("explain_to_three", review=review)
    steps = telling(1, 0.0, 10.0), telling(2, 10.0, 20.0)
    assert result(heard, *steps)["child_terms_per_100_words"] == pytest.approx(10.0)


def test_a_question_counts_in_the_step_that_asks_for_it() -> None:
    review = said((TEN, 0.0), ("if so and otherwise not", 10.0), marks=(("question", 1), ("question", 11)))
    heard = made(
        "incomplete", review=review, found=[FoundInWords(what="assumption", good=True, confidence=0.9)]
    )
    measured = result(heard, telling(1, 0.0, 10.0), telling(2, 10.0, 20.0))
    assert measured == {"questions": 1.0, "assumption": 1.0, "cases": 2.0}


def test_a_recording_has_no_steps_and_is_scored_by_what_is_left() -> None:
    heard = made("half_a_minute", review=said((TEN, 0.0)), word_measures=words(headline_s=4.0))
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert set(found.measured) == {"headline_s", "restarts_per_100_words", "fillers_per_min"}
    assert found.score is not None


def test_an_unsure_analogy_counts_where_one_is_asked_for() -> None:
    heard = made(
        "analogy_bank",
        found=[FoundInWords(what="analogy", good=True, confidence=0.6, sure=False)],
        word_measures=words(fillers=CountRange(least=0, most=0)),
    )
    assert result(heard)["analogy"] == 1.0


def test_a_figure_that_was_measured_beside_the_take_counts_by_its_name() -> None:
    one = Element(
        name="fall_st", title="fall", read=lambda heard: heard.captured.get("fall_st"), least=2.0,
        zero_below=0.0, advice="Lower.",
    )  # fmt: skip
    assert one.read(Heard(take=made("land_it"), captured={"fall_st": 1.0})) == 1.0
    assert score_of((one,), {"fall_st": 1.0}) == pytest.approx(5.0)
    assert score_of((one,), {}) is None


def test_a_word_belongs_to_the_step_in_which_its_middle_lies() -> None:
    steps = telling(0, 0.0, 2.0), telling(1, 2.0, 2.0), telling(2, 2.0, 4.0), telling(3, 5.0, 6.0)
    heard = [
        Word(text=text, start_s=start_s, end_s=start_s + 0.4, confidence=0.9, zipf=3.0)
        for text, start_s in (("before", -1.0), ("first", 1.7), ("second", 1.9), ("none", 4.5), ("last", 5.7))
    ]
    found = [[word.text for word in words] for words in words_in(heard, steps)]
    assert found == [["first"], [], ["second"], ["last"]]
    assert words_in(heard, []) == []


def test_a_mark_counts_in_the_telling_that_its_word_belongs_to() -> None:
    review = said((TEN, 0.0), (OTHERS, 10.0), marks=(("question", 10),))
    heard = Heard(
        take=made("what_i_know", review=review), steps=(telling(0, 0.0, 10.1), telling(1, 10.1, 20.0))
    )
    assert words_of(heard, 1)[0].text == "kilos"
    assert "questions" in result(heard.take, *heard.steps)
    assert result(heard.take, *heard.steps)["questions"] == 0.0


def test_many_tellings_pass_through_the_words_once() -> None:
    class Counted(list[Word]):
        passes = 0

        def __iter__(self) -> Iterator[Word]:
            self.passes += 1
            return super().__iter__()

    spans = tuple((TEN, 10.0 * place) for place in range(40))
    words_heard = Counted(said(*spans).words)
    heard = made("explain_to_three", review=replace(said(*spans), words=words_heard))
    steps = [telling(place, 10.0 * place, 10.0 * place + 10.0) for place in range(40)]
    different = different_words(Heard(take=heard, steps=steps))
    assert different == 0.0
    assert words_heard.passes == 1


def test_figures_are_written_for_a_person() -> None:
    heard = made("pep", parts=PEP[:2], word_measures=words(figures=0, hedges=3, words=150))
    found = exercise_result(Heard(take=heard))
    assert found is not None
    assert [value_text(part) for part in exercise_score(heard, found).parts] == [
        "67 %",
        "0",
        "3 /min",
        "2 /min",
    ]
    lost = exercise_score(made("own_it"), replace(found, exercise="own_it", measured={"own_fault": 1.0}))
    assert [value_text(part) for part in lost.parts] == ["yes", *3 * ["not known"]]
