"""The people of a room: its two speakers, and those who listen silently."""

from __future__ import annotations

from engine.protocol import room_messages
from engine.server.limits.quota import SEAT_ENTRIES, TokenBucket
from engine.server.sessions.live_session import LiveSession
from engine.server.sessions.outbox import Outbox

from .shared_timeline import SeatCore


class Guest:
    """A place of a room, taken or not.

    Attributes
    ----------
    token : secret of the person who has taken the place; None before.
    outbox : of their page while it is connected.
    gone_s : when their page disconnected.
    entries : how often pages may still enter here.
    """

    def __init__(self) -> None:
        self.token: str | None = None
        self.outbox: Outbox | None = None
        self.gone_s = 0.0
        self.entries = TokenBucket(SEAT_ENTRIES)

    def send(self, message: room_messages.ToPage) -> None:
        """Send a message to the page, if it is connected."""
        if self.outbox is not None:
            self.outbox.put_text(room_messages.encode(message), False)


class Observer(Guest):
    """A person who listens silently, once both speakers have agreed."""

    def __init__(self, place: int, token: str, gone_s: float) -> None:
        super().__init__()
        self.place = place
        self.token = token
        self.gone_s = gone_s
        self.accepted = [False, False]
        self.calls = 0
        """Connections with both speakers so far."""

    @property
    def call(self) -> int:
        """Number of the present connection with both speakers; 0 for none."""
        return self.calls if all(self.accepted) and self.outbox is not None else 0

    def state(self) -> room_messages.Observer:
        """Return what all pages are told of them."""
        return room_messages.Observer(
            place=self.place,
            here=self.outbox is not None,
            accepted=(self.accepted[0], self.accepted[1]),
            call=self.call,
        )


class Member(Guest):
    """One of the two speakers of a room, or their seat while nobody has taken it."""

    def __init__(self, role: room_messages.Role, core: SeatCore) -> None:
        super().__init__()
        self.role = role
        self.core = core
        self.agreed = self.analysed = self.shares = False
        self.has_left = False
        """Whether they have left while the call goes on for the other speaker."""
        self.measured: room_messages.Shared | None = None
        """What was measured of them, kept after the call for sharing until they delete it."""
        self.given: set[str] = set()
        """What of the other speaker's results this page has been sent."""
        self.person: str | None = None
        """Whose takes their side of the call becomes; None for nobody's."""
        self.session: LiveSession | None = None
        """Their live session; None before the first."""

    def state(self) -> room_messages.Person | None:
        """Return what all pages are told of them; None while nobody has taken the seat."""
        if self.token is None:
            return None
        return room_messages.Person(
            role=self.role,
            here=self.outbox is not None,
            agreed=self.agreed,
            analysed=self.analysed,
            shares=self.shares,
            words=self.session is not None and not self.session.ended and self.session.words.on,
            left=self.has_left,
        )
