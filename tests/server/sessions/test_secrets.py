"""What each secret of a session allows: its id to watch, its key to command, its token to speak."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from engine.protocol import messages
from engine.server.sessions.readers import MAX_WATCHERS
from tests.harness.calls import Page, Server, browser, next_message, running, until

COMMANDS: tuple[messages.FromClient, ...] = (
    messages.End(),
    messages.SetCue(cue="pace", on=False),
    messages.PrepareDrill(drill="noisy_street"),
    messages.BeginDrill(),
    messages.StopDrill(),
    messages.LowerDistractions(db=-6.0),
)


async def said(watcher: ClientConnection, message: messages.FromClient, kind: str) -> dict[str, Any]:
    """Send a message; gives the next one of a kind."""
    await watcher.send(messages.encode(message))
    return await next_message(watcher, kind)


async def called(server: Server) -> Page:
    page = Page()
    await page.call(server.address)
    return page


async def test_who_knows_only_the_id_may_watch_and_do_nothing_else() -> None:
    async with running() as server:
        page = await called(server)
        session = server.hub.find(page.session)
        assert session is not None
        async with server.watch(page.session) as watcher:
            cues = (await next_message(watcher, "hello"))["cues"]
            for command in COMMANDS:
                error = await said(watcher, command, "error")
                assert error["code"] == "not_allowed"
                assert "authorize" in error["message"]
            assert (await said(watcher, messages.Ping(id=3), "pong"))["id"] == 3
            assert not session.ended
            assert [cue.on for cue in session.core.cues()] == [cue["on"] for cue in cues]
        async with browser(base_url=server.address) as client:
            for path in (
                f"whip/{page.session}",
                f"whip/{page.session}/",
                f"whip/{page.session}/{page.session}",
                f"whip/{page.session}/\N{LATIN SMALL LETTER E WITH ACUTE}",
            ):
                # 405 where the page's files are looked for: those can only be read
                assert (await client.delete(path)).status_code in (404, 405)
                fragment = {"content-type": "application/trickle-ice-sdpfrag"}
                assert (await client.patch(path, headers=fragment)).status_code in (404, 405)
        assert server.hub.find(page.session) is session
        await page.connection.close()


async def test_who_has_the_key_may_command_from_a_websocket() -> None:
    async with running() as server:
        page = await called(server)
        async with server.watch(page.session) as watcher:
            await watcher.send(messages.encode(messages.Authorize(key=page.key)))
            await watcher.send(messages.encode(messages.SetCue(cue="pace", on=False)))
            ended = await said(watcher, messages.End(), "ended")
        assert ended["reason"] == "asked"
        assert (await page.next(messages.Ended)).reason == "asked"
        await page.connection.close()


async def test_wrong_keys_are_refused_and_not_many_may_be_tried() -> None:
    async with running() as server:
        page = await called(server)
        async with server.watch(page.session) as watcher:
            wrong = ("", page.session, page.token, page.key[:-1], "\N{SNOWMAN}")
            for key in wrong:
                error = await said(watcher, messages.Authorize(key=key), "error")
                assert error["code"] == "not_allowed"
                assert page.key not in json.dumps(error)
            assert (await said(watcher, messages.Authorize(key="x"), "error"))["code"] == "too_many"
        assert server.hub.find(page.session) is not None
        await page.connection.close()


async def test_the_id_tells_nothing_of_the_key_nor_does_any_message() -> None:
    async with running() as server:
        page = await called(server)
        session = server.hub.find(page.session)
        assert session is not None
        assert len({session.id, session.key, session.token}) == 3
        async with server.watch(page.session) as watcher:
            hello = await next_message(watcher, "hello")
        assert session.key not in json.dumps(hello)
        assert session.token not in json.dumps(hello)
        await page.connection.close()


async def test_enough_watchers_are_enough() -> None:
    async with running() as server:
        page = await called(server)
        watching = [await server.watch(page.session) for _ in range(MAX_WATCHERS)]
        with pytest.raises(InvalidStatus) as refused:
            await server.watch(page.session)
        assert refused.value.response.status_code == 503
        assert json.loads(refused.value.response.body or b"")["reason"] == "watched"
        session = server.hub.find(page.session)
        assert session is not None
        await watching[0].close()
        await until(lambda: not session.fully_watched)
        watching[0] = await server.watch(page.session)
        for watcher in watching:
            await watcher.close()
        await page.connection.close()
