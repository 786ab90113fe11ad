"""The session: samples and the passing of time in, events out. No clock decides anything here.

Theory of operation: each channel's :class:`engine.core.listener.Listener` cuts its samples
into hops on one grid and turns them into frames. As soon as every channel has a
frame for a hop, the session takes that hop: facts of each speaker, facts between the
two, readings and traces when they are due. Each event gets its place in the order and
goes to the channel's :class:`engine.core.nudges.Policy`, which sees nothing but events;
its nudges join the same order. So a nudge can always be explained from the events
before it, and a recording gives what the live call gave.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from dsp.accumulator import READING, READING_HOPS
from dsp.channel_pair import ChannelPair
from dsp.frame import HOP, HOP_S, UNKNOWN_FRAME, Frame
from engine.cues import CUES, cue_states
from engine.drills.plan import Plan, Planned
from engine.drills.runner import Runner
from engine.errors import UsageError
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures, Exchange
from engine.protocol.messages import CueState, Summary

from .conversation import Between
from .findings import findings
from .floor_facts import tell
from .listener import Listener
from .nudges import Policy
from .playback_echo import Echo, Played
from .windows import hops

ECHO_S = 2.0
"""So long after the last sound that was played the echo suppressor is asked."""

Measured = TypeVar("Measured", ChannelMeasures, Exchange)

DECIMALS = 4
"""Of numbers in events: finer than anything measured, and the same text on every machine."""


class Session:
    """One practice session of one or two speakers.

    Parameters
    ----------
    profile : the thresholds in force.
    channels : 1, or 2 when the other side is heard as well.
    second : the thresholds for channel 1; the same unless given.
    coached : channels that are nudged; all of them unless given.
    on_frame : called with each channel and the frame that its facts are drawn from, hop by hop.
    policy : makes the policy of a coached channel.
    """

    def __init__(
        self,
        profile: Profile,
        channels: int = 1,
        *,
        second: Profile | None = None,
        coached: tuple[int, ...] | None = None,
        on_frame: Callable[[int, Frame], None] | None = None,
        policy: Callable[[Profile, int, Callable[..., None]], Policy] = Policy,
    ) -> None:
        if channels not in (1, 2):
            raise UsageError(f"a session has 1 or 2 channels, not {channels}")
        self.profiles = (profile, second or profile)[:channels]
        self.channels = channels
        self._listeners = [
            Listener(one, functools.partial(self._emit, channel)) for channel, one in enumerate(self.profiles)
        ]
        self._pair: ChannelPair | None = None
        if channels == 2:
            first, second_ = self._listeners
            self._pair = ChannelPair(
                (first.ears, second_.ears),
                (first.accumulator, second_.accumulator),
                profile.interruption.overlap_s,
            )
        self._between = Between() if channels == 2 else None
        nudged = range(channels) if coached is None else coached
        self._policies = {
            channel: policy(self.profiles[channel], channel, functools.partial(self._emit, channel))
            for channel in nudged
        }
        self._on_frame = on_frame
        self._events: list[ev.AnyEvent] = []
        self._nudges: list[ev.Nudge] = []
        self._seq = 0
        self._hop = 0
        self._finished = False
        self._shares: list[tuple[float, ...]] = []
        self._drill: Runner | None = None
        self._drilled = 0
        """Channel of the speaker to whom the drill happens, and to whom something is played."""
        self._played = Played()
        self._echo_told = False

    @property
    def profile(self) -> Profile:
        """The thresholds in force for channel 0."""
        return self.profiles[0]

    @property
    def now(self) -> int:
        """Sample index up to which all channels have been taken into account."""
        return self._hop * HOP

    def position(self, channel: int = 0) -> int:
        """Sample index that a channel expects next."""
        return self._listener(channel).position

    def hear(self, channel: int, samples: NDArray[np.float32], at: int | None = None) -> None:
        """Take samples of a channel.

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
                listener.lose(at - listener.position)
            elif at < listener.position:
                samples = samples[listener.position - at :]
        listener.put(samples)
        self._take()

    def missing(self, channel: int, start: int, stop: int) -> None:
        """Samples ``start`` to ``stop`` of a channel never arrived: unknown, not silence."""
        listener = self._listener(channel)
        if start > listener.position:
            raise UsageError(f"channel {channel} is at sample {listener.position}, not yet at {start}")
        listener.lose(max(0, stop - listener.position))
        self._take()

    def advance(self, to: int) -> None:
        """Time passed up to sample ``to`` on all channels; what hadn't arrived by then is lost."""
        for channel, listener in enumerate(self._listeners):
            if listener.position < to:
                self.missing(channel, listener.position, to)

    def mute(self, on: bool, channel: int = 0) -> None:
        """Know that a speaker is muted from here on, or no more: what comes meanwhile isn't heard.

        It begins and ends with the hop that holds the sample the channel expects next.
        """
        self._listener(channel).say_muted(on)
        self._take()

    def muted(self, channel: int = 0) -> bool:
        """Whether a speaker is muted, by what was said or by digital silence."""
        return self._listeners[channel].mute.on

    def poll(self) -> list[ev.AnyEvent]:
        """Events since the last call, in order."""
        taken, self._events = self._events, []
        return taken

    def set_cue(self, cue: str, on: bool, channel: int | None = None) -> None:
        """Switch a cue off or on from here on, for one channel or for all."""
        if cue not in CUES:
            raise UsageError(f"no cue {cue!r}; cues are {', '.join(CUES)}")
        for coached, policy in self._policies.items():
            if channel is None or channel == coached:
                policy.set_cue(cue, on)

    def begin_drill(self, plan: Plan, lengths_s: Sequence[Sequence[float]], channel: int = 0) -> None:
        """Do what a plan says to a speaker, from here on.

        Parameters
        ----------
        plan : by ``engine.drills.plan``.
        lengths_s : for each of its steps how long its lines take, or its sound.

        Raises
        ------
        UsageError
            A drill goes on already, for either speaker, or the session is finished.
        """
        if self.drilling:
            raise UsageError("a drill goes on already; stop it first")
        listener = self._listener(channel)
        self._drilled = channel
        self._drill = Runner(
            plan,
            lengths_s,
            start_s=self._now_s,
            syllables_per_word=self.profiles[channel].pace.syllables_per_word,
            emit=functools.partial(self._emit, channel),
            talking_since_s=self._now_s if listener.state == "speaking" else None,
        )
        self._heed_drill()

    def add_step(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Let one thing more happen in the drill that goes on, as soon as there is room for it.

        Raises
        ------
        UsageError
            None goes on, or what was added before isn't over.
        """
        if self._drill is None:
            raise UsageError("no drill goes on; begin one first")
        if not self._drill.free:
            raise UsageError("something happens to them already; wait until it is over")
        self._drill.add(step, lengths_s)

    def stop_drill(self) -> None:
        """End the drill that goes on, if one does: all its sound goes out, its card is told."""
        if self._drill is not None:
            self._drill.stop()
            self._heed_drill()

    def played(self, samples: NDArray[np.float32], at: int | None = None) -> None:
        """Know what the speaker gets to hear: where it comes back by their microphone it isn't theirs.

        Parameters
        ----------
        samples : float32, shape (n,), mono, 16 kHz, n < 4 s; what follows on itself follows without a gap.
        at : index of the first sample in stream time, when it was sent; where the channel is unless given.
        """
        self._played.add(samples, self.position(self._drilled) if at is None else at)

    @property
    def _echoing(self) -> bool:
        """Whether something played may still be heard."""
        return self._played.recently(self._hop * HOP, ECHO_S)

    @property
    def apart(self) -> int:
        """Samples by which channel 1 stands behind channel 0, below 0 when before it, as far as can be told.

        Two microphones that hear the same voice tell: none can hear it before it is spoken. 0 where
        nothing tells.
        """
        return 0 if self._pair is None else self._pair.offset_hops * HOP

    def straightened(self, samples: int) -> None:
        """Know that channel 1 is put so many samples earlier against channel 0 from now on."""
        if self._pair is not None:
            self._pair.shift_alignment(samples // HOP)

    @property
    def drilling(self) -> bool:
        """Whether a drill goes on."""
        return self._drill is not None

    def cues(self, channel: int = 0) -> list[CueState]:
        """Every cue with its aim, and whether it is on for a channel."""
        policy = self._policies.get(channel)
        off = policy.off if policy else frozenset(CUES)
        return cue_states(self.profiles[channel], off, alone=self.channels == 1)

    def finish(self) -> None:
        """No more audio: closes what is open. Samples short of a hop are left out."""
        if self._finished:
            return
        self.stop_drill()
        for listener in self._listeners:
            listener.finish(self._now_s)
        if self._pair is not None:
            self._pair.turn_taking.process_lost(self._hop)
            self._tell_between()
        for policy in self._policies.values():
            policy.finish()
        self._finished = True

    def summary(self) -> Summary:
        """Measures, findings and nudges so far."""
        now_s = self._now_s
        speech_s = [listener.measured.speech_s(now_s) for listener in self._listeners]
        measures = [
            self._measures(listener, channel, speech_s) for channel, listener in enumerate(self._listeners)
        ]
        return Summary(
            duration_s=round(now_s, 4),
            profile=self.profile.name,
            measures=measures,
            findings=[
                findings(measure, self.profiles[channel], [n for n in self._nudges if n.channel == channel])
                for channel, measure in enumerate(measures)
            ],
            nudges=list(self._nudges),
        )

    # --- inside ----------------------------------------------------------------

    @property
    def _now_s(self) -> float:
        return self._hop * HOP_S

    def _listener(self, channel: int) -> Listener:
        if not 0 <= channel < self.channels:
            raise UsageError(f"no channel {channel}; this session has {self.channels}")
        if self._finished:
            raise UsageError("the session is finished; begin another one")
        return self._listeners[channel]

    def _take(self) -> None:
        """Hear what has come of all channels, and heed what was said of their being muted."""
        self._hear_waiting()
        for listener in self._listeners:
            listener.heed()

    def _hear_waiting(self) -> None:
        if self._on_frame is not None or self.drilling or self._echoing:
            for _ in range(min([listener.waiting for listener in self._listeners])):
                self._step()
            return
        if self._pair is not None:
            self._take_both(self._pair, *self._listeners)
            return
        listener = self._listeners[0]
        while listener.waiting:
            listener.heed()
            heard, told = listener.hear()
            self._hop += heard
            if told:
                listener.tell(self._hop - 1, told)
                if told & READING:
                    self._read()

    def _take_both(self, pair: ChannelPair, first: Listener, second: Listener) -> None:
        """Hear what has come of both channels, in as few calls as may be."""
        while first.waiting and second.waiting:
            first.heed()
            second.heed()
            a, b = first.block, second.block
            if a is None or b is None:
                self._step()
                continue
            size = min(a.size, b.size)
            heard, a_told, b_told, happened, judged = pair.process_hops(self._hop, a[:size], b[:size])
            if not heard:
                self._step()
                continue
            first.done(heard)
            second.done(heard)
            self._hop += heard
            if not judged:
                self._judge([first.ears.newest_frame(), second.ears.newest_frame()], (False, False))
                continue
            for listener, told in ((first, a_told), (second, b_told)):
                if told:
                    listener.tell(self._hop - 1, told, listener.ears.cleaned_frame())
            if happened:
                self._tell_between()
            if self._hop % READING_HOPS == 0:
                self._read()

    def _judge(self, frames: list[Frame], bad: tuple[bool, ...]) -> list[Frame]:
        """Take the frames of the hop that was heard last, of both channels or of the one there is.

        Gives them as the facts were drawn from them: leakage is silence there.
        """
        hop = self._hop - 1
        if self._pair is None:
            self._listeners[0].take(hop, frames[0], bad=bad[0])
        else:
            (*told, happened), frames = self._pair.add_frames(hop, frames, (bad[0], bad[1]))
            for listener, what, frame in zip(self._listeners, told, frames, strict=True):
                if what:
                    listener.tell(hop, what, frame)
        if self._on_frame is not None:
            for channel, frame in enumerate(frames):
                self._on_frame(channel, frame)
        if self._pair is not None and happened:
            self._tell_between()
        if self._hop % READING_HOPS == 0:
            self._read()
        return frames

    def _tell_between(self) -> None:
        """Tell what happened between the two with the last hop."""
        if self._pair is not None:
            taker = tell(self._pair.turn_taking, self._say)
            if taker is not None:
                self._listeners[1 - taker].floor_taken()
                self._listeners[taker].floor_held()

    def _step(self) -> None:
        """Hear one hop of each channel, frame by frame."""
        hop, listeners = self._hop, self._listeners
        for listener in listeners:
            listener.heed()
        self._hop = hop + 1
        played = self._played.hop(hop * HOP) if self._echoing else None
        heard = [
            listener.frame(played if channel == self._drilled else None)
            for channel, listener in enumerate(listeners)
        ]
        frames = self._judge([frame for frame, _ in heard], tuple(bad for _, bad in heard))
        if self._hop % READING_HOPS == 0 and self.drilling:
            self._tell_of_echo(listeners[self._drilled].echo)
        if self._drill is not None:
            frame = UNKNOWN_FRAME if self.muted(self._drilled) else frames[self._drilled]
            self._drill.process_frame(frame, self._now_s)
            self._heed_drill()

    def _heed_drill(self) -> None:
        """Let the drill have its way with the floor and the nudges; forget it when it is done."""
        drill = self._drill
        if drill is None:
            return
        if drill.floor is not None:
            listener = self._listeners[self._drilled]
            (listener.floor_taken if drill.floor else listener.floor_held)()
            drill.floor = None
        if self._drilled in self._policies:
            self._policies[self._drilled].quiet = drill.quiet and not drill.done
        if drill.done:
            self._drill = None
            self._tell_of_echo(None)

    def _tell_of_echo(self, echo: Echo | None) -> None:
        """Tell when the microphone begins to hear what is played, and when it no longer does."""
        heard = echo is not None and (echo.found if self._echo_told else echo.worth_a_word)
        if heard != self._echo_told:
            self._echo_told = heard
            self._emit(self._drilled, ev.SignalProblem, kind="echo", on=heard)

    def _read(self) -> None:
        now_s = self._now_s
        share = self._talk_shares(now_s) if self.channels == 2 else None
        for channel, listener in enumerate(self._listeners):
            mine = share[channel] if share else None
            self._emit(channel, ev.Reading, **listener.reading(now_s, mine))

    def _talk_shares(self, now_s: float) -> tuple[float, float] | None:
        """Share of the speech of both over the profile's window."""
        now = tuple(listener.measured.speech_s(now_s) for listener in self._listeners)
        self._shares.append(now)
        window = hops(self.profile.talk_share.window_s) // READING_HOPS
        del self._shares[: -window - 1]
        first = self._shares[0]
        spoken = [last - begin for last, begin in zip(now, first, strict=True)]
        if sum(spoken) < self.profile.talk_share.window_s / 4:
            return None
        return spoken[0] / sum(spoken), spoken[1] / sum(spoken)

    def _measures(self, listener: Listener, channel: int, speech_s: Sequence[float]) -> ChannelMeasures:
        if self._between is None:
            return _rounded(listener.measures(self._now_s, None))
        measures = _rounded(listener.measures(self._now_s, speech_s[1 - channel]))
        exchange = _rounded(self._between.standing(channel, self._now_s, speech_s))
        return msgspec.structs.replace(measures, exchange=exchange)

    def _say(self, kind: type[ev.Event], /, *, channel: int, **fields: Any) -> None:
        """Facts between the two speakers."""
        gap_s = fields.get("gap_s")
        if gap_s is not None and self._listeners[channel].mute.since(fields["start_s"] - max(0.0, gap_s)):
            fields["gap_s"] = None  # who is muted owes no answer
        self._listeners[channel].measured.interruptions += kind is ev.Interruption
        self._listeners[channel].measured.backchannels += kind is ev.Backchannel
        self._emit(channel, kind, **fields)

    def _emit(self, channel: int, kind: type[ev.Event], /, **fields: Any) -> None:
        _round(fields)
        event: Any = kind(seq=self._seq, at_s=round(self._now_s, 2), channel=channel, **fields)
        self._seq += 1
        self._events.append(event)
        if kind is ev.Trace:
            return  # for drawing
        if isinstance(event, ev.Nudge):
            self._nudges.append(event)
        elif isinstance(event, ev.DrillEvent):
            if channel in self._policies:
                self._policies[channel].observe(event)
        elif not isinstance(event, ev.NudgeCleared):
            if self._between is not None:
                self._between.on(event)
            for policy in self._policies.values():
                policy.observe(event)
            if self._drill is not None and channel == self._drilled:
                self._drill.observe(event)


def _round(fields: dict[str, Any]) -> None:
    """Round the numbers among a record's fields, in place."""
    for name, value in fields.items():
        if type(value) is float:
            fields[name] = round(value, DECIMALS)


def _rounded(measures: Measured) -> Measured:
    """The same record, its numbers rounded."""
    fields = msgspec.structs.asdict(measures)
    _round(fields)
    return type(measures)(**fields)
