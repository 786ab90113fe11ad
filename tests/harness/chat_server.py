"""A real HTTP server with the responses of an OpenAI-compatible endpoint, good ones and bad ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Response:
    """What the server sends; ``endless`` sends its body over and over until nobody reads."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False
    pause_s: float = 0.0
    """Between two bodies of an endless one."""
    never: bool = False


@dataclass
class ChatServer:
    """A server at ``url``; ``requests`` holds all it was sent."""

    answer: Callable[[Request], Response]
    url: str = ""
    requests: list[Request] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            self.requests.append(request)
            response = self.answer(request)
            if response.never:
                await reader.read()
                return
            await self._write(writer, response)
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client has hung up
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter, response: Response) -> None:
        headers = {"content-type": "application/json", **response.headers, "connection": "close"}
        if not response.endless:
            headers["content-length"] = str(len(response.body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {response.status} X\r\n{head}\r\n".encode() + response.body)
        await writer.drain()
        while response.endless:
            await asyncio.sleep(response.pause_s)
            writer.write(response.body)
            await writer.drain()


@asynccontextmanager
async def chat_server(answer: Callable[[Request], Response]) -> AsyncIterator[ChatServer]:
    """Serve on a free port of this machine."""
    chat = ChatServer(answer)
    server = await asyncio.start_server(chat.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    chat.url = f"http://{host}:{port}/v1"
    try:
        yield chat
    finally:
        server.close()


def completion(content: str, finish_reason: str = "stop") -> Response:
    """A chat completion as OpenAI's API, llama.cpp's server and others shape it."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1764547200,
        "model": "small-instruct",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": None},
                "logprobs": None,
                "finish_reason": finish_reason,
            }
        ],
        "usage": {"prompt_tokens": 310, "completion_tokens": 96, "total_tokens": 406},
        "system_fingerprint": None,
    }
    return Response(body=json.dumps(body).encode())


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))
