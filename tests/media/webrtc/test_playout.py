"""Sounds mixed, paced and sent: what a far end gets of them, and what it costs it to wait."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.rtp.opus import OpusDecoder, OpusEncoder
from engine.media.webrtc.playout import (
    BLOCK,
    BLOCK_TICKS,
    CLIP_KNEE,
    CLOCK_HZ,
    EDGE,
    FADE,
    TAIL_BLOCKS,
    Mixer,
    PlayoutTrack,
)
from tests.harness.calls import noise


def tone(seconds: float, hz: float = 250.0, peak: float = 0.3) -> Samples:
    """A tone that starts at its peak: the worst for a click."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (peak * np.cos(2 * np.pi * hz * t)).astype(np.float32)


def drained(mixer: Mixer, n: int = BLOCK) -> Samples:
    """All that is left in a mixer."""
    blocks = [np.zeros(0, np.float32)]
    while (block := mixer.next_block(n)) is not None:
        blocks.append(block)
    return np.concatenate(blocks)


def steepest(samples: Samples) -> float:
    """Greatest change of slope: what a click is, and a tone isn't."""
    padded = np.concatenate([np.zeros(2), samples, np.zeros(2)])
    return float(np.abs(np.diff(padded, 2)).max())


# --- the mixer -----------------------------------------------------------------------


def test_silent_mixer_has_nothing_to_say() -> None:
    mixer = Mixer()
    assert mixer.next_block() is None
    number = mixer.play(np.zeros(0, np.float32))
    assert mixer.next_block() is None
    mixer.stop(number)
    mixer.stop()


def test_sound_is_given_as_it_is_between_its_edges() -> None:
    mixer, sound = Mixer(), tone(0.1)
    number = mixer.play(sound)
    assert mixer.playing() == {number}
    out = drained(mixer)
    assert mixer.playing() == set()
    np.testing.assert_array_equal(out[EDGE : len(sound) - EDGE], sound[EDGE:-EDGE])
    assert not out[len(sound) :].any()


def test_sound_that_was_given_is_left_unchanged() -> None:
    sound = tone(0.1)
    before = sound.copy()
    Mixer().play(sound)
    np.testing.assert_array_equal(sound, before)


@pytest.mark.parametrize("seconds", [0.001, 0.004, 0.0511, 0.1])
def test_starts_and_ends_do_not_click(seconds: float) -> None:
    mixer = Mixer()
    mixer.play(tone(seconds))
    assert steepest(drained(mixer)) < 0.015
    assert steepest(tone(seconds)) > 0.1


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_stopped_sounds_go_out_in_ten_milliseconds_without_a_click(blocks: int) -> None:
    mixer = Mixer()
    mixer.play(tone(1.0, peak=0.2))
    mixer.play(tone(1.0, 180.0, peak=0.2), kind="distraction")
    before = [mixer.next_block() for _ in range(blocks)]
    mixer.stop()
    mixer.stop()
    rest = drained(mixer)
    assert np.abs(rest[: FADE // 2]).max() > 0.05
    assert not rest[FADE:].any()
    assert len(rest) == BLOCK
    assert steepest(np.concatenate([*before, rest])) < 0.01


def test_one_sound_is_stopped_and_the_other_goes_on() -> None:
    mixer = Mixer()
    gone, stays = mixer.play(tone(1.0)), mixer.play(tone(1.0, 300.0))
    mixer.next_block()
    mixer.stop(gone)
    mixer.next_block()
    assert mixer.playing() == {stays}
    np.testing.assert_array_equal(mixer.next_block(), tone(1.0, 300.0)[2 * BLOCK : 3 * BLOCK])


def test_sound_stopped_before_it_began_is_never_heard() -> None:
    mixer = Mixer()
    mixer.stop(mixer.play(tone(1.0)))
    assert mixer.next_block() is None


def test_a_kind_is_lowered_and_brought_back_on_the_way_and_for_what_comes() -> None:
    mixer = Mixer()
    mixer.play(tone(1.0), kind="distraction", gain_db=-6.0)
    heard = [mixer.next_block()]
    mixer.set_gain("distraction", -math.inf)
    heard += [mixer.next_block(), mixer.next_block()]
    assert np.abs(heard[-1]).max() < 1e-6  # type: ignore[arg-type]
    mixer.set_gain("distraction", -6.0)
    heard += [mixer.next_block(), mixer.next_block()]
    expected = 10.0 ** (-12.0 / 20.0) * tone(1.0)
    np.testing.assert_allclose(heard[-1], expected[4 * BLOCK : 5 * BLOCK], rtol=1e-5)  # type: ignore[arg-type]
    assert steepest(np.concatenate([*heard, drained(mixer)])) < 0.01
    mixer.play(tone(1.0), kind="distraction")
    mixer.play(tone(1.0, peak=0.0), kind="voice")
    mixer.next_block()
    np.testing.assert_allclose(mixer.next_block(), 10.0**-0.3 * tone(1.0)[BLOCK : 2 * BLOCK], rtol=1e-5)  # type: ignore[arg-type]


def test_the_other_kind_keeps_its_gain() -> None:
    mixer = Mixer()
    mixer.set_gain("distraction", -20.0)
    mixer.play(tone(1.0))
    mixer.next_block()
    np.testing.assert_array_equal(mixer.next_block(), tone(1.0)[BLOCK : 2 * BLOCK])


def test_loud_sounds_together_stay_below_full_scale_and_smooth() -> None:
    mixer = Mixer()
    for _ in range(3):
        mixer.play(tone(0.5, 100.0, peak=CLIP_KNEE))
    out = drained(mixer)
    assert CLIP_KNEE < np.abs(out).max() < 1.0
    assert steepest(out) < 0.05


@settings(deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1), st.integers(0, 2000))
def test_however_it_is_cut_the_mix_is_the_same(cuts: list[int], stopped_at: int) -> None:
    def played(sizes: list[int]) -> Samples:
        mixer, at = Mixer(), 0
        out: list[Samples] = []
        mixer.play(tone(0.1))
        mixer.play(tone(0.15, 400.0, 0.6))
        for size in itertools.cycle(sizes):
            if at < stopped_at:
                size = min(size, stopped_at - at)
            elif at == stopped_at:
                mixer.stop()
            if (block := mixer.next_block(size)) is None:
                return np.concatenate([np.zeros(0, np.float32), *out])
            out.append(block)
            at += size
        raise AssertionError

    one, other = played(cuts), played([BLOCK])
    shorter = min(len(one), len(other))
    np.testing.assert_allclose(one[:shorter], other[:shorter], atol=1e-6)
    assert not one[shorter:].any()
    assert not other[shorter:].any()


# --- the encoder ---------------------------------------------------------------------


def decoded(packets: Iterable[bytes]) -> Samples:
    """Samples of a stream of packets."""
    decoder, out = OpusDecoder(), []
    for packet in packets:
        block = decoder.decode(packet)
        assert block is not None
        out.append(block.copy())
    return np.concatenate(out)


def test_what_is_encoded_is_what_is_decoded() -> None:
    rng = np.random.default_rng(3)
    tones = [tone(0.8, hz, 0.05) * (1 + rng.random()) for hz in (210.0, 633.0, 1480.0, 3900.0)]
    sound = np.asarray(np.sum(tones, axis=0), np.float32)
    encoder, delay = OpusEncoder(), 40
    out = decoded(encoder.encode(sound[at : at + BLOCK]) for at in range(0, len(sound), BLOCK))
    assert np.corrcoef(out[delay:], sound[: len(sound) - delay])[0, 1] > 0.95


def test_packet_of_no_length_that_opus_has_is_refused() -> None:
    with pytest.raises(ValueError, match="333 samples"):
        OpusEncoder().encode(np.zeros(333, np.float32))


def test_encoder_that_was_reset_is_as_new() -> None:
    used, new = OpusEncoder(), OpusEncoder()
    sound = noise(0.2)
    for at in range(0, len(sound), BLOCK):
        used.encode(sound[at : at + BLOCK])
    changed = used.encode(sound[:BLOCK])
    used.reset()
    first = new.encode(sound[:BLOCK])
    assert changed != first
    assert used.encode(sound[:BLOCK]) == first


# --- the track -----------------------------------------------------------------------


class Clock:
    """A clock that only sleeping moves, and whatever holds the loop up."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds


class Sent:
    """A mixer, its track on a clock of its own, and what it told of."""

    def __init__(self) -> None:
        self.clock, self.mixer = Clock(), Mixer()
        self.blocks: list[tuple[Samples, float]] = []
        self.track = PlayoutTrack(
            self.mixer, lambda *block: self.blocks.append(block), self.clock, self.clock.sleep
        )

    async def next(self) -> tuple[int, float]:
        """Stamp of the next packet, and when it was given."""
        packet = await asyncio.wait_for(self.track.recv(), 10.0)
        assert packet.pts is not None
        return packet.pts, self.clock.now_s

    async def waits(self) -> asyncio.Task[Any]:
        """A reader that has nothing to read."""
        task = asyncio.create_task(self.track.recv())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not task.done()
        return task


async def test_packets_keep_to_the_clock_and_do_not_drift() -> None:
    sent = Sent()
    sent.mixer.play(tone(40.0))
    began_s = sent.clock.now_s
    for number in range(2000):
        pts, at_s = await sent.next()
        assert pts == number * BLOCK_TICKS
        assert abs(at_s - began_s - number * 0.02) < 1e-4
        sent.clock.now_s += 0.003  # what sending takes


async def test_nothing_runs_in_silence_and_the_stamps_know_how_long_it_was() -> None:
    sent = Sent()
    waiting = await sent.waits()
    sent.clock.now_s += 7.0
    before_s = sent.clock.now_s
    sent.mixer.play(tone(0.02))
    first = await waiting
    assert sent.clock.now_s == before_s  # at once
    assert first.pts == 7 * CLOCK_HZ
    stamps = [(await sent.next())[0] for _ in range(TAIL_BLOCKS)]
    assert stamps == [7 * CLOCK_HZ + BLOCK_TICKS * n for n in (1, 2)]
    assert not any(block.any() for block, _ in sent.blocks[1:])
    waiting = await sent.waits()
    sent.clock.now_s += 60.0
    again = round((sent.clock.now_s - 1000.0) * CLOCK_HZ)
    sent.mixer.play(tone(0.02))
    assert abs((await waiting).pts - again) <= 1


async def test_sound_in_the_tail_of_another_goes_on_in_its_grid() -> None:
    sent = Sent()
    sent.mixer.play(tone(0.02))
    await sent.next()
    await sent.next()
    sent.mixer.play(tone(0.04))
    stamps = [(await sent.next())[0] for _ in range(2 + TAIL_BLOCKS)]
    assert stamps == [BLOCK_TICKS * n for n in range(2, 4 + TAIL_BLOCKS)]
    (await sent.waits()).cancel()


async def test_what_is_told_is_what_was_sent_and_when() -> None:
    sent, packets = Sent(), []
    sent.mixer.play(tone(0.4))
    for number in range(20 + TAIL_BLOCKS):
        packets.append(bytes(await sent.track.recv()))
        assert abs(sent.blocks[-1][1] - (1000.0 + 0.02 * number)) < 1e-4
    told = np.concatenate([block for block, _ in sent.blocks])
    out = decoded(packets)
    assert np.corrcoef(out[40:], told[:-40])[0, 1] > 0.98


async def test_short_hold_up_is_caught_up_and_a_long_one_left_out() -> None:
    sent = Sent()
    sent.mixer.play(tone(2.0))
    await sent.next()
    sent.clock.now_s += 0.07
    held_s = sent.clock.now_s
    for number in (1, 2, 3):
        assert await sent.next() == (number * BLOCK_TICKS, held_s)
    pts, at_s = await sent.next()
    assert pts == 4 * BLOCK_TICKS
    assert abs(at_s - 1000.08) < 1e-4
    sent.clock.now_s += 0.5
    assert abs((await sent.next())[0] / CLOCK_HZ - 0.58) < 1e-4


async def test_of_two_connections_the_newer_one_plays() -> None:
    sent = Sent()
    newer = PlayoutTrack(sent.mixer, None, sent.clock, sent.clock.sleep)
    old = await sent.waits()
    new = asyncio.create_task(newer.recv())
    await asyncio.sleep(0)
    sent.mixer.play(tone(0.1))
    await asyncio.wait_for(new, 10.0)
    sent.track.stop()
    with pytest.raises(MediaStreamError):
        await asyncio.wait_for(old, 10.0)
    with pytest.raises(MediaStreamError):
        await sent.track.recv()
