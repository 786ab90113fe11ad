"""Damaged sound files, made from a seed: the same seed always gives the same file.

damaged(seed, folder)    one file
faults(paths)            what `sottovoce analyze` did with them that it must not do
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, cast

import av
import numpy as np
from av import AudioFrame, AudioResampler, AudioStream
from numpy.typing import NDArray

from engine.protocol.file_names import shown

Chance = np.random.Generator

RATE_HZ = 48_000

MOST_MB = 1_500
"""Memory that hearing any of the files may take: what numba and the ears take, and as much again."""

MOST_S = 30.0
"""Time for one file of a few seconds, on a busy machine."""


class Kind(NamedTuple):
    """A format: the name's ending, the codec, its rate and its channels."""

    ending: str
    codec: str
    rate_hz: int = RATE_HZ
    channels: int = 1


KINDS = (
    Kind("wav", "pcm_s16le", channels=2),
    Kind("flac", "flac"),
    Kind("mp3", "libmp3lame", channels=2),
    Kind("ogg", "flac"),
    Kind("opus", "libopus", channels=2),
    Kind("webm", "libopus"),
    Kind("m4a", "aac", channels=2),
    Kind("mkv", "pcm_s24le"),
    Kind("aiff", "pcm_s16be"),
    Kind("au", "pcm_mulaw", 8_000),
    Kind("caf", "alac"),
    Kind("wma", "wmav2"),
    Kind("ts", "mp2"),
    Kind("mp4", "ac3", channels=2),
    Kind("w64", "pcm_f32le"),
)
"""Fifteen, each with its own reader."""


def damaged(seed: int, folder: Path) -> Path:
    """Write the damaged file of a seed into a folder, beside the whole files that it is made from."""
    chance = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    data = whole(kind, folder).read_bytes()
    for _ in range(int(chance.integers(1, 4))):
        harm = HARMS[int(chance.integers(len(HARMS)))]
        data = harm(data, chance, folder)
    path = folder / f"damaged-{seed}.{kind.ending}"
    path.write_bytes(data)
    return path


def whole(kind: Kind, folder: Path) -> Path:
    """The undamaged file of a format: three seconds, made when it is first asked for."""
    path = folder / f"whole-{kind.codec}.{kind.ending}"
    if not path.is_file():
        samples = sound(kind.rate_hz)
        layout = "stereo" if kind.channels == 2 else "mono"
        channels = [samples, np.roll(samples, kind.rate_hz // 3)][: kind.channels]
        with av.open(path, "w", options={"fflags": "+bitexact"}) as container:  # no random serial numbers
            stream = cast(AudioStream, container.add_stream(kind.codec, rate=kind.rate_hz, layout=layout))
            frame = AudioFrame.from_ndarray(
                np.stack(channels, axis=1).reshape(1, -1), format="flt", layout=layout
            )
            frame.sample_rate, frame.time_base, frame.pts = kind.rate_hz, Fraction(1, kind.rate_hz), 0
            stream.bit_rate = 64_000
            stream.codec_context.open(strict=False)
            resampler = AudioResampler(
                format=stream.codec_context.format,
                layout=layout,
                rate=kind.rate_hz,
                frame_size=stream.codec_context.frame_size or 4096,
            )
            for made in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(stream.encode(made))
            container.mux(stream.encode(None))
    return path


def sound(rate_hz: int) -> NDArray[np.float32]:
    """Three seconds of a buzz in syllables over noise."""
    at_s = np.arange(3 * rate_hz) / rate_hz
    buzz = sum(np.sin(2 * np.pi * 130 * k * at_s) / k for k in range(1, 20))
    noise = np.random.default_rng(0).standard_normal(at_s.size)
    return (0.1 * buzz * (np.sin(2 * np.pi * 2 * at_s) > 0) + 0.003 * noise).astype(np.float32)


def _place(data: bytes, chance: Chance) -> int:
    """Somewhere, and as often as not in the head."""
    size = max(1, len(data))
    return int(chance.integers(min(size, 600) if chance.random() < 0.5 else size))


def _flipped(data: bytes, chance: Chance, folder: Path) -> bytes:
    out = bytearray(data)
    for _ in range(int(chance.integers(1, 200)) if out else 0):
        out[_place(data, chance)] ^= 1 << int(chance.integers(8))
    return bytes(out)


def _cut_off(data: bytes, chance: Chance, folder: Path) -> bytes:
    return data[: _place(data, chance)]


def _huge(data: bytes, chance: Chance, folder: Path) -> bytes:
    """A number in the head, or anywhere, that is far too large, negative or 0."""
    out = bytearray(data)
    for _ in range(int(chance.integers(1, 6))):
        at = _place(data, chance) & ~1
        number = [b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0" * 4, b"\xff" * 8]
        filler = number[int(chance.integers(len(number)))]
        out[at : at + len(filler)] = filler
    return bytes(out)


def _spliced(data: bytes, chance: Chance, folder: Path) -> bytes:
    """The end of another file, of this format or of any, instead of one's own."""
    other = whole(KINDS[int(chance.integers(len(KINDS)))], folder).read_bytes()
    return data[: _place(data, chance)] + other[_place(other, chance) :]


def _taken_out(data: bytes, chance: Chance, folder: Path) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + int(chance.integers(1, 5_000)) :]


def _filled(data: bytes, chance: Chance, folder: Path) -> bytes:
    """Zeros, or random bytes, over a stretch of it, or between its bytes."""
    at, count = _place(data, chance), int(chance.integers(1, 5_000))
    filler = bytes(count) if chance.random() < 0.5 else chance.bytes(count)
    return data[:at] + filler + data[at + (count if chance.random() < 0.5 else 0) :]


def _repeated(data: bytes, chance: Chance, folder: Path) -> bytes:
    at = _place(data, chance)
    part = data[at : at + int(chance.integers(1, 20_000))]
    return data[:at] + part * int(chance.integers(2, 9)) + data[at:]


HARMS: tuple[Callable[[bytes, Chance, Path], bytes], ...] = (
    _flipped,
    _cut_off,
    _huge,
    _spliced,
    _taken_out,
    _filled,
    _repeated,
)
"""What can happen to a file; up to three of them happen to each."""

RUN = (
    "import resource, sys\n"
    "from clients.cli.main import main\n"
    "code = main(['analyze', '--json', *sys.argv[1:]])\n"
    "print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
)
"""Analyses files, then prints the exit code and the most memory that was used, in MB."""


def faults(paths: Sequence[Path]) -> list[str]:
    """Let one process analyse the files; what it did that it must not do, a sentence each.

    Each file must give one line of JSON or one sentence that names it, in bounded time and memory.
    """
    command = [sys.executable, "-c", RUN, *map(str, paths)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=MOST_S * (len(paths) + 1))
    except subprocess.TimeoutExpired:
        return [f"no end after {MOST_S * (len(paths) + 1):.0f} s: {paths[0]} to {paths[-1]}"]
    *lines, last = ran.stdout.splitlines() or [""]
    if ran.returncode or len(last.split()) != 2:
        return [f"the process ended with {ran.returncode}: {ran.stderr[-2000:]}"]
    code, most_mb = map(int, last.split())
    wrong = [] if most_mb <= MOST_MB else [f"{most_mb} MB were used: {paths[0]} to {paths[-1]}"]
    read = {json.loads(line)["file"] for line in lines}
    said = [line for line in ran.stderr.splitlines() if line.startswith("sottovoce: ")]
    for path in paths:
        sentences = [line for line in said if line.startswith(f"sottovoce: {shown(path)}: ")]
        if len(sentences) != (shown(path) not in read):
            wrong.append(f"{path}: read: {shown(path) in read}; said: {sentences}")
        wrong += [sentence for sentence in sentences if "a bug" in sentence]
    if "Traceback" in ran.stderr:
        wrong.append(ran.stderr[-2000:])
    if code != (0 if len(read) == len(paths) else 2) and not wrong:
        wrong.append(f"exit code {code}, though {len(read)} of {len(paths)} were read")
    return wrong
