"""Role play: the mood of a drill's person, moved by what they hear in the speaker's words.

A mood changes by steps alone, so that it is always heard. A step that waits for words takes the first
sentence that fits and was taken by none like it; what counts is said no earlier than what moved them last.
Where no words are heard nothing moves, and the drill is as it would be without moods.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.language.acts import find_acts, mentions
from engine.language.said import Said
from engine.protocol.drill_results import MoodResult, Moved
from engine.protocol.terms import Act, Heard
from engine.protocol.words import Word

from .history import Record
from .listening import waits
from .plan import Plan, Planned
from .role_play_texts import hint_for, how_moved, how_they_ended

ENDS = (".", "?", "!")
"""Marks that end a sentence."""

OVER_S = 2.0
"""Time after which a sentence without one has ended: had it gone on, more of its words would be known."""

QUOTED = 24
"""Most words of a quote."""


@dataclass(frozen=True)
class _Sentence:
    acts: frozenset[Act]
    said: Sequence[str]
    then: Sequence[str]
    """Plain words of the next sentence: what was named may be told there."""

    ended: bool
    """Whether a mark or another sentence follows."""

    quote: str
    start_s: float
    end_s: float


class RolePlay:
    """Follows the mood of one drill's person.

    Parameters
    ----------
    plan : with the moods.
    said : the speaker's words, kept up to date by their owner.
    start_s : when the drill began.
    hears : whether words are on; otherwise they are taken to be once the first ones come.
    """

    def __init__(self, plan: Plan, said: Said, start_s: float, *, hears: bool) -> None:
        self._plan, self._said, self._start_s, self._hears = plan, said, start_s, hears
        self._place = plan.moods.index(plan.mood) if plan.mood else 0
        self._listens = any(step.by_words for step in plan.steps)
        self._sentences: list[_Sentence] = []
        self._count, self._searched_s = 0, 0.0
        self._over_s = math.inf
        """When a last sentence without a mark at its end has ended if nothing follows."""
        self._taken: list[tuple[Heard | None, tuple[str, ...], float, float]] = []
        self._told_s = 0.0
        """End of the sentence that moved them last."""
        self._moved_s = start_s
        """When their mood last changed."""
        self._moved: list[Moved] = []
        self._found: dict[int, _Sentence | None] = {}
        """What each step waits for, as long as no words come and nothing happens."""

    @property
    def mood(self) -> str | None:
        """Their mood now; None where they have none."""
        return self._plan.moods[self._place] if self._plan.moods else None

    @property
    def hears(self) -> bool:
        """Whether they hear words."""
        return self._hears or self._said.count > 0

    def update(self, now_s: float) -> None:
        """Search the words that have become known, and the last sentence once it has ended."""
        if not self._listens or (self._count == self._said.count and now_s < self._over_s):
            return
        self._count, self._over_s = self._said.count, math.inf
        self._found.clear()
        words, from_s = self._said.newest(self._searched_s, self._start_s)
        self._searched_s = self._said.known_s
        self._sentences = [one for one in self._sentences if one.start_s < from_s]
        found = [one for one in _sentences(words) if one.start_s >= from_s]
        if found and not found[-1].ended:
            over_s = found[-1].end_s + OVER_S
            if now_s < over_s:
                self._over_s, self._searched_s = over_s, found.pop().start_s
        self._sentences += found

    def fits(self, step: Planned) -> bool:
        """Whether a step may happen in their mood, and with words heard or without."""
        if step.by_words is not None and step.by_words != self.hears:
            return False
        return not step.moods or not self.hears or self.mood in step.moods

    def in_turn(self, steps: Iterable[Planned]) -> list[Planned]:
        """Return the steps whose words were heard or that wait for none, by the place of the words."""
        found = []
        for step in steps:
            sentence = self._heard(step)
            if sentence is not None or step.heard is None:
                found.append((math.inf if sentence is None else sentence.start_s, step.id, step))
        return [step for _, _, step in sorted(found, key=lambda one: one[:2])]

    def unmoved_for(self, length_s: float, record: Record, left: Sequence[Planned]) -> bool:
        """Whether they have listened for so long to speech whose words are known, and nothing moved them."""
        since_s, known_s = max(self._moved_s, self._said.missed_until_s), self._said.known_s
        if known_s - since_s < length_s:
            return False
        if any(step.moves and self.fits(step) and self._heard(step) is not None for step in left):
            return False
        return record.spoken_s(since_s, known_s) >= length_s

    def take(self, step: Planned, now_s: float) -> Moved | None:
        """Note that a step happens; return how it moves the mood, None when it doesn't."""
        sentence = self._heard(step)
        if sentence is not None:
            self._taken.append((step.heard, step.about, sentence.start_s, sentence.end_s))
        self._found.clear()
        moods, was = self._plan.moods, self._place
        if not step.moves or not moods:
            return None
        since_s, self._moved_s = self._moved_s, now_s
        self._place = min(max(was + step.moves, 0), len(moods) - 1)
        if self._place == was:
            return None
        if sentence is not None:
            self._told_s = sentence.end_s
        moved = Moved(
            heard=None if sentence is None else step.heard,
            quote="" if sentence is None else sentence.quote,
            start_s=round(since_s if sentence is None else sentence.start_s, 3),
            end_s=round(now_s if sentence is None else sentence.end_s, 3),
            was=moods[was],
            mood=moods[self._place],
            better=self._place > was,
            text="",
        )
        self._moved.append(how_moved(moved))
        return self._moved[-1]

    def result(self, left: Sequence[Planned]) -> MoodResult | None:
        """Return where their mood went; None where they have none.

        Parameters
        ----------
        left : steps that didn't happen.
        """
        moods, began = self._plan.moods, self._plan.mood
        if began is None:
            return None
        here = moods[self._place :]
        further = [step for step in left if step.moves > 0 and step.heard and len(here) > 1]
        further = [step for step in further if not step.moods or set(step.moods) & set(here)]
        further.sort(key=lambda step: bool(step.moods) and here[0] not in step.moods)
        return how_they_ended(
            MoodResult(
                moods=list(moods),
                began=began,
                ended=moods[self._place],
                by_words=self.hears,
                moved=self._moved,
                would=list(dict.fromkeys(map(hint_for, further))),
                text="",
            ),
            self._plan.mood_of,
            missed=self._said.missed(self._start_s) or not self._said.count,
        )

    # --- inside ----------------------------------------------------------------

    def _heard(self, step: Planned) -> _Sentence | None:
        """Return the first sentence that a step waits for, and that no step like it has taken."""
        if step.heard is None:
            return None
        if step.id not in self._found:
            taken = [
                (start_s, end_s)
                for heard, about, start_s, end_s in self._taken
                if heard == step.heard and (about == step.about or not step.about)
            ]
            new = (
                one
                for one in self._sentences
                if one.end_s >= self._told_s and all(one.end_s <= a or one.start_s >= b for a, b in taken)
            )
            self._found[step.id] = next((one for one in new if _is_heard(step, one)), None)
        return self._found[step.id]


def _is_heard(step: Planned, sentence: _Sentence) -> bool:
    if step.heard in ("mention", "fault", "fix"):
        return mentions(sentence.said, step.about)
    if step.heard not in sentence.acts:
        return False
    near = sentence.said if step.heard == "question" else [*sentence.said, *sentence.then]
    return not step.about or mentions(near, step.about)


def _sentences(words: Sequence[Word]) -> list[_Sentence]:
    found = find_acts(words)
    sentences = []
    for place, one in enumerate(found):
        span = words[one.start : one.end]
        acts = one.acts if waits(words, one.end) else one.acts - {"question"}
        quote = " ".join(word.text for word in span[:QUOTED]).rstrip(",.")
        sentences.append(
            _Sentence(
                acts=acts,
                said=one.said,
                then=found[place + 1].said if place + 1 < len(found) else (),
                ended=one.end < len(words) or span[-1].text.endswith(ENDS),
                quote=quote + (" …" if len(span) > QUOTED else ""),
                start_s=span[0].start_s,
                end_s=span[-1].end_s,
            )
        )
    return sentences
