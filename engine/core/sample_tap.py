"""Tap of a session's samples with their stream positions, for readers outside the core.

A speech recogniser or a recorder needs the samples themselves, placed where they belong in stream
time. The session pushes what it takes of each channel; the reader fetches spans when it has time for
them. The queue is bounded for each channel: a reader that is too slow loses the oldest samples and is
told which. Used from one thread, as the session is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.errors import UsageError

CAPACITY = 10 * RATE_HZ
"""Samples of each channel that are held for the reader unless it asks for another number: 10 s, 640 kB."""


@dataclass(frozen=True, slots=True, eq=False)
class TappedSamples:
    """Samples that the session took."""

    channel: int
    start: int
    """Stream position of the first sample."""
    samples: NDArray[np.float32]
    """Mono, 16 kHz, shape (n,) with n > 0; owned by the reader."""

    @property
    def stop(self) -> int:
        """Stream position after the last sample."""
        return self.start + self.samples.size


@dataclass(frozen=True, slots=True)
class LostSpan:
    """Stream time of which no samples arrived: unknown, not silence."""

    channel: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class DroppedSpan:
    """Stream time that the reader fetched too late; sent before the first span that is left.

    A span that was lost between dropped samples is part of it.
    """

    channel: int
    start: int
    stop: int
    samples: int
    """Number of samples dropped; at most ``stop - start``."""


Span = TappedSamples | LostSpan | DroppedSpan


class SampleTap:
    """Bounded queue of the samples and lost spans of a session.

    The spans of one channel that :meth:`read` returns, over all calls, follow each other without gap
    or overlap from the first position pushed.

    Parameters
    ----------
    capacity : samples of each channel to hold at most; > 0.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        if capacity <= 0:
            raise UsageError(f"a tap holds 1 sample or more, not {capacity}")
        self._capacity = capacity
        self._queues: dict[int, _ChannelQueue] = {}

    def push(self, channel: int, position: int, samples: NDArray[np.float32]) -> None:
        """Queue a copy of samples of a channel.

        Parameters
        ----------
        channel : of the session.
        position : stream position of the first sample. A gap to what was pushed last is queued as
            lost; an overlap is left out.
        samples : float32, shape (n,), mono, 16 kHz; any ``n``. The caller may reuse the array.
        """
        self._queue(channel, position).push(position, samples)

    def lost(self, channel: int, start: int, stop: int) -> None:
        """Queue that samples ``start`` to ``stop`` of a channel never arrived."""
        self._queue(channel, start).lose(stop)

    def read(self) -> list[Span]:
        """Return the spans since the last call, ordered by their stream positions."""
        spans = [span for queue in self._queues.values() for span in queue.read()]
        spans.sort(key=lambda span: (span.start, span.channel))
        return spans

    def waiting(self, channel: int) -> int:
        """Return the number of samples of a channel that are held for the reader."""
        queue = self._queues.get(channel)
        return 0 if queue is None else queue.held

    def _queue(self, channel: int, position: int) -> _ChannelQueue:
        queue = self._queues.get(channel)
        if queue is None:
            queue = self._queues[channel] = _ChannelQueue(channel, position, self._capacity)
        return queue


class ChannelTaps:
    """A tap of a session that hands each channel's samples to a tap of its own.

    Attributes
    ----------
    taps : by channel; the samples of a channel without one are not kept.
    """

    def __init__(self) -> None:
        self.taps: dict[int, SampleTap] = {}

    def push(self, channel: int, position: int, samples: NDArray[np.float32]) -> None:
        """Queue a copy of samples; see :meth:`SampleTap.push`."""
        tap = self.taps.get(channel)
        if tap is not None:
            tap.push(channel, position, samples)


class _ChannelQueue:
    """Spans of one channel: at most ``capacity`` samples, and at most one lost span between samples."""

    def __init__(self, channel: int, position: int, capacity: int) -> None:
        self.held = 0
        """Samples in the queue."""
        self._channel = channel
        self._capacity = capacity
        self._spans: deque[TappedSamples | LostSpan] = deque()
        self._end = position
        """Stream position after everything that was pushed."""
        self._begin = position
        """Stream position after everything that was read."""
        self._dropped = 0
        """Samples dropped since the last read."""

    def push(self, position: int, samples: NDArray[np.float32]) -> None:
        self.lose(position)
        samples = samples[self._end - position :]
        if not samples.size:
            return
        start, self._end = self._end, self._end + samples.size
        excess = samples.size - self._capacity
        if excess > 0:
            start, samples = start + excess, samples[excess:]
            self._dropped += excess
        while self.held + samples.size > self._capacity or (excess > 0 and self._spans):
            self._drop_oldest()
        self._spans.append(TappedSamples(self._channel, start, samples.copy()))
        self.held += samples.size

    def lose(self, stop: int) -> None:
        """Queue everything up to ``stop`` as lost; nothing where that was pushed already."""
        if stop <= self._end:
            return
        start, self._end = self._end, stop
        if self._spans and isinstance(self._spans[-1], LostSpan):
            start = self._spans.pop().start
        self._spans.append(LostSpan(self._channel, start, stop))

    def read(self) -> list[Span]:
        spans: list[Span] = []
        first = self._spans[0].start if self._spans else self._end
        if first > self._begin:
            spans.append(DroppedSpan(self._channel, self._begin, first, self._dropped))
        spans.extend(self._spans)
        self._spans.clear()
        self._begin, self._dropped, self.held = self._end, 0, 0
        return spans

    def _drop_oldest(self) -> None:
        span = self._spans.popleft()
        if isinstance(span, TappedSamples):
            self.held -= span.samples.size
            self._dropped += span.samples.size
