"""Rooms of a server: made, found by their links and seats, and forgotten."""

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
from engine.server.sessions.heartbeat import ended_alone

from .room import GONE, NOWHERE, Closed, Made, Member, Room

MOST_ROOMS = 1000
"""So many at once, waiting ones too: a link costs little, but not nothing."""

REMEMBERED = 1000
"""Rooms that are over for good, of which who opens the link is told so."""


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

    def make(self, mode: room_messages.Mode, host: room_messages.Role, address: str = "") -> Made:
        """Make a room, and sit in it. ``address`` is whom it counts for.

        Raises
        ------
        UsageError
            The role doesn't fit.
        Closed
            There are too many.
        QuotaExceeded
            The address has made too many.
        """
        if (mode == "interview") == (host == "partner"):
            raise UsageError("an interview has an interviewer and a candidate, any other call two partners")
        if len(self._rooms) >= MOST_ROOMS:
            raise Closed("Too many calls are waiting on this server; try again in some minutes.", "busy")
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
        other.agreed = other.analysed = True  # who shares a sound has agreed for it
        return msgspec.structs.replace(made, beside=room.admit(self._worker).seat)

    def find(self, room_id: str) -> Room:
        """Room by its id.

        Raises
        ------
        Closed
            It is over for good, or never was.
        """
        room = self._rooms.get(room_id)
        if room is not None:
            return room
        why = self._gone.get(room_id)
        if why is not None:
            raise Closed(GONE[why], why)
        raise Closed(NOWHERE, None)

    def seat(self, token: str) -> tuple[Room, Member]:
        """Room and seat of a token.

        Raises
        ------
        Closed
            Nobody has it, or the call is over.
        """
        for room in self._rooms.values():
            member = room.member(token)
            if member is not None:
                if room.over is not None:
                    raise Closed(GONE[room.over], room.over)
                return room, member
        raise Closed(NOWHERE, None)

    def tick(self) -> None:
        """Have every room notice what didn't happen; forget those that are done."""
        for room in list(self._rooms.values()):
            ended_alone("a room", partial(self._tend, room), partial(self._give_up, room))

    def _tend(self, room: Room) -> None:
        room.tick()
        if room.done and room.over is not None:
            self._forget(room, room.over)
            room.close()

    def _give_up(self, room: Room) -> None:
        """Tend it no more: its pages are told as far as that is possible, and let go of."""
        self._forget(room, "failed")
        try:
            room.end("failed")
        finally:
            room.close()

    def _forget(self, room: Room, over: room_messages.Over) -> None:
        self._rooms.pop(room.id, None)
        self._gone[room.id] = over
        self._forgotten.append(room.id)
        if len(self._forgotten) > REMEMBERED:
            del self._gone[self._forgotten.popleft()]

    def close(self) -> None:
        """End them all."""
        for room in self._rooms.values():
            ended_alone("a room", partial(room.end, "shutdown"), room.close)
            room.close()
        self._rooms.clear()

    def __len__(self) -> int:
        return len(self._rooms)


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /rooms`` is asked."""

    mode: room_messages.Mode = "free"
    role: room_messages.Role = "partner"
    """Of whoever asks."""


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
