"""The record as a server uses it: opened when it is needed, called beside the loop, and asked for consent.

What a person allows is asked at one place, :meth:`RecordService.keep`, before anything is handed on to
be written.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from engine.errors import NoSuchTake, RecordError, RecordUnavailable, SottovoceError
from engine.protocol import messages
from engine.protocol.kept import Kept
from engine.protocol.take import Take
from engine.server.settings import Settings
from engine.store.allowed import allowed, both
from engine.store.growing import Growing as Growing
from engine.store.key import key_of_file
from engine.store.record import Record
from engine.store.sounds import NEEDS_KEY
from engine.store.writer import RecordWriter

from .identity import Identity, OnePerson
from .recordings import RecordingReader
from .reports import ReportService
from .sound_capture import Chunk, recording
from .threads import CallThreads

CALL_S = 20.0
"""How long a call may take; a record that takes longer is away."""

CONSENT_S = 5.0
"""How long the end of a session waits for what its person allows now; then what they allowed before holds."""

WRITTEN_S = 2.0
"""How long the end of a session waits until its take is written; after that it says that the take waits."""

FRESH_S = 2.0
"""What a person allows is read again after so long: another process may have changed it."""

CLOSE_S = 5.0
"""How long a server that stops waits for takes to be written, and again for calls to come back."""

THREADS = 4

AWAY = "The record does not answer; what is to be kept waits until it does."
STOPPING = "The server is stopping."
STILL_WAITS = "The record is slow now; this take will be in it as soon as it is written."
NOT_ASKED = "It could not be read what may be kept of your takes, so nothing was kept of this one."
DELETED = "You deleted this take while it went on, so nothing of it was kept."
NOTHING_LEFT = "Of this take there is nothing that you allow to be kept."

Result = TypeVar("Result")

log = logging.getLogger(__name__)


def _opened(settings: Settings) -> Record:
    """Open the record; one whose sound is encrypted needs its key."""
    record = Record.open(settings.store, key=key_of_file(settings.record_key))
    if record.needs_key:
        record.close()
        raise RecordError(NEEDS_KEY)
    return record


def local_now() -> datetime:
    """Return the wall time, with the zone of this machine."""
    return datetime.now(UTC).astimezone()


class _StillAllowed:
    """Writes takes with what their person allows at the time of writing: some may have waited."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def put(
        self, person: str, take: Take, sound: bytes | None = None, growing: Growing | None = None
    ) -> None:
        """Write a take, where anything of it may still be kept; one that is there already is deleted else."""
        if growing is not None and growing.is_gone:
            return
        take = allowed(take, self._record.kept(person) or Kept())
        if take.kept.anything:
            # Without figures it may be gone because those so far were taken back, by whichever process.
            self._record.put(person, take, sound, growing if take.kept.figures else None)
        elif growing is not None and growing.is_there:
            with contextlib.suppress(NoSuchTake):
                self._record.delete(person, take.id)
            growing.is_there = False


class RecordService:
    """The record of a server.

    Nothing here waits on the loop: calls run in threads of their own, what is to be written goes to a
    writer. A record that fails costs no session anything: it is opened again later.

    Parameters
    ----------
    now : wall time, with its zone.
    opened : opens the record.

    Attributes
    ----------
    identity : says who a visitor is.
    recordings : makes takes of recordings that are sent here.
    reports : prints what the record has.
    going_on : ids of the takes of sessions that go on.
    """

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime] = local_now,
        opened: Callable[[], Record] | None = None,
        identity: Identity | None = None,
    ) -> None:
        self.identity = OnePerson(settings) if identity is None else identity
        self.recordings = RecordingReader()
        self.going_on: set[str] = set()
        self.now = now
        self.reports = ReportService()
        self._owner = settings.record
        self._open = functools.partial(_opened, settings) if opened is None else opened
        self._allowed: dict[str, Kept | None] = {}
        self._read_s: dict[str, float] = {}
        """When what a person allows was read last, or is being read."""
        self._answers = 0
        """Times that somebody has said here what may be kept."""
        self._reading: set[asyncio.Task[None]] = set()
        self._record: Record | None = None
        self._writer: RecordWriter | None = None
        self._trouble = ""
        self._opening = threading.Lock()
        self._threads = CallThreads(THREADS, "record")
        self._packing = asyncio.Semaphore()
        """Held while a thread makes the sound file of a take: many at once hold up packets."""
        self._stopping: asyncio.Future[None] | None = None
        """Done when the service is closed: nobody waits for a call any more."""
        self._closed = False

    def warm_up(self, read: Callable[[Record, str], None] = lambda record, person: None) -> None:
        """Open the record before anybody is served: what that imports and migrates would hold up packets.

        ``read`` reads what else is needed of its owner. A record that can't be opened is logged, and tried
        again when it is needed.
        """
        if self._owner is None:
            return
        try:
            record = self._ready()
            self._allowed[self._owner] = record.kept(self._owner)
            read(record, self._owner)
            self._ready_writer()
        except SottovoceError as error:
            log.warning("the record can't be opened: %s", error)

    # --- what a person allows ---------------------------------------------------------

    def known(self, person: str) -> Kept:
        """Return what a person allows, as last read; nothing when it was not read yet.

        To be called on the loop. What was read a while ago is read again, beside it.
        """
        read_s = self._read_s.get(person)
        if read_s is not None and time.monotonic() - read_s > FRESH_S and not self._closed:
            self._read_s[person] = math.inf  # until it was read
            task = asyncio.create_task(self.remember(person), name="reading what may be kept")
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        return self._allowed.get(person) or Kept()

    async def kept(self, person: str, within_s: float = CALL_S) -> Kept | None:
        """Read what a person allows; None when they were never asked.

        ``within_s`` is how long it may take.

        Raises
        ------
        SottovoceError
            The record can't be read.
        """
        answers = self._answers
        try:
            kept = await self.call(lambda record: record.kept(person), within_s)
            if answers != self._answers:  # what was said meanwhile is newer
                return self._allowed.get(person)
            self._allowed[person] = kept
        finally:
            self._read_s[person] = time.monotonic()
        return kept

    async def allow(self, person: str, kept: Kept, *, past: bool) -> None:
        """Write down what a person allows from here on, and where ``past`` of what is kept already.

        Raises
        ------
        SottovoceError
            It can't be written.
        """
        at = self.now()
        self._answers += 1
        # What is taken back holds at once, whatever becomes of the record.
        self._allowed[person] = both(self.known(person), kept)

        def write(record: Record) -> None:
            record.set_kept(person, kept, at)
            if past:
                record.reduce_all(person, kept)

        await self.call(write)
        self._answers += 1
        self._allowed[person] = kept

    def forgotten(self, person: str) -> None:
        """Note that nothing is known of a person any more: nothing is allowed."""
        self._answers += 1
        self._allowed[person] = None

    async def remember(self, person: str) -> None:
        """Read what a person allows, for :meth:`known`; a record that can't be read is logged."""
        try:
            await self.kept(person)
        except SottovoceError as error:
            log.warning("the record can't be opened: %s", error)

    async def newest(self, person: str, count: int) -> list[Take]:
        """Return a person's newest takes, at most ``count``; none from a record that can't be read."""

        def read(record: Record) -> list[Take]:
            return record.these(person, [entry.id for entry in record.takes(person, limit=count)])

        try:
            return await self.call(read, CONSENT_S)
        except SottovoceError as error:
            log.warning("the record can't be read: %s", error)
            return []

    # --- what is kept -----------------------------------------------------------------

    async def keep(
        self, person: str, take: Take, sound: list[Chunk] | bytes, growing: Growing | None = None
    ) -> messages.TakeKept | messages.TakeNotKept | None:
        """Hand what may be kept of a take to the writer; return what to tell its person, if anything.

        Parameters
        ----------
        sound : the person's own, as it was heard or as an Ogg Opus file; may be empty.
        growing : of a take whose figures so far were handed on before.
        """
        read = await self._kept_now(person)
        if read is None:
            return messages.TakeNotKept(why=NOT_ASKED)
        kept = read if sound or not read.sound else msgspec.structs.replace(read, sound=False)
        if not kept.anything:
            return messages.TakeNotKept(why=NOTHING_LEFT) if read.anything else None
        take = allowed(msgspec.structs.replace(take, kept=kept))
        if kept.sound and not isinstance(sound, bytes):
            async with self._packing:
                sound = await asyncio.to_thread(recording, sound)
        packed = sound if kept.sound and isinstance(sound, bytes) else None
        return await self._hand_on(person, take, packed, growing or Growing())

    def put_so_far(self, person: str, take: Take, growing: Growing) -> None:
        """Have the figures of a take that goes on written, or deleted where they may not be kept any more.

        To be called on the loop. The take, whole, replaces them at its end. While the record can't be
        written none is begun.
        """
        if self._writer is not None and (growing.is_there or not self._writer.problem):
            self._writer.put(person, allowed(take, Kept(figures=True)), growing=growing)

    async def allows_anything(self, person: str) -> bool:
        """Return whether a person allows anything to be kept, as far as that can be read."""
        return (await self._kept_now(person) or Kept()).anything

    async def _hand_on(
        self, person: str, take: Take, sound: bytes | None, growing: Growing
    ) -> messages.TakeKept | messages.TakeNotKept:
        try:
            writer = await self._run(self._ready_writer) if self._writer is None else self._writer
        except SottovoceError as error:
            return messages.TakeNotKept(why=str(error))
        if not writer.put(person, take, sound, growing):
            return messages.TakeNotKept(why=writer.problem or AWAY)
        written = await asyncio.to_thread(writer.wait, WRITTEN_S)
        if growing.is_gone:
            return messages.TakeNotKept(why=DELETED)
        if written:
            return messages.TakeKept(take=take.id, kept=take.kept)
        return messages.TakeNotKept(why=writer.problem or STILL_WAITS)

    async def _kept_now(self, person: str) -> Kept | None:
        """Return what a person allows now, or else as last read; None when neither is known."""
        try:
            return await self.kept(person, CONSENT_S) or Kept()
        except SottovoceError:
            return self._allowed[person] or Kept() if person in self._allowed else None

    @property
    def problem(self) -> str:
        """What is wrong with the record, as a sentence; empty while nothing is."""
        waiting = None if self._writer is None else self._writer.problem
        return waiting or self._trouble

    # --- calls ------------------------------------------------------------------------

    async def call(self, work: Callable[[Record], Result], within_s: float = CALL_S) -> Result:
        """Return what ``work`` returns for the record, called in a thread.

        ``within_s`` is how long it may take.

        Raises
        ------
        RecordUnavailable
            It can't be opened now, or takes too long.
        SottovoceError
            As of the call.
        """
        return await self._run(lambda: work(self._ready()), within_s)

    async def beside(self, work: Callable[[], Result]) -> Result:
        """Return what ``work``, which may wait for a file, returns; called in a thread.

        Raises
        ------
        RecordUnavailable
            It takes too long.
        """
        return await self._run(work)

    async def _run(self, work: Callable[[], Result], within_s: float = CALL_S) -> Result:
        if self._closed:
            raise RecordUnavailable(STOPPING)
        stopping = self._stopping = self._stopping or asyncio.get_running_loop().create_future()
        call = asyncio.wrap_future(self._threads.submit(work))
        try:
            await asyncio.wait((call, stopping), timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            if call.done():
                return call.result()
        finally:
            call.cancel()
        raise RecordUnavailable(STOPPING if self._closed else AWAY)

    async def close(self) -> None:
        """Write what waits, as far as that is possible in bounded time, and close the record."""
        self._closed = True
        if self._stopping is not None and not self._stopping.done():
            self._stopping.set_result(None)
        self.recordings.stop()
        await asyncio.to_thread(self.reports.close)
        for task in self._reading:
            task.cancel()
        await asyncio.to_thread(self._close)

    # --- in threads -------------------------------------------------------------------

    def _ready(self) -> Record:
        """Return the record, opened if it is not open."""
        with self._opening:
            if self._record is None:
                try:
                    self._record = self._open()
                except SottovoceError as error:
                    self._trouble = str(error)
                    raise
                self._trouble = ""
            return self._record

    def _ready_writer(self) -> RecordWriter:
        record = self._ready()
        with self._opening:
            if self._writer is None:
                self._writer = RecordWriter(_StillAllowed(record))
            return self._writer

    def _close(self) -> None:
        written = self._writer is None or self._writer.close(CLOSE_S)
        ended = self._threads.close(CLOSE_S)
        if not written:
            log.error("takes were not written: %s", self.problem or AWAY)
        if self._record is not None and written and ended:  # else a call still uses it
            self._record.close()
