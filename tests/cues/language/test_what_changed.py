"""*What changed?*: after a story without a result, never in the middle of one."""

from __future__ import annotations

import pytest

from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.talks import WORD_S, talk, told

STORY = (
    "last autumn our build was so slow that people went for coffee I measured every step of it and I found "
    "two tests that waited for a server so I talked with their owner and we looked at them together "
    "then I wrote a small fake server and I put it in the place of the real one and I asked two people from "
    "the other team to review it and they had good questions about it"
)
"""About 30 s of what somebody did."""

PLAN = (
    "I would begin with the people who use it and I would ask them where they lose time then I would look at "
    "the three slowest pages and I would see which of them matter most then we can decide together where to "
    "begin and how to know whether it is better and I would put the numbers on a page that everyone can see"
)


def given(events: list[ev.AnyEvent], profile: Profile | None = None) -> list[tuple[str, float]]:
    return told(events, profile or load("interview"), "what_changed")


def test_a_story_without_a_result_is_told_after_it() -> None:
    end_s = len(STORY.split()) * WORD_S
    told_ = given(talk(STORY, silence_s=8.0))
    assert [text for text, _ in told_] == ["What changed?"]
    assert end_s + 4.0 <= told_[0][1] <= end_s + 5.0


@pytest.mark.parametrize(
    "result",
    [
        "and now the build takes a quarter of the time",
        "in the end everyone used it",
        "and since then nobody goes for coffee",
        "it dropped from twelve minutes to five",
    ],
)
def test_a_result_at_its_end_keeps_it_quiet(result: str) -> None:
    assert given(talk(f"{STORY} {result}", silence_s=8.0)) == []


def test_what_sounds_like_a_result_in_its_first_half_is_a_step() -> None:
    assert len(given(talk(f"eventually I had enough {STORY}", silence_s=8.0))) == 1


def test_a_plan_owes_no_result() -> None:
    assert given(talk(PLAN, silence_s=8.0)) == []


def test_nothing_while_they_speak_nor_when_they_go_on() -> None:
    end_s = len(STORY.split()) * WORD_S
    assert given(talk(STORY, silence_s=2.0)) == []
    again = talk("and then we talked", end_s + 3.0)
    assert given([*talk(STORY, silence_s=3.0), *again]) == []


def test_a_search_for_words_does_not_end_an_answer() -> None:
    assert given(talk(STORY, silence_s=6.0, contour="level")) == []
    assert len(given(talk(STORY, silence_s=10.0, contour="level"))) == 1


def test_the_other_sides_turn_ends_an_answer_at_once() -> None:
    end_s = len(STORY.split()) * WORD_S
    theirs = ev.TurnTaken(start_s=end_s + 0.5, gap_s=0.5, channel=1, at_s=end_s + 0.7)
    ((text, at_s),) = given([*talk(STORY, silence_s=6.0), theirs])
    assert text == "What changed?"
    assert at_s <= end_s + 1.5


@pytest.mark.parametrize(
    "how", [{"words": False}, {"missed": (10.0, 11.0)}, {"confidence": 0.3}, {"late_s": 20.0}]
)
def test_what_is_not_known_in_time_is_not_told(how: dict[str, bool | float | tuple[float, float]]) -> None:
    assert given(talk(STORY, silence_s=30.0, **how)) == []  # type: ignore[arg-type]


def test_a_short_answer_owes_no_story() -> None:
    assert given(talk("I did and I had and I was there and we went home", silence_s=8.0)) == []


def test_it_is_told_once_an_answer() -> None:
    assert len(given(talk(STORY, silence_s=90.0))) == 1


def test_it_is_off_in_a_conversation() -> None:
    assert given(talk(STORY, silence_s=8.0), load("conversation")) == []
