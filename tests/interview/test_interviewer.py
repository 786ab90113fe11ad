"""An interviewer: asks, waits for the end of an answer, follows up on it, and says goodbye."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dsp.frame import UNKNOWN_FRAME
from engine.interview.told import NEEDS_WORDS
from engine.language.open_end import is_open, is_thinking
from engine.language.transcript import Transcript
from engine.protocol import events as ev
from engine.protocol.terms import Patience
from engine.shipped.interview import lines

from .answers import ANSWERS, LONG
from .candidate import LINE_S, TALKING, Part, answer, interview, planned

GOOD = ANSWERS[14].text
NO_RESULT = ANSWERS[1].text
SHORT = [one.text for one in ANSWERS if one.text is not LONG and len(one.text) < 500]

HALF_S, MOST_S = 1.1, 1.4
"""From the end of an answer to the interviewer's next word: half of them, and nine of ten, come sooner."""


def said_after(wordings: tuple[str, ...], sounds: list[tuple[float, str]]) -> list[float]:
    return [at_s for at_s, text in sounds if text in wordings]


def test_an_interview_goes_from_its_greeting_to_its_goodbye() -> None:
    plan = planned(questions=2)
    told = interview(
        plan, [*answer(NO_RESULT), *answer("It was opened twice as often as before."), *answer(GOOD)]
    )
    said, wordings = [text for _, text in told.sounds], lines()
    assert said[0] in wordings.greeting
    assert said[1] == plan.steps[plan.questions[0]].lines[0]
    assert said[2] in wordings.follow_up["result"]
    assert said[3] in wordings.bridge
    assert said[4] == plan.steps[plan.questions[1]].lines[0]
    assert said[5] in wordings.bridge
    assert said[6] in wordings.goodbye
    assert len(said) == 7
    first, second = told.card.answers
    assert (first.question, second.question) == (said[1], said[4])
    assert [one.kind for one in first.follow_ups] == ["result"]
    assert first.try_next is None, "the result came with the follow-up"
    assert second.words == len(GOOD.split())
    assert not second.follow_ups
    assert first.start_s == pytest.approx(told.said[0][0], abs=0.05)
    assert second.end_s == pytest.approx(told.said[2][1], abs=0.05)


def test_who_is_demanding_follows_up_twice() -> None:
    plan = planned(questions=1, level="hard")
    once_more = "I went from one team to the other and we saved nine thousand euros."
    told = interview(plan, [*answer(NO_RESULT), *answer(once_more), *answer("That is all I know about it.")])
    [only] = told.card.answers
    assert [one.kind for one in only.follow_ups] == ["result", "comparison"]


@pytest.mark.parametrize(
    ("patience", "hear_words", "every"),
    [("short", True, 1), ("short", False, 3), ("normal", True, 6), ("long", True, 6)],
)
def test_a_pause_in_a_sentence_ends_no_answer(patience: Patience, hear_words: bool, every: int) -> None:
    """Up to 2.5 s, after some words of each answer; the melody stays up, as in the middle of a sentence."""
    cut = []
    for number, text in enumerate(SHORT[::every]):
        count = len(text.split())
        places = [place for place in range(2 + number % 5, count - 1, 7) if not ends(text, place)]
        told = interview(
            planned(questions=1, patience=patience),
            answer(text, *((place, 2.5) for place in places)),
            hear_words=hear_words,
            seed=number,
        )
        begin_s, end_s = told.said[0][0], told.said[len(places)][1]
        cut += [text for at_s, _ in told.sounds if begin_s < at_s < end_s]
    assert cut == []


def ends(text: str, place: int) -> bool:
    """Whether a sentence ends before a word."""
    return text.split()[place - 1].endswith((".", "?"))


def test_a_fall_before_a_pause_ends_no_answer_whose_words_go_on() -> None:
    parts = answer("I asked all of them and I wrote down what they said to the people at the till", (14, 2.5))
    parts[0].falls = True
    told = interview(planned(questions=1), parts)
    assert not [at_s for at_s, _ in told.sounds if told.said[0][0] < at_s < told.said[1][1]]


def test_the_next_word_comes_soon_after_the_end() -> None:
    """By stream time, with words known 0.8 to 1.5 s after they were said."""
    waits_s = []
    for number, (one, seed) in enumerate(itertools.product(SHORT, range(3))):
        told = interview(planned(questions=1), answer(one), seed=100 * seed + number)
        end_s = told.said[0][1]
        waits_s.append(min(at_s for at_s, _ in told.sounds if at_s >= end_s) - end_s)
    half_s, most_s = np.quantile(waits_s, [0.5, 0.9])
    assert half_s <= HALF_S
    assert most_s <= MOST_S


def test_who_speaks_slowly_is_waited_for_longer() -> None:
    """Whose own pauses are long is taken to go on after one like them, even after a complete sentence."""
    text = "I asked everybody in the house about it then I wrote it down and I told my boss about it"
    parts = [*answer(text, (8, 4.0), (12, 4.0)), *answer(GOOD, falls=False)]
    told = interview(planned(questions=2, level="gentle"), parts)
    end_s = told.said[-1][1]
    assert min(at_s for at_s, _ in told.sounds if at_s >= end_s) - end_s >= 1.3 * 4.0


def test_who_was_cut_off_goes_on_and_is_listened_to() -> None:
    parts = [
        Part("I called the people who had ordered it and I told them the truth.", goes_on=True),
        Part("And in the end they all kept their orders because I had called them.", before_s=1.6),
    ]
    told = interview(planned(questions=1), parts)
    hushes = [event for event in told.events if isinstance(event, ev.DrillHush)]
    assert len(hushes) == 1
    [only] = told.card.answers
    assert only.words == sum(len(part.text.split()) for part in parts)
    assert not only.follow_ups


def test_who_goes_on_as_the_next_question_begins_is_asked_it_again() -> None:
    parts = [
        Part(
            "I called the people who had ordered it, I told them the truth and I asked them to wait, "
            "and in the end they all stayed.",
            goes_on=True,
        ),
        Part("They still order from us every week.", before_s=2.1),
        *answer(GOOD),
    ]
    plan = planned(questions=2)
    told = interview(plan, parts, line_s=0.8)
    second = plan.steps[plan.questions[1]].lines[0]
    assert [text for _, text in told.sounds].count(second) == 2
    assert [one.question for one in told.card.answers] == [
        plan.steps[step].lines[0] for step in plan.questions
    ]
    assert told.card.answers[0].words == sum(len(part.text.split()) for part in parts[:2])
    assert told.card.answers[1].words == len(GOOD.split())


def test_who_talks_before_the_question_is_asked_it_all_the_same() -> None:
    plan = planned(questions=1)
    talk = (1.0, 6.0)  # over the greeting and the question
    told = interview(
        plan,
        [],
        frame=lambda frame, now_s: TALKING if talk[0] < now_s < talk[1] else frame,
        most_s=12.0,
    )
    assert not [event for event in told.events if isinstance(event, ev.DrillHush)]
    assert told.sounds[1][1] == plan.steps[plan.questions[0]].lines[0]


def test_without_words_the_questions_come_one_after_the_other() -> None:
    plan = planned(questions=3)
    told = interview(plan, [*answer(NO_RESULT), *answer(GOOD), *answer(NO_RESULT)], hear_words=False)
    asked = [text for _, text in told.sounds]
    assert [plan.steps[step].lines[0] for step in plan.questions] == asked[1:-1:2]
    assert not any(one.follow_ups for one in told.card.answers)
    assert told.card.try_next == NEEDS_WORDS
    assert all(one.words is None and one.start_s is not None for one in told.card.answers)


def test_who_says_nothing_is_given_time_and_then_another_question() -> None:
    plan = planned(questions=2)
    told = interview(plan, [], most_s=200)
    said = [text for _, text in told.sounds]
    assert [text for text in said if text in lines().encourage + lines().skip] == [
        plan.steps[plan.encourage[0]].lines[0],
        plan.steps[plan.skip[0]].lines[0],
        plan.steps[plan.encourage[1]].lines[0],
        plan.steps[plan.skip[0]].lines[0],
    ]
    assert said[-1] in lines().goodbye
    assert all(one.start_s is None for one in told.card.answers)


def test_who_thinks_aloud_has_not_answered_yet() -> None:
    parts = [Part("Good question. Let me think about that.", goes_on=True), Part(GOOD, before_s=6.0)]
    told = interview(planned(questions=1), parts)
    assert not [at_s for at_s, _ in told.sounds if told.said[0][0] < at_s < told.said[1][1]]


def test_who_asks_back_gets_an_answer() -> None:
    told = interview(
        planned(questions=1), [Part("Do you mean inside the company or with customers?"), *answer(GOOD)]
    )
    assert told.sounds[2][1] in lines().clarify
    assert told.card.answers[0].words == 9 + len(GOOD.split())


def test_nothing_is_asked_of_who_is_not_there() -> None:
    away = (5.0, 65.0)
    told = interview(
        planned(questions=1),
        answer(GOOD),
        frame=lambda frame, now_s: UNKNOWN_FRAME if away[0] < now_s < away[1] else frame,
    )
    assert not [at_s for at_s, _ in told.sounds if away[0] + LINE_S < at_s < away[1]]


def test_a_mute_in_an_answer_ends_it_no_sooner() -> None:
    """Muted for 20 s in mid-sentence, and going on a second later."""
    parts = answer(
        "I asked all of them and I wrote down what they said to the people at the till", (14, 21.5)
    )
    begin_s = interview(planned(questions=1), parts).said[0][0]
    away = (begin_s + 6.0, begin_s + 26.0)
    told = interview(
        planned(questions=1),
        parts,
        frame=lambda frame, now_s: UNKNOWN_FRAME if away[0] < now_s < away[1] else frame,
    )
    assert not [at_s for at_s, _ in told.sounds if told.said[0][0] < at_s < told.said[1][1]]


def test_after_its_minutes_no_question_is_begun() -> None:
    plan = planned(questions=None, minutes=1.0)
    told = interview(plan, [part for _ in range(6) for part in answer(GOOD)])
    asked_s = [at_s for at_s, text in told.sounds if text in {plan.steps[q].lines[0] for q in plan.questions}]
    assert max(asked_s) <= 60.0 < told.at_s[-1]
    assert told.sounds[-1][1] in lines().goodbye


def test_stopped_it_falls_silent_and_tells_what_was_answered() -> None:
    told = interview(planned(questions=2), answer(GOOD), most_s=6.0)
    assert isinstance(told.events[-1], ev.DrillEnded)
    assert told.events[-1].stopped
    assert len(told.card.answers) == 1


@pytest.mark.parametrize(
    "text", ["we looked at the", "I called her because", "and um", "so we", "it is", "I went to,"]
)
def test_what_goes_on_is_open(text: str) -> None:
    assert is_open(Transcript.of_text(text).words)


@pytest.mark.parametrize(
    "text", ["we fixed it.", "nobody complained", "they still use the list", "I told her"]
)
def test_a_sentence_may_be_over(text: str) -> None:
    assert not is_open(Transcript.of_text(text).words)


@pytest.mark.parametrize("text", ["", "Um", "Good question, let me think about that", "Well okay"])
def test_words_that_hold_the_turn_say_nothing(text: str) -> None:
    assert is_thinking(Transcript.of_text(text).words)


def test_an_answer_says_something() -> None:
    assert not is_thinking(Transcript.of_text("Well, I called her.").words)
