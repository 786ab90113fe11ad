"""All rooms of a server: made, found by their ids and seats, and forgotten."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import Struct

from engine.errors import UsageError
from engine.profile import Profile
from engine.protocol import room_messages
from engine.server.limits.quota import MAX_OPEN_ROOMS, Quota
from engine.server.sessions.heartbeat import run_isolated

from .closed import NO_SUCH_ROOM, OVER_TEXTS, RoomClosed
from .people import Member
from .room import Room, SeatGranted

MAX_ROOMS = 1000
"""Rooms at once, those that wait for the second speaker included."""

MAX_REMEMBERED = 1000
"""Rooms that are over, for which a page that opens the link is still told why."""


class Rooms:
    """All rooms of a server.

    Parameters
    ----------
    profiles : by name; each role has one of :data:`engine.protocol.room_messages.PROFILES`.
    worker : of this process, as in the ids of sessions.
    """

    def __init__(
        self,
        profiles: dict[str, Profile],
        clock: Callable[[], float],
        quota: Quota,
        *,
        worker: str,
        away_s: float,
    ) -> None:
        self._profiles = profiles
        self._clock = clock
        self._quota = quota
        self._worker = worker
        self._away_s = away_s
        self._rooms: dict[str, Room] = {}
        self._gone: dict[str, room_messages.Over] = {}
        self._forgotten: deque[str] = deque()

    def make(self, mode: room_messages.Mode, host: room_messages.Role, address: str = "") -> SeatGranted:
        """Make a room, and grant its first seat. ``address`` is the network address that it counts for.

        Raises
        ------
        UsageError
            The role doesn't fit.
        RoomClosed
            There are too many.
        QuotaExceeded
            The address has made too many.
        """
        if (mode == "interview") == (host == "partner"):
            raise UsageError("an interview has an interviewer and a candidate, any other call two partners")
        if len(self._rooms) >= MAX_ROOMS:
            raise RoomClosed("Too many calls are waiting on this server; try again in some minutes.", "busy")
        theirs = sum(room.address == address and room.over is None for room in self._rooms.values())
        self._quota.check_held(theirs, MAX_OPEN_ROOMS, "calls of two that go on")
        room = Room(
            f"{self._worker}.{secrets.token_urlsafe(18)}",
            mode,
            host,
            lambda role: self._profiles[room_messages.PROFILES[role]],
            self._clock,
            away_s=self._away_s,
            address=address,
        )
        self._rooms[room.id] = room
        made = room.admit(self._worker)
        if mode != "beside":
            return made
        other = room.members[1]
        other.agreed = other.analysed = True  # by sharing the sound of the call
        return msgspec.structs.replace(made, beside=room.admit(self._worker).seat)

    def find(self, room_id: str) -> Room:
        """Room by its id.

        Raises
        ------
        RoomClosed
            It is over for good, or never was.
        """
        room = self._rooms.get(room_id)
        if room is not None:
            return room
        why = self._gone.get(room_id)
        if why is not None:
            raise RoomClosed(OVER_TEXTS[why], why)
        raise RoomClosed(NO_SUCH_ROOM, None)

    def seat(self, token: str) -> tuple[Room, Member]:
        """Room and seat of a token.

        Raises
        ------
        RoomClosed
            Nobody has it, or the call is over.
        """
        for room in self._rooms.values():
            member = room.member(token)
            if member is not None:
                if room.over is not None:
                    raise RoomClosed(OVER_TEXTS[room.over], room.over)
                return room, member
        raise RoomClosed(NO_SUCH_ROOM, None)

    def tick(self) -> None:
        """Let every room notice what did not happen; forget those that are done."""
        for room in list(self._rooms.values()):
            run_isolated("a room", partial(self._tend, room), partial(self._give_up, room))

    def _tend(self, room: Room) -> None:
        room.tick()
        if room.done and room.over is not None:
            self._forget(room, room.over)
            room.close()

    def _give_up(self, room: Room) -> None:
        """Give up a room that failed: tell its pages, as far as that is possible, and disconnect them."""
        self._forget(room, "failed")
        try:
            room.end("failed")
        finally:
            room.close()

    def _forget(self, room: Room, over: room_messages.Over) -> None:
        self._rooms.pop(room.id, None)
        self._gone[room.id] = over
        self._forgotten.append(room.id)
        if len(self._forgotten) > MAX_REMEMBERED:
            del self._gone[self._forgotten.popleft()]

    def close(self) -> None:
        """End them all."""
        for room in self._rooms.values():
            run_isolated("a room", partial(room.end, "shutdown"), room.close)
            room.close()
        self._rooms.clear()

    def __len__(self) -> int:
        return len(self._rooms)


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /rooms`` is asked."""

    mode: room_messages.Mode = "free"
    role: room_messages.Role = "partner"
    """Role of the speaker who asks."""


def wanted(body: bytes) -> Wanted:
    """Read the body of ``POST /rooms``; an empty one is a free call.

    Raises
    ------
    UsageError
        Says what would have worked.
    """
    try:
        return msgspec.json.decode(body, type=Wanted) if body.strip() else Wanted()
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(
            f'not understood ({error}); send for example {{"mode": "interview", "role": "interviewer"}}'
        ) from error
