"""Frames of a live call in stream time: gaps, wraps, repeats, jumps, new connections."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from av import AudioFrame

from engine.core.session import Session
from engine.media.resample import Samples
from engine.media.rtp.ingest import FrameIngest
from engine.protocol import events as ev
from engine.shipped.profiles import load

PACKET = 960
"""20 ms at 48 kHz."""


class Line:
    """A speaker's packets, one by one, into a session."""

    def __init__(self) -> None:
        self.session = Session(load("conversation"))
        self.ingest = FrameIngest(self.session)
        self.events: list[ev.AnyEvent] = []

    def packet(self, pts: int, arrived_s: float, value: float = 0.1) -> None:
        frame = AudioFrame.from_ndarray(np.full((1, PACKET), value, np.float32), format="flt", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), pts
        self.ingest.hear_frame(frame, arrived_s)
        self.events += self.session.poll()

    def run(self, first: int, count: int, arrived_s: float) -> None:
        for number in range(count):
            self.packet((first + number) * PACKET, arrived_s + number * 0.02)

    def close(self) -> int:
        """Samples that were heard or lost, in all."""
        self.ingest.flush()
        return self.session.position(0)

    @property
    def lost(self) -> list[tuple[float, float]]:
        return [(e.start_s, e.end_s) for e in self.events if isinstance(e, ev.AudioLost)]


def test_packets_in_a_row_lose_nothing() -> None:
    line = Line()
    line.run(0, 50, 100.0)
    assert line.close() == 16_000
    assert not line.lost


def test_a_lost_packet_is_lost_audio() -> None:
    line = Line()
    line.run(0, 25, 100.0)
    line.run(26, 25, 100.52)
    assert line.close() == 51 * 320
    assert line.lost == [(0.5, 0.52)]


def test_a_packet_that_comes_again_or_late_is_left_out() -> None:
    line = Line()
    line.run(0, 25, 100.0)
    line.packet(24 * PACKET, 100.5)
    line.packet(10 * PACKET, 100.51)
    line.run(25, 25, 100.52)
    assert line.close() == 16_000
    assert not line.lost


@pytest.mark.parametrize("jump", [1 << 32, -(1 << 31), 3600 * 48_000, -5 * 48_000])
def test_a_jump_of_the_time_stamps_is_not_believed(jump: int) -> None:
    line = Line()
    line.run(0, 50, 100.0)
    for number in range(50):
        line.packet((50 + number) * PACKET + jump, 101.0 + number * 0.02)
    assert line.close() == 32_000
    assert not line.lost


def test_a_jump_counts_the_time_that_passed() -> None:
    line = Line()
    line.run(0, 50, 100.0)
    for number in range(50):
        line.packet(number * PACKET + (1 << 32), 103.0 + number * 0.02)
    assert line.close() == 16_000 + 2 * 16_000 + 16_000
    assert line.lost == [(1.0, 3.0)]


def test_a_pause_of_the_network_is_made_up_for() -> None:
    """Packets that all come late, but all come, lose nothing."""
    line = Line()
    line.run(0, 50, 100.0)
    for number in range(100):
        line.packet((50 + number) * PACKET, 103.0)
    assert line.close() == 150 * 320
    assert not line.lost


def test_a_new_connection_goes_on_where_the_clock_is() -> None:
    line = Line()
    line.run(0, 50, 100.0)
    line.ingest.restart()
    line.run(777, 50, 106.0)
    assert line.close() == 16_000 + 5 * 16_000 + 16_000
    assert line.lost == [(1.0, 6.0)]


def test_before_the_first_packet_there_was_nothing() -> None:
    line = Line()
    line.run(1_000_000, 10, 100.0)
    assert line.close() == 3200
    assert not line.lost


def test_a_frame_without_a_time_stamp_is_a_fault() -> None:
    frame = AudioFrame.from_ndarray(np.zeros((1, PACKET), np.float32), format="flt", layout="mono")
    frame.sample_rate = 48_000
    with pytest.raises(ValueError, match="time stamp"):
        Line().ingest.hear_frame(frame, 0.0)


def test_the_gap_does_not_smear(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the resampler held belongs before the gap; after it the filter starts anew."""
    line = Line()
    heard: list[Samples] = []
    monkeypatch.setattr(line.session, "hear", lambda _, samples: heard.append(samples))
    for number in (0, 1, 2, 10, 11):
        line.packet(number * PACKET, 100.0 + number * 0.02, value=0.5 if number < 5 else -0.5)
    line.ingest.flush()
    whole = np.concatenate(heard)
    assert whole.shape == (5 * 320,)
    np.testing.assert_allclose(np.abs(whole), 0.5, atol=0.06)
    assert np.all(whole[: 3 * 320] > 0)
    assert np.all(whole[3 * 320 :] < 0)
