"""Cues of a sentence's end in the words around a place, and their weights from ``sentence_weights.txt``.

The words before and after, two of each as pairs, and their kinds (article, subject, preposition …). The
weights are those of a logistic regression, trained by ``python -m tools.train.sentence_ends`` on talk that
was written for it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

from .phrases import HESITATIONS
from .shipped import read_list

KINDS = {
    word: kind
    for kind, words in {
        "article": "a an the my your our their his her its this these every each some any no both",
        "subject": "i we he she they it you nobody everybody everyone somebody someone who there",
        "subject+verb": "i'm we're he's she's they're it's you're i've we've they've that's there's i'd we'd "
        "he'd she'd they'd you'd i'll we'll they'll it'll he'll she'll you'll here's what's",
        "object": "me him them us myself himself herself themselves ourselves itself one that",
        "auxiliary": "is are was were am be been do does did have has had can could will would should "
        "may might must isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't "
        "couldn't won't wouldn't",
        "preposition": "of in on at for with from by to into about over through after before between against "
        "during without under around like as than per",
        "joins": "and but or so because",
        "subordinates": "if when while where although though since until unless whether once "
        "which what how why",
        "adverb": "not just also very really only even still already always never again too now then maybe "
        "actually basically probably quite almost ever often sometimes yet today later",
        "opens": "well okay yeah yes right um uh sure",
    }.items()
    for word in words.split()
}
"""Kinds of words whose kind is known from the word."""

EDGE = "<>"
"""Stands for what is outside the text."""


def kind_of(word: str) -> str:
    """Return the kind of a word: from the list, or from its ending."""
    if word in HESITATIONS:
        return "opens"
    if word in KINDS:
        return KINDS[word]
    if word[:1].isdigit():
        return "number"
    for ending in ("ing", "ed", "ly", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return f"-{ending}"
    return "other"


def features(said: Sequence[str], at: int) -> Iterator[str]:
    """Yield the names of the cues at the place before word ``at``."""

    def word(place: int) -> str:
        return said[place] if 0 <= place < len(said) else EDGE

    two_before, before, after, two_after = (word(at + step) for step in (-2, -1, 0, 1))
    yield f"before {before}"
    yield f"before {two_before} {before}"
    yield f"after {after}"
    yield f"after {after} {two_after}"
    kinds = [kind_of(w) for w in (two_before, before, after, two_after)]
    yield f"kinds {kinds[1]} | {kinds[2]}"
    yield f"kinds {kinds[0]} {kinds[1]} |"
    yield f"kinds | {kinds[2]} {kinds[3]}"
    yield f"kinds {kinds[1]} | {kinds[2]} {kinds[3]}"


@functools.cache
def weights() -> Mapping[str, float]:
    """Return the log-odds by cue; ``bias`` is that of a place without any."""
    lines = (line.partition(" ") for line in read_list("sentence_weights.txt").splitlines())
    return {name: float(weight) for weight, _, name in lines if not weight.startswith("#")}


def log_odds(said: Sequence[str], at: int) -> float:
    """Return the log-odds of an end before word ``at`` by the words alone."""
    of = weights()
    return of.get("bias", 0.0) + sum(of.get(name, 0.0) for name in features(said, at))
