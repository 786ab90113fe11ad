"""A second pass over live words: their sound is heard again, in longer pieces, and better words replace them.

Live words are decided with a second of what follows, the second pass with up to 26 s around them. It stays
:data:`BEHIND_S` behind the live words, so that those it compares with are known; what comes of it depends on
the samples alone, as long as it has the time. The sound is kept in memory until it was heard, 16 bits a
sample; where that would be more than :data:`KEPT_S`, the oldest is left out, and its live words stay.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.language.phrases import HESITATIONS
from engine.language.transcript import bare
from engine.media.resample import Samples
from engine.protocol.words import Word

from .recogniser import Abilities, Corrected, Final, Recogniser, Result

UNIT = RATE_HZ // 2
"""Samples that are heard again at a time."""

BEHIND_S = 3.0
"""How far the second pass stays behind: nearly all live words are final so long after their end."""

BEHIND = round(BEHIND_S * RATE_HZ)

KEPT_S = 60.0
"""Longest sound of one speaker that waits to be heard again: 1.9 MB."""

KEPT = round(KEPT_S * RATE_HZ)

PIECE_S = 30.0
"""Longest piece that the recogniser of the second pass decides at once, and some more."""

INSIDE_S = 0.08
"""A live word whose middle is no further outside of better words is among them."""

SHORTEST_S = 0.04
"""Least room for a word between its neighbours."""

NEAR_S = 0.6
"""A live word this far outside of better words may be the same word: word times differ by so much."""

CUT_S = 1.0
"""Sound that began in the middle of speech begins with words that are cut off: those aren't used."""

NEAR_COST = 0.5
"""Cost of leaving out a live word that is near, at either end; an edit costs 1."""

KEPT_SPANS = 32
"""Corrected spans that are remembered, for live words that come late."""


class SecondPass:
    """Hears one speaker again.

    Parameters
    ----------
    recogniser : hears in longer pieces; it counts time from the first sample that is kept.
    begun : stream position of that sample.
    cut : whether the sound may begin in the middle of speech.

    Attributes
    ----------
    kept : samples that wait to be heard again.
    """

    def __init__(self, recogniser: Recogniser, begun: int = 0, *, cut: bool = False) -> None:
        self.kept = 0
        self._recogniser = recogniser
        self._base_s = begun / RATE_HZ
        self._usable_s = self._base_s + CUT_S if cut else self._base_s
        self._end = begun
        """Stream position after what was kept: where the live words are."""
        self._position = begun
        """Stream position after what was heard again."""
        self._queue: deque[NDArray[np.int16] | int] = deque()
        """Samples, or how many were lost."""
        self._live: list[Word] = []
        self._spans: deque[tuple[float, float]] = deque(maxlen=KEPT_SPANS)
        self._finishing = False
        self._finished = False

    # --- what comes in ------------------------------------------------------------

    def keep(self, samples: NDArray[np.int16] | Samples) -> None:
        """Keep samples that the live recogniser has heard: float32 of full scale ±1, or 16 bits."""
        if samples.dtype != np.int16:
            samples = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
        for at in range(0, samples.size, UNIT):
            self._queue.append(samples[at : at + UNIT].astype(np.int16))
        self._end += samples.size
        self.kept += samples.size
        while self.kept > KEPT:
            self._leave_out()

    def keep_loss(self, samples: int) -> None:
        """Note that samples are not there."""
        self._queue.append(samples)
        self._end += samples

    def note(self, words: Sequence[Word]) -> list[Word]:
        """Take live words, in stream time; return those that aren't corrected already."""
        new = [word for word in words if not any(a <= _middle_s(word) <= b for a, b in self._spans)]
        self._live += new
        oldest_s = self._end / RATE_HZ - KEPT_S - PIECE_S - BEHIND_S
        while self._live and self._live[0].end_s < oldest_s:
            del self._live[0]
        return new

    def finish(self) -> None:
        """Note that no more live words come: the rest may be heard again."""
        self._finishing = True

    # --- what comes out -------------------------------------------------------------

    @property
    def has_work(self) -> bool:
        """Whether something may be heard again."""
        if self._finishing:
            return not self._finished
        return bool(self._queue) and self._end - self._position >= BEHIND + UNIT

    def work(self) -> list[Corrected]:
        """Hear the next of the sound again; return better words."""
        if self._queue:
            one = self._queue.popleft()
            if isinstance(one, int):
                self._position += one
                results = self._recogniser.process_lost(one)
            else:
                self._position += one.size
                self.kept -= one.size
                results = self._recogniser.process(one.astype(np.float32) / np.float32(32768.0))
        else:
            self._finished = True
            results = self._recogniser.finish()
        finals = [one for one in results if isinstance(one, Final)]
        corrected = [self._corrected(final.words) for final in finals]
        return [one for one in corrected if one is not None]

    # --- inside -----------------------------------------------------------------------

    def _leave_out(self) -> None:
        """Make a loss of the oldest sound that is kept."""
        place = next(n for n, one in enumerate(self._queue) if not isinstance(one, int))
        one = self._queue[place]
        assert not isinstance(one, int)
        self.kept -= one.size
        before = self._queue[place - 1] if place else None
        if isinstance(before, int):
            self._queue[place - 1] = before + one.size
            del self._queue[place]
        else:
            self._queue[place] = one.size

    def _corrected(self, words: Sequence[Word]) -> Corrected | None:
        """Compare better words with the live ones; return what differs."""
        better = [
            replace(word, start_s=word.start_s + self._base_s, end_s=word.end_s + self._base_s)
            for word in words
        ]
        better = [word for word in better if word.start_s >= self._usable_s]
        live = self._live
        if not better:
            return None
        first, stop = counterparts(live, better)
        better = with_hesitations(live[first:stop], better)
        start, end = _same_ends(live[first:stop], better)
        if start == len(better) == stop - first:
            return None
        while start and better[start].start_s < live[first + start - 1].end_s - INSIDE_S:
            start -= 1  # its time is taken by the word before: both get theirs anew
        while end and better[-1 - end].end_s > live[stop - end].start_s + INSIDE_S:
            end -= 1
        first, stop, better = first + start, stop - end, better[start : len(better) - end]
        better = between(better, live[first - 1] if first else None, live[stop] if stop < len(live) else None)
        edges = [*live[first:stop], *better]
        start_s, end_s = min(word.start_s for word in edges), max(word.end_s for word in edges)
        self._live[first:stop] = better
        self._spans.append((start_s, end_s))
        return Corrected(better, start_s, end_s, self._end / RATE_HZ)


def with_hesitations(live: Sequence[Word], better: Sequence[Word]) -> list[Word]:
    """Put filled pauses of live words among better words that leave them out.

    With more around them, recognisers that were trained on tidy text drop an "um" sooner. One in whose sound
    the better words have something else isn't put in.
    """
    found = list(better)
    for word in live:
        if bare(word.text) not in HESITATIONS:
            continue
        near = [one for one in found if abs(_middle_s(one) - _middle_s(word)) <= NEAR_S]
        taken_s = sum(max(0.0, min(one.end_s, word.end_s) - max(one.start_s, word.start_s)) for one in near)
        if any(bare(one.text) in HESITATIONS for one in near) or taken_s > (word.end_s - word.start_s) / 2:
            continue
        found.insert(sum(_middle_s(one) < _middle_s(word) for one in found), word)
    return found


def _same_ends(live: Sequence[Word], better: Sequence[Word]) -> tuple[int, int]:
    """How many words are the same at the beginning, and at the end; all, or one of the better ones isn't."""
    texts, others = [word.text for word in live], [word.text for word in better]
    if texts == others:
        return len(better), 0
    most = min(len(live), len(better) - 1)
    start = next((n for n in range(most) if texts[n] != others[n]), most)
    most -= start
    end = next((n for n in range(most) if texts[-1 - n] != others[-1 - n]), most)
    return start, end


def counterparts(live: Sequence[Word], better: Sequence[Word]) -> tuple[int, int]:
    """Find the live words that better words stand for: the first of them, and the one after the last.

    By the least edit distance among the live words that are near in time; a live word near either end may
    be left out at half the cost of an edit, one within may not.

    Parameters
    ----------
    live : in order of time.
    better : the same, at least one.
    """
    begin_s, end_s = better[0].start_s, better[-1].end_s
    near = [n for n, word in enumerate(live) if begin_s - NEAR_S <= _middle_s(word) <= end_s + NEAR_S]
    if not near:
        place = sum(_middle_s(word) < begin_s for word in live)
        return place, place
    old = live[near[0] : near[-1] + 1]
    outside = [not begin_s - INSIDE_S <= _middle_s(word) <= end_s + INSIDE_S for word in old]
    # costs[i][k]: first i live words and first k better ones; and how many of the first are left out
    rows: list[list[tuple[float, int]]] = [[(float(k), 0) for k in range(len(better) + 1)]]
    skipped = 0.0
    for i, word in enumerate(old, 1):
        skipped += NEAR_COST if outside[i - 1] else 1.0
        row = [(skipped, i)]
        for k, other in enumerate(better, 1):
            same = bare(word.text) == bare(other.text)
            replacing = _plus(rows[i - 1][k - 1], 0.0 if same else 1.0)
            row.append(min(replacing, _plus(rows[i - 1][k], 1.0), _plus(row[k - 1], 1.0)))
        rows.append(row)
    # a better word before the first live one that stays costs an edit whichever were left out
    best, left, stop = float("inf"), 0, 0
    skipped = 0.0
    for i in range(len(old), -1, -1):
        cost, out = rows[i][-1]
        if cost + skipped < best:
            best, left, stop = cost + skipped, out, i
        if i:
            skipped += NEAR_COST if outside[i - 1] else 1.0
    return near[0] + min(left, stop), near[0] + stop


class CorrectedRecogniser:
    """A live recogniser and the second pass, as a call with the time for both has them.

    Parameters
    ----------
    live : gives the words at first.
    second : hears them again.
    """

    def __init__(self, live: Recogniser, second: Recogniser) -> None:
        self._live = live
        self._second = SecondPass(second)
        self._heard = 0

    @property
    def abilities(self) -> Abilities:
        """What the live one can do."""
        return self._live.abilities

    def process(self, samples: Samples) -> list[Result]:
        """Hear the next samples; the second pass goes on whenever a unit is full, however they are cut."""
        results: list[Result] = []
        while samples.size:
            fits = UNIT - self._heard % UNIT
            part, samples = samples[:fits], samples[fits:]
            results += self._noted(self._live.process(part))
            self._second.keep(part)
            self._heard += part.size
            if self._heard % UNIT == 0:
                results += self._corrections()
        return results

    def process_lost(self, samples: int) -> list[Result]:
        """Note that the next samples never arrived."""
        results = self._noted(self._live.process_lost(samples))
        self._second.keep_loss(samples)
        self._heard += samples
        return results

    def finish(self) -> list[Result]:
        """Hear that no more samples come; return all that is left."""
        results = self._noted(self._live.finish())
        self._second.finish()
        return results + self._corrections()

    def _noted(self, results: Sequence[Result]) -> list[Result]:
        return noted(self._second, results)

    def _corrections(self) -> list[Result]:
        results: list[Result] = []
        while self._second.has_work:
            results += self._second.work()
        return results


def noted(second: SecondPass, results: Sequence[Result]) -> list[Result]:
    """Let a second pass know of live words; return the results without those that it corrected before."""
    told = [replace(one, words=second.note(one.words)) if isinstance(one, Final) else one for one in results]
    return [one for one in told if not isinstance(one, Final) or one.words]


def between(words: Sequence[Word], before: Word | None, after: Word | None) -> list[Word]:
    """Words with times between their neighbours, where two recognisers differ in them.

    Parameters
    ----------
    words : in order of time, at least one.
    before, after : their neighbours; None where there is none.
    """
    begin_s = 0.0 if before is None else before.end_s
    end_s = math.inf if after is None else after.start_s
    if before is not None and end_s - begin_s < SHORTEST_S * len(words):
        begin_s = min(begin_s, _middle_s(before) + 0.1 * SHORTEST_S)
        end_s = max(end_s, begin_s + 0.1 * SHORTEST_S)
    last_s, found = begin_s, []
    for word in words:
        start_s = min(max(word.start_s, last_s), end_s)
        last_s = min(max(word.end_s, start_s), end_s)
        found.append(replace(word, start_s=start_s, end_s=last_s))
    if all(word.end_s - word.start_s >= SHORTEST_S / 2 for word in found):
        return found
    end_s = min(end_s, max(word.end_s for word in words) + SHORTEST_S * len(words))
    edges = np.linspace(begin_s, max(begin_s, end_s), len(words) + 1).round(4).tolist()
    return [replace(word, start_s=edges[n], end_s=edges[n + 1]) for n, word in enumerate(words)]


def _plus(cost: tuple[float, int], more: float) -> tuple[float, int]:
    return cost[0] + more, cost[1]


def _middle_s(word: Word) -> float:
    return (word.start_s + word.end_s) / 2
