"""Ask first: a vague task of a drill that is taken up without a question."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cues.base import Aim, Ask
from engine.language.questions import find_questions
from engine.profile import Profile
from engine.protocol.events import (
    AnyEvent,
    DrillEnded,
    DrillSound,
    DrillStarted,
    PhraseEnded,
    Word,
)

from .words_cue import WordsCue

SURE = 0.65
"""Probability from which a sentence is a question: above that of a statement that may check something."""

RISE_SURE = 0.5
"""Confidence from which a phrase's rise may have been a question."""


class AskFirstCue(WordsCue):
    """``words`` words of an answer to a vague task, and no question among them. In drills only, once each.

    A phrase that ended on a clear rise counts as a question too: it may have been one.
    """

    name = "ask_first"
    label = "Questions first"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._asked_s: float | None = None
        """When the vague task was over; None where there is none, or it was told, or a question was heard."""
        self._told_s: float | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, float(profile.ask_first.words), "words")

    def observe(self, event: AnyEvent) -> None:
        super().observe(event)
        if event.channel != self.channel:
            return
        match event:
            case DrillStarted(vague=vague):
                self._asked_s = event.at_s if vague else None
                self._told_s = self._ask = None
            case DrillSound(kind="voice", step=0, length_s=length_s) if self._asked_s is not None:
                self._asked_s = event.at_s + length_s
            case PhraseEnded(contour="rise", confidence=sure) if sure >= RISE_SURE:
                if self._asked_s is not None and event.start_s >= self._asked_s:
                    self._asked_s = None
            case DrillEnded():
                self._asked_s = None

    def ask(self) -> Ask | None:
        if self._asked_s is None or not self.talking:
            return None
        if self.words_came():
            self._ask = self._judge(self._asked_s)
        return self._ask

    def _judge(self, asked_s: float) -> Ask | None:
        words = self._said.since(asked_s)
        most = self.profile.ask_first.words
        if len(words) < most or self._said.missed(asked_s) or asks(words):
            return None
        return Ask(
            text="Ask first",
            why=f"The task can mean several things, and you answer it without a question: {len(words)} words "
            "so far. Ask what they want before you go on.",
            evidence=self._said.evidence(float(len(words)), "words", float(most), asked_s, words),
            weight=2.0,
            until_s=self._said.known_s + 10.0,
        )

    def given(self) -> None:
        self._told_s, self._asked_s = self._asked_s, None

    def corrected(self) -> bool:
        """Whether they have asked since."""
        return self._told_s is not None and asks(self._said.since(self._told_s))


def asks(words: Sequence[Word]) -> bool:
    """Whether any sentence among words asks something of the other side."""
    return any(one.kind != "check_in" and one.confidence >= SURE for one in find_questions(words))
