"""Refusals of what strangers send: clear answers, short logs, no traceback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.frames import Opcode

from engine.errors import BadMessage
from engine.protocol import messages
from engine.protocol import room_messages as rooms
from engine.server.logs import INTERVAL_S, RateLimitedLines
from tests.harness.calls import browser, running, socket_of, until
from tests.harness.rooms import made, seated, stands
from tests.harness.server_process import Process, served

from .test_doors import HEAD, ended, opened, status
from .test_websocket_limits import UPGRADE, frame, watching

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
    async with running() as server, browser() as client:
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


@pytest.mark.parametrize(
    ("more", "length", "status"),
    [
        (b"X-Forwarded-For: 192.0.2.7\r\n", 70_000, b"413"),
        (b"Via: 1.1 proxy\r\n", 70_000, b"413"),
        (b"X-Real-IP: 192.0.2.7\r\n", 60_000, b"403"),
        (b"Origin: https://example.com\r\n", 70_000, b"403"),
    ],
)
@pytest.mark.parametrize("path", [b"import", b"recordings"])
async def test_a_stranger_sends_no_file(
    path: bytes, more: bytes, length: int, status: bytes, tmp_path: Path
) -> None:
    """Not by a proxy on this machine either; nothing of it is read."""
    async with running(record="me", store=str(tmp_path)) as server:
        head = b"POST /record/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n" % (path, length)
        reader, writer = await opened(server.address, head + more + b"\r\n")
        answer = await ended(reader)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert b"connection: close\r\n" in answer.lower()
        writer.close()


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
    async with browser() as client:
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
        assert len(server.log.splitlines()) <= 8 * server.intervals, server.log


async def test_a_room_socket_may_close_before_it_enters(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as server:
        room, host = await made(server)
        for _ in range(3):
            async with socket_of(f"{server.address}rooms/{room}/live"):
                pass
        async with seated(server, room, host) as socket:
            await stands(socket, you=0)
    assert not [record for record in caplog.records if record.exc_info]


async def test_an_access_log_if_wanted() -> None:
    with served("--access-log") as server:
        async with browser() as client:
            made = (await client.post(f"{server.address}rooms", json={})).json()
            await client.post(f"{server.address}rooms/{made['room']}/seats")
            await client.get(f"{server.address}whip/secret/key/and/more")
            await client.delete(f"{server.address}whip/secret/key")
            await client.get(f"{server.address}main.js?token=secret")
        async with socket_of(f"{server.address}rooms/{made['room']}/live"):
            pass
        lines = (
            '127.0.0.1 "POST /rooms" 201 ',
            '127.0.0.1 "POST /rooms/{id}/seats" 201 ',
            '127.0.0.1 "DELETE (unknown)" 404 ',
            '127.0.0.1 "GET (unknown)" 404 ',
            '127.0.0.1 "GET /main.js" 200 ',
            '127.0.0.1 "WEBSOCKET /rooms/{id}/live" 101 ',
        )
        await until(lambda: all(line in server.log for line in lines))  # each comes once its answer is sent
        for secret in ("secret", made["room"], made["seat"]):
            assert secret not in server.log
