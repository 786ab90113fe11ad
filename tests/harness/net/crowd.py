"""Many speakers in one process, each packet at its own moment of the 20 ms."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Self

import httpx
from websockets.asyncio.client import ClientConnection, connect

from .opus import PACKET_S, practice_packets
from .relay import Relay
from .speaker import Speaker

SLOTS = 20
"""Moments within a packet's time at which speakers speak: one each millisecond."""

PING_S = 1.0

CONNECTING = 4
"""Calls that are made at a time."""


class Crowd:
    """Speakers on a timer wheel. Use it as a context; each sends from the moment it is connected.

    Parameters
    ----------
    address : of the server.
    relays : opened ones, for the first speakers that join; closed with the crowd.
    """

    def __init__(self, address: str, relays: Sequence[Relay] = ()) -> None:
        self._address = address
        self._relays = relays
        self._packets = practice_packets()
        self._http = httpx.AsyncClient(timeout=90, trust_env=False, follow_redirects=True)
        self._slots: list[list[Speaker]] = [[] for _ in range(SLOTS)]
        self._wheel: asyncio.Task[None] | None = None
        self._joined = 0
        self._pages: list[ClientConnection] = []
        self.speakers: list[Speaker] = []
        self.late_s = 0.0
        """The longest that a slot had to wait for its turn."""

    async def __aenter__(self) -> Self:
        self._wheel = asyncio.create_task(self._turn(), name="wheel")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._wheel is not None:
            self._wheel.cancel()
            await asyncio.gather(self._wheel, return_exceptions=True)
        await asyncio.gather(*(speaker.close() for speaker in self.speakers))
        for relay in self._relays:
            relay.close()
        await asyncio.gather(*(page.close() for page in self._pages))
        await self._http.aclose()

    async def join(self, count: int) -> list[Speaker]:
        """Let so many more speakers begin; gives them once all are connected.

        Raises
        ------
        Refused
            The server is full; those before are in.
        """
        gate = asyncio.Semaphore(CONNECTING)
        joined = await asyncio.gather(*(self._join(gate) for _ in range(count)), return_exceptions=True)
        for one in joined:
            if isinstance(one, BaseException):
                raise one
        return [one for one in joined if isinstance(one, Speaker)]

    async def join_rooms(self, count: int) -> None:
        """Let so many more pairs begin, each in a room of its own."""
        gate = asyncio.Semaphore(CONNECTING)
        for _ in range(count):
            made = (await self._http.post(f"{self._address}rooms", json={"mode": "beside"})).json()
            page = await connect(f"{self._address.replace('http', 'ws', 1)}rooms/{made['room']}/live")
            self._pages.append(page)
            await page.send(json.dumps({"type": "enter", "seat": made["seat"]}))
            await page.send(json.dumps({"type": "agree", "analysed": True}))
            while not any(one["people"][0]["agreed"] for one in json.loads(await page.recv())):
                pass
            await asyncio.gather(*(self._join(gate, made[seat]) for seat in ("seat", "beside")))

    async def leave(self, speakers: Sequence[Speaker]) -> None:
        """Let these end their sessions by WHIP."""
        self._silence(speakers)
        await asyncio.gather(*(speaker.leave(self._http) for speaker in speakers))

    async def vanish(self, speakers: Sequence[Speaker]) -> None:
        """Let these close their connections without ending their sessions."""
        self._silence(speakers)
        await asyncio.gather(*(speaker.close() for speaker in speakers))

    def _silence(self, speakers: Sequence[Speaker]) -> None:
        for speaker in speakers:
            self.speakers.remove(speaker)
            next(slot for slot in self._slots if speaker in slot).remove(speaker)

    async def _join(self, gate: asyncio.Semaphore, seat: str | None = None) -> Speaker:
        number = self._joined
        self._joined += 1
        async with gate:
            # Speakers that say the same thing at the same time would be a cache's delight.
            relay = self._relays[number] if number < len(self._relays) else None
            speaker = Speaker(self._packets, first=number * 307, relay=relay)
            await speaker.call(self._http, self._address, seat)
            self.speakers.append(speaker)
            self._slots[number % SLOTS].append(speaker)
            return speaker

    async def _turn(self) -> None:
        began_s = time.monotonic()
        step_s = PACKET_S / SLOTS
        number = 0
        while True:
            due_s = began_s + number * step_s
            wait_s = due_s - time.monotonic()
            await asyncio.sleep(max(0.0, wait_s))
            self.late_s = max(self.late_s, time.monotonic() - due_s)
            for speaker in self._slots[number % SLOTS]:
                speaker.speak()
            if number % round(PING_S / step_s) < SLOTS:
                for speaker in self._slots[number % SLOTS]:
                    speaker.ping(number)
            number += 1
