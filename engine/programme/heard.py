"""What was heard of a run of an exercise, and figures that are read from it step by step.

A figure is None where too little was heard to tell: no words, or fewer than
:data:`engine.programme.measures.LEAST_WORDS` in the whole take.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from engine.protocol.take import StepTime, Take
from engine.protocol.terms import Framework
from engine.protocol.words import Word

from .measures import LEAST_CONFIDENCE, LEAST_WORDS, MEASURES, heard_share

CUT_OFF_S = 0.5
"""A telling whose last word ends so near its end, or nearer, was cut off by it. Not measured."""

LEAST_TELLING_WORDS = 10
"""Words of a step from which something is told of it. Not measured."""

COMMON_ZIPF = 5.0
"""Words more frequent than this say nothing of what an answer is about: the 1,000 commonest or so."""

CASES = frozenset({"if", "otherwise", "unless", "whether", "else"})
"""Words that tell cases apart."""


class Heard(Struct, frozen=True, kw_only=True):
    """A run of an exercise: its take, with the words where they were heard, and when its steps were."""

    take: Take
    steps: Sequence[StepTime] = ()
    """Empty for a recording."""

    captured: Mapping[str, float] = MappingProxyType({})
    """What was measured of the run beside the take, by name with its unit."""

    @property
    def tellings(self) -> list[StepTime]:
        """The steps in which the person was to speak."""
        return [step for step in self.steps if step.speaks]


Read = Callable[[Heard], float | None]


def measure(name: str) -> Read:
    """Return what reads a measure of skills from the whole take."""
    read = MEASURES[name].read
    return lambda heard: read(heard.take)


def captured(name: str) -> Read:
    """Return what reads a figure that was measured beside the take."""
    return lambda heard: heard.captured.get(name)


def parts(framework: Framework) -> Read:
    """Return what reads the share of a framework's parts that was heard in order."""
    return lambda heard: heard_share(heard.take, framework) if _enough(heard) else None


def part(name: str) -> Read:
    """Return what reads whether a part of an answer was heard."""

    def read(heard: Heard) -> float | None:
        if not _enough(heard):
            return None
        return float(any(one.part == name and one.confidence >= LEAST_CONFIDENCE for one in heard.take.parts))

    return read


def found(what: str) -> Read:
    """Return what reads whether a finding was made, sure or not: for what an exercise asks for outright."""

    def read(heard: Heard) -> float | None:
        return (
            float(any(one.what == what and one.good for one in heard.take.found)) if _enough(heard) else None
        )

    return read


def asked(telling: int) -> Read:
    """Return what counts the questions in a telling, from 0."""
    return lambda heard: _marks(heard, telling, "question")


def terms_of(telling: int) -> Read:
    """Return what counts the technical terms in a telling, from 0, in 100 words of it."""

    def read(heard: Heard) -> float | None:
        said, count = words_of(heard, telling), _marks(heard, telling, "term")
        return None if count is None or len(said) < LEAST_TELLING_WORDS else 100.0 * count / len(said)

    return read


def cases(heard: Heard) -> float | None:
    """Count the words that tell cases apart ("if", "otherwise")."""
    said = _words(heard)
    return None if said is None else float(sum(_plain(word) in CASES for word in said))


def listened(heard: Heard) -> float | None:
    """Return whether a drill heard what it listens for."""
    card = heard.take.card
    if card is None or card.listened is None or card.listened.heard is None:
        return None
    return float(card.listened.heard)


def came_to_an_end(heard: Heard) -> float | None:
    """Return the share of the tellings that came to an end by themselves."""
    known = [
        step.end_s - said[-1].end_s > CUT_OFF_S
        for step, said in zip(heard.tellings, _told(heard), strict=True)
        if len(said) >= LEAST_TELLING_WORDS
    ]
    return sum(known) / len(known) if known else None


def different_words(heard: Heard) -> float | None:
    """Return how different the tellings are: 1 less the mean share of content words common to two."""
    tellings = [
        content for said in _told(heard) if len(content := content_words(said)) >= LEAST_TELLING_WORDS
    ]
    pairs = [(one, other) for place, one in enumerate(tellings) for other in tellings[:place]]
    if not pairs:
        return None
    return 1.0 - sum(len(one & other) / len(one | other) for one, other in pairs) / len(pairs)


def length_of(telling: int) -> Read:
    """Return what counts the words of a telling; −1 is the last one."""

    def read(heard: Heard) -> float | None:
        said = words_of(heard, telling)
        return float(len(said)) if len(said) >= 3 and _enough(heard) else None

    return read


def words_of(heard: Heard, telling: int) -> list[Word]:
    """Return the words of a telling; none where it, or its words, aren't known."""
    tellings = heard.tellings
    if not -len(tellings) <= telling < len(tellings):
        return []
    return words_in(_words(heard) or (), [tellings[telling]])[0]


def words_in(words: Iterable[Word], steps: Sequence[StepTime]) -> list[list[Word]]:
    """Return the words of each step: those whose middle lies in it.

    Parameters
    ----------
    steps : in order of time; none begins before the one before it has ended.
    """
    found: list[list[Word]] = [[] for _ in steps]
    starts = [step.start_s for step in steps]
    for word in words:
        middle_s = (word.start_s + word.end_s) / 2
        place = bisect_right(starts, middle_s) - 1
        if place >= 0 and middle_s < steps[place].end_s:
            found[place].append(word)
    return found


def content_words(words: Sequence[Word]) -> set[str]:
    """Return the words that say what an answer is about, in small letters."""
    return {_plain(word) for word in words if word.zipf is None or word.zipf < COMMON_ZIPF}


def _marks(heard: Heard, telling: int, kind: str) -> float | None:
    """Count the marks of a kind that begin in a telling."""
    review, tellings = heard.take.review, heard.tellings
    if review is None or not _enough(heard) or not -len(tellings) <= telling < len(tellings):
        return None
    marked = (review.words[mark.start] for mark in review.marks if mark.kind == kind)
    return float(len(words_in(marked, [tellings[telling]])[0]))


def _told(heard: Heard) -> list[list[Word]]:
    """Return the words of each telling."""
    return words_in(_words(heard) or (), heard.tellings)


def _words(heard: Heard) -> Sequence[Word] | None:
    return heard.take.review.words if heard.take.review is not None and _enough(heard) else None


def _enough(heard: Heard) -> bool:
    measures = heard.take.word_measures
    return measures is not None and measures.words >= LEAST_WORDS


def _plain(word: Word) -> str:
    return word.text.strip(".,;:!?…\"'“”‘’()").lower()
