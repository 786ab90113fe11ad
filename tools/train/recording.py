"""Recordings of speech, each with its labels, and other sounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from dsp.frame import RATE_HZ

PEAK = 32_000
"""Peak of recordings stored as 16-bit integers."""

Audio = NDArray[np.float32]
Stored = NDArray[np.int16]


@dataclass(frozen=True)
class Recording:
    """Speech of one person."""

    samples: Stored
    """Shape (n,), at 16 kHz."""
    speech: NDArray[np.bool_]
    """Whether each whole hop is speech, shape (n // 160,)."""
    nuclei_s: NDArray[np.float64] | None = None
    """Middles of all vowels, where they are known."""


@dataclass
class Corpus:
    """All recordings by group: a voice, a language of a package, or a kind of noise."""

    speech: dict[str, list[Recording]]
    varied: dict[str, list[Recording]]
    """Variants of the groups with known vowels at other tempos and pitches, in whole rounds."""
    noise: dict[str, list[Stored]]


def stored(x: Audio) -> Stored:
    """Convert to 16-bit integers, scaled to ``PEAK``."""
    return np.asarray(x / np.abs(x).max() * PEAK, np.int16)


def restored(x: Stored) -> Audio:
    """Convert to float32 with a peak of 1."""
    return np.asarray(x / PEAK, np.float32)


def decoded(file: Path, most_s: float) -> Audio:
    """Decode a file to mono float32 at 16 kHz, of at most about ``most_s``; empty if it is damaged."""
    form = "g722" if file.suffix == ".g722" else None
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    pieces: list[Audio] = []
    try:
        with av.open(str(file), format=form, metadata_errors="replace") as container:
            for frame in container.decode(audio=0):
                pieces += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
                if sum(piece.size for piece in pieces) > most_s * RATE_HZ:
                    break
            pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as error:
        print(f"left out: {file}: {error}")
        return np.zeros(0, np.float32)
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
