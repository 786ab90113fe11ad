"""Two live speakers in one session of the core, on one time line, each told of themselves alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from dsp.frame import HOP, RATE_HZ
from engine.drills.plan import Plan, Planned
from engine.errors import UsageError
from engine.media.resample import Samples
from engine.media.rtp.alignment import Alignment
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.drill_results import StepResult
from engine.protocol.messages import CueState, Summary
from engine.server.sessions.delays import TimedSession

HOLD_S = 0.25
HOLD = round(HOLD_S * RATE_HZ)
"""How long one speaker's sound is waited for with the other's: later it is lost, and nobody's nudges wait."""

BEGIN_S = 10.0
"""How long the time line waits for the second speaker, once the first is heard."""

FILLED = 4 * HOP
"""Samples up to which a gap that moving makes is filled with what follows it: no one hears 40 ms."""

LEAST_APART = 2 * HOP
"""Less than this isn't moved."""


class Line:
    """One call: a session of two channels, and the time line both are put on.

    It begins when both are heard, or one is and the other has not come for :data:`BEGIN_S`.

    Parameters
    ----------
    profiles : the thresholds for each seat.
    clock : monotonic, in seconds; the one of the packets' arrivals.
    """

    def __init__(self, profiles: tuple[Profile, Profile], clock: Callable[[], float]) -> None:
        self.profiles = profiles
        self.clock = clock
        self.zero_s: float | None = None
        """Monotonic time of its beginning."""
        self.over = False
        self.seats = (Seat(self, 0), Seat(self, 1))
        self.drilled: Seat | None = None
        """To whom an interviewer lets things happen."""
        self._first_s: float | None = None
        self._session: TimedSession | None = None

    @property
    def session(self) -> TimedSession:
        """Session of the core; made with its first use, as most of what a room costs."""
        if self._session is None:
            self._session = TimedSession(self.profiles[0], 2, self.profiles[1])
        return self._session

    @property
    def begun(self) -> bool:
        """Whether there is anything to be told of it: somebody was listened to."""
        return self._session is not None

    def heard(self, arrived_s: float) -> bool:
        """Whether what arrives now belongs on the time line: it begins where it can."""
        if self.zero_s is None:
            self._first_s = arrived_s if self._first_s is None else self._first_s
            if all(seat.speaking for seat in self.seats) or arrived_s - self._first_s > BEGIN_S:
                self.zero_s = arrived_s
        return self.zero_s is not None

    def after(self, seat: Seat, arrived_s: float) -> None:
        """Go on after one was heard: wait for the other only so long, and share out what happened."""
        session, other = self.session, 1 - seat.channel
        due, position = seat.position() - HOLD, session.position(other)
        if position < due:
            session.missing(other, position, due)
        apart = session.apart
        if abs(apart) >= LEAST_APART:
            # One hears the other's voice before it is spoken: whose sound stands late is put earlier.
            self.seats[apart > 0].lead(abs(apart))
            session.straightened(apart)
        self.share(seat, arrived_s)

    def share(self, by: Seat | None, arrived_s: float) -> None:
        """Give each seat what happened to it, and wake those that aren't just being asked."""
        events = self.session.poll()
        if not events:
            return
        for event in events:
            self.seats[event.channel].take(event)
        for seat in self.seats:
            if seat is not by and seat.wake is not None and seat.waiting:
                seat.wake(arrived_s)

    def forget(self) -> None:
        """Keep nothing of what was heard; the call is over."""
        self._session = None

    def finish(self) -> None:
        """No more of this call."""
        if not self.over:
            self.over = True
            if self._session is not None:
                self._session.finish()
                self.share(None, self.clock())


class Seat:
    """One speaker's side of a call, used as a session of one speaker would be.

    All events are about channel 0, oneself: what is measured of the other side is theirs.
    Their ``seq`` rises, with gaps where the other side was told something.
    """

    channels = 2

    def __init__(self, line: Line, channel: int) -> None:
        self.channel = channel
        self.hear_s = self.policy_s = 0.0
        self.speaking = False
        """Whether sound has come of this connection."""
        self.arrived_s = 0.0
        """When what is heard next came in; for whoever passes it on to say."""
        self.results: list[StepResult] = []
        """How what the interviewer let happen was taken."""
        self.wake: Callable[[float], None] | None = None
        """Called with the arrival of what made something happen here, when that came from the other seat."""
        self._line = line
        self._events: list[ev.AnyEvent] = []
        self._place = 0
        """Where on the time line the next sample belongs."""
        self._alignment: Alignment | None = None
        self._round_trip_s: float | None = None

    # --- what comes in --------------------------------------------------------

    def restart(self) -> None:
        """Begin another connection."""
        self.speaking, self._round_trip_s = False, None
        if self._alignment is not None:
            self._alignment.restart()

    def round_trip(self, duration_s: float) -> None:
        """Learn how long the way to the speaker and back takes."""
        self._round_trip_s = duration_s
        if self._alignment is not None:
            self._alignment.round_trip(duration_s)

    def lead(self, samples: int) -> None:
        """Be put so much earlier on the time line from now on."""
        if self._alignment is not None:
            self._alignment.lead(samples)

    def position(self, channel: int = 0) -> int:
        """Sample index on the time line that comes next."""
        return self._place

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Samples ``start`` to ``stop`` never arrived."""
        self._place += max(0, stop - self._place)
        if self.muted() and self._alignment is not None and not self._line.over:
            # Nothing that comes will bring the other speaker's time on.
            self._line.session.missing(self.channel, self._line.session.position(self.channel), self._place)
            self._line.after(self, self.arrived_s)

    def mute(self, on: bool) -> None:
        """Be muted from here on, or no more."""
        if not self._line.over:
            self._line.session.mute(on, self.channel)
            self._line.share(self, self._line.clock())

    def muted(self) -> bool:
        """Whether this speaker is muted."""
        return self._line.session.muted(self.channel)

    def hear(self, channel: int, samples: Samples) -> None:
        """Take the next samples, and put them where on the time line they belong."""
        line = self._line
        self.speaking = True
        if line.over or (line.zero_s is None and not line.heard(self.arrived_s)):
            return
        alignment = self._alignment or self._begin()
        place = max(0, self._place)
        moved = alignment.shift(place + samples.size, self.arrived_s)
        if 0 < moved <= FILLED:
            samples = np.concatenate([np.resize(samples, moved), samples])
        elif moved:
            place = max(0, place + moved)
        self._place = place + samples.size
        if self._place <= 0:
            return
        session = line.session
        hear_s, policy_s = session.hear_s, session.policy_s
        session.hear(self.channel, samples, place)
        line.after(self, self.arrived_s)
        self.hear_s += session.hear_s - hear_s
        self.policy_s += session.policy_s - policy_s

    def _begin(self) -> Alignment:
        """Be put on the time line from now on."""
        assert self._line.zero_s is not None
        self._alignment = Alignment(self._line.zero_s)
        if self._round_trip_s is not None:
            self._alignment.round_trip(self._round_trip_s)
        return self._alignment

    # --- what comes out -------------------------------------------------------

    def take(self, event: ev.AnyEvent) -> None:
        """Keep an event about this seat until it is asked for."""
        self._events.append(msgspec.structs.replace(event, channel=0) if self.channel else event)
        if isinstance(event, ev.DrillStepEnded):
            self.results.append(event.result)

    @property
    def waiting(self) -> bool:
        """Whether something happened that nobody has asked for."""
        return bool(self._events)

    def poll(self) -> list[ev.AnyEvent]:
        """Events since the last call, in order."""
        taken, self._events = self._events, []
        return taken

    def summary(self) -> Summary:
        """Measures, findings and nudges of this speaker so far."""
        both, mine = self._line.session.summary(), self.channel
        nudges = [nudge for nudge in both.nudges if nudge.channel == mine]
        return msgspec.structs.replace(
            both,
            profile=self.profile.name,
            measures=[both.measures[mine]],
            findings=[both.findings[mine]],
            nudges=[msgspec.structs.replace(nudge, channel=0) for nudge in nudges],
        )

    @property
    def profile(self) -> Profile:
        """The thresholds in force."""
        return self._line.profiles[self.channel]

    @property
    def now(self) -> int:
        """Sample index up to which both have been taken into account."""
        return self._line.session.now

    def cues(self) -> list[CueState]:
        """Every cue with its aim, and whether it is on."""
        return self._line.session.cues(self.channel)

    def set_cue(self, cue: str, on: bool) -> None:
        """Switch a cue off or on from here on."""
        self._line.session.set_cue(cue, on, self.channel)

    def finish(self) -> None:
        """Have no more of this speaker; the call goes on without, and may be joined again."""
        self.restart()

    # --- what an interviewer lets happen ----------------------------------------

    @property
    def drilling(self) -> bool:
        """Whether the interviewer has begun to let things happen to this speaker."""
        return self._line.drilled is self and self._line.session.drilling

    def begin_drill(self, plan: Plan, lengths_s: Sequence[Sequence[float]]) -> None:
        """Do to this speaker what the other one adds.

        Raises
        ------
        UsageError
            The plan has a script: that plays the other side, and here there is one. Or the call is over.
        """
        if not plan.by_hand:
            raise UsageError("a drill needs a session of one speaker; in a call the other side is real")
        self._line.session.begin_drill(plan, lengths_s, self.channel)
        self._line.drilled = self

    def add_step(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Let one thing happen to this speaker; see :meth:`engine.core.session.Session.add_step`."""
        self._line.session.add_step(step, lengths_s)

    def stop_drill(self) -> None:
        """Let nothing more happen to this speaker; what was found is told."""
        if self.drilling:
            self._line.session.stop_drill()
            self._line.share(self, self.arrived_s)

    def played(self, samples: Samples, at: int | None = None) -> None:
        """Know what the speaker gets to hear: where it comes back by their microphone it isn't theirs."""
        if self.drilling:
            self._line.session.played(samples)
