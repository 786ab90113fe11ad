"""Somebody who speaks all the while, and whom nothing that others send may harm."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioice.ice
import psutil

from engine.server.sessions.live_session import LiveSession
from tests.harness.net.crowd import Crowd
from tests.harness.net.loopback import only_loopback
from tests.harness.net.speaker import Speaker

from ..calls import Server, running, until


class Errors(logging.Handler):
    """Keep every record that a person would read as a fault: an error, or anything with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        text = record.getMessage()
        if record.levelno >= logging.ERROR or record.exc_info or "Traceback" in text:
            self.found.append(f"{record.name}: {text} {record.exc_info[1]!r}" if record.exc_info else text)


class Bystander:
    """A server, one who speaks on it, and what must hold when all is over."""

    def __init__(self, server: Server, crowd: Crowd, speaker: Speaker) -> None:
        self.server = server
        self._crowd = crowd
        self._speaker = speaker
        session = server.hub.find(speaker.session)
        assert session is not None
        self.session: LiveSession = session
        self._before = self._left()

    async def unharmed(self) -> None:
        """Assert that they were heard without a gap, and that nothing is left of anyone else."""
        assert not self.session.ended
        assert self.session.connection is not None
        assert not any('"type":"ended"' in message.raw for message in self._speaker.messages)
        sent = len(self._speaker.sent_s)
        await until(lambda: self.session.stream.received >= sent)
        assert self.session.stream.lost == 0
        await until(self._is_quiet)

    def _is_quiet(self) -> bool:
        gc.collect()
        return all(now <= then for now, then in zip(self._left(), self._before, strict=True))

    def _left(self) -> tuple[int, int, int]:
        """Tasks, descriptors and sessions that there are."""
        return len(asyncio.all_tasks()), psutil.Process().num_fds(), len(self.server.hub._sessions)


@asynccontextmanager
async def bystander(**settings: object) -> AsyncIterator[Bystander]:
    """Serve one who speaks; on leaving they must be unharmed, and nothing logged that reads as a fault."""
    addresses = aioice.ice.get_host_addresses
    only_loopback()
    errors = Errors()
    logging.getLogger().addHandler(errors)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.found.append(f"loop: {context}"))
    try:
        async with running(resume_s=1.0, **settings) as server, Crowd(server.address) as crowd:
            await crowd.join(1)
            one = Bystander(server, crowd, crowd.speakers[0])
            yield one
            await one.unharmed()
    finally:
        logging.getLogger().removeHandler(errors)
        aioice.ice.get_host_addresses = addresses
    assert not errors.found, errors.found[:3]
