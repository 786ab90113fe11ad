"""The laws of the core, as properties."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.nudges import Policy
from engine.core.session import Session
from engine.cues import CUES
from engine.errors import UsageError
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.session_runs import facts, heard

RATE_HZ = 16_000
Samples = NDArray[np.float32]
Answer = tuple[Samples, list[PassageSpan]]

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(answer: Answer) -> list[ev.AnyEvent]:
    """Events of the first ten seconds, heard in one piece."""
    return heard([answer[0][: 10 * RATE_HZ]])


@pytest.fixture(scope="module")
def dialogue_whole(dialogue: list[Samples]) -> list[ev.AnyEvent]:
    return heard(dialogue)


@pytest.fixture(scope="module")
def dialogue(answer: Answer) -> list[Samples]:
    """Two sides, one starting into the other's turn."""
    x = answer[0][: 24 * RATE_HZ]
    other = np.zeros_like(x)
    other[5 * RATE_HZ : 12 * RATE_HZ] = x[13 * RATE_HZ : 20 * RATE_HZ]
    return [x[: 16 * RATE_HZ], other[: 16 * RATE_HZ]]


@given(cuts=st.lists(st.integers(1, 10 * RATE_HZ), max_size=60))
@quick
def test_cutting_the_same_audio_differently_changes_no_event(
    answer: Answer, whole: list[ev.AnyEvent], cuts: list[int]
) -> None:
    assert heard([answer[0][: 10 * RATE_HZ]], cuts=cuts) == whole


@pytest.mark.slow
@given(cuts=st.lists(st.integers(1, 16 * RATE_HZ), max_size=30))
@quick
def test_two_channels_cut_differently_give_the_same_events(
    dialogue: list[Samples], dialogue_whole: list[ev.AnyEvent], cuts: list[int]
) -> None:
    assert heard(dialogue, cuts=cuts) == dialogue_whole


def test_channels_may_arrive_at_different_times(
    dialogue: list[Samples], dialogue_whole: list[ev.AnyEvent]
) -> None:
    session = Session(load("conversation"), 2)
    session.hear(0, dialogue[0])
    assert session.now == 0
    for start in range(0, dialogue[1].size, 777):
        session.hear(1, dialogue[1][start : start + 777])
    session.finish()
    assert session.poll() == dialogue_whole


spans = st.lists(
    st.tuples(st.integers(0, 9 * RATE_HZ), st.integers(1, RATE_HZ)).map(lambda t: (t[0], t[0] + t[1])),
    min_size=1,
    max_size=6,
)


@given(lost=spans)
@quick
def test_lost_audio_is_neither_silence_nor_speech(
    answer: Answer, whole: list[ev.AnyEvent], lost: list[tuple[int, int]]
) -> None:
    x = answer[0][: 10 * RATE_HZ]
    events = heard([x], lost=lost)
    for event in events:
        if isinstance(event, ev.PauseStarted):
            inside = [a for a, b in lost if a / RATE_HZ + 0.02 < event.start_s < b / RATE_HZ - 0.02]
            assert not inside, f"a pause began in lost audio: {event}"
    last = [e for e in events if isinstance(e, ev.Reading)][-1]
    full = [e for e in whole if isinstance(e, ev.Reading)][-1]
    hidden_s = 0.8 * len(lost)  # each loss can hide a pause: 0.25 s on either side of 0.3 s lost
    assert last.speech_s <= full.speech_s + hidden_s
    told = sum(e.end_s - e.start_s for e in events if isinstance(e, ev.AudioLost))
    really = np.zeros(x.size, bool)
    for a, b in lost:
        really[a:b] = True
    assert told >= really.sum() / RATE_HZ - 1e-6


@given(lost=spans)
@quick
def test_all_ways_to_say_lost_are_the_same(answer: Answer, lost: list[tuple[int, int]]) -> None:
    x = answer[0][: 11 * RATE_HZ]
    session = Session(load("conversation"))
    known = np.ones(x.size, bool)
    for a, b in lost:
        known[a:b] = False
    at = 0
    while at < x.size:
        stop = at + int(np.argmax(known[at:] != known[at])) if (known[at:] != known[at]).any() else x.size
        if known[at]:
            session.hear(0, x[at:stop])
        elif at % 2:
            session.missing(0, at, stop)
        else:
            session.advance(to=stop)
        at = stop
    session.finish()
    assert session.poll() == heard([x], lost=lost)


def test_a_lost_packet_is_not_a_pause(answer: Answer) -> None:
    x = answer[0][: 13 * RATE_HZ]
    packets = [(s, s + 320) for s in range(8000, x.size, 16_000)]
    pauses = [e.start_s for e in heard([x]) if isinstance(e, ev.PauseStarted)]
    found = [e.start_s for e in heard([x], lost=packets) if isinstance(e, ev.PauseStarted)]
    assert len(found) <= len(pauses)
    assert all(min(abs(t - p) for p in pauses) < 0.1 for t in found)


def test_every_nudge_follows_from_the_events_before_it(answer: Answer) -> None:
    profile = load("conversation")
    events = heard([answer[0]], profile=profile)
    nudges = [e for e in events if isinstance(e, ev.Nudge)]
    assert nudges
    said: list[tuple[str, float]] = []
    policy = Policy(profile, 0, lambda event: said.append((getattr(event, "cue", "cleared"), event.id)))
    for event in events:
        if not isinstance(event, ev.Nudge | ev.NudgeCleared):
            policy.observe(event)
    policy.finish()
    given_ = [(e.cue if isinstance(e, ev.Nudge) else "cleared", e.id) for e in events if hasattr(e, "id")]
    assert said == given_
    for nudge in nudges:
        source = events[nudge.evidence.seq]
        assert source.seq == nudge.evidence.seq < nudge.seq
        if isinstance(source, ev.Reading):
            assert getattr(source, nudge.evidence.measure) == nudge.evidence.value


def test_order_has_no_gaps_and_time_never_goes_back(dialogue_whole: list[ev.AnyEvent]) -> None:
    events = dialogue_whole
    assert [e.seq for e in events] == list(range(len(events)))
    assert all(a.at_s <= b.at_s for a, b in pairwise(events))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e9])
def test_samples_that_are_no_audio_count_as_lost(answer: Answer, bad: float) -> None:
    x = answer[0][: 4 * RATE_HZ].copy()
    x[RATE_HZ : RATE_HZ + 800] = bad
    events = heard([x])
    problems = [(e.kind, e.on) for e in events if isinstance(e, ev.SignalProblem)]
    assert problems == [("bad_samples", True), ("bad_samples", False)]
    lost = [(e.start_s, e.end_s) for e in events if isinstance(e, ev.AudioLost)]
    assert lost == [(1.0, 1.05)]


def test_microphone_that_hears_next_to_nothing_is_told_from_a_muted_one(answer: Answer) -> None:
    hush = (3e-5 * np.random.default_rng(1).standard_normal(8 * RATE_HZ)).astype(np.float32)
    step = (2**-15 * np.sign(np.random.default_rng(2).standard_normal(6 * RATE_HZ))).astype(np.float32)
    x = np.concatenate([hush, step, answer[0][: 3 * RATE_HZ]])
    told = [e for e in heard([x]) if isinstance(e, ev.SignalProblem | ev.MuteStarted | ev.MuteEnded)]
    assert [(type(e), round(e.at_s)) for e in told] == [
        (ev.SignalProblem, 5),
        (ev.SignalProblem, 10),
        (ev.MuteStarted, 10),
        (ev.MuteEnded, 14),
    ]


def test_clipping_is_told(answer: Answer) -> None:
    x = np.clip(answer[0][: 6 * RATE_HZ] * 30, -1, 1)
    kinds = [e.kind for e in heard([x]) if isinstance(e, ev.SignalProblem)]
    assert "clipping" in kinds


def test_silence_gives_no_speech_and_no_trend(answer: Answer) -> None:
    hush = (1e-3 * np.random.default_rng(3).standard_normal(20 * RATE_HZ)).astype(np.float32)
    events = heard([hush])
    assert facts(events) == []


def test_a_cue_that_is_switched_off_stays_silent(answer: Answer) -> None:
    session = Session(load("conversation"))
    given_ = {e.cue for e in heard([answer[0]]) if isinstance(e, ev.Nudge)}
    for cue in given_:
        session.set_cue(cue, False)
    session.hear(0, answer[0])
    assert not given_ & {e.cue for e in session.poll() if isinstance(e, ev.Nudge)}
    without = {cue for cue in CUES if not session.profile.cue_on(cue)}
    assert {c.cue for c in session.cues() if not c.on} == given_ | without
    with pytest.raises(UsageError, match="cues are pace, check_in"):
        session.set_cue("tempo", False)


def test_wrong_use_says_what_would_have_worked() -> None:
    session = Session(load("conversation"))
    with pytest.raises(UsageError, match="this session has 1"):
        session.hear(1, np.zeros(160, np.float32))
    with pytest.raises(UsageError, match="float32 of one dimension"):
        session.hear(0, np.zeros((160, 2), np.float32))
    with pytest.raises(UsageError, match="float32 of one dimension"):
        session.hear(0, np.zeros(160, np.int16))
    with pytest.raises(UsageError, match="not yet at 320"):
        session.missing(0, 320, 640)
    with pytest.raises(UsageError, match="1 or 2 channels"):
        Session(load("conversation"), 3)
    session.finish()
    with pytest.raises(UsageError, match="begin another"):
        session.hear(0, np.zeros(160, np.float32))


def test_what_was_heard_already_is_dropped(answer: Answer) -> None:
    x = answer[0][: 5 * RATE_HZ]
    session = Session(load("conversation"))
    session.hear(0, x[:40_000], at=0)
    session.hear(0, x[20_000:30_000], at=20_000)
    session.hear(0, x[35_000:], at=35_000)
    session.finish()
    assert session.poll() == heard([x])


def test_summary_of_a_good_session(answer: Answer) -> None:
    session = Session(load("conversation"))
    session.hear(0, answer[0])
    session.finish()
    summary = session.summary()
    (measures,) = summary.measures
    assert summary.duration_s == pytest.approx(answer[0].size / RATE_HZ, abs=0.01)
    assert 0.5 * summary.duration_s < measures.speech_s < summary.duration_s
    assert measures.talk_share is None
    assert 1 <= len(summary.findings[0]) <= 3
    assert summary.nudges == [e for e in session.poll() if isinstance(e, ev.Nudge)]
