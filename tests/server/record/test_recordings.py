"""A recording that is sent to a server becomes a take, read in a process beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psutil
import pytest

from clients.cli.main import main
from dsp.frame import RATE_HZ
from engine.media.files.take_worker import NICE
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol.kept import Kept
from engine.protocol.recording_upload import (
    RecordingAnswer,
    RecordingHeard,
    RecordingKept,
    RecordingOfTwo,
    RecordingRefused,
)
from engine.server.http.bodies import MAX_BODY_BYTES
from engine.server.http.recording_routes import BUSY, EMPTY, NOTHING_ALLOWED
from engine.server.record import recordings
from engine.shipped.profiles import load
from engine.store.record import Record
from tests.harness.calls import Server, browser, running, until
from tests.harness.ogg_sound import level, sound_of
from tests.harness.record import EVERYTHING, FIGURES, allow, ask, every_byte, take, takes
from tests.harness.recordings import write
from tests.server.http.test_whip import problem

ENDED = datetime(2026, 11, 29, 18, 30, tzinfo=UTC)
SAID = "The meeting went well and we agreed on the next steps for the whole team."


@pytest.fixture(scope="module")
def speech(voice: SpeechSynthesizer) -> Samples:
    return voice.synthesize(SAID)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running(record="me", store=str(tmp_path / "record")) as server:
        yield server


def query(name: str, **more: str) -> dict[str, str]:
    return {"name": name, "modified": str(ENDED.timestamp() * 1000), **more}


async def send(server: Server, file: Path, **more: str) -> list[RecordingAnswer]:
    """Lines that the server answers to a recording."""
    body = await asyncio.to_thread(file.read_bytes)
    answer = await ask(
        server, "POST", "record/recordings", params=query(file.name, **more), content=body, timeout=300
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [msgspec.json.decode(line, type=RecordingAnswer) for line in answer.text.splitlines()]


async def test_it_becomes_the_take_that_the_terminal_would_make(
    server: Server, speech: Samples, tmp_path: Path
) -> None:
    file = write(tmp_path / "my talk.wav", np.tile(speech, 5))
    assert file.stat().st_size > MAX_BODY_BYTES
    await allow(server, EVERYTHING)
    *heard, last = await send(server, file, question="What did you agree on?", purpose="exercise:pep")
    assert len(heard) >= 2
    assert all(isinstance(one, RecordingHeard) for one in heard)
    assert isinstance(last, RecordingKept)
    assert last.kept == Kept(figures=True, words=True, sound=True)
    (kept,) = await takes(server, 1)
    assert (kept.id, kept.kind, kept.title) == (last.take, "recording", "my talk")
    assert (kept.question, kept.purpose) == ("What did you agree on?", "exercise:pep")
    assert kept.exercise is not None
    assert kept.exercise.exercise == "pep"
    assert kept.begun_at == ENDED - timedelta(seconds=kept.duration_s)
    sound = sound_of((await ask(server, "GET", f"record/takes/{kept.id}/sound")).content)
    assert sound.size / RATE_HZ == pytest.approx(5 * speech.size / RATE_HZ, abs=0.05)
    assert level(sound) == pytest.approx(level(speech), rel=0.1)
    other = tmp_path / "other"
    options = ["--keep", "figures", "--store", str(other), "--purpose", "exercise:pep"]
    code = await asyncio.to_thread(main, ["analyze", str(file), *options])
    assert code == 0
    record = Record.open(other)
    (same,) = record.all("me")
    record.close()
    assert (kept.measures, kept.findings, kept.nudges) == (same.measures, same.findings, same.nudges)
    assert kept.exercise == same.exercise


async def test_an_export_that_is_longer_than_other_bodies_is_imported(
    server: Server, speech: Samples, tmp_path: Path
) -> None:
    await allow(server, EVERYTHING)
    await send(server, write(tmp_path / "talk.wav", np.tile(speech, 5)))
    exported = (await ask(server, "GET", "record/export")).content
    assert len(exported) > MAX_BODY_BYTES
    assert (await ask(server, "DELETE", "record")).status_code == 204
    taken = await ask(server, "POST", "record/import", content=exported)
    assert taken.status_code == 200, taken.text
    assert taken.json()["takes"] == 1


async def test_figures_only_are_figures_only_down_to_the_bytes(
    server: Server, speech: Samples, tmp_path: Path
) -> None:
    await allow(server, FIGURES)
    file = write(tmp_path / "talk.wav", speech)
    assert isinstance((await send(server, file, words="1"))[-1], RecordingKept)
    (kept,) = await takes(server, 1)
    assert (kept.kept, kept.review, kept.sound) == (Kept(figures=True), None, None)
    assert kept.word_measures is not None
    assert kept.word_measures.words > 10
    everything = await asyncio.to_thread(every_byte, tmp_path / "record")
    assert kept.id.encode() in everything
    assert not [trace for trace in (b"meeting", b"OggS", b"RIFF") if trace in everything]
    await allow(server, EVERYTHING)
    assert isinstance((await send(server, file, words="1"))[-1], RecordingKept)
    assert b"meeting" in await asyncio.to_thread(every_byte, tmp_path / "record")


async def test_of_two_speakers_it_is_asked_who_one_is(
    server: Server, speech: Samples, voice: SpeechSynthesizer, tmp_path: Path
) -> None:
    other = 0.3 * voice.synthesize("Nobody may keep what I say, as nobody has asked me, and I say it often.")
    quiet = np.zeros(RATE_HZ, np.float32)
    left = np.concatenate([quiet, speech, np.zeros_like(other), quiet])
    right = np.concatenate([quiet, np.zeros_like(speech), other, quiet])
    file = write(tmp_path / "call.wav", left, right)
    await allow(server, EVERYTHING)
    asks = (await send(server, file))[-1]
    assert isinstance(asks, RecordingOfTwo)
    first, second = asks.speakers
    assert first.starts_s == pytest.approx(1.0, abs=0.3)
    assert second.starts_s == pytest.approx(1.0 + speech.size / RATE_HZ, abs=0.8)
    assert (await ask(server, "GET", "record/takes")).json()["takes"] == []
    mine = (await send(server, file, speaker="1"))[-1]
    assert isinstance(mine, RecordingKept)
    sound = sound_of((await ask(server, "GET", f"record/takes/{mine.take}/sound")).content)
    assert level(sound[: speech.size]) < 0.001
    assert level(sound[RATE_HZ + speech.size : -RATE_HZ]) == pytest.approx(level(other), rel=0.3)
    whole = (await send(server, file, speaker="all"))[-1]
    assert isinstance(whole, RecordingKept)
    kept = await take(server, whole.take)
    assert kept.measures is not None
    assert kept.measures.talk_share is None


async def test_what_cannot_be_a_take_is_refused_with_what_would_have_worked(
    server: Server, speech: Samples, tmp_path: Path
) -> None:
    file = write(tmp_path / "talk.wav", speech)
    post = ("POST", "record/recordings")
    options: dict[str, Any] = {"params": query("talk.wav"), "content": file.read_bytes()}
    assert problem(await ask(server, *post, **options), 409) == NOTHING_ALLOWED
    await allow(server, EVERYTHING)
    assert problem(await ask(server, *post, params=query("a.wav"), content=b""), 400) == EMPTY
    for wrong in ({"speaker": "2"}, {"profile": "none"}, {"colour": "red"}):
        problem(await ask(server, *post, params=query("a.wav", **wrong), content=b"x"), 400)
    (tmp_path / "letter.txt").write_text("Dear all", "utf-8")
    (refused,) = await send(server, tmp_path / "letter.txt")
    assert isinstance(refused, RecordingRefused)
    assert refused.why.startswith("letter.txt: not a sound file that can be read; WAV, FLAC")
    silence = write(tmp_path / "silence.wav", np.zeros(3 * RATE_HZ, np.float32))
    refused = (await send(server, silence))[-1]
    assert isinstance(refused, RecordingRefused)
    assert "Hardly any speech" in refused.why
    with server.hub.record.recordings.reserved():
        assert problem(await ask(server, *post, **options), 503) == BUSY
    assert (await ask(server, "GET", "record/takes")).json()["takes"] == []


async def test_who_leaves_ends_the_reading(server: Server, speech: Samples, tmp_path: Path) -> None:
    await allow(server, FIGURES)
    file = write(tmp_path / "long.wav", np.tile(speech, 400))
    reader = server.hub.record.recordings
    async with browser() as client:
        sent = client.stream(
            "POST", f"{server.address}record/recordings", params=query("long.wav"), content=file.read_bytes()
        )
        async with sent as answer:
            await anext(answer.aiter_lines())
            assert reader._process is not None
            child = psutil.Process(reader._process.pid)
            assert child.nice() == min(19, os.nice(0) + NICE)
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    await until(lambda: reader._process is None)
    with reader.reserved() as free:
        assert free
    assert (await ask(server, "GET", "record/takes")).json()["takes"] == []


WORKS_ON = """
import os, signal
os.write(1, b'{"type":"heard","heard_s":1.0,"length_s":null}\\n')
signal.pause()
"""


async def test_a_reading_that_ends_late_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    processes: list[subprocess.Popen[bytes]] = []

    def spawned(_descriptors: tuple[int, int]) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-c", WORKS_ON]
        processes.append(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return processes[-1]

    async def keep(_made: recordings.TakeMade, _sound: bytes) -> RecordingRefused:
        return RecordingRefused(why="")

    monkeypatch.setattr(recordings, "_spawned", spawned)
    wanted = recordings.Wanted(
        name="talk.wav", ended=ENDED, kept=Kept(figures=True), profile=load("conversation"), speaker=None,
        question="", purpose="", words=False,
    )  # fmt: skip
    reader = recordings.RecordingReader()
    with recordings.unnamed_file() as file:
        first, second = reader.read(wanted, file, keep), reader.read(wanted, file, keep)
        for reading in (first, second):
            assert isinstance(await anext(reading), RecordingHeard)
        await first.aclose()
        assert await asyncio.to_thread(processes[0].wait) == -signal.SIGKILL
        assert reader._process is processes[1]
        assert processes[1].poll() is None
        reader.stop()
        assert isinstance(await anext(second), RecordingRefused)
        await second.aclose()
    assert reader._process is None
