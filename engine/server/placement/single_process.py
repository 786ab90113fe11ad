"""Placement in one process, which takes all sessions."""

from __future__ import annotations

from collections.abc import Sequence

from .placement import Load, new_worker


class SingleProcess:
    """Place every session in this process; see :class:`engine.server.placement.placement.Placement`."""

    def __init__(self) -> None:
        self.worker = new_worker()
        self.address = ""
        self.addresses: Sequence[str] = ()
        self._admits = False
        self._withdrawn = False

    def choose(self) -> str | None:
        """Return this process's address unless it is full."""
        return self.address if self._admits and not self._withdrawn else None

    def others(self) -> bool:
        """Return False: there is one process."""
        return False

    def find(self, worker: str) -> str | None:
        """Return this process's address if ``worker`` is this process."""
        return self.address if worker == self.worker and not self._withdrawn else None

    def announce(self, load: Load) -> None:
        """Remember whether another session is admitted."""
        self._admits = load.admits

    def withdraw(self) -> None:
        """Take no session from now on."""
        self._withdrawn = True
