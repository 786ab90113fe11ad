"""Render drill audio; in a server, in a child process.

The first line takes a second to synthesise, much of it in the interpreter, which a server needs for the
packets of all its calls. :class:`ProcessRenderer` renders in a child process of low priority, which ends
with its parent.

Theory of operation: the child reads requests from its standard input, one line of JSON each, and answers
each in order on its standard output: a line of JSON, followed by the samples.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import BinaryIO, Protocol

import msgspec
import numpy as np
from msgspec import Struct

from engine.errors import SottovoceError
from engine.media.cpu_report import CpuReport, start_reporting
from engine.media.resample import Samples
from engine.protocol.terms import Role, Sound

from .distractions import render_distraction
from .speakers import PEOPLE, render_speech
from .synthesis import SpeechSynthesizer

NICE = 10
"""Niceness of the child process, so that packets come first."""

STOP_TIMEOUT_S = 2.0
"""How long the child process may take to end before it is killed."""


class RenderingError(SottovoceError):
    """A request could not be rendered."""


class RenderingRefused(RenderingError):
    """A request is not in the cache, and the server is too busy to render it now."""


class SpeechRequest(Struct, frozen=True, tag_field="make", tag="line"):
    """A line of one of the people."""

    role: Role
    text: str
    seed: int = 0
    fall_st: float = 0.0
    """Semitones by which the ends of its sentences fall; 0 leaves them as the voice has them."""


class DistractionRequest(Struct, frozen=True, tag_field="make", tag="noise"):
    """A distraction of a given length."""

    name: Sound
    seconds: float
    seed: int = 0


class Rendered(Struct, frozen=True, tag_field="type", tag="made"):
    """Answer to a request: ``samples`` values follow, float32 in native byte order."""

    samples: int


class RenderFailed(Struct, frozen=True, tag_field="type", tag="failed"):
    """Answer to a request that failed; nothing follows."""

    why: str


class Renderer(Protocol):
    """Render speech and distractions: float32, shape (n,), 16 kHz, at their loudness. Not thread-safe."""

    def render(self, request: SpeechRequest | DistractionRequest) -> Samples:
        """Render a request; equal requests give equal samples.

        Raises
        ------
        RenderingError
            It failed.
        """

    def close(self) -> None:
        """Release the synthesiser or the process."""


class LocalRenderer:
    """Render in this process; the synthesiser is loaded with the first line."""

    _synthesizer: SpeechSynthesizer | None = None

    def render(self, request: SpeechRequest | DistractionRequest) -> Samples:
        """Render a request; see :class:`Renderer`."""
        if isinstance(request, DistractionRequest):
            return render_distraction(request.name, request.seconds, request.seed)
        if self._synthesizer is None:
            self._synthesizer = SpeechSynthesizer()
        return render_speech(
            self._synthesizer, PEOPLE[request.role], request.text, request.seed, request.fall_st
        )

    def close(self) -> None:
        """Release the synthesiser."""
        self._synthesizer = None


class ProcessRenderer:
    """Render in a child process, which starts with the first request; one that dies is started once more."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._report = CpuReport()

    @property
    def cpu_s(self) -> float:
        """Processor time that the process has used so far, with those before it."""
        return self._report.cpu_s

    def render(self, request: SpeechRequest | DistractionRequest) -> Samples:
        """Render a request; see :class:`Renderer`."""
        try:
            return self._request(request)
        except (OSError, EOFError):
            self.close()
        try:
            return self._request(request)
        except (OSError, EOFError) as error:
            self.close()
            raise RenderingError(f"the process that renders voices ended twice: {error}") from error

    def close(self) -> None:
        """End the child process; the next request starts another."""
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
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._report.process_ended()

    # --- inside ----------------------------------------------------------------

    def _request(self, request: SpeechRequest | DistractionRequest) -> Samples:
        if self._process is None:
            # A session of its own: Ctrl-C is for the server, which ends the child.
            report = self._report.open()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(report)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[report],
                start_new_session=True,
            )
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(msgspec.json.encode(request) + b"\n")
        asked.flush()
        head = answers.readline()
        if not head.endswith(b"\n"):
            raise EOFError(f"it ended with {self._process.wait()}")
        answer = msgspec.json.decode(head, type=Rendered | RenderFailed)
        if isinstance(answer, RenderFailed):
            raise RenderingError(answer.why)
        data = answers.read(4 * answer.samples)
        if len(data) < 4 * answer.samples:
            raise EOFError("it ended in the middle of an answer")
        return np.frombuffer(data, np.float32)


def serve_requests(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the end of the input."""
    renderer = LocalRenderer()
    for line in asked:
        samples = np.zeros(0, np.float32)
        try:
            samples = renderer.render(msgspec.json.decode(line, type=SpeechRequest | DistractionRequest))
            answer: Rendered | RenderFailed = Rendered(samples.size)
        except Exception as error:  # reported to the parent; later requests are served all the same
            answer = RenderFailed(f"{type(error).__name__}: {error}")
        answers.write(msgspec.json.encode(answer) + b"\n" + samples.astype(np.float32).tobytes())
        answers.flush()


def main() -> None:
    """Run the child process."""
    os.nice(NICE)
    start_reporting(int(sys.argv[1]))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # keeps what libraries print out of the answers
    try:
        serve_requests(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone: nobody reads the answer or the rest of the buffer


if __name__ == "__main__":
    main()
