"""Whether impact was heard: a figure as evidence, a phrase of result, or one that announces the headline.

Cue phrases, read generously: what asks with these is told only where *nothing* of the kind was said, so
a phrase too many keeps quiet and a phrase too few speaks up wrongly. Whole parts of an answer are found by
sentence meaning, after the take; these are for while it goes on, from bare words without punctuation.

What it can't do: know a result that is only implied ("they asked me to run the next one, too").
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from engine.protocol.words import Word

from .figures import find_figures
from .phrases import plain
from .shipped import wording

ENDING = 0.5
"""Share of an answer, its end, in which a phrase of result is looked for: before it, it tells of a step."""

_PAST = (
    "had|was|were|went|did|made|said|told|took|got|came|saw|knew|thought|found|gave|felt|left|kept|began|built|"
    "wrote|ran|met|sent|spoke|brought|chose|led|put|set|broke|bought|sat|held|read|lost|won|heard|understood|"
    "drew|taught|spent|sold|paid|grew|became|fell|caught|let|cut|could|couldn't|didn't|wasn't|weren't|hadn't"
)
_STORY = re.compile(rf"\b(?:i|we) (?:\w+ly |just |also |even |never |then |first )?(?:\w{{2,}}ed|{_PAST})\b")

LEAST_PAST = 3
"""First-person verbs of the past that make talk a story: fewer may be an aside in a plan or an opinion."""


def has_impact(words: Sequence[Word]) -> bool:
    """Whether a figure, a result or a headline's announcement is among the words."""
    said = wording("impact.txt", "results", "headlines").search(" ".join(plain(words)))
    return bool(said or find_figures(words))


def has_result(words: Sequence[Word]) -> bool:
    """Whether an answer says what changed: by a figure anywhere, or a phrase of result in its second half."""
    last = words[len(words) - math.ceil(ENDING * len(words)) :]
    said = wording("impact.txt", "results").search(" ".join(plain(last)))
    return bool(said or find_figures(words))


def tells_story(words: Sequence[Word]) -> bool:
    """Whether the words tell of something that the speaker did, so that a result is owed."""
    return sum(1 for _ in _STORY.finditer(" ".join(plain(words)))) >= LEAST_PAST
