"""Make takes of recordings that were sent to a server: each in a process of its own, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import IO

import msgspec

from engine.media.files.take_job import Speaker, TakeAnswer, TakeJob
from engine.media.files.take_job import TakeMade as TakeMade
from engine.media.files.take_job import Wanted as Wanted
from engine.protocol.recording_upload import RecordingAnswer, RecordingEnd, RecordingHeard, RecordingRefused

WORKER = "engine.media.files.take_worker"
"""Module that runs in the process."""

LONGEST_LINE = 64 << 20
"""Longest answer: a take with the review of four hours of words."""

SPEAKERS: dict[str, Speaker] = {"0": 0, "1": 1, "all": "all"}
"""What a request calls the speakers of a recording."""

FAULT = "It could not be read because of a fault in the program. Try the file as FLAC or WAV."

log = logging.getLogger(__name__)


class RecordingReader:
    """Reads one recording at a time, in a process of the lowest priority, so that no session is slowed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._reserved = False

    @contextlib.contextmanager
    def reserved(self) -> Iterator[bool]:
        """Reserve the place of the one recording; False where another one is read."""
        if self._reserved:
            yield False
            return
        self._reserved = True
        try:
            yield True
        finally:
            self._reserved = False

    async def read(
        self, wanted: Wanted, file: IO[bytes], keep: Callable[[TakeMade, bytes], Awaitable[RecordingEnd]]
    ) -> AsyncGenerator[RecordingAnswer, None]:
        """Yield how far it was heard, and last what became of it; the process ends with this generator.

        Parameters
        ----------
        file : the recording.
        keep : keeps its take with the sound of its speaker, and returns what to tell.
        """
        with unnamed_file() as sound:
            async with contextlib.aclosing(self._answers(wanted, file, sound)) as answers:
                async for answer in answers:
                    if isinstance(answer, TakeMade):
                        sound.seek(0)
                        yield await keep(answer, await asyncio.to_thread(sound.read))
                    else:
                        yield answer

    async def _answers(
        self, wanted: Wanted, file: IO[bytes], sound: IO[bytes]
    ) -> AsyncGenerator[TakeAnswer, None]:
        descriptors = file.fileno(), sound.fileno()
        job = TakeJob(
            **msgspec.structs.asdict(wanted),
            id=secrets.token_hex(9),
            file=descriptors[0],
            sound=descriptors[1],
        )
        process = self._process = await asyncio.to_thread(_spawned, descriptors)
        assert process.stdin is not None
        assert process.stdout is not None
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        try:
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(lines), process.stdout
            )
            with contextlib.closing(transport):
                with process.stdin as request, contextlib.suppress(BrokenPipeError):
                    request.write(msgspec.json.encode(job) + b"\n")
                while line := await lines.readline():
                    answer = msgspec.json.decode(line, type=TakeAnswer)
                    yield answer
                    if not isinstance(answer, RecordingHeard):
                        return
                log.error("the process that reads a recording has died")
                yield RecordingRefused(why=FAULT)
        finally:
            process.kill()
            if self._process is process:
                self._process = None
            asyncio.get_running_loop().run_in_executor(None, process.wait)  # it is killed: nobody waits

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()


def unnamed_file() -> IO[bytes]:
    """Return an empty file that has no name, and is gone when it is closed or the process ends."""
    return tempfile.TemporaryFile(buffering=0)


def _spawned(descriptors: tuple[int, int]) -> subprocess.Popen[bytes]:
    """Start a process; in a thread, as that takes some time."""
    # A session of its own: Ctrl-C is for the server, which ends the child.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=descriptors,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )
