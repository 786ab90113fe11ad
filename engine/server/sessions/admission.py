"""Admission: whether a new session begins, and the refusal that its client gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from engine.errors import SottovoceError
from engine.server.limits.quota import MAX_CONNECTING, MIN_SESSIONS, Quota
from engine.server.settings import Settings

from .live_session import LiveSession
from .load import BUSY_RETRY_S, WINDOW_S, LoadMonitor


class Refusal(NamedTuple):
    """Why no new session is admitted now."""

    reason: Literal["warming_up", "draining", "full", "overloaded"]
    why: str
    retry_s: int


class SessionRefused(SottovoceError):
    """No new session is admitted now."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.why}; try again in {refusal.retry_s} s")
        self.retry_s = refusal.retry_s
        self.reason = refusal.reason


DRAINING = Refusal("draining", "this server is shutting down", BUSY_RETRY_S)
WARMING_UP = Refusal("warming_up", "this server is still starting", BUSY_RETRY_S)


class Admission:
    """Decides by number, load and network address whether one more session begins.

    Parameters
    ----------
    load : what the server can still take.
    quota : what each network address may still ask for.
    clock : monotonic, in seconds.
    """

    def __init__(
        self, settings: Settings, load: LoadMonitor, quota: Quota, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._load = load
        self._quota = quota
        self._clock = clock

    def refusal(self, sessions: Sequence[LiveSession]) -> Refusal | None:
        """Return why no session is admitted beside those that there are; None when one is."""
        most = self._settings.max_sessions
        if len(sessions) >= most:
            why = f"all {most} sessions of this server are taken"
            return Refusal("full", why, round(self._settings.resume_s))
        settled_s = self._clock() - WINDOW_S
        unheard = Counter(session.address for session in sessions if session.heard_since_s > settled_s)
        busy = self._load.refusal(len(sessions), self._quota.counted(unheard))
        return Refusal("overloaded", busy, BUSY_RETRY_S) if busy else None

    def check_address(self, sessions: Sequence[LiveSession], address: str) -> None:
        """Check that an address may have one more session.

        Raises
        ------
        QuotaExceeded
            It has as many as it may, or as many that don't connect.
        """
        theirs = [session for session in sessions if session.address == address]
        connecting = sum(session.connecting for session in theirs)
        self._quota.check_held(connecting, MAX_CONNECTING, "calls that don't connect", "connecting")
        self._quota.check_held(len(theirs), max(MIN_SESSIONS, self._settings.max_sessions // 2), "sessions")
