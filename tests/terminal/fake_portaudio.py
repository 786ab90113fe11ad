"""PyAudio's surface for what can't be made to happen with a real device."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any


class PyAudio:
    """One microphone at 44.1 kHz only, that stops after some blocks."""

    def __init__(self, *, blocks: int) -> None:
        self._blocks = blocks
        self.rates_hz: list[int] = []
        self.closed = False
        self.terminated = False

    def module(self) -> Any:
        """Stand in for ``import pyaudio``."""
        module = types.ModuleType("pyaudio")
        module.__dict__.update(PyAudio=lambda: self, paInt16=8, paContinue=0)
        return module

    def get_device_count(self) -> int:
        return 1

    def get_default_input_device_info(self) -> dict[str, Any]:
        return self.get_device_info_by_index(0)

    def get_device_info_by_index(self, _index: int) -> dict[str, Any]:
        return {"index": 0, "name": "the old headset", "maxInputChannels": 1, "defaultSampleRate": 44100.0}

    def open(
        self, *, rate: int, frames_per_buffer: int, stream_callback: Callable[..., Any], **_: Any
    ) -> PyAudio:
        self.rates_hz.append(rate)
        if rate != 44100:
            raise OSError(-9997, "Invalid sample rate")
        for _block in range(self._blocks):
            stream_callback(bytes(2 * frames_per_buffer), frames_per_buffer, {}, 0)
        return self

    def close(self) -> None:
        self.closed = True

    def terminate(self) -> None:
        self.terminated = True
