"""*Headline first*: when an answer has gone on without any impact, and what keeps it quiet."""

from __future__ import annotations

import pytest

from engine.core.nudges import Policy
from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.talks import WORD_S, nudged, ordered, talk, told

LONG = (
    "so I joined the payments team in spring and there was a weekly report which three people wrote by hand "
    "I sat with the analysts and I asked them what they needed and they showed me their sheets "
    "then I wrote down every step and I talked with the people who read it and I asked which pages they open "
    "they told me about the second page and the chart with the regions and I looked for the place where the "
    "numbers come from and there was another sheet with another owner so I went to him and we looked at it "
    "together and he explained to me how he collects the numbers every Monday from the shops in the region"
)
"""About 45 s of a story without any impact."""

WORDS = LONG.split()


def given(events: list[ev.AnyEvent], profile: Profile | None = None) -> list[tuple[str, float]]:
    return told(events, profile or load("interview"), "headline_first")


def test_after_thirty_five_seconds_without_impact_it_is_told_once() -> None:
    told_ = given(talk(LONG))
    assert [text for text, _ in told_] == ["Headline first"]
    assert 35.0 <= told_[0][1] <= 38.0


def test_the_reason_says_how_long_and_what_to_do() -> None:
    nudge = next(one for one in nudged(talk(LONG), load("interview")) if one.cue == "headline_first")
    assert nudge.why.startswith("In 35 seconds") or nudge.why.startswith("In 36 seconds")
    assert (nudge.evidence.measure, nudge.evidence.unit, nudge.evidence.threshold) == ("words", "s", 35.0)
    assert nudge.evidence.value >= 35.0
    assert nudge.evidence.confidence == 0.9


@pytest.mark.parametrize(
    "impact",
    [
        "we cut the time by forty percent",
        "it went from 3 days to 20 minutes",
        "which saved us $2,000 a month",
        "the short answer is yes",
        "as a result nobody does it by hand",
        "complaints stopped",
    ],
)
def test_any_impact_in_the_words_so_far_keeps_it_quiet(impact: str) -> None:
    text = " ".join([*WORDS[:30], impact, *WORDS[30:]])
    assert given(talk(text)) == []


@pytest.mark.parametrize("number", ["in 2021 with seven people", "for three years", "on the second of May"])
def test_a_date_or_a_team_size_is_no_impact(number: str) -> None:
    assert len(given(talk(" ".join([*WORDS[:30], number, *WORDS[30:]])))) == 1


def test_without_words_nothing_is_told() -> None:
    assert given(talk(LONG, words=False)) == []


def test_when_some_words_were_missed_nothing_is_told() -> None:
    assert given(talk(LONG, missed=(10.0, 12.0))) == []


def test_words_that_the_recogniser_is_not_sure_of_tell_nothing() -> None:
    assert given(talk(LONG, confidence=0.4)) == []


def test_words_that_are_known_too_late_tell_nothing() -> None:
    assert given(talk(LONG, cut=len(WORDS), late_s=1.0)) == []


def test_an_answer_goes_on_after_a_pause_in_it() -> None:
    first, second = " ".join(WORDS[:60]), " ".join(WORDS[60:])
    begin_s = 60 * WORD_S + 3.0
    events = [*talk(f"we cut it by half {first}", silence_s=2.0), *talk(second, begin_s + 2.0)]
    assert given(events) == [], "the headline came before the pause"


def test_the_other_sides_turn_begins_another_answer() -> None:
    theirs = ev.TurnTaken(start_s=46.0, gap_s=0.3, channel=1, at_s=46.2)
    events = [*talk(f"we cut it by half {LONG}"), theirs, *talk(LONG, 60.0)]
    told_ = given(events)
    assert len(told_) == 1
    assert told_[0][1] > 95.0


def test_it_is_corrected_by_a_figure() -> None:
    cleared: list[ev.Nudge | ev.NudgeCleared] = []

    policy = Policy(load("interview"), 0, cleared.append)
    text = " ".join([*WORDS[:92], "so we cut it by forty percent", *WORDS[92:]])
    for event in ordered(talk(text, cut=1, late_s=0.5)):
        policy.observe(event)
    number = next(one.id for one in cleared if isinstance(one, ev.Nudge) and one.cue == "headline_first")
    assert ev.NudgeCleared(id=number, corrected=True) in cleared


def test_it_is_off_in_a_conversation() -> None:
    assert given(talk(LONG), load("conversation")) == []
