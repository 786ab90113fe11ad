"""Clauses: the units that are judged as parts of an answer.

Sentences where the recogniser gave their ends; without punctuation cuts before a connective or a subject
that can open a clause, as short as they can be: a clause too many costs less than one of two parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .phrases import word_set
from .transcript import bare

SENTENCE_END = re.compile(r"[.?!…][\"'”’)]*$")

WORDS_A_SENTENCE = 40
"""A text with fewer sentence ends than one in so many words counts as without punctuation."""

CONNECTIVES = word_set("so but then because and when which after since if until now these it's that's")

SUBJECTS = word_set(
    "i we he she they you it there i'm i'd i've i'll we're we've we'd they're he's she's it's that's "
    "there's nobody everyone everybody what my our his her the this that these"
)

OPENS_ALONE = word_set("i we i'd i'm i've there they")
"""Subjects that open a clause without a connective."""

ENDS_NO_CLAUSE = word_set(
    "and but so because if when that which who what how why where than as the a an of to in on at for with "
    "my our his her their is was were are be been not i we they he she you it would could should can like "
    "until before after since while then did do does had have has said thought know think"
)

SHORTEST, LONGEST = 6, 22
"""Words of a clause without punctuation."""


def is_punctuated(words: Sequence[str]) -> bool:
    """Whether sentence ends are known."""
    ends = sum(SENTENCE_END.search(word) is not None for word in words)
    return ends > 0 and ends * WORDS_A_SENTENCE >= len(words)


def clauses(words: Sequence[str]) -> list[tuple[int, int]]:
    """Cut an answer's words into clauses.

    Returns
    -------
    list of (start, end)
        Places of words, end exclusive; one after the other, without gaps.
    """
    if is_punctuated(words):
        ends = [n + 1 for n, word in enumerate(words) if SENTENCE_END.search(word)]
    else:
        ends = _unpunctuated_ends([bare(word) for word in words])
    if words and (not ends or ends[-1] < len(words)):
        ends.append(len(words))
    return list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []


def _unpunctuated_ends(words: Sequence[str]) -> list[int]:
    ends: list[int] = []
    start = 0
    for n in range(1, len(words)):
        here, after = words[n], words[n + 1] if n + 1 < len(words) else ""
        joined = here in CONNECTIVES and (after in SUBJECTS or after in CONNECTIVES or here in ("so", "but"))
        bare_subject = here in OPENS_ALONE and words[n - 1] not in ENDS_NO_CLAUSE | CONNECTIVES
        if ((joined or bare_subject) and n - start >= SHORTEST) or n - start >= LONGEST:
            ends.append(n)
            start = n
    return ends
