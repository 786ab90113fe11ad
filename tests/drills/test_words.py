"""Drills that hear words: what a drill listens for, questions and check-ins as they come, and the thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.drills.plan import Plan, plan
from engine.drills.script import parse
from engine.protocol import events as ev
from engine.protocol.drill_results import Listened, StepResult
from engine.shipped.drills import bank, load
from engine.shipped.profiles import load as load_profile
from tests.drills.speaking import LATE_S, LINE_S, card, steps, told, words


def listened(events: Sequence[ev.DrillEvent]) -> Listened:
    found = card(events).listened
    assert found is not None
    return found


def drill(name: str, level: str = "gentle") -> Plan:
    return plan(load(name), bank(), level=level, seed=1)  # type: ignore[arg-type]


TALK = (
    "I would make it faster and I would change the first page so people find what they look for and then I "
    "would look at the colours and the letters and I would make the button larger and put it at the top "
)

LONG = TALK * 12
"""Three minutes of it: longer than the drill."""


# --- a clarifying question ---------------------------------------------------------


def test_a_question_in_words_is_answered_and_judged_without_any_rise() -> None:
    said = [(4.0, "before I start what do you mean by better"), (14.0, TALK)]
    events = told(drill("vague-question"), said, until_s=60.0)
    assert ("clarify", 4) in steps(events), "of what better means"
    found = listened(events)
    assert (found.what, found.heard, found.by) == ("question", True, "words")
    assert "what do you mean by better" in found.quote
    assert found.text == f"You asked: “{found.quote}”."
    assert card(events).composure is None, "nothing else happens at this level"
    assert card(events).try_next.startswith("Ask what it is"), "a piece that was not asked for"


def test_without_a_question_the_card_says_so_by_words() -> None:
    events = told(drill("vague-question"), [(4.0, LONG)], until_s=200.0, stop=False)
    found = listened(events)
    assert (found.heard, found.by, found.quote) == (False, "words", "")
    assert card(events).try_next.startswith("Ask what it is")
    assert not any(do == "clarify" for do, _ in steps(events))


def test_without_words_a_question_is_judged_by_its_melody_as_before() -> None:
    said = [(4.0, "before I start what do you mean by better"), (14.0, LONG)]
    events = told(drill("vague-question"), said, until_s=200.0, hear_words=False, stop=False)
    found = listened(events)
    assert (found.heard, found.by) == (False, "sound")
    assert found.text == "No phrase of yours rose like a question."
    assert card(events).try_next.startswith("We didn't hear you ask a question.")


def test_a_question_that_they_talk_on_after_waits_for_nobody() -> None:
    said = [(4.0, "what do you mean by better"), (6.7, TALK)]
    events = told(drill("vague-question"), said, until_s=60.0)
    assert not any(do == "clarify" for do, _ in steps(events))
    assert not listened(events).heard


@pytest.mark.parametrize("missed", [(10.0, 14.0), None])
def test_what_was_missed_may_have_been_a_question(missed: tuple[float, float] | None) -> None:
    events = told(drill("vague-question"), [(4.0, LONG)], until_s=200.0, stop=False, missed=missed)
    found = listened(events)
    assert (found.heard, found.by) == ((False, "sound") if missed else (False, "words"))


def test_who_stops_early_is_not_told_that_they_said_nothing() -> None:
    events = told(drill("vague-question"), [(4.0, TALK * 2)], until_s=30.0)
    found = listened(events)
    assert (found.heard, found.by) == (None, None)
    assert not card(events).try_next.startswith("We didn't hear you ask")


def test_words_that_a_session_learns_reach_its_drill() -> None:
    made = drill("vague-question")
    session = Session(load_profile("interview"))
    session.begin_drill(made, [[LINE_S] * max(1, len(one.lines)) for one in made.steps])
    said = words("what do you mean by better?", 4.0)
    fact = ev.Words(words=said, start_s=said[0].start_s, end_s=said[-1].end_s, confidence=0.9, source="test")
    session.learn(fact, at=round((said[-1].end_s + LATE_S) * RATE_HZ))
    session.hear(0, np.zeros(12 * RATE_HZ, np.float32))
    session.finish()
    events = session.poll()
    (question, answered) = [event for event in events if isinstance(event, ev.DrillStep)]
    assert (question.do, answered.do) == ("ask", "clarify")
    assert 7.4 <= answered.at_s <= 7.5
    (ended,) = [event for event in events if isinstance(event, ev.DrillEnded)]
    assert ended.card.listened is not None
    assert ended.card.listened.quote == "what do you mean by better?"


def test_half_a_question_moves_nobody() -> None:
    said = [(4.0, "do you mean the"), (5.2, "app?"), (14.0, TALK)]
    mood = card(told(drill("vague-question"), said, until_s=60.0)).mood
    assert mood is not None
    assert {moved.quote for moved in mood.moved} == {"do you mean the app?"}


# --- a check-in --------------------------------------------------------------------

HEADLINE = TALK + "does that make sense so far "


def test_a_spoken_check_in_is_heard_and_holds_off_who_would_cut_in() -> None:
    rule = drill("thirty-second-rule")
    with_words = told(rule, [(4.0, HEADLINE + TALK)], until_s=42.0)
    without = told(rule, [(4.0, HEADLINE + TALK)], until_s=42.0, hear_words=False)
    assert "barge_in" not in [do for do, _ in steps(with_words)]
    assert "barge_in" in [do for do, _ in steps(without)]
    assert (listened(with_words).heard, listened(with_words).by) == (True, "words")
    assert "does that make sense" in listened(with_words).text
    assert (listened(without).heard, listened(without).by) == (None, None), "it was stopped"


def test_thirty_seconds_after_a_check_in_they_are_cut_in_on_again() -> None:
    events = told(drill("thirty-second-rule"), [(4.0, HEADLINE + LONG)], until_s=70.0)
    assert [do for do, _ in steps(events)][:2] == ["ask", "barge_in"]


def test_without_a_check_in_the_card_asks_for_one() -> None:
    events = told(drill("thirty-second-rule"), [(4.0, LONG + LONG)], until_s=250.0, stop=False)
    assert (listened(events).heard, listened(events).by) == (False, "words")
    assert "Shall I go on?" in card(events).try_next


# --- the other's view --------------------------------------------------------------


@pytest.mark.parametrize("name", ["ethics-debate", "stubborn-teammate"])
@pytest.mark.parametrize(
    ("view", "heard"),
    [
        ("I see why you worry about the releases and", True),
        ("you're right that it costs us a day and", True),
        ("the releases are late and", False),
    ],
)
def test_naming_the_others_view_is_heard(name: str, view: str, heard: bool) -> None:
    made = parse(
        'title = "A"\ntrains = "b"\nuse_when = "c"\nquestion = "Why?"\nminutes = 0.5\n'
        f'listens_for = "{load(name).listens_for}"\n'
        '[[step]]\ndo = "backchannel"\nwhen = { after_s = 26 }\n',
        "test",
        name=name,
    )
    text = f"{TALK} {view} {TALK}"
    events = told(plan(made, bank()), [(1.0, text)], until_s=60.0, stop=False)
    found = listened(events)
    assert (found.what, found.heard, found.by) == ("other_view", heard, "words")
    assert ("name their view" in card(events).try_next) == (not heard)


def test_without_words_the_others_view_is_not_judged() -> None:
    events = told(drill("ethics-debate"), [(4.0, TALK)], until_s=30.0, hear_words=False)
    found = listened(events)
    assert (found.heard, found.by) == (None, None)
    assert "only words tell it" in found.text


def test_other_drills_listen_for_nothing() -> None:
    assert card(told(drill("silence"), [(4.0, TALK)], until_s=30.0)).listened is None


# --- the thread --------------------------------------------------------------------

CUT = """
title = "A"
trains = "b"
use_when = "c"
question = "How do you release?"
[[step]]
do = "challenge"
say = "Why not use something simpler?"
when = { speaking_s = 8 }
"""

BEFORE = (
    "so we had a build that took an hour and the tests waited for a server and I measured every step of it"
)
"""22 words, 9 s: cut in on after 8."""


def thread(after: str, **how: object) -> StepResult:
    made = plan(parse(CUT, "test", name="cut"), bank())
    events = told(made, [(1.0, BEFORE), (13.0, after)], until_s=40.0, **how)  # type: ignore[arg-type]
    return next(event.result for event in events if isinstance(event, ev.DrillStepEnded))


@pytest.mark.parametrize(
    ("after", "expected", "by"),
    [
        (
            "and when the tests were measured the server was the slowest part so we put a fake there",
            "resumed",
            "words",
        ),
        (
            "as I was saying there was one thing that nobody had looked at in all that time",
            "resumed",
            "words",
        ),
        (
            "my second example comes from another company where customers complained about invoices",
            "anew",
            "words",
        ),
        ("sorry where was I let me think about it for a moment and then tell you the rest", "anew", "words"),
        (
            "something simpler might release badly because people release simply whatever they wanted here",
            "anew",
            "words",
        ),
        ("yes well", "resumed", "sound"),
    ],
)
def test_the_thread_is_told_by_the_words_before_and_after(after: str, expected: str, by: str) -> None:
    result = thread(after)
    assert (result.thread, result.thread_by) == (expected, by)


def test_without_words_or_with_missed_ones_the_thread_is_told_by_pitch_and_pace() -> None:
    after = "my second example comes from another company where customers complained about invoices"
    for result in (thread(after, hear_words=False), thread(after, missed=(14.0, 15.0))):
        assert (result.thread, result.thread_by) == ("resumed", "sound")
