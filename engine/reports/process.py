"""Make reports in a child process, with a bound on its time and memory.

A long take costs seconds of the interpreter, which a server needs for the packets of its calls, and a layout
engine in C may end its process. So every report is made beside whoever wants it
(:mod:`engine.processes.helper`).
"""

from __future__ import annotations

import resource
import threading
from types import TracebackType
from typing import Self

import msgspec

from engine.errors import ReportError, ReportTooLong, SottovoceError
from engine.processes.helper import Failed, HelperProcess, run

from .requests import Request

LIMIT_S = 240.0
"""How long one report may take: a PDF of a take of an hour takes 10 to 40 s."""

LIMIT_BYTES = 2 << 30
"""Address space of the child process."""

TOO_LONG = "this report takes too long to make as PDF; open it as HTML, and print that from a browser"

ENDED = (
    "the process that makes reports ended ({code}). A PDF needs memory and a font (sudo apt-get install "
    "fonts-dejavu-core); an HTML report needs neither"
)


class ReportProcess:
    """A child process that makes reports, one after the other. Not thread-safe.

    Parameters
    ----------
    limit_s : how long one report may take.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._helper = HelperProcess(__name__)

    def make(self, request: Request) -> bytes:
        """Return a report.

        Raises
        ------
        ReportError
            It can't be made here, or takes too long; the next request starts another process.
        """
        if self._helper.pid is None:
            self._helper.start()
        overdue = threading.Event()

        def kill() -> None:
            overdue.set()
            self._helper.kill()

        timer = threading.Timer(self._limit_s, kill)
        timer.start()
        try:
            answer = self._helper.ask(request)
        except (OSError, EOFError) as error:
            code = self._helper.close()
            if overdue.is_set():
                raise ReportTooLong(TOO_LONG) from error
            raise ReportError(ENDED.format(code=code)) from error
        finally:
            timer.cancel()
        if isinstance(answer, Failed):
            raise ReportTooLong(TOO_LONG) if answer.no_memory else ReportError(answer.why)
        return answer

    def close(self) -> None:
        """End the child process."""
        self._helper.close()

    def kill(self) -> None:
        """End a report that is being made, from another thread; its caller gets a :class:`ReportError`."""
        self._helper.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


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


def main() -> None:
    """Run the child process."""
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    run(lambda line: make_here(msgspec.json.decode(line, type=Request)), _why)


def _why(error: Exception) -> str:
    if isinstance(error, SottovoceError):
        return str(error)
    return f"the report could not be made: {type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
