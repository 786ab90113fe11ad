"""A live call and the recording of what it heard give the same events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import pytest
from av import AudioFrame

from clients.whip.publisher import Publisher
from dsp.frame import RATE_HZ
from engine.media.files.analysis import analyze
from engine.media.files.recording import Recording
from engine.media.resample import Samples
from engine.media.rtp.stream import RtpStream
from engine.media.voices.practice_answer import trim_silence
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server import hub
from engine.server.sessions.live_core import SoloCore
from engine.shipped.profiles import load
from tests.harness.calls import Page, all_messages, running, steadily, until

TEXT = (
    "I joined the team in spring, and my first task was the search page. "
    "We measured how long people waited, and it was far too long?"
)


def kept(said: list[Any]) -> list[bytes]:
    """Events as they go over the wire, without their delay, which only a live call has."""
    untimed = [
        msgspec.structs.replace(e, delay_ms=None, delays=None)
        if isinstance(e, ev.Nudge)
        else msgspec.structs.replace(e, delay_ms=None)
        if isinstance(e, ev.Reading)
        else e
        for e in said
        if isinstance(e, ev.Event)
    ]
    return [msgspec.json.encode(e) for e in untimed]


def save(heard: list[Samples], path: Path) -> None:
    """Samples as they were heard, as a WAV file without loss."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_f32le", rate=RATE_HZ, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = AudioFrame.from_ndarray(np.concatenate(heard)[None], format="flt", layout="mono")
        frame.sample_rate = RATE_HZ
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


async def test_a_live_call_and_its_recording_give_the_same_events(
    voice: SpeechSynthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Samples] = []

    class Noted(SoloCore):
        def hear(self, channel: int, samples: Samples, at: int | None = None) -> None:
            heard.append(samples.copy())
            super().hear(channel, samples, at)

    monkeypatch.setattr(hub, "SoloCore", Noted)
    async with running() as server, Publisher(server.address, steadily(voice.synthesize(TEXT))) as call:
        live = await all_messages(call)
    assert isinstance(live[-2], messages.Summary)
    assert live[-2].measures[0].lost_s == 0
    assert live[-2].measures[0].pause_count > 0
    monkeypatch.undo()
    save(heard, tmp_path / "heard.wav")
    offline: list[ev.AnyEvent] = []
    analysis = analyze(
        [Recording(tmp_path / "heard.wav", "mix")], load("conversation"), on_event=offline.append
    )
    assert len(offline) > 50
    assert kept(live) == kept(list(offline))
    assert analysis.duration_s == live[-2].duration_s


async def test_a_lost_packet_is_not_a_pause(
    voice: SpeechSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packets dropped on the way to the receiver: two, then more of them than a pause is long."""
    take = RtpStream.packet
    count = 0

    def lossy(self: RtpStream, data: bytes, arrived_s: float) -> None:
        nonlocal count
        count += 1
        if count not in (60, 61) and not 90 <= count < 110:
            take(self, data, arrived_s)

    monkeypatch.setattr(RtpStream, "packet", lossy)
    speech = trim_silence(
        voice.synthesize("We measured how long people waited for their results every single morning.")
    )
    async with running() as server:
        page = Page()
        await page.call(server.address)
        said: list[Any] = []
        # All of it but the last word: whatever is called a pause comes from the lost packets.
        await page.speak(speech[: -RATE_HZ // 2])
        [session] = server.hub.sessions
        await until(lambda: session.core.now >= speech.size - RATE_HZ // 2 - RATE_HZ // 10)
        page.channel.send(messages.encode(messages.Ping(id=1)))
        while not isinstance(message := await page.next(object), messages.Pong):
            said.append(message)
        await page.connection.close()
    lost = [event for event in said if isinstance(event, ev.AudioLost)]
    assert lost
    assert sum(event.end_s - event.start_s for event in lost) >= 0.44
    assert not any(isinstance(event, (ev.PauseStarted, ev.PauseEnded)) for event in said)
    assert any(isinstance(event, ev.SpeechStarted) for event in said)
