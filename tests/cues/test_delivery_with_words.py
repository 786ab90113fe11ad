"""Cues about delivery, where words are heard: a spoken check-in and filler words count."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.core.nudges import Policy
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.readings import reading
from tests.harness.talks import nudged, only, ordered, talk, told

CONVERSATION = load("conversation")

FILL = "we looked at the pages that people open most and we talked with those who write them every week and "


def accompanied(events: list[ev.AnyEvent]) -> list[ev.AnyEvent]:
    return [reading(0.05, 1, talking=False), *events]


def check_ins(text: str, *, alone: bool = False, words: bool = True) -> list[tuple[str, float]]:
    events = talk(text, words=words)
    return told(events if alone else accompanied(events), CONVERSATION, "check_in")


ONE = " ".join([FILL] * 3)
"""About 23 s."""


def test_a_spoken_check_in_offers_the_floor() -> None:
    assert check_ins(f"{ONE} {ONE}") == [("Check in now", 30.0)]
    ((text, at_s),) = check_ins(f"{ONE} does that make sense so far {ONE} {ONE}")
    assert text == "Check in now"
    assert at_s >= 55.0, "30 s after the check-in"
    assert check_ins(f"{ONE} does that make sense so far {ONE}") == []


def test_a_check_in_that_becomes_known_after_the_nudge_corrects_it() -> None:
    said: list[ev.Nudge | ev.NudgeCleared] = []
    policy = Policy(only(CONVERSATION, "check_in"), 0, said.append)
    text = " ".join([ONE, *FILL.split()[:12], "should I go on", ONE])
    for event in ordered(accompanied(talk(text, cut=1))):
        policy.observe(event)
    assert [type(one) for one in said[:2]] == [ev.Nudge, ev.NudgeCleared]
    assert said[1] == ev.NudgeCleared(id=1, corrected=True)


def test_a_question_that_is_no_check_in_offers_nothing() -> None:
    assert check_ins(f"{ONE} what did we do then {ONE}") == [("Check in now", 30.0)]


def test_without_words_check_in_is_as_it_was() -> None:
    text = f"{ONE} does that make sense so far {ONE}"
    assert check_ins(text, words=False) == [("Check in now", 30.0)]


def test_who_is_alone_has_nobody_to_check_in_with() -> None:
    six = " ".join([ONE] * 6)
    assert check_ins(f"{six} does that make sense so far {FILL}", alone=True) == [("Wrap up", 120.0)]


# --- fillers -----------------------------------------------------------------------

FILLED = "so we were, like, late and, you know, we, like, asked them and, you know, it was, like, a mess and "
"""Five markers in 8 s that say nothing."""


def fillers(text: str, *more: ev.AnyEvent, words: bool = True) -> list[ev.Nudge]:
    return nudged([*talk(text, words=words), *more], only(CONVERSATION, "fillers"))


def test_filler_words_count_with_filled_pauses() -> None:
    (nudge,) = fillers(f"{FILL} {FILLED} {FILLED} {FILL}")
    assert nudge.text == "Breathe instead"
    assert "“like”" in nudge.why
    assert "“you know”" in nudge.why
    assert (nudge.evidence.measure, nudge.evidence.threshold) == ("words", 8.0)
    assert nudge.evidence.value > 8.8


def test_a_few_filler_words_go_unnoticed_and_a_few_filled_pauses_more_do_not() -> None:
    text = f"{FILL} {FILLED} {FILL}"
    assert fillers(text) == []
    pauses = [ev.FilledPause(start_s=at, end_s=at + 0.3, confidence=0.9, at_s=at + 0.4) for at in (9.0, 11.0)]
    assert len(fillers(text, *pauses)) == 1
    guesses = [replace(one, confidence=0.3) for one in pauses]
    assert fillers(text, *guesses) == []


def test_ordinary_uses_of_the_same_words_are_none() -> None:
    text = "I like the way you know the rules and they look like a map and we would like to go as well "
    assert fillers(text * 4) == []


def test_written_um_is_counted_by_the_ears_alone() -> None:
    assert fillers(f"{FILL} um uh um uh um uh um {FILL}") == []


@pytest.mark.parametrize("words", [True, False])
def test_filled_pauses_alone_are_as_they_were(words: bool) -> None:
    rates = [
        replace(event, fillers_per_min=6.0) if isinstance(event, ev.Reading) else event
        for event in talk(FILL, words=words)
    ]
    pauses = [ev.FilledPause(start_s=at, end_s=at + 0.3, at_s=at + 0.5) for at in (1.0, 2.0, 3.0)]
    (nudge,) = nudged([*rates, *pauses], only(CONVERSATION, "fillers"))
    assert nudge.evidence.measure == "fillers_per_min"
    assert "“um”, “uh”" in nudge.why
