"""A drill that goes on in a session: its conductor gets frames and events, and directs floor and nudges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from dsp.frame import HOP_S, UNKNOWN_FRAME, Frame
from engine.drills.plan import Plan, Planned
from engine.drills.runner import Runner
from engine.errors import UsageError
from engine.interview.interviewer import Interviewer
from engine.interview.plan import InterviewPlan
from engine.profile import Profile
from engine.protocol import events as ev

from .attachments import Attachment
from .listener import Listener
from .nudges import Policy


class Conductor(Protocol):
    """Decides what happens in a drill, hop by hop: a runner of its steps, or an interviewer."""

    floor: bool | None
    """True once the other side has the floor, False once the speaker has it back; None as it was."""

    @property
    def done(self) -> bool:
        """Whether it is over."""

    @property
    def quiet(self) -> bool:
        """Whether nudges must wait now."""

    def observe(self, event: ev.AnyEvent) -> None:
        """Observe one event of the speaker."""

    def process_frame(self, frame: Frame, now_s: float) -> None:
        """Process the next hop's frame; ``now_s`` is its end."""

    def stop(self) -> None:
        """End it now: stop all sound and emit the card."""


def conductor(
    plan: Plan,
    lengths_s: Sequence[Sequence[float]],
    profile: Profile,
    listener: Listener,
    emit: Callable[[ev.DrillEvent], None],
    *,
    start_s: float,
    hears: bool,
) -> Conductor:
    """Return what conducts a plan for a speaker from here on; see :class:`engine.drills.runner.Runner`.

    Parameters
    ----------
    profile, listener : of the speaker.
    """
    talking_since_s = start_s if listener.state == "speaking" else None
    if isinstance(plan, InterviewPlan):
        return Interviewer(plan, lengths_s, start_s=start_s, emit=emit, talking_since_s=talking_since_s)
    return Runner(
        plan,
        lengths_s,
        start_s=start_s,
        syllables_per_word=profile.pace.syllables_per_word,
        emit=emit,
        talking_since_s=talking_since_s,
        hears=hears,
    )


class RunningDrill(Attachment):
    """Attaches a conductor to the session of its speaker.

    Parameters
    ----------
    channel : of the speaker.
    listener, policy : theirs; a speaker who isn't coached has no policy.
    over : called once, when the drill is done.
    """

    def __init__(
        self,
        channel: int,
        runner: Conductor,
        listener: Listener,
        policy: Policy | None,
        over: Callable[[], None],
    ) -> None:
        self.channel = channel
        self.runner = runner
        self._listener = listener
        self._policy = policy
        self._over = over
        self.direct()

    def stop(self) -> None:
        """End the drill now."""
        self.runner.stop()
        self.direct()

    def add_step(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Add a step to a drill whose steps are added by hand; see :meth:`.session.Session.add_step`."""
        if not isinstance(self.runner, Runner) or not self.runner.free:
            raise UsageError("something happens to them already; wait until it is over")
        self.runner.add(step, lengths_s)

    def needs_frames(self, hop: int) -> bool:
        """Need all of them: what happens next depends on the speaker's last word."""
        return True

    def process_frame(self, channel: int, hop: int, frame: Frame) -> None:
        """Do what is due, and judge how it was taken; a muted speaker isn't there.

        Digital silence may be a mute or a noise gate. An interviewer takes it for silence: else it would wait
        for ever for the end of an answer.
        """
        if channel == self.channel:
            mute = self._listener.mute
            muted = mute.told if isinstance(self.runner, Interviewer) else mute.on
            self.runner.process_frame(UNKNOWN_FRAME if muted else frame, (hop + 1) * HOP_S)
            self.direct()

    def observe(self, event: ev.AnyEvent) -> None:
        """Let the runner know of the speaker's facts and readings."""
        if event.channel == self.channel and not isinstance(event, ev.DrillEvent):
            self.runner.observe(event)

    def direct(self) -> None:
        """Give the floor to whom the runner gives it, and hold nudges back while it wants quiet."""
        runner = self.runner
        if runner.floor is not None:
            (self._listener.floor_taken if runner.floor else self._listener.floor_held)()
            runner.floor = None
        if self._policy is not None:
            self._policy.quiet = runner.quiet and not runner.done
        if runner.done:
            self._over()
