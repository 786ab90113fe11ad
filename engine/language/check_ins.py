"""Spoken check-ins of one speaker while they speak: "does that make sense?", "shall I go on?"."""

from __future__ import annotations

from engine.protocol.events import AnyEvent

from .questions import find_questions
from .said import Said

SURE = 0.5
"""Probability from which a sentence is a check-in."""


class CheckIns:
    """Finds when a speaker last checked in.

    Parameters
    ----------
    channel : whose words.
    """

    def __init__(self, channel: int) -> None:
        self._said = Said(channel)
        self._searched_s = 0.0
        self._judged = 0
        self._last_s: float | None = None

    def observe(self, event: AnyEvent) -> None:
        """Take an event of either speaker."""
        self._said.observe(event)

    def last_s(self, least_s: float) -> float | None:
        """Return the stream time at which the last one ended; None where none was heard.

        Parameters
        ----------
        least_s : time before which none matters: words before it are not searched.
        """
        if self._said.count != self._judged:
            self._judged = self._said.count
            words, _ = self._said.newest(self._searched_s, least_s)
            self._searched_s = self._said.known_s
            for one in find_questions(words):
                if one.kind == "check_in" and one.confidence >= SURE:
                    self._last_s = max(self._last_s or 0.0, words[one.end - 1].end_s)
        return self._last_s
