"""One live call: a session of the core, the connection that speaks, and those who listen."""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
import secrets
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Literal, cast

import msgspec
from av import AudioFrame

from dsp.frame import RATE_HZ
from engine.errors import BadMessage, SottovoceError, UsageError
from engine.media.rtp.ingest import FrameIngest
from engine.media.rtp.stream import RtpStream
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.protocol import messages, room_messages
from engine.protocol.events import AnyEvent, Nudge, Reading, Trace
from engine.server.limits.message_allowance import MESSAGE_BYTES, MESSAGES_PER_S, TOLERATED_EXCESS
from engine.server.settings import Settings

from .connection import Connection
from .counters import HEARD, LEFT_OUT, RECEIVED, Counts, Growth
from .delays import Stages
from .live_core import LiveCore
from .outbox import DROPPED, Outbox
from .session_drill import DrillRoom, Library
from .shedding import TOLD, Shed, left_out
from .timer import Deadline

log = logging.getLogger(__name__)

REMEMBERED_POLLS = 4096
"""Arrivals that are remembered for the delay of later nudges: over a minute of packets."""

WHY: dict[messages.EndReason, str] = {
    "asked": "The session was ended.",
    "left": "The connection was closed.",
    "stalled": "Nothing came from the microphone or the page for some seconds.",
    "shutdown": "The server is shutting down.",
    "failed": "The engine failed here; what it had measured is in the summary. Please start another session.",
    "replaced": "The session goes on in another connection, on another page or after a reload.",
    **DROPPED,
    "moving": "This worker is being stopped. Connect again with the token: the next part begins in another.",
}


UNSENT_S = 1.0
"""Who lives for so long after their last audio has muted: RTP goes on in silence, at least every 0.4 s."""

COMFORTED_S = 3.0
"""Likewise after comfort noise, by which some senders leave out pauses, too."""

IDLE_S = 0.5
"""While nothing is sent stream time stays so far behind the clock: what comes again has its place."""

Leaving = Literal["left", "stalled", "slow", "flooding"]
"""Why a session has to do without a connection for a while."""

NOT_ALLOWED = (
    "this connection may only watch: to command, first send "
    '{"type": "authorize", "key": …}, the key being the last part of the Location that answered the offer'
)

WRONG_KEY = "this is not the key of this session: it is the last part of the Location that answered the offer"

WRONG_KEY_BYTES = 20 * MESSAGE_BYTES
"""A wrong key counts as a message of that length: nobody gets to try many."""

MOST_WATCHERS = 16
"""WebSockets that may watch one session: each is sent all of its messages."""

TOO_MANY = f"more than {MESSAGES_PER_S:g} messages a second: these are ignored; one ping a second is enough"


class Gone(SottovoceError):
    """The session is no more."""


class LiveSession:
    """A session of the core with its speaker and its watchers.

    ``detached`` between connections: the measures wait :attr:`Settings.resume_s` for
    the speaker to come back with :attr:`token`; the time away is lost audio. Ended
    sessions send their summary and stay ended. Nothing here blocks; what has to be
    waited for runs in tasks that :meth:`closed` awaits.
    """

    def __init__(
        self,
        core: LiveCore,
        settings: Settings,
        clock: Callable[[], float],
        *,
        worker: str,
        continued: bool = False,
        counts: Counts | None = None,
        library: Library | None = None,
        address: str = "",
    ) -> None:
        self.address = address
        """Whom it counts for; see :mod:`.quota`."""
        self.id = f"{worker}.{secrets.token_urlsafe(16)}"
        """Whoever knows it may watch."""
        self.key = secrets.token_urlsafe(16)
        """Whoever knows it may command and end the session (RFC 9725, section 5)."""
        self.token = f"{worker}.{secrets.token_urlsafe(24)}"
        """Whoever knows it may go on as its speaker."""
        self.clock = clock
        self.core = core
        core.restart()
        core.on_events = self._events_waiting
        self.counts = Counts() if counts is None else counts
        self.drill = DrillRoom(self.core, library or Library())
        self.connection: Connection | None = None
        self.ended = False
        self._settings = settings
        self.stream = RtpStream(self.core)
        self._stages = Stages(self.stream, core.times)
        self._ingest = FrameIngest(self.core)
        self._growths = [
            Growth(source, names, self.counts)
            for source, names in ((core.times, HEARD), (self.stream, RECEIVED))
        ]
        self._deadline = Deadline(self._expire, clock)
        self._readers: dict[Outbox, Growth] = {}
        self._resumed = False
        self._continued = continued
        self._detached_s = clock()
        self._left: Leaving = "left"
        self._polls: deque[tuple[int, float]] = deque(maxlen=REMEMBERED_POLLS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._attaching = asyncio.Lock()
        self._shed = Shed.NOTHING
        self._told_muted = False
        """Whether a client has said that the speaker is muted."""
        self._unsent = False
        """Whether nothing is sent of a speaker who is there, or nothing has come since."""
        self._heard_s = -math.inf
        """When audio was heard last."""

    async def attach(self, offer: Offer, *, hears: bool = False) -> Peer:
        """Answer an offer; the new connection replaces the one before.

        Raises
        ------
        Gone
            The session ended meanwhile.
        """
        async with self._attaching:
            connection = Connection(self)
            servers = [server.for_peer() for server in self._settings.ice_servers]
            # Until it is attached, its `current` is false and what it hears is dropped.
            peer = await Peer.answer(
                offer, connection, servers, self.clock, self.drill.track if hears else None
            )
            connection.peer = peer
            if self.ended:
                await peer.close()
                raise Gone(
                    "this session has ended meanwhile; POST the offer without a token to begin another one"
                )
            if self.connection is not None:
                self._end_drill()
                self._dismiss(self.connection, "replaced", can_resume=False)
            self._resumed = self.core.now > 0
            self.counts.resumed += self._resumed
            self.stream.restart(peer.codecs)
            self._ingest.restart()
            self.core.restart()
            self.connection = connection
            # Until they are heard again they are as muted as when they left; a client says it anew.
            self._told_muted, self._unsent = False, self._told_muted or self._unsent
            self._join(connection.outbox)
            return peer

    def detach(self, connection: Connection, reason: Leaving) -> None:
        """Do without a connection, for now."""
        if self.connection is not connection:
            return
        heard_before = self._resumed or self._continued
        never_heard = connection.audio_s is None and connection.message_s is None and not heard_before
        self._left = reason
        self._detached_s = self.clock()
        if never_heard:
            self.end(reason)
            return
        self._end_drill()
        self.connection = None
        self._dismiss(connection, reason, can_resume=True)

    def greet(self, outbox: Outbox) -> None:
        """Send a reader its first message."""
        core = self.core
        outbox.put(
            messages.Hello(
                version=messages.VERSION,
                session=self.id,
                profile=core.profile.name,
                cues=core.cues(),
                channels=core.channels,
                at_s=round(core.now / RATE_HZ, 4),
                resumed=self._resumed,
                continued=self._continued,
                muted=core.muted(),
            )
        )
        if self.drill.card is not None:
            outbox.put(self.drill.card)

    @property
    def watched(self) -> bool:
        """Whether as many watch as may."""
        return len(self._readers) - (self.connection is not None) >= MOST_WATCHERS

    def watch(self) -> Outbox:
        """Begin to watch: a greeted outbox that gets all messages from now on, and may not command."""
        outbox = Outbox(commands=False)
        self.greet(outbox)
        self._join(outbox)
        return outbox

    def unwatch(self, outbox: Outbox) -> None:
        """Stop watching."""
        outbox.close()
        self._leave(outbox)

    def receive(self, raw: str | bytes, reply: Outbox) -> None:
        """Take one message of a client; answers, errors among them, go to ``reply``."""
        left = reply.allowance.take(len(raw), self.clock())
        if left < 0:
            if left < -TOLERATED_EXCESS:
                reply.drop("flooding")
            elif not reply.allowance.warned:
                reply.allowance.warned = True
                reply.put(messages.Error(code="too_many", message=TOO_MANY))
            return
        try:
            message = messages.decode_client(raw)
            match message:
                case messages.Ping():
                    reply.put(messages.Pong(id=message.id))
                    speaks = self.connection is not None and reply is self.connection.outbox
                    if speaks and message.round_trip_ms is not None:
                        self.core.round_trip(message.round_trip_ms / 1000)
                case messages.Authorize():
                    self._authorize(message.key, reply)
                case _ if not reply.commands:
                    reply.put(messages.Error(code="not_allowed", message=NOT_ALLOWED))
                case messages.SetCue():
                    self.core.set_cue(message.cue, message.on)
                case messages.Mute():
                    self._told_muted = message.on
                    self._mute()
                case messages.PrepareDrill():
                    self._spawn(self._prepare(message, reply), "drill")
                case messages.BeginDrill():
                    self.drill.begin(hears=self.hears)
                    self._tell(None)
                case messages.StopDrill():
                    self.core.stop_drill()
                    self._tell(None)
                case messages.LowerDistractions():
                    self.drill.lower(message.db)
                case messages.End():
                    self.end("asked")
        except BadMessage as error:
            code = cast(Literal["bad_message", "too_long"], error.code)
            reply.put(messages.Error(code=code, message=str(error)))
        except UsageError as error:
            reply.put(messages.Error(code="bad_message", message=str(error)))

    def conduct(
        self,
        wanted: room_messages.Trigger,
        answer: Callable[[room_messages.Triggered | messages.Error], None],
    ) -> None:
        """Let happen to the speaker what an interviewer wants; tells them whether it does."""
        self._spawn(self._conduct(wanted, answer), "triggered")

    def take(self, data: bytes, arrived_s: float) -> None:
        """Hear an RTP packet of the current connection and tell everyone what the core makes of it."""
        self._heed(self.stream.packet, data, arrived_s)
        if self.stream.oldest_s is not None:
            self._sends(arrived_s)

    def hear(self, frame: AudioFrame, arrived_s: float) -> None:
        """Likewise a frame, where aiortc gives no packets."""
        self.counts.packets_received += 1
        self._heed(self._ingest.take, frame, arrived_s)
        self._sends(arrived_s)

    def tick(self) -> None:
        """Notice what didn't happen, and bring totals up to now; to be called a few times a second."""
        self.fold()
        now_s = self.clock()
        connection = self.connection
        if self.ended:
            return
        if connection is not None and connection.dropped is not None:
            self.detach(connection, connection.dropped)
            return
        if connection is None:
            if now_s - self._detached_s > self._settings.resume_s:
                self.end(self._left)
            return
        if connection.audio_s is None and connection.message_s is None:
            quiet = now_s - connection.began_s > self._settings.connect_s
        else:
            self._look_for_mute(connection, now_s)
            # Who answers but was never heard is waited for as long as who is away.
            unheard = connection.audio_s is None and not self._told_muted
            quiet = now_s - connection.alive_s > self._settings.stall_s or (
                unheard and now_s - connection.began_s > self._settings.resume_s
            )
        if quiet:
            self.detach(connection, "stalled")

    @property
    def hears(self) -> bool:
        """Whether the speaker can hear something."""
        peer = None if self.connection is None else self.connection.peer
        return peer is not None and peer.hears

    @property
    def heard_since_s(self) -> float:
        """When audio began to be heard on the connection that there is now; infinity when it hasn't yet."""
        return math.inf if self.connection is None else self.connection.heard_since_s

    @property
    def connecting(self) -> bool:
        """Whether nothing has come yet from the first connection."""
        connection = self.connection
        silent = connection is None or (connection.audio_s is None and connection.message_s is None)
        return silent and not self.core.now

    def fold(self) -> None:
        """Bring the totals of the server up to now."""
        for growth in (*self._growths, *self._readers.values()):
            growth.fold()

    @property
    def waiting(self) -> int:
        """Messages that wait to be sent, to all readers."""
        return sum(len(outbox) for outbox in self._readers)

    def shed(self, level: Shed) -> None:
        """Leave so much out from now on; everyone is told when it begins, and when it gets more."""
        if level > self._shed:
            text = f"the server is too busy: {TOLD[level]}; nudges still come"
            self._send(messages.Error(code="overloaded", message=text))
        self._shed = level

    def end(self, reason: messages.EndReason) -> None:
        """End the session: the summary, the last message, and the connection closes."""
        if self.ended:
            return
        self.ended = True
        self._deadline.cancel()
        self.core.on_events = None
        try:
            if reason != "failed":
                self.stream.flush()
                self._ingest.flush()
                self.core.finish()
                self._tell(None)
            self._send(msgspec.structs.replace(self.core.summary(), goes_on=reason == "moving"))
        except Exception:  # whatever broke the session must not keep its speaker from hearing so
            log.exception("no summary of a session")
            reason = "failed"
        self._send(messages.Ended(reason=reason, message=WHY[reason], can_resume=reason == "moving"))
        self.counts.ended[reason] += 1
        for outbox in list(self._readers):
            outbox.close()
            self._leave(outbox)
        connection, self.connection = self.connection, None
        if connection is not None:
            self._spawn(connection.close())
        self.fold()

    async def closed(self) -> None:
        """Wait until nothing of what was ended or replaced is left."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def quiet(self) -> bool:
        """Whether :meth:`closed` would return at once."""
        return not self._tasks

    # --- inside ----------------------------------------------------------------

    def _authorize(self, key: str, reply: Outbox) -> None:
        if hmac.compare_digest(key.encode(), self.key.encode()):
            reply.commands = True
        else:
            reply.allowance.take(WRONG_KEY_BYTES, self.clock())
            reply.put(messages.Error(code="not_allowed", message=WRONG_KEY))

    def _look_for_mute(self, connection: Connection, now_s: float) -> None:
        """Know from what doesn't come that the speaker is muted: they are there, their audio isn't."""
        if self._unsent:
            self._idle(now_s)
        elif connection.audio_s is not None and self._sends_nothing(connection, connection.audio_s):
            self._unsent = True
            self._mute()
        if now_s - connection.alive_s >= UNSENT_S / 2:
            self._spawn(connection.ask(), "consent")

    def _sends_nothing(self, connection: Connection, audio_s: float) -> bool:
        if self.stream.comforts:
            return audio_s - self._heard_s >= COMFORTED_S or connection.answer_s - audio_s >= COMFORTED_S
        return connection.answer_s - audio_s >= UNSENT_S

    def _idle(self, now_s: float) -> None:
        """Let stream time go on while nothing is sent."""
        self.core.arrived(now_s)
        try:
            for way in (self.stream, self._ingest):
                way.idle(now_s - IDLE_S)
            self._tell(None)
        except Exception:  # a fault of ours must end this session only, and tell its speaker
            log.exception("session failed")
            self.end("failed")

    def _sends(self, arrived_s: float) -> None:
        """Know that audio is heard."""
        self._heard_s = arrived_s
        if self._unsent:
            self._unsent = False
            self._mute()

    def _mute(self) -> None:
        """Let the core, and everyone, know whether the speaker is muted."""
        if not self.ended:
            self.core.mute(self._told_muted or self._unsent)
            self._tell(None)

    def _join(self, outbox: Outbox) -> None:
        self._readers[outbox] = Growth(outbox, LEFT_OUT, self.counts)

    def _leave(self, outbox: Outbox) -> None:
        growth = self._readers.pop(outbox, None)
        if growth is not None:
            growth.fold()
            if outbox.dropped is not None:
                self.counts.readers_dropped[outbox.dropped] += 1

    def _dismiss(
        self, connection: Connection, reason: Leaving | Literal["replaced"], *, can_resume: bool
    ) -> None:
        self._leave(connection.outbox)
        connection.outbox.put(messages.Ended(reason=reason, message=WHY[reason], can_resume=can_resume))
        self._spawn(connection.close())

    def _end_drill(self) -> None:
        """The connection that heard it is gone."""
        self.drill.leave()
        self._tell(None)

    async def _prepare(self, wanted: messages.PrepareDrill, reply: Outbox) -> None:
        """Make a drill ready and say so."""
        try:
            reply.put(await self.drill.prepare(wanted, hears=self.hears))
        except UsageError as error:
            reply.put(messages.Error(code="bad_message", message=str(error)))
        except Exception:  # a fault of ours must not cost the session
            log.exception("a drill could not be made ready")
            text = f"the drill {wanted.drill} could not be made ready here; try another one"
            reply.put(messages.Error(code="failed", message=text))

    async def _conduct(
        self,
        wanted: room_messages.Trigger,
        answer: Callable[[room_messages.Triggered | messages.Error], None],
    ) -> None:
        try:
            step = await self.drill.conduct(wanted.do, wanted.role, wanted.sound, hears=self.hears)
        except UsageError as error:
            answer(messages.Error(code="not_allowed", message=str(error)))
        except Exception:  # a fault of ours must not cost the session
            log.exception("nothing could be made to happen")
            answer(
                messages.Error(code="failed", message="it could not be made ready here; try something else")
            )
        else:
            said = step.lines[0] if step.lines else None
            answer(room_messages.Triggered(do=step.do, said=said, sound=step.sound))

    def _spawn(self, work: Coroutine[Any, Any, None], name: str = "farewell") -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("%s of a session failed", task.get_name(), exc_info=error)

    def _heed(self, heard: Callable[..., None], *what: Any) -> None:
        """Let something be heard, the last of ``what`` being when it came, and tell what follows from it."""
        if self.ended:
            return
        self._stages.begin(what[-1])
        self.core.arrived(what[-1])
        try:
            heard(*what)
            self._tell(what[-1] if self.stream.oldest_s is None else self.stream.oldest_s)
        except Exception:  # a fault of ours must end this session only, and tell its speaker
            log.exception("session failed")
            self.end("failed")
        else:
            self._deadline.set(self.stream.due_s)

    def _events_waiting(self, arrived_s: float) -> None:
        """Send the events that something else than this speaker's audio has caused."""
        if self.ended:
            return
        self._stages.begin(arrived_s)
        try:
            self._tell(arrived_s)
        except Exception:  # a fault of ours must not cost the other one their session, too
            log.exception("session failed")
            self.end("failed")

    def _expire(self) -> None:
        self._heed(self.stream.expire, self.clock())

    def _tell(self, arrived_s: float | None) -> None:
        events = self.core.poll()
        if events and arrived_s is not None:
            self._polls.append((events[-1].seq, arrived_s))
            self.counts.packet_to_event.add(self.clock() - arrived_s)
        for event in events:
            self.drill.on(event)
            self._pass_on(event, arrived_s)

    def _pass_on(self, event: AnyEvent, arrived_s: float | None) -> None:
        """Tell of an event whoever is to know at this level of shedding."""
        level, speaker = self._shed, self.connection and self.connection.outbox
        if isinstance(event, Nudge):
            self.counts.nudges[event.cue] += 1
        readers = list(self._readers)
        if level:
            readers = [one for one in readers if not left_out(level, event, speaker=one is speaker)]
            self.counts.messages_shed += len(self._readers) - len(readers)
        if readers:
            self._send(self._timed(event, arrived_s), readers)

    def _timed(self, event: AnyEvent, arrived_s: float | None) -> AnyEvent:
        """Event with its delay: from the arrival of the packet that completed it, or its evidence."""
        if arrived_s is None or not isinstance(event, (Reading, Nudge)):
            return event
        now_s = self.clock()
        if isinstance(event, Reading):
            return msgspec.structs.replace(event, delay_ms=round(1000 * (now_s - arrived_s), 2))
        poll = bisect_left(self._polls, event.evidence.seq, key=lambda known: known[0])
        evident_s = self._polls[poll][1]
        self.counts.packet_to_nudge.add(now_s - evident_s)
        delays = self._stages.delays(evident_s, arrived_s, now_s)
        return msgspec.structs.replace(event, delay_ms=round(1000 * (now_s - evident_s), 2), delays=delays)

    def _send(self, message: messages.ToClient, readers: Iterable[Outbox] | None = None) -> None:
        text, is_trace = messages.encode(message), isinstance(message, Trace)
        for reader in self._readers if readers is None else readers:
            reader.put_text(text, is_trace)
