"""What is measured between two speakers, from scripted events and from dialogues."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.core.conversation import Between
from engine.core.session import Session
from engine.protocol import events as ev
from engine.shipped import profiles
from tests.harness.dialogues import compose, packaged_people
from tests.harness.readings import reading


def event(kind: Any, at_s: float, channel: int = 0, **fields: Any) -> Any:
    return kind(seq=round(at_s * 100), at_s=at_s, channel=channel, **fields)


def heard(*events: Any) -> Between:
    between = Between()
    for one in sorted(events, key=lambda e: e.at_s):
        between.observe(one)
    return between


def talk(channel: int, start_s: float, end_s: float, contour: ev.Contour = "fall") -> list[Any]:
    """A stretch of speech, as the listener tells it."""
    return [
        event(ev.SpeechStarted, start_s + 0.1, channel, start_s=start_s),
        event(
            ev.PhraseEnded, end_s + 0.25, channel, start_s=start_s, end_s=end_s, contour=contour,
            change_st=3.0, confidence=0.9,
        ),
        event(ev.PauseStarted, end_s + 0.25, channel, start_s=end_s, speech_s=end_s - start_s),
    ]  # fmt: skip


def turn(channel: int, start_s: float, gap_s: float | None) -> Any:
    return event(ev.TurnTaken, start_s + 0.7, channel, start_s=start_s, gap_s=gap_s)


def test_gaps_monologues_questions_and_overlap() -> None:
    between = heard(
        *talk(0, 0.0, 10.0, "rise"),
        turn(0, 0.0, None),
        *talk(1, 10.5, 14.0),
        turn(1, 10.5, 0.5),
        *talk(0, 17.0, 30.0),
        turn(0, 17.0, 3.0),
        *talk(1, 29.0, 31.0),
        turn(1, 29.0, -1.0),
        *talk(0, 32.0, 40.0),
        turn(0, 32.0, 1.0),
    )
    mine, theirs = (between.standing(channel, 40.0, (31.0, 5.5)) for channel in (0, 1))
    assert (mine.response_gap_s, mine.longest_gap_s, mine.slow_responses, mine.responses) == (2.0, 3.0, 1, 2)
    assert (theirs.response_gap_s, theirs.early_starts, theirs.slow_responses) == (0.5, 1, 0)
    assert (mine.longest_monologue_s, theirs.longest_monologue_s) == (12.0, 3.5)
    assert (mine.questions, theirs.questions) == (1, 0)
    assert mine.overlap_s == theirs.overlap_s == pytest.approx(1.0)


def test_a_monologue_that_goes_on_counts() -> None:
    between = heard(event(ev.SpeechStarted, 0.1, start_s=0.0), turn(0, 0.0, None))
    assert between.standing(0, 25.0, (25.0, 0.0)).longest_monologue_s == 25.0
    assert between.standing(1, 25.0, (25.0, 0.0)).longest_monologue_s == 0.0


def test_interruptions_are_suffered_yielded_to_and_held_against() -> None:
    def cut(start_s: float, end_s: float, *, yielded: bool) -> list[Any]:
        return [
            event(ev.Interruption, start_s + 0.8, 1, start_s=start_s, overlap_s=0.8),
            event(ev.InterruptionEnded, end_s + 0.3, 1, start_s=start_s, end_s=end_s, yielded=yielded),
        ]

    between = heard(*cut(2, 3, yielded=False), *cut(10, 13, yielded=False), *cut(20, 21, yielded=True))
    mine, theirs = (between.standing(channel, 30.0, (20.0, 20.0)) for channel in (0, 1))
    assert (mine.interruptions_suffered, mine.floor_held, mine.yield_s) == (3, 1, 2.0)
    assert (theirs.interruptions_suffered, theirs.yield_s) == (0, None)


def test_listening_is_counted_by_the_minute_of_the_other_sides_talk() -> None:
    nods = [event(ev.Backchannel, t + 0.5, 1, start_s=t, end_s=t + 0.3) for t in (5.0, 15.0, 25.0)]
    between = heard(*nods)
    assert between.standing(1, 30.0, (30.0, 1.0)).backchannels_per_min == 6.0
    assert between.standing(0, 30.0, (30.0, 1.0)).backchannels_per_min is None


@pytest.mark.parametrize(("sign", "found"), [(1.0, 1.0), (-1.0, -1.0)])
def test_following_the_others_pace_is_a_correlation(sign: float, found: float) -> None:
    events, paces = [], np.random.default_rng(0).uniform(3.0, 6.0, 10)
    for n, theirs_sps in enumerate(paces):
        at_s = 10.0 * n
        mine_sps = 4.5 + sign * (theirs_sps - 4.5) / 2
        for channel, start_s, sps in ((1, at_s, theirs_sps), (0, at_s + 5, mine_sps)):
            events += [turn(channel, start_s, 0.2)]
            events += [reading(start_s + 1 + k / 4, channel, articulation_sps=sps) for k in range(8)]
    mine = heard(*events, turn(1, 101.0, 0.2)).standing(0, 105.0, (50.0, 50.0))
    assert mine.pace_adaptation == pytest.approx(found)
    assert heard(*events[:40]).standing(0, 40.0, (20.0, 20.0)).pace_adaptation is None


@pytest.mark.slow
def test_a_dialogue_gives_what_was_put_into_it() -> None:
    voices, truth = compose(packaged_people(), 32.0, 11)

    def summed(block: int) -> Any:
        session = Session(profiles.load("conversation"), 2)
        for start in range(0, voices.shape[1], block):
            for channel in (0, 1):
                session.hear(channel, voices[channel, start : start + block].astype(np.float32))
        session.finish()
        return session.summary().measures

    measures = summed(320)
    assert measures == summed(1000)
    for channel in (0, 1):
        exchange = measures[channel].exchange
        assert exchange is not None
        assert exchange.interruptions_suffered == len(truth.interruptions[1 - channel])
        assert exchange.overlap_s == measures[1 - channel].exchange.overlap_s
    over_s = sum(b - a for spans in (*truth.interruptions, *truth.backchannels) for a, b in spans)
    assert measures[0].exchange.overlap_s == pytest.approx(over_s, abs=1.5)


def test_one_channel_has_no_exchange() -> None:
    session = Session(profiles.load("conversation"))
    session.finish()
    assert session.summary().measures[0].exchange is None
