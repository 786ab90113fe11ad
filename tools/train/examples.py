"""Training examples: features of scenes by the live code, and target outputs."""

from __future__ import annotations

import multiprocessing
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

Floats = NDArray[np.float16]

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


_mixers: list[Mixer] = []
"""The mixer of the processes that are forked: its corpus is not sent to them."""


def example(number: int) -> tuple[Floats, NDArray[np.bool_], Floats, bool]:
    """Features, speech, target of the nuclei, and whether these are known, of one scene."""
    scene = _mixers[-1].scene(number)
    nuclei = bumps(np.array(scene.nuclei_s), SCENE_HOPS).astype(np.float16)
    return described(scene.samples).astype(np.float16), scene.speech, nuclei, scene.nuclei_known


def examples(mixer: Mixer, count: int, processes: int = 1) -> Examples:
    """Examples from the first ``count`` scenes of a mixer, made by so many processes."""
    out = Examples(
        np.zeros((count, SCENE_HOPS, FEATURES), np.float16),
        np.zeros((count, SCENE_HOPS), np.bool_),
        np.zeros((count, SCENE_HOPS), np.float16),
        np.zeros(count, np.bool_),
    )
    _mixers.append(mixer)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        made = pool.imap(example, range(count), chunksize=8)
        for number, (features, speech, nuclei, known) in enumerate(made):
            out.features[number], out.speech[number], out.nuclei[number] = features, speech, nuclei
            out.known[number] = known
            if number % SAY_EVERY == 0:
                print(f"scene {number} of {count}", flush=True)
    return out
