"""Rooms of a server: who may come in, who is there, and when it is over."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

import msgspec
from msgspec import Struct

from engine import rooms as say
from engine import wire
from engine.errors import BadMessage, SottovoceError, UsageError
from engine.media.clips import Clips
from engine.profile import Profile

from .allowance import PATIENCE
from .line import Line, Seat
from .outbox import Outbox

if TYPE_CHECKING:
    from .live import LiveSession

MOST_ROOMS = 1000
"""So many at once, waiting ones too: a link costs little, but not nothing."""

LINK_S = 3600.0
"""How long a link lets somebody in."""

AFTER_S = 900.0
"""How long what was shared and noted can still be exchanged when the call is over."""

REMEMBERED = 1000
"""Rooms that are over for good, of which who opens the link is told so."""

NOISE_S, NOISES = 4.0, 3
"""Length of a distraction, and how many different ones there are of each kind."""

GONE: dict[say.Over, str] = {
    "left": "This call is over: one of the two has ended it.",
    "host_left": "This call is over: whoever made the link has left.",
    "lost": "This call is over: one of the two lost the connection and did not return.",
    "expired": "This link is too old: nobody came in time. Ask for another one.",
    "shutdown": "This call is over: the server was stopped.",
}


class Closed(SottovoceError):
    """Nobody can come in: ``reason`` is why the room is over, or ``full``; None where none ever was."""

    def __init__(self, message: str, reason: str | None) -> None:
        super().__init__(message)
        self.reason = reason


class Made(Struct, frozen=True, kw_only=True):
    """Answer to who made a room or was let in: all that a page needs to enter."""

    room: str
    seat: str
    """Whoever has it sits there: to be kept."""

    beside: str | None = None
    """The other seat, for the sound of a call that runs elsewhere; only where that was asked for."""


class Member:
    """A seat of a room, taken or not."""

    def __init__(self, role: say.Role, core: Seat) -> None:
        self.role = role
        self.core = core
        self.token: str | None = None
        """Of whoever took the seat."""
        self.outbox: Outbox | None = None
        """Of their page while it is connected."""
        self.gone_s = 0.0
        """Since when it isn't."""
        self.agreed = self.analysed = self.shares = False
        self.session: LiveSession | None = None
        """The engine's session with them, while there is one."""

    def state(self) -> say.Person | None:
        """As both are told; None while nobody has come."""
        if self.token is None:
            return None
        return say.Person(
            role=self.role,
            here=self.outbox is not None,
            agreed=self.agreed,
            analysed=self.analysed,
            shares=self.shares,
        )


class Room:
    """Two seats, one call.

    It is over when someone leaves, or is away for longer than ``away_s``, or nobody comes.
    What the engine measured is told to each in their own session's summary.
    """

    def __init__(
        self,
        room_id: str,
        mode: say.Mode,
        host: say.Role,
        profiles: Callable[[say.Role], Profile],
        clock: Callable[[], float],
        *,
        away_s: float,
        clips: Clips,
    ) -> None:
        other: say.Role = {"interviewer": "candidate", "candidate": "interviewer"}.get(host, "partner")  # type: ignore[assignment]
        self.id = room_id
        self.mode = mode
        self.line = Line((profiles(host), profiles(other)), clock)
        self.members = (Member(host, self.line.seats[0]), Member(other, self.line.seats[1]))
        self.over: say.Over | None = None
        self._by: Literal[0, 1] | None = None
        self._over_s = 0.0
        self._call = 0
        self._clock = clock
        self._away_s = away_s
        self._clips = clips
        self._until_s = clock() + LINK_S
        self._sheet: say.Sheet | None = None
        self._given: set[str] = set()

    # --- coming and going -------------------------------------------------------

    def admit(self, worker: str) -> Made:
        """Give a free seat away.

        Raises
        ------
        Closed
            Both are taken, the link is too old, or the call is over.
        """
        if self.over is not None:
            raise Closed(GONE[self.over], self.over)
        for member in self.members:
            if member.token is None:
                member.token = f"{worker}.{secrets.token_urlsafe(24)}"
                member.gone_s = self._clock()
                self._tell()
                return Made(room=self.id, seat=member.token)
        raise Closed("Both seats of this call are taken. Ask for a link of your own.", "full")

    def member(self, token: str) -> Member | None:
        """Whoever has this seat."""
        for member in self.members:
            if member.token is not None and hmac.compare_digest(member.token.encode(), token.encode()):
                return member
        return None

    def enter(self, member: Member, outbox: Outbox) -> None:
        """Connect a page to its seat; one that was there before gives way."""
        before, member.outbox = member.outbox, outbox
        if before is not None:
            before.put(
                wire.Ended(reason="replaced", message="Your seat is on another page.", can_resume=False)
            )
            before.close()
        self._anew()

    def left(self, member: Member, outbox: Outbox) -> None:
        """Learn that a page is gone; its seat is kept for a while."""
        if member.outbox is outbox:
            member.outbox = None
            member.gone_s = self._clock()
            self._tell()

    def receive(self, member: Member, raw: str | bytes, reply: Outbox) -> None:
        """Take one message of a page in its seat."""
        left = reply.allowance.take(len(raw) // 8, self._clock())
        if left < 0:
            if left < -PATIENCE:
                reply.drop("flooding")
            return
        try:
            self._heed(member, say.decode(raw), reply)
        except BadMessage as error:
            code = cast(Literal["bad_message", "too_long"], error.code)
            reply.put(wire.Error(code=code, message=str(error)))
        except UsageError as error:
            reply.put(wire.Error(code="not_allowed", message=str(error)))

    def tick(self) -> None:
        """Notice who didn't come, and who didn't return."""
        now_s = self._clock()
        if self.over is not None:
            return
        if self.members[1].token is None and now_s > self._until_s:
            self.end("expired")
        present = self.members[:1] if self.mode == "beside" else self.members
        for place, member in enumerate(present):
            away = member.token is not None and member.outbox is None
            if away and now_s - member.gone_s > self._away_s:
                waiting = self.members[1].token is None
                self.end("host_left" if waiting else "lost", cast(Literal[0, 1], place))

    def end(self, why: say.Over, by: Literal[0, 1] | None = None) -> None:
        """End the call: each gets what was measured of them, on their own connection."""
        if self.over is not None:
            return
        self.over, self._by, self._over_s = why, by, self._clock()
        self.line.finish()
        for member in self.members:
            if member.session is not None:
                member.session.end("shutdown" if why == "shutdown" else "asked")
        self._exchange()
        self._tell()

    @property
    def done(self) -> bool:
        """Whether it can be forgotten: it is over, and nobody is there or it has been for long."""
        deserted = all(member.outbox is None for member in self.members)
        return self.over is not None and (deserted or self._clock() - self._over_s > AFTER_S)

    def close(self) -> None:
        """Let go of the pages."""
        for member in self.members:
            if member.outbox is not None:
                member.outbox.close()

    # --- what is said -----------------------------------------------------------

    def _heed(self, member: Member, message: say.FromPage, reply: Outbox) -> None:
        other = self.members[1 - self.members.index(member)]
        match message:
            case wire.Ping():
                reply.put_text(wire.encode(wire.Pong(id=message.id)), False)
            case say.Agree():
                self._agree(member, message.analysed)
            case say.Relay():
                if message.call == self._call and other.outbox is not None:
                    self._put(other, message)
            case say.Leave():
                self.end("host_left" if member is self.members[0] else "left", self._place(member))
            case say.Share():
                member.shares = message.on
                self._exchange()
                self._tell()
            case say.Enter():
                raise UsageError("this page has its seat already")
            case say.Ask() | say.Disturb() | say.Sheet():
                if member.role != "interviewer":
                    raise UsageError("only the interviewer can do this")
                self._conduct(member, other, message)

    def _conduct(self, member: Member, other: Member, message: say.Ask | say.Disturb | say.Sheet) -> None:
        """Do what an interviewer wants."""
        match message:
            case say.Ask():
                self._put(other, say.Asked(text=message.text))
            case say.Disturb():
                if other.session is None or not other.session.hears:
                    raise UsageError("the candidate's page can't be heard to: they are not analysed, or away")
                samples = self._clips.sound(message.sound, NOISE_S, secrets.randbelow(NOISES))
                other.session.drill.disturb(samples)
                self._put(member, say.Disturbed(sound=message.sound))
            case say.Sheet():
                unknown = [skill for skill in message.ratings if skill not in say.SKILLS]
                if unknown:
                    raise UsageError(f"no skill {unknown[0]!r}; there are {', '.join(say.SKILLS)}")
                self._sheet = message
                self._exchange()

    def _agree(self, member: Member, analysed: bool) -> None:
        if analysed and self.over is not None:
            raise UsageError(GONE[self.over])
        began, member.agreed, member.analysed = not member.agreed, True, analysed
        if not analysed and member.session is not None:
            member.session.end("asked")
        if began:
            self._anew()
        else:
            self._tell()

    def _exchange(self) -> None:
        """When it is over: give each what the other shares, once."""
        if self.over is None:
            return
        for place, member in enumerate(self.members):
            other = self.members[1 - place]
            if member.shares and other.outbox is not None and f"measures {place}" not in self._given:
                self._given.add(f"measures {place}")
                self._put(other, say.Shared(summary=member.core.summary()))
        if self._sheet is not None and all(member.shares for member in self.members):
            candidate = next(member for member in self.members if member.role != "interviewer")
            if candidate.outbox is not None:
                self._put(candidate, self._sheet)
                self._sheet = None

    def _anew(self) -> None:
        """Have both call each other, when both are there and have agreed."""
        if all(member.outbox is not None and member.agreed for member in self.members) and self.over is None:
            self._call += 1
        self._tell()

    def _tell(self) -> None:
        open_s = self._until_s - self._clock()
        closed = self.over is not None or self.members[1].token is not None
        people = [member.state() for member in self.members]
        for place, member in enumerate(self.members):
            if member.outbox is not None:
                self._put(
                    member,
                    say.Room(
                        you=cast(Literal[0, 1], place),
                        mode=self.mode,
                        people=people,
                        call=self._call,
                        away_s=self._away_s,
                        open_s=0.0 if closed else round(max(0.0, open_s), 1),
                        over=self.over,
                        by=self._by,
                    ),
                )

    def _place(self, member: Member) -> Literal[0, 1]:
        return 0 if member is self.members[0] else 1

    @staticmethod
    def _put(member: Member, message: say.ToPage) -> None:
        if member.outbox is not None:
            member.outbox.put_text(say.encode(message), False)


class Rooms:
    """All rooms of a server.

    Parameters
    ----------
    profiles : by name; each role has one of :data:`engine.rooms.PROFILES`.
    worker : of this process, as in the ids of sessions.
    """

    def __init__(
        self,
        profiles: dict[str, Profile],
        clock: Callable[[], float],
        *,
        worker: str,
        away_s: float,
        clips: Clips,
    ) -> None:
        self._profiles = profiles
        self._clock = clock
        self._worker = worker
        self._away_s = away_s
        self._clips = clips
        self._rooms: dict[str, Room] = {}
        self._gone: dict[str, say.Over] = {}
        self._forgotten: deque[str] = deque()

    def make(self, mode: say.Mode, host: say.Role) -> Made:
        """Make a room, and sit in it.

        Raises
        ------
        UsageError
            The role doesn't fit.
        Closed
            There are too many.
        """
        if (mode == "interview") == (host == "partner"):
            raise UsageError("an interview has an interviewer and a candidate, any other call two partners")
        if len(self._rooms) >= MOST_ROOMS:
            raise Closed("Too many calls are waiting on this server; try again in some minutes.", "busy")
        room = Room(
            f"{self._worker}.{secrets.token_urlsafe(18)}",
            mode,
            host,
            lambda role: self._profiles[say.PROFILES[role]],
            self._clock,
            away_s=self._away_s,
            clips=self._clips,
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
        raise Closed("There is no such call, or it was over long ago. Ask for another link.", None)

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
        raise Closed("There is no such call, or it was over long ago. Ask for another link.", None)

    def tick(self) -> None:
        """Have every room notice what didn't happen; forget those that are done."""
        for room in list(self._rooms.values()):
            room.tick()
            if room.done and room.over is not None:
                room.close()
                del self._rooms[room.id]
                self._gone[room.id] = room.over
                self._forgotten.append(room.id)
                if len(self._forgotten) > REMEMBERED:
                    del self._gone[self._forgotten.popleft()]

    def close(self) -> None:
        """End them all."""
        for room in self._rooms.values():
            room.end("shutdown")
            room.close()
        self._rooms.clear()

    def __len__(self) -> int:
        return len(self._rooms)


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``POST /rooms`` is asked."""

    mode: say.Mode = "free"
    role: say.Role = "partner"
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
    except msgspec.DecodeError as error:
        raise UsageError(
            f'not understood ({error}); send for example {{"mode": "interview", "role": "interviewer"}}'
        ) from error
