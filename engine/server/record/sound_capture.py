"""The sound of one speaker, held as it came while it may be kept, and made a file of at the end."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from dsp.frame import RATE_HZ
from engine.media.files.ogg_opus import encode_samples, fill_gap, mux_packets
from engine.media.resample import Samples
from engine.media.rtp.codecs import TICKS_HZ, make_decoder
from engine.media.rtp.opus import packet_ticks

MAX_BYTES = 48 << 20
"""Most sound held of a session: three hours of Opus at 36 kbit/s, 100 minutes of G.711.

What is said after it is in the take, but not in its recording.
"""

TICKS = TICKS_HZ // RATE_HZ

PAUSE_PACKETS, PAUSE_S = 64, 0.001
"""A file is made in pieces of so many packets, 0.4 ms each, with pauses for the sessions that go on."""


class Chunk(NamedTuple):
    """A packet that was heard."""

    codec: str
    payload: bytes
    end: int
    """Sample index after it, in the session."""


class SoundCapture:
    """A :class:`engine.media.rtp.ingest.SoundTap` that holds one speaker's sound in memory.

    Parameters
    ----------
    allowed : whether it may be kept, asked before every packet.
    muted : whether the speaker is muted: what comes meanwhile is not heard, and not kept.
    """

    def __init__(self, allowed: Callable[[], bool], muted: Callable[[], bool]) -> None:
        self._allowed = allowed
        self._muted = muted
        self._chunks: list[Chunk] = []
        self._end = 0
        self.size = 0
        """Bytes held."""

    def push(self, codec: str, payload: bytes, end: int) -> None:
        """Hold a packet, unless the session has not heard it."""
        if not self._allowed():
            self.clear()
            return
        heard, self._end = end > self._end, max(end, self._end)
        if heard and not self._muted() and self.size + len(payload) <= MAX_BYTES:
            self._chunks.append(Chunk(codec, payload, end))
            self.size += len(payload)

    def clear(self) -> None:
        """Forget what is held."""
        if self._chunks:
            self._chunks.clear()
            self.size = 0

    def take(self) -> list[Chunk]:
        """Return what is held, and hold it no more."""
        chunks, self._chunks, self.size = self._chunks, [], 0
        return chunks


def recording(chunks: Iterable[Chunk]) -> bytes:
    """Return the Ogg Opus file of what was held: it begins with stream time, and gaps keep their length."""
    return mux_packets(_with_pauses(_placed(chunks)))


def _with_pauses(packets: Iterable[bytes]) -> Iterator[bytes]:
    for number, packet in enumerate(packets, 1):
        yield packet
        if number % PAUSE_PACKETS == 0:
            time.sleep(PAUSE_S)


def _placed(chunks: Iterable[Chunk]) -> Iterator[bytes]:
    """Yield the packets from stream time 0 on, without gaps."""
    now = 0
    before: bytes | None = None
    for codec, run in itertools.groupby(chunks, lambda chunk: chunk.codec):
        held = list(run)
        placed = _as_it_came(held) if codec == "opus" else _encoded(codec, held)
        for start, packet in placed:
            for filler in fill_gap(start - now, before) if start > now else ():
                now += packet_ticks(filler)
                yield filler
            now += packet_ticks(packet)
            before = packet
            yield packet


def _as_it_came(run: Iterable[Chunk]) -> Iterator[tuple[int, bytes]]:
    for chunk in run:
        yield chunk.end * TICKS - packet_ticks(chunk.payload), chunk.payload


def _encoded(codec: str, run: Iterable[Chunk]) -> Iterator[tuple[int, bytes]]:
    """Yield the packets of another codec, encoded, with the tick that each begins at."""
    for start, samples in _without_gaps(codec, run):
        for number, packet in enumerate(encode_samples(samples)):
            yield start * TICKS + number * packet_ticks(packet), packet


def _without_gaps(codec: str, run: Iterable[Chunk]) -> Iterator[tuple[int, Samples]]:
    """Yield stretches of decoded samples, each with its place in the session."""
    decoder = None if codec == "pcm" else make_decoder(codec)
    start = end = 0
    held: list[Samples] = []
    for chunk in run:
        if decoder is None:
            samples: Samples = np.frombuffer(chunk.payload, np.int16).astype(np.float32) / np.float32(32768)
        else:
            known = decoder.decode(chunk.payload)
            if known is None:
                continue
            samples = known.copy()
        if held and chunk.end - samples.size - end > RATE_HZ // 50:
            yield start, np.concatenate(held)
            held.clear()
        if not held:
            start = max(0, chunk.end - samples.size)
        held.append(samples)
        end = chunk.end
    if held:
        yield start, np.concatenate(held)
