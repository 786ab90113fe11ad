"""WebSocket protocol: uvicorn's, with limits on the rate of frames and the duration of the handshake.

Of uvicorn's implementations this is the one without a task and a queue between a frame and the application;
flow control and a limit on frames, which it lacks, are added here.
"""

from __future__ import annotations

from typing import Any

from uvicorn import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from engine.server.limits.connection_gate import ConnectionSlot

from .guarded_protocol import GuardedProtocol
from .websocket_limits import Excess, FrameMeter

NOT_UTF8 = Excess(1007, "text must be UTF-8")

BAD_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class LimitedWebSocketProtocol(GuardedProtocol, WebSocketsSansIOProtocol):
    """WebSocket connection; ``request_s`` limits the time of its handshake."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        *,
        slot: ConnectionSlot,
        request_s: float,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.guard(slot, request_s)
        self._meter: FrameMeter | None = None
        self._unread = False

    def connection_made(self, transport: Any) -> None:
        """Wait for the handshake, which comes next as a whole."""
        super().connection_made(transport)
        self._timeouts.expect(self._request_s, self._is_late)

    def data_received(self, data: bytes) -> None:
        """Process received data, unless it exceeds the limits."""
        if self._meter is None:
            self._meter = FrameMeter(self.loop.time())
            super().data_received(data)
            if not self.handshake_initiated:  # too many headers, or too long ones
                self.transport.write(BAD_HANDSHAKE)
                self.transport.close()
            return
        excess = None if self.transport.is_closing() else self._meter.count(data, self.loop.time())
        if excess is None:
            super().data_received(data)
        else:
            self._fail(excess)

    def send_receive_event_to_app(self) -> None:
        """Pass a message on; text that isn't UTF-8 closes the connection (RFC 6455, section 8.1)."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                return self._fail(NOT_UTF8)
        super().send_receive_event_to_app()

    async def receive(self) -> Any:
        """Return the application's next message."""
        message = await super().receive()
        self._pause_reading_if_unread()
        return message

    async def send(self, message: Any) -> None:
        """Send the application's message; raise ClientDisconnected on a closed connection."""
        if self.close_sent and self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)

    def start_keepalive(self) -> None:
        """Suspend the time limit once the handshake is done."""
        super().start_keepalive()
        self._timeouts.suspend()

    def pause_writing(self) -> None:
        """Stop reading until the peer reads: pongs would pile up."""
        super().pause_writing()
        self._unread = True
        self._pause_reading_if_unread()

    def resume_writing(self) -> None:
        """Read again."""
        super().resume_writing()
        self._unread = False
        if not self.read_paused:
            self.transport.resume_reading()

    def _pause_reading_if_unread(self) -> None:
        if self._unread:
            self.transport.pause_reading()

    def _is_late(self) -> None:
        self.transport.close()

    def _fail(self, why: Excess) -> None:
        self.conn.fail(*why)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": why.code, "reason": why.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
