"""Scenarios between two speakers, from frames made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from dsp.accumulator import Accumulator
from dsp.channel_pair import ChannelPair
from dsp.ears import Ears
from engine.core.floor_facts import emit_floor_facts
from engine.protocol import events as ev
from engine.shipped.profiles import load
from tests.harness.unstamped import fields

QUIET = Ears().process_lost()._replace(known=True, level_dbfs=-70.0, noise_dbfs=-72.0, speech=0.0)
LOUD = QUIET._replace(level_dbfs=-25.0, speech=1.0)
LEAK = QUIET._replace(level_dbfs=-50.0, speech=0.9)
LOST = QUIET._replace(known=False)


def told(
    *spoken: list[tuple[float, float]], leak: bool = False, lost: tuple[float, float] = (-1, -1)
) -> list[Any]:
    """Events of 12 s in which each channel speaks in these spans."""
    said: list[Any] = []
    pair = two()
    for hop in range(1200):
        at_s = hop / 100
        speaks = [any(a <= at_s < b for a, b in spans) for spans in spoken]
        frames = [LOUD if s else LEAK if leak and speaks[1 - c] else QUIET for c, s in enumerate(speaks)]
        if lost[0] <= at_s < lost[1]:
            frames[1] = LOST
        pair.add_frames(hop, frames, (False, False))
        emit_floor_facts(pair.turn_taking, lambda event: said.append((type(event), fields(event))))
    pair.turn_taking.process_lost(1200)
    emit_floor_facts(pair.turn_taking, lambda event: said.append((type(event), fields(event))))
    return said


def two() -> ChannelPair:
    return ChannelPair(
        (Ears(), Ears()), (Accumulator(1), Accumulator(1)), load("conversation").interruption.overlap_s
    )


def near(seconds: float) -> Any:
    """Edges are found to within 50 ms."""
    return pytest.approx(seconds, abs=0.05)


def of(said: list[Any], kind: type[ev.Event]) -> list[dict[str, Any]]:
    return [values for k, values in said if k is kind]


def test_turns_pass_after_a_gap() -> None:
    said = told([(1, 3), (7, 9)], [(3.5, 6)])
    assert [k for k, _ in said] == [ev.TurnTaken] * 3
    first, second, third = of(said, ev.TurnTaken)
    assert (first["channel"], first["gap_s"]) == (0, None)
    assert (second["channel"], second["gap_s"]) == (1, near(0.5))
    assert (third["channel"], third["gap_s"]) == (0, near(1.0))


def test_short_word_during_the_others_talk_is_a_backchannel() -> None:
    said = told([(1, 8)], [(4, 4.4)])
    (word,) = of(said, ev.Backchannel)
    assert (word["channel"], word["start_s"], word["end_s"]) == (
        1,
        near(4.0),
        near(4.4),
    )
    assert not of(said, ev.Interruption)
    assert len(of(said, ev.TurnTaken)) == 1


def test_talking_on_over_the_other_is_an_interruption_told_while_it_goes_on() -> None:
    said = told([(1, 6)], [(4, 9)])
    (cut_in,) = of(said, ev.Interruption)
    assert (cut_in["channel"], cut_in["start_s"]) == (1, near(4.0))
    assert cut_in["overlap_s"] == near(0.74)  # told as soon as it may have lasted 0.8 s
    (over,) = of(said, ev.InterruptionEnded)
    assert over["yielded"] is False
    assert over["end_s"] == near(6.0)
    assert of(said, ev.TurnTaken)[-1] == {"channel": 1, "start_s": near(4.0), "gap_s": near(-2.0)}


def test_the_one_who_cut_in_may_yield() -> None:
    said = told([(1, 9)], [(4, 5.5)])
    assert len(of(said, ev.Interruption)) == 1
    assert of(said, ev.InterruptionEnded)[0]["yielded"] is True
    assert len(of(said, ev.TurnTaken)) == 1


def test_starting_just_before_the_other_stops_is_no_interruption() -> None:
    said = told([(1, 4)], [(3.6, 7)])
    assert not of(said, ev.Interruption)
    assert not of(said, ev.Backchannel)
    assert of(said, ev.TurnTaken)[-1]["gap_s"] == near(-0.4)


def test_both_starting_at_once_is_no_interruption() -> None:
    assert not of(told([(1, 4)], [(1.1, 4)]), ev.Interruption)


def test_leakage_of_the_other_microphone_is_nobody_talking() -> None:
    said = told([(1, 5)], [(7, 10)], leak=True)
    assert not of(said, ev.Interruption) + of(said, ev.Backchannel)
    assert [f["channel"] for f in of(said, ev.TurnTaken)] == [0, 1]


def test_lost_audio_in_an_overlap_is_no_interruption() -> None:
    said = told([(1, 6)], [(4, 5)], lost=(4.2, 4.7))
    assert not of(said, ev.Interruption)


def test_gap_with_lost_audio_in_it_is_unknown() -> None:
    said = told([(1, 3)], [(5, 7)], lost=(3.5, 4.0))
    assert of(said, ev.TurnTaken)[-1]["gap_s"] is None


def test_who_starts_beside_one_who_goes_on_after_a_pause_interrupts() -> None:
    said = told([(1, 3), (3.5, 7)], [(3.6, 8)])
    (cut_in,) = of(said, ev.Interruption)
    assert (cut_in["channel"], cut_in["start_s"]) == (1, near(3.6))


def test_after_a_long_silence_the_floor_is_anybodys() -> None:
    assert not of(told([(1, 3), (4.5, 7)], [(4.6, 8)]), ev.Interruption)


def test_after_lost_audio_nobody_knows_whose_pause_it_was() -> None:
    spoken: tuple[list[tuple[float, float]], ...] = [(1, 3), (3.8, 7)], [(3.9, 8)]
    assert of(told(*spoken), ev.Interruption)
    assert not of(told(*spoken, lost=(3.1, 3.2)), ev.Interruption)


def test_one_who_is_cut_in_on_and_goes_on_after_a_breath_does_not_interrupt() -> None:
    said = told([(1, 4), (4.45, 7)], [(3.7, 6)])
    assert [f["channel"] for f in of(said, ev.Interruption)] == [1]
    (over,) = of(said, ev.InterruptionEnded)
    assert (over["end_s"], over["yielded"]) == (near(6.0), True)


def test_loud_sound_right_before_sure_speech_belongs_to_it() -> None:
    said: list[Any] = []
    pair = two()
    hiss = LOUD._replace(speech=0.2)
    for hop in range(800):
        second = LOUD if hop >= 415 else hiss if hop >= 400 else QUIET
        pair.add_frames(hop, [LOUD, second], (False, False))
        emit_floor_facts(pair.turn_taking, lambda event: said.append((type(event), fields(event))))
    (cut_in,) = of(said, ev.Interruption)
    assert cut_in["start_s"] == pytest.approx(4.0, abs=0.011)


@pytest.mark.parametrize(("voicing", "found"), [(0.9, 1), (0.3, 0)])
def test_a_clear_voice_that_may_be_speech_is_taken_for_it_in_a_dialogue(voicing: float, found: int) -> None:
    said: list[Any] = []
    pair = two()
    unsure = LOUD._replace(speech=0.3, voicing=voicing)
    for hop in range(800):
        pair.add_frames(hop, [LOUD, unsure if hop >= 400 else QUIET], (False, False))
        emit_floor_facts(pair.turn_taking, lambda event: said.append((type(event), fields(event))))
    assert len(of(said, ev.Interruption)) == found
