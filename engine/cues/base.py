"""What a cue is: it listens to events and says what it would ask of the speaker now."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from ..events import AnyEvent, Evidence, Reading, Tone
from ..profile import Profile

RESPONSE_GAP = "response_gap_s"
"""Measure of evidence that no one event carries: silence since the other side's last word."""

STEADY_READINGS = 4
"""Readings in a row that must lie beyond a threshold: one second."""


class Ask(NamedTuple):
    """What a cue would say now."""

    text: str
    """Two to four words, in the imperative."""

    why: str
    """One sentence with the figure and the span."""

    evidence: Evidence
    weight: float = 1.0
    """How far beyond its threshold: the policy takes the weightiest."""

    tone: Tone = "change"
    urgent: bool = False


class Aim(NamedTuple):
    """Comfortable range of a cue's measure, for the page."""

    low: float | None
    high: float | None
    unit: str


class Cue(ABC):
    """Base of the cues: one file each in ``engine/cues``, one table each in the profile.

    Attributes
    ----------
    name : the cue's id, and the name of its table in the profile.
    label : its name for a person.
    """

    name: ClassVar[str]
    label: ClassVar[str]

    def __init__(self, profile: Profile, channel: int) -> None:
        self.profile = profile
        self.channel = channel

    @classmethod
    @abstractmethod
    def aim(cls, profile: Profile) -> Aim:
        """Comfortable range under this profile."""

    @abstractmethod
    def on(self, event: AnyEvent) -> None:
        """Take one event, of either channel."""

    @abstractmethod
    def ask(self) -> Ask | None:
        """What this cue would say now; None when all is well or too little is known."""

    def given(self) -> None:  # noqa: B027  most cues have nothing to remember
        """The policy has passed on what was asked."""

    @abstractmethod
    def corrected(self) -> bool:
        """Whether what was asked has been done."""


class Beyond:
    """A measure against a threshold, with hysteresis.

    It is *beyond* after :data:`STEADY_READINGS` readings in a row past the threshold by
    the margin, and stays so until one lies on the good side of the threshold itself.
    """

    def __init__(self, threshold: float, margin: float, *, above: bool) -> None:
        self.threshold = threshold
        self._limit = threshold * (1 + margin) if above else threshold * (1 - margin)
        self._sign = 1.0 if above else -1.0
        self._count = 0
        self.beyond = False

    @property
    def asks(self) -> bool:
        """Whether it is beyond and the last reading lay past the margin still."""
        return self.beyond and self._count > 0

    def update(self, value: float | None) -> None:
        """Take a reading; None leaves it beyond but breaks the row."""
        if value is None:
            self._count = 0
            return
        self._count = self._count + 1 if self._sign * (value - self._limit) > 0 else 0
        if self._count >= STEADY_READINGS:
            self.beyond = True
        elif self._sign * (value - self.threshold) <= 0:
            self.beyond = False


def evidence(
    reading: Reading,
    measure: str,
    value: float,
    *,
    unit: str,
    threshold: float,
    window_s: float,
    confidence: float = 1.0,
) -> Evidence:
    """Evidence from a reading that speaks of the last ``window_s`` seconds."""
    return Evidence(
        measure=measure,
        value=value,
        unit=unit,
        threshold=threshold,
        window_s=(round(max(0.0, reading.at_s - window_s), 4), reading.at_s),
        confidence=round(confidence, 4),
        seq=reading.seq,
    )
