"""The shared time line of a call of two: one session of two channels, and the core of each speaker in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from dsp.frame import HOP, RATE_HZ
from engine.core.sample_tap import ChannelTaps, SampleTap
from engine.drills.plan import Plan, Planned
from engine.errors import UsageError
from engine.media.resample import Samples
from engine.media.rtp.alignment import Alignment
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.drill_results import StepResult
from engine.protocol.messages import CueState, Summary
from engine.server.sessions.timed_session import CoreTimes, TimedSession

HOLD_S = 0.25
HOLD = round(HOLD_S * RATE_HZ)
"""How long one speaker's audio waits for the other's. Audio that comes later is lost, so that no nudge of
the first speaker is held up."""

BEGIN_S = 10.0
"""How long the time line waits for audio of the second speaker after the first one's."""

FILLED = 4 * HOP
"""Longest gap, in samples, that moving a block later makes and that is filled with the block's own samples
instead of counting as lost: 40 ms, which nobody hears."""

LEAST_APART = 2 * HOP
"""Shifts between the two channels below this, in samples, aren't corrected."""


class SharedTimeline:
    """The time line of one call, on which the audio of both speakers is placed.

    It begins as soon as audio of both has come, or :data:`BEGIN_S` after the first audio of one.

    Parameters
    ----------
    profiles : the thresholds for each speaker.
    clock : monotonic, in seconds; the one of the packets' arrivals.

    Attributes
    ----------
    zero_s : monotonic time of its beginning; None before.
    over : whether the call has ended.
    cores : of each speaker.
    taps : of the speakers who asked for words.
    drilled : the speaker whom the interviewer's distractions are played to; None before the first.
    """

    def __init__(self, profiles: tuple[Profile, Profile], clock: Callable[[], float]) -> None:
        self.profiles = profiles
        self.clock = clock
        self.zero_s: float | None = None
        self.over = False
        self.cores = (SeatCore(self, 0), SeatCore(self, 1))
        self.drilled: SeatCore | None = None
        self.taps = ChannelTaps()
        self._first_s: float | None = None
        self._session: TimedSession | None = None

    @property
    def session(self) -> TimedSession:
        """The session of two channels; made on first use, as it is most of what a room costs."""
        if self._session is None:
            self._session = TimedSession(self.profiles[0], 2, self.profiles[1])
            self._session.tap = self.taps
        return self._session

    @property
    def begun(self) -> bool:
        """Whether anything was measured: the engine has listened to one of the two."""
        return self._session is not None

    def begins(self, arrived_s: float) -> bool:
        """Return whether audio that arrives now is placed; begin the time line if it can begin."""
        if self.zero_s is None:
            self._first_s = arrived_s if self._first_s is None else self._first_s
            if all(core.speaking for core in self.cores) or arrived_s - self._first_s > BEGIN_S:
                self.zero_s = arrived_s
        return self.zero_s is not None

    def advance(self, core: SeatCore, arrived_s: float) -> None:
        """Go on after audio of one speaker: give up late audio of the other, and deliver the events."""
        session, other = self.session, 1 - core.channel
        due, position = core.position() - HOLD, session.position(other)
        if position < due:
            session.missing(other, position, due)
        apart = session.apart
        if abs(apart) >= LEAST_APART:
            # A voice cannot be heard before it is spoken: the channel that stands late is moved earlier.
            self.cores[apart > 0].move_earlier(abs(apart))
            session.straightened(apart)
        self.deliver_events(core, arrived_s)

    def deliver_events(self, caller: SeatCore | None, arrived_s: float) -> None:
        """Give each speaker's core its events, and notify those other than the caller."""
        events = self.session.poll()
        if not events:
            return
        for event in events:
            self.cores[event.channel].add_event(event)
        for core in self.cores:
            if core is not caller and core.on_events is not None and core.has_events:
                core.on_events(arrived_s)

    def forget(self) -> None:
        """Delete everything that was measured; the call is over."""
        self._session = None

    def finish(self) -> None:
        """End the call; close what is open, and deliver the last events."""
        if not self.over:
            self.over = True
            if self._session is not None:
                self._session.finish()
                self.deliver_events(None, self.clock())


class SeatCore:
    """The :class:`engine.server.sessions.live_core.LiveCore` of one side of a call of two.

    All events and measures are about channel 0, the speaker in this seat: those of the other
    side never come out here. ``seq`` rises, with gaps where the other side has an event.
    """

    channels = 2

    def __init__(self, timeline: SharedTimeline, channel: int) -> None:
        self.channel = channel
        self.times = CoreTimes()
        self.speaking = False
        """Whether audio has come on the present connection."""
        self.results: list[StepResult] = []
        """How the speaker handled what the interviewer had played to them."""
        self.on_events: Callable[[float], None] | None = None
        self._timeline = timeline
        self._events: list[ev.AnyEvent] = []
        self._place = 0
        """Where on the time line the next sample belongs."""
        self._alignment: Alignment | None = None
        self._arrived_s = 0.0
        self._round_trip_s: float | None = None

    @property
    def profile(self) -> Profile:
        """The thresholds in force."""
        return self._timeline.profiles[self.channel]

    @property
    def now(self) -> int:
        """Sample index up to which both speakers have been taken into account."""
        return self._timeline.session.now

    # --- the connection ---------------------------------------------------------

    def restart(self) -> None:
        """Begin another connection: its delay has to be found anew."""
        self.speaking, self._round_trip_s = False, None
        if self._alignment is not None:
            self._alignment.restart()

    def round_trip(self, duration_s: float) -> None:
        """Note the round trip time to the speaker; half of it is taken for the way here."""
        self._round_trip_s = duration_s
        if self._alignment is not None:
            self._alignment.round_trip(duration_s)

    def arrived(self, at_s: float) -> None:
        """Note the arrival time of what is heard next, from which its place is found."""
        self._arrived_s = at_s

    # --- inputs -------------------------------------------------------------------

    def position(self, channel: int = 0) -> int:
        """Return the sample index on the time line that comes next."""
        return self._place

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Count samples ``start`` to ``stop`` as lost."""
        self._place += max(0, stop - self._place)
        if self.muted() and self._alignment is not None and not self._timeline.over:
            # No audio will come that lets the other speaker's time go on.
            session = self._counted_session()
            session.missing(self.channel, session.position(self.channel), self._place)
            self._timeline.advance(self, self._arrived_s)

    def mute(self, on: bool) -> None:
        """Mute this speaker from here on, or unmute them."""
        if not self._timeline.over:
            self._counted_session().mute(on, self.channel)
            self._timeline.deliver_events(self, self._timeline.clock())

    def muted(self) -> bool:
        """Return whether this speaker is muted."""
        return self._timeline.session.muted(self.channel)

    def hear(self, channel: int, samples: Samples) -> None:
        """Hear the next samples, at the place on the time line that their arrival time gives."""
        timeline = self._timeline
        self.speaking = True
        if timeline.over or (timeline.zero_s is None and not timeline.begins(self._arrived_s)):
            return
        alignment = self._alignment or self._begin_alignment()
        place = max(0, self._place)
        moved = alignment.shift(place + samples.size, self._arrived_s)
        if 0 < moved <= FILLED:
            samples = np.concatenate([np.resize(samples, moved), samples])
        elif moved:
            place = max(0, place + moved)
        self._place = place + samples.size
        if self._place <= 0:
            return
        self._counted_session().hear(self.channel, samples, place)
        timeline.advance(self, self._arrived_s)

    def move_earlier(self, samples: int) -> None:
        """Place this speaker's audio earlier by some samples from now on."""
        if self._alignment is not None:
            self._alignment.move_earlier(samples)

    def set_cue(self, cue: str, on: bool) -> None:
        """Switch a cue off or on from here on."""
        self._timeline.session.set_cue(cue, on, self.channel)

    def set_tap(self, tap: SampleTap | None) -> None:
        """Push this speaker's samples to a tap from here on, or to none."""
        if tap is None:
            self._timeline.taps.taps.pop(self.channel, None)
        else:
            self._timeline.taps.taps[self.channel] = tap

    def learn(self, fact: ev.LateFact, channel: int = 0, at: int | None = None) -> None:
        """Learn of a fact about this speaker, and deliver its event.

        Raises
        ------
        UsageError
            As of :meth:`engine.core.session.Session.learn`; or the call is over.
        """
        if self._timeline.over:
            raise UsageError("the call is over")
        self._timeline.session.learn(fact, self.channel, at)
        self._timeline.deliver_events(self, self._timeline.clock())

    def finish(self) -> None:
        """Hear no more of this speaker; the call goes on, and another session may join it here."""
        self.restart()

    # --- outputs ------------------------------------------------------------------

    def add_event(self, event: ev.AnyEvent) -> None:
        """Keep an event about this speaker until it is polled."""
        self._events.append(msgspec.structs.replace(event, channel=0) if self.channel else event)
        if isinstance(event, ev.DrillStepEnded):
            self.results.append(event.result)

    @property
    def has_events(self) -> bool:
        """Whether events wait to be polled."""
        return bool(self._events)

    def poll(self) -> list[ev.AnyEvent]:
        """Return the events since the last call, in order."""
        waiting, self._events = self._events, []
        return waiting

    def cues(self) -> list[CueState]:
        """Return every cue with its aim, and whether it is on."""
        return self._timeline.session.cues(self.channel)

    def summary(self) -> Summary:
        """Return measures, findings and nudges of this speaker so far."""
        both, mine = self._timeline.session.summary(), self.channel
        nudges = [nudge for nudge in both.nudges if nudge.channel == mine]
        return msgspec.structs.replace(
            both,
            profile=self.profile.name,
            measures=[both.measures[mine]],
            findings=[both.findings[mine]],
            nudges=[msgspec.structs.replace(nudge, channel=0) for nudge in nudges],
        )

    # --- the interviewer's distractions ---------------------------------------------

    @property
    def drilling(self) -> bool:
        """Whether the interviewer has begun to play things to this speaker."""
        return self._timeline.drilled is self and self._timeline.session.drilling

    def begin_drill(self, plan: Plan, lengths_s: Sequence[Sequence[float]], *, hears: bool = False) -> None:
        """Begin a drill to which the interviewer adds the steps.

        Raises
        ------
        UsageError
            The plan has a script, which would play the other side; or the call is over.
        """
        if not plan.by_hand:
            raise UsageError("a drill needs a session of one speaker; in a call the other side is real")
        self._timeline.session.begin_drill(plan, lengths_s, self.channel, hears=hears)
        self._timeline.drilled = self

    def add_step(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Add a step to the drill of this speaker; see :meth:`engine.core.session.Session.add_step`."""
        self._timeline.session.add_step(step, lengths_s)

    def stop_drill(self) -> None:
        """End the drill of this speaker, if it is theirs that runs, and deliver its results."""
        if self.drilling:
            self._timeline.session.stop_drill()
            self._timeline.deliver_events(self, self._arrived_s)

    def played(self, samples: Samples) -> None:
        """Tell the echo suppressor what this speaker gets to hear."""
        if self.drilling:
            self._timeline.session.played(samples)

    # --- inside -------------------------------------------------------------------

    def _counted_session(self) -> TimedSession:
        """Return the session of both, its time counted for this speaker from now on."""
        session = self._timeline.session
        session.times = self.times
        return session

    def _begin_alignment(self) -> Alignment:
        """Begin to place this speaker's audio."""
        assert self._timeline.zero_s is not None
        self._alignment = Alignment(self._timeline.zero_s)
        if self._round_trip_s is not None:
            self._alignment.round_trip(self._round_trip_s)
        return self._alignment
