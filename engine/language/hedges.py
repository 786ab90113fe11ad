"""Hedges: words that make a statement less certain (*maybe*, *I think*, *might*).

Source: the hedges of Hyland (2005), *Metadiscourse*, kept to those of speech, plus *kind of* and *sort of*
where they are no noun phrase (Prince et al. 1982, "adaptors"). A hedge is not a fault: one that says what
is not known is honest, five in a row are doubt about everything.

What it can't do: tell "I think" as an opinion worth giving from one that weakens a fact.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.protocol.words import Word

from .markers import find_markers
from .phrases import Found, Phrases, plain

SURE = (
    "maybe|perhaps|possibly|probably|presumably|arguably|i guess|i suppose|i think|i'd guess|i would guess|"
    "might|it seems|it seemed|seems like|i feel like|i'm not sure|i am not sure|not entirely sure|"
    "not really sure|to some extent|in a way|somehow|i believe|more or less|hopefully|i imagine|"
    "i don't know if|as far as i know|if i'm not mistaken|i reckon"
)
"""Phrases that hedge nearly always."""

UNSURE = "somewhat|a little bit|a bit|could be|may be|apparently|in my opinion|tend to|roughly speaking"
"""Phrases that hedge about as often as they mean something else."""

CONFIDENCE = {phrase: 0.9 for phrase in SURE.split("|")} | {phrase: 0.5 for phrase in UNSURE.split("|")}

NOT_AFTER = {"i think": ("what", "how", "when", "whenever"), "i believe": ("what",), "might": ("the", "of")}
"""What I think, the might of: no hedge."""

NOT_BEFORE = {
    "i think": ("about", "of", "through", "in"),
    "i believe": ("in", "that's"),
    "a bit": ("of",),
    "a little bit": ("of",),
}
"""I think about it, a bit of Rust: no hedge."""

ADAPTORS = ("kind of", "sort of")

_PHRASES = Phrases(CONFIDENCE)


def find_hedges(words: Sequence[Word], *, timed: bool = True) -> list[Found]:
    """Return the hedges in order of place."""
    said = [*plain(words), ""]
    found = [
        Found(start=start, end=end, confidence=CONFIDENCE[phrase])
        for start, end, phrase in _PHRASES.find(said)
        if said[end] not in NOT_BEFORE.get(phrase, ())
        and not (start and said[start - 1] in NOT_AFTER.get(phrase, ()))
    ]
    found += [
        Found(start=marker.start, end=marker.end, confidence=0.8 * marker.confidence)
        for marker in find_markers(words, timed=timed)
        if marker.marker in ADAPTORS and marker.confidence >= 0.5
    ]
    return sorted(found, key=lambda hedge: hedge.start)


def count_hedges(words: Sequence[Word], *, least: float = 0.5, timed: bool = True) -> int:
    """Return the number of hedges of at least a confidence."""
    return sum(hedge.confidence >= least for hedge in find_hedges(words, timed=timed))
