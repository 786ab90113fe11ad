"""The page under a path of a reverse proxy: everything that it asks for is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.harness.page import Open, Served, press, state, until
from tests.harness.proxy import PREFIX, proxied


@pytest.fixture
def address(served: Served) -> Iterator[str]:
    """Where the proxy has the server."""
    loop, there, stop = asyncio.new_event_loop(), [""], asyncio.Event()
    ready = threading.Event()

    async def proxying() -> None:
        async with proxied(served.address) as there[0]:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(proxying(),))
    thread.start()
    ready.wait()
    yield there[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_a_session_and_a_room(opened: Open, rushing: Browser, served: Served, address: str) -> None:
    page = opened(rushing, address)
    state(page, "ready")
    press(page, "Start")
    state(page, "listening", "nudge")
    press(page, "End")
    state(page, "finished")
    until(page, lambda: not served.hub.sessions, "the session is over")
    host = opened(rushing, address)
    state(host, "ready")
    press(host, "Practise with a friend")
    state(host, "inviting")
    press(host, "Talk freely")
    state(host, "consent")
    press(host, "Agree and join")
    state(host, "waiting")
    link = host.locator("#link").input_value()
    assert PREFIX in link
    guest = opened(rushing, link)
    state(guest, "consent")
    press(guest, "Agree and join")
    state(guest, "listening", "nudge")
    expect(guest.locator("main")).to_be_visible()
