"""Sentences: where one ends, from punctuation, pauses, how the phrase's melody ends, and cue words.

Where the text has punctuation its full stops decide (precision .95, recall .84 of the default recogniser
against read texts). Without, each place between two words has log-odds of an end: a long pause and a
falling melody speak for one; a word that can't end a sentence before it (*the*, *of*, *and*) against;
a word that opens a sentence after it (*so*, *and then*, *I*) for. Source of the cues: Shriberg et al.
(2000), who found pauses the best single cue and words and melody to add to it.

What it can't do: without punctuation, pauses or melody it cuts clauses rather than sentences: they are
what later steps need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.protocol.words import Word

from .breaks import ends_sentence, is_punctuated
from .phrases import HESITATIONS, Found, plain, word_set

Contour = Literal["falling", "rising", "flat", "unsure"]

LONGEST = 45
"""A stretch of more words is cut at its likeliest place, even where the odds are against an end."""

SHORTEST = 3
"""Without punctuation no sentence is made shorter, but at a pause of a second."""

ENDS_NO_SENTENCE = word_set(
    "a an the my your our their his her its to of in on at for with from by and or but because if "
    "when while as than i we they he she was were is are am be been has had have i'm i've we're we've "
    "it's they're he's she's would could should will can very really so that which who whose where "
    "what how not just about into some every each any no more most like maybe also only don't didn't "
    "can't couldn't won't wouldn't this these those there's that's let's"
)

OPENS = {
    "so": 1.6, "and": 0.9, "but": 1.1, "then": 1.0, "because": 0.2, "well": 1.2, "okay": 1.4, "now": 0.8,
    "i": 1.0, "we": 1.0, "he": 0.8, "she": 0.8, "they": 0.8, "it": 0.5, "you": 0.3, "there": 0.6, "it's": 0.8,
    "i'm": 1.0, "we're": 1.0, "that's": 0.8, "i've": 1.0, "we've": 1.0, "they're": 0.8, "he's": 0.8,
    "she's": 0.8, "there's": 0.8, "my": 0.6, "our": 0.6, "this": 0.2, "what": 0.3, "does": 1.0, "do": 0.3,
    "is": -1.0, "first": 0.3, "after": 0.2, "since": 0.3, "today": 0.3, "maybe": 0.3, "actually": 0.0,
    "how": 0.0, "can": -0.5, "could": -0.5, "should": -0.5, "if": 0.2, "when": 0.2, "once": 0.4, "in": -0.6,
    "for": -0.8, "the": -0.4, "to": -3.0, "of": -3.0, "a": -1.5, "that": -1.2, "which": -1.5, "with": -1.5,
    "at": -1.2, "on": -1.2, "or": -0.8, "who": -1.5,
}  # fmt: skip
"""Log-odds that a word after a place gives to an end there."""

SUBJECTS = word_set("i we he she they it you i'm we're it's i've we've that's there's they're")

TAKES_A_CLAUSE = word_set(
    "think know knew thought say said says guess mean means hope believe told feel felt see saw sure "
    "realized realised understand understood found decided notice noticed wish knows things "
    "everything thing way time what where when how why if because before after until unless whether "
    "that than as and but or so then while since once though although"
)
"""After these a subject goes on with the sentence."""

BIAS = -2.3
CONTOURS: Mapping[str, float] = {"falling": 1.0, "rising": 0.5, "flat": -0.8, "unsure": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Found):
    """A sentence, or a clause where nothing tells more; ``confidence`` is that of its end."""


def find_sentences(
    words: Sequence[Word], *, timed: bool = True, contours: Mapping[int, Contour] | None = None
) -> list[Sentence]:
    """Return sentences that cover all words, in order.

    Parameters
    ----------
    words
        Of one speaker.
    timed
        Whether their times were measured, so that pauses count.
    contours
        How the melody of the phrase that ends with a word ends, by the word's place.
    """
    if not words:
        return []
    odds = end_log_odds(words, timed=timed, contours=contours)
    found: list[Sentence] = []
    start = 0
    for at in range(1, len(words) + 1):
        last = at == len(words)
        sure = ends_sentence(words[at - 1].text)
        long_enough = at - start >= SHORTEST or sure
        if last or (odds[at] > 0 and long_enough):
            found += _cut(odds, start, at, 0.95 if sure or last else _probability(odds[at]))
            start = at
    return found


def end_log_odds(
    words: Sequence[Word], *, timed: bool = True, contours: Mapping[int, Contour] | None = None
) -> list[float]:
    """Return log-odds of a sentence's end before each word; of the first it means nothing."""
    said = plain(words)
    punctuated = is_punctuated(words)
    odds = [0.0]
    for at in range(1, len(words)):
        if ends_sentence(words[at - 1].text):
            odds.append(3.0)
            continue
        value = BIAS + (-2.5 if punctuated else 0.0)
        if timed:
            value += _pause(words[at].start_s - words[at - 1].end_s)
        value += CONTOURS[(contours or {}).get(at - 1, "unsure")]
        odds.append(value + _cues(said, at))
    return odds


def _pause(pause_s: float) -> float:
    """Log-odds of a pause: none below 0.2 s, 5 at 1.2 s."""
    return 5.0 * min(max(pause_s - 0.2, 0.0), 1.0)


def _cues(said: Sequence[str], at: int) -> float:
    before, after = said[at - 1], said[at]
    following = said[at + 1] if at + 1 < len(said) else ""
    value = OPENS.get(after, 0.0)
    if before in ENDS_NO_SENTENCE:
        value -= 3.0
    if before in HESITATIONS or after in HESITATIONS:
        value -= 0.5
    if after in SUBJECTS and before not in TAKES_A_CLAUSE:
        value += 1.8
    if after in ("so", "and", "but", "then", "well", "okay") and (
        following in SUBJECTS or following in HESITATIONS or following in OPENS
    ):
        value += 2.0
    return value


def _cut(odds: Sequence[float], start: int, end: int, confidence: float) -> list[Sentence]:
    """One sentence, or several where it would be longer than :data:`LONGEST`."""
    if end - start <= LONGEST:
        return [Sentence(start=start, end=end, confidence=confidence)]
    inner = range(start + SHORTEST, end - SHORTEST + 1)
    at = max(inner, key=lambda place: (odds[place], -abs(2 * place - start - end)))
    return [*_cut(odds, start, at, _probability(odds[at])), *_cut(odds, at, end, confidence)]


def _probability(log_odds: float) -> float:
    return float(1.0 / (1.0 + 2.718281828459045**-log_odds))
