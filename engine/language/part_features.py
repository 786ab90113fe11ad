"""Features of a clause that tell which part of an answer it is: its words, its form and its place.

Meaning comes from the sentence embedding; what is here says how something is put. A task is told as an
obligation, an action as the first person's past, a proposal with a modal verb, a new practice in the present
with a time word, a result as a change: the cue groups of ``part_cues.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .phrases import word_set
from .shipped import parse_sections, read_list
from .transcript import bare

_WORDS = word_set(
    "a about after again all always and any are as at back be because been before but by can could did "
    "do does don't down each else even ever every first for from get give go had has have he he's her "
    "here him his how i i'd i'll i'm i've if in into is isn't it it's just know last let let's like "
    "look made make maybe me mean might more most much must my myself need never new next no nobody not "
    "nothing now of off okay on once one only or other our out over own people put really right said "
    "same say see she should since so some somebody someone something started still such sure take tell "
    "than that that's the their them then there there's these they they're thing things think this "
    "those though thought time to today told too try turned until up us use used very want was wasn't "
    "we we'd we're we've well went were what what's when where which while who whose why will with "
    "without won't would wouldn't wrong yeah year years yes you you'd you're you've your"
)

FUNCTION_WORDS = tuple(sorted(_WORDS))
"""Words that are about no field: closed classes and the commonest verbs and nouns."""

_, _CUE_LINES = parse_sections(read_list("part_cues.txt"))

CUES = tuple(_CUE_LINES)
"""Names of the cue groups, two features each."""

_CUES = [re.compile(line) for lines in _CUE_LINES.values() for line in lines]
_PLACE_OF = {word: n for n, word in enumerate(FUNCTION_WORDS)}

PLACES = 8
COUNT = len(FUNCTION_WORDS) + 2 * len(_CUES) + PLACES
"""Features of a clause."""


def clause_features(clauses: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """Features of the clauses of one answer, in their order.

    Parameters
    ----------
    clauses : the words of each, as recognised

    Returns
    -------
    float32, shape (clauses, COUNT)
        Function words (1 where there, weighed by the clause's length), cue groups (0 none, 1 some; and how
        many, compressed), place in the answer.
    """
    rows = np.zeros((len(clauses), COUNT), np.float32)
    total = max(sum(map(len, clauses)), 1)
    before, cues_at = 0, len(FUNCTION_WORDS)
    for row, words in zip(rows, clauses, strict=True):
        text = " ".join(words).lower().replace("’", "'")
        for word in map(bare, words):
            if word in _PLACE_OF:
                row[_PLACE_OF[word]] = 1.0
        for n, cue in enumerate(_CUES):
            found = len(cue.findall(text))
            row[cues_at + 2 * n] = found > 0
            row[cues_at + 2 * n + 1] = np.log1p(found)
        middle = (before + len(words) / 2) / total
        row[-PLACES:] = (
            middle,
            middle**2,
            before == 0,
            before + len(words) == total,
            before < 25,
            total - before - len(words) < 15,
            np.log1p(len(words)) / 3,
            np.log1p(total) / 5,
        )
        before += len(words)
    return rows
