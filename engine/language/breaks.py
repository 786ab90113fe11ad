"""Breaks between words: how strong a boundary punctuation or a pause puts before each word.

Punctuation is the recogniser's and right where it stands (precision .95 against read texts); its lack
means something only in a text that has some. A pause of 0.35 s is a clause boundary more often than not,
one of 0.8 s mostly a sentence's end or a search for words (Goldman-Eisler 1968; Campione & Véronis 2002
put the border of brief and medium pauses at 0.2 s and of medium and long ones at 1 s).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from enum import IntEnum

from engine.protocol.words import Word

CLAUSE_PAUSE_S = 0.35
SENTENCE_PAUSE_S = 0.8
WORDS_A_MARK = 25
"""A text with fewer punctuation marks than one in so many words counts as without punctuation."""

_END = re.compile(r"[.?!…][\"'”’)\]]*$")
_CLAUSE = re.compile(r"[,;:–—-][\"'”’)\]]*$")


class Break(IntEnum):
    """What stands before a word."""

    NONE = 0
    CLAUSE = 1
    SENTENCE = 2


def is_punctuated(words: Sequence[Word]) -> bool:
    """Whether the words come with punctuation, so that its lack says something."""
    marks = sum(bool(_END.search(word.text) or _CLAUSE.search(word.text)) for word in words)
    return marks > 0 and marks * WORDS_A_MARK >= len(words)


def ends_sentence(text: str) -> bool:
    """Whether a word carries a full stop, a question or an exclamation mark."""
    return bool(_END.search(text))


def breaks(words: Sequence[Word], *, timed: bool = True) -> list[Break]:
    """Return the break before each word, and one more after the last.

    The text's two ends are sentence breaks. ``timed`` says whether pauses between the words were measured.
    """
    found = [Break.SENTENCE]
    for before, after in itertools.pairwise(words):
        pause_s = after.start_s - before.end_s if timed else 0.0
        if ends_sentence(before.text):
            found.append(Break.SENTENCE)
        elif _CLAUSE.search(before.text):
            found.append(Break.CLAUSE)
        elif pause_s >= SENTENCE_PAUSE_S:
            found.append(Break.SENTENCE)
        elif pause_s >= CLAUSE_PAUSE_S:
            found.append(Break.CLAUSE)
        else:
            found.append(Break.NONE)
    return [*found, Break.SENTENCE] if words else found
