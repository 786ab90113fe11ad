"""*Ask first*: a drill's vague task that is taken up without a question."""

from __future__ import annotations

from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.talks import talk, told

START_S = 6.0

ANSWER = (
    "I would make it faster and I would change the first page so that people find what they need and then "
    "I would look at the colours and the letters and I would make the button larger and put it at the top"
)


def drill(*, vague: bool, length_s: float = 2.5) -> list[ev.AnyEvent]:
    return [
        ev.DrillStarted(
            drill="a", title="A", level="gentle", seed=1, question="How would you make it better?", steps=2,
            most_s=60.0, vague=vague, at_s=1.0,
        ),
        ev.DrillStep(id=0, do="ask", role="interviewer", at_s=1.5),
        ev.DrillSound(
            step=0, turn=0, kind="voice", role="interviewer", say="How would you make it better?", sound=None,
            breaks_up=False, length_s=length_s, at_s=1.5,
        ),
    ]  # fmt: skip


def given(said: list[ev.AnyEvent], *, vague: bool = True, profile: str = "interview") -> list[str]:
    return [text for text, _ in told([*drill(vague=vague), *said], load(profile), "ask_first")]


def test_a_vague_task_taken_up_without_a_question_is_told_once() -> None:
    assert given(talk(f"{ANSWER} {ANSWER} {ANSWER}", START_S)) == ["Ask first"]


def test_a_question_keeps_it_quiet_before_or_within_the_answer() -> None:
    assert given(talk(f"what do you mean by better {ANSWER}", START_S)) == []
    assert given(talk(f"okay. Who uses it today? {ANSWER}", START_S)) == []


def test_a_rise_may_have_been_a_question() -> None:
    first = talk("better for the people", START_S, contour="rise")
    assert given([*first, *talk(ANSWER, START_S + 5.0)]) == []


def test_a_rise_before_the_task_was_none_about_it() -> None:
    before = talk("shall we", 2.0, contour="rise", words=False)
    assert given([*before, *talk(ANSWER, START_S)]) == ["Ask first"]


def test_only_where_the_task_is_vague_and_only_in_drills() -> None:
    assert given(talk(ANSWER, START_S), vague=False) == []
    assert told(talk(ANSWER, START_S), load("interview"), "ask_first") == []


def test_words_before_the_task_do_not_count() -> None:
    assert given(talk("I would make it faster and better and larger", START_S)) == []


def test_without_words_or_in_a_conversation_nothing_is_told() -> None:
    assert given(talk(ANSWER, START_S, words=False)) == []
    assert given(talk(ANSWER, START_S, missed=(7.0, 8.0))) == []
    assert given(talk(ANSWER, START_S), profile="conversation") == []
