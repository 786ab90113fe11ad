"""Messages between the engine and its clients, on the data channel and the WebSocket alike.

One JSON object a message. The engine sends its messages in batches: a JSON array of those
that were ready together, in order; a client sends one object at a time. Events of
``engine.protocol.events`` travel as they are; the rest is here. ``hello`` comes first and carries
the version. A client must ignore fields and types that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from engine.errors import BadMessage

from . import events
from .drill_results import Shown
from .exercise import ExerciseScored as ExerciseScored
from .exercise import SetStep as SetStep
from .exercise import StepSaid as StepSaid
from .kept import Kept
from .measures import ChannelMeasures
from .message import Message
from .pitch_curve import StatementPitch as StatementPitch
from .terms import Level, Patience, Style
from .word_messages import Advised as Advised
from .word_messages import PartialWords as PartialWords
from .word_messages import Review as Review
from .word_messages import ReviewWords as ReviewWords
from .word_messages import WordsMode as WordsMode
from .word_messages import WordsState as WordsState

VERSION = 2
"""Raised when a message changes in a way that an older client would misread."""

MAX_MESSAGE_BYTES = 4096
"""Longest message a client may send."""


class CueState(Struct, frozen=True, kw_only=True):
    """A cue as the profile in force has it."""

    cue: str
    label: str
    """Its name for a person."""

    on: bool
    aim: tuple[float | None, float | None]
    """Comfortable range of its measure, null where it has no such end."""

    unit: str
    needs_words: bool = False
    """Whether it hears words: it never asks while they are off."""


class Hello(Message, frozen=True, kw_only=True):
    """First message of a connection."""

    version: int
    session: str
    profile: str
    cues: list[CueState]
    channels: int
    at_s: float
    """Stream time so far; above 0 when resumed."""

    resumed: bool
    continued: bool = False
    """Begun anew because the worker of the session that was to be resumed is gone: measures start from 0."""

    muted: bool = False
    """Whether the speaker is muted now; from then on :class:`engine.protocol.events.MuteStarted` tells."""

    words: bool = False
    """Whether this server can recognise words; it does so only for who asks by :class:`SetWords`."""

    assistant: str = ""
    """Host of the language model that may be asked for advice after a take; empty where there is none."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that went well or needs work, for the summary."""

    cue: str
    good: bool
    text: str
    """A sentence with the figure and the target."""


class Summary(Message, frozen=True, kw_only=True):
    """Sent when a session ends: measures of each channel, the findings, and the nudges given."""

    duration_s: float
    profile: str
    measures: list[ChannelMeasures]
    findings: list[list[Finding]]
    """For each channel, at most three, the weightiest first."""

    nudges: list[events.Nudge]
    goes_on: bool = False
    """The speaker is sent on to another worker, where the next part begins: this is the summary so far."""


class DrillReady(Message, frozen=True, kw_only=True):
    """A drill or an interview is rendered and waits for :class:`BeginDrill`.

    Answer to :class:`PrepareDrill` and :class:`PrepareInterview`.
    """

    drill: str
    title: str
    level: Level
    seed: int
    question: str
    """What to talk about."""

    steps: int
    """How many things may happen."""

    most_s: float
    """Longest that it goes on."""

    shown: Shown | None = None
    """What to show beside while it goes on."""


class TakeKept(Message, frozen=True, kw_only=True):
    """The session is in the record as a take. After :class:`Review`, to the speaker alone."""

    take: str
    """Its id, for ``/record/takes/{id}``."""

    kept: Kept
    """What of it is kept."""


class TakeNotKept(Message, frozen=True, kw_only=True):
    """The session is not in the record, or not yet, although its speaker wants takes kept. To them alone."""

    why: str
    """A sentence for a person."""


class Pong(Message, frozen=True, kw_only=True):
    """Answer to :class:`Ping`, at once."""

    id: int


class Error(Message, frozen=True, kw_only=True):
    """A message could not be used; the connection goes on."""

    code: Literal["bad_message", "too_long", "not_allowed", "failed", "overloaded", "too_many"]
    message: str
    """What happened and what would have worked."""


EndReason = Literal[
    "asked", "left", "stalled", "shutdown", "failed", "replaced", "moving", "slow", "flooding"
]


class Ended(Message, frozen=True, kw_only=True):
    """Last message of a connection."""

    reason: EndReason
    message: str
    can_resume: bool


class Ping(Message, frozen=True, kw_only=True):
    """Client: still here. Every second while connected; answered by :class:`Pong`."""

    id: int
    round_trip_ms: Annotated[float, Meta(ge=0, le=60_000)] | None = None
    """How long the last one took until its :class:`Pong`: half of it is the way of what one says."""


class SetCue(Message, frozen=True, kw_only=True):
    """Client: switch a cue off or on for the rest of the session."""

    cue: str
    on: bool


class Mute(Message, frozen=True, kw_only=True):
    """Client: the speaker has muted the microphone, or unmuted it. What comes meanwhile isn't heard.

    Answered by :class:`engine.protocol.events.MuteStarted` or ``MuteEnded``. A new connection begins unmuted.
    """

    on: bool


class PrepareDrill(Message, frozen=True, kw_only=True):
    """Client: make a drill ready, seconds the first time. Answered by :class:`DrillReady`."""

    drill: str
    """Name of one that ``/drills`` lists."""

    level: Level = "medium"
    seed: int | None = None
    """The same seed gives the same drill; one of the engine's choice unless given."""


class PrepareInterview(Message, frozen=True, kw_only=True):
    """Client: make an interview ready. Answered by :class:`DrillReady`; it begins and stops as drills do."""

    style: Style | None = None
    """Of its questions; null: of any style."""

    questions: Annotated[int, Meta(ge=1, le=12)] | None = None
    """How many are asked; 3 unless this or :attr:`minutes` says otherwise."""

    minutes: Annotated[float, Meta(ge=1, le=60)] | None = None
    """Instead of a number of questions: none is begun after so long."""

    level: Level = "medium"
    """How demanding: ``hard`` follows up twice on an answer, and sooner."""

    patience: Patience = "normal"
    prefer: Annotated[tuple[Annotated[str, Meta(max_length=500)], ...], Meta(max_length=40)] = ()
    """Texts of questions that come first, such as those that the person's stories answer."""

    seed: int | None = None
    """The same seed and settings give the same questions; one of the engine's choice unless given."""


class BeginDrill(Message, frozen=True, kw_only=True):
    """Client: begin the drill that is ready. What happens comes as events."""


class StopDrill(Message, frozen=True, kw_only=True):
    """Client: end the drill that goes on, all sound at once; its card comes as an event."""


class LowerDistractions(Message, frozen=True, kw_only=True):
    """Client: how loud noises are from here on, against how they were made."""

    db: Annotated[float, Meta(ge=-60, le=0)]
    """0 is as they were made, −60 silent."""


class SetWords(Message, frozen=True, kw_only=True):
    """Client of the speaker: recognise words from here on, or no more. Answered by :class:`WordsState`.

    Off until asked for; remembered over a new connection of the session. Off also forgets the words so
    far: there is no review of them.
    """

    on: bool
    language: Annotated[str, Meta(max_length=35)] = "en"
    """What is spoken (BCP 47). Words are recognised in English only, whatever the region."""


class SetAssistant(Message, frozen=True, kw_only=True):
    """Client of the speaker: the words and the question of this session may be sent to its assistant, or not.

    Before it nothing is sent; the host is in :class:`Hello`. It holds for this session alone. The words
    are sent once, as text, after the session's end.
    """

    on: bool


class SetQuestion(Message, frozen=True, kw_only=True):
    """Client of the speaker: the question that they answer, for review and take. The latest one holds."""

    question: Annotated[str, Meta(max_length=500)]
    purpose: Annotated[str, Meta(max_length=100)] = ""
    """The guided task that it is asked for, such as ``baseline:background``."""

    story: Annotated[str, Meta(max_length=100)] | None = None
    """Id of the signature story that is told."""


class End(Message, frozen=True, kw_only=True):
    """Client: the session is over. Answered by :class:`Summary` and :class:`Ended`."""


class Authorize(Message, frozen=True, kw_only=True):
    """Client: allow this WebSocket to command. Before it, anything but :class:`Ping` is ``not_allowed``.

    A data channel needs none: it is the speaker's own. A wrong key is answered by ``not_allowed``.
    """

    key: str
    """Last part of the ``Location`` that answered the offer; the session id alone allows to watch."""


FromClient = (
    Ping
    | SetCue
    | Mute
    | PrepareDrill
    | PrepareInterview
    | BeginDrill
    | StopDrill
    | LowerDistractions
    | SetWords
    | SetAssistant
    | SetQuestion
    | SetStep
    | End
    | Authorize
)
ToClient = (
    events.AnyEvent
    | Hello
    | DrillReady
    | Summary
    | WordsState
    | PartialWords
    | ReviewWords
    | Review
    | Advised
    | ExerciseScored
    | StepSaid
    | StatementPitch
    | TakeKept
    | TakeNotKept
    | Pong
    | Error
    | Ended
)

_encoder = msgspec.json.Encoder()
_from_client: msgspec.json.Decoder[FromClient] = msgspec.json.Decoder(FromClient)
_to_client: msgspec.json.Decoder[ToClient] = msgspec.json.Decoder(ToClient)
_batch: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])


def encode(message: ToClient | FromClient) -> str:
    """One message as JSON text."""
    return _encoder.encode(message).decode()


def batch(texts: Iterable[str]) -> str:
    """Several messages, encoded already, as the engine sends them."""
    return f"[{','.join(texts)}]"


def decode_client(raw: str | bytes) -> FromClient:
    """Message of a client.

    Raises
    ------
    BadMessage
        Too long, not JSON, or not one of the messages; says what would have worked.
    """
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(data) > MAX_MESSAGE_BYTES:
        raise BadMessage(
            f"a message may have {MAX_MESSAGE_BYTES} bytes, this one has {len(data)}", "too_long"
        )
    try:
        return _from_client.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f'not understood ({error}); send for example {{"type": "ping", "id": 1}}') from error


def decode_batch(raw: str | bytes) -> list[ToClient]:
    """Messages of the engine, for clients in Python; those of a newer engine that we don't know are left out.

    Raises
    ------
    msgspec.DecodeError
        Not a batch.
    """
    known = []
    for one in _batch.decode(raw):
        try:
            known.append(_to_client.decode(one))
        except msgspec.ValidationError:
            continue
    return known


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of all messages, under ``$defs``; each carries its ``type``."""
    kinds = {"to_client": ToClient, "from_client": FromClient}
    roots, definitions = msgspec.json.schema_components(list(kinds.values()), ref_template="#/$defs/{name}")
    named = dict(zip(kinds, roots, strict=True))
    for definition in definitions.values():
        if "seq" in definition.get("properties", {}):  # every event that is sent is stamped
            definition["required"] = [*definition["required"], "seq", "at_s"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Sottovoce messages, version {VERSION}",
        "anyOf": list(named.values()),
        "$defs": {**definitions, **named},
    }
