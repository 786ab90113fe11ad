"""One live call: its core, the connection of its speaker, and those who are sent its messages."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from av import AudioFrame

from engine.media.rtp.ingest import FrameIngest
from engine.media.rtp.stream import RtpStream
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.protocol import messages
from engine.protocol.events import Nudge
from engine.server.settings import Settings

from .background_tasks import BackgroundTasks
from .client_commands import ClientCommands
from .connection import Connection
from .counters import CORE_TOTALS, STREAM_TOTALS, CounterDeltas, Counts
from .delay_meter import DelayMeter
from .drill_library import DrillLibrary
from .endings import END_TEXTS, LeaveReason, SessionGone
from .greeting import hello_of
from .live_core import LiveCore
from .outbox import Outbox
from .readers import MAX_WATCHERS, Readers
from .session_drill import SessionDrill
from .session_mute import SessionMute
from .session_take import Keeping, SessionTake
from .session_words import STOPPING, SessionWords
from .timer import Deadline
from .words_service import WordsService

log = logging.getLogger(__name__)

REVIEWED: tuple[messages.EndReason, ...] = ("asked", "left", "stalled")
"""Ends after which the speaker's words are reviewed, if they wanted words."""


class LiveSession:
    """A session of the core with its speaker and its watchers.

    Between connections it is detached: it waits :attr:`Settings.resume_s` for the speaker to come back with
    :attr:`token`, and the time away is lost audio. A session that has ended has sent its summary and stays
    ended. Nothing here blocks; what has to be waited for runs in tasks that :meth:`closed` awaits.

    Parameters
    ----------
    core : measures the speaker.
    clock : monotonic, in seconds.
    worker : name of this process, with which the ids begin.
    continued : whether it replaces a session of a process that is gone.
    counts : the totals of the server.
    library : the drills that there are.
    words : recognises words for who asks; none are recognised without.
    keeping : for whom it is kept; nothing is without.
    address : network address that the session counts for; see :mod:`engine.server.limits.quota`.

    Attributes
    ----------
    id : secret that allows watching.
    key : secret that allows commands and ending the session (RFC 9725, section 5).
    token : secret that allows another connection as its speaker.
    connection : the one of the speaker; None while detached.
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
        library: DrillLibrary | None = None,
        words: WordsService | None = None,
        keeping: Keeping | None = None,
        address: str = "",
    ) -> None:
        self.address = address
        self.id = f"{worker}.{secrets.token_urlsafe(16)}"
        self.key = secrets.token_urlsafe(16)
        self.token = f"{worker}.{secrets.token_urlsafe(24)}"
        self.clock = clock
        self.core = core
        core.restart()
        core.on_events = self._core_has_events
        self.counts = Counts() if counts is None else counts
        self.drill = SessionDrill(core, library or DrillLibrary())
        self.connection: Connection | None = None
        self.ended = False
        self.stream = RtpStream(core)
        self.readers = Readers(self.counts)
        self.tasks = BackgroundTasks()
        self.commands = ClientCommands(self)
        self.words = SessionWords(self, words)
        self._settings = settings
        self._delays = DelayMeter(self.stream, core.times, clock, self.counts)
        self._ingest = FrameIngest(core)
        self.take = SessionTake(self, self._ingest, keeping)
        self._deltas = [
            CounterDeltas(source, names, self.counts)
            for source, names in ((core.times, CORE_TOTALS), (self.stream, STREAM_TOTALS))
        ]
        self._deadline = Deadline(lambda: self._process(clock(), self.stream.expire), clock)
        self._mute = SessionMute(self, (self.stream, self._ingest))
        self._resumed = False
        self._continued = continued
        self._detached_s = clock()
        self._left: LeaveReason = "left"
        self._attaching = asyncio.Lock()

    # --- connections ------------------------------------------------------------

    async def attach(self, offer: Offer, *, hears: bool = False) -> Peer:
        """Answer an offer; the new connection replaces the one before.

        Raises
        ------
        SessionGone
            The session has ended meanwhile.
        """
        async with self._attaching:
            connection = Connection(self)
            servers = [server.for_peer() for server in self._settings.ice_servers]
            track = self.drill.track if hears else None
            # Until it is attached, its `current` is false and what it hears is dropped.
            peer = await Peer.answer(offer, connection, servers, self.clock, track)
            connection.peer = peer
            if self.ended:
                await peer.close()
                raise SessionGone(
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
            self._mute.reconnected()
            self.readers.add(connection.outbox)
            return peer

    def detach(self, connection: Connection, reason: LeaveReason) -> None:
        """Lose a connection, and wait for another one; end where nothing was ever heard."""
        if self.connection is not connection or self.ended:
            return  # one that has ended says goodbye itself
        heard_before = self._resumed or self._continued
        self._left = reason
        self._detached_s = self.clock()
        if not (connection.used or heard_before):
            self.end(reason)
            return
        self._end_drill()
        self.connection = None
        self._dismiss(connection, reason, can_resume=True)

    @property
    def connecting(self) -> bool:
        """Whether nothing has come yet from the first connection."""
        return (self.connection is None or not self.connection.used) and not self.core.now

    @property
    def heard_since_s(self) -> float:
        """When audio began to arrive on the present connection; infinity when none has."""
        return math.inf if self.connection is None else self.connection.heard_since_s

    @property
    def hears(self) -> bool:
        """Whether the speaker can hear something."""
        peer = None if self.connection is None else self.connection.peer
        return peer is not None and peer.hears

    def is_speaker(self, outbox: Outbox) -> bool:
        """Return whether this is the outbox of the speaker's connection."""
        return self.connection is not None and outbox is self.connection.outbox

    # --- readers and their messages -----------------------------------------------

    def greet(self, outbox: Outbox) -> None:
        """Send a reader its first messages; audio may be heard, and told of, before its channel is open."""
        hello = hello_of(self.id, self.core, self.words, resumed=self._resumed, continued=self._continued)
        words = [self.words.state] if outbox.commands and self.words.on else []
        card = [] if self.drill.card is None else [self.drill.card]
        outbox.put_first(hello, *words, *card)

    @property
    def fully_watched(self) -> bool:
        """Whether as many watch as may."""
        return len(self.readers) - (self.connection is not None) >= MAX_WATCHERS

    def watch(self) -> Outbox:
        """Return a greeted outbox that gets all messages from now on, and may not send commands."""
        outbox = Outbox(commands=False)
        self.greet(outbox)
        self.readers.add(outbox)
        return outbox

    def unwatch(self, outbox: Outbox) -> None:
        """Close the outbox of a watcher."""
        outbox.close()
        self.readers.remove(outbox)

    def tell_speaker(self, message: messages.ToClient) -> None:
        """Send a message to those who may command the session: what a speaker says is for nobody else."""
        self.readers.send(message, self.readers.commanders())

    def receive_message(self, raw: str | bytes, reply: Outbox) -> None:
        """Handle one message of a client; see :meth:`.client_commands.ClientCommands.receive`."""
        self.commands.receive(raw, reply)

    def declare_muted(self, on: bool) -> None:
        """Note that the client has said that the speaker is muted, or unmuted."""
        self._mute.declare(on)

    # --- audio ----------------------------------------------------------------------

    def receive_packet(self, data: bytes, arrived_s: float) -> None:
        """Hear an RTP packet of the present connection, and send the events that follow from it."""
        self._process(arrived_s, self.stream.packet, data)
        if self.stream.oldest_s is not None:
            self._mute.note_audio(arrived_s)

    def receive_frame(self, frame: AudioFrame, arrived_s: float) -> None:
        """Hear a decoded frame likewise, where aiortc gives no packets."""
        self.counts.packets_received += 1
        self._process(arrived_s, self._ingest.hear_frame, frame)
        self._mute.note_audio(arrived_s)

    def send_events(self, arrived_s: float | None = None) -> None:
        """Poll the core, and send its events.

        Parameters
        ----------
        arrived_s : arrival of the oldest packet that they follow from; None when they follow from none.
        """
        self.words.learn_due()
        events = self.core.poll()
        if events and arrived_s is not None:
            self._delays.polled(events, arrived_s)
        speaker = None if self.connection is None else self.connection.outbox
        for event in events:
            for follow in (self.drill.play_event, self.words.observe, self.take.exercise.observe):
                follow(event)
            if isinstance(event, Nudge):
                self.counts.nudges[event.cue] += 1
            recipients = self.readers.recipients(event, speaker)
            if recipients:
                self.readers.send(self._delays.stamped(event, arrived_s), recipients)

    # --- time and the end -------------------------------------------------------------

    def tick(self) -> None:
        """Notice what did not happen, and update the totals; called a few times a second."""
        self.add_to_totals()
        now_s, connection = self.clock(), self.connection
        if self.ended:
            return
        self.take.tick(now_s)
        if connection is not None and connection.dropped is not None:
            self.detach(connection, connection.dropped)
            return
        if connection is None:
            if now_s - self._detached_s > self._settings.resume_s:
                self.end(self._left)
            return
        if not connection.used:
            stalled = now_s - connection.began_s > self._settings.connect_s
        else:
            self._mute.look(connection, now_s)
            # A far end that answers, but was never heard, is waited for as long as one that is away.
            unheard = connection.audio_s is None and not self._mute.declared
            stalled = now_s - connection.alive_s > self._settings.stall_s or (
                unheard and now_s - connection.began_s > self._settings.resume_s
            )
        if stalled:
            self.detach(connection, "stalled")

    def add_to_totals(self) -> None:
        """Bring the totals of the server up to now."""
        for deltas in self._deltas:
            deltas.add_to_totals()
        self.readers.add_to_totals()

    def end(self, reason: messages.EndReason) -> None:
        """End the session: send the summary and the last message, and close the connection."""
        if self.ended:
            return
        self.ended = True
        self._deadline.cancel()
        self.core.on_events = None
        summary = None
        try:
            if reason != "failed":
                self.stream.flush()
                self._ingest.flush()
                self.core.finish()
                self.send_events()
            summary = msgspec.structs.replace(self.core.summary(), goes_on=reason == "moving")
            self.readers.send(summary)
            self.words.end(summary)
        except Exception:  # whatever broke the session must not keep its speaker from being told so
            log.exception("no summary of a session")
            reason = "failed"
        self.take.end(summary)
        self.counts.ended[reason] += 1
        asked = bool(self.readers.commanders()) or self.take.wants_words
        reviewed = self.words.on and reason in REVIEWED and asked
        if not reviewed:
            self.words.drop(STOPPING)
        if not (reviewed or self.take.wanted) or reason == "moving":
            self._leave(reason)
        if reviewed or self.take.wanted:
            self.tasks.start(self._finish(reason, reviewed=reviewed), "the end")
        self.add_to_totals()

    async def _finish(self, reason: messages.EndReason, *, reviewed: bool) -> None:
        """Send the speaker the review of their words, keep their take, then end as ever."""
        try:
            if reviewed:
                if not self.readers.commanders():  # advice would be for nobody
                    self.words.assistant.agreed = False
                await self.words.tell_review()
            await self.take.keep()
        finally:
            if reason != "moving":  # who moves on is not held up by it
                self._leave(reason)

    def _leave(self, reason: messages.EndReason) -> None:
        """Send the last message, and close the connection."""
        text = END_TEXTS[reason]
        self.readers.send(messages.Ended(reason=reason, message=text, can_resume=reason == "moving"))
        self.readers.close()
        connection, self.connection = self.connection, None
        if connection is not None:
            self.tasks.start(connection.close(), "closing a connection")

    async def closed(self) -> None:
        """Wait until the connections that were ended or replaced are closed."""
        await self.tasks.wait()

    # --- inside ----------------------------------------------------------------------

    def _process(self, arrived_s: float, hear: Callable[..., None], *received: Any) -> None:
        """Hear what arrived at a time, and send the events that follow from it."""
        if self.ended:
            return
        self._delays.begin(arrived_s)
        self.core.arrived(arrived_s)
        try:
            hear(*received, arrived_s)
            self.send_events(arrived_s if self.stream.oldest_s is None else self.stream.oldest_s)
        except Exception:  # a fault of ours must end this session only, and its speaker is told
            self.fail()
        else:
            self._deadline.set(self.stream.due_s)

    def _core_has_events(self, arrived_s: float) -> None:
        """Send the events that something else than this speaker's audio has caused."""
        if self.ended:
            return
        self._delays.begin(arrived_s)
        try:
            self.send_events(arrived_s)
        except Exception:  # a fault of ours must not end the session of the other speaker, too
            self.fail()

    def fail(self) -> None:
        """End the session, as something in it broke."""
        log.exception("session failed")
        self.end("failed")

    def _dismiss(
        self, connection: Connection, reason: LeaveReason | Literal["replaced"], *, can_resume: bool
    ) -> None:
        """Send a connection its last message, and close it."""
        self.readers.remove(connection.outbox)
        connection.outbox.put_message(
            messages.Ended(reason=reason, message=END_TEXTS[reason], can_resume=can_resume)
        )
        self.tasks.start(connection.close(), "closing a connection")

    def _end_drill(self) -> None:
        """End the drill: the connection that heard it is gone."""
        self.drill.end_with_connection()
        self.send_events()
