"""All sessions of a server."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import time
from collections.abc import Callable, Iterable
from typing import Self

import numpy as np

from dsp.frame import RATE_HZ
from engine import profiles
from engine.cues import CUES
from engine.errors import SottovoceError, UsageError
from engine.media.peer import Peer
from engine.session import Session

from .live import Gone, LiveSession
from .placement import Alone, Load, Placement, worker_of
from .settings import Settings, checked

TICK_S = 0.25
"""How often the sessions are asked what didn't happen."""

log = logging.getLogger(__name__)


class Full(SottovoceError):
    """No room for another session now."""

    def __init__(self, why: str, retry_s: int) -> None:
        super().__init__(f"{why}; try again in {retry_s} s")
        self.retry_s = retry_s


class Hub:
    """Creates, finds and ends sessions; ``async with`` it while serving.

    Attributes
    ----------
    default : the profile of sessions that ask for none.
    profiles : those that a client may ask for, by name.
    placement : says which worker a session goes to.
    draining : whether no new sessions are taken any more.

    Raises
    ------
    UsageError
        Settings that cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        placement: Placement | None = None,
    ) -> None:
        self.settings = checked(settings)
        self.default = profiles.load(settings.profile)
        self.profiles = {p.name: p for p in [*map(profiles.load, profiles.shipped()), self.default]}
        self.placement = Alone() if placement is None else placement
        self.draining = False
        self._clock = clock
        self._sessions: dict[str, LiveSession] = {}
        self._watchdog: asyncio.Task[None] | None = None
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        self._announce()
        self._watchdog = asyncio.create_task(self._watch(), name="watchdog")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def warm_up(self) -> None:
        """Load what is compiled: with its first use, it would hold up whoever comes first."""
        session = Session(self.default)
        session.hear(0, np.zeros(RATE_HZ, np.float32))
        session.finish()

    @property
    def sessions(self) -> list[LiveSession]:
        """Sessions that go on."""
        return [session for session in self._sessions.values() if not session.ended]

    def find(self, session_id: str) -> LiveSession | None:
        """Session by its id; None when there is none, or it has ended."""
        session = self._sessions.get(session_id)
        return None if session is None or session.ended else session

    def elsewhere(self, token: str | None, *, placed: bool) -> str | None:
        """Address of the worker for an offer; None when that is this one, if only to refuse it.

        ``placed``: the choice was made already, by the worker that sent the speaker here.
        """
        worker = None if token is None else worker_of(token)
        address = self.placement.find(worker) if worker else None
        if address is None and not placed:
            address = self.placement.choose()
        return None if address == self.placement.address else address

    def home(self, session_id: str) -> str | None:
        """Address of another worker that may have the session; None when no other can."""
        worker = worker_of(session_id)
        address = self.placement.find(worker) if worker else None
        return None if address == self.placement.address else address

    async def publish(
        self, offer: str, *, profile_name: str | None, cues_off: Iterable[str], token: str | None
    ) -> tuple[LiveSession, Peer]:
        """Answer an offer, in the session of the token or in a new one.

        A token whose worker is gone gets a new session that says so in its ``hello``.

        Raises
        ------
        Full
            No room.
        Gone
            The token's session has ended, or never was.
        BadOffer
            The SDP.
        UsageError
            No such profile or cue.
        """
        worker = None if token is None else worker_of(token)
        orphaned = worker is not None and self.placement.find(worker) is None
        if token is not None and not orphaned:
            session = self._resumable(token)
            return session, await session.attach(offer)
        session = self._create(profile_name, cues_off, continued=orphaned)
        try:
            return session, await session.attach(offer)
        except BaseException:
            session.end("failed")
            raise

    async def drain(self) -> None:
        """Take no new session, let those there are finish, and send on who hasn't by the deadline.

        Where no other worker has room they end with the reason ``shutdown``.
        """
        self.draining = True
        self._announce()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.drain_s):
                while self.sessions:  # noqa: ASYNC110
                    await asyncio.sleep(TICK_S)
        self.placement.withdraw()
        if self.placement.choose() is not None:
            for session in self.sessions:
                session.end("moving")
        await self.close()

    async def close(self) -> None:
        """End every session and wait until nothing of them is left."""
        self._open = False
        self.placement.withdraw()
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
            self._watchdog = None
        for session in self.sessions:
            session.end("shutdown")
        await asyncio.gather(*(session.closed() for session in self._sessions.values()))
        self._sessions.clear()

    # --- inside ----------------------------------------------------------------

    def _resumable(self, token: str) -> LiveSession:
        for session in self.sessions:
            if hmac.compare_digest(session.token.encode(), token.encode()):
                return session
        raise Gone(
            f"the session to resume has ended: it waits {self.settings.resume_s:g} s for its speaker; "
            "POST the offer without a token to begin another one"
        )

    def _create(self, profile_name: str | None, cues_off: Iterable[str], *, continued: bool) -> LiveSession:
        # Only by a known name: what a client sends must never reach the file system.
        profile = self.profiles.get(profile_name) if profile_name else self.default
        if profile is None:
            raise UsageError(f"no profile {profile_name!r}; there are {', '.join(self.profiles)}")
        unknown = [cue for cue in cues_off if cue not in CUES]
        if unknown:
            raise UsageError(f"no cue {unknown[0]!r}; there are {', '.join(CUES)}")
        if not self._admits:
            most = self.settings.max_sessions
            why = "this server is going" if self.draining else f"all {most} sessions of this server are taken"
            raise Full(why, retry_s=round(self.settings.resume_s))
        session = LiveSession(
            profile, self.settings, self._clock, worker=self.placement.worker, continued=continued
        )
        for cue in cues_off:
            session.core.set_cue(cue, False)
        self._sessions[session.id] = session
        self._announce()
        return session

    @property
    def _admits(self) -> bool:
        return self._open and not self.draining and len(self.sessions) < self.settings.max_sessions

    def _announce(self) -> None:
        self.placement.announce(Load(sessions=len(self.sessions), admits=self._admits))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    def _tick(self) -> None:
        for session in list(self._sessions.values()):
            session.tick()
            if session.ended and session.quiet:
                del self._sessions[session.id]
        self._announce()
