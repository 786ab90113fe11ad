"""Make reports in a child process, with a bound on its time and memory.

A long take costs seconds of the interpreter, which a server needs for the packets of its calls, and a layout
engine in C may end its process. So every report is made beside whoever wants it.

Theory of operation: the child reads requests from its standard input, one line of JSON each, and answers each
in order on its standard output: a line of JSON, followed by the bytes of the report. It ends with its input.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
from msgspec import Struct

from engine.errors import ReportError, ReportTooLong, SottovoceError

from .requests import Request

NICE = 10
"""Niceness of the child process, so that packets come first."""

LIMIT_S = 240.0
"""How long one report may take: a PDF of a take of an hour takes 10 to 40 s."""

LIMIT_BYTES = 2 << 30
"""Address space of the child process."""

STOP_S = 2.0
"""How long the child process may take to end before it is killed."""

TOO_LONG = "this report takes too long to make as PDF; open it as HTML, and print that from a browser"

ENDED = (
    "the process that makes reports ended ({code}). A PDF needs memory and a font (sudo apt-get install "
    "fonts-dejavu-core); an HTML report needs neither"
)


class Made(Struct, frozen=True, tag_field="type", tag="made"):
    """Answer to a request: ``size`` bytes follow."""

    size: int


class Failed(Struct, frozen=True, tag_field="type", tag="failed"):
    """Answer to a request that failed; nothing follows."""

    why: str
    too_long: bool = False


class ReportProcess:
    """A child process that makes reports, one after the other. Not thread-safe.

    Parameters
    ----------
    limit_s : how long one report may take.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._process: subprocess.Popen[bytes] | None = None

    def make(self, request: Request) -> bytes:
        """Return a report.

        Raises
        ------
        ReportError
            It can't be made here, or takes too long; the next request starts another process.
        """
        process = self._started()
        overdue = threading.Event()

        def kill() -> None:
            overdue.set()
            process.kill()

        timer = threading.Timer(self._limit_s, kill)
        timer.start()
        try:
            answer = _asked(process, request)
        except (OSError, EOFError) as error:
            self.close()
            if overdue.is_set():
                raise ReportTooLong(TOO_LONG) from error
            raise ReportError(ENDED.format(code=process.returncode)) from error
        finally:
            timer.cancel()
        if isinstance(answer, Failed):
            raise ReportTooLong(answer.why) if answer.too_long else ReportError(answer.why)
        return answer

    def close(self) -> None:
        """End the child process."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # the process is gone; what was still to be written is moot
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End a report that is being made, from another thread; its caller gets a :class:`ReportError`."""
        process = self._process
        if process is not None:
            process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            # A session of its own: Ctrl-C is for the parent, which ends the child.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._process


def _asked(process: subprocess.Popen[bytes], request: Request) -> bytes | Failed:
    asked, answers = process.stdin, process.stdout
    assert asked is not None
    assert answers is not None
    asked.write(msgspec.json.encode(request) + b"\n")
    asked.flush()
    head = answers.readline()
    if not head.endswith(b"\n"):
        raise EOFError
    answer = msgspec.json.decode(head, type=Made | Failed)
    if isinstance(answer, Failed):
        return answer
    data = answers.read(answer.size)
    if len(data) < answer.size:
        raise EOFError
    return data


def make_here(request: Request) -> bytes:
    """Make a report in this process.

    Raises
    ------
    ReportError
        A library or a font is missing.
    """
    from .html import html

    page = html(request)
    if request.form == "html":
        return page.encode()
    from .pdf import pdf

    return pdf(page)


def serve_requests(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the end of the input."""
    for line in asked:
        data = b""
        answer: Made | Failed
        try:
            data = make_here(msgspec.json.decode(line, type=Request))
            answer = Made(len(data))
        except SottovoceError as error:
            answer = Failed(str(error))
        except MemoryError:
            answer = Failed(TOO_LONG, too_long=True)
        except Exception as error:  # reported to the parent; later requests are served all the same
            answer = Failed(f"the report could not be made: {type(error).__name__}: {error}")
        answers.write(msgspec.json.encode(answer) + b"\n" + data)
        answers.flush()


def main() -> None:
    """Run the child process."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keeps what libraries print out of the answers
    try:
        serve_requests(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone: nobody reads the answer


if __name__ == "__main__":
    main()
