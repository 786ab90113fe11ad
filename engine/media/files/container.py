"""Decode one audio track of a container into frames and gaps on one time line, however damaged the file."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, NamedTuple

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from engine.errors import AudioFileError
from engine.media.rtp.stream import MAX_DTX_GAP_S
from engine.protocol.file_names import shown

MIN_GAP_S = 0.1
"""Time stamps of sound files stray by less; a larger jump is a gap."""

MAX_GAP_S = 600.0
"""A time stamp that jumps further is wrong, not a gap; so is one that makes all gaps together longer than
this plus the audio decoded."""

DTX_CODECS = frozenset({"opus", "libopus", "speex", "libspeex", "amrnb", "amrwb", "g723_1", "g729", "evrc"})
"""Codecs with discontinuous transmission (DTX), whose sender leaves silence out."""

RATES_HZ = (2_000, 768_000)
"""Lowest and highest sampling rate of a recording."""

ARBITRARY_START = frozenset({"mpegts", "mpeg", "hls"})
"""Formats whose time stamps begin anywhere: they can't be compared with another file's."""

OGG_FIRST_PAGE = 0x02
"""Flag of the first page of a logical bitstream (RFC 3533, section 6)."""


class Gap(NamedTuple):
    """A gap in a track."""

    seconds: Fraction
    silent: bool
    """Whether it is silence left out by the sender (DTX); else it is lost audio."""


class Track(NamedTuple):
    """Properties of an audio track, by its container."""

    channels: int
    length_s: float | None
    """As stated by the file, None if it isn't; for progress only."""

    tracks: int
    """Number of audio tracks in the file."""

    base_s: Fraction | None
    """First time stamp of the container; None where it can't be compared with another file's."""


def probe_track(path: Path, number: int) -> Track:
    """Return the properties of an audio track, numbered from 0.

    Raises
    ------
    AudioFileError
        It cannot be read, holds no audio, or has no such track.
    """
    with (
        _open_file(path) as file,
        _open_container(path, _FileRange(file, *next(ogg_links(file)))) as container,
    ):
        stream = _track(path, container, number)
        own = container.format.name.split(",")[0] in ARBITRARY_START
        return Track(
            stream.channels,
            _length_s(container, stream),
            len(container.streams.audio),
            None if own else Fraction(container.start_time or 0, av.time_base),
        )


class TrackFrames:
    """Iterable of the frames of one audio track, and of the gaps between them by their time stamps.

    The links of a chained Ogg file (RFC 3533, section 4) follow each other, each with its own decoder.

    Attributes
    ----------
    damaged : number of pieces that could not be decoded so far.
    """

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.number = number
        self.damaged = 0
        self._heard_s = self._missing_s = Fraction(0)

    def __iter__(self) -> Iterator[AudioFrame | Gap]:
        """Decode the file from its beginning.

        Raises
        ------
        AudioFileError
            It cannot be read.
        """
        with _open_file(self.path) as file:
            for k, (start, stop) in enumerate(ogg_links(file)):
                try:
                    with _open_container(self.path, _FileRange(file, start, stop)) as container:
                        yield from self._link(container, k == 0)
                except AudioFileError:
                    if k == 0:
                        raise
                    self.damaged += 1

    def _link(self, container: InputContainer, first: bool) -> Iterator[AudioFrame | Gap]:
        number = self.number if first else min(self.number, len(container.streams.audio) - 1)
        stream = _track(self.path, container, number)
        pauses = stream.codec_context.name in DTX_CODECS
        due_s = Fraction(container.start_time or 0, av.time_base) if first else None
        begun, damaged = False, self.damaged
        for frame in self._decoded(container, stream):
            begin_s = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
            if begin_s is not None:
                gap_s = Fraction(0) if due_s is None else begin_s - due_s
                if due_s is None or gap_s < -MIN_GAP_S or not self._believed(gap_s):
                    due_s = begin_s
                elif gap_s > MIN_GAP_S:
                    self._missing_s += gap_s
                    whole = begun and damaged == self.damaged
                    yield Gap(gap_s, pauses and whole and gap_s <= MAX_DTX_GAP_S)
                    due_s = begin_s
            length_s = Fraction(frame.samples, frame.sample_rate)
            self._heard_s += length_s
            due_s = None if due_s is None else due_s + length_s
            begun, damaged = True, self.damaged
            yield frame

    def _believed(self, gap_s: Fraction) -> bool:
        """Return whether a gap is plausible, not a wrong time stamp."""
        return gap_s < MAX_GAP_S and self._missing_s + gap_s <= MAX_GAP_S + self._heard_s

    def _decoded(self, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
        packets = container.demux(stream)
        while True:
            try:
                frames = next(packets).decode()
            except (StopIteration, IndexError):  # the end; IndexError where another stream begins in mid-file
                return
            except av.InvalidDataError:
                self.damaged += 1
                continue
            except (av.FFmpegError, ValueError):  # the file is truncated or can't be read further
                self.damaged += 1
                return
            for frame in frames:
                if isinstance(frame, AudioFrame) and RATES_HZ[0] <= frame.sample_rate <= RATES_HZ[1]:
                    yield frame
                else:
                    self.damaged += 1


def planes(frame: AudioFrame) -> NDArray[np.generic]:
    """Return a frame's samples in the file's format, shape (channels, n)."""
    samples: NDArray[np.generic] = frame.to_ndarray()
    channels = len(frame.layout.channels)
    return samples if frame.format.is_planar else samples.reshape(-1, channels).T


def ogg_links(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the byte ranges of the links of a chained Ogg file, or else of the whole file.

    A link begins with a first page of a bitstream that follows other pages (RFC 3533, section 4).
    """
    size = file.seek(0, os.SEEK_END)
    start = at = 0
    body = False
    while at < size:
        file.seek(at)
        head = file.read(27)
        if len(head) < 27 or head[:4] != b"OggS":
            break
        begins = bool(head[5] & OGG_FIRST_PAGE)
        if begins and body:
            yield start, at
            start = at
        body = not begins
        lacing = file.read(head[26])
        at = _next_page(file, at + 27 + len(lacing) + sum(lacing), size)
    yield start, size


def _next_page(file: BinaryIO, at: int, size: int) -> int:
    """Return the position of the next Ogg page at or after ``at``; later where the file is damaged."""
    while at < size:
        file.seek(at)
        chunk = file.read(1 << 16)
        found = chunk.find(b"OggS")
        if found >= 0:
            return at + found
        at += max(1, len(chunk) - 3)
    return size


class _FileRange(io.RawIOBase):
    """A byte range of an open file, as a file."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file, self._start, self._size = file, start, stop - start
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = self._size - self._at
        if left <= 0:  # at any distance: a header may point anywhere
            return b""
        self._file.seek(self._start + self._at)
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data


@contextmanager
def _open_file(path: Path) -> Iterator[BinaryIO]:
    """Open the file; raise an AudioFileError where that fails."""
    try:
        if path.exists() and not path.is_file():
            raise AudioFileError(f"{shown(path)}: not a file; give a recording that lies on disk")
        if path.stat().st_size == 0:
            raise AudioFileError(f"{shown(path)}: the file is empty")
        file = path.open("rb")  # an open file, so that a path is never taken for an address
    except FileNotFoundError as error:
        raise AudioFileError(f"{shown(path)}: no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AudioFileError(f"{shown(path)}: cannot be read: {reason}") from error
    with file:
        yield file


@contextmanager
def _open_container(path: Path, part: _FileRange) -> Iterator[InputContainer]:
    """Open a byte range as a container that holds audio."""
    try:
        container = av.open(part, "r", metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise AudioFileError(
            f"{shown(path)}: not a sound file that can be read; WAV, FLAC, Ogg, MP3, M4A or WebM would work"
        ) from error
    with container:
        if not container.streams.audio:
            raise AudioFileError(f"{shown(path)}: holds no audio, only {_kinds(container)}")
        yield container


def _track(path: Path, container: InputContainer, number: int) -> AudioStream:
    """Return a decodable audio track, numbered from 0."""
    tracks = container.streams.audio
    if not 0 <= number < len(tracks):
        has = "one audio track, 0" if len(tracks) == 1 else f"audio tracks 0 to {len(tracks) - 1}"
        raise AudioFileError(f"{shown(path)}: no track {number}: it has {has}")
    stream = tracks[number]
    if stream.codec_context is None or not stream.rate or not stream.channels:
        raise AudioFileError(f"{shown(path)}: its audio is of a kind that cannot be decoded here")
    if not RATES_HZ[0] <= stream.rate <= RATES_HZ[1]:
        raise AudioFileError(
            f"{shown(path)}: its sampling rate of {stream.rate} Hz is none of a recording; "
            f"{RATES_HZ[0]} to {RATES_HZ[1]} Hz would work"
        )
    return stream


def _length_s(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def _kinds(container: InputContainer) -> str:
    kinds: Iterable[str] = {stream.type for stream in container.streams}
    return " and ".join(sorted(kinds)) or "an empty container"
