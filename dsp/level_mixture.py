"""Two-component Gaussian mixture of the level: quiet and loud moments, learned online.

The level that counts as loud enough to be voiced depends on the room: in a quiet one a voice is
audible 40 dB below its loudest, among other voices only what stands above them is the speaker's.

What the constants were tuned on isn't recorded, and how sensitive the figures are to each was not measured.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .kernel import kernel

MIN_DB = -100.0
"""Lowest level."""

GAP_DB = 16.0
"""Initial distance of loud from quiet; ``MIN_GAP_DB`` is its minimum later."""

MIN_GAP_DB = 8.0

PRIOR_HOPS = 3.0
"""Weight of the initial means, in hops."""

SPREAD_DB2 = 25.0
"""Variance of the level within a component."""

MEMORY_HOPS = 250.0
"""Memory of a component: it follows changes within some 2.5 s of its own moments."""

HARMONIC = 12.0
"""Weight of harmonicity against level in the assignment of a moment to a component."""

OUTDONE_DB = 25.0
"""A harmonic moment this far above the loud component resets its weight: until someone spoke, mains hum was
the loudest sound."""

Doubles = NDArray[np.float64]

QUIET, LOUD, HUM, QUIET_HOPS, LOUD_HOPS, STARTED = range(6)
"""Entries of the state: mean levels in dB, mean harmonicity of quiet moments, weights of the components in
hops, whether it has begun."""


@kernel
def update_mixture(level_db: float, harmonicity: float, state: Doubles) -> None:
    """Update the two components by the level of one moment.

    Online expectation-maximisation of two Gaussians of fixed, equal variance σ² (Cappé & Moulines 2009,
    "On-line expectation-maximization algorithm for latent data models"), each with its own rate of
    forgetting. The log odds of "loud" are ``(x - (μ1 + μ2) / 2) (μ2 - μ1) / σ²``, clipped to ±10,
    plus ``HARMONIC (h - 0.6)``.

    Parameters
    ----------
    level_db : float
    harmonicity : float
        0..1; a harmonic moment is more likely a loud one.
    state : float64, shape (6,)
        All zero before the first moment. Changed.
    """
    if state[STARTED] == 0.0:
        state[STARTED] = 1.0
        state[QUIET] = level_db
        state[LOUD] = level_db + GAP_DB
        state[HUM] = 0.3
        state[QUIET_HOPS] = state[LOUD_HOPS] = PRIOR_HOPS
    if level_db > state[LOUD] + OUTDONE_DB and harmonicity > 0.6:
        state[LOUD_HOPS] = PRIOR_HOPS
    gap = state[LOUD] - state[QUIET]
    odds = (level_db - 0.5 * (state[LOUD] + state[QUIET])) * gap / SPREAD_DB2
    odds = max(-10.0, min(10.0, odds)) + HARMONIC * (harmonicity - 0.6)
    loud = 1.0 / (1.0 + math.exp(-odds))
    state[QUIET_HOPS] = min(MEMORY_HOPS, state[QUIET_HOPS] + 1.0 - loud)
    state[LOUD_HOPS] = min(MEMORY_HOPS, state[LOUD_HOPS] + loud)
    quieter = (1.0 - loud) / state[QUIET_HOPS]
    state[HUM] += quieter * (harmonicity - state[HUM])
    state[QUIET] += quieter * (level_db - state[QUIET])
    state[LOUD] += loud / state[LOUD_HOPS] * (level_db - state[LOUD])
    if state[LOUD] - state[QUIET] < MIN_GAP_DB:  # move the component with the smaller weight
        if state[QUIET_HOPS] < state[LOUD_HOPS]:
            state[QUIET] = state[LOUD] - MIN_GAP_DB
        else:
            state[LOUD] = state[QUIET] + MIN_GAP_DB
