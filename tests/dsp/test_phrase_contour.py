from __future__ import annotations

import math
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.ears import Ears
from dsp.frame import HOP, RATE_HZ
from dsp.phrase_contour import PhraseContour, contour_kind
from dsp.pitch import PitchTracker

from .sounds import Samples, hops, noise, silence, vowel
from .speaker import CONTOUR_HZ, speak

Floats = NDArray[np.float64]
TEXT = "Young people who measure things usually learn more."
SENTENCE = "We are really on our way home now."


def told(f0_hz: Floats, ago_hops: int = 0) -> tuple[float, float]:
    contour = PhraseContour()
    for hz in f0_hz:
        contour.process(float(hz), 0.95 if hz > 0 else 0.05)
    return contour.ending(ago_hops)


def movement(change_st: float, length: int = 40, start_hz: float = 150.0) -> Floats:
    """F0 that moves evenly by a number of semitones."""
    hz: Floats = start_hz * 2 ** (np.linspace(0, change_st, length) / 12)
    return hz


QUIET = np.zeros(25)


# --- contours with a known answer ---------------------------------------------


@pytest.mark.parametrize(
    ("change_st", "name"),
    [(-9, "fall"), (-4, "fall"), (-1, "level"), (0, "level"), (1, "level"), (4, "rise"), (9, "rise")],
)
def test_even_movements(change_st: float, name: str) -> None:
    found_st, confidence = told(np.concatenate([movement(0), movement(change_st), QUIET]), QUIET.size)
    assert contour_kind(found_st, confidence) == name
    assert found_st == pytest.approx(change_st * 35 / 39, abs=0.1)  # medians over 50 ms at both ends
    assert confidence > 0.9


@given(start_hz=st.floats(70, 300), change_st=st.floats(-8, 8))
def test_the_register_of_the_voice_does_not_matter(start_hz: float, change_st: float) -> None:
    here, _ = told(movement(change_st, start_hz=start_hz))
    there, _ = told(movement(change_st, start_hz=150))
    assert here == pytest.approx(there, abs=1e-6)


def test_a_rise_out_of_a_dip_is_a_rise() -> None:
    found_st, confidence = told(np.concatenate([movement(-5, 20), movement(5, 20, 150 * 2 ** (-5 / 12))]))
    assert contour_kind(found_st, confidence) == "rise"


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_short_octave_error_is_repaired(factor: float) -> None:
    hz = movement(-4)
    hz[32:] *= factor
    found_st, confidence = told(hz)
    assert contour_kind(found_st, confidence) == "fall"
    assert found_st == pytest.approx(-3.6, abs=0.2)
    assert confidence < told(movement(-4))[1]


def test_a_contour_in_two_registers_is_unsure() -> None:
    hz = movement(0)
    hz[:18] *= 2 ** (-18 / 12)
    assert contour_kind(*told(hz)) == "unsure"


def test_too_little_voice_is_unsure() -> None:
    for hz in (np.zeros(60), np.concatenate([np.zeros(60), movement(3, 7)])):
        found_st, confidence = told(hz)
        assert math.isnan(found_st)
        assert confidence == 0.0
        assert contour_kind(found_st, confidence) == "unsure"


def test_a_click_after_the_end_is_not_the_end() -> None:
    click = np.concatenate([np.zeros(12), [420.0, 410.0], np.zeros(10)])
    found_st, _ = told(np.concatenate([movement(0), movement(-6), click]))
    assert found_st == pytest.approx(-6 * 35 / 39, abs=0.1)


def test_the_last_of_a_voice_that_stutters_still_counts() -> None:
    """A rise whose last periods come after a gap, as low voices end on irregular ones."""
    hz = np.concatenate([movement(0), movement(2.5, 8), np.zeros(3), 150 * 2 ** (np.array([4.5, 5.0]) / 12)])
    found_st, confidence = told(hz)
    assert contour_kind(found_st, confidence) == "rise"


def test_what_begins_at_the_end_is_no_part_of_the_phrase() -> None:
    again = np.full(20, 150 * 2 ** (5 / 12))
    heard = np.concatenate([movement(0), np.zeros(8), again])
    for into in (0, 1, 2, 3):
        assert told(heard, ago_hops=again.size - into)[0] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("gap", [8, 14])
def test_a_short_last_syllable_is_compared_with_the_one_before(gap: int) -> None:
    """The last value is not mixed with what was before the voiceless gap, nor the first with what comes."""
    before, after = movement(0, 20), np.full(3, 150 * 2 ** (4 / 12))
    found_st, _ = told(np.concatenate([before, np.zeros(gap), after]))
    assert found_st == pytest.approx(4.0, abs=0.01)
    found_st, _ = told(np.concatenate([np.zeros(20), before[:3], np.zeros(gap), np.full(20, after[0])]))
    assert found_st == pytest.approx(4.0, abs=0.01)


def test_a_deep_fall_is_no_octave_error() -> None:
    hz = np.concatenate([movement(0, 25), np.zeros(8), np.full(6, 150 * 2 ** (-9 / 12))])
    found_st, _ = told(hz)
    assert found_st == pytest.approx(-9.0, abs=0.01)


@pytest.mark.parametrize("late", [0, 2, 4])
def test_it_matters_little_when_exactly_the_phrase_is_said_to_end(late: int) -> None:
    hz = np.concatenate([movement(0), movement(-5), np.zeros(10)])
    assert told(hz, ago_hops=10 - late)[0] == pytest.approx(told(hz, ago_hops=10)[0], abs=0.01)


def test_what_came_after_the_end_is_left_out() -> None:
    again = movement(6, 15, 250.0)
    heard = np.concatenate([movement(0), movement(-6), np.zeros(20), again])
    found_st, _ = told(heard, ago_hops=again.size + 10)
    assert found_st == pytest.approx(-6 * 35 / 39, abs=0.1)


@pytest.mark.parametrize("lost_ago", [5, 30, 60])
def test_lost_hops_make_it_unsure_where_they_matter(lost_ago: int) -> None:
    hz = np.concatenate([movement(0), movement(-6), np.zeros(10)])
    contour = PhraseContour()
    for k, value in enumerate(hz):
        if k == hz.size - lost_ago:
            contour.process_lost()
        else:
            contour.process(float(value), 0.95)
    found_st, confidence = contour.ending()
    assert math.isnan(found_st) == (lost_ago < 50)
    assert (confidence == 0.0) == (lost_ago < 50)


def test_reset_forgets_everything() -> None:
    contour = PhraseContour()
    for hz in movement(5):
        contour.process(float(hz), 0.95)
    contour.reset()
    assert math.isnan(contour.ending()[0])


def test_names_need_confidence() -> None:
    assert contour_kind(5.0, 0.9) == "rise"
    assert contour_kind(5.0, 0.2) == "unsure"
    assert contour_kind(math.nan, 0.9) == "unsure"


# --- against another implementation -------------------------------------------


@given(st.lists(st.floats(-6, 6), min_size=4, max_size=8))
def test_agrees_with_the_rule_in_plain_numpy(turns_st: list[float]) -> None:
    """Random contours without octave jumps: change of medians, or the rise out of the lowest point."""
    pitch_st = np.interp(np.linspace(0, 1, 40), np.linspace(0, 1, len(turns_st)), turns_st)
    if max(abs(a - b) for a, b in pairwise(pitch_st)) > 2.5:
        return
    found_st, _ = told(150 * 2 ** (pitch_st / 12))
    medians = np.array([np.median(pitch_st[k : k + 5]) for k in range(36)])
    expected = medians[-1] - medians[0]
    if medians[-1] - medians.min() >= 3.0:
        expected = max(expected, medians[-1] - medians.min())
    assert found_st == pytest.approx(expected, abs=1e-6)


# --- heard from sound ------------------------------------------------------------


def heard(x: Samples) -> tuple[float, float]:
    tracker, contour = PitchTracker(), PhraseContour()
    late_hops = 25  # as the pause detector is
    sound = np.concatenate([x[: x.size // HOP * HOP], silence((late_hops + tracker.DELAY_HOPS) / 100)])
    for hop in hops(sound + noise(sound.size / RATE_HZ, 1e-4)):
        contour.process(*tracker.process(hop))
    return contour.ending(late_hops)


@pytest.mark.parametrize(("change_st", "name"), [(-7, "fall"), (0, "level"), (6, "rise")])
def test_a_vowel_that_moves(change_st: float, name: str) -> None:
    hz = 140 * 2 ** (change_st / 12 * np.clip(np.linspace(-1, 1, 12_800), 0, 1))
    assert contour_kind(*heard(vowel(hz, 0.8))) == name


def ending_so(text: str, change_st: float) -> Samples:
    """A sentence, flat but for a movement over its last 0.35 s of voice, cut where the voice ends."""

    def change(hz: Floats) -> Floats:
        part = np.clip(1 - (hz.size - 1 - np.arange(hz.size)) / (0.35 * CONTOUR_HZ), 0, 1)
        moved: Floats = 180 * 2 ** (change_st / 12 * part)
        return moved

    spoken = speak(text, change)
    audible = np.flatnonzero(np.abs(spoken.samples) > 0.02)
    return spoken.samples[: audible[-1]]


@pytest.mark.parametrize(("change_st", "name"), [(-7, "fall"), (0, "level"), (7, "rise")])
@pytest.mark.parametrize("text", [TEXT, SENTENCE])
def test_a_spoken_sentence_with_its_end_changed(text: str, change_st: float, name: str) -> None:
    assert contour_kind(*heard(ending_so(text, change_st))) == name


@pytest.mark.parametrize(("change_st", "name"), [(-7, "fall"), (7, "rise")])
def test_the_ears_tell_the_ending_when_talking_ends(change_st: float, name: str) -> None:
    x = np.concatenate([silence(0.6), ending_so(SENTENCE, change_st), silence(0.8)])
    ears = Ears()
    frames = [ears.process(hop) for hop in hops((x + noise(x.size / RATE_HZ, 1e-4)).astype(np.float32))]
    told_at = [frame for frame in frames if not math.isnan(frame.ending_st)]
    assert all(frame.edge_ago_hops > 0 and not frame.talking for frame in told_at)
    assert [contour_kind(frame.ending_st, frame.ending_confidence) for frame in told_at] == [name]


def test_nothing_is_allocated_in_the_hot_path() -> None:
    contour = PhraseContour()
    for _ in range(300):
        contour.process(150.0, 0.9)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(1000):
            contour.process(150.0, 0.9)
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now - before < 500
    assert peak - before < HOP * 4  # less than one array of a hop
