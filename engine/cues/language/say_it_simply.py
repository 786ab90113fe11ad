"""Say it simply: terms that a listener may not know, and that nobody explained."""

from __future__ import annotations

from engine.cues.base import Aim, Ask
from engine.language.explained import REACH
from engine.language.terms import find_terms
from engine.profile import Profile
from engine.protocol.events import AnyEvent, Evidence

from .words_cue import WordsCue

SURE = 0.5
"""Confidence from which a term counts; a word that is only rare has less."""

FRESH_S = 10.0
"""Longest time from the last of the terms to the nudge about it. Not measured."""


class SayItSimplyCue(WordsCue):
    """The ``terms``-th term of an answer that isn't explained; then it counts anew.

    A term counts once, however often it is said, and not at all once any of its uses was explained. It waits
    for as many words after a term as may explain it.
    """

    name = "say_it_simply"
    label = "Plain words"

    def __init__(self, profile: Profile, channel: int) -> None:
        super().__init__(profile, channel)
        self._since_s: float | None = None
        """Begin of the answer that the terms are of."""
        self._searched_s = 0.0
        self._explained: set[str] = set()
        """Terms that were explained, or were told already."""
        self._found: dict[str, tuple[float, float, float]] = {}
        """The others in order of their first use: its start and end, and the confidence of its words."""

    @classmethod
    def aim(cls, profile: Profile, *, alone: bool = False) -> Aim:
        return Aim(None, float(profile.say_it_simply.terms), "terms")

    def observe(self, event: AnyEvent) -> None:
        super().observe(event)
        begin_s = self._answer.begin_s
        if begin_s is not None and begin_s != self._since_s:
            self._since_s = self._searched_s = begin_s
            self._explained, self._found, self._ask = set(), {}, None

    def ask(self) -> Ask | None:
        if self._since_s is None or not self.talking:
            return None
        if self.words_came():
            self._search(self._since_s)
            self._ask = self._judge()
        return self._ask

    def _search(self, since_s: float) -> None:
        """Look through the newest words for terms."""
        words, from_s = self._said.newest(self._searched_s, since_s)
        self._searched_s = self._said.known_s
        for term in find_terms(words):
            first, last = words[term.start], words[term.end - 1]
            if term.confidence < SURE or first.start_s < from_s or term.term in self._explained:
                continue
            if term.explained:
                self._explained.add(term.term)
                self._found.pop(term.term, None)
            elif term.end + REACH <= len(words):
                sure = min(word.confidence for word in words[term.start : term.end])
                self._found.setdefault(term.term, (first.start_s, last.end_s, sure))

    def _judge(self) -> Ask | None:
        most = self.profile.say_it_simply.terms
        if len(self._found) < most:
            return None
        names = [f"“{name}”" for name in self._found][-most:]
        spans = list(self._found.values())[-most:]
        subject = f"{', '.join(names[:-1])} and {names[-1]}" if most > 1 else names[0]
        return Ask(
            text="Say it simply",
            why=f"{subject} went by without a word on what {'they mean' if most > 1 else 'it means'}. "
            "Explain one, or say it in plain words.",
            evidence=Evidence(
                measure="words",
                value=float(len(self._found)),
                unit="terms",
                threshold=float(most),
                window_s=(spans[0][0], self._said.known_s),
                confidence=min(sure for _, _, sure in spans),
                seq=self._said.seq,
            ),
            weight=len(self._found) / most,
            until_s=spans[-1][1] + FRESH_S,
        )

    def given(self) -> None:
        self._explained |= set(self._found)
        self._found, self._ask = {}, None

    def corrected(self) -> bool:
        """What was said can't be taken back: the nudge stays for its time."""
        return False
