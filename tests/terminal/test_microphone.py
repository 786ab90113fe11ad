from __future__ import annotations

import asyncio
import sys

import pytest

from clients.cli.main import main
from clients.terminal import microphone
from engine.errors import DeviceError

from .fake_portaudio import PyAudio


def test_without_pyaudio_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    assert main(["mic"]) == 2
    err = capsys.readouterr().err
    assert "apt-get install gcc python3-dev portaudio19-dev" in err
    assert "pip install 'sottovoce[mic]'" in err


def test_microphone_that_stops_is_an_error_and_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = PyAudio(blocks=50)
    monkeypatch.setitem(sys.modules, "pyaudio", fake.module())
    monkeypatch.setattr(microphone, "STALLED_S", 0.2)
    heard: list[int] = []

    async def listen() -> None:
        async for block in microphone.microphone():
            heard.append(block.size)

    with pytest.raises(DeviceError, match="the old headset gives no sound any more"):
        asyncio.run(listen())
    assert fake.rates_hz == [16000, 44100], "its own rate when it can't do ours"
    assert sum(heard) == pytest.approx(16000, abs=64), "one second, at our rate"
    assert (fake.closed, fake.terminated) == (True, True)
