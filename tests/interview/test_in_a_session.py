"""An interview in a session: the same sound and words give the same events, however they come in blocks."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.drills.chance import Chance
from engine.errors import UsageError
from engine.interview.turn_end import OPEN_S
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.shipped.profiles import load

from .candidate import LINE_S, planned

TALK_S, QUIET_S = 8.0, 4.0
BLOCKS = (160, 977, 4800, 20_000)


@pytest.fixture(scope="module")
def sound(answer: tuple[Samples, list[PassageSpan]]) -> Samples:
    """A candidate who answers, three times, some seconds after they were asked."""
    talk, quiet = answer[0][: int(TALK_S * RATE_HZ)], np.zeros(int(QUIET_S * RATE_HZ), np.float32)
    return np.concatenate([quiet, quiet, *[talk, quiet, quiet] * 3])


def words(count: int) -> list[ev.Words]:
    """Words, two a second, all along."""
    said = ["we", "called", "them", "and", "asked", "what", "they", "had", "missed"]
    found = []
    for place in range(count):
        start_s = 0.5 * place
        word = ev.Word(text=said[place % len(said)], start_s=start_s, end_s=start_s + 0.3, confidence=0.9)
        found.append(ev.Words(words=[word], start_s=start_s, end_s=word.end_s, confidence=0.9, source="test"))
    return found


def heard(sound: Samples, block: int) -> list[ev.AnyEvent]:
    session = Session(load("interview"))
    plan = planned(questions=2)
    session.begin_drill(plan, [[LINE_S] for _ in plan.steps])
    chance, late = Chance(1), []
    for place, fact in enumerate(words(sound.size // RATE_HZ * 2 - 4)):
        late.append((round((fact.end_s + chance.between(0.8, 1.5, place)) * RATE_HZ), fact))
    late.sort(key=lambda one: one[0])
    for at in range(0, sound.size, block):
        part = sound[at : at + block]
        while late and late[0][0] < at + part.size:
            known, fact = late.pop(0)
            session.learn(fact, at=known)
        session.hear(0, part)
    session.finish()
    return session.poll()


def test_cutting_the_sound_differently_changes_no_event(sound: Samples) -> None:
    first, *others = [heard(sound, block) for block in BLOCKS]
    said = [event.say for event in first if isinstance(event, ev.DrillSound)]
    assert len(said) >= 4
    assert all(other == first for other in others)


def test_digital_silence_after_an_answer_ends_it(sound: Samples) -> None:
    """A noise gate makes it, and the mute of a headset: nobody tells which."""
    talk = int((2 * QUIET_S + TALK_S) * RATE_HZ)
    session, plan = Session(load("interview")), planned(questions=1)
    session.begin_drill(plan, [[LINE_S] for _ in plan.steps])
    session.hear(0, np.concatenate([sound[:talk], np.zeros(8 * RATE_HZ, np.float32)]))
    events = session.poll()
    assert any(isinstance(event, ev.MuteStarted) for event in events)
    said = [(event.at_s, event.say) for event in events if isinstance(event, ev.DrillSound)]
    assert said[2][1] in {plan.steps[step].lines[0] for step in plan.bridge}
    assert talk / RATE_HZ < said[2][0] < talk / RATE_HZ + OPEN_S + 0.5


def test_nothing_is_added_to_an_interview() -> None:
    session, plan = Session(load("interview")), planned(questions=1)
    session.begin_drill(plan, [[LINE_S] for _ in plan.steps])
    with pytest.raises(UsageError, match="already"):
        session.add_step(plan.steps[0], [LINE_S])
