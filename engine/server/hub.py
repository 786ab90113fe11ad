"""All sessions of a server: admitted, found, watched over and ended."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import math
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Literal, Self

from engine.cues import CUES
from engine.errors import BadOffer, UsageError
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.shipped import profiles, programmes
from engine.speech.process import RecognitionProcess
from engine.warm import run_kernels

from .limits.connection_gate import ConnectionGate
from .limits.quota import Quota
from .placement.placement import Load, Placement, worker_of
from .placement.single_process import SingleProcess
from .record.service import RecordService, local_now
from .record.training import Training
from .rooms.registry import Rooms
from .sessions.admission import DRAINING, WARMING_UP, Admission, Refusal, SessionRefused
from .sessions.collection import SessionCollector
from .sessions.counters import Counts
from .sessions.drill_library import DrillLibrary
from .sessions.endings import SessionGone
from .sessions.heartbeat import Heartbeats, run_isolated
from .sessions.helpers import HelperMonitor, available_cores
from .sessions.live_core import LiveCore, SoloCore
from .sessions.live_session import LiveSession
from .sessions.load import WINDOW_S, LoadMonitor
from .sessions.loop_probe import LoopProbe
from .sessions.pending_requests import PendingRequests
from .sessions.session_take import Keeping
from .sessions.shedding import Shed
from .sessions.words_service import WordsService
from .settings import Settings, checked

TICK_S = 0.25
"""Interval of the watchdog."""

MOVE_WAIT_S = 3.0
"""How long a worker that stops waits for another one to have room for its sessions."""

VITAL = ("the watchdog", "the measure of load", "the probe of the loop", "the notice to other workers")
"""Periodic work whose heartbeats the health check expects."""


class Hub:
    """Creates, finds and ends sessions; ``async with`` it while serving.

    Attributes
    ----------
    default : profile of sessions that ask for none.
    profiles : those that a client may ask for, by name.
    library : the drills.
    placement : decides which worker a session goes to.
    draining : whether the server shuts down and admits no new sessions.
    load : how busy the server is, and what it can still take.
    helpers : the same of its helper processes.
    words : recognises the words of speakers who ask.
    record : keeps takes of the person who allows it; its ``now`` is the wall time of all that is kept.
    training : what those takes come to: the programme.
    heartbeats : of the periodic work, for the health check.
    probe, pending_requests : measure how long packets and requests wait.
    quota : what one network address may still ask for.
    admission : decides whether a new session begins.
    gate : bounds the TCP connections, over all sockets of the server.
    counts : totals over all sessions, including those that have ended.

    Raises
    ------
    UsageError
        Settings that cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        placement: Placement | None = None,
        recognition: RecognitionProcess | None = None,
        record: RecordService | None = None,
        now: Callable[[], datetime] = local_now,
    ) -> None:
        self.settings = checked(settings)
        self.default = profiles.load(settings.profile)
        self.profiles = {p.name: p for p in [*map(profiles.load, profiles.shipped()), self.default]}
        self.library = DrillLibrary(
            settings.drills, settings.sounds, lambda: self.helpers.refusal(self.library)
        )
        self.placement = SingleProcess() if placement is None else placement
        self.draining = False
        self._clock = clock
        self.quota = Quota(self.settings.quota, clock)
        self.rooms = Rooms(
            self.profiles, clock, self.quota, worker=self.placement.worker, away_s=self.settings.resume_s
        )
        self._sessions: dict[str, LiveSession] = {}
        cores = available_cores() / self.settings.workers
        self.load = LoadMonitor(self.settings.max_cpu, self.settings.max_delay_s, cores)
        self.counts = Counts()
        self.record = RecordService(self.settings, now) if record is None else record
        self.training = Training(self.record, programmes.load(settings.programme), programmes.questions())
        self.words = WordsService(self.settings, self.load, self.counts, recognition)
        self.helpers = HelperMonitor(
            self.library, self.words, server_refusal=self.load.helper_refusal, window_s=WINDOW_S
        )
        self.admission = Admission(self.settings, self.load, self.quota, clock)
        self.probe = LoopProbe(clock, self._probed)
        self.pending_requests = PendingRequests(clock)
        self.heartbeats = Heartbeats(clock)
        self.gate = ConnectionGate(
            settings.max_connections, settings.max_connections_per_address, settings.trusted_proxies
        )
        self._watchdog: asyncio.Task[None] | None = None
        self._warm = self._open = False
        self._garbage = SessionCollector()

    async def __aenter__(self) -> Self:
        self._open = True
        self.heartbeats.start(*VITAL)
        self.probe.open()
        self._announce()
        self._watchdog = asyncio.create_task(self._watch(), name="watchdog")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def warm_up(self) -> None:
        """Load kernels, lists and the record, which would block running calls if done on first use."""
        run_kernels()
        self.record.warm_up(self.training.read)
        self.words.warm_up()
        self._warm = True

    @property
    def sessions(self) -> list[LiveSession]:
        """Sessions that have not ended."""
        return [session for session in self._sessions.values() if not session.ended]

    def find(self, session_id: str) -> LiveSession | None:
        """Return the session with an id; None when there is none, or it has ended."""
        session = self._sessions.get(session_id)
        return None if session is None or session.ended else session

    def elsewhere(self, token: str | None, *, placed: bool) -> str | None:
        """Return the address of the worker for an offer; None when it is this one, even if only to refuse it.

        ``placed``: the choice was made already, by the worker that sent the speaker here.
        """
        worker = None if token is None else worker_of(token)
        address = self.placement.find(worker) if worker else None
        if address is None and not placed:
            address = self.placement.choose()
        return None if address == self.placement.address else address

    def home(self, session_id: str) -> str | None:
        """Return the address of another worker that may have the session; None when no other can."""
        worker = worker_of(session_id)
        address = self.placement.find(worker) if worker else None
        return None if address == self.placement.address else address

    def refusal(self) -> Refusal | None:
        """Return why no new session is admitted now; None when one is."""
        if self.draining or not self._open:
            return DRAINING
        if not self._warm:
            return WARMING_UP
        return self.admission.refusal(self.sessions)

    async def publish(
        self,
        offer: str,
        *,
        profile_name: str | None,
        cues_off: Iterable[str],
        token: str | None,
        hears: bool = False,
        seat: str | None = None,
        address: str = "",
        person: str | None = None,
    ) -> tuple[LiveSession, Peer]:
        """Answer an offer, in the session of the token or of the seat in a room, or in a new one.

        ``address`` is whom a new session counts for, ``person`` whose take it becomes.

        A token whose worker is gone gets a new session that says so in its ``hello``. One that
        ``hears`` is spoken to, where its offer is ``sendrecv``.

        Raises
        ------
        SessionRefused
            No session is admitted now.
        QuotaExceeded
            The address has as many sessions as it may.
        SessionGone
            The token's session has ended, or never was.
        BadOffer
            The SDP.
        UsageError
            No such profile or cue.
        RoomClosed
            The room of that seat is no more.
        """
        wanted = self._read(offer)
        if seat is not None:
            return await self._publish_in_room(wanted, seat, cues_off, hears=hears, address=address)
        worker = None if token is None else worker_of(token)
        orphaned = worker is not None and self.placement.find(worker) is None
        if token is not None and not orphaned:
            session = self._resumable(token)
            return session, await session.attach(wanted, hears=hears)
        keeping = Keeping(self.training, person)
        session = self._create(profile_name, cues_off, keeping, continued=orphaned, address=address)
        try:
            return session, await session.attach(wanted, hears=hears)
        except BaseException:
            session.end("failed")
            raise

    def _read(self, offer: str) -> Offer:
        """Read an offer; one that can't be served begins no session."""
        try:
            return Offer.read(offer)
        except BadOffer as error:
            self.counts.offers_refused["unsupported" if error.parsed else "malformed"] += 1
            raise

    async def _publish_in_room(
        self, offer: Offer, seat: str, cues_off: Iterable[str], *, hears: bool, address: str
    ) -> tuple[LiveSession, Peer]:
        room, member = self.rooms.seat(seat)
        if not (member.agreed and member.analysed):
            raise UsageError("the person in this seat has not agreed to be analysed")
        session = member.session
        if session is None or session.ended:
            keeping = Keeping(self.training, member.person, "beside" if room.mode == "beside" else "call")
            session = self._create(
                None, cues_off, keeping, continued=False, core=member.core, address=address
            )
            room.seat_session(member, session)
        return session, await session.attach(offer, hears=hears)

    async def drain(self) -> None:
        """Admit no new session, let the present ones finish, and move those that have not by the deadline.

        Another worker that is full, or too busy to announce itself, is waited for up to :data:`MOVE_WAIT_S`.
        Where none has room they end with the reason ``shutdown``.
        """
        self.draining = True
        self._announce()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.drain_s):
                while self._sessions:  # those too that have ended and wait for a review  # noqa: ASYNC110
                    await asyncio.sleep(TICK_S)
        self.placement.withdraw()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MOVE_WAIT_S):
                while self.sessions and self.placement.others() and self.placement.choose() is None:  # noqa: ASYNC110
                    await asyncio.sleep(TICK_S)
        if self.placement.choose() is not None:
            self._end_all("moving")
        await self.close()

    async def close(self) -> None:
        """End every session and wait until their connections are closed."""
        self._open = False
        self.heartbeats.stop()
        self.placement.withdraw()
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
            self._watchdog = None
        self.probe.close()
        self.rooms.close()
        self._end_all("shutdown")
        await self.words.close()
        await asyncio.gather(*(session.closed() for session in self._sessions.values()))
        self._sessions.clear()
        await self.record.close()
        await asyncio.to_thread(self.library.clips.close)

    # --- inside ----------------------------------------------------------------

    def _end_all(self, reason: Literal["moving", "shutdown"]) -> None:
        for session in self.sessions:
            run_isolated("a session", partial(session.end, reason), partial(session.end, "failed"))

    def _resumable(self, token: str) -> LiveSession:
        for session in self.sessions:
            if hmac.compare_digest(session.token.encode(), token.encode()):
                return session
        raise SessionGone(
            f"the session to resume has ended: it waits {self.settings.resume_s:g} s for its speaker; "
            "POST the offer without a token to begin another one"
        )

    def _create(
        self,
        profile_name: str | None,
        cues_off: Iterable[str],
        keeping: Keeping | None = None,
        *,
        continued: bool,
        core: LiveCore | None = None,
        address: str = "",
    ) -> LiveSession:
        # Only by a known name: what a client sends must never reach the file system.
        profile = self.profiles.get(profile_name) if profile_name else self.default
        if profile is None:
            raise UsageError(f"no profile {profile_name!r}; there are {', '.join(self.profiles)}")
        unknown = [cue for cue in cues_off if cue not in CUES]
        if unknown:
            raise UsageError(f"no cue {unknown[0]!r}; there are {', '.join(CUES)}")
        refusal = self.refusal()
        if refusal is not None:
            self.counts.refused[refusal.reason] += 1
            raise SessionRefused(refusal)
        self.admission.check_address(self.sessions, address)
        session = LiveSession(
            SoloCore(profile) if core is None else core,
            self.settings,
            self._clock,
            worker=self.placement.worker,
            continued=continued,
            counts=self.counts,
            library=self.library,
            words=self.words,
            keeping=keeping,
            address=address,
        )
        for cue in cues_off:
            session.core.set_cue(cue, False)
        self._sessions[session.id] = session
        self.counts.begun += 1
        self._announce()
        return session

    def _announce(self) -> None:
        load = Load(sessions=len(self.sessions), begun=self.counts.begun, admits=self.refusal() is None)
        self.heartbeats.run("the notice to other workers", partial(self.placement.announce, load))

    def _probed(self, waited_s: float) -> None:
        self.heartbeats.run("the probe of the loop", partial(self.load.add_wait, waited_s))

    def _look(self) -> None:
        """Measure the load, and shed."""
        load = self.load
        heard = [session for session in self.sessions if session.heard_since_s < math.inf]
        now_s = self._clock()
        self.helpers.look(now_s)
        load.look(
            now_s,
            time.process_time(),
            heard=len(heard),
            waiting_s=self.probe.ages_s(),
            unanswered_s=self.pending_requests.oldest_s,
            helpers_cpu=self.helpers.total_cpu - self.helpers.cpu[self.words.name],
        )
        self.words.look(now_s, self.helpers.cpu[self.words.name])
        for session in self.sessions:
            shed = partial(session.readers.shed, Shed(load.level))
            run_isolated("a session", shed, partial(session.end, "failed"))

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            if loop.time() > due_s + TICK_S:
                # The process was held up: what came meanwhile is read before anybody is taken for gone.
                self._announce()
                await asyncio.sleep(TICK_S)
            self.heartbeats.run("the watchdog", self._tick)
            self.heartbeats.run("the measure of load", self._look)
            self._announce()

    def _tick(self) -> None:
        self.rooms.tick()
        for session in list(self._sessions.values()):
            if not session.ended:
                run_isolated("a session", session.tick, partial(session.end, "failed"))
            if session.ended and not session.tasks.running:
                del self._sessions[session.id]
                self._garbage.add()
        self._garbage.collect()
