"""The hop loop: all channels heard in step, in as few compiled calls as the session allows.

A hop is heard when every channel has it. While no attachment needs frames, one compiled call hears up to
the next hop with something to emit: of one channel in ``dsp.accumulator``, of two in
``dsp.channel_pair``. Otherwise hops are heard one by one. Both ways give the same events. Before each
call, and so before the hop that it is due at, comes what a client said of a mute and what became known late.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence

from dsp.accumulator import READING, READING_HOPS
from dsp.channel_pair import ChannelPair
from dsp.frame import HOP, HOP_S, Frame

from .attachments import Attachment
from .floor_facts import Emit, emit_floor_facts
from .listener import Listener


class HopLoop:
    """Hears the hops of one or two listeners.

    Parameters
    ----------
    listeners : one a channel.
    overlap_s : talking over the other side for so long interrupts.
    tell_between : called with each fact between two speakers.
    read : called when readings are due.
    """

    def __init__(
        self, listeners: Sequence[Listener], overlap_s: float, *, tell_between: Emit, read: Callable[[], None]
    ) -> None:
        self.listeners = listeners
        self.pair: ChannelPair | None = None
        if len(listeners) == 2:
            first, second = listeners
            self.pair = ChannelPair(
                (first.ears, second.ears), (first.accumulator, second.accumulator), overlap_s
            )
        self.hop = 0
        """Number of the hop that is heard next."""
        self.attachments: list[Attachment] = []
        self._tell_between = tell_between
        self._read = read
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        """What is to be done before a hop: its number, a serial number, and what."""
        self._count = 0
        self._running = False

    @property
    def now_s(self) -> float:
        """Stream time up to which all channels have been heard."""
        return self.hop * HOP_S

    def schedule(self, hop: int, act: Callable[[], None]) -> None:
        """Schedule an action for when all hops before ``hop`` are heard, and that one is not."""
        insort(self._due, (hop, self._count, act))
        self._count += 1

    def run(self) -> None:
        """Hear what has come of all channels, and do what is due; nothing when called from within."""
        if self._running:
            return
        self._running = True
        try:
            self._run()
        finally:
            self._running = False

    def _run(self) -> None:
        self._prepare()
        pair, first = self.pair, self.listeners[0]
        while first.waiting and (pair is None or self.listeners[1].waiting):
            if self.attachments and self._needs_frames():
                self._hear_hop()
            elif pair is None:
                self._hear_one(first)
            else:
                self._hear_both(pair, first, self.listeners[1])
            self._prepare()

    def _needs_frames(self) -> bool:
        return any(attachment.needs_frames(self.hop) for attachment in self.attachments)

    def finish(self) -> None:
        """Emit what is still open: no more hops come."""
        while self._due:
            self._due.pop(0)[2]()
        if self.pair is not None:
            self.pair.turn_taking.process_lost(self.hop)
            self._tell_turns(self.pair)

    # --- inside ----------------------------------------------------------------

    def _prepare(self) -> None:
        """Do what is due before the next hop."""
        for listener in self.listeners:
            listener.apply_mute()
        while self._due and self._due[0][0] <= self.hop:
            self._due.pop(0)[2]()

    @property
    def _most_samples(self) -> int | None:
        """Samples that may be heard until something is due; None without bound."""
        return (self._due[0][0] - self.hop) * HOP if self._due else None

    def _hear_one(self, listener: Listener) -> None:
        """Hear one channel up to the first hop with something to emit."""
        heard, told = listener.hear_block(self._most_samples)
        self.hop += heard
        if told:
            listener.emit_facts(self.hop - 1, told)
            if told & READING:
                self._read()

    def _hear_both(self, pair: ChannelPair, first: Listener, second: Listener) -> None:
        """Hear both channels up to the first hop with something to emit."""
        a, b = first.block, second.block
        if a is None or b is None:
            return self._hear_hop()
        size = min(a.size, b.size)
        most = self._most_samples
        if most is not None:
            size = min(size, most)
        heard, a_told, b_told, happened, judged = pair.process_hops(self.hop, a[:size], b[:size])
        if not heard:
            return self._hear_hop()
        first.consume(heard)
        second.consume(heard)
        self.hop += heard
        if not judged:
            self._judge([first.ears.newest_frame(), second.ears.newest_frame()], (False, False))
            return
        for listener, told in ((first, a_told), (second, b_told)):
            if told:
                listener.emit_facts(self.hop - 1, told, listener.ears.cleaned_frame())
        if happened:
            self._tell_turns(pair)
        if self.hop % READING_HOPS == 0:
            self._read()

    def _hear_hop(self) -> None:
        """Hear one hop of each channel, frame by frame."""
        hop = self.hop
        frames, bad = [], []
        for channel, listener in enumerate(self.listeners):
            samples, is_bad = listener.next_hop()
            for attachment in self.attachments:
                samples = attachment.filter_hop(channel, hop, samples)
            frames.append(listener.hear_hop(samples))
            bad.append(is_bad)
        self.hop = hop + 1
        frames = self._judge(frames, bad)
        for attachment in list(self.attachments):
            for channel, frame in enumerate(frames):
                attachment.process_frame(channel, hop, frame)

    def _judge(self, frames: list[Frame], bad: Sequence[bool]) -> list[Frame]:
        """Emit the facts of the hop that was heard last; return its frames, leakage in them as silence."""
        hop, pair = self.hop - 1, self.pair
        happened = 0
        if pair is None:
            self.listeners[0].add_frame(hop, frames[0], bad=bad[0])
        else:
            (*told, happened), frames = pair.add_frames(hop, frames, (bad[0], bad[1]))
            for listener, what, frame in zip(self.listeners, told, frames, strict=True):
                if what:
                    listener.emit_facts(hop, what, frame)
            if happened:
                self._tell_turns(pair)
        if self.hop % READING_HOPS == 0:
            self._read()
        return frames

    def _tell_turns(self, pair: ChannelPair) -> None:
        """Emit what happened between the two with the last hop."""
        taker = emit_floor_facts(pair.turn_taking, self._tell_between)
        if taker is not None:
            self.listeners[1 - taker].floor_taken()
            self.listeners[taker].floor_held()
