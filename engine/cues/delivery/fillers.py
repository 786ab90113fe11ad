"""Breathe instead: filled pauses ("um", "uh") a minute, and filler words where words are heard."""

from __future__ import annotations

from collections import Counter

from engine.cues.base import Aim, Ask, Cue, evidence
from engine.language.fillers import find_fillers
from engine.language.said import Said
from engine.profile import Profile
from engine.protocol.events import AnyEvent, FilledPause, Reading

FRESH_S = 3.0
"""Longest time from a filler to the nudge about it. Not measured."""

FRESH_WORD_S = 6.0
"""The same for a filler word, which is known a second or more after it. Not measured."""

LEAST = 2
"""Fewest fillers within the window that give a nudge. Not measured."""

SURE = 0.7
"""Probability from which a word counts as a filler: above the even odds of the review, as it interrupts."""


class FillersCue(Cue):
    """More than ``per_min`` filled pauses a minute over ``window_s``.

    Where words are heard also more than ``with_words_per_min`` of filled pauses and filler words together.
    Filled pauses are those of the ears in both.
    """

    name = "fillers"
    label = "Fillers"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._limit = profile.fillers.per_min * (1 + profile.nudges.hysteresis)
        self._times_s: list[float] = []
        self._reading: Reading | None = None
        self._said = Said(channel)
        self._words: list[tuple[float, str]] = []
        """End and marker of each filler word among the newest words."""
        self._judged = 0
        self._searched_s = 0.0

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, profile.fillers.per_min, "per min")

    def observe(self, event: AnyEvent) -> None:
        if event.channel != self.channel:
            return
        if isinstance(event, Reading):
            self._reading = event
        elif isinstance(event, FilledPause) and event.confidence >= self.profile.nudges.least_confidence:
            self._times_s.append(event.end_s)
        else:
            self._said.observe(event)

    def ask(self) -> Ask | None:
        reading, fillers = self._reading, self.profile.fillers
        if reading is None or reading.fillers_per_min is None:
            return None
        recent = [t for t in self._times_s if t >= reading.at_s - fillers.window_s]
        if reading.fillers_per_min <= self._limit:
            return self._with_words(reading, len(recent)) if self._said.count else None
        if len(recent) < LEAST or reading.at_s - recent[-1] > FRESH_S:
            return None
        return Ask(
            text="Breathe instead",
            why=f"Pause without a sound: {len(recent)} fillers (“um”, “uh”) in the last "
            f"{fillers.window_s:.0f} seconds, a rate of {reading.fillers_per_min:.0f} a minute. "
            f"Under {fillers.per_min:.0f} goes unnoticed.",
            evidence=evidence(
                reading,
                "fillers_per_min",
                reading.fillers_per_min,
                unit="per min",
                threshold=fillers.per_min,
                window_s=fillers.window_s,
                most_sure=min(1.0, len(recent) / 3),
            ),
            weight=reading.fillers_per_min / fillers.per_min,
        )

    def _with_words(self, reading: Reading, filled_pauses: int) -> Ask | None:
        """Ask about filler words and filled pauses together."""
        if self._said.count != self._judged:
            self._judged, self._words = self._said.count, self._find()
        since_s = reading.at_s - self.profile.fillers.window_s
        recent = [(end_s, marker) for end_s, marker in self._words if end_s >= since_s]
        most = self.profile.fillers.with_words_per_min
        count = len(recent) + filled_pauses
        rate = 60.0 * count / self.profile.fillers.window_s
        if not recent or rate <= most * (1 + self.profile.nudges.hysteresis):
            return None
        if reading.at_s - recent[-1][0] > FRESH_WORD_S:
            return None
        often = ", ".join(f"“{marker}” {times}" for marker, times in _often(recent))
        return Ask(
            text="Breathe instead",
            why=f"Pause where the filler would be: {count} in the last {self.profile.fillers.window_s:.0f} "
            f"seconds, {often} times. Under {most:.0f} a minute goes unnoticed.",
            evidence=self._said.evidence(
                rate, "per min", most, since_s, [word for word in self._said.since(since_s)]
            ),
            weight=rate / most,
        )

    def _find(self) -> list[tuple[float, str]]:
        """Look through the newest words, and forget what lies before the window."""
        least_s = self._said.known_s - self.profile.fillers.window_s
        words, from_s = self._said.newest(self._searched_s, least_s)
        self._searched_s = self._said.known_s
        found = [
            (words[one.end - 1].end_s, one.marker)
            for one in find_fillers(words, least=SURE)
            if one.marker not in ("um", "uh")  # the ears count these
        ]
        before = [one for one in self._words if least_s <= one[0] < from_s]
        return before + [one for one in found if one[0] >= from_s]

    def corrected(self) -> bool:
        """A filler can't be taken back: the nudge stays for its time."""
        return False


def _often(fillers: list[tuple[float, str]]) -> list[tuple[str, int]]:
    """The two most frequent markers, the more frequent first."""
    return sorted(Counter(marker for _, marker in fillers).items(), key=lambda one: (-one[1], one[0]))[:2]
