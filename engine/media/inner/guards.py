"""What aiortc and aioice leave out: tasks held, loopback offered, nothing that arrives ends a connection."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aioice.ice
import aiortc
from aiortc import RTCDataChannel, RTCIceTransport, RTCPeerConnection
from aiortc.rtcsctptransport import WEBRTC_BINARY, WEBRTC_STRING

AIORTC = str(Path(aiortc.__file__).parent)

log = logging.getLogger(__name__)

_running: set[asyncio.Future[Any]] = set()


def keep_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Hold every task of a loop until it is done.

    aiortc starts tasks and forgets them (``asyncio.ensure_future`` with the result
    dropped), while a loop refers to its tasks only weakly: a pending one can be
    collected. Nobody asks for their errors either (something sent after the far end
    has shut down, for the most part), which asyncio would print as tracebacks; they go
    to the log instead. What such an error means for a call, its heartbeat notices.
    A loop that has a task factory of its own is left as it is.
    """
    if loop.get_task_factory() is None:
        loop.set_task_factory(_kept)  # type: ignore[arg-type]


def _kept(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
    _running.add(task)
    task.add_done_callback(_done)
    return task


def _done(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    code = getattr(task.get_coro(), "cr_code", None)
    if code is not None and code.co_filename.startswith(AIORTC) and not task.cancelled():
        error = task.exception()
        if error is not None:
            log.info("in a task of aiortc: %s: %r", code.co_name, error)


def include_loopback() -> None:
    """Let a machine that has no other address be reached on 127.0.0.1.

    aioice leaves loopback out of the candidates always; offline, that leaves none.
    """
    addresses: Callable[..., list[str]] = aioice.ice.get_host_addresses
    if getattr(addresses, "with_loopback", False):
        return

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]

    with_loopback.with_loopback = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = with_loopback


def harden(connection: RTCPeerConnection) -> None:
    """Let nothing that arrives end a connection; to be called once the remote description is set.

    * An empty datagram, which anyone can send to the port, would be an ``IndexError`` in
      the task that receives everything.
    * So would text that is not UTF-8, or a channel opened twice: the first is handed on
      as bytes, the second ignored.
    """
    transports = {transceiver.receiver.transport for transceiver in connection.getTransceivers()}
    sctp = connection.sctp
    if sctp is not None:
        transports.add(sctp.transport)
        receive = sctp._data_channel_receive

        async def tolerant(stream_id: int, pp_id: int, data: bytes) -> None:
            try:
                if pp_id == WEBRTC_STRING and not _is_text(data):
                    pp_id = WEBRTC_BINARY
                await receive(stream_id, pp_id, data)
            except (AssertionError, ValueError, struct.error) as error:
                log.info("ignored on stream %d: %r", stream_id, error)

        sctp._data_channel_receive = tolerant  # type: ignore[method-assign]
    for transport in transports:
        _drop_empty(transport.transport)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _drop_empty(transport: RTCIceTransport) -> None:
    receive = transport._recv

    async def filled() -> bytes:
        while not (data := await receive()):
            log.info("an empty datagram was dropped")
        return data

    transport._recv = filled


def all_arrived(channel: RTCDataChannel) -> bool:
    """Whether the far end has acknowledged all that was sent on a data channel.

    ``bufferedAmount`` knows only what wasn't handed to SCTP yet.
    """
    transport = channel.transport
    waiting = getattr(transport, "_outbound_queue", ()) or getattr(transport, "_sent_queue", ())
    return not channel.bufferedAmount and not waiting
