"""What doesn't change what is said must hardly change what is heard: gain, offset, hum, polarity, telephone.

The signal is the built-in practice answer in a room: good speaking, rushing, fillers, a
monotone, rises, creak. ``docs/ears.md`` has the bounds as a table.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import firwin

from dsp.ears import Ears
from dsp.phrase_contour import contour_kind
from engine.media.voices.practice_answer import PassageSpan
from tests.harness.session_runs import heard as events_of

from .sounds import Samples, heard, noise

HUM_DB = -30.0
"""Of the hum, relative to the speech."""

Answer = tuple[Samples, list[PassageSpan]]


class Measured(NamedTuple):
    f0_hz: float
    voiced: float
    speech: float
    nuclei: int
    creak: float
    fillers: int
    snr_db: float
    lufs: float
    trailing_db: float
    edges: list[tuple[float, bool]]
    endings: list[str]


class Bounds(NamedTuple):
    """How far each measure may move."""

    f0: float = 0.005
    """Median F0, as a share of it."""

    voiced: float = 0.04
    speech: float = 0.03
    """Shares of all hops."""

    nuclei: float = 0.04
    """Their number, as a share of it."""

    edge_s: float = 0.15
    """Of every beginning and end of talk; none is missed or added."""

    endings: int = 1
    """Of 26 phrases, those whose end is called rise, fall or level both times, but not the same."""

    creak: float = 0.025
    """Share of the voiced time."""

    fillers: int = 0
    """Their number."""

    snr_db: float = 1.0
    lufs: float = 0.05
    trailing_db: float = 0.6


SMALL = Bounds()

LOUDER_OR_SOFTER = Bounds(nuclei=0.02, endings=3)
"""What is voiced at all depends a little on the level: it is against a fixed one."""


def measured(x: Samples) -> Measured:
    frames = heard(x.astype(np.float32), Ears())
    f0_hz = np.array([frame.f0_hz for frame in frames])
    ends = [
        (k - frame.edge_ago_hops, frame) for k, frame in enumerate(frames, start=1) if frame.edge_ago_hops
    ]
    return Measured(
        f0_hz=float(np.median(f0_hz[f0_hz > 0])),
        voiced=float((f0_hz > 0).mean()),
        speech=float(np.mean([frame.speech >= 0.5 for frame in frames])),
        nuclei=sum(frame.nucleus_ago_hops > 0 for frame in frames),
        creak=sum(frame.creak >= 0.5 for frame in frames) / float((f0_hz > 0).sum()),
        fillers=sum(frame.filler_confidence >= 0.5 for frame in frames),
        snr_db=frames[-1].snr_db,
        lufs=10 * math.log10(np.mean([10 ** (frame.momentary_lufs / 10) for frame in frames])),
        trailing_db=float(np.median([f.trailing_db for f in frames if f.trailing_confidence >= 0.5])),
        edges=[(at / 100, frame.talking) for at, frame in ends],
        endings=[contour_kind(f.ending_st, f.ending_confidence) for _, f in ends if not f.talking],
    )


def check(found: Measured, expected: Measured, bounds: Bounds = SMALL, *, gain_db: float = 0.0) -> None:
    assert found.f0_hz == pytest.approx(expected.f0_hz, rel=bounds.f0)
    assert found.voiced == pytest.approx(expected.voiced, abs=bounds.voiced)
    assert found.speech == pytest.approx(expected.speech, abs=bounds.speech)
    assert found.nuclei == pytest.approx(expected.nuclei, rel=bounds.nuclei)
    assert found.creak == pytest.approx(expected.creak, abs=bounds.creak)
    assert found.fillers == pytest.approx(expected.fillers, abs=bounds.fillers)
    assert found.snr_db == pytest.approx(expected.snr_db, abs=bounds.snr_db)
    assert found.lufs == pytest.approx(expected.lufs + gain_db, abs=bounds.lufs)
    assert found.trailing_db == pytest.approx(expected.trailing_db, abs=bounds.trailing_db)
    assert [talking for _, talking in found.edges] == [talking for _, talking in expected.edges]
    np.testing.assert_allclose(
        [at for at, _ in found.edges], [at for at, _ in expected.edges], atol=bounds.edge_s
    )
    both = [pair for pair in zip(found.endings, expected.endings, strict=True) if "unsure" not in pair]
    assert len(both) >= 8
    assert sum(a != b for a, b in both) <= bounds.endings


@pytest.fixture(scope="module")
def room(answer: Answer) -> Samples:
    """The answer, in a room with a noise of −70 dBFS."""
    return answer[0] + noise(answer[0].size / 16000, 10**-3.5)[: answer[0].size]


@pytest.fixture(scope="module")
def expected(room: Samples) -> Measured:
    return measured(room)


@settings(deadline=None, max_examples=5, derandomize=True)
@given(gain_db=st.floats(-30, 12))
def test_gain(room: Samples, expected: Measured, gain_db: float) -> None:
    check(measured(room * np.float32(10 ** (gain_db / 20))), expected, LOUDER_OR_SOFTER, gain_db=gain_db)


@pytest.mark.parametrize("gain_db", [-30.0, 12.0])
def test_most_gain(room: Samples, expected: Measured, gain_db: float) -> None:
    check(measured(room * np.float32(10 ** (gain_db / 20))), expected, LOUDER_OR_SOFTER, gain_db=gain_db)


def test_polarity(room: Samples, expected: Measured) -> None:
    check(measured(-room), expected, Bounds(0.001, 0.001, 0.001, 0.005, 0.01, 0, 0.001, 0, 0.1, 0.01, 0.01))


@settings(deadline=None, max_examples=4, derandomize=True)
@given(offset=st.floats(-0.1, 0.1))
def test_offset(room: Samples, expected: Measured, offset: float) -> None:
    check(measured(room + np.float32(offset)), expected, Bounds(0.001, 0.005, 0.005, 0.01, 0.05, 0, 0.005))


def with_hum(x: Samples, hz: float, phase: float) -> Samples:
    """With hum ``HUM_DB`` relative to the speech."""
    at = 2 * np.pi * hz * np.arange(x.size) / 16000 + phase
    spoken: NDArray[np.float32] = x[np.abs(x) > 0.01 * np.abs(x).max()]
    rms = float(np.sqrt(np.mean(spoken**2))) * 10 ** (HUM_DB / 20)
    return (x + math.sqrt(2) * rms * np.sin(at)).astype(np.float32)


@pytest.mark.parametrize("phase", [0.0, 1.5])
@pytest.mark.parametrize(
    ("hz", "above_db", "bounds"),
    [
        (50.0, -HUM_DB + 3.9, Bounds(nuclei=0.02, endings=2, creak=0.04, snr_db=2.0)),
        # 60 Hz is a pitch that a voice may have
        (60.0, -HUM_DB + 2.9, Bounds(f0=0.015, nuclei=0.03, endings=2, creak=0.06, snr_db=2.0)),
    ],
)
def test_hum(
    room: Samples, expected: Measured, hz: float, phase: float, above_db: float, bounds: Bounds
) -> None:
    """The hum is the noise now: the speech is as far above it as it was made, and the high-pass helps."""
    found = measured(with_hum(room, hz, phase))
    check(found, expected._replace(snr_db=above_db), bounds)


def test_telephone(room: Samples, expected: Measured) -> None:
    """Sampled at 8 kHz: nothing above 3.5 kHz, neither of the voice nor of the noise.

    This voice fades into creak at its ends, whose few pulses of pitch are then others.
    """
    narrow = np.convolve(room, firwin(255, 3500, fs=16000), "same").astype(np.float32)
    check(
        measured(narrow),
        expected,
        Bounds(edge_s=0.2, endings=5, fillers=1, snr_db=5.0, lufs=0.3, trailing_db=0.9),
    )


@pytest.mark.parametrize("block", [77, 160, 161, 50_000])
def test_size_of_blocks(room: Samples, block: int) -> None:
    x = room[: 20 * 16000]
    assert events_of([x], cuts=range(block, x.size, block)) == events_of([x])
