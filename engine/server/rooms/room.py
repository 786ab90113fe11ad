"""A room: who may come in, who is there, what they say to each other, and when it is over."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

from msgspec import Struct
from msgspec.structs import replace

from engine.errors import BadMessage, SottovoceError, UsageError
from engine.profile import Profile
from engine.protocol import messages, room_messages
from engine.server.limits.message_allowance import TOLERATED_EXCESS
from engine.server.limits.quota import OBSERVE_REQUESTS, SEAT_ENTRIES, QuotaExceeded, TokenBucket
from engine.server.sessions.outbox import Outbox

from .shared_timeline import SeatCore, SharedTimeline

if TYPE_CHECKING:
    from engine.server.sessions.live_session import LiveSession

LINK_S = 3600.0
"""How long a link lets somebody in."""

AFTER_S = 900.0
"""How long what was shared and noted can still be exchanged when the call is over."""

MOST_OBSERVERS = 2
"""Who listen silently, or ask to: each costs the browsers of the two another connection."""

GONE: dict[room_messages.Over, str] = {
    "left": "This call is over: one of the two has ended it.",
    "host_left": "This call is over: whoever made the link has left.",
    "lost": "This call is over: one of the two lost the connection and did not return.",
    "expired": "This link is too old: nobody came in time. Ask for another one.",
    "shutdown": "This call is over: the server was stopped.",
    "failed": "This call is over: the engine failed in it. Make another link.",
}


SEATED = "this page has its seat already"

DISMISSED = "You don't listen to this call any more."

NOWHERE = "There is no such call, or it was over long ago. Ask for another link."


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


class Guest:
    """Somebody in a room, by their page."""

    token: str | None = None
    """Of whoever took this place."""

    outbox: Outbox | None = None
    """Of their page while it is connected."""

    gone_s = 0.0
    """Since when it isn't."""

    def __init__(self) -> None:
        self.entries = TokenBucket(SEAT_ENTRIES)
        """Pages that may still enter here."""


class Observer(Guest):
    """Somebody who listens silently, once both have agreed."""

    def __init__(self, place: int, token: str, gone_s: float) -> None:
        super().__init__()
        self.place = place
        self.token = token
        self.gone_s = gone_s
        self.accepted = [False, False]
        self.calls = 0
        """How often both have called them so far."""

    @property
    def call(self) -> int:
        """Number of the call with them; 0 for none."""
        return self.calls if all(self.accepted) and self.outbox is not None else 0

    def state(self) -> room_messages.Observer:
        """As all are told."""
        return room_messages.Observer(
            place=self.place,
            here=self.outbox is not None,
            accepted=(self.accepted[0], self.accepted[1]),
            call=self.call,
        )


class Member(Guest):
    """A seat of a room, taken or not."""

    def __init__(self, role: room_messages.Role, core: SeatCore) -> None:
        super().__init__()
        self.role = role
        self.core = core
        self.agreed = self.analysed = self.shares = False
        self.has_left = False
        """Whether they left and the call goes on for the other one."""
        self.measured: room_messages.Shared | None = None
        """What was measured of them, once the call is over: to be shared, until they delete it."""
        self.given: set[str] = set()
        """What of the other one's this page has been given when it was over."""
        self.session: LiveSession | None = None
        """The engine's session with them, while there is one."""

    def state(self) -> room_messages.Person | None:
        """As both are told; None while nobody has come."""
        if self.token is None:
            return None
        return room_messages.Person(
            role=self.role,
            here=self.outbox is not None,
            agreed=self.agreed,
            analysed=self.analysed,
            shares=self.shares,
            left=self.has_left,
        )


class Room:
    """Two seats, one call.

    It is over when someone leaves, or is away for longer than ``away_s``, or nobody comes.
    What the engine measured is told to each in their own session's summary.
    """

    def __init__(
        self,
        room_id: str,
        mode: room_messages.Mode,
        host: room_messages.Role,
        profiles: Callable[[room_messages.Role], Profile],
        clock: Callable[[], float],
        *,
        away_s: float,
        address: str = "",
    ) -> None:
        other: room_messages.Role = {"interviewer": "candidate", "candidate": "interviewer"}.get(
            host, "partner"
        )  # type: ignore[assignment]
        self.id = room_id
        self.mode = mode
        self.address = address
        """Whom it counts for; see :mod:`.quota`."""
        self.timeline = SharedTimeline((profiles(host), profiles(other)), clock)
        self.members = (Member(host, self.timeline.cores[0]), Member(other, self.timeline.cores[1]))
        self.over: room_messages.Over | None = None
        self._by: Literal[0, 1] | None = None
        self._over_s = 0.0
        self._call = 0
        self._clock = clock
        self._away_s = away_s
        self._until_s = clock() + LINK_S
        self._sheet: room_messages.Sheet | None = None
        self._observers: dict[int, Observer] = {}
        self._knocks = TokenBucket(OBSERVE_REQUESTS)
        self._next_place = len(self.members)

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

    def observe(self, worker: str) -> Made:
        """Let somebody ask to listen silently: they hear nothing until both have agreed.

        Raises
        ------
        Closed
            There is no call of two to listen to, or enough do already.
        QuotaExceeded
            The two have been asked often enough lately.
        """
        if self.over is not None:
            raise Closed(GONE[self.over], self.over)
        if self.mode == "beside" or any(member.token is None for member in self.members):
            raise Closed("There is no call of two here to listen to.", "empty")
        if len(self._observers) >= MOST_OBSERVERS:
            raise Closed("As many listen to this call as can. Ask for a link of your own.", "full")
        wait_s = self._knocks.take_token(self._clock())
        if wait_s:
            raise QuotaExceeded("too many have asked to listen to this call", wait_s)
        place, self._next_place = self._next_place, self._next_place + 1
        token = f"{worker}.{secrets.token_urlsafe(24)}"
        self._observers[place] = Observer(place, token, self._clock())
        return Made(room=self.id, seat=token)

    def guest(self, token: str) -> Member | Observer | None:
        """Whoever has this seat, or listens with this token."""
        guests: list[Member | Observer] = [*self.members, *self._observers.values()]
        for guest in guests:
            if guest.token is not None and hmac.compare_digest(guest.token.encode(), token.encode()):
                return guest
        return None

    def member(self, token: str) -> Member | None:
        """Whoever has this seat."""
        guest = self.guest(token)
        return guest if isinstance(guest, Member) else None

    def enter(self, member: Member | Observer, outbox: Outbox, call: int = 0) -> None:
        """Connect a page to its seat; one that was there before gives way.

        Voices go on where they do: unless the page's connection to the other one is that of the
        present ``call``, both call each other anew.

        Raises
        ------
        QuotaExceeded
            Pages enter this seat all the time; the one that is there stays.
        """
        wait_s = member.entries.take_token(self._clock())
        if wait_s:
            raise QuotaExceeded("pages enter this seat too often", wait_s)
        before, member.outbox = member.outbox, outbox
        if before is not None:
            before.put_message(
                messages.Ended(reason="replaced", message="Your seat is on another page.", can_resume=False)
            )
            before.close()
        if isinstance(member, Observer):
            member.calls += 1
            self._tell()
            return
        member.given.clear()
        if call and call == self._call:
            self._tell()
        else:
            self._anew()
        self._exchange()

    def left(self, member: Member | Observer, outbox: Outbox) -> None:
        """Learn that a page is gone; its seat is kept for a while."""
        if member.outbox is outbox:
            member.outbox = None
            member.gone_s = self._clock()
            self._tell()

    def receive(self, member: Member | Observer, raw: str | bytes, reply: Outbox) -> None:
        """Take one message of a page in its seat."""
        left = reply.allowance.spend(len(raw) // 8, self._clock())
        if left < 0:
            if left < -TOLERATED_EXCESS:
                reply.drop("flooding")
            return
        try:
            message = room_messages.decode(raw)
            if isinstance(member, Observer):
                self._heed_observer(member, message, reply)
            else:
                self._heed(member, message, reply)
        except BadMessage as error:
            code = cast(Literal["bad_message", "too_long"], error.code)
            reply.put_message(messages.Error(code=code, message=str(error)))
        except UsageError as error:
            reply.put_message(messages.Error(code="not_allowed", message=str(error)))

    def tick(self) -> None:
        """Notice who didn't come, and who didn't return."""
        now_s = self._clock()
        if self.over is not None:
            return
        if self.members[1].token is None and now_s > self._until_s:
            self.end("expired")
        for one in list(self._observers.values()):
            if one.outbox is None and now_s - one.gone_s > self._away_s:
                self._dismiss(one)
        present = self.members[:1] if self.mode == "beside" else self.members
        for place, member in enumerate(present):
            away = member.token is not None and member.outbox is None and not member.has_left
            if away and now_s - member.gone_s > self._away_s:
                waiting = self.members[1].token is None
                self.end("host_left" if waiting else "lost", cast(Literal[0, 1], place))

    def end(self, why: room_messages.Over, by: Literal[0, 1] | None = None) -> None:
        """End the call: each gets what was measured of them, on their own connection."""
        if self.over is not None:
            return
        self.over, self._by, self._over_s = why, by, self._clock()
        self.timeline.finish()
        for member in self.members:
            if member.session is not None:
                member.session.end(why if why in ("shutdown", "failed") else "asked")
            if self.timeline.begun and not member.has_left:
                member.measured = room_messages.Shared(
                    summary=member.core.summary(), results=member.core.results
                )
        self.timeline.forget()
        self._exchange()
        self._tell()

    @property
    def done(self) -> bool:
        """Whether it can be forgotten: it is over, and nobody returned to it or it has been for long."""
        if self.over is None:
            return False
        now_s, over_s = self._clock(), self._over_s
        deserted = all(
            member.outbox is None and now_s - max(over_s, member.gone_s) > self._away_s
            for member in self.members
        )
        return deserted or now_s - over_s > AFTER_S

    def close(self) -> None:
        """Let go of the pages."""
        for guest in (*self.members, *self._observers.values()):
            if guest.outbox is not None:
                guest.outbox.close()

    # --- what is said -----------------------------------------------------------

    def _heed(self, member: Member, message: room_messages.FromPage, reply: Outbox) -> None:
        other = self.members[1 - self.members.index(member)]
        match message:
            case messages.Ping():
                reply.put_text(messages.encode(messages.Pong(id=message.id)), False)
            case room_messages.Agree():
                self._agree(member, message.analysed)
            case room_messages.Relay():
                self._relay(self._place(member), message)
            case room_messages.Admit():
                self._admit(self._place(member), message)
            case room_messages.Leave() if self.over is not None or member.has_left:
                member.measured = None
            case room_messages.Leave(both=False) if other.token is not None and not other.has_left:
                self._step_out(member)
            case room_messages.Leave():
                self.end("host_left" if member is self.members[0] else "left", self._place(member))
            case room_messages.Share():
                member.shares = message.on
                self._exchange()
                self._tell()
            case room_messages.Enter():
                raise UsageError(SEATED)
            case room_messages.Ask() | room_messages.Trigger() | room_messages.Sheet():
                if member.role != "interviewer":
                    raise UsageError("only the interviewer can do this")
                self._conduct(member, other, message)

    def _heed_observer(self, observer: Observer, message: room_messages.FromPage, reply: Outbox) -> None:
        match message:
            case messages.Ping():
                reply.put_text(messages.encode(messages.Pong(id=message.id)), False)
            case room_messages.Relay():
                self._relay(observer.place, message)
            case room_messages.Leave():
                self._dismiss(observer)
            case room_messages.Enter():
                raise UsageError(SEATED)
            case _:
                raise UsageError("who listens silently can do nothing else")

    def _relay(self, by: int, message: room_messages.Relay) -> None:
        """Pass on what two pages need to find each other, if there is a call between them."""
        two = {by, message.peer}
        observer = next((self._observers[place] for place in two if place in self._observers), None)
        call = self._call if observer is None else observer.call
        to = self.members[message.peer] if message.peer in (0, 1) else self._observers.get(message.peer)
        if len(two) == 2 and len(two & {0, 1}) > 0 and call and message.call == call and to is not None:
            self._put(to, replace(message, peer=by))

    def _admit(self, by: int, message: room_messages.Admit) -> None:
        """One of the two lets somebody listen, or no more."""
        observer = self._observers.get(message.place)
        if observer is None:
            raise UsageError("nobody listens there, or asks to, any more")
        if not message.on:
            self._dismiss(observer)
            return
        observer.accepted[by] = True
        self._tell()

    def _dismiss(self, observer: Observer) -> None:
        """Somebody listens no more."""
        del self._observers[observer.place]
        if observer.outbox is not None:
            observer.outbox.put_message(messages.Ended(reason="left", message=DISMISSED, can_resume=False))
            observer.outbox.close()
        self._tell()

    def _conduct(
        self,
        member: Member,
        other: Member,
        message: room_messages.Ask | room_messages.Trigger | room_messages.Sheet,
    ) -> None:
        """Do what an interviewer wants."""
        match message:
            case room_messages.Ask():
                self._put(other, room_messages.Asked(text=message.text))
            case room_messages.Trigger():
                if other.session is None or other.session.ended or self.over is not None:
                    raise UsageError("they can't hear it: the engine doesn't listen to them")
                other.session.commands.trigger(message, lambda answer: self._put(member, answer))
            case room_messages.Sheet():
                unknown = [skill for skill in message.ratings if skill not in room_messages.SKILLS]
                if unknown:
                    raise UsageError(f"no skill {unknown[0]!r}; there are {', '.join(room_messages.SKILLS)}")
                self._sheet = message
                other.given.discard("sheet")
                self._exchange()
                self._tell()

    def _agree(self, member: Member, analysed: bool) -> None:
        if analysed and self.over is not None:
            raise UsageError(GONE[self.over])
        began, member.agreed, member.analysed = not member.agreed, True, analysed
        member.has_left = False
        if not analysed and member.session is not None:
            member.session.end("asked")
        if began:
            self._anew()
        else:
            self._tell()

    def _step_out(self, member: Member) -> None:
        """Let one leave, with what was measured of them; the other one's call goes on."""
        member.has_left, member.agreed = True, False
        if self.timeline.begun:
            member.measured = room_messages.Shared(summary=member.core.summary(), results=member.core.results)
        if member.session is not None:
            member.session.end("asked")
        self._tell()

    def _exchange(self) -> None:
        """When it is over: give each page what the other one shares, once."""
        if self.over is None:
            return
        both = all(member.shares for member in self.members)
        for place, member in enumerate(self.members):
            other = self.members[1 - place]
            due: dict[str, room_messages.ToPage] = {}
            if other.shares and other.measured is not None:
                due["measures"] = other.measured
            if both and self._sheet is not None and member.role != "interviewer":
                due["sheet"] = self._sheet
            for name, message in due.items():
                if member.outbox is not None and name not in member.given:
                    member.given.add(name)
                    self._put(member, message)

    def _anew(self) -> None:
        """Have both call each other, when both are there and have agreed."""
        if all(member.outbox is not None and member.agreed for member in self.members) and self.over is None:
            self._call += 1
        self._tell()

    def _tell(self) -> None:
        open_s = self._until_s - self._clock()
        closed = self.over is not None or self.members[1].token is not None
        people = [member.state() for member in self.members]
        observers = [one.state() for one in self._observers.values()]
        everybody: list[tuple[int, Guest]] = [*enumerate(self.members), *self._observers.items()]
        for place, guest in everybody:
            if guest.outbox is not None:
                self._put(
                    guest,
                    room_messages.Room(
                        you=place,
                        mode=self.mode,
                        people=people,
                        observers=observers,
                        call=0 if any(member.has_left for member in self.members) else self._call,
                        away_s=self._away_s,
                        open_s=0.0 if closed else round(max(0.0, open_s), 1),
                        over=self.over,
                        by=self._by,
                        sheet=self._sheet is not None,
                    ),
                )

    def _place(self, member: Member) -> Literal[0, 1]:
        return 0 if member is self.members[0] else 1

    @staticmethod
    def _put(member: Guest, message: room_messages.ToPage) -> None:
        if member.outbox is not None:
            member.outbox.put_text(room_messages.encode(message), False)
