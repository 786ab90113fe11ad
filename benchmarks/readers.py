"""Readers of one paragraph: who they are, what they read, and how fast, by the labels.

Everybody reads the same 69 words. The times of the words are those of an aligner, not corrected by
hand; readers whose alignment is marked as bad are left out. All recordings are cut to one band, as
some reach no further.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks.nudge_verdicts import rate_wpm
from dsp.frame import RATE_HZ
from engine.profile import Profile
from tests.harness.labelled_speech import Labels, Samples, Side, Span, joined

BAND_HZ = 3750.0
"""Upper end of the band: where the recordings made at 8 kHz end."""

TAPS = 801
AROUND_S = 0.25
"""Silence kept before the first word and after the last."""


class Reader(NamedTuple):
    """One person's reading."""

    name: str
    sex: str
    """``female`` or ``male``."""

    native: bool
    """Whether English is their first language."""

    age: int
    samples: Samples
    """Shape (n, 1), 16 kHz, within the band."""

    words: list[Span]

    @property
    def side(self) -> Side:
        """What is said."""
        return Side(joined(self.words), words_s=[start for start, _ in self.words])

    @property
    def seconds(self) -> float:
        """Length of the reading."""
        return len(self.samples) / RATE_HZ

    @property
    def pauses(self) -> list[Span]:
        """Silences between words that are pauses."""
        return [(a, b) for (_, a), (b, _) in pairwise(self.side.speech)]

    def pace_wpm(self, profile: Profile) -> float:
        """Labelled speech rate of the whole reading, as the engine defines it."""
        whole = msgspec.structs.replace(profile.pace, window_s=10 * self.seconds)
        return rate_wpm(self.side, None, self.words[-1][1], msgspec.structs.replace(profile, pace=whole))

    def again_and_again(self, seconds: float) -> tuple[Samples, Side]:
        """The reading over and over, and what is said in it."""
        times = max(1, round(seconds / self.seconds))
        words = [(k * self.seconds + a, k * self.seconds + b) for k in range(times) for a, b in self.words]
        return np.tile(self.samples, (times, 1)), Side(joined(words), words_s=[a for a, _ in words])


def readers(root: Path) -> Iterator[Reader]:
    """Readers in a folder with ``accents/saa.csv`` and ``accents/saa_words.csv``.

    Raises
    ------
    FileNotFoundError
        The folder holds no recordings.
    """
    labels = Labels(root)
    for row in labels.rows("accents/saa.csv"):
        if row["align_ok"] != "1":
            continue
        words = [
            (float(one["start_s"]), float(one["end_s"]))
            for one in labels.by_file("accents/saa_words.csv")[row["file"]]
        ]
        first = round(max(0.0, words[0][0] - AROUND_S) * RATE_HZ)
        samples = narrow(labels.samples(row["file"]))[first : round((words[-1][1] + AROUND_S) * RATE_HZ)]
        yield Reader(
            name=row["speaker"],
            sex=row["sex"],
            native=row["first_language"] == "english",
            age=int(row["age"]),
            samples=samples,
            words=[(a - first / RATE_HZ, b - first / RATE_HZ) for a, b in words],
        )


def narrow(samples: Samples) -> Samples:
    """Cut a recording off above :data:`BAND_HZ`, without delay; shape (n,) or (n, channels)."""
    at = np.arange(TAPS) - TAPS // 2
    taps = np.sinc(2 * BAND_HZ / RATE_HZ * at) * np.blackman(TAPS)
    taps /= taps.sum()
    channels = samples[:, None] if samples.ndim == 1 else samples
    cut = [np.convolve(one, taps, mode="full")[TAPS // 2 :][: one.size] for one in channels.T]
    out: Samples = np.stack(cut, axis=1).astype(np.float32).reshape(samples.shape)
    return out
