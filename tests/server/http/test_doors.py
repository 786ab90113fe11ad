"""Strangers at the doors: many connections, slow ones, long bodies, floods on WebSockets, odd requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import resource
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from engine.errors import BadMessage
from engine.protocol import messages
from engine.protocol import room_messages as rooms
from engine.server.http.bodies import MAX_BODY_BYTES
from engine.server.limits.connection_gate import LONG_LIVED_SHARE, ConnectionGate, ConnectionSlot
from engine.server.limits.descriptors import fit_to_descriptors
from engine.server.logs import INTERVAL_S, RateLimitedLines
from engine.server.settings import Settings
from tests.harness.calls import Page, Server, next_message, running, until
from tests.harness.certificates import certificate
from tests.harness.rooms import made, seated, stands
from tests.harness.server_process import Process, served

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
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=5) as client:
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
        await asyncio.wait_for(asyncio.gather(*gone), 10)
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
        assert server.log.count("cannot accept connections (Too many open files)") <= 2
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
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                if receiving.done():
                    break
                writer.write(trickled)
                await asyncio.sleep(0.1)
        assert receiving.done()
        assert receiving.result().startswith(answer)
        writer.close()
        await until(lambda: len(server.hub.gate) == 0)


async def test_a_slow_handshake_of_tls_is_given_up(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with running(tls_cert=str(cert), tls_key=str(key), request_s=0.5, max_connections=8) as server:
        slow = [await opened(server.address, b"\x16\x03\x01") for _ in range(20)]
        assert len(server.hub.gate) <= 8
        assert await status(server.address) == 200
        await asyncio.wait_for(asyncio.gather(*(ended(reader) for reader, _ in slow)), 10)
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


# --- WebSockets -------------------------------------------------------------------


UPGRADE = (
    b" HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@contextlib.asynccontextmanager
async def watching(**settings: object) -> AsyncIterator[tuple[Server, Stream]]:
    """A WebSocket of a session, by hand."""
    async with running(**settings) as server:
        page = Page()
        await page.call(server.address)
        stream = await opened(
            server.address,
            f"GET /sessions/{page.session}/live".encode()
            + UPGRADE
            + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        )
        head = await stream[0].readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"deflate" not in head, "70 bytes would become 64 KiB"
        yield server, stream
        closed(stream)
        await page.connection.close()


def frame(kind: Opcode, data: bytes = b"", *, final: bool = True) -> bytes:
    return Frame(kind, data, final).serialize(mask=True)


@pytest.mark.parametrize(
    "flood",
    [
        frame(Opcode.TEXT, b"{", final=False) + 20_000 * frame(Opcode.CONT, final=False),
        20_000 * frame(Opcode.PING),
        20_000 * frame(Opcode.TEXT, b"{}"),
        2_000 * frame(Opcode.TEXT, b"v" * 60_000),
    ],
    ids=["continuations", "pings", "texts", "long"],
)
async def test_a_flood_of_frames_is_cut_off(flood: bytes) -> None:
    async with watching() as (server, (reader, writer)):
        receiving = asyncio.create_task(ended(reader))
        with contextlib.suppress(ConnectionError):
            for start in range(0, len(flood), 65_536):
                writer.write(flood[start : start + 65_536])
                await writer.drain()
        received = await receiving
        assert server.hub.sessions[0].connection is not None, "nobody else suffers"
        assert b"\x03\xf0more than" in received or not received.endswith(b"}"), "1008, unless it was lost"


async def test_pongs_that_nobody_reads_do_not_pile_up() -> None:
    async with watching() as (server, (_, writer)):
        [connection] = [one for one in server.hub.gate._slots if one in server.hub.gate._kept]
        transport = connection.drop.__self__  # type: ignore[attr-defined]
        ping = frame(Opcode.PING, b"x" * 125)
        most = 0
        for _ in range(3000):  # slower than what is too much
            writer.write(ping * 2)
            await asyncio.sleep(0.001)
            most = max(most, transport.get_write_buffer_size())
        assert most < 200_000


async def test_a_message_that_is_too_long_is_refused() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        async with server.watch(page.session) as watcher:
            with contextlib.suppress(ConnectionClosed):
                await watcher.send("v" * 70_000)
            await watcher.wait_closed()
            assert watcher.close_code == 1009
        await page.connection.close()


# --- what is logged ---------------------------------------------------------------


def test_one_line_of_a_kind() -> None:
    now_s = 0.0
    sparing = RateLimitedLines(lambda: now_s)

    def line(text: str, *values: object, name: str = "a") -> str | None:
        record = logging.LogRecord(name, logging.ERROR, "", 0, text, values, None)
        return record.getMessage() if sparing.filter(record) else None

    assert line("%d lost", 1) == "1 lost"
    assert line("%d lost", 2) is None
    assert line("%d lost", 3) is None
    assert line("%d lost", 3, name="b") == "3 lost"
    assert line("%d found", 3) == "3 found"
    now_s += INTERVAL_S
    assert line("%d lost", 4) == "4 lost (and 2 more of these)"
    for number in range(1000):
        line(f"{number} other kinds")
    assert len(sparing._kinds) < 300


NESTED = '{"type": ' + "[" * 4000
"""Deeper than any parser goes."""


@pytest.mark.parametrize("decode", [messages.decode_client, rooms.decode])
def test_what_is_nested_too_deeply_is_refused(decode: Callable[[str], object]) -> None:
    with pytest.raises(BadMessage, match="not understood"):
        decode(NESTED)


async def test_what_is_nested_too_deeply_makes_no_room() -> None:
    async with running() as server, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{server.address}rooms", content="[" * 60_000)).status_code == 400


async def test_text_that_is_no_text_closes_the_socket() -> None:
    async with watching() as (_, (reader, writer)):
        writer.write(frame(Opcode.TEXT, b"\xff\xfe"))
        assert b"\x03\xeftext must be UTF-8" in await ended(reader)


@pytest.mark.parametrize(
    ("sent", "status", "empty"),
    [
        (b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 70000\r\n\r\n", b"413", True),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 70000\r\n\r\n", b"413", False),
        (b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nnonsense\r\n\r\n", b"400", False),
    ],
)
async def test_a_refusal_of_a_head_request_has_no_body(
    sent: bytes, status: bytes, empty: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with running() as server:
        reader, writer = await opened(server.address, sent)
        answer = await ended(reader)
        assert b"HTTP/1.1 " + status in answer
        assert answer.endswith(b"\r\n\r\n") == empty
        writer.close()
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_room_socket_that_is_cut_off_before_it_enters(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as server:
        room, _ = await made(server)
        head = f"GET /rooms/{room}/live".encode() + UPGRADE + b"\r\n"
        reader, writer = await opened(server.address, head)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame(Opcode.TEXT, b"{}") + frame(Opcode.PING) * 3000)
        await ended(reader)
        writer.close()
        await until(lambda: len(server.hub.gate) == 0)
    assert not [record for record in caplog.records if record.exc_info]


async def strange(server: Process) -> None:
    """What strangers do: leave in the middle, and say what nobody says."""
    host = f"{server.place[0]}:{server.place[1]}".encode()
    for data in (
        HEAD + b"Content-Length: 1000\r\n\r\nv=0",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nv=0\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: [\r\nOrigin: http://[\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /healthz HTTP/1.1\r\nHost: "
        + host
        + b"\r\nContent-Length: 4\r\n\r\nabcd\x00\x01garbage\r\n\r\n",
    ):
        reader, writer = await opened(server.address, data)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended(reader), 0.2)
        writer.close()
    async with httpx.AsyncClient(trust_env=False) as client:
        room = (await client.post(f"{server.address}rooms", json={})).json()["room"].encode()
    for target, more in (
        (b"/rooms/" + room + b"/live", b""),
        (b"/rooms/none/live", b""),
        (b"/sessions/none/live", b""),
        (b"/nothing/here", b""),
        (b"/", b""),
        (b"/rooms/" + room + b"/live", b"A: b\r\n" * 200),
    ):
        for wait_s in (0.0, 0.1):
            reader, writer = await opened(
                server.address, b"GET " + target + UPGRADE.replace(b"127.0.0.1", host) + more + b"\r\n"
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended(reader), wait_s)
            writer.transport.abort()


async def test_strangers_leave_no_traceback_and_no_connection() -> None:
    with served("--request-s", "1") as server:
        for _ in range(3):
            await strange(server)
        assert await status(server.address) == 200
        await until(lambda: server.connections == 0)
        assert "Traceback" not in server.log
        assert len(server.log.splitlines()) <= 8, server.log


async def test_a_room_socket_may_close_before_it_enters(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as server:
        room, host = await made(server)
        for _ in range(3):
            async with connect(f"{server.address.replace('http', 'ws', 1)}rooms/{room}/live"):
                pass
        async with seated(server, room, host) as socket:
            await stands(socket, you=0)
    assert not [record for record in caplog.records if record.exc_info]


async def test_an_access_log_if_wanted() -> None:
    with served("--access-log") as server:
        async with httpx.AsyncClient(trust_env=False) as client:
            made = (await client.post(f"{server.address}rooms", json={})).json()
            await client.post(f"{server.address}rooms/{made['room']}/seats")
            await client.get(f"{server.address}whip/secret/key/and/more")
            await client.delete(f"{server.address}whip/secret/key")
            await client.get(f"{server.address}main.js?token=secret")
        async with connect(f"{server.address.replace('http', 'ws', 1)}rooms/{made['room']}/live"):
            pass
        await until(lambda: "WEBSOCKET" in server.log)
        for line in (
            '127.0.0.1 "POST /rooms" 201 ',
            '127.0.0.1 "POST /rooms/{id}/seats" 201 ',
            '127.0.0.1 "DELETE (unknown)" 404 ',
            '127.0.0.1 "GET (unknown)" 404 ',
            '127.0.0.1 "GET /main.js" 200 ',
            '127.0.0.1 "WEBSOCKET /rooms/{id}/live" 101 ',
        ):
            assert line in server.log, server.log
        for secret in ("secret", made["room"], made["seat"]):
            assert secret not in server.log
