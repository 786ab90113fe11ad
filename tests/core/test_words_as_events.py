"""Words reach the core as late facts: stamped, rounded, told to policies, and the same after a replay."""

from __future__ import annotations

import json

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.core.nudges import Policy
from engine.core.session import Session
from engine.language.builder import TranscriptBuilder
from engine.language.transcript import Transcript
from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.words import WordEvent
from engine.shipped.profiles import load
from tests.harness.scripted_recogniser import said
from tests.harness.talks import only

WORDS = [
    ev.Word(text="We", start_s=1 / 3, end_s=2 / 3, confidence=0.987654321, zipf=6.123456),
    ev.Word(text="shipped.", start_s=2 / 3, end_s=1.0, confidence=0.5),
]
FACTS: dict[str, ev.LateFact] = {
    "words": ev.Words(words=WORDS, start_s=1 / 3, end_s=1.0, confidence=0.7, source="test"),
    "words_corrected": ev.WordsCorrected(
        words=WORDS[:1], start_s=1 / 3, end_s=1.0, confidence=0.7, source="test"
    ),
    "words_missed": ev.WordsMissed(why="busy", start_s=1 / 3, end_s=1.0, confidence=1.0, source="test"),
}


def told(facts: dict[str, ev.LateFact], channels: int = 1, channel: int = 0) -> list[ev.AnyEvent]:
    session = Session(load("conversation"), channels)
    for one in range(channels):
        session.hear(one, np.zeros(2 * RATE_HZ, np.float32))
    for fact in facts.values():
        session.learn(replace(fact), channel)
    session.finish()
    return session.poll()


def words_of(events: list[ev.AnyEvent]) -> list[WordEvent]:
    return [event for event in events if isinstance(event, WordEvent)]


def check_in_at(start_s: float) -> ev.Words:
    """A spoken check-in of 1.6 s."""
    words = said("does that make sense?", start_s)
    end_s = words[-1].end_s
    return ev.Words(words=words, start_s=start_s, end_s=end_s, confidence=0.9, source="test")


@pytest.mark.parametrize(("channels", "restarts"), [(1, False), (2, True)])
def test_a_reading_tells_the_time_since_a_spoken_check_in_to_who_has_another_side(
    answer: tuple[NDArray[np.float32], object], channels: int, restarts: bool
) -> None:
    talk = answer[0][: 8 * RATE_HZ]
    session = Session(load("conversation"), channels)
    fact = check_in_at(2.0)
    session.learn(fact, 0, 5 * RATE_HZ)
    for channel, samples in enumerate((talk, np.zeros_like(talk))[:channels]):
        session.hear(channel, samples)
    session.finish()
    readings = [one for one in session.poll() if isinstance(one, ev.Reading)]
    mine = [one for one in readings if one.channel == 0 and one.stretch_s > 0]
    counted = [one for one in mine if one.since_check_in_s is not None]
    assert bool(counted) == restarts
    assert all(one.since_check_in_s == pytest.approx(one.at_s - fact.end_s, abs=0.01) for one in counted)
    assert counted == [one for one in mine if one.at_s > 5.0 and restarts], "not before it is known"
    assert all(one.since_check_in_s is None for one in readings if one.channel == 1)


@pytest.mark.parametrize(("channels", "channel"), [(1, 0), (2, 0), (2, 1)])
def test_words_have_their_place_and_their_channel(channels: int, channel: int) -> None:
    events = told(FACTS, channels, channel)
    assert [event.seq for event in events] == list(range(len(events)))
    assert [(event.channel, event.at_s) for event in words_of(events)] == [(channel, 2.0)] * 3


def test_times_and_confidences_of_words_are_rounded_as_those_of_events_are() -> None:
    said, corrected, missed = words_of(told(FACTS))
    assert isinstance(said, ev.Words)
    assert isinstance(corrected, ev.WordsCorrected)
    assert said.start_s == missed.start_s == 0.3333
    assert said.words[0] == ev.Word(text="We", start_s=0.3333, end_s=0.6667, confidence=0.9877, zipf=6.1235)
    assert said.words[1].zipf is None
    assert corrected.words == said.words[:1]
    assert WORDS[0].start_s == 1 / 3, "what the recogniser holds stays as it is"


@pytest.mark.parametrize("kind", FACTS)
def test_words_survive_the_wire_and_a_log_replays_alike(kind: str) -> None:
    (event,) = words_of(told({kind: FACTS[kind]}))
    text = messages.encode(event)
    assert json.loads(text)["type"] == kind
    decoded = messages.decode_batch(messages.batch([text]))
    assert decoded == [event]
    assert words_of(told({kind: event})) == [event]


def test_words_alone_change_nothing_else_that_is_heard() -> None:
    with_words, without = told(FACTS), told({})
    kept = [event for event in with_words if not isinstance(event, WordEvent)]
    assert [replace(event, seq=0) for event in kept] == [replace(event, seq=0) for event in without]


def test_a_check_decides_what_is_told_when_it_is_known() -> None:
    session = Session(load("conversation"))
    asked_s: list[float] = []

    def check(fact: ev.LateFact) -> list[ev.LateFact]:
        asked_s.append(session.now / RATE_HZ)
        return [] if fact.start_s < 1.0 else [fact, replace(fact, end_s=fact.end_s + 0.5)]

    for start_s in (0.5, 1.5):
        fact = ev.WordsMissed(why="busy", start_s=start_s, end_s=start_s + 0.2, confidence=1.0, source="test")
        session.learn(fact, at=3 * RATE_HZ, check=check)
    session.hear(0, np.zeros(2 * RATE_HZ, np.float32))
    assert asked_s == []
    session.hear(0, np.zeros(2 * RATE_HZ, np.float32))
    assert asked_s == [3.0, 3.0]
    assert [(event.start_s, event.end_s) for event in words_of(session.poll())] == [(1.5, 1.7), (1.5, 2.2)]


# --- nudges that rest on words ----------------------------------------------------

TERMS = "then I looked at the kubernetes and the sharding and the idempotency " * 4


def heard(samples: NDArray[np.float32], block: int) -> list[ev.AnyEvent]:
    """Events of samples, with words that become known a second after they are said."""
    session = Session(only(load("interview"), "say_it_simply"))
    said = [
        replace(one, start_s=one.start_s + 2.0, end_s=one.end_s + 2.0)
        for one in Transcript.of_text(TERMS).words
    ]
    for first in range(0, len(said), 4):
        part = said[first : first + 4]
        fact = ev.Words(
            words=part, start_s=part[0].start_s, end_s=part[-1].end_s, confidence=0.9, source="test"
        )
        session.learn(fact, at=round((part[-1].end_s + 1.0) * RATE_HZ))
    for start in range(0, samples.size, block):
        session.hear(0, samples[start : start + block])
    session.finish()
    return session.poll()


def test_a_nudge_on_words_cites_them_and_follows_from_the_log(
    answer: tuple[NDArray[np.float32], object],
) -> None:
    samples = answer[0][: 25 * RATE_HZ]
    events = heard(samples, 320)
    assert heard(samples, 7777) == events
    (nudge,) = [event for event in events if isinstance(event, ev.Nudge)]
    assert (nudge.cue, nudge.evidence.measure) == ("say_it_simply", "words")
    cited = events[nudge.evidence.seq]
    assert isinstance(cited, ev.Words)
    assert cited.seq < nudge.seq
    replayed: list[ev.Nudge | ev.NudgeCleared] = []
    policy = Policy(only(load("interview"), "say_it_simply"), 0, replayed.append)
    for event in events:
        if not isinstance(event, ev.Nudge | ev.NudgeCleared):
            policy.observe(event)
    assert [one.why for one in replayed if isinstance(one, ev.Nudge)] == [nudge.why]


def test_words_of_the_other_side_that_leak_in_are_nobodys(
    answer: tuple[NDArray[np.float32], object],
) -> None:
    """The recognisers of both channels hear the same words; each transcript has those of its own speaker."""
    samples = answer[0][: 20 * RATE_HZ]
    left, right = samples.copy(), samples.copy()
    left[10 * RATE_HZ :], right[: 11 * RATE_HZ] = 0.0, 0.0
    session, builders = Session(load("conversation"), 2), [TranscriptBuilder(0), TranscriptBuilder(1)]
    session.hear(0, left + np.float32(0.1) * right)
    session.hear(1, right + np.float32(0.1) * left)
    heard_words = {3: "first", 15: "second"}
    for channel in (0, 1):
        for at_s, text in heard_words.items():
            said = [ev.Word(text=text, start_s=at_s, end_s=at_s + 0.4, confidence=0.9)]
            session.learn(
                ev.Words(words=said, start_s=at_s, end_s=at_s + 0.4, confidence=0.9, source="test"), channel
            )
    session.finish()
    for event in session.poll():
        for builder in builders:
            builder.observe(event)
    texts = [[word.text for word in builder.transcript().words if word.text != "um"] for builder in builders]
    assert texts == [["first"], ["second"]]
