"""How a phrase ends: the movement of F0 over its last 0.4 s."""

from __future__ import annotations

import math
from typing import Literal

LEAST_CONFIDENCE = 0.5


def kind(change_st: float, confidence: float) -> Literal["rise", "fall", "level", "unsure"]:
    """Name of a contour: two semitones or more either way is a movement."""
    if math.isnan(change_st) or confidence < LEAST_CONFIDENCE:
        return "unsure"
    return "rise" if change_st >= 2.0 else "fall" if change_st <= -2.0 else "level"
