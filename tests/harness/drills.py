"""A drill for tests, and a page that hears it."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from engine.media.resample import Samples
from engine.protocol import messages
from tests.harness.calls import Page

ASKS = """
title = "Asks"
trains = "a"
use_when = "b"
question = "What did you do there, and why did it take so long?"
[[step]]
do = "ask"
when = { after_s = 0.3 }
[[step]]
do = "distraction"
sound = "murmur"
for_s = 30
when = { after_s = 0.5 }
"""


class Listening(Page):
    """A page that hears, too."""

    def __init__(self) -> None:
        super().__init__()
        self.connection.getTransceivers()[0].direction = "sendrecv"
        self.heard: list[Samples] = []
        self._task: asyncio.Task[None] | None = None
        self.connection.on("track", self._on_track)

    def _on_track(self, track: Any) -> None:
        self._task = asyncio.create_task(self._listen(track))

    async def _listen(self, track: Any) -> None:
        resampler = AudioResampler(format="flt", layout="mono", rate=16_000)
        try:
            while True:
                frame: AudioFrame = await track.recv()
                self.heard += [part.to_ndarray()[0] for part in resampler.resample(frame)]
        except MediaStreamError:
            return

    def say(self, **message: Any) -> None:
        self.channel.send(messages._encoder.encode(message).decode())

    async def close(self) -> None:
        await self.connection.close()
        if self._task is not None:
            self._task.cancel()


def correlation(heard: Samples, sent: Samples) -> float:
    """Of what was sent with where it fits best in what was heard."""
    size = 1 << (heard.size + sent.size).bit_length()
    both = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sent, size)), size)[: heard.size]
    at = int(np.argmax(both))
    part = heard[at : at + sent.size]
    return float(part @ sent[: part.size] / np.sqrt((part @ part) * (sent @ sent)))
