"""A reverse proxy that has the server under a path, and takes that off as nginx does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

PREFIX = "/practice"


@asynccontextmanager
async def proxied(address: str, prefix: str = PREFIX) -> AsyncIterator[str]:
    """Serve a server's address under a prefix; gives that address, with a slash at its end."""
    server = urlsplit(address)
    serving: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        task.add_done_callback(serving.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            line, _, rest = head.partition(b"\r\n")
            method, target, version = line.split(b" ")
            if not target.startswith(f"{prefix}/".encode()):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                writer.close()
                return
            if b"upgrade: websocket" not in rest.lower():  # one request a connection
                rest = re.sub(rb"(?i)connection:[^\r]*\r\n", b"", rest)
                rest = b"Connection: close\r\n" + rest
            there = await asyncio.open_connection(server.hostname, server.port)
            there[1].write(b" ".join((method, target[len(prefix) :], version)) + b"\r\n" + rest)
            await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))

    async with await asyncio.start_server(served, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}{prefix}/"
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
