"""Who is muted is not there: no pause, no nudge, no measure; then they begin anew."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.core.nudges import Policy
from engine.core.session import Session
from engine.media.files.analysis import analyze
from engine.media.files.recording import Recording
from engine.media.voices.practice_answer import PassageSpan
from engine.media.voices.synthesis import silence
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures
from engine.shipped.profiles import load
from tests.harness.recordings import write
from tests.harness.session_runs import facts, heard

from .test_session import quick

RATE_HZ = 16_000
HOP = 160
Samples = NDArray[np.float32]
Answer = tuple[Samples, list[PassageSpan]]
E = TypeVar("E", bound=ev.Event)

UNFINISHED_S = 20.8
"""Of the practice answer: a filler is over, the sentence goes on 0.3 s later."""


def of(events: list[ev.AnyEvent], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def zeros(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def with_mute(samples: Samples, at_s: float, seconds: float) -> Samples:
    """The same, muted for so long at that time."""
    at = round(at_s * RATE_HZ)
    return np.concatenate([samples[:at], zeros(seconds), samples[at:]])


def sessions(
    channels: list[Samples],
    said: Iterable[tuple[int, bool, int]] = (),
    *,
    cuts: Iterable[int] = (),
    lost: Iterable[tuple[int, int]] = (),
    profile: Profile | None = None,
) -> tuple[Session, list[ev.AnyEvent]]:
    """A session in which a client says at a sample that its speaker, of a channel, is muted or no more."""
    session = Session(profile or load("conversation"), len(channels))
    told = sorted(said)
    gone = sorted(lost)
    edges = {0, channels[0].size, *cuts, *(at for at, *_ in told), *(edge for span in gone for edge in span)}
    for start, stop in pairwise(sorted(edge for edge in edges if edge <= channels[0].size)):
        for at, on, channel in told:
            if at == start:
                session.mute(on, channel)
        for channel, samples in enumerate(channels):
            if any(a <= start < b for a, b in gone):
                session.missing(channel, start, stop)
            else:
                session.hear(channel, samples[start:stop])
    session.finish()
    return session, session.poll()


def measured(samples: Samples, said: Iterable[tuple[int, bool, int]] = ()) -> ChannelMeasures:
    session, _ = sessions([samples], said)
    return session.summary().measures[0]


def often() -> Profile:
    profile = load("conversation")
    return msgspec.structs.replace(profile, nudges=msgspec.structs.replace(profile.nudges, gap_s=0.0))


def texts(events: list[ev.AnyEvent]) -> list[str]:
    return [event.text for event in of(events, ev.Nudge)]


# --- what a mute is ----------------------------------------------------------------


@pytest.mark.parametrize("told", [False, True])
def test_mute_in_mid_thought_is_no_pause_and_gives_no_nudge(answer: Answer, told: bool) -> None:
    at_s, mute_s = UNFINISHED_S, 26.0
    samples = with_mute(answer[0][: 24 * RATE_HZ], at_s, mute_s)
    said: list[tuple[int, bool, int]] = []
    if told:  # the microphone stays open: a client's word is enough
        samples[round(at_s * RATE_HZ) :][: round(mute_s * RATE_HZ)] = silence(mute_s)
        said = [(round(at_s * RATE_HZ), True, 0), (round((at_s + mute_s) * RATE_HZ), False, 0)]
    session, events = sessions([samples], said)
    (started,), (ended,) = of(events, ev.MuteStarted), of(events, ev.MuteEnded)
    assert started.told == told
    assert started.start_s == ended.start_s == pytest.approx(at_s, abs=0.03)
    assert ended.end_s == pytest.approx(ended.at_s, abs=0.011)
    assert ended.end_s == pytest.approx(at_s + mute_s, abs=0.03)
    assert started.at_s == pytest.approx(at_s if told else at_s + 2.0, abs=0.03)
    assert not {"Take your time", "Start with the point"} & set(texts(events))
    measures = session.summary().measures[0]
    assert measures.muted_s == pytest.approx(mute_s, abs=0.03)
    assert measures.longest_pause_s < 2.0 > max(e.silence_s for e in of(events, ev.PauseEnded))
    during = [e for e in of(events, ev.Reading) if started.at_s < e.at_s <= ended.end_s]
    assert {(e.talking, e.silence_s, e.stretch_s, e.pace_wpm) for e in during} == {(False, 0.0, 0.0, None)}
    before = [e for e in of(events, ev.Reading) if at_s < e.at_s <= started.at_s]
    assert max((e.silence_s for e in before), default=0.0) < 0.4, "what may be a mute is no silence yet"
    words = next(
        e for e in facts(events) if e.seq > ended.seq and isinstance(e, ev.SpeechStarted | ev.PauseEnded)
    )
    assert isinstance(words, ev.SpeechStarted), "they begin anew"


def test_muted_from_the_start_owes_nobody_a_word(answer: Answer) -> None:
    events = heard([np.concatenate([zeros(12.0), answer[0][: 8 * RATE_HZ]])])
    (started,), (ended,) = of(events, ev.MuteStarted), of(events, ev.MuteEnded)
    assert (started.start_s, started.at_s) == (0.0, 2.0)
    assert ended.end_s == pytest.approx(12.0, abs=0.02)
    assert texts(events) == []


@pytest.mark.parametrize("mute_s", [2.5, 20.0, 70.0])
def test_how_long_a_mute_was_changes_no_measure(answer: Answer, mute_s: float) -> None:
    samples = answer[0][: 15 * RATE_HZ]
    whole, found = measured(samples), measured(with_mute(samples, 9.0, mute_s))
    assert found.muted_s == pytest.approx(mute_s, abs=0.02)
    # The network knows less of a syllable that begins after silence of zeros than of one that goes on.
    assert found.syllables == pytest.approx(whole.syllables, abs=2)
    counts = ("phrases", "rises", "fillers", "lost_s")
    assert [getattr(found, name) for name in counts] == [getattr(whole, name) for name in counts]
    assert found.pause_count == whole.pause_count - 1, "the one in which they muted"
    for name, near in {
        "speech_s": 0.1,
        "pace_wpm": 8.0,
        "snr_db": 1.0,
        "level_dbfs": 0.1,
        "f0_sd_st": 0.1,
    }.items():
        assert getattr(found, name) == pytest.approx(getattr(whole, name), abs=near), name


def test_room_that_comes_back_is_no_speech(answer: Answer) -> None:
    room = (10 ** (-60 / 20) * np.random.default_rng(5).standard_normal(4 * RATE_HZ)).astype(np.float32)
    events = heard([np.concatenate([answer[0][: 5 * RATE_HZ], zeros(10.0), room])])
    (ended,) = of(events, ev.MuteEnded)
    assert [e for e in facts(events) if e.seq > ended.seq] == []


def test_one_step_of_sixteen_bits_is_digital_silence(answer: Answer) -> None:
    step = (2**-15 * np.sign(np.random.default_rng(2).standard_normal(6 * RATE_HZ))).astype(np.float32)
    events = heard([np.concatenate([answer[0][: 5 * RATE_HZ], step, answer[0][: 3 * RATE_HZ]])])
    assert [e.end_s - e.start_s for e in of(events, ev.MuteEnded)] == [pytest.approx(6.0, abs=0.1)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.webm", "a.m4a", "a.mp3"])
def test_every_codec_keeps_a_mute(answer: Answer, tmp_path: Path, name: str) -> None:
    samples = with_mute(answer[0][: 14 * RATE_HZ], 9.0, 12.0)
    rate = 44_100 if name.endswith("mp3") else 48_000
    place = np.arange(round(samples.size * rate / RATE_HZ)) * RATE_HZ / rate
    path = write(
        tmp_path / name, np.interp(place, np.arange(samples.size), samples).astype(np.float32), rate=rate
    )
    found = analyze([Recording(path)], load("conversation"))
    (ended,) = (e for e in found.events if isinstance(e, ev.MuteEnded))
    assert ended.start_s == pytest.approx(9.0, abs=0.1)
    assert ended.end_s == pytest.approx(21.0, abs=0.1)
    assert found.measures[0].muted_s == pytest.approx(12.0, abs=0.2)
    assert not {"Take your time", "Start with the point"} & {nudge.text for nudge in found.nudges}


# --- what is none --------------------------------------------------------------------


@pytest.mark.parametrize("gone_s", [0.02, 0.4, 1.9])
def test_dropout_is_no_mute(answer: Answer, gone_s: float) -> None:
    events = heard([with_mute(answer[0][: 14 * RATE_HZ], 9.0, gone_s)])
    assert of(events, ev.MuteStarted) == []
    assert of(events, ev.PauseEnded)


def gated(samples: Samples) -> Samples:
    """The same behind a noise gate: digital silence wherever it is softer than −55 dBFS for 0.1 s."""
    hops = samples[: samples.size // HOP * HOP].reshape(-1, HOP).copy()
    soft = (hops**2).mean(axis=1) < 10 ** (-55 / 10)
    closed = np.convolve(soft, np.ones(10), "full")[: soft.size] >= 10
    hops[closed] = 0.0
    return hops.reshape(-1)


def test_pauses_behind_a_noise_gate_are_pauses(answer: Answer) -> None:
    samples = gated(
        np.concatenate(
            [answer[0][: round(UNFINISHED_S * RATE_HZ)], silence(6.0), answer[0][21 * RATE_HZ : 28 * RATE_HZ]]
        )
    )
    events = heard([samples], profile=often())
    assert of(events, ev.MuteStarted) == []
    assert max(e.silence_s for e in of(events, ev.PauseEnded)) == pytest.approx(6.0, abs=0.7)
    assert "Take your time" in texts(events)
    longer = heard([gated(np.concatenate([samples, silence(14.0)]))])
    (started,) = of(longer, ev.MuteStarted)
    assert started.at_s - started.start_s == pytest.approx(10.0, abs=0.02)


# --- the laws hold ---------------------------------------------------------------------

spots = st.integers(1, 14 * RATE_HZ)
words = st.lists(st.tuples(spots, st.booleans(), st.just(0)), max_size=6)


@given(cuts=st.lists(spots, max_size=30), said=words, lost=st.tuples(spots, st.integers(1, RATE_HZ)))
@quick
def test_cutting_the_same_audio_differently_changes_no_event(
    answer: Answer, cuts: list[int], said: list[tuple[int, bool, int]], lost: tuple[int, int]
) -> None:
    samples = with_mute(answer[0][: 11 * RATE_HZ], 9.0, 3.0)
    spans = [(lost[0], min(samples.size, lost[0] + lost[1]))]
    _, whole = sessions([samples], said, lost=spans)
    assert sessions([samples], said, lost=spans, cuts=cuts)[1] == whole


@pytest.mark.slow
@given(
    cuts=st.lists(spots, max_size=20),
    said=st.lists(st.tuples(spots, st.booleans(), st.integers(0, 1)), max_size=6),
)
@quick
def test_two_channels_cut_differently_give_the_same_events(
    answer: Answer, cuts: list[int], said: list[tuple[int, bool, int]]
) -> None:
    channels = [with_mute(answer[0][: 9 * RATE_HZ], 5.0, 5.0), answer[0][14 * RATE_HZ : 28 * RATE_HZ]]
    _, whole = sessions(channels, said)
    assert sessions(channels, said, cuts=cuts)[1] == whole


@given(said=words, lost=st.tuples(spots, st.integers(1, 2 * RATE_HZ)))
@quick
def test_nothing_is_told_of_who_is_muted(
    answer: Answer, said: list[tuple[int, bool, int]], lost: tuple[int, int]
) -> None:
    samples = with_mute(answer[0][: 11 * RATE_HZ], 9.0, 3.0)
    session, events = sessions([samples], said, lost=[(lost[0], min(samples.size, lost[0] + lost[1]))])
    muted, since, total_s, lost_s = False, 0.0, 0.0, 0.0
    for event in events:
        match event:
            case ev.MuteStarted(start_s=start_s):
                assert not muted
                muted, since = True, start_s
            case ev.MuteEnded(start_s=start_s, end_s=end_s):
                assert muted
                assert since == start_s <= end_s
                muted, total_s = False, total_s + end_s - start_s
            case ev.AudioLost(start_s=start_s, end_s=end_s):
                assert not muted
                lost_s += end_s - start_s
            case ev.Reading() | ev.Trace() | ev.Creak() | ev.SignalProblem() | ev.NudgeCleared():
                pass
            case _:
                assert not muted, event
    measures = session.summary().measures[0]
    assert not muted
    assert measures.muted_s == pytest.approx(total_s, abs=0.02)
    assert measures.lost_s == pytest.approx(lost_s, abs=0.02)


@given(said=words)
@quick
def test_every_nudge_follows_from_the_events_before_it(
    answer: Answer, said: list[tuple[int, bool, int]]
) -> None:
    brisk = often()
    _, events = sessions([with_mute(answer[0][: 22 * RATE_HZ], 21.0, 6.0)], said, profile=brisk)
    again: list[tuple[str, int]] = []
    policy = Policy(brisk, 0, lambda event: again.append((getattr(event, "cue", "cleared"), event.id)))
    for event in events:
        if not isinstance(event, ev.Nudge | ev.NudgeCleared):
            policy.observe(event)
    policy.finish()
    given_ = [(e.cue if isinstance(e, ev.Nudge) else "cleared", e.id) for e in events if hasattr(e, "id")]
    assert again == given_


# --- between two ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talk(answer: Answer) -> list[Samples]:
    """Two sides in turn: one, the other, one."""
    one, other = silence(30.0), silence(30.0)
    one[: 8 * RATE_HZ] = answer[0][: 8 * RATE_HZ]
    other[9 * RATE_HZ : 19 * RATE_HZ] = answer[0][12 * RATE_HZ : 22 * RATE_HZ]
    one[27 * RATE_HZ :] = answer[0][: 3 * RATE_HZ]
    return [one, other]


@pytest.mark.parametrize("told", [False, True])
def test_who_listens_muted_is_answered_for_by_nobody(talk: list[Samples], told: bool) -> None:
    plain, before = sessions(talk)
    assert "Start with the point" in texts(before)
    muted = [talk[0].copy(), talk[1]]
    said = [(9 * RATE_HZ, True, 0), (26 * RATE_HZ, False, 0)]
    if not told:
        muted[0][9 * RATE_HZ : 26 * RATE_HZ] = 0.0
    session, events = sessions(muted, said if told else ())
    assert [(e.channel, e.told) for e in of(events, ev.MuteStarted)] == [(0, told)]
    assert texts([e for e in events if not e.channel]) == []
    # The other side's measures go on, and so does the order of turns.
    theirs = [m.summary().measures[1] for m in (plain, session)]
    alike = [msgspec.structs.replace(one, talk_share=None) for one in theirs]
    assert alike[0] == alike[1]
    for was, turn in zip(of(before, ev.TurnTaken), of(events, ev.TurnTaken), strict=True):
        assert turn.channel == was.channel
        assert turn.start_s == pytest.approx(was.start_s, abs=0.05)
    mine = session.summary().measures[0]
    assert mine.talk_share == pytest.approx(plain.summary().measures[0].talk_share, abs=0.01)
    assert [e.gap_s is None for e in of(events, ev.TurnTaken)] == [True, False, True]
    assert mine.exchange is not None
    assert (mine.exchange.slow_responses, mine.exchange.responses) == (0, 0)


def test_mute_in_mid_word_ends_the_turn_and_interrupts_nobody(answer: Answer) -> None:
    both = [answer[0][: 12 * RATE_HZ], np.concatenate([silence(7.0), answer[0][13 * RATE_HZ : 18 * RATE_HZ]])]
    _, events = sessions(both, [(7 * RATE_HZ, True, 0)])
    (started,) = of(events, ev.MuteStarted)
    assert started.start_s == 7.0
    assert not [e for e in of(events, ev.Interruption) if e.start_s > 7.2]
    assert [e.channel for e in of(events, ev.TurnTaken)] == [0, 1]


def test_digital_silence_of_one_who_listens_is_no_mute(answer: Answer) -> None:
    spoken = answer[0][: 14 * RATE_HZ]
    listening = np.concatenate([answer[0][: 5 * RATE_HZ], zeros(14.0)])
    talking = np.concatenate([zeros(5.0) + 1e-4, spoken])
    _, events = sessions([talking, listening])
    assert [event.channel for event in of(events, ev.TurnTaken)][-1] == 0
    assert of(events, ev.MuteStarted) == []
