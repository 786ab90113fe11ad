"""Repeats and restarts: "we we had", "I went to, uh, I drove to".

A repair has a reparandum (what is given up), perhaps hesitations, and a repair that often begins like it
(Shriberg 1994). Found are

* repeats: one to four words said again at once, hesitations and "I mean" between them allowed; not words
  that are doubled on purpose ("very very", "no no") or by grammar ("had had", "what it is is");
* restarts: a run of at most four words given up for another that begins with the same word, where the
  run was cut off ("I went to-") or ends in a word that ends no clause ("I went to I drove to"); other than
  subjects ("in the, um, in our") begin one only where the speaker hesitates.

What it can't do: find a repair that begins with another word ("in Paris, no, Rome"), or one that the
recogniser smoothed away, as many do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .breaks import ends_sentence
from .phrases import HESITATIONS, Found, plain, word_set

MOST_WORDS = 4
"""Longest reparandum searched for; of those in Switchboard 95 % are not longer."""

ON_PURPOSE = word_set(
    "very really no yes yeah so many more much far long big ha bye well now okay right never quite "
    "too again there one two three four five six seven eight nine zero oh sure"
)
"""Words that are said twice on purpose, …"""

BY_GRAMMAR = frozenset(("had", "that", "is", "was", "do"))
"""… and by grammar ("what it is is"), where no comma stands between."""

ENDS_NO_CLAUSE = word_set(
    "a an the my your our their his its to of in on at for with from by was were is are am be been "
    "had have has i'm i've we're we've it's they're he's she's that's i'd we'd i'll we'll would could "
    "should will can going into about some every each very also just really"
)
"""A clause that is given up ends in one of these, a finished one doesn't. Conjunctions join two clauses."""

SUBJECTS = word_set(
    "i we you he she they it i'm i've we're we've it's they're he's she's that's i'd we'd there's"
)
"""A restart without a cut-off begins with one of these."""

BEGINNERS = SUBJECTS | word_set("the a my our this that these those there in on at to with for what how")
"""And with one of these where the speaker hesitates before the repair."""

EDITING = frozenset(("sorry", "rather", "actually", "no", "well", "like")) | HESITATIONS

_CUT = re.compile(r"[-–—]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart(Found):
    """What was given up and said again, from its first word up to the repair."""

    kind: Literal["repeat", "restart"]
    repair: int
    """Place of the first word of the repair; within ``start`` and ``end``, which includes its like words."""


def find_restarts(words: Sequence[Word]) -> list[Restart]:
    """Return repeats and restarts in order of place; they share no reparandum."""
    said = plain(words)
    cut = [bool(_CUT.search(word.text)) and len(word.text) > 1 for word in words]
    ends = [ends_sentence(word.text) for word in words]
    found: list[Restart] = []
    at = 0
    while at < len(said):
        restart = _repeat(said, words, at) or _restart(said, cut, at)
        if restart and not any(ends[at : restart.repair]):
            found.append(restart)
            at = restart.repair
        else:
            at += 1
    return found


def _repair_at(said: Sequence[str], at: int) -> int:
    """Place of the first word after hesitations and editing terms."""
    while at < len(said) and (said[at] in HESITATIONS or not said[at]):
        at += 1
    if tuple(said[at : at + 2]) in (("i", "mean"), ("you", "know")):
        return _repair_at(said, at + 2)
    return at


def _repeat(said: Sequence[str], words: Sequence[Word], at: int) -> Restart | None:
    for size in range(MOST_WORDS, 0, -1):
        run = said[at : at + size]
        if len(run) < size or not run[0] or run[0] in EDITING or run[-1] in HESITATIONS:
            continue
        repair = _repair_at(said, at + size)
        if said[repair : repair + size] != run:
            continue
        direct = repair == at + size
        if size > 1 and "mean" in said[at + size : repair]:
            continue  # "every one, I mean every one" insists
        if size == 1 and (run[0].isdigit() or (direct and run[0] in ON_PURPOSE)):
            continue
        if (
            size == 1
            and direct
            and run[0] in BY_GRAMMAR
            and not words[at].text.endswith((",", "-", "–", "—", "…"))
        ):
            continue
        if run in (["you", "know"], ["i", "mean"], ["kind", "of"], ["sort", "of"]):
            continue
        return Restart(start=at, end=repair + size, confidence=0.9, kind="repeat", repair=repair)
    return None


def _restart(said: Sequence[str], cut: Sequence[bool], at: int) -> Restart | None:
    for size in range(2, MOST_WORDS + 1):
        last = at + size - 1
        repair = _repair_at(said, at + size)
        if repair >= len(said) or not said[at]:
            break
        was_cut = any(cut[at : last + 1])
        same = said[repair] == said[at] and said[at + 1] not in HESITATIONS
        begins = said[at] in SUBJECTS or (said[at] in BEGINNERS and repair > at + size)
        given_up = begins and said[last] in ENDS_NO_CLAUSE
        if same and (was_cut or given_up) and said[at] not in EDITING:
            confidence = 0.85 if was_cut else 0.65
            return Restart(start=at, end=repair + 1, confidence=confidence, kind="restart", repair=repair)
    if cut[at] and at + 1 < len(said) and said[at] and said[_next(said, at)].startswith(said[at]):
        repair = _next(said, at)
        return Restart(start=at, end=repair + 1, confidence=0.9, kind="restart", repair=repair)
    return None


def _next(said: Sequence[str], at: int) -> int:
    """Place of the repair of a single word that was cut off; the last word where there is none."""
    return min(_repair_at(said, at + 1), len(said) - 1)
