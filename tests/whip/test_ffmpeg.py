"""ffmpeg publishes over WHIP, and what the engine says arrives on the WebSocket."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from pathlib import Path

import aioice.ice
import imageio_ffmpeg
import numpy as np
import pytest

from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.calls import running, until
from tests.harness.recordings import write

NAMED = re.compile("location=[^,]*,")
"""All of the line that names the session, in ffmpeg's log."""

README = Path(__file__).parents[2] / "README.md"

TEXT = (
    "The project had three parts, and each of them had its own plan and its own budget. "
    "We talked about all of it every week, and we wrote down what was still to be done."
)


@pytest.mark.peers
async def test_ffmpeg_is_nudged(
    voice: SpeechSynthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg answers no check for consent: the third would end its connection, after 6 s instead of 33."""
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 1)
    monkeypatch.setattr(aioice.ice, "CONSENT_FAILURES", 3)
    speech = tmp_path / "speech.raw"
    samples = voice.synthesize(TEXT, speed=1.6)
    speech.write_bytes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    profile = tmp_path / "hasty.toml"
    profile.write_text(
        "[nudges]\nsettle_s = 1.0\n[pace]\nslow_wpm = 60.0\nfast_wpm = 100.0\nwindow_s = 4.0\n"
    )
    async with running(profile=str(profile)) as server:
        ffmpeg = await asyncio.create_subprocess_exec(
            imageio_ffmpeg.get_ffmpeg_exe(),
            *("-hide_banner", "-loglevel", "warning", "-re", "-f", "s16le", "-ar", "16000", "-ac", "1"),
            *("-i", str(speech), "-c:a", "libopus", "-ac", "2", "-ar", "48000", "-frame_duration", "20"),
            *("-f", "whip", f"{server.address}whip"),
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await until(lambda: bool(server.hub.sessions) or ffmpeg.returncode is not None)
            assert ffmpeg.returncode is None, (await ffmpeg.communicate())[1].decode()
            async with server.watch(server.hub.sessions[0].id) as watcher:
                said = [message async for batch in watcher for message in json.loads(batch)]
            _, errors = await asyncio.wait_for(ffmpeg.communicate(), 90)
        finally:
            if ffmpeg.returncode is None:
                ffmpeg.kill()
                await ffmpeg.wait()
        assert ffmpeg.returncode == 0, errors.decode()
        assert not server.hub.sessions
    count = Counter(message["type"] for message in said)
    assert count["hello"] == count["summary"] == count["ended"] == 1
    nudges = [message for message in said if message["type"] == "nudge"]
    assert nudges
    assert nudges[0]["text"].lower() == "slow down"
    assert all(nudge["delay_ms"] > 0 and nudge["evidence"]["measure"] for nudge in nudges)
    assert count["reading"] > 10
    assert said[-1] == {
        "type": "ended",
        "reason": "asked",
        "message": said[-1]["message"],
        "can_resume": False,
    }
    heard_s = next(message for message in said if message["type"] == "summary")["duration_s"]
    assert heard_s == pytest.approx(len(samples) / 16_000, abs=0.5)


@pytest.mark.peers
async def test_the_lines_of_the_readme_publish_and_name_the_session(
    voice: SpeechSynthesizer, tmp_path: Path
) -> None:
    [lines] = re.findall(r"```sh\n(.*ffmpeg .*whip\n.*)\n```", README.read_text("utf-8"))
    publish, name = lines.splitlines()
    talk = voice.synthesize(TEXT)
    write(tmp_path / "talk.wav", np.tile(talk, 10))  # it is still published when it is asked about
    (tmp_path / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    there = f"cd {tmp_path}; PATH={tmp_path}:$PATH;"
    async with running() as server:
        publish = publish.replace("http://127.0.0.1:8765/", server.address)
        quiet = asyncio.subprocess.DEVNULL
        ffmpeg = await asyncio.create_subprocess_shell(
            f"{there} exec env {publish}", stdin=quiet, stderr=quiet
        )
        try:
            log = tmp_path / "whip.log"
            await until(lambda: log.exists() and bool(NAMED.search(log.read_text("utf-8", "replace"))))
            asked = await asyncio.create_subprocess_shell(f"{there} {name}", stdout=asyncio.subprocess.PIPE)
            shown = (await asked.communicate())[0].decode().strip()
            assert shown == server.hub.sessions[0].id
        finally:
            ffmpeg.terminate()
            await ffmpeg.wait()
