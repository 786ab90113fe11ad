"""Whatever a sender did before, it is heard within a second of keeping to the clock, and never outruns it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from av import AudioFrame
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.rtp.ingest import MAX_CLOCK_RATIO, MAX_LAG_S, MAX_LEAD_S, FrameIngest
from engine.media.rtp.stream import RtpStream
from tests.harness.packets import CODECS, TICKS, rtp, spoken

PACKET_S = 0.02

EMPTY = spoken(2)[0][:1]
"""An Opus packet with an empty frame of 20 ms: this is about time alone."""


class Ears:
    """What is heard and lost, added up."""

    def __init__(self) -> None:
        self.place = 0
        self.heard = 0

    def position(self, channel: int = 0) -> int:
        return self.place

    def hear(self, channel: int, samples: Samples) -> None:
        self.place += samples.size
        self.heard += samples.size

    def missing(self, channel: int, start: int, stop: int) -> None:
        assert start == self.place <= stop
        self.place = stop


class ByPackets:
    """The way of RTP packets."""

    def __init__(self) -> None:
        self.ears = Ears()
        self._stream = RtpStream(self.ears, 0, CODECS)
        self._sequence = self._ssrc = 0

    def take(self, stamp: int, arrived_s: float) -> None:
        due_s = self._stream.due_s
        if due_s is not None and due_s <= arrived_s:
            self._stream.expire(due_s)
        self._stream.packet(rtp(self._sequence, stamp, EMPTY, ssrc=self._ssrc), arrived_s)
        self._sequence += 1

    def lose(self, packets: int) -> None:
        self._sequence += packets

    def another_source(self) -> None:
        self._ssrc += 1

    def restart(self) -> None:
        self._stream.restart()


class ByFrames:
    """The way of decoded frames, whose stamps don't wrap."""

    def __init__(self) -> None:
        self.ears = Ears()
        self._ingest = FrameIngest(self.ears)
        self._silence = np.zeros((1, TICKS), np.float32)

    def take(self, stamp: int, arrived_s: float) -> None:
        frame = AudioFrame.from_ndarray(self._silence, format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), stamp
        self._ingest.hear_frame(frame, arrived_s)

    def lose(self, packets: int) -> None:
        pass

    def another_source(self) -> None:
        pass

    def restart(self) -> None:
        self._ingest.restart()


class Steady(NamedTuple):
    """Speaks in real time, by a clock that is that much too fast."""

    seconds: float
    rate: float = 1.0


class Burst(NamedTuple):
    """Sends so much at once."""

    seconds: float


class Away(NamedTuple):
    """Sends nothing; its stamps follow the time by a share."""

    seconds: float
    followed: float = 1.0


class Jump(NamedTuple):
    """Goes on with other stamps."""

    ticks: int


class Lost(NamedTuple):
    """So many packets are lost on their way."""

    packets: int


class Resumed(NamedTuple):
    """Comes back in another connection."""

    after_s: float


class Replaced(NamedTuple):
    """Goes on as another source of the same connection."""


Step = Steady | Burst | Away | Jump | Lost | Resumed | Replaced

rates = st.floats(0.98, 1.02)
steps = st.one_of(
    st.builds(Steady, st.floats(0.0, 3.0), st.floats(0.9, 1.2)),
    st.builds(Burst, st.floats(0.0, 25.0)),
    st.builds(Away, st.floats(0.0, 60.0), st.sampled_from([0.0, 0.98, 1.0, 1.02, 3.0])),
    st.builds(Jump, st.one_of(st.integers(-(1 << 31), 1 << 31), st.integers(-60_000, 60_000))),
    st.builds(Lost, st.integers(1, 2000)),
    st.builds(Resumed, st.floats(0.0, 40.0)),
    st.builds(Replaced),
)


class Sender:
    """A far end: what it does arrives at once."""

    def __init__(self, way: ByPackets | ByFrames) -> None:
        self.way = way
        self.now_s = 100.0
        self.stamp = 0.0

    def act(self, step: Step) -> None:
        match step:
            case Steady(seconds, rate):
                self.speak(seconds, PACKET_S / rate)
            case Burst(seconds):
                self.speak(seconds, 0.0)
            case Away(seconds, followed):
                self.now_s += seconds
                self.stamp += seconds * followed * 48_000
            case Jump(ticks):
                self.stamp += ticks
            case Lost(packets):
                self.way.lose(packets)
                self.stamp += packets * TICKS
                self.now_s += packets * PACKET_S
            case Resumed(after_s):
                self.now_s += after_s
                self.stamp = 12_345.0
                self.way.restart()
            case Replaced():
                self.way.another_source()

    def speak(self, seconds: float, pace_s: float) -> list[bool]:
        """Send so much audio, a packet each ``pace_s``; says of each packet whether it was heard."""
        heard = []
        for _ in range(round(seconds / PACKET_S)):
            before = self.way.ears.heard
            self.way.take(round(self.stamp), self.now_s)
            heard.append(self.way.ears.heard > before)
            self.stamp += TICKS
            self.now_s += pace_s
        return heard


@pytest.mark.parametrize("way", [ByPackets, ByFrames])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=7), rates)
@example([Steady(3.0), Away(12.0)], 1.0)
@example([Steady(3.0), Away(12.0, 0.0)], 1.0)
@example([Steady(3.0), Resumed(12.0)], 1.0)
@example([Steady(3.0), Resumed(25.0)], 1.0)
@example([Steady(3.0), Away(8.0), Steady(1.0), Away(8.0, 0.0), Burst(8.0), Resumed(25.0)], 1.0)
@example([Burst(25.0), Jump(30_000)], 1.02)
@example([Steady(1.0), Jump(-47_000)], 0.98)
def test_a_sender_is_heard_within_a_second_of_keeping_to_the_clock(
    way: Callable[[], ByPackets | ByFrames], before: list[Step], rate: float
) -> None:
    sender = Sender(way())
    for step in before:
        sender.act(step)
        most_s = (sender.now_s - 100.0) * MAX_CLOCK_RATIO + MAX_LEAD_S + MAX_LAG_S
        assert sender.way.ears.place / RATE_HZ <= most_s + 0.1
    sender.speak(1.0, PACKET_S / rate)
    assert all(sender.speak(2.0, PACKET_S / rate))


@pytest.mark.parametrize("way", [ByPackets, ByFrames])
@pytest.mark.parametrize("rate", [0.98, 1.02])
def test_a_clock_that_is_off_is_followed_for_hours(
    way: Callable[[], ByPackets | ByFrames], rate: float
) -> None:
    """By steps of a minute, of which a second is sent and the rest is one gap."""
    sender = Sender(way())
    for _ in range(180):
        assert all(sender.speak(1.0, PACKET_S / rate))
        sender.act(Away(59.0, rate))
    assert sender.way.ears.place / RATE_HZ == pytest.approx(179 * (59.0 * rate + 1.0) + 1.0, abs=2.0)


@pytest.mark.parametrize("way", [ByPackets, ByFrames])
def test_a_sender_that_is_too_fast_is_heard_in_part_and_never_outruns_the_clock(
    way: Callable[[], ByPackets | ByFrames],
) -> None:
    sender = Sender(way())
    heard = sender.speak(200.0, PACKET_S / 1.25)
    assert sender.way.ears.place / RATE_HZ <= (sender.now_s - 100.0) * MAX_CLOCK_RATIO + MAX_LEAD_S
    last = heard[-1000:]
    assert 0.8 < sum(last) / len(last) < 0.86, "1.03 of 1.25"
