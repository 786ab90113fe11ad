"""The sound of a speaker: its own packets, at their places, only while allowed and never while muted."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.media.files.ogg_opus import encode_samples
from engine.media.resample import Samples
from engine.media.rtp.opus import OpusEncoder
from engine.server.record import sound_capture
from engine.server.record.sound_capture import SoundCapture, recording
from tests.harness.ogg_sound import level, packets_of, sound_of

BLOCK = RATE_HZ // 50


def tone(seconds: float, hz: float = 300.0) -> Samples:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def opus(seconds: float) -> list[bytes]:
    encoder = OpusEncoder()
    samples = tone(seconds)
    return [encoder.encode(samples[at : at + BLOCK]) for at in range(0, samples.size, BLOCK)]


def heard(*, allowed: bool = True, muted: bool = False) -> SoundCapture:
    return SoundCapture(lambda: allowed, lambda: muted)


def test_packets_in_opus_are_kept_as_they_came() -> None:
    capture, packets = heard(), opus(1.0)
    for number, packet in enumerate(packets, 1):
        capture.push("opus", packet, number * BLOCK)
    assert capture.size == sum(map(len, packets))
    assert packets_of(recording(capture.take())) == packets
    assert (capture.size, capture.take()) == (0, [])


def test_gaps_keep_their_length_and_are_silent() -> None:
    capture, packets = heard(), opus(1.0)
    for number, packet in enumerate(packets, 1):
        capture.push("opus", packet, number * BLOCK + RATE_HZ)  # a second before the first one
    later = 3 * RATE_HZ
    for number, packet in enumerate(packets, 1):
        capture.push("opus", packet, number * BLOCK + later)
    file = recording(capture.take())
    assert [packet for packet in packets_of(file) if packet in packets] == 2 * packets
    sound = sound_of(file)
    assert sound.size / RATE_HZ == pytest.approx(4.0, abs=0.03)
    loud = [
        level(sound[round(at * RATE_HZ) : round((at + 0.6) * RATE_HZ)]) > 0.05 for at in (0.2, 1.2, 2.3, 3.2)
    ]
    assert loud == [False, True, False, True]


def test_a_lost_packet_is_concealed_by_the_player() -> None:
    capture, packets = heard(), opus(1.0)
    for number, packet in enumerate(packets, 1):
        if number != 20:
            capture.push("opus", packet, number * BLOCK)
    kept = packets_of(recording(capture.take()))
    assert len(kept) == len(packets)
    assert kept[:19] + kept[20:] == packets[:19] + packets[20:]
    assert len(kept[19]) == 1, "an empty frame (RFC 7845, section 4.1)"


@pytest.mark.parametrize("codec", ["pcmu", "pcm"])
def test_other_codecs_are_encoded_at_their_places(codec: str) -> None:
    capture, samples = heard(), tone(1.0)
    for start in range(0, samples.size, BLOCK):
        block = samples[start : start + BLOCK]
        coded = (block * 32767).astype(np.int16).tobytes() if codec == "pcm" else _mu_law(block[::2])
        capture.push(codec, coded, RATE_HZ + start + BLOCK)
    sound = sound_of(recording(capture.take()))
    assert sound.size / RATE_HZ == pytest.approx(2.0, abs=0.05)
    assert level(sound[: RATE_HZ * 9 // 10]) < 0.001
    second = sound[RATE_HZ + RATE_HZ // 10 : 2 * RATE_HZ - RATE_HZ // 10]
    assert level(second) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)
    crossings = np.count_nonzero(np.diff(np.signbit(second))) / 2 / (second.size / RATE_HZ)
    assert crossings == pytest.approx(300, rel=0.05)


def _mu_law(samples: Samples) -> bytes:
    """G.711 of 8 kHz samples."""
    import av

    context = av.AudioCodecContext.create("pcm_mulaw", "w")
    context.sample_rate, context.layout, context.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None], "s16", "mono")
    frame.sample_rate = 8000
    return b"".join(bytes(packet) for packet in context.encode(frame))


def test_nothing_is_held_that_was_not_heard_or_allowed() -> None:
    packet = opus(0.02)[0]
    for capture in (heard(allowed=False), heard(muted=True)):
        capture.push("opus", packet, BLOCK)
        assert capture.take() == []
    capture = heard()
    capture.push("opus", packet, 0)  # before the call's time begins
    capture.push("opus", packet, BLOCK)
    capture.push("opus", packet, BLOCK)  # the call is over
    assert len(capture.take()) == 1


def test_what_is_taken_back_in_mid_session_is_gone() -> None:
    allowed = [True]
    capture, packet = SoundCapture(lambda: allowed[0], lambda: False), opus(0.02)[0]
    capture.push("opus", packet, BLOCK)
    allowed[0] = False
    capture.push("opus", packet, 2 * BLOCK)
    assert (capture.size, capture.take()) == (0, [])


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_capture, "MAX_BYTES", 1000)
    capture = heard()
    for number in range(1, 50):
        capture.push("opus", bytes(100), number * BLOCK)
    assert capture.size == 1000


def test_the_last_packet_of_samples_is_filled_with_silence() -> None:
    assert len(list(encode_samples(tone(0.05)))) == 3
