"""Talking or pausing: a decision at the grain of pauses, and where its edges really were.

Log-odds of speech and of loudness are added, hop by hop. That talk began is known from
the newest hops; when it began, from the loudness, as that knows to a hop what the
probability notices some hops late. That talk ended takes a quarter of a second to know
in any case: by then the network has heard what followed, and where the end was is taken
from its second, settled answer.
"""

from __future__ import annotations

import math

from .voice import SETTLED_DELAY_HOPS

ON_HOPS = 4
"""Talk is believed after this many hops in a row."""

PAUSE_HOPS = 25
"""A pause is believed once it has lasted 0.25 s: closures inside words are shorter."""

BACK_HOPS = 5
"""The beginning is sought so many hops before the probability noticed it."""

ON_ODDS, OFF_ODDS, SETTLED_ODDS = 0.0, -0.1, -0.9
"""Log-odds from which a hop may begin talk, below which it is none while it is new, and once settled."""

LOUD_WEIGHT, LOUD_SHARE, LOUD_MOST = 2.5, 0.35, 0.4
"""Log-odds of loudness: so much for each of the speaker's usual loudness above the noise that a hop lies
over that share of it; no further than the last either way."""

USUAL_AT_FIRST_DB, USUAL_LEAST_DB, USUAL_RATE = 6.0, 2.0, 0.03
"""That usual loudness before anything was heard, its least, and how fast it follows (some 0.3 s)."""

SURE = 0.002
"""Probabilities count as no surer than this."""

MEMORY = SETTLED_DELAY_HOPS + BACK_HOPS + 1


def log_odds(probability: float) -> float:
    """Log-odds of a probability, within ±6.2."""
    return math.log(max(SURE, probability) / max(SURE, 1.0 - probability))


class Pauses:
    """Decides whether the speaker is talking; closures inside words don't end it, a pause does."""

    def __init__(self) -> None:
        self._loud = [0.0] * MEMORY
        self.reset()

    def reset(self) -> None:
        """Nobody is talking, as far as is known; the speaker's loudness is forgotten."""
        self.talking = False
        """The decision after the last hop."""
        self._usual_db = USUAL_AT_FIRST_DB
        self._hop = 0
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the hops that an edge could be found in: no edge lies before a gap."""
        self._run = self._settled_run = 0
        self._surest = 0.0
        self._known_hops = 0  # since the last edge or gap: the next edge lies after it
        self._loud[:] = [0.0] * MEMORY

    def process(self, speech: float, settled: float, above_db: float) -> int:
        """Take a hop in as ``VoiceActivity`` and ``Loudness`` know it.

        Parameters
        ----------
        speech : probability of speech in this hop.
        settled : the same for the hop ``SETTLED_DELAY_HOPS`` ago.
        above_db : loudness of this hop above the noise in dB.

        Returns
        -------
        int
            If ``talking`` has just changed: how many hops ago the speech really began or
            ended (the edge lies so many hops before the end of this hop), else 0.
        """
        if speech > 0.6:
            self._usual_db += USUAL_RATE * (above_db - self._usual_db)
        loud = above_db / max(USUAL_LEAST_DB, self._usual_db) - LOUD_SHARE
        self._hop += 1
        self._loud[self._hop % MEMORY] = max(-LOUD_MOST, min(LOUD_MOST, loud))
        self._known_hops += 1
        odds = log_odds(speech) + LOUD_WEIGHT * self._loudness(0)
        edge = self._ended(odds, settled) if self.talking else self._began(odds, speech)
        if edge:
            self.talking = not self.talking
            self._run = self._settled_run = 0
            self._surest = 0.0
            self._known_hops = edge - 1
        return edge

    def _ended(self, odds: float, settled: float) -> int:
        """Hops since talk ended, 0 as long as it hasn't for long enough."""
        then = log_odds(settled) + LOUD_WEIGHT * self._loudness(SETTLED_DELAY_HOPS)
        self._run = self._run + 1 if odds < OFF_ODDS else 0
        self._settled_run = self._settled_run + 1 if then < SETTLED_ODDS else 0
        if self._run < SETTLED_DELAY_HOPS:
            return 0
        edge = min(max(self._run, SETTLED_DELAY_HOPS + self._settled_run), self._known_hops)
        return edge if edge >= PAUSE_HOPS else 0

    def _began(self, odds: float, speech: float) -> int:
        """Hops since talk began, 0 as long as it hasn't surely: being loud alone doesn't make it talk."""
        self._run = self._run + 1 if odds >= ON_ODDS else 0
        self._surest = max(speech, self._surest) if self._run else 0.0
        if self._run < ON_HOPS or self._surest < 0.5:
            return 0
        edge = self._run
        while edge < min(self._run + BACK_HOPS, self._known_hops) and self._loudness(edge) > 0.0:
            edge += 1
        return min(edge, self._known_hops)

    def _loudness(self, ago_hops: int) -> float:
        return self._loud[(self._hop - ago_hops) % MEMORY]
