"""How sure a measure over a whole session is, by how much it rests on.

One rule for every measure: below its least evidence it is null; while its confidence is under the profile's
``nudges.least_confidence``, the limit of a nudge, it is told as a guess, and neither praised nor held
against anyone. :class:`engine.core.measures.Measures` fills in what was heard; ``summary``, the command
line's report and the page go by ``ChannelMeasures.unsure``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

FILLERS_FOUND = 0.4
"""Share of real filled pauses that is found: all of some speakers', a third in a meeting's din."""

FILLERS_TOLD = 3.0
"""So many filled pauses are no mistake of the ears."""

LEAST_VOICED, USUAL_VOICED = 0.1, 0.3
"""Share of speech that must have a pitch at all, and that has with any voice. In a whisper it is less, and
what seems to creak there tells nothing of the voice."""


class Needs(NamedTuple):
    """What a measure needs."""

    least: float
    enough: float

    def sure(self, have: float) -> float:
        """Confidence with so much evidence: 0 below the least, 1 from enough on."""
        return 0.0 if have < self.least else min(1.0, have / self.enough)


NEEDS: Mapping[str, Needs] = MappingProxyType(
    {
        "pace_wpm": Needs(2.5, 8.0),  # seconds of speech
        "f0_sd_st": Needs(4.0, 6.0),  # seconds of voice
        "creak_share": Needs(3.0, 6.0),  # seconds of voice
        "fillers_per_min": Needs(5.0, 5.0),  # seconds of speech
        "rises": Needs(4.0, 4.0),  # phrases whose ending was told
        "trailing_db": Needs(4.0, 4.0),  # phrases whose trailing off was sure
        "talk_share": Needs(1.0, 1.0),  # seconds of speech of who said less
        "interruptions": Needs(5.0, 20.0),  # seconds of the other side's speech
        "snr_db": Needs(1.0, 3.0),  # seconds of speech
    }
)
"""By the field of ``engine.protocol.measures.ChannelMeasures``."""


def voiced_enough(pitched: float, spoken: float) -> float:
    """How far what is voiced can stand for the voice, 0..1: in a whisper hardly, or not.

    Parameters
    ----------
    pitched, spoken : lengths of the speech with a pitch and of all speech, in one unit.
    """
    return Needs(LEAST_VOICED, USUAL_VOICED).sure(pitched / spoken) if spoken > 0.0 else 0.0


def seldom(found: int, counted_s: float, per_min: float) -> float:
    """Probability that someone with so many filled pauses a minute would have had more of them found.

    Near 1 where their rate is surely below ``per_min``; small where too little was heard to tell. Found ones
    are Poisson distributed with ``FILLERS_FOUND`` of the rate.
    """
    mean = FILLERS_FOUND * per_min * counted_s / 60.0
    term, below = math.exp(-mean), 0.0
    for k in range(found + 1):
        below += term
        term *= mean / (k + 1)
    return max(0.0, 1.0 - below)


def fillers_sure(found: int, guessed: int, counted_s: float, per_min: float) -> float:
    """How sure it is on which side of ``per_min`` a rate of filled pauses lies, 0..1.

    Parameters
    ----------
    found, guessed : filled pauses that were counted, and those told as a guess.
    counted_s : speech and pauses that they were found in, in seconds.
    """
    if 60.0 * found > per_min * counted_s:
        return min(1.0, found / FILLERS_TOLD)
    return seldom(found + guessed, counted_s, per_min)
