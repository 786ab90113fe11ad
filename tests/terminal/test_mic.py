"""The terminal client against a real sound server: PyAudio, PortAudio, ALSA, PulseAudio."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.terminal.screen import ADVICE, SAY_SOMETHING
from clients.terminal.speech_check import Heard
from engine.media.voices.practice_answer import PassageSpan
from tests.harness.recordings import write
from tests.harness.sound_server import sound_server

SOTTOVOCE = str(Path(sys.executable).with_name("sottovoce"))

EAGER = """
[pace]
slow_wpm = 40
fast_wpm = 60
window_s = 4
[nudges]
settle_s = 0
[ending]
on = false
[check_in]
on = false
[fillers]
on = false
"""
"""Everybody is too fast for it, so that this nudge comes soon, and first."""

PATIENCE_S = 90.0
"""How long what has to come is waited for."""

BUSY = "busy"
"""In what is said when the machine has too much else to do."""

pytestmark = pytest.mark.peers


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[dict[str, str]]:
    with sound_server(tmp_path) as environment:
        yield environment


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "eager.toml"
    path.write_text(EAGER)
    return path


@pytest.fixture
def speech(answer: tuple[NDArray[np.float32], list[PassageSpan]], tmp_path: Path) -> Path:
    samples, _ = answer
    return write(tmp_path / "speech.wav", samples[: 40 * 16000], codec="pcm_s16le")


@contextmanager
def playing(stage: dict[str, str], file: Path) -> Iterator[None]:
    """Play a file to the microphone, over and over."""
    command = 'while paplay --device=stage "$0"; do :; done'
    player = subprocess.Popen(["sh", "-c", command, str(file)], env=stage, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(player.pid, signal.SIGKILL)
        player.wait()


def line_of(client: subprocess.Popen[str]) -> str:
    """Give the next line of a client, which has not ended."""
    assert client.stdout is not None
    line = client.stdout.readline()
    assert line, ended(client)
    return line


def lines_until(client: subprocess.Popen[str], text: str) -> list[str]:
    """Give the lines of a client before the one with a text."""
    lines = []
    while text not in (line := line_of(client)):
        lines.append(line)
    return lines


def ended(client: subprocess.Popen[str]) -> tuple[str, str]:
    """End a client and return what it had still to say."""
    client.kill()
    return client.communicate()


def test_speech_at_the_microphone_is_nudged(stage: dict[str, str], speech: Path, profile: Path) -> None:
    client = subprocess.Popen(
        [SOTTOVOCE, "mic", "--profile", str(profile)],
        env=stage | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert line_of(client) == f"{SAY_SOMETHING}\n"
        with playing(stage, speech):
            lines = lines_until(client, "listening\n")
            # A busy machine loses sound, and may not be sure of the voice in the time that the check has.
            known = {f"{advice}\n" for advice in ADVICE.values()}
            assert {line for line in lines if BUSY not in line} <= known, (lines, ended(client))
            lines_until(client, "SLOW DOWN")  # a busy machine says other things, too
            client.send_signal(signal.SIGINT)
            out, err = client.communicate(timeout=PATIENCE_S)
    finally:
        client.kill()
        client.wait()
    assert client.returncode == 0
    assert re.search(r"heard, (one nudge|\d+ nudges)\n", out)
    assert [line for line in err.splitlines() if BUSY not in line] == []


def test_on_a_terminal_it_is_drawn_in_place(stage: dict[str, str], speech: Path, profile: Path) -> None:
    ours, theirs = pty.openpty()
    client = subprocess.Popen(
        [SOTTOVOCE, "mic", "--profile", str(profile)],
        env=stage | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen = _read_until(ours, SAY_SOMETHING)
        with playing(stage, speech):
            seen += _read_until(ours, "listening")
            seen += _read_until(ours, "S L O W   D O W N")
            assert "words/min" in seen
            client.send_signal(signal.SIGINT)
            _read_until(ours, "heard, ")
            assert client.wait(timeout=PATIENCE_S) == 0
    finally:
        client.kill()
        client.wait()
        os.close(ours)


def test_before_anyone_speaks_no_call_begins(stage: dict[str, str], tmp_path: Path) -> None:
    """An engine that isn't there would be missed at once if one did."""
    rng = np.random.default_rng(1)
    hiss = write(
        tmp_path / "hiss.wav", (0.01 * rng.standard_normal(30 * 16000)).astype(np.float32), codec="pcm_s16le"
    )
    client = subprocess.Popen(
        [SOTTOVOCE, "mic", "--server", "http://127.0.0.1:9"],
        env=stage | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeds_ctrl_c,
    )
    nothing, noise = f"{ADVICE[Heard.NOTHING]}\n", f"{ADVICE[Heard.NOISE]}\n"
    try:
        with playing(stage, hiss):
            assert line_of(client) == f"{SAY_SOMETHING}\n"
            lines = lines_until(client, noise)
            assert client.poll() is None
            client.send_signal(signal.SIGINT)
            out, err = client.communicate(timeout=PATIENCE_S)
    finally:
        client.kill()
        client.wait()
    assert (client.returncode, err) == (130, "")
    assert {*lines, *out.splitlines(keepends=True)} <= {nothing, noise}  # a busy machine loses sound


def test_microphone_check_hears_a_voice(stage: dict[str, str], speech: Path) -> None:
    with playing(stage, speech):
        done = subprocess.run(
            [SOTTOVOCE, "mic", "--check"], env=stage, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    asked, *advised = done.stdout.splitlines()
    assert (asked, advised[-1]) == (SAY_SOMETHING, ADVICE[Heard.VOICE])


def test_microphone_check_hears_nothing(stage: dict[str, str]) -> None:
    done = subprocess.run(
        [SOTTOVOCE, "mic", "--check"], env=stage, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"sottovoce: {ADVICE[Heard.NOTHING]}\n"


def test_microphones_are_listed(stage: dict[str, str]) -> None:
    listed = subprocess.run(
        [SOTTOVOCE, "mic", "--list-devices"], env=stage, capture_output=True, text=True, check=True
    )
    assert any(line.startswith("* ") and "default" in line for line in listed.stdout.splitlines())
    assert listed.stderr == ""


def test_machine_without_a_microphone_is_told_so(tmp_path: Path) -> None:
    with sound_server(tmp_path, microphone=False) as silent:
        done = subprocess.run([SOTTOVOCE, "mic"], env=silent, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "is a microphone plugged in" in done.stderr or "no microphone found" in done.stderr
    assert "Traceback" not in done.stderr


def test_device_that_is_not_there_is_refused(stage: dict[str, str]) -> None:
    argv = [SOTTOVOCE, "mic", "--device", "999"]
    done = subprocess.run(argv, env=stage, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "sottovoce: no device 999: `sottovoce mic --list-devices` shows which there are\n"


def _heeds_ctrl_c() -> None:
    """What a shell runs in the background ignores interrupts, and so does whatever that begins."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _read_until(terminal: int, text: str) -> str:
    seen = ""
    until_s = time.monotonic() + PATIENCE_S
    while text not in seen:
        assert time.monotonic() < until_s, seen[-4000:]
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other side has closed it
            piece = b""
        assert piece, seen[-4000:]
        seen += piece.decode(errors="replace")
    return seen


def test_a_drill_talks_and_stops_at_ctrl_c(stage: dict[str, str], speech: Path) -> None:
    """What is played comes straight back into this microphone: it is the worst of rooms."""
    command = [SOTTOVOCE, "drill", "interruptions", "--seed", "1"]
    client = subprocess.Popen(
        command,
        env=stage | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeds_ctrl_c,
    )
    try:
        assert line_of(client) == "Interruptions, medium, seed 1\n"
        with playing(stage, speech):
            lines_until(client, "interviewer: ")
            time.sleep(6)  # as long as a question is spoken: its echo is what is tested
            client.send_signal(signal.SIGINT)
            out, err = client.communicate(timeout=PATIENCE_S)
    finally:
        client.kill()
        client.wait()
    assert "They asked: “" in out, err
    assert "Next: " in out
    assert "Traceback" not in err
