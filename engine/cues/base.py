"""Base of the cues: observe events, and ask for a nudge when a measure passes its threshold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from engine.profile import Profile
from engine.protocol.events import AnyEvent, Evidence, Reading, Tone

RESPONSE_GAP = "response_gap_s"
"""Measure that no single event carries: silence since the other side's last word."""

STEADY_READINGS = 4
"""Readings in a row that must lie beyond a threshold: 1 s. Sensitivity not measured."""

CONFIDENCE = {
    "pace_wpm": "pace_confidence",
    "f0_sd_st": "f0_confidence",
    "creak_share": "creak_confidence",
    "fillers_per_min": "fillers_confidence",
    "level_change_db": "level_confidence",
}
"""Field of a reading with the confidence of a measure; a measure not listed here is certain or null."""


def confidence(reading: Reading, measure: str) -> float:
    """Return the confidence of a reading's measure, 0..1."""
    name = CONFIDENCE.get(measure)
    sure: float = 1.0 if name is None else getattr(reading, name)
    return sure


class Ask(NamedTuple):
    """A nudge that a cue asks for."""

    text: str
    """Two to four words, in the imperative."""

    why: str
    """One or two short sentences: the figure, its span, and what to do where ``text`` alone doesn't say."""

    evidence: Evidence
    weight: float = 1.0
    """Distance beyond the threshold: the policy gives the nudge with the largest weight."""

    tone: Tone = "change"
    urgent: bool = False

    until_s: float | None = None
    """Stream time after which it comes too late to be of use; None: for as long as the cue asks."""


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
    label_alone : its name where there is no other side; empty where that is the same.
    needs_words : whether it never asks while no words are heard.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    label_alone: ClassVar[str] = ""
    needs_words: ClassVar[bool] = False
    accompanied = False
    """Whether there is another side, real or played by a drill; set by the policy."""

    def __init__(self, profile: Profile, channel: int) -> None:
        self.profile = profile
        self.channel = channel

    @classmethod
    @abstractmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        """Return the comfortable range under this profile, with or without another side."""

    @abstractmethod
    def observe(self, event: AnyEvent) -> None:
        """Observe one event, of either channel."""

    @abstractmethod
    def ask(self) -> Ask | None:
        """Return the nudge to ask for now; None when all is well or too little is known."""

    def trend(self, reading: Reading, measure: str) -> float | None:
        """Return a measure for judging a trend; None while its confidence or the speech is too small."""
        rules = self.profile.nudges
        if reading.speech_s < rules.settle_s or confidence(reading, measure) < rules.least_confidence:
            return None
        value: float | None = getattr(reading, measure)
        return value

    def given(self) -> None:  # noqa: B027  most cues have nothing to remember
        """Note that the policy gave the nudge."""

    @abstractmethod
    def corrected(self) -> bool:
        """Return whether the speaker has done what was asked."""


class Beyond:
    """Compare a measure with a threshold, with hysteresis.

    It is *beyond* after ``steady`` readings in a row past the threshold by a margin, and
    stays so until one lies on the good side of the threshold itself.

    Parameters
    ----------
    threshold : where good ends.
    margin : how far past it a reading must lie, as a share of it.
    above : whether too much is bad, or too little.
    """

    def __init__(
        self, threshold: float, margin: float, *, above: bool, steady: int = STEADY_READINGS
    ) -> None:
        self.threshold = threshold
        self._margin = abs(threshold) * margin
        self._sign = 1.0 if above else -1.0
        self._steady = steady
        self._count = 0
        self.beyond = False

    @property
    def asks(self) -> bool:
        """Whether it is beyond and the last reading lay past the margin still."""
        return self.beyond and self._count > 0

    def update(self, value: float | None, error: float = 0.0, *, margin: bool = True) -> None:
        """Compare one reading's value; None leaves the state and breaks the row.

        It must lie past the threshold by ``error`` at least, and by the margin unless that is off.
        """
        if value is None:
            self._count = 0
            return
        past = self._sign * (value - self.threshold)
        self._count = self._count + 1 if past > max(self._margin * margin, error) else 0
        if self._count >= self._steady:
            self.beyond = True
        elif past <= 0:
            self.beyond = False


def evidence(
    reading: Reading,
    measure: str,
    value: float,
    *,
    unit: str,
    threshold: float,
    window_s: float,
    most_sure: float = 1.0,
) -> Evidence:
    """Return evidence from a reading about the last ``window_s`` seconds.

    Its confidence is the reading's in that measure, ``most_sure`` at most.
    """
    return Evidence(
        measure=measure,
        value=value,
        unit=unit,
        threshold=threshold,
        window_s=(round(max(0.0, reading.at_s - window_s), 4), reading.at_s),
        confidence=round(min(most_sure, confidence(reading, measure)), 4),
        seq=reading.seq,
    )
