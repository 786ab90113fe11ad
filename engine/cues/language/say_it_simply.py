"""Say it simply: terms that a listener may not know, and that nobody explained."""

from __future__ import annotations

from engine.cues.base import Aim, Ask, Cue
from engine.language.explained import REACH
from engine.language.said import Said
from engine.language.terms import Term, find_terms
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Reading

from .answer import Answer

SURE = 0.5
"""Confidence from which a term counts; a word that is only rare has less."""

BETWEEN_ANSWERS_S = 8.0
"""Silence after which talk is another answer, where nobody takes the floor. Not measured."""

FRESH_S = 10.0
"""Longest time from the last of the terms to the nudge about it. Not measured."""


class SayItSimplyCue(Cue):
    """The ``terms``-th term of an answer that isn't explained; then it counts anew.

    A term counts once, however often it is said, and not at all once any of its uses was explained. It waits
    for as many words after a term as may explain it.
    """

    name = "say_it_simply"
    label = "Plain words"
    needs_words = True

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._said = Said(channel)
        self._answer = Answer(channel, BETWEEN_ANSWERS_S)
        self._reading: Reading | None = None
        self._since_s: float | None = None
        self._told: frozenset[str] = frozenset()
        self._judged = -1
        self._asked: tuple[Ask, frozenset[str]] | None = None

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, float(profile.say_it_simply.terms), "terms")

    def observe(self, event: AnyEvent) -> None:
        self._said.observe(event)
        self._answer.observe(event)
        if isinstance(event, Reading) and event.channel == self.channel:
            self._reading = event
        if self._answer.begin_s is not None and self._answer.begin_s != self._since_s:
            self._since_s, self._told = self._answer.begin_s, frozenset()

    def ask(self) -> Ask | None:
        if self._since_s is None or self._reading is None or not self._reading.talking:
            return None
        if self._said.count != self._judged:
            self._judged, self._asked = self._said.count, self._judge(self._since_s)
        return self._asked[0] if self._asked else None

    def _judge(self, since_s: float) -> tuple[Ask, frozenset[str]] | None:
        words = self._said.since(since_s)
        terms = [term for term in find_terms(words) if term.confidence >= SURE]
        explained = {term.term for term in terms if term.explained}
        unexplained: dict[str, Term] = {}
        for term in terms:
            if term.term not in explained | self._told and term.end + REACH <= len(words):
                unexplained.setdefault(term.term, term)
        most = self.profile.say_it_simply.terms
        if len(unexplained) < most:
            return None
        found = list(unexplained.values())[-most:]
        last = words[found[-1].end - 1]
        names = ", ".join(f"“{term.term}”" for term in found[:-1]) + f" and “{found[-1].term}”"
        ask = Ask(
            text="Say it simply",
            why=f"{names if most > 1 else f'“{found[0].term}”'} went by without a word on what "
            f"{'they mean' if most > 1 else 'it means'}. Explain one, or say it in plain words.",
            evidence=self._said.evidence(
                len(unexplained),
                "terms",
                float(most),
                words[found[0].start].start_s,
                [words[place] for term in found for place in range(term.start, term.end)],
            ),
            weight=len(unexplained) / most,
            until_s=last.end_s + FRESH_S,
        )
        return ask, frozenset(unexplained)

    def given(self) -> None:
        if self._asked is not None:
            self._told |= self._asked[1]
        self._judged = -1

    def corrected(self) -> bool:
        """What was said can't be taken back: the nudge stays for its time."""
        return False
