"""Choose the worker of a new session and find that of an existing one: the protocol of all ways to do so.

An *address* is a reference that :func:`engine.server.http.origin.base_url` resolves against a
request: ``""`` for where it came to, ``:8766`` for another port of the same host, ``/w0``
for a path there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

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
