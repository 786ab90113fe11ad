"""Talking or pausing: a decision at the grain of pauses, and where its edges really were.

The probability of speech decides *that* something began or ended; the loudness decides
*when*, as it knows to a hop what the probability notices some hops late.
"""

from __future__ import annotations

ON, OFF = 0.5, 0.4
"""Talk begins with hops at or above the first probability, ends with hops below the second."""

ON_HOPS = 4
"""Talk is believed after this many hops in a row."""

PAUSE_HOPS = 25
"""A pause is believed once it has lasted 0.25 s: closures inside words are shorter."""

BACK_HOPS = 5
"""The edge is sought so many hops before the probability noticed it."""

LOUD_SHARE = 0.45
"""A hop is loud above this share of the speaker's usual loudness above the noise."""

USUAL_AT_FIRST_DB, USUAL_LEAST_DB, USUAL_RATE = 6.0, 2.0, 0.03
"""That usual loudness before anything was heard, its least, and how fast it follows (some 0.3 s)."""

SPECTRUM_LATE_HOPS = 1
"""Loudness is that of a window whose middle is 16 ms back."""


class Pauses:
    """Decides whether the speaker is talking; closures inside words don't end it, a pause does."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nobody is talking, as far as is known; the speaker's loudness is forgotten."""
        self.talking = False
        """The decision after the last hop."""
        self._usual_db = USUAL_AT_FIRST_DB
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the hops that an edge could be found in: no edge lies before a gap."""
        self._run = 0
        self._known_hops = 0  # since the last edge or gap: the next edge lies after it
        self._loud = 0

    def process(self, speech: float, above_db: float) -> int:
        """Take a hop's probability of speech and its loudness above the noise in dB.

        Returns
        -------
        int
            If ``talking`` has just changed: how many hops ago the speech really began or
            ended (the edge lies so many hops before the end of this hop), else 0.
        """
        if speech > 0.6:
            self._usual_db += USUAL_RATE * (above_db - self._usual_db)
        loud = above_db > LOUD_SHARE * max(USUAL_LEAST_DB, self._usual_db)
        self._loud = (self._loud << 1 | loud) & 0xFFFFFFFFFFFF
        self._known_hops += 1
        against = speech < OFF if self.talking else speech >= ON
        self._run = self._run + 1 if against else 0
        if not self._run or (not self.talking and self._run < ON_HOPS):
            return 0
        edge = self._run
        while edge < min(self._run + BACK_HOPS, self._known_hops) and self._is_loud(edge) is not self.talking:
            edge += 1
        if self.talking and edge < PAUSE_HOPS:
            return 0
        edge = min(edge + SPECTRUM_LATE_HOPS, self._known_hops)
        self.talking = not self.talking
        self._run = 0
        self._known_hops = edge - 1
        return edge

    def _is_loud(self, ago_hops: int) -> bool:
        return bool(self._loud >> ago_hops & 1)
