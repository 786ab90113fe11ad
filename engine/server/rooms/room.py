"""A room: its members, the signalling between their pages, and the state that all are told."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Literal, cast

from msgspec import Struct
from msgspec.structs import replace

from engine.errors import BadMessage, UsageError
from engine.profile import Profile
from engine.protocol import messages, room_messages
from engine.server.limits.message_allowance import TOLERATED_EXCESS
from engine.server.limits.quota import QuotaExceeded
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.outbox import Outbox

from .closed import OVER_TEXTS, RoomClosed
from .observers import Observers
from .people import Guest, Member, Observer
from .shared_timeline import SharedTimeline
from .sharing import Sharing

LINK_S = 3600.0
"""How long a link admits the second speaker."""

AFTER_S = 900.0
"""How long after the call results can still be shared."""

NOT_ASKED = "What others say in another program is not recognised: they were not asked."

SEATED = "this page has its seat already"


class SeatGranted(Struct, frozen=True, kw_only=True):
    """Answer to a page that made a room or was admitted: all that it needs to enter."""

    room: str
    seat: str
    """Secret that allows entering the place."""

    beside: str | None = None
    """Secret of the other seat, for the sound of a call in another application; only in that mode."""


class Room:
    """A call of two speakers.

    It is over when one of them leaves for both, or is away for longer than ``away_s``, or when nobody
    joins in time. Each gets what was measured of them in the summary of their own session.
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
        """Network address that it counts for; see :mod:`engine.server.limits.quota`."""
        self.timeline = SharedTimeline((profiles(host), profiles(other)), clock)
        self.members = (Member(host, self.timeline.cores[0]), Member(other, self.timeline.cores[1]))
        self.over: room_messages.Over | None = None
        self._by: Literal[0, 1] | None = None
        self._over_s = 0.0
        self._call = 0
        self._clock = clock
        self._away_s = away_s
        self._until_s = clock() + LINK_S
        self._sharing = Sharing()
        self._observers = Observers()

    # --- places -------------------------------------------------------

    def admit(self, worker: str) -> SeatGranted:
        """Grant the free seat.

        Raises
        ------
        RoomClosed
            Both are taken, the link is too old, or the call is over.
        """
        if self.over is not None:
            raise RoomClosed(OVER_TEXTS[self.over], self.over)
        for member in self.members:
            if member.token is None:
                member.token = f"{worker}.{secrets.token_urlsafe(24)}"
                member.gone_s = self._clock()
                self._send_state()
                return SeatGranted(room=self.id, seat=member.token)
        raise RoomClosed("Both seats of this call are taken. Ask for a link of your own.", "full")

    def observe(self, worker: str) -> SeatGranted:
        """Admit somebody who asks to listen silently: they hear nothing until both speakers have agreed.

        Raises
        ------
        RoomClosed
            There is no call of two to listen to, or it has as many observers as it may.
        QuotaExceeded
            The two speakers have been asked often enough lately.
        """
        if self.over is not None:
            raise RoomClosed(OVER_TEXTS[self.over], self.over)
        if self.mode == "beside" or any(member.token is None for member in self.members):
            raise RoomClosed("There is no call of two here to listen to.", "empty")
        token = f"{worker}.{secrets.token_urlsafe(24)}"
        self._observers.add(token, self._clock())
        return SeatGranted(room=self.id, seat=token)

    def guest(self, token: str) -> Member | Observer | None:
        """Return the speaker or observer with a token; None where there is none."""
        guests: list[Member | Observer] = [*self.members, *self._observers]
        for guest in guests:
            if guest.token is not None and hmac.compare_digest(guest.token.encode(), token.encode()):
                return guest
        return None

    def member(self, token: str) -> Member | None:
        """Return the speaker with a token; None where there is none."""
        guest = self.guest(token)
        return guest if isinstance(guest, Member) else None

    def enter(self, member: Member | Observer, outbox: Outbox, call: int = 0) -> None:
        """Connect a page to its place, instead of the one that was connected before.

        Unless the page's connection to the other speaker is that of the present ``call``, both connect anew.

        Raises
        ------
        QuotaExceeded
            Pages enter this place too often; the present one stays.
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
            self._send_state()
            return
        member.given.clear()
        if call and call == self._call:
            self._send_state()
        else:
            self._reconnect()
        self._send_shared()

    def page_left(self, member: Member | Observer, outbox: Outbox) -> None:
        """Note that a page has disconnected; its place is kept for a while."""
        if member.outbox is outbox:
            member.outbox = None
            member.gone_s = self._clock()
            self._send_state()

    def receive(self, member: Member | Observer, raw: str | bytes, reply: Outbox) -> None:
        """Handle one message of a page."""
        left = reply.allowance.spend(len(raw) // 8, self._clock())
        if left < 0:
            if left < -TOLERATED_EXCESS:
                reply.drop("flooding")
            return
        try:
            message = room_messages.decode(raw)
            if isinstance(member, Observer):
                self._handle_observer(member, message, reply)
            else:
                self._handle_message(member, message, reply)
        except BadMessage as error:
            code = cast(Literal["bad_message", "too_long"], error.code)
            reply.put_message(messages.Error(code=code, message=str(error)))
        except UsageError as error:
            reply.put_message(messages.Error(code="not_allowed", message=str(error)))

    def seat_session(self, member: Member, session: LiveSession) -> None:
        """Let a live session measure a speaker; all pages are told when words are switched on in it."""
        member.session, session.words.on_switch = session, self._send_state
        if self.mode == "beside" and member is self.members[1]:
            session.words.refusal = NOT_ASKED

    def tick(self) -> None:
        """Notice who has not joined, and who has not returned."""
        now_s = self._clock()
        if self.over is not None:
            return
        if self.members[1].token is None and now_s > self._until_s:
            self.end("expired")
        for one in self._observers:
            if one.outbox is None and now_s - one.gone_s > self._away_s:
                self._dismiss(one)
        present = self.members[:1] if self.mode == "beside" else self.members
        for place, member in enumerate(present):
            away = member.token is not None and member.outbox is None and not member.has_left
            if away and now_s - member.gone_s > self._away_s:
                waiting = self.members[1].token is None
                self.end("host_left" if waiting else "lost", cast(Literal[0, 1], place))

    def end(self, why: room_messages.Over, by: Literal[0, 1] | None = None) -> None:
        """End the call, and the session of each speaker, which sends them their summary."""
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
        self._send_shared()
        self._send_state()

    @property
    def done(self) -> bool:
        """Whether it can be forgotten: it is over, and all have left it or enough time has passed."""
        if self.over is None:
            return False
        now_s, over_s = self._clock(), self._over_s
        deserted = all(
            member.outbox is None and now_s - max(over_s, member.gone_s) > self._away_s
            for member in self.members
        )
        return deserted or now_s - over_s > AFTER_S

    def close(self) -> None:
        """Disconnect all pages."""
        for guest in (*self.members, *self._observers):
            if guest.outbox is not None:
                guest.outbox.close()

    # --- messages -----------------------------------------------------------

    def _handle_message(self, member: Member, message: room_messages.FromPage, reply: Outbox) -> None:
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
                self._send_shared()
                self._send_state()
            case room_messages.Enter():
                raise UsageError(SEATED)
            case room_messages.Ask() | room_messages.Trigger() | room_messages.Sheet():
                if member.role != "interviewer":
                    raise UsageError("only the interviewer can do this")
                self._handle_interviewer(member, other, message)

    def _handle_observer(self, observer: Observer, message: room_messages.FromPage, reply: Outbox) -> None:
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
                raise UsageError("an observer can do nothing else")

    def _relay(self, by: int, message: room_messages.Relay) -> None:
        """Relay signalling between two pages that have a call."""
        two = {by, message.peer}
        observer = next((one for one in self._observers if one.place in two), None)
        call = self._call if observer is None else observer.call
        to = self.members[message.peer] if message.peer in (0, 1) else self._observers.get(message.peer)
        if len(two) == 2 and len(two & {0, 1}) > 0 and call and message.call == call and to is not None:
            to.send(replace(message, peer=by))

    def _admit(self, by: int, message: room_messages.Admit) -> None:
        """Note that a speaker lets somebody listen, or no longer."""
        observer = self._observers.get(message.place)
        if observer is None:
            raise UsageError("nobody listens there, or asks to, any more")
        if not message.on:
            self._dismiss(observer)
            return
        observer.accepted[by] = True
        self._send_state()

    def _dismiss(self, observer: Observer) -> None:
        """End the listening of one observer."""
        self._observers.remove(observer)
        self._send_state()

    def _handle_interviewer(
        self,
        member: Member,
        other: Member,
        message: room_messages.Ask | room_messages.Trigger | room_messages.Sheet,
    ) -> None:
        """Carry out what an interviewer asks for."""
        match message:
            case room_messages.Ask():
                other.send(room_messages.Asked(text=message.text))
                if other.session is not None:
                    other.session.words.question = message.text
            case room_messages.Trigger():
                if other.session is None or other.session.ended or self.over is not None:
                    raise UsageError("they can't hear it: the engine doesn't listen to them")
                other.session.commands.trigger(message, lambda answer: member.send(answer))
            case room_messages.Sheet():
                self._sharing.set_sheet(message, other)
                self._send_shared()
                self._send_state()

    def _agree(self, member: Member, analysed: bool) -> None:
        if analysed and self.over is not None:
            raise UsageError(OVER_TEXTS[self.over])
        began, member.agreed, member.analysed = not member.agreed, True, analysed
        member.has_left = False
        if not analysed and member.session is not None:
            member.session.end("asked")
        if began:
            self._reconnect()
        else:
            self._send_state()

    def _step_out(self, member: Member) -> None:
        """Let one speaker leave, with what was measured of them; the call goes on for the other."""
        member.has_left, member.agreed = True, False
        if self.timeline.begun:
            member.measured = room_messages.Shared(summary=member.core.summary(), results=member.core.results)
        if member.session is not None:
            member.session.end("asked")
        self._send_state()

    def _send_shared(self) -> None:
        """Send each page what the other speaker shares, once the call is over."""
        if self.over is not None:
            self._sharing.send(self.members)

    def _reconnect(self) -> None:
        """Have both pages connect to each other anew, if both are there and have agreed."""
        if all(member.outbox is not None and member.agreed for member in self.members) and self.over is None:
            self._call += 1
        self._send_state()

    def _send_state(self) -> None:
        """Send the state of the room to all pages."""
        open_s = self._until_s - self._clock()
        closed = self.over is not None or self.members[1].token is not None
        people = [member.state() for member in self.members]
        observers = [one.state() for one in self._observers]
        everybody: list[tuple[int, Guest]] = [
            *enumerate(self.members),
            *((one.place, one) for one in self._observers),
        ]
        for place, guest in everybody:
            if guest.outbox is not None:
                guest.send(
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
                        sheet=self._sharing.sheet is not None,
                    ),
                )

    def _place(self, member: Member) -> Literal[0, 1]:
        return 0 if member is self.members[0] else 1
