"""Render drill audio; in a server, in a child process.

The first line takes a second to synthesise, much of it in the interpreter, which a server needs for the
packets of all its calls. :class:`ProcessRenderer` renders in a child process of low priority, which ends
with its parent (:mod:`engine.processes.helper`); samples are float32 in native byte order there.
"""

from __future__ import annotations

import sys
from typing import Protocol

import msgspec
import numpy as np
from msgspec import Struct

from engine.errors import SottovoceError
from engine.media.cpu_report import CpuReport, start_reporting
from engine.media.resample import Samples
from engine.processes.helper import Failed, HelperProcess, Make, run
from engine.protocol.terms import Role, Sound

from .distractions import render_distraction
from .speakers import PEOPLE, render_speech
from .synthesis import SpeechSynthesizer


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
        self._helper = HelperProcess(__name__)
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
        if self._helper.close() is not None:
            self._report.process_ended()

    # --- inside ----------------------------------------------------------------

    def _request(self, request: SpeechRequest | DistractionRequest) -> Samples:
        if self._helper.pid is None:
            report = self._report.open()
            self._helper.start([str(report)], [report])
        answer = self._helper.ask(request)
        if isinstance(answer, Failed):
            raise RenderingError(answer.why)
        return np.frombuffer(answer, np.float32)


def maker() -> Make:
    """Return what renders requests, lines of JSON, to the bytes of their samples."""
    renderer = LocalRenderer()

    def make(line: bytes) -> bytes:
        request = msgspec.json.decode(line, type=SpeechRequest | DistractionRequest)
        return renderer.render(request).astype(np.float32).tobytes()

    return make


def why(error: Exception) -> str:
    """Return why a request can't be rendered."""
    return f"{type(error).__name__}: {error}"


def main() -> None:
    """Run the child process."""
    start_reporting(int(sys.argv[1]))
    run(maker(), why)


if __name__ == "__main__":
    main()
