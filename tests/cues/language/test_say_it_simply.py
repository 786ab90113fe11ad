"""*Say it simply*: the third term that nobody explained."""

from __future__ import annotations

import pytest

from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.talks import nudged, talk, told

FILL = "and we talked with the people who look after it about what we could do with it in the week after that"
TERMS = ("kubernetes", "idempotency", "sharding")


def spoken(*terms: str, fill: str = FILL) -> str:
    return " ".join(f"then I looked at the {term} {fill}" for term in terms)


def given(text: str, profile: Profile | None = None, **how: bool) -> list[tuple[str, float]]:
    return told(talk(text, **how), profile or load("interview"), "say_it_simply")  # type: ignore[arg-type]


def test_the_third_unexplained_term_is_told_by_name() -> None:
    nudge = next(one for one in nudged(talk(spoken(*TERMS)), load("interview")) if one.cue == "say_it_simply")
    assert nudge.text == "Say it simply"
    assert nudge.why.startswith("“kubernetes”, “idempotency” and “sharding” went by")
    assert (nudge.evidence.value, nudge.evidence.threshold, nudge.evidence.unit) == (3.0, 3.0, "terms")


@pytest.mark.parametrize(
    "terms", [TERMS[:2], ("kubernetes", "kubernetes", "kubernetes", "sharding"), ("sheet", "page", "table")]
)
def test_two_terms_or_one_said_often_or_plain_words_are_fine(terms: tuple[str, ...]) -> None:
    assert given(spoken(*terms)) == []


def test_a_term_that_is_explained_does_not_count() -> None:
    text = (
        spoken(*TERMS[:2])
        + f" then I looked at the sharding which means that the data is cut in parts {FILL}"
    )
    assert given(text) == []


def test_it_waits_for_the_words_that_may_explain_a_term() -> None:
    assert given(spoken(*TERMS[:2]) + " then I looked at the sharding and we") == []


def test_after_it_was_told_three_others_count() -> None:
    again = spoken(*TERMS, "webhook", "mutex", fill=FILL + " " + FILL)
    assert len(given(again)) == 1
    assert len(given(f"{again} {spoken('terraform', fill=FILL)} {FILL}")) == 2


def test_another_answer_counts_anew() -> None:
    first = talk(spoken(*TERMS[:2]))
    last_s = max(event.at_s for event in first)
    theirs = ev.TurnTaken(start_s=last_s, gap_s=0.2, channel=1, at_s=last_s + 0.2)
    second = talk(spoken(TERMS[2]), last_s + 5.0)
    assert told([*first, theirs, *second], load("interview"), "say_it_simply") == []
    assert len(told([*first, *talk(spoken(TERMS[2]), last_s + 1.0)], load("interview"), "say_it_simply")) == 1


def test_without_words_and_in_a_conversation_nothing_is_told() -> None:
    assert given(spoken(*TERMS), words=False) == []
    assert given(spoken(*TERMS), load("conversation")) == []


def test_a_talk_to_an_audience_is_told_too() -> None:
    assert len(given(spoken(*TERMS), load("presentation"))) == 1
