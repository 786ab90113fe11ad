"""The loudspeaker through PyAudio."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from dsp.frame import RATE_HZ
from engine.errors import DeviceError

from .microphone import BLOCK_S, portaudio, quiet_stderr

if TYPE_CHECKING:
    from engine.media.resample import Samples

MOST_BLOCKS = 5
"""Blocks that wait to be played, at the most: when the two clocks drift apart the oldest is left out."""


class Speaker:
    """Queue of sound to play; silence when it is empty."""

    def __init__(self) -> None:
        self._blocks: deque[bytes] = deque(maxlen=MOST_BLOCKS)

    def play(self, samples: Samples) -> None:
        """Queue a block of 20 ms: float32, 16 kHz mono, full scale ±1."""
        self._blocks.append((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())

    def give(self, count: int) -> bytes:
        """Return the next ``count`` samples as 16-bit integers, for PortAudio."""
        return self._blocks.popleft() if self._blocks else bytes(2 * count)


@contextlib.contextmanager
def loudspeaker() -> Iterator[Speaker]:
    """Open this machine's default output.

    Raises
    ------
    DeviceError
        There is none, or PyAudio is missing.
    """
    speaker = Speaker()
    with portaudio() as audio:
        import pyaudio

        def give(
            _data: bytes | None, count: int, _times: Mapping[str, float], _status: int
        ) -> tuple[bytes, int]:  # runs in PortAudio's thread
            return speaker.give(count), pyaudio.paContinue

        try:
            with quiet_stderr():
                stream = audio.open(
                    rate=RATE_HZ,
                    channels=1,
                    format=pyaudio.paInt16,
                    output=True,
                    frames_per_buffer=round(BLOCK_S * RATE_HZ),
                    stream_callback=give,
                )
        except OSError as error:
            raise DeviceError(
                f"no loudspeaker can be opened ({error.args[-1]}): are headphones plugged in?"
            ) from error
        try:
            yield speaker
        finally:
            stream.close()
