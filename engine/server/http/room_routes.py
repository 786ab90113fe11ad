"""HTTP endpoints of rooms: make one, take a seat, observe, and the WebSocket of a seat."""

from __future__ import annotations

import asyncio
import re

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.errors import BadMessage
from engine.protocol import room_messages
from engine.server.hub import Hub
from engine.server.lan.qr import code
from engine.server.limits.quota import QuotaExceeded, address_of
from engine.server.rooms.closed import RoomClosed
from engine.server.rooms.registry import wanted
from engine.server.rooms.room import Room, SeatGranted
from engine.server.sessions.outbox import Outbox

from .bodies import read_body
from .origin import base_url, ports_of, redirection, same_origin
from .problems import Problem, as_problem
from .websocket_exchange import exchange

BASE = re.compile(r"https?://[\w.:/~%\[\]-]{1,200}")
"""Addresses of a page."""

ENTER_S = 10.0
"""How long a page may take to send its seat."""


async def make(request: Request) -> Response:
    """Make a room and take its first seat: 201, with the room, the seat and its URL."""
    hub = _authorized_hub(request)
    asked = wanted(await read_body(request))
    refusal = hub.refusal()
    if refusal is not None:
        raise Problem(503, f"{refusal.why}", {"retry-after": str(refusal.retry_s)}, refusal.reason)
    made = hub.rooms.make(asked.mode, asked.role, address_of(request.scope.get("client")))
    _recognise(request, hub, hub.rooms.find(made.room), made)
    return _seat_response(request, hub, made)


async def admit(request: Request) -> Response:
    """Take the free seat of a room: 201.

    409 when both are taken, 410 when the call is over, 404 when there is no such room.
    """
    hub = _authorized_hub(request)
    room = _room(request, hub)
    granted = room.admit(hub.placement.worker)
    _recognise(request, hub, room, granted)
    return _seat_response(request, hub, granted)


async def qr(request: Request) -> Response:
    """Return the QR code of a room's link: its `size` in modules, and the SVG `path` of the dark ones.

    The query's `base` is the page's address as the link has it. 422 without one, 404 without such a room.
    """
    hub: Hub = request.app.state.hub
    _room(request, hub)
    base = request.query_params.get("base", "")
    if not BASE.fullmatch(base):
        raise Problem(422, "base must be the address of the page, such as https://192.168.1.20:8443/")
    drawn = await asyncio.to_thread(code, f"{base}#room={request.path_params['id']}")
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(drawn._asdict()), headers=headers, media_type="application/json")


async def observe(request: Request) -> Response:
    """Ask to observe a call of two: 201; both speakers are asked once the page has entered.

    409 when there is no call yet or it has enough observers, 410 when it is over, 404 without such a room.
    """
    hub = _authorized_hub(request)
    room = _room(request, hub)
    return _seat_response(request, hub, room.observe(hub.placement.worker))


async def live(websocket: WebSocket) -> None:
    """Serve a page in its seat: it sends `enter` first, then gets the room's state whenever that changes."""
    try:
        hub = _authorized_hub(websocket)
        room = _room(websocket, hub)
    except (Problem, RoomClosed) as error:
        await websocket.send_denial_response(as_problem(error).response())
        return
    await websocket.accept()
    entering = await _first_message(websocket)
    member = room.guest(entering.seat) if entering is not None else None
    if entering is None or member is None:
        await websocket.close(4403, "no such seat: take one by POST /rooms/{id}/seats")
        return
    outbox = Outbox(commands=False)
    try:
        room.enter(member, outbox, entering.call)
    except QuotaExceeded as crowded:
        await websocket.close(1013, str(crowded))
        return
    try:
        await exchange(websocket, outbox, lambda raw: room.receive(member, raw, outbox))
    finally:
        room.page_left(member, outbox)


async def _first_message(websocket: WebSocket) -> room_messages.Enter | None:
    """Return the first message of a page; None where it is missing or not `enter`."""
    try:
        async with asyncio.timeout(ENTER_S):
            message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        entering = room_messages.decode(message.get("text") or message.get("bytes") or b"")
    except (TimeoutError, BadMessage):
        return None
    return entering if isinstance(entering, room_messages.Enter) else None


def _recognise(request: Request, hub: Hub, room: Room, granted: SeatGranted) -> None:
    """Note whose takes a seat's side of the call becomes: nobody has both seats of a call."""
    member, person = room.member(granted.seat), hub.record.identity.person(request)
    if member is not None and person not in [other.person for other in room.members]:
        member.person = person


def _seat_response(request: Request, hub: Hub, made: SeatGranted) -> Response:
    location = f"{base_url(request, hub.placement.address)}rooms/{made.room}"
    headers = {"location": location, "cache-control": "no-store"}
    return Response(msgspec.json.encode(made), 201, headers, media_type="application/json")


def _authorized_hub(connection: HTTPConnection) -> Hub:
    hub: Hub = connection.app.state.hub
    same_origin(connection, ports_of(hub.placement.addresses))
    return hub


def _room(connection: HTTPConnection, hub: Hub) -> Room:
    """Return the room in a request's path.

    Raises
    ------
    Problem
        307 to the worker that has it.
    RoomClosed
        It is over, or never was.
    """
    room_id = connection.path_params["id"]
    home = hub.home(room_id)
    if home is not None:
        raise redirection(connection, home)
    return hub.rooms.find(room_id)
