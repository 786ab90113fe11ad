"""Questions, checks of what was meant, and check-ins, without punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.questions import classify, find_questions
from engine.language.transcript import Transcript


@pytest.mark.parametrize(
    "text",
    [
        "where did you put the ladder",
        "um so is there a bakery in this street",
        "can we see the garden from here",
        "how many chairs do we need",
        "it rained all week didn't it",
        "and what about the neighbours",
        "the other thing is what about the neighbours",
        "did they come by train or not",
    ],
)
def test_a_question_is_heard(text: str) -> None:
    assert classify(text).kind == "question"


@pytest.mark.parametrize(
    "text",
    [
        "pardon",
        "sorry could you say that again",
        "so you want the blue one",
        "do you mean the old harbour",
        "when you say soon is that this week",
        "if i understand you right the cellar is dry",
        "you left it where",
    ],
)
def test_a_check_of_what_was_meant_is_heard(text: str) -> None:
    assert classify(text).kind == "clarifying"


@pytest.mark.parametrize(
    "text",
    [
        "does that make sense",
        "shall i go on or is that enough",
        "is that what you were asking about",
        "do you want me to say more about the boat",
        "any questions so far",
        "is that roughly what you were after",
        "i can say more about the boat if you like",
        "please tell me if i am too fast",
        "would you like the long story",
        "did i answer your question",
    ],
)
def test_a_check_in_is_heard(text: str) -> None:
    assert classify(text).kind == "check_in"


@pytest.mark.parametrize(
    "text",
    [
        "do the best you can with the rest",
        "and do that for each one",
        "which can then be sold at the market",
        "which goes back to the first winter",
        "we walked along the beach for an hour",
        "what i did was paint the fence",
        "when we arrived the gate was shut",
        "which is why nobody came",
        "have to go home now",
        "we were late for the ferry",
        "what changed since then is small",
        "only in spring would he open the gate",
        "he knows how the neighbour did it",
        "um",
        "",
    ],
)
def test_a_statement_asks_nothing(text: str) -> None:
    assert classify(text).kind is None


def test_a_question_mark_is_believed() -> None:
    assert classify("The blue door is open?").kind == "question"
    assert classify("the blue door is open").kind is None


def test_a_few_words_check_only_as_somebodys_whole_turn() -> None:
    assert classify("the blue boat").kind == "clarifying"
    assert classify("the blue boat", alone=False).kind is None
    assert classify("so he painted it blue", alone=False).kind is None


def test_a_check_by_its_words_is_surer_than_one_by_its_place() -> None:
    assert classify("do you mean the old harbour").clarifying >= 0.7
    assert 0.25 <= classify("so it is dry").clarifying < 0.5
    assert classify("so that you can see it").kind is None
    assert classify("so that's great").kind is None


def test_words_said_twice_don_t_hide_a_question() -> None:
    assert classify("what what's wh what's the name of the boat").kind == "question"


def test_questions_have_their_places() -> None:
    words = Transcript.of_text(
        "We painted it. What do you mean by soon? It dried. Does that make sense?"
    ).words
    found = [(q.start, q.end, q.kind) for q in find_questions(words, timed=False)]
    assert found == [(3, 9, "clarifying"), (11, 15, "check_in")]


@given(
    st.lists(
        st.sampled_from(
            [
                "so",
                "what",
                "you",
                "is",
                "it",
                "the",
                "mean",
                "does",
                "that",
                "sense",
                "right",
                "or",
                "um",
                "house",
            ]
        ),
        max_size=12,
    )
)
def test_probabilities_are_probabilities_whatever_the_case(tokens: list[str]) -> None:
    asked = classify(" ".join(tokens))
    assert all(0 <= p <= 1 for p in (asked.question, asked.clarifying, asked.check_in))
    assert classify(" ".join(tokens).upper() + ".") == asked
