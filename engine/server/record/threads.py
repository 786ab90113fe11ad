"""Threads for calls that may never come back: whoever waits stops in time, and so does the process."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


class CallThreads:
    """So many threads that do calls, begun when they are needed; safe to use from several threads.

    They are daemons, other than those of :class:`concurrent.futures.ThreadPoolExecutor`, for which a process
    waits at its end without limit.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._free = 0
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        """Have a call done; one that is cancelled before its turn is not.

        Raises
        ------
        RuntimeError
            They are closed.
        """
        future: Future[Result] = Future()

        def call() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result = work()
                except StopIteration as error:  # no future of asyncio can hold one
                    future.set_exception(_stopped(error))
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)

        with self._lock:
            if self._closed:
                raise RuntimeError("no more calls are done")
            self._calls.put(call)
            if self._free <= 0 and len(self._threads) < self._most:
                name = f"{self._name} {len(self._threads)}"
                self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
                self._threads[-1].start()
            else:
                self._free -= 1
        return future

    def close(self, timeout_s: float) -> bool:
        """Take no more calls and wait for those that go on; whether all of them have come back."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
        for _ in threads:
            self._calls.put(None)
        until_s = time.monotonic() + timeout_s
        for thread in threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            with self._lock:
                self._free += 1


def _stopped(error: StopIteration) -> RuntimeError:
    """Return what a generator raises where a call in it raises this error (PEP 479)."""
    stopped = RuntimeError("a call raised StopIteration")
    stopped.__cause__ = error
    return stopped
