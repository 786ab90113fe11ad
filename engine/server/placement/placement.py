"""Choose the worker of a new session and find that of an existing one: the protocol of all ways to do so.

An *address* is a reference that :func:`engine.server.http.origin.base_url` resolves against a
request: ``""`` for the address of the request, ``:8766`` for another port of the same host, ``/w0``
for a path there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

NAME = re.compile(r"([0-9a-f]{8})\.[\w-]+")
"""Session ids and resume tokens: the worker that issued them, and a secret."""


def new_worker() -> str:
    """Return a name for a worker's generation; a restarted worker has another one."""
    return secrets.token_hex(4)


def worker_of(name: str) -> str | None:
    """Return the worker that issued a session id or token; None when it has no worker's form."""
    match = NAME.fullmatch(name)
    return match and match[1]


class Load(Struct, frozen=True, kw_only=True):
    """Load of a worker."""

    sessions: int
    begun: int
    """Sessions begun there so far."""

    admits: bool
    """Whether it would admit another one."""


class Placement(Protocol):
    """Decides where sessions go.

    Attributes
    ----------
    worker : name of this worker's generation, the prefix of its session ids and tokens.
    address : of this worker.
    addresses : all possible ones: the shared address, and that of each worker.
    """

    worker: str
    address: str
    addresses: Sequence[str]

    def choose(self) -> str | None:
        """Return the address of the worker for a new session; None when all are full."""

    def others(self) -> bool:
        """Return whether another worker runs, full, hung or not."""

    def find(self, worker: str) -> str | None:
        """Return the address of the worker of that name; None when it is gone."""

    def announce(self, load: Load) -> None:
        """Publish this worker's load; call a few times a second."""

    def withdraw(self) -> None:
        """Remove this worker, for the others and for :meth:`find`; its sessions have ended or move on."""
