"""Messages of a room: two people who practise a call with each other, and the engine between them.

The engine passes on how their browsers find each other; their voices go directly from one to
the other. One JSON object a message, on the WebSocket ``/rooms/{id}/live``; :class:`Enter` comes
first. What the engine says of a speaker's voice comes to that speaker alone, as in a session
of one (:mod:`engine.protocol.messages`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from engine.errors import BadMessage

from .drill_results import StepResult
from .events import snake
from .messages import Error, Ping, Pong, Summary
from .terms import Do, Sound
from .terms import Role as DrillRole

MAX_MESSAGE_BYTES = 24_576
"""Longest message of a page: an offer with all its candidates is some 6,000."""

Mode = Literal["free", "interview", "beside"]
"""``beside``: one person, whose call runs in another program; its sound has the second seat."""

Role = Literal["partner", "interviewer", "candidate"]

PROFILES: dict[Role, str] = {
    "partner": "conversation",
    "interviewer": "conversation",
    "candidate": "interview",
}
"""Shipped profile that each role is judged by."""

Triggerable = Literal["barge_in", "challenge", "impatience", "talk_over", "backchannel", "distraction"]
"""Steps of a drill that an interviewer can let happen."""

SKILLS = ("pace", "clarity", "listening", "presence", "answers")
"""What an interviewer rates, from 1 to 10."""

Over = Literal["left", "host_left", "lost", "expired", "shutdown", "failed"]


class RoomMessage(Struct, frozen=True, kw_only=True, tag_field="type", tag=snake):
    """What travels between a room and a page."""


class Person(Struct, frozen=True, kw_only=True):
    """Someone in a room, as both are told."""

    role: Role
    here: bool
    """Whether their page is connected; for :attr:`Room.away_s` more it is waited for when not."""

    agreed: bool
    """Whether they agreed to be heard by the other."""

    analysed: bool
    """Whether the engine listens to them, as they agreed."""

    shares: bool
    """Whether they let the other see their measures at the end."""

    words: bool = False
    """Whether the words that they say are recognised, as they asked; they alone are told the words."""

    left: bool = False
    """Whether they have left the call, which goes on for the other; they are back when they agree again."""


class Observer(Struct, frozen=True, kw_only=True):
    """Somebody who listens silently to a call of two, or asks to."""

    place: int
    """From 2 on."""

    here: bool
    accepted: tuple[bool, bool]
    """Who of the two has agreed."""

    call: int
    """Number of the call that each of the two makes with them; 0 unless both have agreed."""


class Room(RoomMessage, frozen=True, kw_only=True):
    """How the room stands: sent on entering and whenever it changes."""

    you: int
    """Place among ``people``; 0 made the room. From 2 on, that among ``observers``."""

    mode: Mode
    people: list[Person | None]
    """Null where nobody has come."""

    observers: list[Observer]

    call: int
    """Number of the call to make with each other; 0 while there is none to make. Another number
    asks for another connection: a page was loaded anew."""

    away_s: float
    """How long someone who is away is waited for."""

    open_s: float
    """How long the link still lets somebody in; 0 when it doesn't."""

    over: Over | None
    """Why the call is over; what was shared and noted can still be exchanged."""

    by: Literal[0, 1] | None
    """Who left, or did not return."""

    sheet: bool = False
    """Whether the interviewer has written a sheet: the candidate gets it when both share."""


class Description(Struct, frozen=True, kw_only=True):
    """Offer or answer of a browser (RFC 9429)."""

    type: Literal["offer", "answer"]
    sdp: Annotated[str, Meta(pattern=r"^v=0\r?\n", max_length=20_000)]


class Candidate(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Candidate of a browser, as its ``toJSON`` gives it; empty at the end of a generation."""

    candidate: Annotated[str, Meta(pattern=r"^(candidate:[^\r\n]*)?$", max_length=512)]
    sdp_mid: Annotated[str, Meta(max_length=64)] | None = msgspec.field(default=None, name="sdpMid")
    sdp_m_line_index: Annotated[int, Meta(ge=0, le=255)] | None = msgspec.field(
        default=None, name="sdpMLineIndex"
    )
    username_fragment: Annotated[str, Meta(max_length=256)] | None = msgspec.field(
        default=None, name="usernameFragment"
    )


class Signal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a browser says to find another one: one of the two."""

    description: Description | None = None
    candidate: Candidate | None = None


class Relay(RoomMessage, frozen=True, kw_only=True):
    """Page, passed on to another one: a description or a candidate (RFC 9429) for a call."""

    peer: int
    """Place of whom it is for; as it is passed on, of whom it is from."""

    call: int
    data: Signal


class Asked(RoomMessage, frozen=True, kw_only=True):
    """A question of the interviewer's, to be shown to the candidate."""

    text: str


class Triggered(RoomMessage, frozen=True, kw_only=True):
    """To the interviewer: what they wanted happens to the candidate."""

    do: Do
    said: str | None
    """The line that is spoken to them, if one is."""

    sound: Sound | None


class Shared(RoomMessage, frozen=True, kw_only=True):
    """The other one's measures: the call is over and they share them."""

    summary: Summary
    results: list[StepResult]
    """How they took what the interviewer let happen."""


class Enter(RoomMessage, frozen=True, kw_only=True):
    """Page, first of all: take a seat that ``POST /rooms`` or ``POST /rooms/{id}/seats`` gave."""

    seat: str
    call: int = 0
    """Number of the call whose connection to the other one still stands: it isn't made anew; 0 for none."""


class Agree(RoomMessage, frozen=True, kw_only=True):
    """Page: talk to the other one; be analysed, or not, or no more."""

    analysed: bool


class Admit(RoomMessage, frozen=True, kw_only=True):
    """Page of one of the two: let somebody listen silently, or no more; both have to agree."""

    place: int
    on: bool


class Ask(RoomMessage, frozen=True, kw_only=True):
    """Interviewer's page: show the candidate a question."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]


class Trigger(RoomMessage, frozen=True, kw_only=True):
    """Interviewer's page: let something happen to the candidate, as a drill would; only they hear it."""

    do: Triggerable
    role: DrillRole = "teammate"
    """Who speaks, if anyone does: one of the voices of the drills."""

    sound: Sound | None = None
    """Of a distraction; any unless given."""


class Share(RoomMessage, frozen=True, kw_only=True):
    """Page: whether the other one may see one's measures when the call is over."""

    on: bool


class Sheet(RoomMessage, frozen=True, kw_only=True):
    """Interviewer's page, when the call is over; passed on to the candidate when both share."""

    questions: Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=50)]
    """Those that were asked."""

    ratings: dict[Annotated[str, Meta(max_length=20)], Annotated[int, Meta(ge=1, le=10)]]
    """From 1 to 10, by skill: some of :data:`SKILLS`."""

    start: Annotated[str, Meta(max_length=2000)] = ""
    stop: Annotated[str, Meta(max_length=2000)] = ""
    go_on: Annotated[str, Meta(max_length=2000)] = ""


class Leave(RoomMessage, frozen=True, kw_only=True):
    """Page: end the call; when it is over, or one has left it: delete what was measured of oneself."""

    both: bool = True
    """For both; false leaves the other one in it, who is told, and may wait or end it."""


FromPage = Enter | Agree | Admit | Relay | Ask | Trigger | Share | Sheet | Leave | Ping
ToPage = Room | Relay | Asked | Triggered | Shared | Sheet | Error | Pong

_encoder = msgspec.json.Encoder()
_from_page: msgspec.json.Decoder[FromPage] = msgspec.json.Decoder(FromPage)


def encode(message: ToPage) -> str:
    """One message as JSON text."""
    return _encoder.encode(message).decode()


def decode(raw: str | bytes) -> FromPage:
    """Message of a page.

    Raises
    ------
    BadMessage
        Too long, not JSON, or not one of the messages; says what would have worked.
    """
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(data) > MAX_MESSAGE_BYTES:
        raise BadMessage(f"a message may have {MAX_MESSAGE_BYTES} bytes, not {len(data)}", "too_long")
    try:
        return _from_page.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(
            f'not understood ({error}); send for example {{"type": "agree", "analysed": true}}'
        ) from error
