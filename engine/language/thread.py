"""Whether a speaker takes up what they were saying: the words before an interruption against those after it.

Who goes on speaks of the same things: content words come again, as lexical cohesion has it (Halliday &
Hasan 1976). Words of the question and of the interrupter's own line don't count: who answers these takes
up nothing of their own. A phrase that says so ("as I was saying", "where was I?") decides alone.

What it can't do: know a thread that goes on in other words, or one that is the same topic begun anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from engine.protocol.words import Word

from .phrases import HESITATIONS, plain, word_set
from .transcript import bare

LEAST_WORDS = 8
"""Words on each side that a comparison needs."""

FIRST_WORDS = 30
"""What is compared of the words after it: some 12 s."""

OPENING_WORDS = 15
"""Within these a phrase says what the speaker does."""

SHARED = 2
"""Content words that come again in a thread that goes on; one may be chance. Not measured."""

FUNCTION_WORDS = HESITATIONS | word_set(
    "the and but for nor yet with without from into onto over under about after before between "
    "through during that this these those there here then than when where while what which who whom "
    "whose why how because was were are been being have has had having does did doing done will would "
    "shall should can could may might must not don't didn't doesn't isn't wasn't weren't can't "
    "couldn't won't wouldn't you your yours they them their theirs she her hers him his its our ours "
    "mine myself yourself themselves all any some each every both few more most many much other "
    "another such own same just only very really also too even still already again now well okay yes "
    "yeah right like know mean think thing things something anything everything nothing going gonna "
    "get got make made take took come came went said say says see want one two three first lot kind "
    "sort bit way back point good sorry sure maybe actually basically it's that's i'm we're i've let "
    "let's there's what's out off down"
)

RESUMES = re.compile(
    r"\b(?:as|like|what) i (?:was saying|said|was about to say|was going to say)\b|"
    r"\bi was (?:just )?(?:saying|about to|telling)\b|\b(?:coming |going |to come )?back to\b|"
    r"\b(?:to finish|let me finish|to continue|continuing|so anyway)\b"
)
LOST = re.compile(
    r"\bwhere (?:was i|were we)\b|\bwhat was i\b|\b(?:i )?lost (?:my|the) (?:thread|train|track)\b|"
    r"\b(?:start|begin) (?:over|again|from the (?:beginning|start)|anew)\b|"
    r"\blet me (?:start|begin|try) (?:over|again)\b"
)


def content_words(words: Iterable[str]) -> frozenset[str]:
    """Return the stems of the words that carry meaning: no function words, endings cut off."""
    found = set()
    for word in words:
        said = bare(word).removesuffix("'s")
        if len(said) >= 3 and said not in FUNCTION_WORDS and not said.isdigit():
            found.add(_stem(said))
    return frozenset(found)


def compare_thread(
    before: Sequence[Word], after: Sequence[Word], others: Iterable[str] = ()
) -> Literal["resumed", "anew"] | None:
    """Return whether the words after an interruption take up those before it; None when they don't tell.

    Parameters
    ----------
    before : of the last seconds before it.
    after : from when they spoke again.
    others : words that both sides had from elsewhere: the question's, the interrupter's.
    """
    said = plain(after)
    opening = " ".join(said[:OPENING_WORDS])
    if LOST.search(opening):
        return "anew"
    if RESUMES.search(opening):
        return "resumed"
    if len(before) < LEAST_WORDS or len(after) < LEAST_WORDS:
        return None
    shared = (content_words(plain(before)) & content_words(said[:FIRST_WORDS])) - content_words(others)
    if len(shared) >= SHARED:
        return "resumed"
    return None if shared else "anew"


def _stem(word: str) -> str:
    """Cut the commonest endings off: ``tests``, ``tested`` and ``testing`` are one."""
    for ending in ("ings", "ing", "ied", "ies", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
