"""Endpointing: decides when talk begins and ends, and finds where its edges were.

The log odds of speech and a term of loudness are added: ``log(p / (1-p)) + LOUD_WEIGHT l``, with
``l = clip(a / u - LOUD_SHARE, ±LOUD_MAX)``, *a* the level above the noise and *u* the usual one. Talk
has begun when the odds of hops in a row at ``SPEECH_ODDS`` add up to ``ENOUGH_ODDS``, none counted for
more than ``MOST_ODDS``: a sequential test (Wald 1945, "Sequential tests of statistical hypotheses"), in
which clear speech is certain after four hops and what is doubtful has to last. Its first hop is found in
the loudness, which is exact to a hop where the probability rises some hops late. Talk has ended after
``PAUSE_HOPS`` below ``SPEECH_ODDS``, or below ``SETTLED_ODDS`` by the network's settled output where that is
known, which also says where the end was.

A short loss begins and ends nothing, and no edge lies in it; but what had begun before continues behind
it, so that a lost packet doesn't hide a pause. How sensitive the figures are to the constants was not
measured.
"""

from __future__ import annotations

import math

import numpy as np

from .component import Component, State
from .kernel import kernel
from .voice_activity import SETTLED_DELAY_HOPS

MOST_ODDS = 3.0
"""Log odds that a hop counts for at most: neighbouring hops say much the same."""

ENOUGH_ODDS = 4 * MOST_ODDS
"""Sum at which talk has begun: four hops, as a click is shorter, or more doubtful ones."""

SURE = 0.7
"""Probability that one of these hops must have: what is doubtful isn't talk, however long it lasts."""

PAUSE_HOPS = 25
"""Length of silence after which talk has ended, 0.25 s: closures inside words are shorter."""

BACK_HOPS = 5
"""The beginning is searched up to this many hops before the probability rose."""

SPEECH_ODDS, SETTLED_ODDS = 0.0, -0.2
"""Log odds from which a new hop is speech, and below which it is silence; below which a settled one is."""

LOUD_WEIGHT, LOUD_SHARE, LOUD_MAX = 2.5, 0.35, 0.4
"""Loudness term: weight per multiple of the usual level above the noise, share that is neutral, limit
either way."""

USUAL_INITIAL_DB, USUAL_MIN_DB, USUAL_RATE = 6.0, 2.0, 0.03
"""The usual level above the noise: initial value, minimum, and rate of adaptation (some 0.3 s)."""

MIN_PROBABILITY = 0.002
"""Probabilities are clipped to this and one minus this."""

LOST_SHARE = 0.2
"""A silence of which more than this share was lost doesn't end talk yet."""

MEMORY_HOPS = SETTLED_DELAY_HOPS + BACK_HOPS + 1
"""Hops whose loudness is kept."""


@kernel
def log_odds(probability: float) -> float:
    """Log-odds of a probability, within ±6.2."""
    return math.log(max(MIN_PROBABILITY, probability) / max(MIN_PROBABILITY, 1.0 - probability))


@kernel
def loudness_odds(ago_hops: int, state: State) -> float:
    """Loudness term of the hop ``ago_hops`` ago."""
    return float(state.loud[(state.hop - ago_hops) % MEMORY_HOPS])


@kernel
def count_lost(hops: int, state: State) -> int:
    """Lost hops among the newest ``hops``, of at most 63."""
    count = 0
    if state.gaps != 0:
        for ago in range(min(hops, 63)):
            count += state.gaps >> ago & 1
    return count


@kernel
def update_settled(settled: float, state: State) -> None:
    """Process the settled output for the hop ``SETTLED_DELAY_HOPS`` ago, if that was received."""
    if state.gaps >> SETTLED_DELAY_HOPS & 1:
        if state.settled_run > 0:
            state.settled_run += 1
    elif log_odds(settled) + LOUD_WEIGHT * loudness_odds(SETTLED_DELAY_HOPS, state) < SETTLED_ODDS:
        state.settled_run += 1
    else:
        state.settled_run = 0


@kernel
def bridge_endpointer(settled: float, state: State) -> None:
    """Process a hop of a short loss: runs continue, none begins."""
    state.hop += 1
    state.known_hops += 1
    state.loud[state.hop % MEMORY_HOPS] = 0.0
    state.gaps = state.gaps << 1 | 1
    if state.run > 0:
        state.run += 1
    if state.talking:
        update_settled(settled, state)


@kernel
def find_end(odds: float, settled: float, state: State) -> int:
    """Hops since talk ended; 0 while it hasn't for long enough."""
    update_settled(settled, state)
    if odds < SPEECH_ODDS:
        state.run += 1
    else:
        state.run = 0
    if state.run < SETTLED_DELAY_HOPS:
        return 0
    edge: int = min(max(state.run, SETTLED_DELAY_HOPS + state.settled_run), state.known_hops)
    return edge if edge >= PAUSE_HOPS and count_lost(edge, state) <= LOST_SHARE * edge else 0


@kernel
def find_start(odds: float, speech: float, state: State) -> int:
    """Hops since talk began; 0 while that isn't certain: loudness alone doesn't begin talk."""
    if odds >= SPEECH_ODDS:
        state.run += 1
        state.surest = max(speech, state.surest)
        state.evidence += min(odds, MOST_ODDS)
    else:
        state.run = 0
        state.surest = state.evidence = 0.0
    if state.surest < SURE or state.evidence < ENOUGH_ODDS:
        return 0
    edge: int = state.run
    while edge < min(state.run + BACK_HOPS, state.known_hops) and loudness_odds(edge, state) > 0.0:
        edge += 1
    return edge if edge < state.known_hops else int(state.known_hops)


@kernel
def update_endpoints(speech: float, settled: float, above_db: float, state: State) -> int:
    """Process a hop: ``Endpointer.process``."""
    if speech > 0.6:
        state.usual_db += USUAL_RATE * (above_db - state.usual_db)
    loud = above_db / max(USUAL_MIN_DB, state.usual_db) - LOUD_SHARE
    state.hop += 1
    state.loud[state.hop % MEMORY_HOPS] = max(-LOUD_MAX, min(LOUD_MAX, loud))
    state.known_hops += 1
    state.gaps <<= 1
    odds = log_odds(speech) + LOUD_WEIGHT * loudness_odds(0, state)
    edge: int = find_end(odds, settled, state) if state.talking else find_start(odds, speech, state)
    if edge > 0:
        state.talking = not state.talking
        state.run = state.settled_run = 0
        state.surest = state.evidence = 0.0
        state.known_hops = edge - 1
    return edge


class Endpointer(Component):
    """Decides whether the speaker is talking; closures inside words don't end it, a pause does.

    Attributes
    ----------
    talking : the decision after the last hop.
    """

    STATE = np.dtype(
        [
            ("loud", "f8", MEMORY_HOPS),
            ("usual_db", "f8"),
            ("surest", "f8"),
            ("evidence", "f8"),  # sum of the odds of the run
            ("hop", "i8"),
            ("run", "i8"),
            ("settled_run", "i8"),
            ("gaps", "i8"),  # one bit per hop, the newest lowest: set where it was lost
            ("known_hops", "i8"),  # since the last edge or long loss: the next edge lies after it
            ("talking", "?"),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything, with the speaker's usual level; nobody is talking."""
        self.state["talking"] = False
        self.state["usual_db"] = USUAL_INITIAL_DB
        self.state["hop"] = 0
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the hops in which an edge could lie: no edge lies before a long loss."""
        for name in ("loud", "surest", "evidence", "run", "settled_run", "gaps", "known_hops"):
            self.state[name] = 0

    def bridge(self, settled: float) -> None:
        """Process a hop of a short loss; ``settled`` is the settled output with that hop."""
        bridge_endpointer(settled, self.state)

    def process(self, speech: float, settled: float, above_db: float) -> int:
        """Process a hop.

        Parameters
        ----------
        speech : probability of speech in this hop, of ``VoiceActivity``.
        settled : the same for the hop ``SETTLED_DELAY_HOPS`` ago.
        above_db : mean level above the noise in dB, of ``BandSnr``.

        Returns
        -------
        int
            If ``talking`` changed with this hop: hops from the edge to the end of this hop; else 0.
        """
        return update_endpoints(speech, settled, above_db, self.state)
