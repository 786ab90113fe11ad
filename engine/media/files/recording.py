"""Read recordings, in any format of PyAV's, as 16 kHz samples of each speaker.

A file is read in pieces and never held as a whole. One channel is one speaker. Two channels are two
speakers if each has its own voice (``sides``); more channels are mixed into one speaker.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.audio.frame import AudioFrame

from dsp.accumulator import FULL_SCALE_LIMIT
from dsp.ears import Ears
from dsp.frame import HOP, RATE_HZ
from dsp.level_meter import is_audio
from engine.errors import AudioFileError
from engine.media.resample import Resampler, Samples
from engine.protocol.file_names import shown

from .container import Gap, TrackFrames, planes, probe_track
from .sides import MIN_SPEECH_S, ChannelSpeakers, Taken

Which = int | Literal["mix", "both"]

MAX_START_APART_S = 4 * 3600.0
"""Two sides whose first time stamps are further apart have different clocks: both begin at 0."""

NOISE_MEMORY, QUIET = RATE_HZ // 5, RATE_HZ // 50
"""Samples before a DTX silence that are kept, and of the blocks whose lowest level it gets."""

REMARKS: dict[Taken, str] = {
    "two_speakers": "a voice of its own on each channel: taken as two speakers; "
    "--channel mix takes them as one",
    "one_voice": "the same voice on both channels: taken as one speaker; --channel both takes them as two",
    "first_only": "speech on the first channel only: the second is left out; "
    "--channel both takes it as a speaker",
    "second_only": "speech on the second channel only: the first is left out; "
    "--channel both takes it as a speaker",
    "no_speech": "no speech on either channel: taken as one speaker; --channel both takes them as two",
}
"""Remark for each decision on two channels, with how to overrule it."""


class Recording:
    """A sound file and the speakers on its channels.

    Parameters
    ----------
    path : the file.
    channel : the channel to use, from 0; ``"mix"`` for all of them as one speaker; ``"both"`` for
        two channels as two speakers. When not given, two channels are used by who speaks on them.
    track : the audio track to use, from 0; the first one with speech when not given.
    one_side : whether the file is one side of a call, which is never two speakers.

    Raises
    ------
    AudioFileError
        It cannot be read, holds no audio, or has no such channel or track.
    """

    def __init__(
        self,
        path: str | Path,
        channel: Which | None = None,
        *,
        track: int | None = None,
        one_side: bool = False,
    ) -> None:
        self.path = Path(path)
        self.name = shown(path)
        """The path as text that can be printed."""
        self._chose_track = track is None
        self.track = 0 if track is None else track
        about = probe_track(self.path, self.track)
        self.tracks = about.tracks
        if track is None and self.tracks > 1:
            self.track = self._first_with_speech()
            about = probe_track(self.path, self.track)
        self.file_channels = about.channels
        self.length_s = about.length_s
        """Length by the file's own account; None when it doesn't say. For progress only."""
        self.base_s = about.base_s
        """Time stamp at which the file begins; None where that tells nothing against another file's."""
        self._refuse(channel)
        self.damaged = 0
        """Pieces that could not be decoded when it was read last."""
        self.unattributed_s = 0.0
        """Length of what came on one channel where two speak, when it was read last: it counts as lost."""
        self.starts_s = 0.0
        """Where its first sample came when it was read last."""
        self.taken: Taken | None = None
        """How two channels were taken; None where that was not decided here."""
        self._one_side = one_side
        self._wanted = self._channels(channel)

    @property
    def speakers(self) -> int:
        """1 or 2."""
        return len(self._wanted)

    def remarks(self) -> list[str]:
        """What a person should know of how the file was taken, a sentence each; complete once it was read."""
        said = []
        if self.tracks > 1 and self._chose_track:
            rest = ", ".join(str(n) for n in range(self.tracks) if n != self.track)
            said.append(
                f"{self.tracks} audio tracks: track {self.track} is heard; --track hears another ({rest})"
            )
        if self.taken == "two_speakers" and self._one_side:
            said.append("a voice of its own on each channel: mixed into one speaker; --channel N hears one")
        elif self.taken is not None:
            said.append(REMARKS[self.taken])
        elif self.file_channels > 2 and self._wanted == ["mix"]:
            said.append(f"{self.file_channels} channels: mixed into one speaker; --channel N hears one")
        if self.starts_s:
            said.append(
                f"it begins at {self.starts_s:.1f} s by its time stamps: what is before that is unknown"
            )
        if self.damaged:
            pieces = "one piece" if self.damaged == 1 else f"{self.damaged} pieces"
            said.append(f"{pieces} could not be decoded and count as lost")
        if self.unattributed_s:
            said.append(
                f"{self.unattributed_s:.1f} s are on one channel, where nothing tells which of the two "
                "speaks: they count as lost; --channel mix hears them"
            )
        return said

    def blocks(self, since_s: Fraction | None = None) -> Iterator[tuple[Samples, ...] | int]:
        """Yield the audio from the start.

        Parameters
        ----------
        since_s : time stamp of the first sample; the file's first one unless given.

        Yields
        ------
        tuple of float32, shape (n,) each, mono, 16 kHz, full scale ±1
            Samples of each speaker, of the same length.
        int
            Number of samples lost, of all speakers: a gap in the file's time stamps.

        Raises
        ------
        AudioFileError
            Less than one hop could be decoded.
        """
        heard = lead = 0
        if since_s is not None and self.base_s is not None and 0 < self.base_s - since_s < MAX_START_APART_S:
            lead = round((self.base_s - since_s) * RATE_HZ)
            yield lead
        for block in self._decoded(self._wanted):
            if not heard and isinstance(block, int):
                lead += block
            heard += 0 if isinstance(block, int) else block[0].size
            self.starts_s = lead / RATE_HZ
            yield block
        if heard < HOP:
            raise AudioFileError(f"{self.name}: hardly any audio in it can be decoded; is the file whole?")

    def _decoded(self, wanted: list[Which], track: int | None = None) -> Iterator[tuple[Samples, ...] | int]:
        resamplers = [Resampler() for _ in wanted]
        before = [np.zeros(0, np.float32) for _ in wanted]
        frames = TrackFrames(self.path, self.track if track is None else track)
        self.unattributed_s = 0.0
        try:
            for frame in frames:
                if isinstance(frame, Gap):
                    yield tuple(resampler.flush() for resampler in resamplers)
                    samples = round(frame.seconds * RATE_HZ)
                    yield tuple(comfort_noise(x, samples) for x in before) if frame.silent else samples
                elif len(frame.layout.channels) < len(wanted):
                    yield tuple(resampler.flush() for resampler in resamplers)
                    self.unattributed_s += frame.samples / frame.sample_rate
                    yield round(Fraction(frame.samples * RATE_HZ, frame.sample_rate))
                else:
                    block = tuple(
                        resampler.feed(_one_channel(frame, which))
                        for which, resampler in zip(wanted, resamplers, strict=True)
                    )
                    before = [np.concatenate(two)[-NOISE_MEMORY:] for two in zip(before, block, strict=True)]
                    yield block
            yield tuple(resampler.flush() for resampler in resamplers)
        except (av.FFmpegError, ValueError) as error:
            raise AudioFileError(f"{self.name}: its audio cannot be turned into 16 kHz: {error}") from error
        finally:
            self.damaged = frames.damaged

    def _refuse(self, channel: Which | None) -> None:
        has = "one channel, 0" if self.file_channels == 1 else f"channels 0 to {self.file_channels - 1}"
        if isinstance(channel, int) and not 0 <= channel < self.file_channels:
            raise AudioFileError(f"{self.name}: no channel {channel}: it has {has}")
        if channel == "both" and self.file_channels != 2:
            raise AudioFileError(f"{self.name}: no two channels to take as two speakers: it has {has}")

    def _channels(self, channel: Which | None) -> list[Which]:
        """Return the channels used, one for each speaker."""
        if channel == "both":
            return [0, 1]
        if channel is not None or self.file_channels != 2:
            return ["mix" if channel is None else channel]
        sides = ChannelSpeakers()
        for block in self._decoded([0, 1]):
            if not isinstance(block, int) and sides.feed(*block):
                break
        self.taken = sides.taken()
        if self.taken == "two_speakers":
            return ["mix"] if self._one_side else [0, 1]
        if self.taken in ("first_only", "second_only"):
            return [int(self.taken == "second_only")]
        return ["mix" if sides.in_phase else sides.louder]

    def _first_with_speech(self) -> int:
        """Return the first audio track with speech; 0 when there is none."""
        for track in range(self.tracks):
            ears, speech, rest = Ears(), 0, np.zeros(0, np.float32)
            try:
                for block in self._decoded(["mix"], track):
                    if isinstance(block, int):
                        continue
                    held = np.concatenate([rest, block[0]])
                    whole = held.size // HOP * HOP
                    rest = held[whole:]
                    for hop in held[:whole].reshape(-1, HOP):
                        speech += is_audio(hop, FULL_SCALE_LIMIT) and ears.process(hop).speech >= 0.5
                    if speech * HOP >= MIN_SPEECH_S * RATE_HZ:
                        return track
            except AudioFileError:  # another track may be decodable
                continue
        return 0


def comfort_noise(before: Samples, samples: int) -> Samples:
    """Return comfort noise (RFC 3389) for a DTX silence, at the level of the softest 20 ms shortly before."""
    blocks = before[: before.size // QUIET * QUIET].reshape(-1, QUIET)
    level = float(np.sqrt(np.square(blocks).mean(axis=1).min())) if blocks.size else 0.0
    noise = np.random.default_rng(0).standard_normal(samples, np.float32)
    return noise * np.float32(level if np.isfinite(level) else 0.0)


def _one_channel(frame: AudioFrame, which: Which) -> AudioFrame:
    """Return one channel of a frame as a frame; the frame itself for a mix."""
    if isinstance(which, str):
        return frame
    channels = planes(frame)
    plane = np.ascontiguousarray(channels[min(which, len(channels) - 1)]).reshape(1, -1)
    one = AudioFrame.from_ndarray(plane, format=frame.format.packed.name, layout="mono")
    one.sample_rate = frame.sample_rate
    return one
