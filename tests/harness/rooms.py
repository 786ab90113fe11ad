"""Rooms in tests: made, entered, watched."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection

from tests.harness.calls import Server, browser, next_message, socket_of


async def post(server: Server, path: str, **body: Any) -> httpx.Response:
    async with browser() as client:
        return await client.post(f"{server.address}{path}", json=body)


async def made(server: Server, mode: str = "free", role: str = "partner") -> tuple[str, str]:
    """A room, and the seat of who made it."""
    answer = await post(server, "rooms", mode=mode, role=role)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"rooms/{answer.json()['room']}"
    return answer.json()["room"], answer.json()["seat"]


@asynccontextmanager
async def seated(server: Server, room: str, seat: str) -> AsyncIterator[ClientConnection]:
    """A page in its seat."""
    async with socket_of(f"{server.address}rooms/{room}/live") as socket:
        await socket.send(json.dumps({"type": "enter", "seat": seat}))
        yield socket


async def say(socket: ClientConnection, kind: str, **fields: Any) -> None:
    await socket.send(json.dumps({"type": kind, **fields}))


async def stands(socket: ClientConnection, **wanted: Any) -> dict[str, Any]:
    """Wait until the room stands like this."""
    while True:
        state = await next_message(socket, "room")
        if all(state[key] == value for key, value in wanted.items()):
            return state
