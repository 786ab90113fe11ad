"""Scripted speakers: when they stop and go on, how they change, and what that does to their composure."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from msgspec.structs import replace

from dsp.frame import RATE_HZ
from engine.drills.score import composure
from engine.drills.texts import happened
from engine.media.resample import Samples
from engine.media.voices.offline_drill import read_speaker
from engine.protocol import events as ev
from engine.protocol.drill_results import Parts, StepResult
from engine.protocol.terms import Do
from tests.harness.corpus import SHARED

from .scripted import Behaviour, Manner, Outcome, from_a_phrase_on, run, talk

YIELDS_S = (0.3, 0.8, 2.0)
RESUMES_S = (0.5, 2.0, 6.0)
CLOSE_S = 0.1


def first(outcome: Outcome) -> StepResult:
    return outcome.card.events[0]


def check_times(outcome: Outcome) -> None:
    result = first(outcome)
    assert result.talking
    assert result.yield_s == pytest.approx(outcome.yielded_s, abs=CLOSE_S)
    assert result.resume_s == pytest.approx(outcome.resumed_s, abs=CLOSE_S)


@pytest.mark.parametrize(("yields_s", "resumes_s"), list(itertools.product(YIELDS_S, RESUMES_S)))
def test_yield_and_resume_are_timed(yields_s: float, resumes_s: float) -> None:
    outcome = run(Behaviour(yields_s, resumes_s))
    check_times(outcome)
    assert first(outcome).happened.startswith("They challenged you: “")
    result = first(outcome)
    assert f"You stopped after {result.yield_s:.1f} s. You resumed {result.resume_s:.1f} s after they" in (
        result.happened
    )


def test_who_never_yields_is_told_so() -> None:
    result = first(run(Behaviour(None)))
    assert (result.yield_s, result.resume_s, result.held_floor) == (None, None, True)
    assert result.parts.floor == 0.0
    assert "You kept talking until they finished." in result.happened
    assert "stop at the next word" in (result.try_next or "")


def test_who_is_to_hold_the_floor_and_does_is_right() -> None:
    held, gave = first(run(Behaviour(None), hold_floor=True)), first(run(Behaviour(0.3), hold_floor=True))
    assert (held.parts.floor, gave.parts.floor) == (1.0, 0.0)
    assert "You held the floor." in held.happened
    assert "You gave the floor away." in gave.happened


def test_taking_the_floor_back_while_they_talk_is_holding_it() -> None:
    result = first(run(Behaviour(0.3, -2.0), hold_floor=True))
    assert result.held_floor
    assert result.resume_s == pytest.approx(-2.0, abs=CLOSE_S)
    assert result.parts.floor == 1.0


CHANGED = {
    "faster": (Manner(tempo=1.25), "pace", 1),
    "slower": (Manner(tempo=0.8), "pace", -1),
    "higher": (Manner(shift_st=3.0), "pitch_st", 1),
    "lower": (Manner(shift_st=-3.0), "pitch_st", -1),
    "louder": (Manner(gain_db=6.0), "level_db", 1),
    "softer": (Manner(gain_db=-6.0), "level_db", -1),
    "three fillers": (Manner(fillers=3), "fillers_per_min", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("yields_s", YIELDS_S)
def test_a_change_is_seen_in_its_direction(name: str, yields_s: float) -> None:
    manner, measure, sign = CHANGED[name]
    outcome = run(Behaviour(yields_s, 0.5, manner))
    check_times(outcome)
    change = getattr(first(outcome).changes, measure)
    least = {"pace": 0.08, "pitch_st": 2.0, "level_db": 4.0, "fillers_per_min": 9.0}[measure]
    assert sign * change > least
    unchanged = first(run(Behaviour(yields_s, 0.5))).changes
    others = {"pace": 0.08, "pitch_st": 1.0, "level_db": 2.0, "fillers_per_min": 3.0}
    assert all(abs(getattr(unchanged, other)) < most for other, most in others.items())
    assert first(outcome).changed.startswith("You then ")


WORSE = {
    "yields later": [Behaviour(0.3), Behaviour(0.8), Behaviour(2.0), Behaviour(None)],
    "resumes later": [Behaviour(0.3, 0.5), Behaviour(0.3, 2.0), Behaviour(0.3, 6.0)],
    "speaks faster": [Behaviour(0.3), Behaviour(0.3, 0.5, Manner(tempo=1.25))],
    "speaks higher": [Behaviour(0.3), Behaviour(0.3, 0.5, Manner(shift_st=3.0))],
    "fills": [Behaviour(0.3), Behaviour(0.3, 0.5, Manner(fillers=3))],
    "one thing more each time": [
        Behaviour(0.3),
        Behaviour(0.8, 0.5, Manner(tempo=1.25)),
        Behaviour(0.8, 2.0, Manner(tempo=1.25, shift_st=3.0)),
        Behaviour(2.0, 6.0, Manner(tempo=1.25, shift_st=3.0, fillers=3)),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WORSE)
def test_composure_falls_as_behaviour_gets_worse(name: str) -> None:
    found = [run(behaviour).card.composure for behaviour in WORSE[name]]
    assert None not in found
    assert found == sorted(found, key=lambda value: -(value or 0.0))
    assert len(set(found)) == len(found)


def test_composure_is_what_its_formula_says() -> None:
    result = first(run(Behaviour(0.8, 2.0, Manner(shift_st=3.0))))
    parts = result.parts
    assert parts.floor is not None
    assert parts.resume is not None
    assert parts.steadiness is not None
    said = 10 * (0.25 * parts.floor + 0.25 * parts.resume + 0.5 * parts.floor * parts.steadiness)
    assert result.composure == pytest.approx(said, abs=0.01)
    assert result.composure == pytest.approx(composure(parts), abs=0.01)


FLUENT = Parts(floor=None, resume=None, steadiness=1.0)


@pytest.mark.parametrize("hold_floor", [False, True])
def test_who_does_not_do_what_is_asked_gets_nothing_for_being_steady(hold_floor: bool) -> None:
    """Talking through an interruption was 6.7 of 10, giving away a floor that is to be held as much."""
    behaviour = Behaviour(0.3) if hold_floor else Behaviour(None)
    wrong = run(behaviour, hold_floor=hold_floor).card
    assert (wrong.composure or 0.0) < 4.0
    right = run(Behaviour(None) if hold_floor else Behaviour(0.3), hold_floor=hold_floor).card
    assert (right.composure or 0.0) >= 7.0


@pytest.mark.parametrize("parts", [{"floor": 0.0}, {"floor": 0.0, "resume": 0.0}])
def test_three_of_four_done_wrong_is_a_quarter_done_right(parts: dict[str, float]) -> None:
    wrong, right = replace(FLUENT, **parts), replace(FLUENT, floor=1.0, resume=1.0)
    found = [composure(one) or 0.0 for one in (wrong, wrong, wrong, right)]
    assert sum(found) / 4 == pytest.approx(2.5)


def test_resuming_over_them_is_not_going_on() -> None:
    """Three seconds before they finish was 100 % of going on."""
    early = first(run(Behaviour(0.3, -3.0)))
    assert early.resume_s == pytest.approx(-3.0, abs=CLOSE_S)
    assert early.parts.resume == pytest.approx(0.0, abs=0.05)
    assert early.parts.floor == pytest.approx(0.0, abs=0.05)
    assert (early.composure or 0.0) < 2.0
    assert "before they finished" in early.happened
    assert (early.try_next or "").startswith("Wait for their last word")
    overlap = first(run(Behaviour(0.3, -0.4)))
    assert overlap.parts.resume == 1.0, "most overlaps are no attempt to take the floor"


def test_earlier_is_worse_and_so_is_later() -> None:
    found = [run(Behaviour(0.3, resumes_s)).card.composure or 0.0 for resumes_s in (-3.0, -1.5, 0.4, 3.0)]
    assert found[0] < found[1] < found[2] > found[3]


def test_a_mm_hm_while_they_talk_is_listening() -> None:
    nod = np.concatenate([talk(Manner(), 0.5, 4), np.zeros(round(2.5 * RATE_HZ), np.float32)])
    after = np.concatenate([nod, talk(Manner(), 14.0, 4)])
    result = first(run(Behaviour(0.3, -2.5), after=after))
    assert result.resume_s == pytest.approx(0.5, abs=2 * CLOSE_S)
    assert (result.parts.resume or 0.0) > 0.95


TIMES_S = (-3.0, -0.6, -0.04, 0.0, 0.04, 0.6)


@pytest.mark.parametrize(
    "do", ["ask", "clarify", "barge_in", "challenge", "silence", "distraction", "talk_over"]
)
@pytest.mark.parametrize("resume_s", TIMES_S)
def test_no_negative_time_reaches_a_person(do: Do, resume_s: float) -> None:
    result = first(run(Behaviour(0.3)))
    told = happened(replace(result, do=do, yield_s=0.0, resume_s=resume_s))
    assert not re.search(r"-\d", told)
    assert not re.search(r"\b0\.0 s", told)


def test_the_same_speaker_gets_the_same_drill_and_card() -> None:
    first_run, second = run(Behaviour(0.8, 2.0)), run(Behaviour(0.8, 2.0))
    assert [e for e in first_run.events if isinstance(e, ev.DrillEvent)] == [
        e for e in second.events if isinstance(e, ev.DrillEvent)
    ]


def recordings() -> list[Samples]:
    """Real people reading, where there are recordings beside the clone."""
    streams = sorted((SHARED / "data" / "pace" / "timit_streams").glob("*.flac"))
    return [np.concatenate(list(read_speaker(path))) for path in streams]


@pytest.mark.corpus
def test_real_voices_are_timed_as_well() -> None:
    streams = recordings()
    errors_s = []
    for samples in streams:
        usual, later = samples[: 40 * RATE_HZ], from_a_phrase_on(samples[-20 * RATE_HZ :])
        for yields_s, resumes_s in zip(YIELDS_S, RESUMES_S, strict=True):
            outcome = run(Behaviour(yields_s, resumes_s), usual=usual, after=later)
            result = first(outcome)
            assert result.yield_s is not None
            assert result.resume_s is not None
            assert outcome.yielded_s is not None
            assert outcome.resumed_s is not None
            errors_s += [abs(result.yield_s - outcome.yielded_s), abs(result.resume_s - outcome.resumed_s)]
    assert len(errors_s) >= 40
    # Of 48 one is off by 0.4 s: where a word is cut off in its middle, as in a closure.
    assert sum(error_s > CLOSE_S for error_s in errors_s) <= 1
    assert max(errors_s) < 0.45
