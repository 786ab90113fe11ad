"""Measures of one speaker from frames made by hand: what they are, and how sure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from dsp.accumulator import READING_HOPS
from dsp.ears import Ears
from dsp.frame import Frame
from engine.core.listener import Listener
from engine.core.nudges import Policy
from engine.core.session import Session
from engine.protocol import events as ev
from engine.shipped.profiles import load

QUIET = (
    Ears().process_lost()._replace(known=True, level_dbfs=-70.0, noise_dbfs=-72.0, speech=0.0, snr_db=40.0)
)
VOICE = QUIET._replace(
    level_dbfs=-25.0, momentary_lufs=-24.0, short_term_lufs=-24.0, speech=1.0, talking=True, f0_hz=150.0
)
LOST = QUIET._replace(known=False, talking=True)

SEEN_AFTER_S = 0.12
"""A syllable is known this long after it."""


class Heard:
    """A listener and its policy, fed with frames."""

    def __init__(self) -> None:
        self._profile = load("conversation")
        self._now_s = 0.0
        self._policy = Policy(self._profile, 0, self._said)
        for cue in ("pause", "check_in"):  # they would be right, too
            self._policy.set_cue(cue, False)
        self.nudges: list[tuple[str, float]] = []
        self.readings: list[ev.Reading] = []

    def _said(self, event: ev.Nudge | ev.NudgeCleared) -> None:
        if isinstance(event, ev.Nudge):
            self.nudges.append((event.text, self._now_s))

    def _fact(self, event: ev.Fact | ev.Trace) -> None:
        self._policy.observe(replace(event, seq=0, at_s=self._now_s))

    def __call__(self, frames: Iterable[Frame]) -> Heard:
        listener = Listener(self._profile, self._fact)
        for hop, frame in enumerate(frames):
            self._now_s = (hop + 1) / 100
            listener.add_frame(hop, frame, bad=False)
            if (hop + 1) % READING_HOPS == 0:
                reading = replace(listener.reading(self._now_s, None), seq=0, at_s=self._now_s)
                self.readings.append(reading)
                self._policy.observe(reading)
        return self


def talk(
    nuclei_s: Iterable[float],
    seconds: float,
    change: Callable[[int, Frame], Frame] = lambda hop, frame: frame,
) -> list[Frame]:
    """Frames of someone who talks all the time; their F0 sways enough to be lively."""
    seen = {round((t + SEEN_AFTER_S) * 100) for t in nuclei_s}
    frames = []
    for hop in range(round(seconds * 100)):
        frame = VOICE._replace(f0_hz=150.0 * 2 ** (0.25 * np.sin(hop / 20)), edge_ago_hops=int(hop == 0))
        if hop in seen:
            frame = frame._replace(nucleus_ago_hops=round(SEEN_AFTER_S * 100))
        frames.append(change(hop, frame))
    return frames


def syllables(wpm: float, start_s: float, end_s: float) -> list[float]:
    """Even syllables at so many words a minute, 1.5 syllables each."""
    gap_s = 60 / wpm / 1.5
    return [float(t) for t in np.arange(start_s + gap_s / 2, end_s, gap_s)]


def slow_downs(heard: Heard) -> list[float]:
    return [at_s for text, at_s in heard.nudges if text == "Slow down"]


def test_step_of_tempo_is_spoken_of_within_six_seconds() -> None:
    nuclei = syllables(130, 0, 20) + syllables(190, 20, 40)
    (first, *_) = slow_downs(Heard()(talk(nuclei, 40)))
    assert 20 < first <= 26


@pytest.mark.parametrize("seed", range(4))
def test_step_of_tempo_in_uneven_speech(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gaps = np.concatenate([np.full(65, 60 / 130 / 1.5), np.full(95, 60 / 190 / 1.5)])
    nuclei = np.cumsum(gaps * np.maximum(0.3, 1 + 0.3 * rng.standard_normal(gaps.size)))
    step_s = float(nuclei[64])
    (first, *_) = slow_downs(Heard()(talk([float(t) for t in nuclei], float(nuclei[-1]))))
    assert step_s < first <= step_s + 6.5


def test_comfortable_pace_is_not_spoken_of() -> None:
    assert not slow_downs(Heard()(talk(syllables(165, 0, 60), 60)))


def test_speech_rate_and_articulation_rate_differ_by_the_pauses() -> None:
    def pausing(hop: int, frame: Frame) -> Frame:
        turn = hop % 300
        if turn >= 250:
            return QUIET._replace(edge_ago_hops=1 if turn == 250 else 0)
        return frame._replace(edge_ago_hops=int(turn == 0))

    nuclei = [t for t in syllables(160, 0, 60) if t % 3 < 2.3]
    last = Heard()(talk(nuclei, 60, pausing)).readings[-1]
    assert last.articulation_sps == pytest.approx(len(nuclei) / 50, rel=0.06)
    assert last.pace_wpm == pytest.approx(len(nuclei) / 1.5, rel=0.06)
    assert last.pace_error_wpm == pytest.approx(24, abs=3)


HASTY = syllables(240, 0, 40)


def noisy(hop: int, frame: Frame) -> Frame:
    return frame._replace(snr_db=6.0)


def lossy(hop: int, frame: Frame) -> Frame:
    return LOST if hop % 5 == 4 else frame


def spotty(hop: int, frame: Frame) -> Frame:
    return LOST if hop % 25 == 24 else frame


def test_haste_that_is_well_heard_is_spoken_of() -> None:
    assert slow_downs(Heard()(talk(HASTY, 40)))
    assert slow_downs(Heard()(talk(HASTY, 40, spotty)))


@pytest.mark.parametrize("change", [noisy, lossy])
def test_no_measure_is_trusted_in_noise_or_with_much_lost(change: Callable[[int, Frame], Frame]) -> None:
    heard = Heard()(talk(HASTY, 40, change))
    assert not [text for text, _ in heard.nudges if text in ("Slow down", "Vary your tone")]
    last = heard.readings[-1]
    for sure in (
        last.pace_confidence,
        last.f0_confidence,
        last.creak_confidence,
        last.fillers_confidence,
        last.level_confidence,
    ):
        assert sure < 0.5


def test_little_evidence_is_no_measure() -> None:
    heard = Heard()(talk(HASTY, 4.5))
    assert heard.nudges == []
    first = heard.readings[5]
    assert (first.pace_wpm, first.pace_error_wpm, first.pace_confidence) == (None, None, 0.0)
    assert (first.f0_sd_st, first.f0_error_st, first.f0_confidence) == (None, None, 0.0)
    assert (first.creak_share, first.creak_confidence) == (None, 0.0)
    sure = [reading.pace_confidence for reading in heard.readings]
    assert sure == sorted(sure)


def test_ones_own_pace_is_that_before_the_window() -> None:
    heard = Heard()(talk(syllables(130, 0, 20) + syllables(190, 20, 27.5), 27.5))
    assert heard.readings[40].pace_usual_wpm is None
    assert heard.readings[-1].pace_usual_wpm == pytest.approx(130, rel=0.03)


@pytest.mark.parametrize(("silence_s", "height_hz", "counted"), [(0.5, 400.0, (0, 0)), (1.0, 400.0, (4, 4))])
def test_a_rise_counts_once_something_else_follows(
    silence_s: float, height_hz: float, counted: tuple[int, int]
) -> None:
    listener = Listener(load("conversation"), lambda _: None)
    ends = QUIET._replace(edge_ago_hops=1, ending_st=5.0, ending_confidence=1.0, ending_hz=height_hz)
    frames = [*talk(syllables(150, 0, 2), 2), ends, *[QUIET] * (round(silence_s * 100) - 1)] * 4
    for hop, frame in enumerate([*frames, VOICE._replace(edge_ago_hops=1)]):
        listener.add_frame(hop, frame, bad=False)
    found = listener.measures(len(frames) / 100, None)
    assert (found.phrases, found.endings, found.rises) == (4, *counted)


def test_a_rise_within_the_voices_range_is_none_and_lost_audio_ends_nothing() -> None:
    listener = Listener(load("conversation"), lambda _: None)
    ends = QUIET._replace(edge_ago_hops=1, ending_st=5.0, ending_confidence=1.0, ending_hz=150.0)
    first = [*talk(syllables(150, 0, 2), 2), ends]
    for hop, frame in enumerate([*first, *[QUIET] * 100, *first, *[LOST] * 100, VOICE]):
        listener.add_frame(hop, frame, bad=False)
    found = listener.measures(6.0, None)
    assert (found.phrases, found.endings, found.rises) == (2, 1, 0)


def test_recognised_words_change_the_rate_of_words(answer: tuple[NDArray[np.float32], object]) -> None:
    def last(*learned: ev.LateFact) -> ev.Reading:
        session = Session(load("conversation"))
        session.hear(0, answer[0][: 12 * 16_000])
        for fact in learned:
            session.learn(fact)
        session.hear(0, answer[0][12 * 16_000 : 14 * 16_000])
        return [event for event in session.poll() if isinstance(event, ev.Reading)][-1]

    words = [
        ev.Word(text="responsibility", start_s=k / 2, end_s=k / 2 + 0.4, confidence=0.9) for k in range(24)
    ]
    few = last(ev.Words(start_s=0.0, end_s=11.9, confidence=0.9, source="test", words=words))
    assumed = last()
    assert few.pace_wpm is not None
    assert assumed.pace_wpm is not None
    assert few.pace_wpm < 0.85 * assumed.pace_wpm
    assert (few.pace_error_wpm or 0.0) / few.pace_wpm < 0.9 * (
        assumed.pace_error_wpm or 0.0
    ) / assumed.pace_wpm
    assert few.articulation_sps == assumed.articulation_sps
