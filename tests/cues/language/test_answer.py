"""When an answer begins and ends."""

from __future__ import annotations

import pytest

from engine.cues.language.answer import Answer
from engine.protocol import events as ev
from tests.harness.readings import reading
from tests.harness.talks import ordered, talk


def after(events: list[ev.AnyEvent], over_s: float = 4.0) -> Answer:
    answer = Answer(0, over_s)
    for event in ordered(events):
        answer.observe(event)
    return answer


def test_an_answer_ends_with_the_other_sides_turn_or_a_silence() -> None:
    first = talk("we shipped it on time", 1.0, silence_s=3.0)
    assert (after(first).begin_s, after(first).last) == (1.0, None)
    theirs = ev.TurnTaken(start_s=4.0, gap_s=0.3, channel=1, at_s=4.0)
    assert (after([*first, theirs]).begin_s, after([*first, theirs]).last) == (None, (1.0, 3.0))
    quiet = after(talk("we shipped it on time", 1.0, silence_s=4.5))
    assert (quiet.begin_s, quiet.last) == (None, (1.0, 3.0))


@pytest.mark.parametrize(
    "event",
    [
        ev.MuteStarted(start_s=2.5, told=True, at_s=2.6),
        ev.DrillStep(id=0, do="ask", role="interviewer", at_s=2.6),
    ],
)
def test_a_mute_and_a_drills_question_end_an_answer(event: ev.AnyEvent) -> None:
    answer = after([ev.SpeechStarted(start_s=1.0, at_s=1.1), reading(2.5), event])
    assert (answer.begin_s, answer.last) == (None, (1.0, 2.5))


def test_an_interruption_does_not_end_an_answer() -> None:
    cut_in = ev.DrillStep(id=1, do="barge_in", role="interviewer", at_s=2.6)
    assert after([ev.SpeechStarted(start_s=1.0, at_s=1.1), reading(2.5), cut_in]).begin_s == 1.0
