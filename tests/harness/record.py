"""A server's record in tests: what is in it, and every byte of its files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from engine.protocol.take import Take, decode_take
from tests.harness.calls import Server, browser

FIGURES = {"figures": True, "words": False, "sound": False}
EVERYTHING = {"figures": True, "words": True, "sound": True}


async def ask(server: Server, method: str, path: str, **options: Any) -> httpx.Response:
    """Answer of the server to its person's page."""
    async with browser() as client:
        return await client.request(method, f"{server.address}{path}", **options)


async def allow(server: Server, kept: dict[str, bool], *, past: bool = False) -> None:
    """Let the person say what may be kept."""
    answer = await ask(server, "PUT", "record/kept", json={**kept, "past": past})
    assert answer.status_code == 204, answer.text


async def takes(server: Server, count: int) -> list[Take]:
    """All takes, once there are so many; newest first."""
    async with asyncio.timeout(90):
        while True:
            entries = (await ask(server, "GET", "record/takes")).json()["takes"]
            if len(entries) >= count:
                break
            await asyncio.sleep(0.05)
    assert len(entries) == count
    return [await take(server, entry["id"]) for entry in entries]


async def finished(server: Server, duration_s: float) -> Take:
    """The only take, once it is the whole of a session that was so long: until then it grows."""
    async with asyncio.timeout(90):
        while True:
            (kept,) = await takes(server, 1)
            if kept.duration_s == duration_s:
                return kept
            await asyncio.sleep(0.05)


async def take(server: Server, take_id: str) -> Take:
    """One take."""
    answer = await ask(server, "GET", f"record/takes/{take_id}")
    assert answer.status_code == 200, answer.text
    return decode_take(answer.content)


def every_byte(folder: Path) -> bytes:
    """What is in all files of a folder."""
    return b"\0".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
