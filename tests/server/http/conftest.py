"""What tests of feedback over HTTP share: a server on the network, its person, and a stranger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.record.service import RecordService
from tests.harness.calls import unhurried
from tests.harness.feedback import STRANGER, Clock, Come


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def come(tmp_path: Path, clock: Clock) -> AsyncIterator[Come]:
    """Visits of a server that keeps one person's record and is on the network."""
    settings = unhurried(host="0.0.0.0", record="ada", store=str(tmp_path))
    service = RecordService(settings, now=lambda: clock.now)
    async with Hub(settings, record=service) as hub:
        app = create_app(hub)

        def visit(client: str = "127.0.0.1", base: str = "http://localhost:8765") -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 4711))
            return httpx.AsyncClient(transport=transport, base_url=base)

        yield visit


@pytest.fixture
async def ada(come: Come) -> AsyncIterator[httpx.AsyncClient]:
    """The person whose record it is."""
    async with come() as client:
        yield client


@pytest.fixture
async def stranger(come: Come) -> AsyncIterator[httpx.AsyncClient]:
    async with come(STRANGER, "http://engine.test") as client:
        yield client
