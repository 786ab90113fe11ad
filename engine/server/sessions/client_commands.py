"""The messages of a session's clients, and what an interviewer triggers: parsed, checked, carried out."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from typing import Literal, Protocol, cast

from engine.errors import BadMessage, UsageError
from engine.media.voices.rendering import RenderingRefused
from engine.protocol import messages, room_messages
from engine.server.limits.message_allowance import MESSAGE_BYTES, MESSAGES_PER_S, TOLERATED_EXCESS

from .background_tasks import BackgroundTasks
from .live_core import LiveCore
from .outbox import Outbox
from .session_drill import SessionDrill
from .session_take import SessionTake
from .session_words import SessionWords

log = logging.getLogger(__name__)

NOT_ALLOWED = (
    "this connection may only watch: to send commands, first send "
    '{"type": "authorize", "key": …}; the key is the last part of the Location that answered the offer'
)

WRONG_KEY = "this is not the key of this session: it is the last part of the Location that answered the offer"

WRONG_KEY_BYTES = 20 * MESSAGE_BYTES
"""A wrong key counts as a message of this length, so that nobody can try many."""

TOO_MANY = f"more than {MESSAGES_PER_S:g} messages a second: these are ignored; one ping a second is enough"

TriggerAnswer = Callable[[room_messages.Triggered | messages.Error], None]


class CommandedSession(Protocol):
    """What the commands need of their session."""

    @property
    def core(self) -> LiveCore:
        """Measures the speaker."""

    @property
    def drill(self) -> SessionDrill:
        """Plays drills to the speaker."""

    @property
    def words(self) -> SessionWords:
        """Recognises the speaker's words."""

    @property
    def take(self) -> SessionTake:
        """Becomes of it what is kept."""

    @property
    def tasks(self) -> BackgroundTasks:
        """Runs what has to be waited for."""

    @property
    def clock(self) -> Callable[[], float]:
        """Monotonic, in seconds."""

    @property
    def key(self) -> str:
        """The secret that allows commands."""

    @property
    def hears(self) -> bool:
        """Whether the speaker can hear something."""

    def is_speaker(self, outbox: Outbox) -> bool:
        """Return whether this is the outbox of the speaker's connection."""

    def declare_muted(self, on: bool) -> None:
        """Note that the client has said that the speaker is muted, or unmuted."""

    def send_events(self) -> None:
        """Send the events that a command has caused."""

    def end(self, reason: messages.EndReason) -> None:
        """End the session."""


class ClientCommands:
    """Carries out the commands of the clients of one session."""

    def __init__(self, session: CommandedSession) -> None:
        self._session = session

    def receive(self, raw: str | bytes, reply: Outbox) -> None:
        """Handle one message of a client; answers, errors among them, go to ``reply``."""
        if not self._within_allowance(len(raw), reply):
            return
        try:
            message = messages.decode_client(raw)
            if isinstance(message, messages.Ping):
                self._answer_ping(message, reply)
            elif isinstance(message, messages.Authorize):
                self._authorize(message.key, reply)
            elif not reply.commands:
                reply.put_message(messages.Error(code="not_allowed", message=NOT_ALLOWED))
            else:
                self._carry_out(message, reply)
        except BadMessage as error:
            code = cast(Literal["bad_message", "too_long"], error.code)
            reply.put_message(messages.Error(code=code, message=str(error)))
        except UsageError as error:
            reply.put_message(messages.Error(code="bad_message", message=str(error)))

    def trigger(self, wanted: room_messages.Trigger, answer: TriggerAnswer) -> None:
        """Play to the speaker what an interviewer wants; tell ``answer`` what is played, or why not."""
        self._session.tasks.start(self._trigger(wanted, answer), "a trigger")

    # --- inside ----------------------------------------------------------------

    def _within_allowance(self, size: int, reply: Outbox) -> bool:
        left = reply.allowance.spend(size, self._session.clock())
        if left >= 0:
            return True
        if left < -TOLERATED_EXCESS:
            reply.drop("flooding")
        elif not reply.allowance.warned:
            reply.allowance.warned = True
            reply.put_message(messages.Error(code="too_many", message=TOO_MANY))
        return False

    def _answer_ping(self, ping: messages.Ping, reply: Outbox) -> None:
        reply.put_message(messages.Pong(id=ping.id))
        if ping.round_trip_ms is not None and self._session.is_speaker(reply):
            self._session.core.round_trip(ping.round_trip_ms / 1000)

    def _authorize(self, key: str, reply: Outbox) -> None:
        if hmac.compare_digest(key.encode(), self._session.key.encode()):
            reply.commands = True
            if self._session.words.on:
                reply.put_message(self._session.words.state)
        else:
            reply.allowance.spend(WRONG_KEY_BYTES, self._session.clock())
            reply.put_message(messages.Error(code="not_allowed", message=WRONG_KEY))

    def _carry_out(self, message: messages.FromClient, reply: Outbox) -> None:
        session = self._session
        match message:
            case messages.SetCue():
                session.core.set_cue(message.cue, message.on)
            case messages.Mute():
                session.declare_muted(message.on)
            case messages.PrepareDrill() | messages.PrepareInterview():
                session.tasks.start(self._prepare_drill(message, reply), "preparing a drill")
            case messages.BeginDrill():
                words = session.words.mode in ("live", "phrase")
                session.drill.begin(hears=session.hears, words=words)
                session.send_events()
            case messages.StopDrill():
                session.core.stop_drill()
                session.send_events()
            case messages.LowerDistractions():
                session.drill.lower_distractions(message.db)
            case messages.SetWords():
                session.words.switch(message.on, message.language)
            case messages.SetAssistant():
                session.words.assistant.agreed = message.on
            case messages.SetQuestion():
                session.words.question = message.question
                session.take.purpose, session.take.story = message.purpose, message.story
            case messages.SetStep():
                session.take.exercise.begin_step(message.place, speaks=message.speaks, pitch=message.pitch)
                if message.say and message.place is not None:
                    session.tasks.start(self._say(message, reply), "a line of an exercise")
            case messages.End():
                session.end("asked")

    async def _prepare_drill(
        self, wanted: messages.PrepareDrill | messages.PrepareInterview, reply: Outbox
    ) -> None:
        try:
            reply.put_message(await self._session.drill.prepare(wanted, hears=self._session.hears))
        except UsageError as error:
            reply.put_message(messages.Error(code="bad_message", message=str(error)))
        except RenderingRefused as error:
            reply.put_message(messages.Error(code="failed", message=str(error)))
        except Exception:  # a fault of ours must not end the session
            log.exception("a drill could not be prepared")
            what = f"drill {wanted.drill}" if isinstance(wanted, messages.PrepareDrill) else "interview"
            text = f"the {what} could not be prepared on the server; try another one"
            reply.put_message(messages.Error(code="failed", message=text))

    async def _say(self, wanted: messages.SetStep, reply: Outbox) -> None:
        session = self._session
        try:
            await session.take.exercise.say(
                session.take.purpose, wanted.place or 0, wanted.say, pitch=wanted.pitch
            )
        except UsageError as error:
            reply.put_message(messages.Error(code="bad_message", message=str(error)))
        except RenderingRefused as error:
            reply.put_message(messages.Error(code="failed", message=str(error)))
        except Exception:  # a fault of ours must not end the session
            log.exception("a line of an exercise could not be said")
            text = "it could not be said on the server: read it on the page"
            reply.put_message(messages.Error(code="failed", message=text))

    async def _trigger(self, wanted: room_messages.Trigger, answer: TriggerAnswer) -> None:
        session = self._session
        try:
            step = await session.drill.trigger(wanted.do, wanted.role, wanted.sound, hears=session.hears)
        except UsageError as error:
            answer(messages.Error(code="not_allowed", message=str(error)))
        except RenderingRefused as error:
            answer(messages.Error(code="failed", message=str(error)))
        except Exception:  # a fault of ours must not end the session
            log.exception("a distraction could not be played")
            text = "it could not be prepared on the server; try something else"
            answer(messages.Error(code="failed", message=text))
        else:
            said = step.lines[0] if step.lines else None
            answer(room_messages.Triggered(do=step.do, said=said, sound=step.sound))
