"""Which worker a session goes to, and where it is: nothing else knows how that is decided.

An *address* is a reference that :func:`engine.server.http.origin.at` resolves against a
request: ``""`` for where it came to, ``:8766`` for another port of the same host, ``/w0``
for a path there.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from engine.errors import UsageError

STALE_S = 2.0
"""A worker that has announced nothing for so long takes no new session: its loop hangs."""

SENT_S = 1.0
"""A speaker who was sent to a worker has arrived there, or won't come."""

CLAIM_TRIES = 50
"""How often a slot is looked for: one that another process is just asking about looks taken."""

NAME = re.compile(r"([0-9a-f]{8})\.[\w-]+")
"""Session ids and resume tokens: the worker that gave them, and what nobody can guess."""


def new_worker() -> str:
    """Name of a worker's generation: one that is started again is another one."""
    return secrets.token_hex(4)


def worker_of(name: str) -> str | None:
    """Worker that gave a session id or a token; None when no worker did."""
    match = NAME.fullmatch(name)
    return match and match[1]


class Load(Struct, frozen=True, kw_only=True):
    """How busy a worker is."""

    sessions: int
    begun: int
    """How many have begun there so far."""

    admits: bool
    """Whether it would take another one."""


class Placement(Protocol):
    """Where sessions go.

    Attributes
    ----------
    worker : name of this worker's generation, the beginning of its session ids and tokens.
    address : this worker's own.
    addresses : all that there can be: what the workers share, and each one's own.
    """

    worker: str
    address: str
    addresses: Sequence[str]

    def choose(self) -> str | None:
        """Address of the worker that should take a new session; None when all are full."""

    def find(self, worker: str) -> str | None:
        """Address of the worker of that name; None when it is gone."""

    def announce(self, load: Load) -> None:
        """Tell the others how busy this worker is; to be called a few times a second."""

    def withdraw(self) -> None:
        """Be gone, for the others and for :meth:`find`; what was here has ended or moves on."""


class Alone:
    """One process that takes all sessions."""

    def __init__(self) -> None:
        self.worker = new_worker()
        self.address = ""
        self.addresses: Sequence[str] = ()
        self._admits = False
        self._gone = False

    def choose(self) -> str | None:
        """Return this one unless it is full."""
        return self.address if self._admits and not self._gone else None

    def find(self, worker: str) -> str | None:
        """Return this one when it is meant."""
        return self.address if worker == self.worker and not self._gone else None

    def announce(self, load: Load) -> None:
        """Note it."""
        self._admits = load.admits

    def withdraw(self) -> None:
        """Be gone."""
        self._gone = True


class Notice(Struct, frozen=True, kw_only=True):
    """What a worker tells the others."""

    worker: str
    pid: int
    sessions: int
    begun: int
    admits: bool
    at_s: float
    """Monotonic, which all processes of a machine share."""


class Noticeboard:
    """Workers of one machine, each in a slot of a folder that only they can read.

    A slot is held by a lock on a file, which the kernel lets go of when the process ends
    in whatever way: who holds none is gone. Its notice is replaced as a whole.

    Parameters
    ----------
    public : address that all workers share.
    slots : address of each slot.

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
        self._gone = False
        self._sent: deque[tuple[float, str, int]] = deque()
        self.slot, self._lock = self._claim()
        self.address = slots[self.slot]
        (folder / f"{self.slot}.json").unlink(missing_ok=True)  # of who had the slot before

    def choose(self) -> str | None:
        """Return the one with the fewest sessions of those that are not full; if it is one of them, this."""
        fresh_s = self._clock() - STALE_S
        able = [
            (notice.sessions + self._on_the_way(notice), slot != self.slot, slot, notice)
            for slot, notice in self._notices()
            if notice.admits and notice.at_s >= fresh_s
        ]
        if not able:
            return None
        _, _, slot, notice = min(able, key=lambda each: each[:3])
        if slot != self.slot:
            self._sent.append((self._clock(), notice.worker, notice.begun))
        return self._slots[slot]

    def find(self, worker: str) -> str | None:
        """Return where that worker is, however busy."""
        if worker == self.worker:
            return None if self._gone else self.address
        return next((self._slots[slot] for slot, notice in self._notices() if notice.worker == worker), None)

    def announce(self, load: Load) -> None:
        """Replace this worker's notice."""
        if self._gone:
            return
        notice = Notice(
            worker=self.worker,
            pid=os.getpid(),
            sessions=load.sessions,
            begun=load.begun,
            admits=load.admits,
            at_s=self._clock(),
        )
        draft = self._folder / f"{self.slot}.draft"
        draft.write_bytes(msgspec.json.encode(notice))
        draft.replace(self._folder / f"{self.slot}.json")

    def withdraw(self) -> None:
        """Take the notice down; the slot, and its socket, stay taken until the process ends."""
        self._gone = True
        (self._folder / f"{self.slot}.json").unlink(missing_ok=True)

    # --- inside ----------------------------------------------------------------

    def _on_the_way(self, notice: Notice) -> int:
        """How many were sent to a worker that its notice doesn't count yet: many may come at once."""
        while self._sent and self._sent[0][0] < self._clock() - SENT_S:
            self._sent.popleft()
        begun = [begun for _, worker, begun in self._sent if worker == notice.worker]
        return max(0, len(begun) - (notice.begun - begun[0])) if begun else 0

    def _claim(self) -> tuple[int, int]:
        for _ in range(CLAIM_TRIES):
            for slot in range(len(self._slots)):
                lock = os.open(self._folder / f"{slot}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                if _locks(lock, fcntl.LOCK_EX):
                    return slot, lock
                os.close(lock)
            time.sleep(0.02)
        raise UsageError(f"all {len(self._slots)} slots for workers are taken")

    def _notices(self) -> Iterator[tuple[int, Notice]]:
        for slot in range(len(self._slots)):
            try:
                notice = (self._folder / f"{slot}.json").read_bytes()
                lock = os.open(self._folder / f"{slot}.lock", os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                alive = not _locks(lock, fcntl.LOCK_SH)
            finally:
                os.close(lock)
            if alive:
                yield slot, msgspec.json.decode(notice, type=Notice)


def _locks(file: int, kind: int) -> bool:
    """Lock a file unless somebody has; says whether it could."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
