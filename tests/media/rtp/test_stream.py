"""Packets of a live call: order, loss, copies, wraps, other streams, the clock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.attachments import FrameTap
from engine.media.rtp.reorder_wait import MAX_WAIT_S, MIN_WAIT_S
from tests.harness.packets import PACKET, TICKS, Line, rtp, spoken, tone


def test_a_packet_in_order_is_heard_at_once() -> None:
    line = Line()
    for number, payload in enumerate(spoken(50)):
        line.packet(rtp(number, number * TICKS, payload), 100 + number * 0.02)
        assert line.position == (number + 1) * PACKET
        assert line.stream.due_s is None
        assert line.stream.oldest_s == 100 + number * 0.02
    line.close()
    assert not line.lost
    assert (line.stream.received, line.stream.lost) == (50, 0)


def test_what_is_heard_is_what_was_sent() -> None:
    line = Line()
    line.run(spoken(100))
    sent = tone(2.0, rate_hz=16_000)
    lag = int(np.argmax(np.correlate(line.samples[:8000], sent[:7000], "valid")))
    heard = line.samples[lag : lag + 30_000]
    assert np.corrcoef(heard, sent[: heard.size])[0, 1] > 0.95


def test_a_packet_that_is_ahead_waits_and_then_all_is_in_order() -> None:
    line, straight = Line(), Line()
    straight.run(spoken(20))
    packets = [rtp(n, n * TICKS, payload) for n, payload in enumerate(spoken(20))]
    packets[10], packets[11] = packets[11], packets[10]
    for number, data in enumerate(packets):
        line.packet(data, 100 + number * 0.015)
        if number == 11:
            assert line.stream.oldest_s == 100 + 10 * 0.015, "the one that waited came first"
    np.testing.assert_array_equal(line.samples, straight.samples)
    assert line.stream.waited == 1
    assert line.stream.lost == 0


def test_a_lost_packet_is_lost_audio_and_its_neighbours_are_not() -> None:
    line = Line()
    payloads = spoken(51)
    line.run(payloads[:25])
    line.run(payloads[26:], first=26)
    assert line.close() == 51 * PACKET
    assert line.lost == [(0.5, 0.52)]
    assert line.stream.lost == 1


def test_a_gap_is_declared_when_its_time_is_up() -> None:
    line = Line()
    payloads = spoken(10)
    line.run(payloads[:5])
    line.packet(rtp(6, 6 * TICKS, payloads[6]), 100.12)
    assert line.position == 5 * PACKET
    assert line.stream.due_s == pytest.approx(100.12 + MIN_WAIT_S)
    line.stream.expire(100.13)
    assert line.position == 5 * PACKET
    line.stream.expire(100.12 + MIN_WAIT_S)
    assert line.position == 7 * PACKET
    assert line.stream.due_s is None
    assert line.stream.oldest_s == 100.12


def test_enough_newer_packets_end_the_waiting_too() -> None:
    line = Line()
    payloads = spoken(30)
    line.run(payloads[:5])
    for number in range(6, 30):  # a burst: no time passes
        line.packet(rtp(number, number * TICKS, payloads[number]), 100.12)
        assert line.stream.waiting <= 3
    assert line.position == 30 * PACKET


def test_delay_after_loss_is_what_it_was_before() -> None:
    line = Line()
    payloads = spoken(60)
    for number in (n for n in range(60) if n not in (20, 21, 22, 40)):
        line.packet(rtp(number, number * TICKS, payloads[number]), 100 + number * 0.02)
    # Packet 23 waits one packet's time for the three before it; nothing after it waits.
    assert line.position == 60 * PACKET
    assert line.stream.waited == 2
    assert line.stream.waited_s == pytest.approx(2 * MIN_WAIT_S)


def test_the_wait_grows_with_the_lateness_seen_and_shrinks_again() -> None:
    line = Line()
    payloads = spoken(100)
    line.run(payloads[:5])
    line.packet(rtp(6, 6 * TICKS, payloads[6]), 100.10)
    line.stream.expire(100.12)
    line.packet(rtp(5, 5 * TICKS, payloads[5]), 100.14)  # 40 ms late: heard no more
    assert (line.stream.late, line.stream.lost) == (1, 1)
    line.packet(rtp(8, 8 * TICKS, payloads[8]), 100.15)
    assert line.stream.due_s == pytest.approx(100.15 + 0.05, abs=1e-3)
    line.packet(rtp(7, 7 * TICKS, payloads[7]), 100.19)  # as late again: in time now
    assert line.position == 9 * PACKET
    line.run(payloads[9:50], first=9)
    line.packet(rtp(51, 51 * TICKS, payloads[51]), 200.0)
    assert line.stream.due_s == pytest.approx(200.0 + MIN_WAIT_S)


def test_the_wait_has_an_upper_bound() -> None:
    line = Line()
    payloads = spoken(10)
    line.run(payloads[:5])
    line.packet(rtp(6, 6 * TICKS, payloads[6]), 100.10)
    line.stream.expire(100.12)
    line.packet(rtp(5, 5 * TICKS, payloads[5]), 105.0)
    line.packet(rtp(8, 8 * TICKS, payloads[8]), 105.0)
    assert line.stream.due_s == pytest.approx(105.0 + MAX_WAIT_S)


def test_copies_are_left_out() -> None:
    line, straight = Line(), Line()
    straight.run(spoken(20))
    for number, payload in enumerate(spoken(20)):
        for _ in range(3):
            line.packet(rtp(number, number * TICKS, payload), 100 + number * 0.02)
    np.testing.assert_array_equal(line.samples, straight.samples)
    assert (line.stream.received, line.stream.duplicates) == (20, 40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 3), min_size=40, max_size=40), st.sets(st.integers(0, 39)))
def test_any_order_within_the_wait_gives_the_samples_of_the_right_one(
    delays: list[int], twice: set[int]
) -> None:
    """Packets of 20 ms, each up to 18 ms late, and copies; the first one begins."""
    straight, line = Line(), Line()
    straight.run(spoken(40))
    arrivals = [(100 + n * 0.006 + (n > 0) * delays[n] * 0.006, n) for n in range(40)]
    arrivals += [(at_s + 0.005, n) for at_s, n in arrivals if n in twice]
    for at_s, number in sorted(arrivals):
        line.packet(rtp(number, number * TICKS, spoken(40)[number]), at_s)
    line.stream.expire(200.0)
    np.testing.assert_array_equal(line.samples, straight.samples)
    assert line.stream.duplicates == len(twice)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.integers(1, 58), max_size=20))
def test_of_lost_packets_only_their_own_hops_are_unknown(gone: set[int]) -> None:
    line = Line()
    known: list[bool] = []
    line.session.attach(FrameTap(lambda _, frame: known.append(frame.known)))
    for number in (n for n in range(60) if n not in gone):
        line.packet(rtp(number, number * TICKS, spoken(60)[number]), 100 + number * 0.02)
    line.close()
    assert known == [hop // 2 not in gone for hop in range(120)]
    assert line.stream.lost == len(gone)


@pytest.mark.parametrize(
    ("sequence", "stamp"), [(65_516, 0), (0, 2**32 - 20 * TICKS), (65_516, 2**32 - 20 * TICKS)]
)
def test_sequence_numbers_and_stamps_wrap(sequence: int, stamp: int) -> None:
    line = Line()
    for number, payload in enumerate(spoken(50)):
        if number not in (19, 30):
            line.packet(rtp(sequence + number, stamp + number * TICKS, payload), 100 + number * 0.02)
    line.close()
    assert line.position == 50 * PACKET
    assert line.lost == [(0.38, 0.4), (0.6, 0.62)]
    reception = line.stream.reception
    assert reception is not None
    assert (reception.packets_lost, reception.max_seq) == (2, sequence + 49)


def test_another_ssrc_goes_on_and_loses_nothing() -> None:
    line = Line()
    line.run(spoken(50)[:25])
    for number in range(25, 50):
        data = rtp(number + 4000, number * TICKS + 99, spoken(50)[number], ssrc=8)
        line.packet(data, 100 + number * 0.02)
    line.close()
    assert line.position == 50 * PACKET
    assert not line.lost
    assert set(line.stream.receptions) == {7, 8}
    assert [r.packets_received for r in line.stream.receptions.values()] == [25, 25]
    assert line.stream.reception is line.stream.receptions[8]
    assert line.stream.ignored == 0


def test_strays_of_another_ssrc_interrupt_nobody() -> None:
    line, straight = Line(), Line()
    straight.run(spoken(50))
    for number, payload in enumerate(spoken(50)):
        line.packet(rtp(number, number * TICKS, payload), 100 + number * 0.02)
        line.packet(rtp(number, number * TICKS, payload, ssrc=8), 100.005 + number * 0.02)
    np.testing.assert_array_equal(line.samples, straight.samples)
    assert line.stream.ignored == 50


def test_a_stray_that_comes_first_is_replaced() -> None:
    line = Line()
    line.packet(rtp(999, 12345, spoken(50)[0], ssrc=1), 99.99)
    line.run(spoken(50))
    assert line.position == 51 * PACKET


def test_a_jump_of_the_sequence_is_another_beginning() -> None:
    line = Line()
    line.run(spoken(50)[:25])
    for number in range(25, 50):
        line.packet(rtp(number + 20_000, number * TICKS, spoken(50)[number]), 100 + number * 0.02)
    line.close()
    assert line.position == 50 * PACKET
    assert not line.lost
    assert line.stream.lost == 0


def test_another_connection_goes_on_where_the_clock_is() -> None:
    line = Line()
    line.run(spoken(50))
    line.stream.restart()
    assert line.stream.reception is None
    for number, payload in enumerate(spoken(50)):
        line.packet(rtp(number + 7, number * TICKS + 5, payload, ssrc=9), 106.0037 + number * 0.02)
    line.close()
    assert line.lost == [(1.0, 6.0)]
    assert line.position == 7 * 16_000
    assert line.position % PACKET == 0


def test_after_a_stall_the_burst_is_heard_whole() -> None:
    line = Line()
    payloads = spoken(300)
    line.run(payloads[:50])
    for number in range(50, 300):
        line.packet(rtp(number, number * TICKS, payloads[number]), 106.0)
        assert line.stream.waiting == 0
    assert line.close() == 300 * PACKET
    assert not line.lost


def test_what_comes_faster_than_the_clock_is_left_out_at_some_point() -> None:
    line = Line()
    payload = spoken(2)[0]
    for number in range(5000):  # 100 s of audio in a tenth of a second
        line.packet(rtp(number, number * TICKS, payload), 100 + number * 2e-5)
    assert line.position < 11 * 16_000


@pytest.mark.parametrize("ppm", [1000, -1000])
def test_a_clock_that_drifts_is_followed(ppm: int) -> None:
    line = Line()
    payload = bytes([spoken(2)[0][0]])  # an empty frame: this is about time alone
    count = 90_000  # half an hour
    for number in range(0, count):
        line.stream.packet(rtp(number, number * TICKS, payload), 100 + number * 0.02 / (1 + ppm * 1e-6))
        if number == 200:
            line.session.hear = lambda *_: None  # type: ignore[method-assign]
    assert (line.stream.received, line.stream.lost, line.stream.late) == (count, 0, 0)


@pytest.mark.parametrize(
    "data", [b"", b"\x80", bytes(12), b"\x8f" + bytes(11), b"\x90" + bytes(13), b"\xa0" + bytes(11)]
)
def test_what_is_no_rtp_is_counted_and_left_out(data: bytes) -> None:
    line = Line()
    line.packet(data, 100.0)
    assert line.stream.damaged == 1
    assert line.position == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=30))
def test_nothing_that_arrives_is_an_error(rubbish: list[bytes]) -> None:
    line = Line()
    line.run(spoken(5))
    for number, data in enumerate(rubbish):
        line.packet(data, 101.0)
        line.packet(rtp(5 + number, (5 + number) * TICKS, data), 100.1 + number * 0.02)
    line.close()
