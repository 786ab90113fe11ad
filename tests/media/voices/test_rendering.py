"""What the drills let be heard, made in a process of its own."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.media.voices import rendering
from engine.media.voices.rendering import (
    DistractionRequest,
    LocalRenderer,
    ProcessRenderer,
    RenderingError,
    SpeechRequest,
)
from engine.processes import helper
from engine.processes.helper import Failed, Made


@pytest.fixture
def beside() -> Iterator[ProcessRenderer]:
    """The process is ended."""
    it = ProcessRenderer()
    yield it
    it.close()


def number(beside: ProcessRenderer) -> int:
    """Its process."""
    pid = beside._helper.pid
    assert pid is not None
    return pid


def alive(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_the_process_beside_makes_the_same(beside: ProcessRenderer) -> None:
    here = LocalRenderer()
    for wanted in (
        SpeechRequest("client", "No."),
        DistractionRequest("desk_tapping", 1.0, 3),
        SpeechRequest("executive", "Go on.", 2),
    ):
        np.testing.assert_array_equal(beside.render(wanted), here.render(wanted))
    here.close()
    assert here._synthesizer is None


def test_it_stands_back_from_whoever_hears_packets(beside: ProcessRenderer) -> None:
    beside.render(DistractionRequest("chair", 0.2))
    pid = number(beside)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + helper.NICE)
    # Ctrl-C in a terminal goes to all of a session.
    assert os.getsid(pid) != os.getsid(0)


def test_one_that_dies_is_begun_again_and_nothing_is_lost(beside: ProcessRenderer) -> None:
    wanted = DistractionRequest("chair", 0.2)
    before = beside.render(wanted)
    killed = number(beside)
    os.kill(killed, signal.SIGKILL)
    np.testing.assert_array_equal(beside.render(wanted), before)
    assert number(beside) != killed


def test_one_that_dies_each_time_is_said_and_tried_again_later(
    beside: ProcessRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("sys.executable", "/bin/true")
        with pytest.raises(RenderingError, match="ended twice"):
            beside.render(DistractionRequest("chair", 0.2))
    assert beside.render(DistractionRequest("chair", 0.2)).size == 3200


def test_what_cannot_be_made_is_said_and_the_next_is_made(beside: ProcessRenderer) -> None:
    with pytest.raises(RenderingError, match="Invalid enum value 'nobody'"):
        beside.render(DistractionRequest("nobody", 0.2))  # type: ignore[arg-type]
    pid = number(beside)
    assert beside.render(DistractionRequest("chair", 0.2)).size == 3200
    assert number(beside) == pid


def test_the_processor_time_of_the_process_is_reported_while_it_works_and_over_restarts(
    beside: ProcessRenderer,
) -> None:
    assert beside.cpu_s == 0.0
    request = SpeechRequest("client", "We agreed on the next steps, and then we left for the day.", 5)
    reported: list[float] = []
    with ThreadPoolExecutor() as others:
        work = others.submit(beside.render, request)
        while not work.done():
            reported.append(beside.cpu_s)
            time.sleep(0.01)
    assert len({seconds for seconds in reported if seconds}) > 1, "it is told before the work is done"
    deadline_s = time.monotonic() + 10
    before_s = reported[-1]
    os.kill(number(beside), signal.SIGKILL)
    beside.render(DistractionRequest("chair", 0.2))
    while beside.cpu_s <= before_s and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert beside.cpu_s > before_s, "the time of the one that died stays counted"
    beside.close()
    assert beside.cpu_s > before_s


def test_it_ends_with_whoever_began_it() -> None:
    beside = ProcessRenderer()
    beside.render(DistractionRequest("chair", 0.2))
    pid = number(beside)
    beside.close()
    beside.close()
    assert not alive(pid)


def test_the_answers_come_one_after_the_other() -> None:
    asked = [
        DistractionRequest("chair", 0.2),
        DistractionRequest("nobody", 1.0),  # type: ignore[arg-type]
        DistractionRequest("murmur", 0.3),
    ]
    answers = io.BytesIO()
    lines = io.BytesIO(b"".join(msgspec.json.encode(one) + b"\n" for one in asked))
    helper.answer_requests(lines, answers, rendering.maker(), rendering.why)
    answers.seek(0)
    heads = []
    for _ in asked:
        heads.append(msgspec.json.decode(answers.readline(), type=Made | Failed))
        answers.seek(heads[-1].size if isinstance(heads[-1], Made) else 0, io.SEEK_CUR)
    assert heads[::2] == [Made(4 * 3200), Made(4 * 4800)]
    assert isinstance(heads[1], Failed)
    assert "Invalid enum value 'nobody'" in heads[1].why
    assert answers.read() == b""
