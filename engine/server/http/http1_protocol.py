"""HTTP/1.1 protocol: uvicorn's, with limits on the size and duration of requests."""

from __future__ import annotations

from functools import partial
from typing import Any

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from engine.server.limits.connection_gate import ConnectionSlot
from engine.server.record.identity import is_here

from .bodies import FILE_TOO_LONG, FILES, MAX_BODY_BYTES, MAX_FILE_BYTES, TOO_LONG
from .guarded_protocol import GuardedProtocol
from .problems import Problem
from .websocket_protocol import LimitedWebSocketProtocol

MAX_BODY_PARTS = 1024
"""Most parts of a body (chunks, or reads): each costs as much as a packet."""

FILE_PART_BYTES = 4096
"""Least mean size of a file's parts, beyond the first :data:`MAX_BODY_PARTS`."""

FILE_BYTES_PER_S = 1 << 20
"""Slowest that a file comes."""

KEEP_ALIVE_S = 5
"""How long a connection may be idle between requests."""

NOT_HTTP = "this is no HTTP/1.1 request (RFC 9112)"
REQUEST_TIMEOUT = "the request did not come to its end in time"
TOO_MANY_WEBSOCKETS = "there are too many WebSockets; try again in a moment"


class LimitedHttp1Protocol(GuardedProtocol, H11Protocol):
    """HTTP/1.1 connection; ``request_s`` limits the time of a header, and again that of its body."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        slot: ConnectionSlot,
        request_s: float,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.conn = self._bounded = _LimitedConnection(h11.SERVER)
        self.ws_protocol_class = partial(LimitedWebSocketProtocol, slot=slot, request_s=request_s)  # type: ignore[assignment]
        self.guard(slot, request_s)
        self._phase: tuple[object, str] | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._bounded.peer = None if self.client is None else self.client[0]
        self._watch_phase()

    def data_received(self, data: bytes) -> None:
        """Process received data."""
        super().data_received(data)
        self._watch_phase()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch_phase()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over to the WebSocket protocol, if a long-lived slot is free."""
        if not self._slot.reserve_long_lived():
            return self._refuse(Problem(503, TOO_MANY_WEBSOCKETS, {"retry-after": "5"}, "full"))
        self._timeouts.stop()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that h11 couldn't parse, or that is too large."""
        self._refuse(self._bounded.refusal or Problem(400, NOT_HTTP))

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: a server may ignore an upgrade (RFC 9110, section 7.8)."""

    def _watch_phase(self) -> None:
        """Set the time limit of the current phase when the phase changes."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        cycle = self.cycle
        if cycle is not None and (cycle.more_body and self.conn.their_state is h11.SEND_BODY):
            phase = "body"
        elif cycle is not None and not cycle.response_complete:
            phase = "answer"
        else:
            phase = "idle" if self.timeout_keep_alive_task is not None else "header"
        if self._phase == (cycle, phase):
            return
        self._phase = (cycle, phase)
        if phase == "answer":
            self._timeouts.suspend()
        elif phase == "idle":  # uvicorn closes idle connections
            self._timeouts.expect(2 * KEEP_ALIVE_S, self._is_late)
        else:
            more_s = self._bounded.file_s if phase == "body" else 0.0
            self._timeouts.expect(self._request_s + more_s, self._is_late)

    def _is_late(self) -> None:
        begun = self.cycle is not None or self.conn.trailing_data[0]
        if begun:
            self._refuse(Problem(408, REQUEST_TIMEOUT))
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Respond with an error, where a response can still be sent, and close."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # stops the application's response
            cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = problem.response()
            headers = [*answer.raw_headers, (b"connection", b"close")]
            known = self.conn.our_state is h11.SEND_RESPONSE  # the request is known
            body = b"" if known and self._bounded.method == b"HEAD" else bytes(answer.body)
            for event in (
                h11.Response(status_code=problem.status, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _LimitedConnection(h11.Connection):
    """h11 connection that refuses bodies that are too long or in too many parts."""

    refusal: Problem | None = None
    method = b""
    """Method of the current request."""

    peer: str | None = None
    """Address of the other end."""

    file_s = 0.0
    """How much longer than others the body of the current request may take to arrive, as it is a file."""

    _bytes = _pieces = 0
    _is_file = False

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self.method, self._bytes, self._pieces = event.method, 0, 0
            self._is_file = event.target.partition(b"?")[0] in FILES and self._is_here(event)
            length = next((int(value) for name, value in event.headers if name == b"content-length"), None)
            self.file_s = (length or MAX_FILE_BYTES) / FILE_BYTES_PER_S if self._is_file else 0.0
            self._bound(length or 0)
        elif isinstance(event, h11.Data):
            self._bytes += len(event.data)
            self._pieces += 1
            parts = MAX_BODY_PARTS + (self._bytes // FILE_PART_BYTES if self._is_file else 0)
            self._bound(self._bytes if self._pieces <= parts else MAX_FILE_BYTES + 1)
        return event

    def _is_here(self, request: h11.Request) -> bool:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        return is_here(self.peer, headers)

    def _bound(self, length: int) -> None:
        if length > (MAX_FILE_BYTES if self._is_file else MAX_BODY_BYTES):
            too_long = FILE_TOO_LONG if self._is_file else TOO_LONG
            self.refusal = Problem(413, too_long)
            raise h11.RemoteProtocolError(too_long, error_status_hint=413)
