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
from engine.media.resample import Samples
from engine.protocol.terms import Role, Sound

from .distractions import render_distraction
from .speakers import PEOPLE, render_speech
from .synthesis import SpeechSynthesizer

NICE = 10
"""How far the process beside stands back from whoever hears packets."""

STOP_TIMEOUT_S = 2.0
"""So long it may take to end."""


class RenderingError(SottovoceError):
    """What is wanted could not be made."""


class SpeechRequest(Struct, frozen=True, tag_field="make", tag="line"):
    """Something that one of the people says."""

    role: Role
    text: str
    seed: int = 0


class DistractionRequest(Struct, frozen=True, tag_field="make", tag="noise"):
    """A distraction of some length."""

    name: Sound
    seconds: float
    seed: int = 0


class Rendered(Struct, frozen=True, tag_field="type", tag="made"):
    """So many samples follow, float32 in this machine's order of bytes."""

    samples: int


class RenderFailed(Struct, frozen=True, tag_field="type", tag="failed"):
    """Nothing follows."""

    why: str


class Renderer(Protocol):
    """Makes lines and noises: float32, shape (n,), 16 kHz, at their loudness. For one thread at a time."""

    def make(self, wanted: SpeechRequest | DistractionRequest) -> Samples:
        """Make one; the same is made of the same.

        Raises
        ------
        RenderingError
            It could not be made.
        """

    def close(self) -> None:
        """Let go of what making them took."""


class LocalRenderer:
    """Makes them in this process; the voice is loaded with the first line."""

    _voice: SpeechSynthesizer | None = None

    def make(self, wanted: SpeechRequest | DistractionRequest) -> Samples:
        """Make one; see :class:`Renderer`."""
        if isinstance(wanted, DistractionRequest):
            return render_distraction(wanted.name, wanted.seconds, wanted.seed)
        if self._voice is None:
            self._voice = SpeechSynthesizer()
        return render_speech(self._voice, PEOPLE[wanted.role], wanted.text, wanted.seed)

    def close(self) -> None:
        """Let go of the voice."""
        self._voice = None


class ProcessRenderer:
    """Has them made in a process of its own, which begins when the first is wanted.

    A process that dies is begun once more.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def make(self, wanted: SpeechRequest | DistractionRequest) -> Samples:
        """Make one; see :class:`Renderer`."""
        try:
            return self._asked(wanted)
        except (OSError, EOFError):
            self.close()
        try:
            return self._asked(wanted)
        except (OSError, EOFError) as error:
            self.close()
            raise RenderingError(f"the process that renders voices ended twice: {error}") from error

    def close(self) -> None:
        """End the process; it begins again when something is wanted."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # what it was still to be told: it is gone already
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    # --- inside ----------------------------------------------------------------

    def _asked(self, wanted: SpeechRequest | DistractionRequest) -> Samples:
        if self._process is None:
            # A session of its own: Ctrl-C is meant for the server, which ends it.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(msgspec.json.encode(wanted) + b"\n")
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
    """Make what is asked for until nothing more can be."""
    maker = LocalRenderer()
    for line in asked:
        samples = np.zeros(0, np.float32)
        try:
            samples = maker.make(msgspec.json.decode(line, type=SpeechRequest | DistractionRequest))
            answer: Rendered | RenderFailed = Rendered(samples.size)
        except Exception as error:  # told to whoever asked; the next one can be made all the same
            answer = RenderFailed(f"{type(error).__name__}: {error}")
        answers.write(msgspec.json.encode(answer) + b"\n" + samples.astype(np.float32).tobytes())
        answers.flush()


def main() -> None:
    """The process beside."""
    os.nice(NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    try:
        serve_requests(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(0)  # nobody is there any more to take the answer, nor what is left in the buffer


if __name__ == "__main__":
    main()
