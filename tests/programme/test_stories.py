"""Signature stories: which parts each take has, which take is the best, what is missing, what is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.errors import UsageError
from engine.programme.measures import FRAMEWORKS
from engine.programme.stories import HINTS, StoryState, check_story, stories, story_state
from engine.protocol.story import Story
from engine.protocol.take import FoundPart, Take
from engine.shipped.programmes import load, questions
from tests.harness.sample_answer import a_review
from tests.harness.sample_takes import an_answer

from .people import START, at, measures, take, words

SHIPPED = load()
BANK = [one.text for one in questions()]
STAR = ("situation", "task", "action", "result")


def a_story(**changed: Any) -> Story:
    usual = {"title": "Night jobs", "skill": "collaboration", "framework": "STAR", "made_at": at(START)}
    return msgspec.convert(usual | changed, Story)


def told(name: str, day: int, *parts: str, speech_s: float = 80.0, **changed: Any) -> Take:
    """A take of the story with parts in this order, its words not kept."""
    heard = [
        FoundPart(part=part, start_s=10.0 * place, end_s=10.0 * place + 9.0, confidence=0.8)
        for place, part in enumerate(parts)
    ]
    voice = measures(speech_s=speech_s)
    made = {"measures": voice, "word_measures": words(), "parts": heard, "story": "night-jobs"}
    return take(name, at(START + timedelta(days=day)), **(made | changed))


def state(story: Story, *takes: Take) -> StoryState:
    return story_state(SHIPPED, "night-jobs", story, takes)


def missing(of: StoryState) -> dict[str, tuple[bool, bool]]:
    """What is missing, in the best and in the newest take."""
    return {one.what: (one.in_best, one.in_newest) for one in of.missing}


def test_what_is_missing_is_told_of_the_best_and_of_the_newest_take() -> None:
    of = state(a_story(), told("a", 0, "situation"), told("b", 1, *STAR[1:]), told("c", 2, *STAR[:2]))
    assert [one.take for one in of.takes] == ["c", "b", "a"]
    assert of.best == "b"
    assert not of.best_is_own
    assert missing(of) == {"situation": (True, False), "action": (False, True), "result": (False, True)}
    assert of.missing[0].hint == "Say where and when it was."
    assert of.note == ""


def test_the_teller_may_call_another_take_the_best() -> None:
    takes = told("a", 0, "situation"), told("b", 1, *STAR)
    of = state(a_story(best="a"), *takes)
    assert (of.best, of.best_is_own) == ("a", True)
    assert set(missing(of)) == {"task", "action", "result"}
    assert state(a_story(best="gone"), *takes).best == "b"


def test_of_equal_takes_the_newest_is_the_best() -> None:
    assert state(a_story(), told("a", 0, *STAR), told("b", 1, *STAR)).best == "b"


def test_parts_in_another_order_are_missed() -> None:
    of = state(a_story(), told("a", 0, *reversed(STAR)))
    assert of.takes[0].in_order is False
    assert missing(of) == {"order": (True, True)}
    assert state(a_story(), told("a", 0, "situation")).takes[0].in_order is None


@pytest.mark.parametrize(
    ("speech_s", "lacks"), [(20.0, ["longer"]), (45.0, []), (165.0, []), (200.0, ["shorter"])]
)
def test_a_story_takes_one_to_three_minutes(speech_s: float, lacks: list[str]) -> None:
    of = state(a_story(), told("a", 0, *STAR, speech_s=speech_s))  # and 15 s of pauses
    assert of.takes[0].missing == lacks


def test_an_exercise_says_itself_how_long() -> None:
    short = told("a", 0, *STAR, speech_s=20.0, purpose="exercise:half_a_minute")
    assert state(a_story(), short).takes[0].missing == []


def test_without_words_nothing_is_missed() -> None:
    of = state(a_story(), told("a", 0, word_measures=None))
    assert of.takes[0].missing is None
    assert {one.found for one in of.takes[0].parts} == {None}
    assert (of.best, of.missing) == ("", [])
    assert of.note == "None of its takes has the 40 words that it needs to tell what is missing."
    few = state(a_story(), told("a", 0, "result", word_measures=words(words=39)))
    assert few.takes[0].missing is None
    assert [one.found for one in few.takes[0].parts] == [None, None, None, True]


def test_a_part_heard_below_its_confidence_is_not_found() -> None:
    unsure = [FoundPart(part="result", start_s=1.0, end_s=9.0, confidence=0.4)]
    of = state(a_story(), told("a", 0, *STAR[:3], parts=unsure))
    assert "result" in missing(of)


def test_a_figure_belongs_into_the_result() -> None:
    answer = an_answer(story="night-jobs")
    of = state(a_story(), answer)
    assert of.takes[0].figure is True
    assert of.takes[0].words
    review = a_review()
    elsewhere = [mark for mark in review.marks if mark.start < review.parts[3].start]
    without = msgspec.structs.replace(
        answer, review=msgspec.structs.replace(review, marks=elsewhere, unknown=[])
    )
    assert state(a_story(), without).takes[0].figure is False


def test_without_its_words_a_figure_is_missed_only_where_none_was_said() -> None:
    assert state(a_story(), told("a", 0, *STAR)).takes[0].figure is None
    none = state(a_story(), told("a", 0, *STAR, word_measures=words(figures=0)))
    assert missing(none) == {"figure": (True, True)}
    growth = told("a", 0, *FRAMEWORKS["growth"], word_measures=words(figures=0))
    assert state(a_story(framework="growth"), growth).missing == []


def test_lost_words_may_have_had_what_is_missing() -> None:
    review = a_review()
    lost = msgspec.structs.replace(review.unknown[0], start_s=10.0, end_s=30.0)
    of = state(
        a_story(), an_answer(story="night-jobs", review=msgspec.structs.replace(review, unknown=[lost]))
    )
    assert of.takes[0].missing is None


def test_a_take_of_a_story_is_asked_for_its_skill() -> None:
    assert state(a_story(), told("a", 0, *STAR)).takes[0].skill is not None
    assert story_state(SHIPPED, "x", a_story(), [told("a", 0, *STAR)]).takes == []


def test_each_part_and_each_other_lack_has_a_hint() -> None:
    parts = {part for wanted in FRAMEWORKS.values() for part in wanted}
    assert parts | {"order", "figure", "longer", "shorter"} == set(HINTS)


def test_questions_are_told_with_the_stories_that_answer_them() -> None:
    both = {
        "late": a_story(title="Late", answers=BANK[:1], made_at=at(START, 20)),
        "night-jobs": a_story(answers=BANK[:2]),
    }
    found = stories(SHIPPED, both, [told("a", 0, *STAR)], questions())
    assert [one.id for one in found.stories] == ["night-jobs", "late"]
    assert [one.stories for one in found.questions[:3]] == [["night-jobs", "late"], ["night-jobs"], []]
    assert found.unanswered == len(BANK) - 2
    assert [len(one.takes) for one in found.stories] == [1, 0]
    assert found.stories[1].note == "No take tells it yet."
    assert found.frameworks["STAR"] == STAR


def test_a_story_of_nothing_known_is_refused() -> None:
    check_story(a_story(answers=BANK[:1]), SHIPPED, BANK)
    with pytest.raises(UsageError, match="no such skill; skills are storytelling with data"):
        check_story(a_story(skill="charm"), SHIPPED, BANK)
    with pytest.raises(UsageError, match="no question of the bank"):
        check_story(a_story(answers=["Why?"]), SHIPPED, BANK)
    with pytest.raises(UsageError, match="needs a title"):
        check_story(a_story(title=" "), SHIPPED, BANK)


def test_what_stays_of_a_story_may_be_of_another_programme() -> None:
    old = a_story(skill="charm", answers=["Why?", BANK[0]])
    check_story(a_story(skill="charm", answers=["Why?"], title="Jobs"), SHIPPED, BANK, old=old)
    with pytest.raises(UsageError, match="no such skill"):
        check_story(a_story(skill="wit", answers=["Why?"]), SHIPPED, BANK, old=old)
    with pytest.raises(UsageError, match="no question of the bank"):
        check_story(a_story(answers=["Why not?"]), SHIPPED, BANK, old=old)
