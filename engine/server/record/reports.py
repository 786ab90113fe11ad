"""Reports for the person of a record: made one at a time, in a process beside the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from engine.errors import ReportError, ReportsBusy
from engine.profile import Profile
from engine.reports.every import EveryTake
from engine.reports.process import ReportProcess
from engine.reports.requests import Form, Paper, Request

MOST_WAITING = 4
"""Reports that are made or wait for it; each takes seconds."""

BUSY = "Other reports are being made. Try again in a moment."
STOPPING = "The server is stopping."


class ReportService:
    """Makes reports. One, and besides it one export with reports, at a time."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._asked = 0
        self._exporting = Lock()
        self._processes: set[ReportProcess] = set()
        self._closed = False

    async def make(self, request: Request) -> bytes:
        """Return a report.

        Raises
        ------
        ReportsBusy
            Enough others wait.
        ReportError
            It can't be made here, or takes too long.
        """
        if self._closed or self._asked >= MOST_WAITING:
            raise ReportsBusy(STOPPING if self._closed else BUSY)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, "reports")
        self._asked += 1
        made = asyncio.get_running_loop().run_in_executor(self._threads, self._make, request)
        made.add_done_callback(self._answered)
        return await asyncio.shield(made)

    @contextmanager
    def every_take(
        self, profile: Callable[[str], Profile | None], made_at: datetime, form: Form, paper: Paper
    ) -> Iterator[EveryTake]:
        """Give what makes a report of each take, for an export; used in a thread.

        Raises
        ------
        ReportsBusy
            There is an export with reports already.
        """
        if not self._exporting.acquire(blocking=False):
            raise ReportsBusy(BUSY)
        try:
            with self._process() as process:
                yield EveryTake(process, profile, made_at, form=form, paper=paper)
        finally:
            self._exporting.release()

    def close(self) -> None:
        """End what is being made."""
        self._closed = True
        for process in list(self._processes):
            process.kill()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    # --- inside ----------------------------------------------------------------

    def _make(self, request: Request) -> bytes:
        with self._process() as process:
            return process.make(request)

    @contextmanager
    def _process(self) -> Iterator[ReportProcess]:
        with ReportProcess() as process:
            self._processes.add(process)
            try:
                if self._closed:
                    raise ReportError(STOPPING)
                yield process
            finally:
                self._processes.discard(process)

    def _answered(self, made: asyncio.Future[bytes]) -> None:
        self._asked -= 1
        if not made.cancelled():
            made.exception()  # whoever asked may have left
