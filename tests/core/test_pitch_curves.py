"""The pitch of a statement, on contours that are known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.frame import HOP_S, RATE_HZ
from engine.core.pitch_curves import PAUSE_S, PitchCurves, curve_of, pitch_curve
from engine.protocol import events as ev
from engine.protocol.facts import Contour
from engine.protocol.pitch_curve import PitchCurve
from engine.shipped import profiles
from tests.harness.telephone import telephone
from tests.harness.voices import FORMANTS_HZ

Doubles = NDArray[np.float64]
Samples = NDArray[np.float32]


def of(
    f0_hz: Doubles,
    *,
    creaky: slice = slice(0),
    contour: Contour = "fall",
    change_st: float | None = None,
    start_s: float = 2.0,
) -> PitchCurve:
    """Curve of a statement with this F0."""
    creak = np.zeros(f0_hz.size, bool)
    creak[creaky] = True
    end_s = start_s + f0_hz.size * HOP_S
    phrase = ev.PhraseEnded(
        start_s=start_s, end_s=end_s, contour=contour, change_st=change_st, confidence=0.9
    )
    return pitch_curve(f0_hz, creak, phrase, start_s)


def contour_hz(median_hz: float, end_st: float) -> Doubles:
    """One second at a pitch, then 0.3 s of a glide to another, and 0.1 s of that; some of it unvoiced."""
    st = np.concatenate([np.zeros(100), np.linspace(0.0, end_st, 30), np.full(10, end_st)])
    f0_hz: Doubles = median_hz * 2 ** (st / 12)
    f0_hz[40:46] = 0.0
    return f0_hz


@pytest.mark.parametrize("median_hz", [75.0, 110.0, 220.0, 350.0])
@pytest.mark.parametrize("fall_st", [6.0, 3.0, 1.0, 0.0, -4.0])
def test_a_fall_is_told_in_semitones_whatever_the_voice(median_hz: float, fall_st: float) -> None:
    curve = of(contour_hz(median_hz, -fall_st), contour="level")
    assert curve.fall_st == pytest.approx(fall_st, abs=0.1)
    assert curve.median_hz == pytest.approx(median_hz, rel=0.01)
    assert curve.pitch_st[:40] == [0.0] * 40
    assert curve.pitch_st[40:46] == [None] * 6
    assert curve.end_from_s == pytest.approx(2.0 + 1.35, abs=0.011)


def test_a_rise_out_of_a_low_pitch_is_no_fall() -> None:
    st = np.concatenate([np.zeros(100), np.full(30, -6.0), np.linspace(-6.0, -2.0, 15)])
    curve = of(120.0 * 2 ** (st / 12), contour="rise", change_st=4.0)
    assert curve.fall_st == -4.0


def test_an_octave_error_at_the_end_is_repaired() -> None:
    f0_hz = contour_hz(120.0, -2.0)
    f0_hz[-12:] *= 2.0
    assert of(f0_hz).fall_st == pytest.approx(2.0, abs=0.1)


def test_a_creaky_end_is_not_held_against_the_speaker() -> None:
    f0_hz = np.concatenate([np.full(100, 110.0), np.full(30, 105.0), np.zeros(30)])
    curve = of(f0_hz, creaky=slice(130, 160), contour="unsure")
    assert (curve.fall_st, curve.why) == (None, "creak")
    assert curve.median_hz


def test_what_has_fallen_before_it_creaks_has_fallen() -> None:
    f0_hz = np.concatenate([contour_hz(110.0, -4.0), np.zeros(30)])
    curve = of(f0_hz, creaky=slice(140, 170), contour="unsure")
    assert curve.fall_st == pytest.approx(4.0, abs=0.1)


def test_an_end_without_voice_is_not_judged() -> None:
    f0_hz = np.concatenate([np.full(120, 200.0), np.zeros(40)])
    assert (of(f0_hz, contour="unsure").fall_st, of(f0_hz, contour="unsure").why) == (None, "soft_end")


def test_a_whisper_has_no_curve() -> None:
    f0_hz = np.zeros(150)
    f0_hz[20:40] = 150.0
    curve = of(f0_hz, contour="unsure")
    assert (curve.median_hz, curve.pitch_st, curve.fall_st, curve.why) == (None, [], None, "too_little")


def test_an_end_that_was_lost_is_unknown() -> None:
    f0_hz = contour_hz(120.0, -4.0)
    f0_hz[-30:-20] = math.nan
    curve = of(f0_hz)
    assert (curve.fall_st, curve.why) == (None, "lost")
    assert curve.pitch_st[-30:-20] == [None] * 10


def trace(start_s: float, hz: float) -> ev.Trace:
    return ev.Trace(start_s=start_s, f0_hz=[hz] * 10, level_dbfs=[-20.0] * 10, known=True)


def told(pause_s: float, *, cut: bool = False) -> PitchCurve:
    """Half a second at 120 Hz, a pause, half a second at 90 Hz: what the second end tells."""
    statement = PitchCurves()
    again_s = 1.5 + pause_s
    curves = []
    for start_s, hz in ((1.0, 120.0), (again_s, 90.0)):
        for k in range(5):
            statement.observe(trace(start_s + 0.1 * k, hz))
        ended = ev.PhraseEnded(
            start_s=start_s, end_s=start_s + 0.5, contour="fall", change_st=-2.0, confidence=0.9
        )
        curves.append(statement.observe(ended))
        if cut:
            statement.cut()
    assert curves[0] is not None
    assert curves[0].median_hz == 120.0
    assert curves[1] is not None
    return curves[1]


def test_a_short_pause_lies_within_a_statement_and_a_long_one_ends_it() -> None:
    assert told(PAUSE_S - 0.5).start_s == 1.0
    assert told(PAUSE_S).start_s == 1.5 + PAUSE_S
    assert told(PAUSE_S - 0.5, cut=True).start_s == 2.0


def spoken(median_hz: float, end_st: float) -> Samples:
    """Syllables of changing vowels whose pitch moves by so much over the last 0.35 s, in a quiet room."""
    seconds = 1.8
    at_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    st = 0.5 * np.sin(2 * np.pi * 2.0 * at_s) * (at_s < seconds - 0.35)
    st += end_st * np.clip((at_s - (seconds - 0.35)) / 0.25, 0.0, 1.0)
    phase = 2 * np.pi * np.cumsum(median_hz * 2 ** (st / 12)) / RATE_HZ
    out = np.zeros(at_s.size)
    vowels = list(FORMANTS_HZ.values())
    for k in range(1, int(3800 / median_hz) + 1):
        weight = np.zeros(at_s.size)
        for n, formants in enumerate(vowels):
            here = (at_s * len(vowels) / seconds).astype(int) == n
            weight[here] = sum(1 / (1 + ((k * median_hz - hz) / 100) ** 2) for hz in formants)
        out += (weight + 0.003) * np.sin(k * phase)
    syllables = 0.55 - 0.45 * np.cos(2 * np.pi * at_s * len(vowels) / seconds)
    out *= syllables / np.abs(out).max()
    sound = 0.25 * out
    return (sound + 3e-4 * np.random.default_rng(5).standard_normal(sound.size)).astype(np.float32)


def heard(samples: Samples) -> PitchCurve:
    curve = curve_of(samples, profiles.load("conversation"))
    assert curve is not None
    return curve


@pytest.mark.parametrize("alter", [np.asarray, telephone], ids=["as it is", "telephone band"])
@pytest.mark.parametrize("median_hz", [85.0, 120.0, 210.0, 300.0])
@pytest.mark.parametrize("end_st", [-4.0, 0.0, 4.0])
def test_a_synthesised_end_is_heard_in_semitones(
    median_hz: float, end_st: float, alter: Callable[[Samples], Samples]
) -> None:
    curve = heard(alter(spoken(median_hz, end_st)))
    assert curve.fall_st == pytest.approx(-end_st, abs=1.0)
    assert curve.median_hz == pytest.approx(median_hz, rel=0.06)
