"""Under a path of a reverse proxy, which the server is never told, and with a slash too many."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx
import pytest

from clients.whip.publisher import Publisher, paced
from engine.server.http.app import create_app
from engine.server.hub import Hub
from tests.harness.calls import SDP, Page, Server, browser, noise, running, unhurried, until
from tests.harness.proxy import proxied
from tests.harness.rooms import made, seated, stands


async def test_a_session_under_a_prefix() -> None:
    async with running() as server, proxied(server.address) as address:
        page = Page()
        hello = await page.call(address)
        assert page.response is not None
        [session] = server.hub.sessions
        location = urljoin(str(page.response.url), page.response.headers["location"])
        assert location == f"{address}whip/{hello.session}/{session.key}"
        async with (
            browser() as client,
            Server(address, server.hub).watch(hello.session) as watcher,
        ):
            await watcher.recv()
            assert (await client.delete(location)).status_code == 200
        assert not server.hub.sessions
        await page.connection.close()


async def test_a_publisher_under_a_prefix() -> None:
    async with running() as server, proxied(server.address) as address:
        async with Publisher(address, paced(noise(30))):
            await until(lambda: any(session.stream.received for session in server.hub.sessions))
        await until(lambda: not server.hub.sessions)  # its DELETE arrived


async def test_a_room_under_a_prefix() -> None:
    async with running() as server, proxied(server.address) as address:
        there = Server(address, server.hub)
        room, host = await made(there)
        async with browser() as client:
            answer = await client.post(f"{address}rooms/{room}/seats")
            assert urljoin(str(answer.url), answer.headers["location"]) == f"{address}rooms/{room}"
        async with seated(there, room, host) as socket:
            await stands(socket, you=0)


@pytest.mark.parametrize("path", ["/whip", "/whip/", "/whip//"])
async def test_a_slash_at_the_end_changes_nothing(path: str) -> None:
    async with Hub(unhurried()) as hub:
        hub.warm_up()
        transport = httpx.ASGITransport(create_app(hub))
        async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
            page = Page()
            answer = await client.post(path, content=await page.offer(), headers=SDP)
            await page.connection.close()
            assert answer.status_code == 201
            location = urljoin(str(answer.url), answer.headers["location"])
            [session] = hub.sessions
            assert location == f"http://engine.test/whip/{session.id}/{session.key}"
            assert (await client.delete(f"{location}/")).status_code == 200
            for other in ("/readyz/", "/drills/", "/config.json/", "/"):
                assert (await client.get(other)).status_code == 200, other
