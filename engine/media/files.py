"""Recordings: anything PyAV can read, as 16 kHz samples of each speaker.

A file is read in pieces and never held as a whole. One channel is one speaker; two
channels are two speakers, unless they never differ; more are mixed into one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ

from ..errors import AudioFileError
from .resample import Resampler

Samples = NDArray[np.float32]
Which = int | Literal["mix"]

LEAST_GAP_S = 0.1
"""Time stamps of honest files jitter by less; what is missing above that is lost audio."""

MOST_GAP_S = 600.0
"""A time stamp that jumps further is wrong, not a gap."""


class Recording:
    """A sound file, and who speaks on its channels.

    Parameters
    ----------
    path : the file.
    channel : the one channel to hear, from 0, or ``"mix"`` for all of them as one
        speaker. When not given, two channels that differ are two speakers.

    Raises
    ------
    AudioFileError
        It can't be read, holds no audio, or has no such channel.
    """

    def __init__(self, path: str | Path, channel: Which | None = None) -> None:
        self.path = Path(path)
        with _opened(self.path) as (container, stream):
            self.file_channels = stream.channels
            self.length_s = _length_s(container, stream)
            """Length by the file's own account; None when it doesn't say. For progress only."""
        if isinstance(channel, int) and not 0 <= channel < self.file_channels:
            has = "one channel, 0" if self.file_channels == 1 else f"channels 0 to {self.file_channels - 1}"
            raise AudioFileError(f"{self.path}: no channel {channel}: it has {has}")
        self.damaged = 0
        """Pieces that could not be decoded when it was read last."""
        self._wanted: list[Which]
        if channel is not None:
            self._wanted = [channel]
        elif self.file_channels == 2 and self._channels_differ():
            self._wanted = [0, 1]
        else:
            self._wanted = ["mix"]

    @property
    def speakers(self) -> int:
        """1 or 2."""
        return len(self._wanted)

    @property
    def same_on_both(self) -> bool:
        """Whether its two channels carry the same sound, and so count as one speaker."""
        return self.file_channels == 2 and self._wanted == ["mix"]

    def blocks(self) -> Iterator[tuple[Samples, ...] | int]:
        """Read it through, from the start.

        Yields
        ------
        tuple of float32, shape (n,) each, mono, 16 kHz, full scale ±1
            Samples of each speaker, of the same length.
        int
            So many samples of all speakers are lost: by the file's time stamps, something is missing.

        Raises
        ------
        AudioFileError
            Nothing in it could be decoded, or hardly anything: under one hop.
        """
        heard = 0
        try:
            for block in self._decoded():
                heard += 0 if isinstance(block, int) else block[0].size
                yield block
        except (av.FFmpegError, ValueError) as error:
            raise AudioFileError(f"{self.path}: its audio cannot be turned into 16 kHz: {error}") from error
        if heard < HOP:
            raise AudioFileError(f"{self.path}: hardly any audio in it can be decoded; is the file whole?")

    def _decoded(self) -> Iterator[tuple[Samples, ...] | int]:
        resamplers = [Resampler() for _ in self._wanted]
        for frame in self._frames():
            if isinstance(frame, int):
                yield tuple(resampler.flush() for resampler in resamplers)
                yield frame
            else:
                yield tuple(
                    resampler.feed(_one_channel(frame, which))
                    for which, resampler in zip(self._wanted, resamplers, strict=True)
                )
        yield tuple(resampler.flush() for resampler in resamplers)

    def _frames(self) -> Iterator[AudioFrame | int]:
        """Frames in order, and between them the 16 kHz samples that the time stamps show to be missing."""
        self.damaged = 0
        end_s: Fraction | None = None
        with _opened(self.path) as (container, stream):
            packets = container.demux(stream)
            while True:
                try:
                    frames = next(packets).decode()
                except StopIteration:
                    return
                except av.InvalidDataError:
                    self.damaged += 1
                    continue
                except av.FFmpegError:  # the file breaks off or can't be read any further
                    self.damaged += 1
                    return
                for frame in frames:
                    begin_s = _begin_s(frame)
                    gap_s = begin_s - end_s if begin_s is not None and end_s is not None else 0
                    if LEAST_GAP_S < gap_s < MOST_GAP_S:
                        yield round(gap_s * RATE_HZ)
                    end_s = None if begin_s is None else begin_s + Fraction(frame.samples, frame.sample_rate)
                    yield frame

    def _channels_differ(self) -> bool:
        """Whether two channels are two: many recorders write one microphone to both."""
        for frame in self._frames():
            if not isinstance(frame, int):
                left, right = _planes(frame)
                if not np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
                    return True
        return False


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The file and its first audio stream; what goes wrong in opening is an AudioFileError."""
    try:
        if path.exists() and not path.is_file():
            raise AudioFileError(f"{path}: not a file; give a recording that lies on disk")
        if path.stat().st_size == 0:
            raise AudioFileError(f"{path}: the file is empty")
        file = path.open("rb")  # an open file, so that a path is never taken for an address
    except FileNotFoundError as error:
        raise AudioFileError(f"{path}: no such file") from error
    except OSError as error:
        raise AudioFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    with file:
        try:
            container = av.open(file, "r")
        except (av.FFmpegError, ValueError) as error:
            raise AudioFileError(
                f"{path}: not a sound file that can be read; WAV, FLAC, Ogg, MP3, M4A or WebM would work"
            ) from error
        with container:
            if not container.streams.audio:
                raise AudioFileError(f"{path}: holds no audio, only {_kinds(container)}")
            stream = container.streams.audio[0]
            if stream.codec_context is None or not stream.rate or not stream.channels:
                raise AudioFileError(f"{path}: its audio is of a kind that cannot be decoded here")
            yield container, stream


def _one_channel(frame: AudioFrame, which: Which) -> AudioFrame:
    """One channel of a frame, as a frame; the frame itself for the mix of all."""
    if which == "mix":
        return frame
    planes = _planes(frame)
    plane = np.ascontiguousarray(planes[min(which, len(planes) - 1)]).reshape(1, -1)
    one = AudioFrame.from_ndarray(plane, format=frame.format.packed.name, layout="mono")
    one.sample_rate = frame.sample_rate
    return one


def _begin_s(frame: AudioFrame) -> Fraction | None:
    return None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base


def _planes(frame: AudioFrame) -> NDArray[np.generic]:
    """Samples as they are in the file, shape (channels, n)."""
    samples: NDArray[np.generic] = frame.to_ndarray()
    channels = len(frame.layout.channels)
    return samples if frame.format.is_planar else samples.reshape(-1, channels).T


def _length_s(container: InputContainer, stream: AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def _kinds(container: InputContainer) -> str:
    kinds: Iterable[str] = {stream.type for stream in container.streams}
    return " and ".join(sorted(kinds)) or "an empty container"
