"""Nothing leaves the machine before somebody speaks; their first syllable does, and every pause after it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.terminal.gate import ADVISE_S, CATCH_UP, PRE_ROLL_S, Gate
from clients.terminal.speech_check import Heard, SpeechCheck
from clients.whip.publisher import Publisher, paced
from dsp.frame import RATE_HZ
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.serve import serving
from tests.harness.calls import unhurried

Samples = NDArray[np.float32]

BLOCK = 320


async def at_once(samples: Samples) -> AsyncIterator[Samples]:
    for start in range(0, samples.size, BLOCK):
        yield samples[start : start + BLOCK]


def before(samples: Samples, seconds: float) -> Samples:
    """A voice after so many seconds of a quiet room."""
    room = (1e-4 * np.random.default_rng(2).standard_normal(round(seconds * RATE_HZ))).astype(np.float32)
    return np.concatenate([room, samples])


@pytest.fixture
def voice_only(answer: tuple[Samples, list[PassageSpan]]) -> Samples:
    """Eight seconds of the practice answer from its first sound on."""
    samples = answer[0]
    begins = int(np.flatnonzero(np.abs(samples) > 0.02)[0])
    return samples[begins:][: 8 * RATE_HZ]


async def test_silence_and_noise_open_nothing() -> None:
    rng = np.random.default_rng(1)
    for level in (0.0, 1e-4, 0.03, 0.2):
        noise = (level * rng.standard_normal(20 * RATE_HZ)).astype(np.float32)
        assert not await Gate(at_once(noise), SpeechCheck()).opened()


async def test_what_goes_out_begins_before_the_first_syllable_and_leaves_nothing_out(
    voice_only: Samples,
) -> None:
    pause = np.zeros(6 * RATE_HZ, np.float32)
    all_of_it = np.concatenate([before(voice_only, 4.0), pause, voice_only[: 2 * RATE_HZ]])
    gate = Gate(at_once(all_of_it), SpeechCheck())
    assert await gate.opened()
    sent = np.concatenate([block async for block in gate.blocks()])
    np.testing.assert_array_equal(sent, all_of_it[all_of_it.size - sent.size :])
    begins_s = (all_of_it.size - sent.size) / RATE_HZ
    assert 4.0 - PRE_ROLL_S < begins_s < 4.0 - 0.2, "the room before it, not all of it"


async def test_who_begins_at_once_loses_nothing(voice_only: Samples) -> None:
    gate = Gate(at_once(voice_only), SpeechCheck())
    assert await gate.opened()
    sent = np.concatenate([block async for block in gate.blocks()])
    np.testing.assert_array_equal(sent, voice_only)


async def test_what_waited_goes_out_faster_than_it_came_but_not_at_once(voice_only: Samples) -> None:
    gate = Gate(at_once(voice_only[: 2 * RATE_HZ]), SpeechCheck())
    assert await gate.opened()
    began_s = time.monotonic()
    sent_s = sum([block.size async for block in gate.blocks()]) / RATE_HZ
    assert time.monotonic() - began_s >= 0.9 * sent_s / CATCH_UP


async def test_advice_comes_once_for_each_change_and_is_taken_back(voice_only: Samples) -> None:
    noise = (0.02 * np.random.default_rng(1).standard_normal(4 * RATE_HZ)).astype(np.float32)
    silence = np.zeros(round((ADVISE_S + 3.0) * RATE_HZ), np.float32)
    told: list[Heard] = []
    gate = Gate(at_once(np.concatenate([silence, noise, voice_only])), SpeechCheck(), told.append)
    assert await gate.opened()
    assert told == [Heard.NOTHING, Heard.NOISE, Heard.VOICE]


async def test_who_speaks_soon_gets_no_advice(voice_only: Samples) -> None:
    told: list[Heard] = []
    assert await Gate(at_once(before(voice_only, ADVISE_S - 1.0)), SpeechCheck(), told.append).opened()
    assert told == [Heard.VOICE]


async def test_a_check_ends_after_its_time() -> None:
    gate = Gate(at_once(np.zeros(60 * RATE_HZ, np.float32)), SpeechCheck())
    assert not await gate.opened(within_s=10.0)
    assert sum([block.size async for block in gate.blocks()]) / RATE_HZ > 49.0


async def queued(samples: Samples) -> AsyncIterator[Samples]:
    """Give blocks as a microphone does: they come in real time, whether somebody takes them or not."""
    blocks: asyncio.Queue[Samples | None] = asyncio.Queue()

    async def speak() -> None:
        async for block in paced(samples):
            blocks.put_nowait(block)
        blocks.put_nowait(None)

    speaking = asyncio.create_task(speak())
    try:
        while (block := await blocks.get()) is not None:
            yield block
    finally:
        speaking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await speaking


async def test_what_was_said_while_the_call_was_made_arrives(voice_only: Samples) -> None:
    slow_s = 1.5
    samples = before(voice_only, 2.0)
    events: list[object] = []
    async with serving(unhurried()) as address:
        gate = Gate(queued(samples), SpeechCheck())
        assert await gate.opened()
        await asyncio.sleep(slow_s)  # a network that takes its time
        async with Publisher(address, gate.blocks()) as call:
            events = [message async for message in call]
    [summary] = [event for event in events if isinstance(event, messages.Summary)]
    assert not [event for event in events if isinstance(event, ev.AudioLost)]
    assert summary.duration_s > voice_only.size / RATE_HZ + 0.3, "the room before it, too"
    [first, *_] = [event for event in events if isinstance(event, ev.SpeechStarted)]
    assert 0.2 < first.start_s < PRE_ROLL_S
