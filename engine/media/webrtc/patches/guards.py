"""Fixes for aiortc and aioice: hold tasks, offer loopback, and survive whatever arrives."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import aioice.ice
import aiortc
from aiortc import RTCDataChannel, RTCPeerConnection

from .log_limit import LogLimiter
from .sctp import SctpGuard

AIORTC = str(Path(aiortc.__file__).parent)

log = logging.getLogger(__name__)
_limited_log = LogLimiter(log)

_held: set[asyncio.Future[Any]] = set()


def hold_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Hold every task of a loop until it is done.

    aiortc starts tasks and drops the reference (``asyncio.ensure_future``), while a loop refers
    to its tasks only weakly: a pending one can be garbage-collected. Their errors (mostly sends
    after the far end has shut down) are never retrieved either, and asyncio would print
    tracebacks; they are logged instead. The heartbeat notices what such an error means for a
    call. A loop with a task factory of its own is left unchanged.
    """
    if loop.get_task_factory() is None:
        loop.set_task_factory(_task_factory)  # type: ignore[arg-type]


def _task_factory(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
    _held.add(task)
    task.add_done_callback(_forget_task)
    return task


def _forget_task(task: asyncio.Task[Any]) -> None:
    _held.discard(task)
    code = getattr(task.get_coro(), "cr_code", None)
    if code is not None and code.co_filename.startswith(AIORTC) and not task.cancelled():
        error = task.exception()
        if error is not None:
            log.info("in a task of aiortc: %s: %r", code.co_name, error)


def include_loopback() -> None:
    """Offer 127.0.0.1 as a candidate where a machine has no other address.

    aioice always leaves loopback out; offline, that leaves no candidate.
    """
    addresses: Callable[..., list[str]] = aioice.ice.get_host_addresses
    if getattr(addresses, "with_loopback", False):
        return

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]

    with_loopback.with_loopback = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = with_loopback


def harden(connection: RTCPeerConnection, broken: Callable[[str], None], clock: Callable[[], float]) -> None:
    """Keep malformed packets from ending a connection; call once the remote description is set.

    An error would end the task that receives all packets:

    * SCTP is checked before aiortc gets it (:class:`SctpGuard`); ``broken`` is called with the reason
      when the far end is cut off. ``clock`` gives monotonic seconds.
    * RTP and RTCP that decrypt but that aiortc fails to parse are dropped.
    """
    transports = {transceiver.receiver.transport for transceiver in connection.getTransceivers()}
    if connection.sctp is not None:
        transports.add(connection.sctp.transport)
        SctpGuard(connection.sctp, broken, clock)
    for transport in transports:
        for name in ("_handle_rtp_data", "_handle_rtcp_data"):
            setattr(transport, name, _guarded(getattr(transport, name)))


def _guarded(handle: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    async def guarded(*arrived: Any, **more: Any) -> None:
        try:
            await handle(*arrived, **more)
        except ConnectionError:
            raise  # the connection is closed
        except Exception as error:
            _limited_log.log("RTP or RTCP was dropped: %s: %s", type(error).__name__, error)

    return guarded


def unacknowledged(channel: RTCDataChannel) -> int:
    """Return how much sent on a data channel the far end has not acknowledged: bytes, and SCTP's chunks.

    ``bufferedAmount`` counts only what wasn't handed to SCTP yet.
    """
    transport = channel.transport
    queues = getattr(transport, "_outbound_queue", ()), getattr(transport, "_sent_queue", ())
    return int(channel.bufferedAmount) + sum(map(len, queues))
