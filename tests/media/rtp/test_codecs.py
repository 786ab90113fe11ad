"""What the packets of a live call hold: codecs, lengths, damage, silence left out, copies of what is lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from engine.media.rtp import codecs, opus
from tests.harness.packets import OPUS, PACKET, TICKS, Line, encoded, rtp, spoken, tone


@pytest.mark.parametrize("payload", [b"\x03\x00", b"\x03", b"\xff\xff\xff", b"\x7f"])
def test_a_damaged_payload_counts_as_lost(payload: bytes) -> None:
    line = Line()
    payloads = list(spoken(20))
    payloads[10] = payload
    line.run(payloads)
    line.close()
    assert line.position == 20 * PACKET
    assert line.lost == [(0.2, 0.22)]
    assert (line.stream.lost, line.stream.damaged) == (1, 1)


@pytest.mark.parametrize(("kind", "payload"), [(101, b"\x01\x0a\x00\xa0"), (77, b"?"), (OPUS, b"")])
def test_packets_without_audio_are_counted_in_the_sequence(kind: int, payload: bytes) -> None:
    line = Line()
    line.run(spoken(20)[:10])
    line.packet(rtp(10, 10 * TICKS, payload, kind=kind), 100.2)
    for number in range(10, 20):
        line.packet(rtp(number + 1, number * TICKS, spoken(20)[number]), 100 + number * 0.02)
    line.close()
    assert line.position == 20 * PACKET
    assert not line.lost
    assert (line.stream.ignored, line.stream.lost) == (1, 0)


def test_what_a_tone_of_the_keypad_took_the_place_of_is_unknown() -> None:
    line = Line()
    line.run(spoken(20)[:10])
    line.packet(rtp(10, 10 * TICKS, b"\x01\x0a\x00\xa0", kind=101), 100.2)
    line.run(spoken(20)[11:], first=11)
    line.close()
    assert line.lost == [(0.2, 0.22)]


@pytest.mark.parametrize(("hops", "noise"), [(40, False), (200, True)])
def test_what_the_sender_left_out_is_silence(hops: int, noise: bool) -> None:
    """A gap in the stamps but none in the sequence: discontinuous transmission."""
    line = Line()
    hush = np.random.default_rng(1).normal(0, 1e-3, 9600).astype(np.float32)
    payloads = encoded(np.concatenate((tone(0.4), hush, tone(0.44))))
    line.run(payloads[:25])
    sequence = 25
    if noise:
        line.packet(rtp(25, 25 * TICKS, b"\x40", kind=13), 100.5)
        sequence = 26
    for number in range(25):
        at = 25 + hops // 2 + number
        line.packet(rtp(sequence + number, at * TICKS, payloads[25 + number]), 100 + at * 0.02)
    line.close()
    assert not line.lost
    assert line.position == 50 * PACKET + hops * 160
    assert float(np.std(line.samples[24 * PACKET : 26 * PACKET + hops * 160])) < 0.002


def test_a_longer_pause_of_the_sender_is_not_taken_for_the_speakers() -> None:
    line = Line()
    line.run(spoken(50)[:25])
    for number in range(25):
        at = 25 + 100 + number
        line.packet(rtp(25 + number, at * TICKS, spoken(50)[25 + number]), 100 + at * 0.02)
    line.close()
    assert line.lost == [(0.5, 2.5)]


@pytest.mark.parametrize("frame_ms", [10, 20, 40, 60])
def test_packets_of_all_lengths(frame_ms: int) -> None:
    line = Line()
    packets = encoded(tone(1.26), frame_ms=frame_ms)[: 1200 // frame_ms]
    ticks = frame_ms * 48
    for number, payload in enumerate(packets):
        if number != 5:
            line.packet(rtp(number, number * ticks, payload), 100 + number * frame_ms / 1000)
    line.close()
    assert line.position == 1.2 * 16_000
    assert line.lost == [pytest.approx((5 * frame_ms / 1000, 6 * frame_ms / 1000))]


def test_packets_of_several_frames() -> None:
    """Two frames of one length in a packet (RFC 6716, section 3.2.3)."""
    line = Line()
    frames = [payload for payload in encoded(tone(1.0), vbr="off", application="lowdelay")]
    for number in range(20):
        first, second = frames[2 * number : 2 * number + 2]
        assert (first[0], len(first)) == (second[0], len(second))
        payload = bytes([first[0] | 1]) + first[1:] + second[1:]
        line.packet(rtp(number, number * 2 * TICKS, payload), 100 + number * 0.04)
    line.close()
    assert line.position == 40 * PACKET
    assert not line.lost


def test_a_voice_on_both_sides_keeps_its_level() -> None:
    one, both = Line(), Line()
    one.run(encoded(tone(1.0)))
    both.run(encoded(np.stack([tone(1.0)] * 2), b="64000"))
    levels = [float(np.sqrt(np.mean(line.samples[3200:] ** 2))) for line in (one, both)]
    assert 20 * np.log10(levels[1] / levels[0]) == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("kind", [0, 8])
def test_g711_is_heard_too(kind: int) -> None:
    line = Line()
    payloads = [bytes([80 + (n % 40)]) * 160 for n in range(50)]
    for number, payload in enumerate(payloads):
        if number != 20:
            line.packet(rtp(number, number * 160, payload, kind=kind), 100 + number * 0.02)
    line.close()
    assert line.position == 50 * PACKET
    assert line.lost == [(0.4, 0.42)]
    assert float(np.abs(line.samples).max()) > 0.01


def test_the_copy_in_the_next_packet_takes_a_lost_ones_place() -> None:
    line = Line()
    payloads = spoken(100, fec=True)
    gone = set(range(10, 100, 7))
    for number in (n for n in range(100) if n not in gone):
        line.packet(rtp(number, number * TICKS, payloads[number]), 100 + number * 0.02)
    line.close()
    stream = line.stream
    assert stream.lost == len(gone)
    assert stream.recovered >= len(gone) / 2
    lost_s = sum(end_s - start_s for start_s, end_s in line.lost)
    assert lost_s == pytest.approx((stream.lost - stream.recovered) * 0.02)


def test_a_recovered_packet_sounds_like_the_lost_one() -> None:
    line, straight = Line(), Line()
    payloads = spoken(100, fec=True)
    straight.run(payloads)
    gone = set(range(10, 100, 7))
    for number in (n for n in range(100) if n not in gone):
        line.packet(rtp(number, number * TICKS, payloads[number]), 100 + number * 0.02)
    alike = []
    for number in gone:
        span = slice(number * PACKET, (number + 1) * PACKET)
        if line.timeline[span].any():
            alike.append(np.corrcoef(line.timeline[span], straight.timeline[span])[0, 1])
    assert len(alike) == line.stream.recovered
    assert np.median(alike) > 0.9


def test_of_two_lost_packets_the_second_is_recovered() -> None:
    line = Line()
    payloads = spoken(100, fec=True)
    for number in (n for n in range(100) if n not in (50, 51)):
        line.packet(rtp(number, number * TICKS, payloads[number]), 100 + number * 0.02)
    line.close()
    assert line.lost == [(1.0, 1.02)]
    assert (line.stream.lost, line.stream.recovered) == (2, 1)


@pytest.fixture
def no_libopus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine on which only PyAV decodes: nothing beside it, and nothing of the system's."""
    monkeypatch.setattr(av, "__file__", str(tmp_path / "av" / "__init__.py"))
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    opus.libopus.cache_clear()
    yield
    monkeypatch.undo()
    opus.libopus.cache_clear()


@pytest.mark.usefixtures("no_libopus")
def test_without_libopus_it_says_so_and_pyav_decodes(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert isinstance(codecs.make_decoder("opus"), codecs.AvDecoder)
    assert "no libopus" in caplog.text
    with pytest.raises(OSError, match="neither in PyAV's wheel nor on the system"):
        opus.OpusDecoder()


def test_without_libopus_the_same_is_heard(request: pytest.FixtureRequest) -> None:
    by_libopus, by_pyav = Line(), Line()
    by_libopus.run(spoken(100, fec=True))
    request.getfixturevalue("no_libopus")
    by_pyav.run(spoken(100, fec=True))
    assert by_pyav.close() == by_libopus.close() == 100 * PACKET
    assert not by_pyav.lost
    assert np.corrcoef(by_libopus.samples, by_pyav.samples)[0, 1] > 0.999


@pytest.mark.usefixtures("no_libopus")
def test_without_libopus_what_is_lost_is_lost_and_nothing_else() -> None:
    line = Line()
    payloads = spoken(100, fec=True)
    gone = (30, 60, 61)
    for number in (n for n in range(100) if n not in gone):
        line.packet(rtp(number, number * TICKS, payloads[number]), 100 + number * 0.02)
    line.close()
    assert line.position == 100 * PACKET
    assert line.lost == [pytest.approx((0.6, 0.62)), pytest.approx((1.2, 1.24))]
    assert (line.stream.lost, line.stream.recovered) == (3, 0)
