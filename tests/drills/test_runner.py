"""Drills as they go: triggers, what each kind of step does, stopping, nudges, difficulty."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.drills.plan import Plan, added, conducted, plan
from engine.drills.script import parse
from engine.errors import UsageError
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.media.voices.synthesis import silence
from engine.protocol import events as ev
from engine.shipped.drills import bank, load, shipped
from engine.shipped.profiles import load as profile

from .scripted import Manner, talk

HEAD = 'title = "A"\ntrains = "b"\nuse_when = "c"\nquestion = "What?"\n'


def planned(steps: str, head: str = "", *, seed: int = 0) -> Plan:
    return plan(parse(HEAD + head + steps, "test", name="test"), bank(), seed=seed)


def step(do: str, when: str, more: str = "") -> str:
    return f'\n[[step]]\ndo = "{do}"\nwhen = {{ {when} }}\n{more}\n'


def told(
    made: Plan, samples: Samples, *, block: int = 320, length_s: float = 2.0, finish: bool = True
) -> list[ev.AnyEvent]:
    session = Session(profile("conversation"))
    session.begin_drill(made, [[length_s] * max(1, len(one.lines)) for one in made.steps])
    for start in range(0, samples.size, block):
        session.hear(0, samples[start : start + block])
    if finish:
        session.finish()
    return session.poll()


E = TypeVar("E", bound=ev.Event)


def of(events: list[ev.AnyEvent], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def steps_at(events: list[ev.AnyEvent]) -> list[float]:
    return [event.at_s for event in of(events, ev.DrillStep)]


SPEECH_S = 30.0


@pytest.fixture(scope="module")
def speech() -> Samples:
    """A second of silence, half a minute of talk, three seconds of silence, five of talk."""
    parts = [silence(1.0), talk(Manner(), SPEECH_S), silence(3.0), talk(Manner(), 5.0), silence(1.0)]
    return np.concatenate(parts).astype(np.float32)


@pytest.mark.parametrize(
    ("when", "from_s", "to_s"),
    [
        ("after_s = 4", 4.0, 4.02),
        ("speaking_s = 6", 7.0, 8.5),
        ("after_s = 3, phrase_s = 1.0", 3.0, 7.0),
        ("pause_s = 0.8", 31.7, 32.1),
        ("answer_s = 1.5", 32.4, 32.8),
        ("monologue_s = 12", 12.9, 13.5),
    ],
)
def test_a_step_comes_when_its_time_has_come(speech: Samples, when: str, from_s: float, to_s: float) -> None:
    (at_s,) = steps_at(told(planned(step("challenge", when)), speech))
    assert from_s <= at_s <= to_s


def test_a_question_is_answered(answer: tuple[Samples, list[PassageSpan]]) -> None:
    samples, spans = answer
    made = planned(step("clarify", "asked = true"))
    (at_s,) = steps_at(told(made, samples))
    asking = next(span for span in spans if span.shows == "ending like a question")
    assert asking.start_s < at_s < asking.end_s + 1.0


def test_who_never_asks_is_told_to() -> None:
    made = planned(step("clarify", "asked = true"), "minutes = 0.5\n")
    (over,) = of(told(made, np.concatenate([talk(Manner(), 20.0), silence(12.0)])), ev.DrillEnded)
    assert over.card.try_next.startswith("We didn't hear you ask a question.")


def test_a_rise_in_pace_is_noticed(answer: tuple[Samples, list[PassageSpan]]) -> None:
    samples, spans = answer
    made = planned(step("impatience", "pace_rise = 0.15"))
    (at_s,) = steps_at(told(made, samples))
    rushing = next(span for span in spans if span.shows == "rushing")
    assert rushing.start_s < at_s < rushing.end_s + 2.0


def test_the_same_samples_give_the_same_events_however_they_come() -> None:
    made = plan(load("interruptions"), bank(), level="hard", seed=4)
    samples = talk(Manner(), 60.0)
    all_at_once, odd = told(made, samples, block=samples.size), told(made, samples, block=777)
    assert all_at_once == odd
    assert len(of(odd, ev.DrillStepEnded)) >= 3


def test_who_insists_says_more_to_a_speaker_who_talks_on(speech: Samples) -> None:
    made = planned(step("barge_in", "speaking_s = 5"))
    sounds = of(told(made, speech), ev.DrillSound)
    assert [sound.turn for sound in sounds] == [0, 1, 2]
    assert len({sound.say for sound in sounds}) == 3


def test_who_yields_falls_silent_when_the_speaker_talks_on(speech: Samples) -> None:
    made = planned(step("barge_in", "speaking_s = 5", 'then = "yields"\nhold_floor = true'))
    events = told(made, speech, length_s=5.0)
    (sound,), (hush,) = of(events, ev.DrillSound), of(events, ev.DrillHush)
    assert 1.0 < hush.at_s - sound.at_s < 1.5
    (ended,) = of(events, ev.DrillStepEnded)
    assert ended.result.held_floor
    assert ended.result.parts.floor == 1.0


def test_a_backchannel_is_to_be_talked_through(speech: Samples) -> None:
    made = planned(step("backchannel", "speaking_s = 5"))
    (ended,) = of(told(made, speech, length_s=0.5), ev.DrillStepEnded)
    assert ended.result.parts.floor == 1.0
    assert "You kept talking, which is right." in ended.result.happened


def test_a_stop_for_a_backchannel_is_noted() -> None:
    samples = np.concatenate([talk(Manner(), 9.0), silence(2.0), talk(Manner(), 12.0)]).astype(np.float32)
    made = planned(step("backchannel", "after_s = 8.7"))
    (ended,) = of(told(made, samples, length_s=0.5), ev.DrillStepEnded)
    assert ended.result.parts.floor == pytest.approx(1 / 3, abs=0.1)
    assert ended.result.gap_s == pytest.approx(2.0, abs=0.3)
    assert "You stopped for" in ended.result.happened


def test_a_gap_for_a_noise_is_measured() -> None:
    samples = np.concatenate([talk(Manner(), 9.0), silence(2.5), talk(Manner(), 14.0)]).astype(np.float32)
    made = planned(step("distraction", "after_s = 8.0", 'sound = "phone_ring"\nfor_s = 2'))
    (ended,) = of(told(made, samples), ev.DrillStepEnded)
    assert ended.result.gap_s == pytest.approx(2.5, abs=0.3)
    assert "A phone rang. You stopped for" in ended.result.happened


def test_a_silence_is_kept_or_filled(speech: Samples) -> None:
    kept = planned(step("silence", "answer_s = 0.5", "for_s = 2"))
    filled = planned(step("silence", "answer_s = 0.5", "for_s = 6"))
    (first,), (second,) = (of(told(one, speech), ev.DrillStepEnded) for one in (kept, filled))
    assert first.result.parts.floor == 1.0
    assert "You stayed silent." in first.result.happened
    assert second.result.parts.floor == pytest.approx(2.5 / 6, abs=0.06)
    assert "You spoke after 2." in second.result.happened


def test_stopping_hushes_and_tells_what_was_found(speech: Samples) -> None:
    session = Session(profile("conversation"))
    made = planned(step("barge_in", "speaking_s = 5") + step("challenge", "after_s = 100"))
    session.begin_drill(made, [[3.0] * 3, [2.0]])
    at = 0
    while not of(session.poll(), ev.DrillSound):
        session.hear(0, speech[at : at + 320])
        at += 320
    session.stop_drill()
    hush, result, over = session.poll()
    assert isinstance(hush, ev.DrillHush)
    assert hush.step is None
    assert isinstance(result, ev.DrillStepEnded)
    assert isinstance(over, ev.DrillEnded)
    assert over.stopped
    assert not session.drilling
    session.stop_drill()
    assert session.poll() == []


def test_a_drill_ends_at_its_longest(speech: Samples) -> None:
    made = planned(step("challenge", "after_s = 500"), "minutes = 0.2\n")
    (ended,) = of(told(made, speech, finish=False), ev.DrillEnded)
    assert ended.at_s == pytest.approx(12.0, abs=0.02)
    assert not ended.stopped
    assert ended.card.composure is None
    assert ended.card.try_next.startswith("You said too little")


@pytest.mark.parametrize(("nudges", "expected"), [("on", True), ("off", False)])
def test_nudges_are_on_or_off(nudges: str, expected: bool, answer: tuple[Samples, list[PassageSpan]]) -> None:
    made = planned(step("challenge", "after_s = 500"), f'nudges = "{nudges}"\n')
    assert bool(of(told(made, answer[0]), ev.Nudge)) is expected


def test_nudges_come_only_after_an_event_unless_told_otherwise(
    answer: tuple[Samples, list[PassageSpan]],
) -> None:
    samples = answer[0]
    made = planned(step("challenge", "after_s = 20", 'say = "Why?"') + step("challenge", "after_s = 500"))
    events = told(made, samples)
    (began,) = steps_at(events)
    assert of(events, ev.Nudge)
    assert min(nudge.at_s for nudge in of(events, ev.Nudge)) > began + 2.0


def test_difficulty_follows_the_scores() -> None:
    made = planned(
        step("ask", "after_s = 0.1")
        + step("backchannel", "after_s = 6", 'levels = ["medium"]')
        + step("backchannel", "after_s = 7", 'levels = ["gentle"]')
        + step("backchannel", "after_s = 5", 'levels = ["hard"]'),
        "adapts = true\n",
    )
    steady = told(made, talk(Manner(), 40.0), length_s=0.4)
    done = [event.id for event in of(steady, ev.DrillStep)]
    assert done[:3] == [0, 1, 3]


def test_two_drills_are_refused() -> None:
    made = planned(step("challenge", "after_s = 1"))
    session = Session(profile("conversation"))
    with pytest.raises(UsageError, match="no drill"):
        session.add_step(made.steps[0], [1.0])
    session.begin_drill(made, [[1.0]])
    with pytest.raises(UsageError, match="goes on already"):
        session.begin_drill(made, [[1.0]])
    with pytest.raises(UsageError, match="wait"):
        session.add_step(made.steps[0], [1.0])


@pytest.mark.parametrize("channel", [0, 1])
def test_what_somebody_adds_happens_at_once_to_one_of_two(channel: int) -> None:
    session = Session(profile("conversation"), 2)
    samples, other = talk(Manner(), 60.0), silence(60.0)
    made = added("barge_in", bank(), role="client", sound=None, seed=1)
    added_s = []
    for start in range(0, samples.size, 320):
        at_s = start / RATE_HZ
        if at_s == 20.5:
            session.begin_drill(conducted("conducted", "By hand"), [], channel)
        if at_s in (20.5, 41.0):
            session.add_step(made, [2.0])
            added_s.append(at_s)
        for place, sound in ((channel, samples), (1 - channel, other)):
            session.hear(place, sound[start : start + 320])
    session.finish()
    events = session.poll()
    steps = of(events, ev.DrillStep)
    assert [(step.id, step.channel, step.do) for step in steps] == [
        (0, channel, "barge_in"),
        (1, channel, "barge_in"),
    ]
    assert all(0 <= step.at_s - at_s < 0.1 for step, at_s in zip(steps, added_s, strict=True))
    (over,) = of(events, ev.DrillEnded)
    assert over.channel == channel
    assert [one.talking for one in over.card.events] == [True, True]
    assert over.card.events[1].before.pace_wpm is not None, "remembered since the first"
    assert all(event.yield_s is None for event in over.card.events), "they talk on"


def test_lost_audio_breaks_nothing() -> None:
    made = plan(load("interruptions"), bank(), level="hard", seed=4)
    session = Session(profile("conversation"))
    session.begin_drill(made, [[2.0] * max(1, len(one.lines)) for one in made.steps])
    samples, rng = talk(Manner(), 60.0), np.random.default_rng(3)
    for number, start in enumerate(range(0, samples.size, 320)):
        if number % 400 < 40 or rng.random() < 0.05:
            session.missing(0, start, start + 320)
        else:
            session.hear(0, samples[start : start + 320], at=start)
    session.finish()
    (over,) = of(session.poll(), ev.DrillEnded)
    assert over.card.events


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_every_shipped_drill_runs_to_its_card(name: str) -> None:
    made = plan(load(name), bank(), level="hard", seed=2)
    parts = [part for n in range(5) for part in (talk(Manner(), 20.0, n), silence(4.0))]
    events = told(made, np.concatenate(parts).astype(np.float32))
    (over,) = of(events, ev.DrillEnded)
    assert over.card.events
    assert [event.seq for event in events] == list(range(len(events)))
    assert RATE_HZ == 16_000


def test_nothing_happens_to_a_speaker_who_is_muted() -> None:
    made = planned(step("silence", "after_s = 12.0", "for_s = 3.0"))
    samples = np.concatenate([talk(Manner(), 8.0), np.zeros(20 * RATE_HZ, np.float32), talk(Manner(), 8.0)])
    events = told(made, samples)
    (muted,) = of(events, ev.MuteEnded)
    assert muted.start_s == pytest.approx(8.0, abs=0.3)
    assert muted.end_s == pytest.approx(28.0, abs=0.1)
    (at_s,) = steps_at(events)
    assert muted.end_s <= at_s < muted.end_s + 0.2
