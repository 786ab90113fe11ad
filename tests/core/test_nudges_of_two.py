"""Nudges where another side speaks: a person, or a drill that plays one."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.core.nudges import Policy
from engine.protocol import events as ev
from engine.protocol.drill_results import Card
from engine.shipped.profiles import load
from tests.harness.readings import reading

from .test_nudges import event, fed

CARD = Card(
    drill="a", title="A", level="gentle", seed=1, duration_s=2.0, events=[], composure=None, try_next=""
)


def drill_started(at_s: float) -> Any:
    return event(
        ev.DrillStarted,
        at_s,
        drill="a",
        title="A",
        level="gentle",
        seed=1,
        question="Why?",
        steps=1,
        most_s=60.0,
    )


def says(do: str, at_s: float, length_s: float) -> list[Any]:
    """The events of a step with a voice."""
    sound = {
        "turn": 0,
        "kind": "voice",
        "role": "interviewer",
        "say": "And?",
        "sound": None,
        "breaks_up": False,
    }
    return [
        event(ev.DrillStep, at_s, id=0, do=do, role="interviewer"),
        event(ev.DrillSound, at_s, step=0, length_s=length_s, **sound),
    ]


def talking(channel: int = 0) -> list[ev.AnyEvent]:
    return [reading(t / 4, channel, stretch_s=t / 4) for t in range(1, 640)]


def test_who_is_alone_is_told_to_wrap_up_where_one_of_two_is_to_check_in() -> None:
    assert fed(talking())[0] == ("Wrap up", 120.0)
    theirs = [reading(0.25, 1, talking=False)]
    assert fed([*theirs, *talking()])[0] == ("Check in now", 30.0)
    interview = load("interview")
    assert fed(talking(), profile=interview)[0] == ("Wrap up", 120.0)
    assert fed(talking(), profile=load("presentation")) == []


def test_drill_plays_another_side_while_it_goes_on() -> None:
    over = event(ev.DrillEnded, 20.0, stopped=True, card=CARD)
    assert fed([drill_started(0.1), *talking()])[0] == ("Check in now", 30.0)
    both = sorted([drill_started(0.1), over, *talking()], key=lambda e: e.at_s)
    assert fed(both)[0] == ("Wrap up", 120.0)


def test_nobody_who_is_alone_owes_a_first_word_before_something_is_asked() -> None:
    silent = [reading(t / 4, talking=False, silence_s=t / 4) for t in range(1, 200)]
    assert fed(silent) == []

    def asked(*said: Any) -> list[tuple[str, float]]:
        return fed(sorted([*silent, *said], key=lambda e: (e.at_s, isinstance(e, ev.Reading))))

    begun = drill_started(10.0)
    assert asked(begun) == [("Start with the point", 15.0)]
    assert asked(begun, event(ev.DrillEnded, 12.0, stopped=True, card=CARD)) == []
    assert asked(begun, event(ev.SpeechStarted, 12.0, start_s=11.5)) == [], "they began"
    spoken = [begun, event(ev.SpeechStarted, 12.0, start_s=11.5), *says("ask", 20.0, 3.0)]
    assert asked(*spoken) == [("Start with the point", 28.0)]
    assert asked(begun, event(ev.SpeechStarted, 12.0, start_s=11.5), *says("barge_in", 20.0, 3.0)) == []


def cut_off() -> list[Any]:
    return [
        event(ev.Interruption, 4.8, 1, start_s=4.0, overlap_s=0.8),
        event(ev.InterruptionEnded, 5.5, 1, start_s=4.0, end_s=5.2, yielded=False),
        event(ev.PauseStarted, 8.25, 1, start_s=8.0, speech_s=4.0),
    ]


def test_going_on_soon_after_an_interruption_is_thanked_for() -> None:
    taken = event(ev.TurnTaken, 9.7, 0, start_s=9.0, gap_s=1.0)
    assert fed([*cut_off(), taken]) == [("Good recovery", 9.7)]
    profile = load("conversation")
    quiet = msgspec.structs.replace(profile, nudges=msgspec.structs.replace(profile.nudges, praise=False))
    said: list[Any] = []
    policy = Policy(quiet, 0, lambda kind, **f: said.append(kind))
    for e in [*cut_off(), taken]:
        policy.observe(e)
    assert said == []


def test_who_waits_while_the_interrupter_goes_on_has_not_lost_the_thread() -> None:
    again = event(ev.PauseEnded, 8.9, 1, start_s=8.8, silence_s=0.8)
    waiting = [reading(t / 4, talking=False, silence_s=1.0) for t in range(36, 60)]
    assert fed([*cut_off(), again, *waiting]) == []


def test_losing_the_thread_after_an_interruption() -> None:
    waiting = [reading(t / 4, talking=False, silence_s=1.0) for t in range(34, 60)]
    assert fed([*cut_off(), *waiting]) == [("Find your thread", 12.25)]


def tried(start_s: float, *, yielded: bool = True) -> list[Any]:
    return [
        event(ev.Interruption, start_s + 0.8, 1, start_s=start_s, overlap_s=0.8),
        event(ev.InterruptionEnded, start_s + 1.5, 1, start_s=start_s, end_s=start_s + 1.2, yielded=yielded),
    ]


def test_the_other_side_that_tried_twice_wants_in() -> None:
    assert fed([*tried(4.0), *tried(12.0)]) == [("They want in", 12.8)]
    assert fed([*tried(4.0), *tried(30.0)]) == [], "too far apart"
    assert fed([*tried(4.0, yielded=False), *tried(12.0)]) == [], "they had the floor meanwhile"
    paused = event(ev.PauseStarted, 8.0, 0, start_s=7.75, speech_s=5.0)
    assert fed([*tried(4.0), paused, *tried(12.0)]) == [], "it was offered to them meanwhile"


def test_who_wants_in_is_not_told_so() -> None:
    assert fed([*tried(4.0), *tried(12.0)], channel=1) == [("Let them finish", 4.8)]
