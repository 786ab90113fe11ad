"""Fillers by word: how often each was said without saying anything.

*um* and *uh* always; *like, you know, I mean, sort of, kind of, so, right, okay, basically* where
:mod:`engine.language.markers` finds that nothing is lost without them. A *so* that draws a conclusion and
an *okay* that judges are words, not fillers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.protocol.words import Word

from .markers import Marker, find_markers

FILLERS = ("um", "uh", "like", "you know", "i mean", "sort of", "kind of", "basically", "so", "right", "okay")
LEAST = 0.5
"""Probability from which a use counts."""


def find_fillers(words: Sequence[Word], *, timed: bool = True, least: float = LEAST) -> list[Marker]:
    """Return the uses that say nothing, in order of place."""
    return [
        marker
        for marker in find_markers(words, timed=timed)
        if marker.filler >= least and _name(marker) in FILLERS
    ]


def count_fillers(words: Sequence[Word], *, timed: bool = True, least: float = LEAST) -> dict[str, int]:
    """Return the number of fillers by word of :data:`FILLERS`, without those that were not said."""
    return dict(Counter(_name(marker) for marker in find_fillers(words, timed=timed, least=least)))


def _name(marker: Marker) -> str:
    return "okay" if marker.marker == "ok" else marker.marker
