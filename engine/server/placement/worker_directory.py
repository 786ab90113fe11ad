"""Directory of the workers of one machine, in files: each worker reads from it where a session should go."""

from __future__ import annotations

import fcntl
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import UsageError

from .placement import Load, new_worker

STALE_S = 2.0
"""A worker that has announced nothing for this long gets no new session: its event loop hangs."""

SENT_S = 1.0
"""How long a speaker sent to a worker may take to arrive there; by then its entry counts them."""

CLAIM_TRIES = 50
"""Attempts to claim a slot: one that another process is just testing looks taken."""


class WorkerEntry(Struct, frozen=True, kw_only=True):
    """State of a worker, as it publishes it to the others."""

    worker: str
    pid: int
    sessions: int
    begun: int
    admits: bool
    at_s: float
    """Monotonic, which all processes of a machine share."""


class WorkerDirectory:
    """Directory of the workers of one machine: a folder that only they can read, one slot a worker.

    A worker holds its slot by a lock on a file, which the kernel releases when the process ends in
    any way: a slot without a lock has no worker. An entry is replaced as a whole.

    Parameters
    ----------
    folder : holds a lock file and an entry for each slot.
    public : address that all workers share.
    slots : address of each slot.
    clock : monotonic seconds; the same for all workers.

    Raises
    ------
    UsageError
        All slots are taken.
    """

    def __init__(
        self, folder: Path, public: str, slots: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.worker = new_worker()
        self._slots = slots
        self.addresses: Sequence[str] = (public, *slots)
        self._folder = folder
        self._clock = clock
        self._withdrawn = False
        self._sent: deque[tuple[float, str, int]] = deque()
        self.slot, self._lock = self._claim()
        self.address = slots[self.slot]
        (folder / f"{self.slot}.json").unlink(missing_ok=True)  # of the slot's last worker

    def choose(self) -> str | None:
        """Return the address of the worker with the fewest sessions that is not full; on a tie this one."""
        fresh_s = self._clock() - STALE_S
        candidates = [
            (entry.sessions + self._in_transit(entry), slot != self.slot, slot, entry)
            for slot, entry in self._entries()
            if entry.admits and entry.at_s >= fresh_s
        ]
        if not candidates:
            return None
        _, _, slot, entry = min(candidates, key=lambda each: each[:3])
        if slot != self.slot:
            self._sent.append((self._clock(), entry.worker, entry.begun))
        return self._slots[slot]

    def others(self) -> bool:
        """Return whether another worker holds a slot and has not withdrawn."""
        return any(slot != self.slot for slot, _ in self._entries())

    def find(self, worker: str) -> str | None:
        """Return the address of a worker, full or not; None when it is gone."""
        if worker == self.worker:
            return None if self._withdrawn else self.address
        return next((self._slots[slot] for slot, entry in self._entries() if entry.worker == worker), None)

    def announce(self, load: Load) -> None:
        """Replace this worker's entry."""
        if self._withdrawn:
            return
        entry = WorkerEntry(
            worker=self.worker,
            pid=os.getpid(),
            sessions=load.sessions,
            begun=load.begun,
            admits=load.admits,
            at_s=self._clock(),
        )
        draft = self._folder / f"{self.slot}.draft"
        draft.write_bytes(msgspec.json.encode(entry))
        draft.replace(self._folder / f"{self.slot}.json")

    def withdraw(self) -> None:
        """Remove this worker's entry; its slot and socket stay taken until the process ends."""
        self._withdrawn = True
        (self._folder / f"{self.slot}.json").unlink(missing_ok=True)

    # --- inside ----------------------------------------------------------------

    def _in_transit(self, entry: WorkerEntry) -> int:
        """Return how many sessions sent to a worker its entry doesn't count yet; many may be sent at once."""
        while self._sent and self._sent[0][0] < self._clock() - SENT_S:
            self._sent.popleft()
        begun = [begun for _, worker, begun in self._sent if worker == entry.worker]
        return max(0, len(begun) - (entry.begun - begun[0])) if begun else 0

    def _claim(self) -> tuple[int, int]:
        for _ in range(CLAIM_TRIES):
            for slot in range(len(self._slots)):
                lock = os.open(self._folder / f"{slot}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                if _try_lock(lock, fcntl.LOCK_EX):
                    return slot, lock
                os.close(lock)
            time.sleep(0.02)
        raise UsageError(f"all {len(self._slots)} slots for workers are taken")

    def _entries(self) -> Iterator[tuple[int, WorkerEntry]]:
        for slot in range(len(self._slots)):
            try:
                entry = (self._folder / f"{slot}.json").read_bytes()
                lock = os.open(self._folder / f"{slot}.lock", os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                alive = not _try_lock(lock, fcntl.LOCK_SH)
            finally:
                os.close(lock)
            if alive:
                yield slot, msgspec.json.decode(entry, type=WorkerEntry)


def _try_lock(file: int, kind: int) -> bool:
    """Lock a file unless another process has; return whether it succeeded."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
