"""What a drill listens for in the speaker's words: a question, a check-in, or the other side's view.

Where no words are heard the drill is judged as it can be without: a question by the rise that had it
explained, a check-in by the pauses that offered the floor, another's view not at all.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.language.other_view import find_other_views
from engine.language.phrases import Found
from engine.language.questions import Question, find_questions
from engine.language.said import Said
from engine.protocol.drill_results import Listened
from engine.protocol.events import AnyEvent
from engine.protocol.terms import ListensFor
from engine.protocol.words import Word

SURE = 0.65
"""Probability from which a sentence is told as a question: above a statement that may check something."""

WAIT_S = 0.5
"""Silence after a question that leaves room for an answer: who asks and talks on asked nobody."""

UNHEARD_S = 5.0
"""Words count as known when they are up to this much before the end. Not measured."""

LEAST_WORDS = 20
"""Fewer, and too little was said, or recognised, to miss anything in it. Not measured."""

HEARD = {
    "question": "You asked: “{}”",
    "check_in": "You checked in: “{}”",
    "other_view": "You named their view: “{}”",
}
NOT_HEARD = {
    "question": "No question that left room for an answer was heard in your words.",
    "check_in": "No check-in was heard in your words.",
    "other_view": "You didn't name their view: nothing of the kind was heard in your words.",
}
BY_SOUND = {
    ("question", True): "A phrase of yours rose like a question, and they explained.",
    ("question", False): "No phrase of yours rose like a question.",
    ("check_in", True): "You left a pause for them in time.",
    ("check_in", False): "You left no pause for them in time.",
}
UNKNOWN = {
    "question": "Whether you asked anything isn't known.",
    "check_in": "Whether you checked in isn't known.",
    "other_view": "Whether you named their view isn't known: only words tell it.",
}


NEWEST_WORDS = 60
"""Words in which a question or a check-in is looked for while the drill goes on."""


class Listening:
    """Listens to the speaker's words while a drill goes on.

    Attributes
    ----------
    said : their words.
    asked_s : end of the question that their words end with; None when they end with none.
    offered_s : end of the last check-in; None before any.
    """

    def __init__(self) -> None:
        self.said = Said()
        self.asked_s: float | None = None
        self.offered_s: float | None = None

    def observe(self, event: AnyEvent) -> None:
        """Take an event of the speaker."""
        if not self.said.observe(event):
            return
        words = self.said.words[-NEWEST_WORDS:]
        self.asked_s = None
        for one in _sure_questions(words):
            if one.kind == "check_in":
                self.offered_s = max(self.offered_s or 0.0, words[one.end - 1].end_s)
            elif one.end == len(words):
                self.asked_s = words[-1].end_s


def find(what: ListensFor, words: Sequence[Word]) -> list[Found]:
    """Return the sentences that are what a drill listens for, in order of place."""
    if what == "other_view":
        return find_other_views(words)
    asked = _sure_questions(words)
    if what == "check_in":
        return [one for one in asked if one.kind == "check_in"]
    return [one for one in asked if one.kind != "check_in" and waits(words, one.end)]


def listen(
    what: ListensFor, said: Said, start_s: float, end_s: float, *, by_sound: bool | None, stopped: bool
) -> Listened:
    """Return whether it was heard between two times.

    Parameters
    ----------
    by_sound : what melody and pauses tell without words; None where they tell nothing.
    stopped : whether the drill was stopped early, before what wasn't said could be.
    """
    words = [word for word in said.since(start_s) if word.start_s <= end_s]
    found = find(what, words)
    if found:
        quote = " ".join(word.text for word in words[found[0].start : found[0].end])
        text = HEARD[what].format(quote.rstrip(".,")) + ("" if quote[-1] in "?!" else ".")
        return Listened(what=what, heard=True, by="words", quote=quote, text=text)
    known = len(words) >= LEAST_WORDS and said.known_s >= end_s - UNHEARD_S and not said.missed(start_s)
    if known and not stopped:
        return Listened(what=what, heard=False, by="words", quote="", text=NOT_HEARD[what])
    if by_sound is not None and not (stopped and not by_sound):
        return Listened(what=what, heard=by_sound, by="sound", quote="", text=BY_SOUND[what, by_sound])
    return Listened(what=what, heard=None, by=None, quote="", text=UNKNOWN[what])


def _sure_questions(words: Sequence[Word]) -> list[Question]:
    return [one for one in find_questions(words) if one.confidence >= SURE]


def waits(words: Sequence[Word], end: int) -> bool:
    """Whether the speaker was silent after the word before a place, or has said nothing since."""
    return end == len(words) or words[end].start_s - words[end - 1].end_s >= WAIT_S
