"""A view said back: how much of it is kept, in whose words, and whether it begins with the other's point.

Content words are compared by their stems (:func:`engine.language.thread.content_words`). A good paraphrase
keeps the words that the view is about and says the rest in words of its own (Rogers & Farson 1957, *Active
listening*); saying it word for word keeps all, and shows no understanding.

What it can't do: know a view that was said back in other words throughout, or one that was turned into its
opposite with the same words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from engine.protocol.words import Word

from .phrases import HESITATIONS, plain
from .thread import content_words

LEAST_WORDS = 6
"""Words without which nothing was said back."""

OPENING_WORDS = 14
"""Within these a paraphrase comes to the other's point; their own "so", "okay" and fillers among them."""

ABOUT_THEM = re.compile(r"\b(?:you|you're|you've|you'd|your|they|they're|their)\b")
"""Said of the other: of oneself it would be "I"."""

CHECKS = re.compile(
    r"\b(?:is (?:that|this) (?:right|correct|it|fair|so|what you (?:mean|meant))|"
    r"did i (?:get|understand|hear)(?: \w+){0,3}|have i (?:got|understood)|do i (?:understand|hear)|"
    r"does that (?:match|sound|capture)|am i right|right|correct)$"
)
"""At the very end: the question whether that is right."""


class Retelling(Struct, frozen=True, kw_only=True):
    """A view said back; shares are of distinct content words."""

    kept: float
    """Share of the view's that were said, 0..1."""

    own: float
    """Share of the speaker's that aren't the view's, 0..1; 0 where nothing is kept: that is no paraphrase."""

    copied_words: int
    """Longest run of words that is the view's own."""

    point_first: bool
    """Whether it begins with the other: their point, or what they want."""

    checked: bool
    """Whether it ends with the question whether that is right."""


def compare_retelling(view: str, point: str, words: Sequence[Word]) -> Retelling | None:
    """Compare a view with how it was said back; None where too little was said to tell.

    Parameters
    ----------
    view : what was said to the speaker.
    point : what of it matters, in a sentence; empty where unknown.
    words : of the speaker, in order.
    """
    said = [word for word in plain(words) if word and word not in HESITATIONS]
    theirs, mine = content_words(view.split()), content_words(said)
    if len(said) < LEAST_WORDS or not theirs:
        return None
    opening = said[:OPENING_WORDS]
    names_them = ABOUT_THEM.search(" ".join(opening)) is not None
    about_it = bool(content_words(opening) & (theirs | content_words(point.split())))
    return Retelling(
        kept=round(len(theirs & mine) / len(theirs), 3),
        own=round(len(mine - theirs) / max(len(mine), 1), 3) if mine & theirs else 0.0,
        copied_words=_longest_run(_bare(view), said),
        point_first=names_them and (about_it or not mine),
        checked=CHECKS.search(" ".join(said)) is not None,
    )


def retelling_figures(retellings: Sequence[Retelling]) -> dict[str, float]:
    """Return means over several, by name with their unit, and the longest copy; empty for none."""
    count = len(retellings)
    if not count:
        return {}
    return {
        "kept_share": round(sum(one.kept for one in retellings) / count, 3),
        "own_words_share": round(sum(one.own for one in retellings) / count, 3),
        "copied_words": float(max(one.copied_words for one in retellings)),
        "point_first_share": round(sum(one.point_first for one in retellings) / count, 3),
        "checked_share": round(sum(one.checked for one in retellings) / count, 3),
    }


def _bare(text: str) -> list[str]:
    return [word for word in re.findall(r"[\w’']+", text.lower()) if word]


def _longest_run(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest run of words that both have."""
    longest, before = 0, [0] * (len(other) + 1)
    for word in one:
        runs = [0] * (len(other) + 1)
        for k, heard in enumerate(other):
            if word == heard:
                runs[k + 1] = before[k] + 1
                longest = max(longest, runs[k + 1])
        before = runs
    return longest
