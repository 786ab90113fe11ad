"""Voice activity: the probability that a hop holds speech, and that a syllable nucleus lies there.

A small recurrent network (``dsp.gru_network``) maps the features of a hop to three log odds. The features
make it independent of gain and room: the level of each band over its own noise, and below the
speaker's loud moments. It was trained on voices in many languages among noises, music, keys and
calls of animals (``tools/train``).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .component import Component, State
from .gru_network import FEATURES, OUTPUTS, STATE_SIZE, gru_step
from .kernel import kernel
from .weights import load_weights

NUCLEUS_DELAY_HOPS = 8
"""The nucleus output describes the hop this many before the newest: it needs what follows."""

SETTLED_DELAY_HOPS = 10
"""The settled output judges the hop this many before the newest once more, and better, by what followed."""

LOUD_RISE, LOUD_FALL_DB, LOUD_MIN_DB = 0.2, 0.02, 12.0
"""The level of the loud moments rises by this share of the distance per hop, falls by this many dB per
hop, and is at least this far above the noise."""

QUIETEST_DBFS = -100.0
"""Noise floors below this count as this: digital silence, however far the sound was turned down."""

SCALE_DB = 20.0
"""Unit of the network's features."""

UNKNOWN_DBFS = -999.0
"""Level of the loud moments before any sound."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

WEIGHTS = load_weights()


@kernel
def network_features(
    above_db: Doubles, bands_db: Floats, level_dbfs: float, noise_dbfs: float, loud_dbfs: float, out: Floats
) -> float:
    """Compute the network's features of a hop; return the updated level of the loud moments.

    Parameters
    ----------
    above_db : float64, shape (a,)
        Bands over their own noise, dB.
    bands_db : float32, shape (b,)
        Level of the bands, dB.
    level_dbfs, noise_dbfs : float
        Level of the hop and noise floor.
    loud_dbfs : float
        Level of the loud moments up to the previous hop.
    out : float32, shape (a + b + 2,)
        Overwritten.
    """
    floor_dbfs = max(noise_dbfs, QUIETEST_DBFS)
    if loud_dbfs == UNKNOWN_DBFS:
        loud_dbfs = floor_dbfs + LOUD_MIN_DB
    over_db = level_dbfs - loud_dbfs
    loud_dbfs += LOUD_RISE * over_db if over_db > 0.0 else -LOUD_FALL_DB
    loud_dbfs = max(loud_dbfs, floor_dbfs + LOUD_MIN_DB)
    n, last = above_db.size, above_db.size + bands_db.size
    for k in range(n):
        out[k] = above_db[k] / SCALE_DB
    for k in range(bands_db.size):
        out[n + k] = min(1.0, max(-4.0, (bands_db[k] - loud_dbfs) / SCALE_DB + 1.0))
    out[last] = min(3.0, max(-1.0, (level_dbfs - floor_dbfs) / SCALE_DB))
    out[last + 1] = min(1.0, max(-4.0, (level_dbfs - loud_dbfs) / SCALE_DB))
    return loud_dbfs


@kernel
def logistic(odds: np.float32) -> float:
    """Probability of log odds."""
    return 1.0 / (1.0 + math.exp(-np.float64(odds)))


@kernel
def update_voice_activity(
    above_db: Doubles, bands_db: Floats, level_dbfs: float, noise_dbfs: float, weights: Floats, state: State
) -> None:
    """Process a hop: ``VoiceActivity.process``."""
    state.loud_dbfs = network_features(
        above_db, bands_db, level_dbfs, noise_dbfs, state.loud_dbfs, state.features
    )
    run_network(weights, state)


@kernel
def run_network(weights: Floats, state: State) -> None:
    """Run the network on the current features; in a short loss these are those of the hop before."""
    gru_step(state.features, weights, state.units, state.odds)
    state.speech = logistic(state.odds[0])
    state.nucleus = logistic(state.odds[1])
    state.settled = logistic(state.odds[2])


class VoiceActivity(Component):
    """Probability of speech for each hop, without look-ahead.

    Attributes
    ----------
    speech : probability that the last hop is speech, 0..1.
    nucleus : probability that a syllable nucleus lies ``NUCLEUS_DELAY_HOPS`` before it, 0..1.
    settled : probability that the hop ``SETTLED_DELAY_HOPS`` before it was speech, 0..1.
    """

    STATE = np.dtype(
        [
            ("features", "f4", FEATURES),
            ("units", "f4", STATE_SIZE),
            ("odds", "f4", OUTPUTS),
            ("loud_dbfs", "f8"),
            ("speech", "f8"),
            ("nucleus", "f8"),
            ("settled", "f8"),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything, with the speaker's level."""
        self.state["loud_dbfs"] = UNKNOWN_DBFS
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the sound, but keep the speaker's level: nothing spans a long loss."""
        for name in ("features", "units", "speech", "nucleus", "settled"):
            self.state[name] = 0.0

    def bridge(self) -> None:
        """Process a hop of a short loss, as if the sound had continued, so that outputs keep their delay."""
        run_network(WEIGHTS, self.state)

    def process(self, above_db: Doubles, bands_db: Floats, level_dbfs: float, noise_dbfs: float) -> None:
        """Process a hop: its bands over their noise, its bands, its level and the noise floor."""
        update_voice_activity(above_db, bands_db, level_dbfs, noise_dbfs, WEIGHTS, self.state)
