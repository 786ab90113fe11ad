"""One way to 16 kHz mono, whatever the rate, layout, format or cut."""

from __future__ import annotations

from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.media.resample import DELAY_S, Resampler, Samples

RATES_HZ = [8000, 11025, 16000, 22050, 44100, 48000, 96000]
FORMATS = {"u8": np.uint8, "s16": np.int16, "s32": np.int32, "flt": np.float32, "dbl": np.float64}
LAYOUTS = {"mono": 1, "stereo": 2, "5.1": 6}


def frame(x: NDArray[np.float64], rate_hz: int, layout: str = "mono", kind: str = "flt") -> av.AudioFrame:
    """Frame of samples in ±1, shape (n, channels); packed, or planar where the format's name ends in p."""
    planar = kind.endswith("p")
    dtype = FORMATS[kind.removesuffix("p")]
    if np.issubdtype(dtype, np.integer):
        info = np.iinfo(dtype)  # type: ignore[type-var]
        offset = 128 if dtype is np.uint8 else 0
        x = np.clip(np.round(x * (2.0 ** (info.bits - 1))) + offset, info.min, info.max)
    values = x.astype(dtype)
    made = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(values.T) if planar else values.reshape(1, -1), format=kind, layout=layout
    )
    made.sample_rate = rate_hz
    return made


def through(
    x: NDArray[np.float64], cuts: list[int], rate_hz: int, layout: str = "mono", kind: str = "flt"
) -> Samples:
    resampler = Resampler()
    edges = [0, *sorted({min(c, len(x)) for c in cuts} - {0, len(x)}), len(x)]
    blocks = [resampler.feed(frame(x[a:b], rate_hz, layout, kind)) for a, b in pairwise(edges)]
    return np.concatenate([*blocks, resampler.flush()])


@settings(max_examples=60, deadline=None)
@given(
    rate_hz=st.sampled_from(RATES_HZ),
    layout=st.sampled_from(list(LAYOUTS)),
    kind=st.sampled_from([name + p for name in FORMATS for p in ("", "p")]),
    cuts=st.lists(st.integers(1, 4000), max_size=40),
    seed=st.integers(0, 99),
)
def test_cutting_the_input_changes_no_sample(
    rate_hz: int, layout: str, kind: str, cuts: list[int], seed: int
) -> None:
    x = np.random.default_rng(seed).uniform(-0.8, 0.8, (4001, LAYOUTS[layout]))
    whole = through(x, [], rate_hz, layout, kind)
    assert abs(len(whole) - len(x) * 16000 / rate_hz) <= 2
    np.testing.assert_array_equal(through(x, cuts, rate_hz, layout, kind), whole)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_tone_keeps_its_pitch_level_and_place(rate_hz: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(rate_hz) / rate_hz)
    heard = through(tone[:, None], [], rate_hz)
    expected = 0.5 * np.sin(2 * np.pi * 200 * np.arange(len(heard)) / 16000)
    np.testing.assert_allclose(heard[200:-200], expected[200:-200], atol=2e-3)


@pytest.mark.parametrize("kind", ["s16", "flt", "fltp"])
@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_a_voice_on_every_channel_keeps_its_level(layout: str, kind: str) -> None:
    heard = through(np.full((48000, LAYOUTS[layout]), 0.5), [], 48000, layout, kind)
    np.testing.assert_allclose(heard[100:-100], 0.5, atol=1e-4)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_little_is_held_back(rate_hz: int) -> None:
    resampler, given_s, got = Resampler(), 0.0, 0
    for _ in range(50):
        got += len(resampler.feed(frame(np.zeros((rate_hz // 50, 1)), rate_hz)))
        given_s += (rate_hz // 50) / rate_hz
        assert given_s - got / 16000 <= DELAY_S


def test_the_format_may_change_on_the_way() -> None:
    resampler = Resampler()
    blocks = [
        resampler.feed(frame(np.full((4800, 2), 0.25), 48000, "stereo", "s16")),
        resampler.feed(frame(np.full((4410, 1), 0.25), 44100, "mono", "fltp")),
        resampler.feed(frame(np.full((1600, 1), 0.25), 16000, "mono", "flt")),
        resampler.flush(),
    ]
    assert len(np.concatenate(blocks)) == 4800


def test_empty_input_gives_nothing() -> None:
    resampler = Resampler()
    assert resampler.flush().size == 0
    heard = resampler.flush()
    assert heard.dtype == np.float32
    assert heard.shape == (0,)
