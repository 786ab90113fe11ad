"""How late one microphone hears the other one's speaker."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.channel_pair import ChannelPair
from dsp.crosstalk import Crosstalk
from dsp.delay_estimation import gain_db
from dsp.frame import HOP, RATE_HZ
from dsp.sample_history import DECIMATION, LENGTH, SampleHistory, append_samples
from engine.core.session import Session
from engine.media.resample import Samples
from engine.shipped.profiles import load
from tests.harness.dialogues import Room, compose, heard_in, packaged_people

SECONDS = 35.0
BLOCK = 320


@pytest.fixture(scope="module")
def voices() -> Samples:
    """Two people, shape (2, n)."""
    return compose(packaged_people(), SECONDS, 45)[0]


def paired(heard: Samples, lost: float = 0.0) -> ChannelPair:
    """Both channels, shape (n, 2), after all of it was heard but for a share of the second one's packets."""
    session, chance = Session(load("conversation"), 2), np.random.default_rng(2)
    for start in range(0, len(heard) - BLOCK, BLOCK):
        session.hear(0, heard[start : start + BLOCK, 0])
        if chance.random() < lost:
            session.missing(1, start, start + BLOCK)
        else:
            session.hear(1, heard[start : start + BLOCK, 1])
    assert session._loop.pair is not None
    return session._loop.pair


@pytest.mark.parametrize("late_ms", [0.0, 40.0, 200.0, 400.0])
def test_leakage_is_found_as_late_and_as_loud_as_it_comes(voices: Samples, late_ms: float) -> None:
    pair = paired(heard_in(voices, Room("", leak_db=-22.0, leak_ms=late_ms), 1))
    for path in pair._paths:
        assert path.lag_hops == pytest.approx(late_ms / 10, abs=1)
        assert path.gain_db == pytest.approx(-22.0, abs=2.0)
    assert pair.offset_hops == 0


@pytest.mark.parametrize("echo_s", [0.3, 0.6])
def test_the_echoes_of_a_room_hide_no_leakage(voices: Samples, echo_s: float) -> None:
    room = Room("", leak_db=-22.0, leak_ms=150.0, echo_s=echo_s)
    for lag in paired(heard_in(voices, room, 1)).lags:
        assert lag == pytest.approx(16, abs=3)


def test_half_a_second_of_a_voice_is_enough(voices: Samples) -> None:
    heard = heard_in(voices, Room("", leak_db=-25.0, leak_ms=40.0), 1)
    first = int(np.argmax(np.abs(voices).max(axis=0) > 0.01))
    assert paired(heard[: first + RATE_HZ // 2]).lags in ((4, None), (None, 4))


@pytest.mark.parametrize("levels_db", [(0.0, 0.0), (0.0, -12.0)])
def test_where_nothing_leaks_there_is_no_lag(voices: Samples, levels_db: tuple[float, float]) -> None:
    assert paired(heard_in(voices, Room("", gains_db=levels_db), 1)).lags == (None, None)
    assert paired(heard_in(voices, Room("", gains_db=levels_db, noise_dbfs=-50.0), 2)).lags == (None, None)


@pytest.mark.parametrize("late_ms", [-70, -30, 30, 70])
def test_leakage_before_the_voice_says_that_the_channels_stand_apart(voices: Samples, late_ms: int) -> None:
    heard = heard_in(voices, Room("", leak_db=-22.0), 1)
    shift = abs(late_ms) * RATE_HZ // 1000
    later, sooner = (1, 0) if late_ms > 0 else (0, 1)
    apart = np.empty((len(heard) - shift, 2), np.float32)
    apart[:, later], apart[:, sooner] = heard[:-shift, later], heard[shift:, sooner]
    pair = paired(apart)
    assert pair.offset_hops == pytest.approx(late_ms / 10, abs=1)
    pair.shift_alignment(pair.offset_hops)
    assert abs(pair.offset_hops) <= 1


def test_leakage_that_comes_at_another_time_is_found_again(voices: Samples) -> None:
    """As where the other side's sound is waited for longer from some moment on."""
    half = voices.shape[1] // 2
    parts = [
        heard_in(voices[:, part], Room("", leak_db=-22.0, leak_ms=late_ms), 1)
        for part, late_ms in ((slice(0, half), 50.0), (slice(half, None), 250.0))
    ]
    for lag in paired(np.concatenate(parts)).lags:
        assert lag == pytest.approx(25, abs=1)


@pytest.mark.parametrize("lag", [-1200, -300, 0, 40, 3600])
def test_a_gain_is_of_what_both_have(lag: int) -> None:
    chance = np.random.default_rng(4)
    sound = chance.standard_normal(1000 + 3600).astype(np.float32)
    speaker = sound[1800:2800]
    other = 0.1 * sound[1800 - lag : 2800 - lag] if abs(lag) < 1800 else 0.1 * speaker
    found_db = gain_db(speaker, other, lag)
    assert found_db == (pytest.approx(-20.0, abs=0.01) if abs(lag) < 1000 else -120.0)


def test_lost_hops_are_not_compared(voices: Samples) -> None:
    heard = heard_in(voices, Room("", leak_db=-22.0), 1)
    for lag in paired(heard, lost=0.1).lags:
        assert lag == pytest.approx(0, abs=1)


def test_forgets_everything() -> None:
    part = Crosstalk()
    fresh = part.state.copy()
    part.set_leakage(0, 7, -20.0)
    part.state["first"]["past_dbfs"] = -20.0
    part.reset()
    assert part.state == fresh


def test_what_was_heard_last_is_kept_in_order() -> None:
    recent, sound = SampleHistory(), np.repeat(np.arange(9040, dtype=np.float32), DECIMATION)
    for hop in sound.reshape(-1, HOP)[: 8960 * DECIMATION // HOP]:
        append_samples(hop, recent.state)
    recent.process_lost()
    kept = recent.samples()
    assert kept.shape == (LENGTH,)
    np.testing.assert_array_equal(kept[:-80], np.arange(8960 - LENGTH + 80, 8960))
    assert not kept[-80:].any()
