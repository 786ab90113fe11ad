"""Facts that become known after they were true: one way in, the same events whenever they are replayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ
from engine.core.attachments import Attachment
from engine.core.nudges import Policy
from engine.core.session import Session
from engine.cues import CUES
from engine.cues.base import Aim, Ask, Cue
from engine.errors import UsageError
from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped.profiles import load

Samples = NDArray[np.float32]

LATE_S = 0.73
"""How long after a phrase the recogniser of these tests knows what it was."""


class PhraseUnderstood(ev.LateFact, frozen=True, kw_only=True):
    """What a recogniser made of a phrase."""


class Recogniser(Attachment):
    """Reports each phrase some time after its end, as a helper process would."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def observe(self, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.PhraseEnded):
            fact = PhraseUnderstood(start_s=event.start_s, end_s=event.end_s, confidence=0.8, source="test")
            known = round((event.at_s + LATE_S) * RATE_HZ)
            self._session.learn(fact, event.channel, at=known)


@pytest.fixture(scope="module")
def samples(answer: tuple[Samples, object]) -> Samples:
    return answer[0][: 14 * RATE_HZ]


def told(
    samples: Samples, blocks: Sequence[int], *, learned: Sequence[ev.LateFact] = ()
) -> list[ev.AnyEvent]:
    """Events of samples cut into blocks: with a recogniser, or with what one reported before."""
    session, at, events = Session(load("conversation")), 0, list[ev.AnyEvent]()
    if learned:
        for fact in learned:
            session.learn(replace(fact, seq=ev.UNSTAMPED, at_s=0.0), at=round(fact.at_s * RATE_HZ))
    else:
        session.attach(Recogniser(session))
    while at < samples.size:
        for block in blocks:
            session.hear(0, samples[at : at + block])
            at += block
            events += session.poll()
    session.finish()
    return events + session.poll()


def late(events: Sequence[ev.AnyEvent]) -> list[PhraseUnderstood]:
    return [event for event in cast(Sequence[object], events) if isinstance(event, PhraseUnderstood)]


def test_it_says_when_it_was_true_and_when_it_was_known(samples: Samples) -> None:
    events = told(samples, [HOP])
    phrases = [event for event in events if isinstance(event, ev.PhraseEnded)]
    understood = late(events)
    assert len(understood) >= 3
    for phrase, fact in zip(phrases, understood, strict=False):
        assert (fact.start_s, fact.end_s) == (phrase.start_s, phrase.end_s)
        assert fact.at_s == pytest.approx(phrase.at_s + LATE_S, abs=0.011)
    assert [event.seq for event in events] == list(range(len(events)))
    assert [event.at_s for event in events] == sorted(event.at_s for event in events)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.integers(1, 40_000), min_size=1, max_size=4))
def test_cutting_the_samples_differently_changes_nothing(samples: Samples, blocks: list[int]) -> None:
    if sum(blocks) < 400:
        blocks = [*blocks, 400]
    assert told(samples, blocks) == told(samples, [2 * HOP])


def test_a_log_with_its_late_facts_replays_alike(samples: Samples) -> None:
    live = told(samples, [2 * HOP])
    understood = late(live)
    assert told(samples, [7777], learned=understood) == live


def test_a_fact_that_is_known_after_the_last_sample_is_told_at_the_end() -> None:
    session = Session(load("conversation"))
    session.hear(0, np.zeros(RATE_HZ, np.float32))
    session.learn(PhraseUnderstood(start_s=0.2, end_s=0.4, confidence=1.0, source="test"), at=3 * RATE_HZ)
    assert late(session.poll()) == []
    session.finish()
    (fact,) = late(session.poll())
    assert fact.at_s == 1.0


def test_what_is_not_over_cannot_be_known() -> None:
    session = Session(load("conversation"))
    session.hear(0, np.zeros(RATE_HZ, np.float32))
    for start_s, end_s in ((0.5, 1.5), (0.5, 0.4), (-0.1, 0.5)):
        with pytest.raises(UsageError, match="cannot be known at 1"):
            session.learn(PhraseUnderstood(start_s=start_s, end_s=end_s, confidence=1.0, source="test"))
    with pytest.raises(UsageError, match="no channel 1"):
        session.learn(PhraseUnderstood(start_s=0.0, end_s=0.1, confidence=1.0, source="test"), 1)
    session.finish()
    with pytest.raises(UsageError, match="finished"):
        session.learn(PhraseUnderstood(start_s=0.0, end_s=0.1, confidence=1.0, source="test"))


# --- cues that ask late ----------------------------------------------------------


class Jargon(Cue):
    """Asks about the last late fact, for two seconds after it was true; stands in for another cue."""

    name = "fillers"
    label = "Jargon"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._ask: Ask | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, None, "")

    def observe(self, event: ev.AnyEvent) -> None:
        fact = cast(object, event)
        if isinstance(fact, PhraseUnderstood):
            evidence = ev.Evidence(
                measure="phrase_understood", value=1.0, unit="", threshold=0.0,
                window_s=(fact.start_s, fact.end_s), confidence=fact.confidence, seq=fact.seq,
            )  # fmt: skip
            self._ask = Ask("Plain words", "A term was used.", evidence, until_s=fact.end_s + 2.0)

    def ask(self) -> Ask | None:
        return self._ask

    def given(self) -> None:
        self._ask = None

    def corrected(self) -> bool:
        return False


@pytest.mark.parametrize(("known_s", "nudged"), [(5.5, True), (6.9, True), (7.2, False)])
def test_an_ask_expires(monkeypatch: pytest.MonkeyPatch, known_s: float, nudged: bool) -> None:
    monkeypatch.setitem(CUES, "fillers", Jargon)
    profile = load("conversation")
    nudges: list[ev.Nudge | ev.NudgeCleared] = []
    policy = Policy(profile, 0, nudges.append)
    fact = PhraseUnderstood(seq=7, at_s=known_s, start_s=4.0, end_s=5.0, confidence=0.9, source="test")
    policy.observe(cast(ev.AnyEvent, fact))
    assert [nudge.evidence.seq for nudge in nudges if isinstance(nudge, ev.Nudge)] == [7] * nudged


def test_nudges_on_late_facts_follow_from_the_log(monkeypatch: pytest.MonkeyPatch, samples: Samples) -> None:
    """Law 4: the events before a nudge give it, late facts among them."""
    monkeypatch.setitem(CUES, "fillers", Jargon)
    live = told(samples, [2 * HOP])
    given = [event for event in live if isinstance(event, ev.Nudge | ev.NudgeCleared)]
    assert any(isinstance(nudge, ev.Nudge) and nudge.cue == "fillers" for nudge in given)
    replayed: list[ev.Nudge | ev.NudgeCleared] = []
    policy = Policy(load("conversation"), 0, replayed.append)
    for event in live:
        if not isinstance(event, ev.Nudge | ev.NudgeCleared | ev.Trace):
            policy.observe(event)
    policy.finish()
    unstamped = {"seq", "at_s"}
    assert [{k: v for k, v in asdict(one).items() if k not in unstamped} for one in replayed] == [
        {k: v for k, v in asdict(one).items() if k not in unstamped} for one in given
    ]
