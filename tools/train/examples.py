"""Training examples: features of scenes by the live code, and target outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.band_snr import BandSnr
from dsp.frame import HOP
from dsp.gru_network import FEATURES
from dsp.level_meter import LevelMeter
from dsp.spectrum import Spectrum
from dsp.voice_activity import UNKNOWN_DBFS, network_features

from .labels import bumps
from .recording import Audio
from .scenes import SCENE_HOPS, Mixer

SAY_EVERY = 200
"""Scenes between two reports of progress."""


@dataclass(frozen=True)
class Examples:
    """Features and targets of ``n`` scenes of ``h`` hops."""

    features: NDArray[np.float16]
    """Shape (n, h, FEATURES)."""
    speech: NDArray[np.bool_]
    """Shape (n, h)."""
    nuclei: NDArray[np.float16]
    """Target of the nucleus output, 0..1, shape (n, h)."""
    known: NDArray[np.bool_]
    """Whether ``nuclei`` is known, shape (n,)."""


def described(x: Audio) -> NDArray[np.float32]:
    """Features of each hop of a sound, shape (hops, FEATURES)."""
    level, spectrum, loudness = LevelMeter(), Spectrum(), BandSnr()
    out = np.zeros((x.size // HOP, FEATURES), np.float32)
    loud_dbfs = UNKNOWN_DBFS
    for k, features in enumerate(out):
        hop = x[k * HOP : (k + 1) * HOP]
        level.process(hop)
        spectrum.process(hop)
        loudness.process(spectrum.bands)
        loud_dbfs = network_features(
            loudness.bands_above_db,
            spectrum.bands_db,
            level.level_dbfs,
            level.noise_dbfs,
            loud_dbfs,
            features,
        )
    return out


def examples(mixer: Mixer, count: int) -> Examples:
    """Examples from the first ``count`` scenes of a mixer."""
    out = Examples(
        np.zeros((count, SCENE_HOPS, FEATURES), np.float16),
        np.zeros((count, SCENE_HOPS), np.bool_),
        np.zeros((count, SCENE_HOPS), np.float16),
        np.zeros(count, np.bool_),
    )
    for number in range(count):
        scene = mixer.scene(number)
        out.features[number] = described(scene.samples)
        out.speech[number] = scene.speech
        out.nuclei[number] = bumps(np.array(scene.nuclei_s), SCENE_HOPS)
        out.known[number] = scene.nuclei_known
        if number % SAY_EVERY == 0:
            print(f"scene {number} of {count}", flush=True)
    return out
