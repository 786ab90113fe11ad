"""Samples on their way to a connection: a bounded buffer, and the audio track that sends from it."""

from __future__ import annotations

import asyncio
from collections import deque
from fractions import Fraction

import numpy as np
from aiortc import MediaStreamTrack
from av import AudioFrame

from dsp.frame import RATE_HZ
from engine.media.resample import Samples

BLOCK = 320
"""Samples in a packet, 20 ms."""

TAIL_BLOCKS = 10
"""Blocks of silence sent after the source, 0.2 s, to flush the jitter buffers."""

WAITING_BLOCKS = 50
"""Most blocks that wait for a connection, one second; older ones are dropped."""


class SendBuffer:
    """Samples between the source and the current connection; it outlives a connection."""

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque()
        self._filled = asyncio.Event()
        self._closed = False
        self._silent_blocks = 0
        self.tailed = asyncio.Event()
        """Set once the source is used up and :data:`TAIL_BLOCKS` of silence have followed it."""

    def add(self, samples: Samples) -> None:
        """Append samples; beyond :data:`WAITING_BLOCKS` the oldest are dropped."""
        self._blocks.extend(samples[at : at + BLOCK] for at in range(0, len(samples), BLOCK))
        while len(self._blocks) > WAITING_BLOCKS:
            self._blocks.popleft()
        self._filled.set()

    def close(self) -> None:
        """Mark the end of the source: silence follows once the buffer is empty."""
        self._closed = True
        self._filled.set()

    async def next_block(self) -> Samples:
        """Wait for the next :data:`BLOCK` samples of the source and return them."""
        taken: list[Samples] = []
        wanted = BLOCK
        while wanted:
            if self._blocks:
                block = self._blocks.popleft()
                taken.append(block[:wanted])
                if len(block) > wanted:
                    self._blocks.appendleft(block[wanted:])
                wanted -= len(taken[-1])
            elif self._closed:
                await asyncio.sleep(wanted / RATE_HZ)
                taken.append(np.zeros(wanted, np.float32))
                self._silent_blocks += 1
                if self._silent_blocks == TAIL_BLOCKS:
                    self.tailed.set()
                wanted = 0
            else:
                self._filled.clear()
                await self._filled.wait()
        return np.concatenate(taken)


class BufferTrack(MediaStreamTrack):
    """Audio track of 20 ms frames from a buffer."""

    kind = "audio"

    def __init__(self, buffer: SendBuffer) -> None:
        super().__init__()
        self._buffer = buffer
        self._pts = 0

    async def recv(self) -> AudioFrame:
        """Return the next frame in 16 bit, the format of aiortc's encoder."""
        samples = await self._buffer.next_block()
        values = np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16)
        frame = AudioFrame.from_ndarray(values[None], format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), self._pts
        self._pts += BLOCK
        return frame
