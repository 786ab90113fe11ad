"""A child process of low priority that answers requests, one after the other, and ends with its parent.

Theory of operation: the child reads requests from its standard input, one line of JSON each, and answers each
in order on its standard output: a line of JSON, followed by the bytes of what was made. It ends with its
input.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import BinaryIO

import msgspec
from msgspec import Struct

NICE = 10
"""Niceness of the child process, so that packets come first."""

STOP_S = 2.0
"""How long the child process may take to end before it is killed."""


class Made(Struct, frozen=True, tag_field="type", tag="made"):
    """Answer to a request: ``size`` bytes follow."""

    size: int


class Failed(Struct, frozen=True, tag_field="type", tag="failed"):
    """Answer to a request that failed; nothing follows."""

    why: str
    no_memory: bool = False
    """Whether it took more memory than the process may have."""


class HelperProcess:
    """The parent's end. Not thread-safe, but for :meth:`kill`.

    Parameters
    ----------
    module : to run.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that there is; None without one."""
        return None if self._process is None else self._process.pid

    def start(self, arguments: Sequence[str] = (), descriptors: Sequence[int] = ()) -> None:
        """Start a process.

        Parameters
        ----------
        descriptors : of files that it inherits.

        Raises
        ------
        OSError
            It can't be started.
        """
        # A session of its own: Ctrl-C is for the parent, which ends the child.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", self._module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=descriptors,
            start_new_session=True,
        )

    def ask(self, request: Struct) -> bytes | Failed:
        """Return what was made of a request.

        Raises
        ------
        OSError, EOFError
            The process has ended; :meth:`close` it before another one is started.
        """
        assert self._process is not None
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(msgspec.json.encode(request) + b"\n")
        asked.flush()
        head = answers.readline()
        if not head.endswith(b"\n"):
            raise EOFError("it ended")
        answer = msgspec.json.decode(head, type=Made | Failed)
        if isinstance(answer, Failed):
            return answer
        data = answers.read(answer.size)
        if len(data) < answer.size:
            raise EOFError("it ended in the middle of an answer")
        return data

    def close(self) -> int | None:
        """End the process, and return its exit code; None where there was none."""
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # the process is gone; what was still to be written is moot
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def kill(self) -> None:
        """Kill the process, from any thread: whoever asks gets an EOFError."""
        process = self._process
        if process is not None:
            process.kill()


Make = Callable[[bytes], bytes]
"""Makes something of a request, a line of JSON."""


def run(make: Make, why: Callable[[Exception], str]) -> None:
    """Run the child's end on standard input and output, until the input ends.

    Parameters
    ----------
    why : says for a person why a request failed.
    """
    os.nice(NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keeps what libraries print out of the answers
    try:
        answer_requests(sys.stdin.buffer, answers, make, why)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone: nobody reads the answer or the rest of the buffer


def answer_requests(asked: BinaryIO, answers: BinaryIO, make: Make, why: Callable[[Exception], str]) -> None:
    """Answer requests until the end of the input; one that fails is answered, and the next one served."""
    for line in asked:
        data = b""
        answer: Made | Failed
        try:
            data = make(line)
            answer = Made(len(data))
        except Exception as error:  # reported to the parent
            answer = Failed(why(error), no_memory=isinstance(error, MemoryError))
        answers.write(msgspec.json.encode(answer) + b"\n" + data)
        answers.flush()
