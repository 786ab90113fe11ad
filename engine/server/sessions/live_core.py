"""What a live session needs of its core, and the core of a session of one speaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from engine.core.sample_tap import SampleTap
from engine.drills.plan import Plan, Planned
from engine.media.resample import Samples
from engine.media.rtp.ingest import SampleSink
from engine.profile import Profile
from engine.protocol.envelope import LateFact
from engine.protocol.events import AnyEvent
from engine.protocol.messages import CueState, Summary

from .timed_session import CoreTimes, TimedSession


class LiveCore(SampleSink, Protocol):
    """The core of a live call, as its :class:`.live_session.LiveSession` uses it.

    Channel 0 is the speaker of the session; all events and measures are about them. Two
    implementations: :class:`SoloCore` for a session of one speaker, and
    :class:`engine.server.rooms.shared_timeline.SeatCore` for one side of a call of two.
    """

    on_events: Callable[[float], None] | None
    """Called with an arrival time when events are waiting that no call of this object caused."""

    @property
    def profile(self) -> Profile:
        """The thresholds in force."""

    @property
    def channels(self) -> int:
        """Speakers that are measured: 1, or 2 when the other side is heard as well."""

    @property
    def now(self) -> int:
        """Sample index up to which everything has been taken into account."""

    @property
    def times(self) -> CoreTimes:
        """What hearing this speaker has cost so far."""

    # The connection:

    def restart(self) -> None:
        """Begin another connection: what was known of the last one's delays no longer holds."""

    def round_trip(self, duration_s: float) -> None:
        """Note the round trip time to the speaker, as their client measured it."""

    def arrived(self, at_s: float) -> None:
        """Note the arrival time, on the monotonic clock, of what is heard next."""

    # Inputs, beside those of SampleSink:

    def mute(self, on: bool) -> None:
        """Mute the speaker from the next sample on, or unmute them."""

    def muted(self) -> bool:
        """Return whether the speaker is muted."""

    def set_cue(self, cue: str, on: bool) -> None:
        """Switch a cue off or on from here on."""

    def set_tap(self, tap: SampleTap | None) -> None:
        """Push the speaker's samples to a tap from here on, or to none; never those of the other side."""

    def learn(self, fact: LateFact, channel: int = 0, at: int | None = None) -> None:
        """Learn of a fact after it was true; see :meth:`engine.core.session.Session.learn`."""

    def finish(self) -> None:
        """End the measuring of this speaker, and close what is open."""

    # Outputs:

    def poll(self) -> list[AnyEvent]:
        """Return the events since the last call, in order."""

    def cues(self) -> list[CueState]:
        """Return every cue with its aim, and whether it is on."""

    def summary(self) -> Summary:
        """Return measures, findings and nudges so far."""

    # Drills:

    @property
    def drilling(self) -> bool:
        """Whether a drill runs for this speaker."""

    def begin_drill(self, plan: Plan, lengths_s: Sequence[Sequence[float]], *, hears: bool = False) -> None:
        """Begin a drill; see :meth:`engine.core.session.Session.begin_drill`."""

    def add_step(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Add a step to the running drill; see :meth:`engine.core.session.Session.add_step`."""

    def stop_drill(self) -> None:
        """End the running drill, if there is one."""

    def played(self, samples: Samples) -> None:
        """Tell the echo suppressor what the speaker gets to hear."""


class SoloCore(TimedSession):
    """The core of a session of one speaker: its stream time begins with their first packet.

    Nothing depends on when that is, nor on how far away the speaker is.
    """

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.on_events: Callable[[float], None] | None = None

    def set_tap(self, tap: SampleTap | None) -> None:
        """Push the samples to a tap from here on, or to none."""
        self.tap = tap

    def restart(self) -> None:
        """Begin another connection; stream time goes on where it was."""

    def round_trip(self, duration_s: float) -> None:
        """Note the round trip time; there is no other speaker to be aligned with."""

    def arrived(self, at_s: float) -> None:
        """Note an arrival time; likewise."""
