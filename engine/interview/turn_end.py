"""When an answer is over: by the silence after it, how its melody ended, and by its last words.

A pause alone doesn't end a turn. Where the words are known nearly up to the last one, aren't open ("we looked
at the") and the melody fell, :data:`SETTLED_S` is enough: a fall and a complete sentence together are the
strongest signs that a turn is given away (Gravano & Hirschberg 2011). Without one of the two the silence must
be longer than the pauses of people who think, and longer than this speaker's own; without words melody alone
decides how long.

What it can't do: know that a sentence goes on that sounds and reads as if it were complete. For that the
interviewer falls silent again where somebody goes on as it begins to speak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.protocol.terms import Patience

SETTLED_S = 0.7
"""Silence after a complete sentence whose melody fell."""

MAYBE_S = 3.0
"""Silence after what may be over: complete by its words, or by its melody where words aren't known."""

OPEN_S = 4.5
"""Silence after what isn't over by its words, or by its melody where words aren't known."""

THINKING_S = 8.0
"""Silence after words that only hold the turn, or hardly any speech."""

OWN_PAUSE = 1.3
"""The silence must be so much longer than the longest pause after which the speaker went on."""

MOST_S = 12.0
"""And never needs to be longer."""

LEAST_SPOKEN_S = 1.0
"""With less speech nothing was answered."""

PATIENCE: dict[Patience, float] = {"short": 0.95, "normal": 1.0, "long": 1.7}
"""By how much waits are longer. The shortest, but for what is settled, is above 2.5 s and the time it takes
to hear that somebody speaks again."""

LastWords = Literal["unknown", "complete", "open", "thinking"]
"""What the last words tell."""

Melody = Literal["fell", "unsure"]


@dataclass
class Pauses:
    """The pauses of a speaker within their answers, which tell how long they may be silent and go on.

    Attributes
    ----------
    longest_s : after which they went on.
    taken_back : how often they went on although the interviewer had begun to speak.
    """

    longest_s: float = 0.0
    taken_back: int = 0


def silence_needed(
    words: LastWords, melody: Melody, spoken_s: float, pauses: Pauses, patience: Patience
) -> float:
    """Silence after which an answer is over, in seconds.

    Parameters
    ----------
    words, melody : how what was said last ended.
    spoken_s : speech in the answer so far.
    """
    scale = PATIENCE[patience]
    own_s = min(OWN_PAUSE * pauses.longest_s, MOST_S)
    if spoken_s < LEAST_SPOKEN_S or words == "thinking":
        return max(scale * THINKING_S, own_s)
    if words == "complete" and melody == "fell":
        return scale * SETTLED_S * (1.0 + pauses.taken_back)
    if words == "open" or (words == "unknown" and melody == "unsure"):
        return max(scale * OPEN_S, own_s)
    return max(scale * MAYBE_S, own_s)
