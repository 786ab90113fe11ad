"""Run a WebSocket in both directions: send from an outbox, pass received messages to a callback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from engine.server.sessions.outbox import Outbox

log = logging.getLogger(__name__)

UNREAD_S = 30.0
"""A reader that takes nothing for this long is gone; a full outbox has taken as long to fill."""

CLOSING = {
    None: (1000, "the session has ended"),
    "slow": (1013, "too slow: messages piled up"),
    "flooding": (1008, "too many messages"),
}
"""Close codes (RFC 6455, section 7.4) and reasons, by the cause of the drop."""


async def exchange(websocket: WebSocket, outbox: Outbox, receive: Callable[[str | bytes], None]) -> None:
    """Send and receive until either end is done."""
    both = [
        asyncio.create_task(_write(websocket, outbox), name="watcher"),
        asyncio.create_task(_read(websocket, receive), name="watcher's messages"),
    ]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        for done in await asyncio.gather(*both, return_exceptions=True):
            if isinstance(done, Exception):  # a bug, which costs this reader only
                log.error("a WebSocket failed", exc_info=done)


async def _read(websocket: WebSocket, receive: Callable[[str | bytes], None]) -> None:
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        raw = message.get("text")
        receive(message.get("bytes") or b"" if raw is None else raw)


async def _write(websocket: WebSocket, outbox: Outbox) -> None:
    try:
        async for batch in outbox:
            async with asyncio.timeout(UNREAD_S):
                await websocket.send_text(batch)
        if websocket.application_state is WebSocketState.CONNECTED:
            await websocket.close(*CLOSING[outbox.dropped])
    except TimeoutError:
        outbox.drop("slow")
    except WebSocketDisconnect:
        outbox.close()
