"""Two kinds of moments, quiet and loud: how loud each is, learned as one listens.

What counts as loud enough to be voiced depends on the room: in a quiet one a voice is heard
40 dB below its loudest, among other voices only what stands above them is the speaker's.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .kernel import kernel

MIN_DB = -100.0

GAP_DB = 16.0
"""Loud over quiet until something has been learned; ``MIN_GAP_DB`` ever after."""

MIN_GAP_DB = 8.0

PRIOR_HOPS = 3.0
"""Weight of what is assumed at first."""

SPREAD_DB2 = 25.0
"""Variance of the level within a class."""

MEMORY_HOPS = 250.0
"""The classes follow changes within some 2.5 s of their own kind."""

HARMONIC = 12.0
"""Weight of harmonicity beside level when a moment is assigned to a class."""

OUTDONE_DB = 25.0
"""A harmonic moment that far above the loud ones shows that they were none: until someone spoke, the hum of
the mains was the loudest there was."""

Doubles = NDArray[np.float64]

QUIET, LOUD, HUM, QUIET_HOPS, LOUD_HOPS, STARTED = range(6)
"""Entries of the state: mean levels in dB, mean harmonicity of quiet moments, hops in each class, begun."""


@kernel
def update_mixture(level_db: float, harmonicity: float, state: Doubles) -> None:
    """Take the level of one moment into the two classes.

    Online expectation-maximisation of two Gaussians of fixed, equal variance (Cappé &
    Moulines 2009), each with its own rate of forgetting.

    Parameters
    ----------
    level_db : float
    harmonicity : float
        0..1; a harmonic moment is more likely one of the loud kind.
    state : float64, shape (6,)
        All zero before the first moment.
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
    if state[LOUD] - state[QUIET] < MIN_GAP_DB:  # the one less is known of gives way
        if state[QUIET_HOPS] < state[LOUD_HOPS]:
            state[QUIET] = state[LOUD] - MIN_GAP_DB
        else:
            state[LOUD] = state[QUIET] + MIN_GAP_DB
