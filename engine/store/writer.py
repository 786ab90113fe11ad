"""Write takes beside what goes on: a thread with a bounded queue.

What cannot be written waits, in order, and is tried again until it can be. A take is finished once the
record has it; what still waits when the process is killed is lost.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import NamedTuple, Protocol

from engine.errors import RecordError, RecordUnavailable, UsageError
from engine.protocol.take import Take

from .growing import Growing

MAX_WAITING = 100
"""Takes that wait at most."""

MAX_WAITING_BYTES = 256 * 2**20
"""Bytes of sound that wait at most; a take beyond waits without its sound."""

FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0

_log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    person: str
    take: Take
    sound: bytes | None
    growing: Growing | None


class TakeSink(Protocol):
    """Where takes are written: a :class:`.record.Record`, or what looks at each take before."""

    def put(
        self, person: str, take: Take, sound: bytes | None = None, growing: Growing | None = None
    ) -> None:
        """Write a take; see :meth:`.record.Record.put`."""


class RecordWriter:
    """A thread that writes takes. One a record; safe to call from several threads."""

    def __init__(self, record: TakeSink, *, first_retry_s: float = FIRST_RETRY_S) -> None:
        self._record = record
        self._first_retry_s = first_retry_s
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._under_way: _Waiting | None = None
        """What is being written just now."""
        self._closing = False
        self._failed: str | None = None
        self._lost: str | None = None
        self._thread = threading.Thread(target=self._run, name="record writer", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str | None:
        """Why takes wait or were lost, as sentences for a person; None when all is written or about to be."""
        return " ".join(filter(None, (self._lost, self._failed))) or None

    @property
    def waiting(self) -> int:
        """Takes that are not written yet."""
        return len(self._queue)

    def put(
        self, person: str, take: Take, sound: bytes | None = None, growing: Growing | None = None
    ) -> bool:
        """Have a take written, and return at once: whether it will be.

        False when too many wait already, or the writer is closed; :attr:`problem` says it.
        """
        with self._changed:
            if not self._closing and self._replaced(_Waiting(person, take, sound, growing)):
                return True
            if self._closing or len(self._queue) >= MAX_WAITING:
                self._lost = "A take was not kept: too many wait to be written."
                return False
            if sound is not None and self._bytes_waiting() + len(sound) > MAX_WAITING_BYTES:
                self._lost = "The sound of a take was not kept: too much waits to be written."
                sound = None
            self._queue.append(_Waiting(person, take, sound, growing))
            self._changed.notify_all()
            return True

    def _replaced(self, newer: _Waiting) -> bool:
        """Put a take in the place of an older state of it that waits; whether there is one."""
        for place, waiting in enumerate(self._queue):
            is_older = (waiting.person, waiting.take.id) == (newer.person, newer.take.id)
            silent = waiting.sound is None and newer.sound is None
            if is_older and silent and waiting is not self._under_way:
                self._queue[place] = newer
                return True
        return False

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is written; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue, timeout_s)

    def close(self, timeout_s: float = 5.0) -> bool:
        """Write what waits, as long as it takes but for the time-out, and stop; whether all was written."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._queue

    def _run(self) -> None:
        retry_s = self._first_retry_s
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closing)
                if not self._queue:
                    return
                first = self._under_way = self._queue[0]
            if self._written(first):
                retry_s = self._first_retry_s
                with self._changed:
                    self._under_way = None
                    self._queue.popleft()
                    self._changed.notify_all()
                continue
            with self._changed:
                self._under_way = None
                if self._closing:
                    return
                self._changed.wait_for(lambda: self._closing, retry_s)
            retry_s = min(2 * retry_s, LONGEST_RETRY_S)

    def _written(self, waiting: _Waiting) -> bool:
        """Write a take; False to try again. One that can never be written is dropped, and that is said."""
        try:
            self._record.put(*waiting)
        except (RecordUnavailable, RecordError) as error:
            if self._failed is None:
                _log.warning("takes wait to be written: %s", error)
            self._failed = f"{error} Takes stay in memory until it works again."
            return False
        except UsageError as error:
            _log.error("a take was not kept: %s", error)
            self._lost = f"A take was not kept: {error}."
        except Exception as error:  # its message may hold what is in the take
            _log.error("a take was not kept: %s", type(error).__name__)
            self._lost = "A take was not kept: the record failed."
        else:
            self._lost = None
        self._failed = None
        return True

    def _bytes_waiting(self) -> int:
        return sum(len(waiting.sound or b"") for waiting in self._queue)
