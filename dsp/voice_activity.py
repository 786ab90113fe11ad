"""Voice activity: the probability that a hop holds speech, and that a syllable peaked.

A small recurrent network listens (``dsp.gru_network``). It is told what it needs to be deaf
to gain and room: how far each band stands above its own noise, and how far below the
speaker's loud moments. It was trained on voices in many languages among noises, music,
keys and calls of animals (``tools/train``), to say for each hop at once whether it is
speech, and with a delay whether the middle of a vowel lay there.
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
"""The peak of a syllable is told this long after it: what follows is needed to know."""

SETTLED_DELAY_HOPS = 10
"""What was speech is told once more so much later, and better: what follows a sound tells what it was."""

LOUD_RISE, LOUD_FALL_DB, LOUD_MIN_DB = 0.2, 0.02, 12.0
"""The loud moments are followed up by this share of the way a hop, down by so many dB a hop, and are at
least so far above the noise."""

QUIETEST_DBFS = -100.0
"""Floors below are as good as digital silence, however far the sound was turned down."""

SCALE_DB = 20.0
"""The network's unit of level."""

UNKNOWN_DBFS = -999.0
"""Level of the loud moments before any sound."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

WEIGHTS = load_weights()


@kernel
def network_features(
    above_db: Doubles, bands_db: Floats, level_dbfs: float, noise_dbfs: float, loud_dbfs: float, out: Floats
) -> float:
    """What the network hears of a hop; the level of the loud moments after it.

    Parameters
    ----------
    above_db : float64, shape (a,)
        Bands above their own noise, dB.
    bands_db : float32, shape (b,)
        Level of the bands, dB.
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
    """Of log-odds."""
    return 1.0 / (1.0 + math.exp(-np.float64(odds)))


@kernel
def update_voice_activity(
    above_db: Doubles, bands_db: Floats, level_dbfs: float, noise_dbfs: float, weights: Floats, state: State
) -> None:
    """``VoiceActivity.process``: ``network_features`` a hop, and let the network hear it."""
    state.loud_dbfs = network_features(
        above_db, bands_db, level_dbfs, noise_dbfs, state.loud_dbfs, state.features
    )
    run_network(weights, state)


@kernel
def run_network(weights: Floats, state: State) -> None:
    """Let the network hear the features there are: once more, those of the hop before, in a short loss."""
    gru_step(state.features, weights, state.units, state.odds)
    state.speech = logistic(state.odds[0])
    state.nucleus = logistic(state.odds[1])
    state.settled = logistic(state.odds[2])


class VoiceActivity(Component):
    """Probability of speech for each hop, at the end of that hop: it doesn't look ahead.

    Attributes
    ----------
    speech : probability that the last hop is speech, 0..1.
    nucleus : how much the hop ``NUCLEUS_DELAY_HOPS`` before it was the peak of a syllable, 0..1.
    settled : probability that the hop ``SETTLED_DELAY_HOPS`` before it was speech, as known by now, 0..1.
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
        """Forget everything heard, how loud the speaker is too."""
        self.state["loud_dbfs"] = UNKNOWN_DBFS
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the sound but not how loud the speaker is: nothing spans a long gap."""
        for name in ("features", "units", "speech", "nucleus", "settled"):
            self.state[name] = 0.0

    def bridge(self) -> None:
        """Take in a hop of a short loss, as if the sound had gone on, so that answers keep their delay."""
        run_network(WEIGHTS, self.state)

    def process(self, above_db: Doubles, bands_db: Floats, level_dbfs: float, noise_dbfs: float) -> None:
        """Take a hop in: its bands above their noise, its bands, its level and the noise floor."""
        update_voice_activity(above_db, bands_db, level_dbfs, noise_dbfs, WEIGHTS, self.state)
