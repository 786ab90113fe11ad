"""Strangers at the doors: many connections, slow ones, long bodies, floods on WebSockets, odd requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
from pathlib import Path

import httpx
import pytest

from engine.server.http.bodies import MAX_BODY_BYTES
from engine.server.limits.connection_gate import LONG_LIVED_SHARE, ConnectionGate, ConnectionSlot
from engine.server.limits.descriptors import fit_to_descriptors
from engine.server.settings import Settings
from tests.harness.calls import PATIENCE_S, Page, browser, next_message, running, until
from tests.harness.certificates import certificate
from tests.harness.server_process import served

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def place(address: str) -> tuple[str, int]:
    url = httpx.URL(address)
    assert url.port is not None
    return url.host, url.port


async def opened(address: str, data: bytes = b"") -> Stream:
    """A connection on which something was sent."""
    reader, writer = await asyncio.open_connection(*place(address))
    writer.write(data)
    await writer.drain()
    return reader, writer


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            received += data
    return received


async def status(address: str, path: str = "healthz") -> int:
    async with browser() as client:
        return (await client.get(address + path)).status_code


def closed(*streams: Stream) -> None:
    for _, writer in streams:
        writer.close()


# --- how many ---------------------------------------------------------------------


def test_a_trusted_proxy_has_more_than_one_client() -> None:
    gate = ConnectionGate(6, 2, ("10.0.0.0/8",))
    assert [gate.enter("10.1.2.3") is not None for _ in range(6)] == [True] * 6
    assert (len(gate), gate.displaced) == (6, 0)


def test_who_has_waited_longest_gives_way() -> None:
    gate, dropped = ConnectionGate(4, 3), []

    def enter(name: str, host: str) -> ConnectionSlot:
        new = gate.enter(host)
        assert new is not None
        new.drop = lambda: dropped.append(name)
        return new

    first, second = enter("first", "192.0.2.1"), enter("second", "192.0.2.1")
    enter("third", "192.0.2.1")
    first.mark_busy()
    first.mark_waiting()  # again, so not for longest any more
    enter("fourth", "192.0.2.1")
    assert dropped == ["second"], "of one address there are three"
    enter("fifth", "192.0.2.2")
    enter("sixth", "192.0.2.2")
    assert dropped == ["second", "third"], "there are four in all"
    second.release()  # which had left
    assert len(gate) == 4
    assert gate.make_room(1)
    assert dropped == ["second", "third", "first"]


def test_who_is_served_gives_way_to_nobody() -> None:
    gate = ConnectionGate(4, 4)
    passes = [gate.enter("192.0.2.1") for _ in range(4)]
    kept = [one.reserve_long_lived() for one in passes if one is not None]
    assert kept == [True, True, True, False], "one place is always for short requests"
    for one in passes:
        assert one is not None
        one.mark_busy()
    assert gate.enter("192.0.2.2") is None
    assert (gate.refused, gate.displaced) == (1, 0)
    assert passes[0] is not None
    passes[0].release()
    last = gate.enter("192.0.2.2")
    assert last is not None
    assert last.reserve_long_lived()
    assert LONG_LIVED_SHARE == 0.75


async def test_idle_connections_are_few_and_keep_nobody_out() -> None:
    async with running(max_connections=40, max_connections_per_address=20) as server:
        idle = [await opened(server.address) for _ in range(100)]
        assert await status(server.address) == 200
        assert len(server.hub.gate) <= 20
        gone = [asyncio.create_task(ended(reader)) for reader, _ in idle[:70]]
        await asyncio.wait_for(asyncio.gather(*gone), PATIENCE_S)
        page = Page()
        await page.call(server.address)
        assert await status(server.address) == 200
        await page.connection.close()
        closed(*idle)
        await until(lambda: len(server.hub.gate) == 0)


async def test_websockets_leave_places_for_short_requests() -> None:
    async with running(max_connections=40, max_connections_per_address=12) as server:
        page = Page()
        await page.call(server.address)
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(9):
                watcher = await stack.enter_async_context(server.watch(page.session))
                await next_message(watcher, "hello")
            with pytest.raises(Exception, match="503"):
                await stack.enter_async_context(server.watch(page.session))
            for _ in range(20):
                await opened(server.address)
            assert await status(server.address) == 200
            await watcher.send('{"type": "ping", "id": 1}')
            assert (await next_message(watcher, "pong"))["id"] == 1
        await page.connection.close()


async def test_at_the_limit_of_descriptors_health_answers_and_the_log_stays_short() -> None:
    with served(files=(256, 4096)) as server:
        assert server.ps.rlimit(resource.RLIMIT_NOFILE) == (4096, 4096), "raised at the start"
        few = server.ps.num_fds() + 20
        server.ps.rlimit(resource.RLIMIT_NOFILE, (few, few))
        waiting = [await opened(server.address) for _ in range(300)]
        for _ in range(5):
            assert await status(server.address) == 200
        assert "Traceback" not in server.log
        assert server.log.count("cannot accept connections (Too many open files)") <= 2 * server.intervals
        closed(*waiting)


@pytest.mark.parametrize(("hard", "most"), [(100_000, 2048), (2000, 872), (100, 32)])
def test_no_more_connections_than_descriptors_are_enough_for(
    hard: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limit: limits.append(limit))
    settings = fit_to_descriptors(Settings())
    assert limits == [(hard, hard)]
    assert settings.max_connections == most
    assert settings.max_connections_per_address == min(most, 512)


# --- how long ---------------------------------------------------------------------

HEAD = b"POST /whip HTTP/1.1\r\nHost: engine.test\r\nContent-Type: application/sdp\r\n"


@pytest.mark.parametrize(
    ("sent", "trickled", "answer"),
    [
        (b"", b"", b""),
        (b"GET /healthz HT", b"", b"HTTP/1.1 408 "),
        (b"GET /healthz HTTP/1.1\r\n", b"A: b\r\n", b"HTTP/1.1 408 "),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"", b"HTTP/1.1 408 "),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"v", b"HTTP/1.1 408 "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nv\r\n", b"HTTP/1.1 408 "),
        (b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90\r\n\r\n", b"x", b"HTTP/1.1 200 "),
    ],
)
async def test_a_slow_request_is_given_up(sent: bytes, trickled: bytes, answer: bytes) -> None:
    async with running(request_s=0.5) as server:
        reader, writer = await opened(server.address, sent)
        receiving = asyncio.create_task(ended(reader))
        async with asyncio.timeout(PATIENCE_S):
            while not receiving.done():
                with contextlib.suppress(ConnectionError):
                    writer.write(trickled)
                await asyncio.sleep(0.1)
        assert receiving.result().startswith(answer)
        writer.close()
        await until(lambda: len(server.hub.gate) == 0)


async def test_a_slow_handshake_of_tls_is_given_up(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with running(tls_cert=str(cert), tls_key=str(key), request_s=0.5, max_connections=8) as server:
        slow = [await opened(server.address, b"\x16\x03\x01") for _ in range(20)]
        assert len(server.hub.gate) <= 8
        assert await status(server.address) == 200
        await asyncio.wait_for(asyncio.gather(*(ended(reader) for reader, _ in slow)), PATIENCE_S)
        await until(lambda: len(server.hub.gate) == 0)
        closed(*slow)


async def test_who_reads_no_answers_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.server.http.peer_timeouts.UNREAD_S", 1.0)
    async with running() as server:
        _, writer = await opened(server.address)
        # Nothing of the answers is read: the kernels' buffers fill, then the server's.
        writer.write(b"GET /style.css HTTP/1.1\r\nHost: engine.test\r\n\r\n" * 2000)
        await until(lambda: len(server.hub.gate) == 1)
        await until(lambda: len(server.hub.gate) == 0)
        writer.close()


# --- how much ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "rooms"),
        ("POST", "whip"),
        ("POST", "rooms/none/seats"),
        ("DELETE", "whip/none/none"),
        ("PATCH", "whip/none/none"),
        ("OPTIONS", "whip"),
        ("GET", "healthz"),
        ("GET", ""),
        ("PUT", "nothing/here"),
        ("GET", "whip/"),
    ],
)
@pytest.mark.parametrize("piece", [16_000, 1])
async def test_no_door_reads_an_endless_body(method: str, path: str, piece: int) -> None:
    async with running() as server:
        head = f"{method} /{path} HTTP/1.1\r\nHost: {httpx.URL(server.address).netloc.decode()}\r\n"
        reader, writer = await opened(
            server.address,
            head.encode() + b"Content-Type: application/sdp\r\nTransfer-Encoding: chunked\r\n\r\n",
        )
        receiving = asyncio.create_task(ended(reader))
        chunk, sent = b"%x\r\n%s\r\n" % (piece, b"v" * piece), 0
        with contextlib.suppress(ConnectionError):
            while not receiving.done() and sent < 200 * MAX_BODY_BYTES:
                writer.write(chunk * (1 + 16_000 // len(chunk)))
                await writer.drain()
                sent += 16_000
                await asyncio.sleep(0)
        assert sent < 200 * MAX_BODY_BYTES
        await receiving
        writer.close()
        await until(lambda: len(server.hub.gate) == 0)


async def test_a_body_that_is_too_long_is_refused_before_it_comes() -> None:
    async with running() as server:
        reader, writer = await opened(
            server.address, HEAD + b"Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n"
        )
        answer = await ended(reader)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert (
            json.loads(answer.partition(b"\r\n\r\n")[2])["detail"]
            == f"the body may have {MAX_BODY_BYTES} bytes"
        )
        writer.close()
