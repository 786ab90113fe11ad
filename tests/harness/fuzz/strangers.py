"""A call into whose port datagrams are thrown: before, during and after its handshake."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Sequence
from typing import Any, Literal

from aiortc import RTCSessionDescription

from engine.protocol import messages
from engine.protocol.events import Reading

from ..calls import SDP, Page, browser, noise

Moment = Literal["before", "during", "after"]

AT_ONCE = 50
"""Datagrams between two turns of the loop: more would fill the socket's buffer, and be lost unseen."""


async def thrown(send: Any, datagrams: Sequence[bytes]) -> None:
    """Send datagrams, letting the loop take them a few at a time."""
    for start in range(0, len(datagrams), AT_ONCE):
        for datagram in datagrams[start : start + AT_ONCE]:
            send(datagram)
        await asyncio.sleep(0.005)


async def called(address: str, moment: Moment, datagrams: Sequence[bytes], *, own: bool) -> Page:
    """Connect a page while datagrams are thrown at its session's port; it is connected all the same.

    ``own``: from the page's own address, once it has one that the server knows; else from a stranger's.
    """
    page = Page()
    offer = await page.offer()
    async with browser() as client:
        page.response = await client.post(f"{address}whip", content=offer, headers=SDP)
    page.response.raise_for_status()
    found = re.search(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)", page.response.text)
    assert found is not None
    endpoint = ("127.0.0.1", int(found[1]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:

        def send(datagram: bytes) -> None:
            if own:
                ice = page.connection.getTransceivers()[0].sender.transport.transport._connection
                ice._protocols[0].transport.sendto(datagram, endpoint)
            else:
                stranger.sendto(datagram, endpoint)

        if moment == "before":
            await thrown(send, datagrams)
        answer = RTCSessionDescription(page.response.text, "answer")
        if moment == "during":
            # aiortc answers first and shakes hands in tasks of its own.
            await asyncio.gather(page.connection.setRemoteDescription(answer), thrown(send, datagrams))
        else:
            await page.connection.setRemoteDescription(answer)
        await page.next(messages.Hello)
        if moment == "after":
            await thrown(send, datagrams)
    return page


async def still_there(page: Page) -> None:
    """Assert that a page's session answers and hears it, then end it."""
    page.channel.send('{"type": "ping", "id": 77}')
    assert (await page.next(messages.Pong)).id == 77
    reading = asyncio.create_task(page.next(Reading))
    while not reading.done():  # a busy server tells one a second
        await page.speak(noise(0.2))
    await reading
    page.channel.send('{"type": "end"}')
    await page.next(messages.Ended)
    await page.connection.close()
