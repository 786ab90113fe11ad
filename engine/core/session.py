"""The session: samples and the passing of time in, events out. No clock decides anything here.

Theory of operation: each channel's :class:`engine.core.listener.Listener` cuts its samples
into hops on one grid and turns them into frames. As soon as every channel has a
frame for a hop, :class:`engine.core.hop_loop.HopLoop` hears that hop: facts of each speaker, facts
between the two, readings and traces when they are due. Each event gets its place in the order and
goes to the channel's :class:`engine.core.nudges.Policy`, which sees nothing but events;
its nudges join the same order. So a nudge can always be explained from the events
before it, and a recording gives what the live call gave.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ
from engine.cues import CUES, cue_states
from engine.drills.plan import Plan, Planned
from engine.errors import UsageError
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import CueState, Summary

from .attachments import Attachment, LateCheck, as_learnt
from .conversation import Between, TalkShares
from .echo_guard import EchoGuard
from .event_log import EventLog, rounded
from .findings import findings
from .hop_loop import HopLoop
from .listener import Listener
from .nudges import Policy
from .running_drill import RunningDrill, conductor
from .sample_tap import ChannelTaps, SampleTap


class Session:
    """One practice session of one or two speakers.

    Parameters
    ----------
    profile : the thresholds in force.
    channels : 1, or 2 when the other side is heard as well.
    second : the thresholds for channel 1; the same unless given.
    coached : channels that are nudged; all of them unless given.
    policy : makes the policy of a coached channel.
    """

    def __init__(
        self,
        profile: Profile,
        channels: int = 1,
        *,
        second: Profile | None = None,
        coached: tuple[int, ...] | None = None,
        policy: Callable[[Profile, int, Callable[[ev.Nudge | ev.NudgeCleared], None]], Policy] = Policy,
    ) -> None:
        if channels not in (1, 2):
            raise UsageError(f"a session has 1 or 2 channels, not {channels}")
        self.profiles = (profile, second or profile)[:channels]
        self.channels = channels
        self._log = EventLog()
        self._listeners = [
            Listener(one, functools.partial(self._emit, channel)) for channel, one in enumerate(self.profiles)
        ]
        self._loop = HopLoop(
            self._listeners, profile.interruption.overlap_s, tell_between=self._emit_between, read=self._read
        )
        self._between = Between() if channels == 2 else None
        self._shares = TalkShares(profile.talk_share.window_s)
        nudged = range(channels) if coached is None else coached
        self._policies = {
            channel: policy(self.profiles[channel], channel, functools.partial(self._emit, channel))
            for channel in nudged
        }
        self._finished = False
        self._drill: RunningDrill | None = None
        self._drilled = 0
        """Channel of the speaker to whom the drill happens, and to whom something is played."""
        self._echo_guards: dict[int, EchoGuard] = {}
        self.tap: SampleTap | ChannelTaps | None = None
        """Gets all samples that are heard, with their stream positions; what is lost or muted is a gap."""

    # --- samples and time in ----------------------------------------------------

    def hear(self, channel: int, samples: NDArray[np.float32], at: int | None = None) -> None:
        """Hear samples of a channel.

        Parameters
        ----------
        channel : 0 or 1.
        samples : float32, shape (n,), mono, 16 kHz, full scale ±1; any ``n``. Hops with
            samples that are no audio (NaN, infinity, beyond ±8) count as lost.
        at : index of the first sample in stream time; where the channel is when not given.
            What lies between is lost; what was heard or lost already is dropped.

        Raises
        ------
        UsageError
            No such channel, wrong shape or type, or the session is finished.
        """
        listener = self._listener(channel)
        if samples.ndim != 1 or samples.dtype != np.float32:
            raise UsageError(
                f"samples must be float32 of one dimension, not {samples.dtype} of shape {samples.shape}"
            )
        if at is not None:
            if at > listener.position:
                listener.add_lost(at - listener.position)
            elif at < listener.position:
                samples = samples[listener.position - at :]
        if self.tap is not None and not listener.mute.said:
            self.tap.push(channel, listener.position, samples)
        listener.add_samples(samples)
        self._loop.run()

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Samples ``start`` to ``stop`` of a channel never arrived: unknown, not silence."""
        listener = self._listener(channel)
        if start > listener.position:
            raise UsageError(f"channel {channel} is at sample {listener.position}, not yet at {start}")
        listener.add_lost(max(0, stop - listener.position))
        self._loop.run()

    def advance(self, to: int) -> None:
        """Time passed up to sample ``to`` on all channels; what hadn't arrived by then is lost."""
        for channel, listener in enumerate(self._listeners):
            if listener.position < to:
                self.missing(channel, listener.position, to)

    def mute(self, on: bool, channel: int = 0) -> None:
        """Mute a speaker from here on, or no more: what comes meanwhile isn't heard.

        It begins and ends with the hop that holds the sample the channel expects next.
        """
        self._listener(channel).set_muted(on)
        self._loop.run()

    def learn(
        self, fact: ev.LateFact, channel: int = 0, at: int | None = None, check: LateCheck = as_learnt
    ) -> None:
        """Learn of a fact of a channel after it was true: its event comes once stream time is at ``at``.

        Parameters
        ----------
        fact : made for this call; the session stamps it.
        at : sample index at which it is known; :attr:`now` unless given. To replay a log, give the
            ``at_s`` of its event.
        check : called when it is known; returns the facts, of this span, to emit instead.

        Raises
        ------
        UsageError
            No such channel, the session is finished, or the fact isn't over when it is known.
        """
        self._listener(channel)
        known = self.now if at is None else max(at, self.now)
        if not 0 <= fact.start_s <= fact.end_s <= known / RATE_HZ:
            raise UsageError(
                f"a fact from {fact.start_s} to {fact.end_s} s cannot be known at {known / RATE_HZ} s"
            )
        self._loop.schedule(-(-known // HOP), functools.partial(self._emit_late, channel, fact, check))
        self._loop.run()

    def played(self, samples: NDArray[np.float32], at: int | None = None) -> None:
        """Note what the speaker gets to hear: where it comes back by their microphone it isn't theirs.

        Parameters
        ----------
        samples : float32, shape (n,), mono, 16 kHz, n < 4 s; what follows on itself follows without a gap.
        at : index of the first sample in stream time, when it was sent; where the channel is unless given.
        """
        channel = self._drilled
        self._echo_guard(channel).played(samples, self.position(channel) if at is None else at)

    def straightened(self, samples: int) -> None:
        """Note that channel 1 is put earlier against channel 0 from now on, by a number of samples."""
        if self._loop.pair is not None:
            self._loop.pair.shift_alignment(samples // HOP)

    def finish(self) -> None:
        """No more audio: closes what is open. Samples short of a hop are left out."""
        if self._finished:
            return
        self.stop_drill()
        for listener in self._listeners:
            listener.finish(self._loop.now_s)
        self._loop.finish()
        for policy in self._policies.values():
            policy.finish()
        self._finished = True

    # --- events out ---------------------------------------------------------------

    def poll(self) -> list[ev.AnyEvent]:
        """Events since the last call, in order."""
        return self._log.poll()

    def summary(self) -> Summary:
        """Measures, findings and nudges so far."""
        now_s, nudges = self._loop.now_s, self._log.nudges
        measures = [self._measures(channel) for channel in range(self.channels)]
        return Summary(
            duration_s=round(now_s, 4),
            profile=self.profile.name,
            measures=measures,
            findings=[
                findings(measure, self.profiles[channel], [one for one in nudges if one.channel == channel])
                for channel, measure in enumerate(measures)
            ],
            nudges=list(nudges),
        )

    # --- where it stands ------------------------------------------------------------

    @property
    def profile(self) -> Profile:
        """The thresholds in force for channel 0."""
        return self.profiles[0]

    @property
    def now(self) -> int:
        """Sample index up to which all channels have been taken into account."""
        return self._loop.hop * HOP

    def position(self, channel: int = 0) -> int:
        """Sample index that a channel expects next."""
        return self._listener(channel).position

    def muted(self, channel: int = 0) -> bool:
        """Whether a speaker is muted, by what was said or by digital silence."""
        return self._listeners[channel].mute.on

    @property
    def apart(self) -> int:
        """Samples by which channel 1 stands behind channel 0, below 0 when before it, as far as can be told.

        Two microphones that hear the same voice tell: none can hear it before it is spoken. 0 where
        nothing tells.
        """
        return 0 if self._loop.pair is None else self._loop.pair.offset_hops * HOP

    def cues(self, channel: int = 0) -> list[CueState]:
        """Every cue with its aim, and whether it is on for a channel."""
        policy = self._policies.get(channel)
        off = policy.off if policy else frozenset(CUES)
        return cue_states(self.profiles[channel], off, alone=self.channels == 1)

    # --- what is asked of it ----------------------------------------------------------

    def set_cue(self, cue: str, on: bool, channel: int | None = None) -> None:
        """Switch a cue off or on from here on, for one channel or for all."""
        if cue not in CUES:
            raise UsageError(f"no cue {cue!r}; cues are {', '.join(CUES)}")
        for coached, policy in self._policies.items():
            if channel is None or channel == coached:
                policy.set_cue(cue, on)

    def attach(self, attachment: Attachment) -> None:
        """Attach something that listens in from here on."""
        self._loop.attachments.append(attachment)

    def detach(self, attachment: Attachment) -> None:
        """Detach it."""
        self._loop.attachments.remove(attachment)

    @property
    def drilling(self) -> bool:
        """Whether a drill goes on."""
        return self._drill is not None

    def begin_drill(
        self, plan: Plan, lengths_s: Sequence[Sequence[float]], channel: int = 0, *, hears: bool = False
    ) -> None:
        """Do what a plan says to a speaker, from here on.

        Parameters
        ----------
        plan : of a drill or an interview.
        lengths_s : for each of its steps how long its lines take, or its sound.
        hears : whether the speaker's words are recognised.

        Raises
        ------
        UsageError
            A drill goes on already, for either speaker, or the session is finished.
        """
        if self.drilling:
            raise UsageError("a drill goes on already; stop it first")
        listener, now_s = self._listener(channel), self._loop.now_s
        self._drilled = channel
        self._echo_guard(channel).watch(True)
        profile, emit = self.profiles[channel], functools.partial(self._emit, channel)
        runner = conductor(plan, lengths_s, profile, listener, emit, start_s=now_s, hears=hears)
        self._drill = RunningDrill(channel, runner, listener, self._policies.get(channel), self._end_drill)
        self.attach(self._drill)
        self._drill.direct()

    def add_step(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Let one thing more happen in the drill that goes on, as soon as there is room for it.

        Raises
        ------
        UsageError
            None goes on, or what was added before isn't over.
        """
        if self._drill is None:
            raise UsageError("no drill goes on; begin one first")
        self._drill.add_step(step, lengths_s)

    def stop_drill(self) -> None:
        """End the drill that goes on, if one does: all its sound goes out, its card is told."""
        if self._drill is not None:
            self._drill.stop()

    # --- inside -------------------------------------------------------------------------

    def _listener(self, channel: int) -> Listener:
        if not 0 <= channel < self.channels:
            raise UsageError(f"no channel {channel}; this session has {self.channels}")
        if self._finished:
            raise UsageError("the session is finished; begin another one")
        return self._listeners[channel]

    def _echo_guard(self, channel: int) -> EchoGuard:
        """Echo guard of a channel; it filters before a drill judges, so it is attached before one."""
        if channel not in self._echo_guards:
            guard = EchoGuard(channel, functools.partial(self._emit, channel))
            self._echo_guards[channel] = guard
            self._loop.attachments.insert(0, guard)
        return self._echo_guards[channel]

    def _end_drill(self) -> None:
        """Forget the drill that is done."""
        if self._drill is not None:
            self.detach(self._drill)
            self._drill = None
            self._echo_guards[self._drilled].watch(False)

    def _read(self) -> None:
        """Emit the readings of all speakers."""
        now_s = self._loop.now_s
        spoken_s = (listener.measured.speech_s(now_s) for listener in self._listeners)
        shares = self._shares.update(*spoken_s) if self.channels == 2 else None
        for channel, listener in enumerate(self._listeners):
            reading = listener.reading(now_s, shares[channel] if shares else None)
            if self._between is not None:
                reading = self._between.checked_in(channel, reading, now_s)
            self._emit(channel, reading)

    def _measures(self, channel: int) -> ChannelMeasures:
        now_s, listener = self._loop.now_s, self._listeners[channel]
        if self._between is None:
            return rounded(listener.measures(now_s, None))
        speech_s = [one.measured.speech_s(now_s) for one in self._listeners]
        measures = rounded(listener.measures(now_s, speech_s[1 - channel]))
        return replace(measures, exchange=rounded(self._between.standing(channel, now_s, speech_s)))

    def _emit_between(self, fact: ev.Fact) -> None:
        """Emit a fact between the two speakers, of the channel that it names."""
        listener = self._listeners[fact.channel]
        if isinstance(fact, ev.TurnTaken) and fact.gap_s is not None:
            muted = listener.mute.since(fact.start_s - max(0.0, fact.gap_s))
            fact = replace(fact, gap_s=None) if muted else fact  # who is muted owes no answer
        listener.measured.interruptions += isinstance(fact, ev.Interruption)
        listener.measured.backchannels += isinstance(fact, ev.Backchannel)
        self._emit(fact.channel, fact)

    def _emit_late(self, channel: int, fact: ev.LateFact, check: LateCheck) -> None:
        for known in check(fact):
            self._listeners[channel].measured.learn(known)
            self._emit(channel, cast(ev.AnyEvent, known))

    def _emit(self, channel: int, event: ev.AnyEvent) -> None:
        """Append an event to the log, and pass it to policies and attachments."""
        self._log.append(event, self._loop.now_s, channel)
        if isinstance(event, ev.Trace | ev.Nudge | ev.NudgeCleared):
            return  # for drawing, or for the speaker
        if isinstance(event, ev.DrillEvent):
            if channel in self._policies:
                self._policies[channel].observe(event)
        else:
            if self._between is not None:
                self._between.observe(event)
            for policy in self._policies.values():
                policy.observe(event)
        for attachment in list(self._loop.attachments):
            attachment.observe(event)
