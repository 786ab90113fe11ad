"""All sessions of a server."""

from __future__ import annotations

import asyncio
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
from .settings import Settings, checked

TICK_S = 0.25
"""How often the sessions are asked what didn't happen."""

log = logging.getLogger(__name__)


class Full(SottovoceError):
    """No room for another session now."""

    def __init__(self, most: int, retry_s: int) -> None:
        super().__init__(f"all {most} sessions of this server are taken; try again in {retry_s} s")
        self.retry_s = retry_s


class Hub:
    """Creates, finds and ends sessions; ``async with`` it while serving.

    Attributes
    ----------
    default : the profile of sessions that ask for none.
    profiles : those that a client may ask for, by name.

    Raises
    ------
    UsageError
        Settings that cannot be used.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = checked(settings)
        self.default = profiles.load(settings.profile)
        self.profiles = {p.name: p for p in [*map(profiles.load, profiles.shipped()), self.default]}
        self._clock = clock
        self._sessions: dict[str, LiveSession] = {}
        self._watchdog: asyncio.Task[None] | None = None
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
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

    async def publish(
        self, offer: str, *, profile_name: str | None, cues_off: Iterable[str], token: str | None
    ) -> tuple[LiveSession, Peer]:
        """Answer an offer, in the session of the token or in a new one.

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
        if token is not None:
            session = self._resumable(token)
            return session, await session.attach(offer)
        session = self._create(profile_name, cues_off)
        try:
            return session, await session.attach(offer)
        except BaseException:
            session.end("failed")
            raise

    async def close(self) -> None:
        """End every session and wait until nothing of them is left."""
        self._open = False
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

    def _create(self, profile_name: str | None, cues_off: Iterable[str]) -> LiveSession:
        # Only by a known name: what a client sends must never reach the file system.
        profile = self.profiles.get(profile_name) if profile_name else self.default
        if profile is None:
            raise UsageError(f"no profile {profile_name!r}; there are {', '.join(self.profiles)}")
        unknown = [cue for cue in cues_off if cue not in CUES]
        if unknown:
            raise UsageError(f"no cue {unknown[0]!r}; there are {', '.join(CUES)}")
        if not self._open or len(self.sessions) >= self.settings.max_sessions:
            raise Full(self.settings.max_sessions, retry_s=round(self.settings.resume_s))
        session = LiveSession(profile, self.settings, self._clock)
        for cue in cues_off:
            session.core.set_cue(cue, False)
        self._sessions[session.id] = session
        return session

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    def _tick(self) -> None:
        for session in list(self._sessions.values()):
            session.tick()
            if session.ended and session.quiet:
                del self._sessions[session.id]
