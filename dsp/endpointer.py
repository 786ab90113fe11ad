"""Talking or pausing: a decision at the grain of pauses, and where its edges really were.

Log-odds of speech and of loudness are added, hop by hop. That talk began is known from
the newest hops; when it began, from the loudness, as that knows to a hop what the
probability notices some hops late. That talk ended takes a quarter of a second to know
in any case: by then the network has heard what followed, and where the end was is taken
from its second, settled answer.

A short loss starts and ends nothing, and no edge lies in it; but what had begun before it goes
on behind it, so that a lost packet doesn't hide a pause.
"""

from __future__ import annotations

import math

import numpy as np

from .component import Component, State
from .kernel import kernel
from .voice_activity import SETTLED_DELAY_HOPS

ON_HOPS = 4
"""Talk is believed after this many hops in a row."""

PAUSE_HOPS = 25
"""A pause is believed once it has lasted 0.25 s: closures inside words are shorter."""

BACK_HOPS = 5
"""The beginning is sought so many hops before the probability noticed it."""

ON_ODDS, OFF_ODDS, SETTLED_ODDS = 0.0, -0.1, -0.9
"""Log-odds from which a hop may begin talk, below which it is none while it is new, and once settled."""

LOUD_WEIGHT, LOUD_SHARE, LOUD_MAX = 2.5, 0.35, 0.4
"""Log-odds of loudness: so much for each of the speaker's usual loudness above the noise that a hop lies
over that share of it; no further than the last either way."""

USUAL_INITIAL_DB, USUAL_MIN_DB, USUAL_RATE = 6.0, 2.0, 0.03
"""That usual loudness before anything was heard, its least, and how fast it follows (some 0.3 s)."""

MIN_PROBABILITY = 0.002
"""Probabilities count as no surer than this."""

LOST_SHARE = 0.2
"""Silence of which more than this share was lost is not believed to be one yet."""

MEMORY_HOPS = SETTLED_DELAY_HOPS + BACK_HOPS + 1


@kernel
def log_odds(probability: float) -> float:
    """Log-odds of a probability, within ±6.2."""
    return math.log(max(MIN_PROBABILITY, probability) / max(MIN_PROBABILITY, 1.0 - probability))


@kernel
def loudness_odds(ago_hops: int, state: State) -> float:
    """What the loudness of a hop speaks for."""
    return float(state.loud[(state.hop - ago_hops) % MEMORY_HOPS])


@kernel
def count_lost(hops: int, state: State) -> int:
    """How many of the newest so many hops were lost; of the newest 63 at most."""
    count = 0
    if state.gaps != 0:
        for ago in range(min(hops, 63)):
            count += state.gaps >> ago & 1
    return count


@kernel
def update_settled(settled: float, state: State) -> None:
    """Take in what the hop ``SETTLED_DELAY_HOPS`` ago was, if it was heard."""
    if state.gaps >> SETTLED_DELAY_HOPS & 1:
        if state.settled_run > 0:
            state.settled_run += 1
    elif log_odds(settled) + LOUD_WEIGHT * loudness_odds(SETTLED_DELAY_HOPS, state) < SETTLED_ODDS:
        state.settled_run += 1
    else:
        state.settled_run = 0


@kernel
def bridge_endpointer(settled: float, state: State) -> None:
    """``Endpointer.bridge``: runs go on, none begins."""
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
    """Hops since talk ended, 0 as long as it hasn't for long enough."""
    update_settled(settled, state)
    if odds < OFF_ODDS:
        state.run += 1
    else:
        state.run = 0
    if state.run < SETTLED_DELAY_HOPS:
        return 0
    edge: int = min(max(state.run, SETTLED_DELAY_HOPS + state.settled_run), state.known_hops)
    return edge if edge >= PAUSE_HOPS and count_lost(edge, state) <= LOST_SHARE * edge else 0


@kernel
def find_start(odds: float, speech: float, state: State) -> int:
    """Hops since talk began, 0 as long as it hasn't surely: being loud alone doesn't make it talk."""
    if odds >= ON_ODDS:
        state.run += 1
        state.surest = max(speech, state.surest)
    else:
        state.run = 0
        state.surest = 0.0
    if state.run - count_lost(state.run, state) < ON_HOPS or state.surest < 0.5:
        return 0
    edge: int = state.run
    while edge < min(state.run + BACK_HOPS, state.known_hops) and loudness_odds(edge, state) > 0.0:
        edge += 1
    return edge if edge < state.known_hops else int(state.known_hops)


@kernel
def update_endpoints(speech: float, settled: float, above_db: float, state: State) -> int:
    """``Endpointer.process``."""
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
        state.surest = 0.0
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
            ("hop", "i8"),
            ("run", "i8"),
            ("settled_run", "i8"),
            ("gaps", "i8"),  # a bit a hop, the newest lowest: set where it was lost
            ("known_hops", "i8"),  # since the last edge or long gap: the next edge lies after it
            ("talking", "?"),
        ],
        align=True,
    )

    def reset(self) -> None:
        """Nobody is talking, as far as is known; the speaker's loudness is forgotten."""
        self.state["talking"] = False
        self.state["usual_db"] = USUAL_INITIAL_DB
        self.state["hop"] = 0
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the hops that an edge could be found in: no edge lies before a long gap."""
        for name in ("loud", "surest", "run", "settled_run", "gaps", "known_hops"):
            self.state[name] = 0

    def bridge(self, settled: float) -> None:
        """Take in a hop of a short loss, and what ``settled`` is by now for the hop that it tells of."""
        bridge_endpointer(settled, self.state)

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
        return update_endpoints(speech, settled, above_db, self.state)
