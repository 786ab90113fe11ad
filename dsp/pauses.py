"""Talking or pausing: a decision with hysteresis, and where the edge really was."""

from __future__ import annotations

ON = 0.5
OFF = 0.35
ON_HOPS = 5
OFF_HOPS = 22


class Pauses:
    """Decides whether the speaker is talking; closures inside words don't end it, a pause does."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nobody is talking, as far as is known."""
        self.talking = False
        """The decision after the last hop."""
        self._run = 0

    def process(self, speech: float) -> int:
        """Take a hop's probability of speech; hops since the edge if ``talking`` has just changed, else 0."""
        against = speech < OFF if self.talking else speech >= ON
        self._run = self._run + 1 if against else 0
        if self._run < (OFF_HOPS if self.talking else ON_HOPS):
            return 0
        edge = self._run
        self.talking = not self.talking
        self._run = 0
        return edge
