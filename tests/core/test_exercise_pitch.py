"""The pitch of an exercise's steps."""

from __future__ import annotations

import gc

import pytest

from engine.core import pitch_curves
from engine.core.exercise_pitch import ExercisePitch, RecordingPitch
from engine.protocol import events as ev
from engine.protocol.pitch_curve import PitchCurve


def say(
    pitch: ExercisePitch, start_s: float, *, fall_st: float, hz: float = 120.0, seconds: float = 1.0
) -> PitchCurve | None:
    """Say a phrase at a pitch whose last 0.2 s are lower by so much."""
    traces = round(seconds / 0.1)
    for k in range(traces):
        at_hz = hz * 2 ** (-fall_st / 12) if k >= traces - 2 else hz
        pitch.observe(
            ev.Trace(
                start_s=round(start_s + 0.1 * k, 2), f0_hz=[at_hz] * 10, level_dbfs=[-20.0] * 10, known=True
            )
        )
    return pitch.observe(
        ev.PhraseEnded(
            start_s=start_s, end_s=start_s + seconds, contour="unsure", change_st=None, confidence=0.2
        )
    )


def run(*falls_st: float) -> ExercisePitch:
    """Run of rounds of a statement and a pause."""
    pitch = ExercisePitch()
    for place, fall_st in enumerate(falls_st):
        pitch.begin_step(4.0 * place, speaks=True, drawn=True)
        curve = say(pitch, 4.0 * place + 0.5, fall_st=fall_st)
        assert curve is not None
        assert curve.fall_st == pytest.approx(fall_st, abs=0.01)
        pitch.begin_step(4.0 * place + 3.0, speaks=False, drawn=False)
    return pitch


def test_figures_are_the_median_fall_and_the_share_that_landed() -> None:
    assert run(3.0, 0.5, 2.0, 4.0).figures == {"fall_st": 2.5, "landed_share": 0.75}


def test_of_two_statements_nothing_is_said() -> None:
    assert run(3.0, 3.0).figures == {}


def test_an_end_that_comes_after_its_step_belongs_to_it() -> None:
    pitch = run(3.0, 3.0)
    pitch.begin_step(8.0, speaks=True, drawn=True)
    for k in range(10):
        pitch.observe(
            ev.Trace(start_s=8.5 + 0.1 * k, f0_hz=[100.0] * 10, level_dbfs=[-20.0] * 10, known=True)
        )
    pitch.begin_step(9.6, speaks=False, drawn=False)
    ended = ev.PhraseEnded(start_s=8.5, end_s=9.5, contour="level", change_st=0.0, confidence=0.9)
    assert pitch.observe(ended) is not None
    assert pitch.figures["landed_share"] == pytest.approx(2 / 3, abs=0.001)


def test_what_is_said_while_thinking_is_not_told() -> None:
    pitch = run(3.0)
    assert say(pitch, 4.0, fall_st=0.0) is None
    assert pitch.figures == {}


def test_of_several_statements_in_a_step_the_longest_counts() -> None:
    pitch = run(3.0, 3.0)
    pitch.begin_step(8.0, speaks=True, drawn=True)
    say(pitch, 8.5, fall_st=0.0, seconds=0.6)
    say(pitch, 10.5, fall_st=3.0, seconds=1.5)
    say(pitch, 13.5, fall_st=0.0, seconds=0.7)
    assert pitch.figures == {"fall_st": 3.0, "landed_share": 1.0}


def test_the_median_is_of_what_is_spoken_in_steps() -> None:
    pitch = ExercisePitch()
    assert pitch.median_hz is None
    pitch.begin_step(0.0, speaks=False, drawn=False)
    say(pitch, 1.0, fall_st=0.0, hz=200.0, seconds=9.0)
    pitch.begin_step(10.0, speaks=True, drawn=False)
    assert say(pitch, 10.0, fall_st=0.0, hz=110.0, seconds=2.0) is None
    assert pitch.median_hz is None
    say(pitch, 13.0, fall_st=0.0, hz=110.0, seconds=2.0)
    assert pitch.median_hz == pytest.approx(110.0, rel=0.004)


def test_what_was_said_is_not_held() -> None:
    def curves() -> int:
        gc.collect()
        return sum(isinstance(one, PitchCurve) for one in gc.get_objects())

    before = curves()
    pitch = run(3.0)
    pitch.begin_step(4.0, speaks=True, drawn=True)
    for place in range(20):
        assert say(pitch, 4.5 + 2.0 * place, fall_st=1.0) is not None
    assert curves() == before


def test_no_curve_is_computed_where_none_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[float] = []
    whole = pitch_curves.pitch_curve

    def counted(*given: object) -> PitchCurve:
        computed.append(1.0)
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pitch_curves, "pitch_curve", counted)
    pitch = ExercisePitch()
    pitch.begin_step(0.0, speaks=True, drawn=False)
    say(pitch, 0.5, fall_st=3.0)
    pitch.begin_step(4.0, speaks=True, drawn=True)
    assert say(pitch, 4.5, fall_st=3.0) is not None
    pitch.begin_step(8.0, speaks=False, drawn=True)
    say(pitch, 8.5, fall_st=3.0)
    assert len(computed) == 1


def test_a_phrase_from_before_its_step_begins_no_statement() -> None:
    pitch = run(3.0)
    pitch.begin_step(5.0, speaks=True, drawn=True)
    assert say(pitch, 4.0, fall_st=3.0, seconds=1.5) is None
    curve = say(pitch, 5.8, fall_st=3.0)
    assert curve is not None
    assert curve.start_s == 5.8


def phrase(pitch: RecordingPitch, start_s: float, fall_st: float, channel: int = 0) -> None:
    """Say a phrase of a second on a channel."""
    for k in range(10):
        at_hz = 120.0 * 2 ** (-fall_st / 12) if k >= 8 else 120.0
        pitch.observe(
            ev.Trace(
                channel=channel,
                start_s=round(start_s + 0.1 * k, 2),
                f0_hz=[at_hz] * 10,
                level_dbfs=[-20.0] * 10,
                known=True,
            )
        )
    pitch.observe(
        ev.PhraseEnded(
            channel=channel,
            start_s=start_s,
            end_s=start_s + 1.0,
            contour="unsure",
            change_st=None,
            confidence=0.2,
        )
    )


def test_of_a_recording_each_statement_counts_once_and_those_of_others_dont() -> None:
    pitch = RecordingPitch(1)
    for place, fall_st in enumerate((3.0, 1.0, 2.0)):
        phrase(pitch, 6.0 * place, 0.0, channel=1)  # the statement goes on after half a second
        phrase(pitch, 6.0 * place + 1.5, fall_st, channel=1)
        phrase(pitch, 6.0 * place + 3.0, 0.0, channel=0)
    assert pitch.figures == {"fall_st": 2.0, "landed_share": 0.667}


def test_a_statement_of_a_minute_is_one() -> None:
    pitch = RecordingPitch(0)
    for place in range(40):
        phrase(pitch, 1.5 * place, 3.0)
    assert pitch.figures == {}
