"""Findings about the manner of an answer: who is answerable, who is felt for, how it is put."""

from __future__ import annotations

from collections.abc import Iterator

from engine.protocol.review import ReviewFinding

from .finding import FEWEST_WORDS, finding, listed, span
from .phrases import Found
from .reading import Reading

STANCES = {
    "own_fault": ("You named your own part in what went wrong.", True),
    "blame": ("This may sound as if others were to blame: say what you would do differently.", False),
    "unknown": ("You said what you don't know.", True),
    "assumption": ("You said what you assume.", True),
    "other_view": ("You named how the other side sees it.", True),
}


def stances(reading: Reading) -> Iterator[ReviewFinding]:
    """Yield who is answerable: own fault, blame, what is unknown or assumed, the other's view."""
    for stance, places in reading.stances.items():
        text, good = STANCES[stance]
        confidence = reading.stance_confidences[stance]
        if confidence >= 0.5:
            yield from finding(stance, text, confidence, good=good, quotes=places[:3])


def people(reading: Reading) -> Iterator[ReviewFinding]:
    """What was done about how somebody felt; that it was only named is told wrongly too often to be said."""
    shown = reading.empathy
    if shown is None or shown.act is None:
        return
    quotes: list[Found] = [shown]
    if shown.act != (shown.start, shown.end):
        quotes.append(Found(start=shown.act[0], end=shown.act[1]))
    text = "You named how somebody felt and what you did about it."
    yield from finding("empathy", text, shown.confidence, good=True, quotes=quotes)


def analogies(reading: Reading) -> Iterator[ReviewFinding]:
    """Yield whether something was put into the terms of another field; too rare to be told as sure."""
    if reading.analogies:
        confidence = max(one.confidence for one in reading.analogies)
        text = "You put it as an analogy, in terms that a listener may know."
        yield from finding("analogy", text, confidence, good=True, quotes=reading.analogies[:2])


def wordings(reading: Reading) -> Iterator[ReviewFinding]:
    """Fillers, hedges, terms, we and I: counts, so they are as sure as their finders."""
    words = max(len(reading.words), 1)
    if len(reading.words) < FEWEST_WORDS:
        return
    unexplained = [term for term in reading.terms if not term.explained]
    if len(unexplained) >= 3:
        names = listed([term.term for term in unexplained[:4]])
        yield ReviewFinding(
            what="terms",
            good=False,
            text=f"{len(unexplained)} terms may need a plain word beside them, such as {names}.",
            quotes=[span(term) for term in unexplained],
            confidence=0.8,
            value=float(len(unexplained)),
        )
    per_100 = 100 * len(reading.hedges) / words
    if len(reading.hedges) >= 3 and per_100 >= 2:
        first = _quoted(reading, reading.hedges[0])
        yield ReviewFinding(
            what="hedges",
            good=False,
            text=f"{len(reading.hedges)} hedges such as “{first}”: keep the ones you mean.",
            quotes=[span(hedge) for hedge in reading.hedges],
            confidence=0.9,
            value=float(len(reading.hedges)),
        )
    per_100 = 100 * len(reading.fillers) / words
    if len(reading.fillers) >= 4 and per_100 >= 4:
        yield ReviewFinding(
            what="fillers",
            good=False,
            text=f"{len(reading.fillers)} fillers, {per_100:.0f} in 100 words: a short pause does the same.",
            quotes=[span(filler) for filler in reading.fillers],
            confidence=0.9,
            value=round(per_100, 1),
            unit="per 100 words",
        )
    yield from _pronouns(reading)


def _pronouns(reading: Reading) -> Iterator[ReviewFinding]:
    """Who acts: where the actions are the team's alone, what the speaker did is not heard."""
    actions = reading.spans("action")
    inside = [at for at in range(len(reading.words)) if any(a.start <= at < a.end for a in actions)]
    we = sum(at in reading.pronouns.we for at in inside)
    mine = sum(at in reading.pronouns.i for at in inside)
    if not actions or we + mine < 3:
        return
    confidence = max(action.confidence for action in actions)
    if mine == 0:
        yield from finding(
            "we_and_i",
            f"In what was done you said “we” {we} times and “I” never: what was your part?",
            confidence,
            good=False,
            quotes=actions[:2],
            kind="part_heard",
            value=0.0,
        )
    else:
        yield from finding(
            "we_and_i",
            f"In what was done you said “I” {mine} times and “we” {we}.",
            confidence,
            good=None,
            quotes=actions[:2],
            kind="part_heard",
            value=round(mine / (we + mine), 2),
        )


def _quoted(reading: Reading, found: Found) -> str:
    return " ".join(word.text for word in reading.words[found.start : found.end]).strip(".,;:!?").lower()
