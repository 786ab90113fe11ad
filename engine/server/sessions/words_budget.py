"""How the words of each speaker are recognised, by what the machine can spare.

Words are the first that is shed: before anything of a call is, and never at the cost of admitting one. In
order: live words are not corrected any more, then become words by phrase, then words afterwards, then none.
Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.protocol.messages import WordsMode

LIVE_CORES = 0.2
"""Processor cores that live words of one speaker are taken to need, before it was measured."""

LEAST_LIVE_CORES = 0.1
"""The same when it was measured, at least: who is silent now will talk, though not all at once."""

PHRASE_CORES = 0.05
"""The same of words by phrase."""

CORRECTED_CORES = 0.12
"""What it takes beside live words to hear them again."""

SPARE_CORES = 0.06
"""What is left over, at least, where the words of one more speaker begin to be heard again."""

GUESS_WEIGHT_S = 60.0
"""Weight of the assumption, in seconds of one speaker with live words."""

COST_S = 120.0
"""Time over which the measured cost fades."""

LATE_SHARE = 0.5
"""Share of the delay at which sessions are refused, above which words get less."""

BACKLOG_S = 1.5
"""Sound of one speaker waiting to be recognised, above which words get less."""

LESS, MORE = 0.7, 1.25
"""Factors on the share of the budget, when it is too much and when it is not."""

LEAST_SHARE = 0.02
"""Too little for words by phrase of one speaker: their sound then waits for afterwards, and isn't dropped."""

STEP_S = 1.5
"""Least time between two reductions: the effect of one has to show first."""

CALM_S = 6.0
"""Time without trouble before words get more again, and before one speaker's mode becomes better."""

MOST_SPEAKERS = 64
"""Speakers whose words are recognised at all: bounds the memory of the process."""

ORDER: tuple[WordsMode, ...] = ("unavailable", "afterwards", "phrase", "live")
"""From the least to the best."""


class BudgetedSpeaker(Protocol):
    """A speaker who asked for words."""

    @property
    def mode(self) -> WordsMode:
        """What they have now."""

    @property
    def waiting_s(self) -> float:
        """How much of their sound waits to be recognised."""


class WordsBudget:
    """Shares the processor time for words among speakers, the first to ask before the others.

    Parameters
    ----------
    cores : processor cores that recognition may use at most.

    Attributes
    ----------
    share : of these that is given out now; falls while words come late or packets wait.
    live_cores : that live words of one speaker are taken to need, as measured.
    corrected : speakers, the first with live words, whose words are heard again.
    """

    def __init__(self, cores: float) -> None:
        self.share = 1.0
        self.live_cores = LIVE_CORES
        self.corrected = 0
        self._used_s = self._live_s = 0.0
        self._looked_s: float | None = None
        self._cores = cores
        self._reduced_s = self._trouble_s = self._raised_s = float("-inf")
        self._better_since_s: dict[int, float] = {}

    def look(
        self,
        now_s: float,
        speakers: Sequence[BudgetedSpeaker],
        *,
        spare_cores: float,
        delay_share: float,
        shedding: int,
        used_cores: float = 0.0,
    ) -> list[WordsMode]:
        """Return the mode of each speaker from now on.

        Parameters
        ----------
        now_s : monotonic time.
        speakers : in the order in which they asked.
        spare_cores : that nothing else of the server uses.
        delay_share : how late packets are heard, as a share of the delay at which sessions are refused.
        shedding : level at which messages are shed; above 0 there are no words before the end.
        used_cores : processor cores that recognition has used lately.
        """
        self._learn(now_s, speakers, used_cores)
        backlog_s = max((one.waiting_s for one in speakers if one.mode in ("live", "phrase")), default=0.0)
        trouble = delay_share > LATE_SHARE or backlog_s > BACKLOG_S or shedding > 0
        self._adapt(now_s, trouble)
        cores = max(0.0, min(self._cores, spare_cores)) * self.share
        granted = self._grant(len(speakers), cores, shedding)
        keys = {id(one) for one in speakers}
        self._better_since_s = {key: at for key, at in self._better_since_s.items() if key in keys}
        modes = [self._steady(now_s, one, mode) for one, mode in zip(speakers, granted, strict=True)]
        self.corrected = 0 if trouble or self.share < 1.0 else self._corrected(cores, modes)
        return modes

    def first(self, before: int, *, spare_cores: float, shedding: int) -> WordsMode:
        """Return the mode with which one more speaker begins beside those there are."""
        budget = max(0.0, min(self._cores, spare_cores)) * self.share
        return self._grant(before + 1, budget, shedding)[-1]

    def _learn(self, now_s: float, speakers: Sequence[BudgetedSpeaker], used_cores: float) -> None:
        """Estimate what live words of one speaker need; what is done afterwards would hide it."""
        before_s, self._looked_s = self._looked_s, now_s
        modes = [one.mode for one in speakers]
        live = modes.count("live")
        if before_s is None or not live or any(one.mode == "afterwards" for one in speakers):
            return
        passed_s = now_s - before_s
        kept = max(0.0, 1.0 - passed_s / COST_S)
        others = PHRASE_CORES * modes.count("phrase") + CORRECTED_CORES * self.corrected
        used = max(0.0, used_cores - others)
        self._used_s = kept * self._used_s + used * passed_s
        self._live_s = kept * self._live_s + live * passed_s
        measured = (LIVE_CORES * GUESS_WEIGHT_S + self._used_s) / (GUESS_WEIGHT_S + self._live_s)
        self.live_cores = max(LEAST_LIVE_CORES, measured)

    def _adapt(self, now_s: float, trouble: bool) -> None:
        if trouble:
            self._trouble_s = now_s
            if self.corrected:  # that nobody's words are heard again may be enough
                self._reduced_s = now_s
            if now_s - self._reduced_s >= STEP_S:
                self.share, self._reduced_s = max(LEAST_SHARE, LESS * self.share), now_s
        elif self.share < 1.0 and now_s - max(self._trouble_s, self._raised_s) >= CALM_S:
            self.share, self._raised_s = min(1.0, MORE * self.share), now_s

    def _grant(self, speakers: int, cores: float, shedding: int) -> list[WordsMode]:
        """Return what a budget is enough for: words by phrase for all before live words for one."""
        if shedding > 1:
            return ["unavailable"] * speakers
        modes: list[WordsMode] = ["afterwards"] * min(speakers, MOST_SPEAKERS)
        modes += ["unavailable"] * (speakers - len(modes))
        if shedding:
            return modes
        left = cores + 1e-9
        for mode, costs in (("phrase", PHRASE_CORES), ("live", self.live_cores - PHRASE_CORES)):
            for place in range(min(speakers, MOST_SPEAKERS)):
                if left < costs:
                    return modes
                modes[place] = "phrase" if mode == "phrase" else "live"
                left -= costs
        return modes

    def _corrected(self, cores: float, modes: Sequence[WordsMode]) -> int:
        """Return of how many speakers words are heard again, by what the modes of all leave over."""
        live, phrase = modes.count("live"), modes.count("phrase")
        left = cores - self.live_cores * live - PHRASE_CORES * phrase + 1e-9
        kept, begun = (int(max(0.0, one) / CORRECTED_CORES) for one in (left, left - SPARE_CORES))
        return min(live, kept, max(self.corrected, begun))

    def _steady(self, now_s: float, speaker: BudgetedSpeaker, granted: WordsMode) -> WordsMode:
        """Return what is granted, a better mode only after some time in which it was granted all along."""
        key = id(speaker)
        if ORDER.index(granted) <= ORDER.index(speaker.mode):
            self._better_since_s.pop(key, None)
            return granted
        since_s = self._better_since_s.setdefault(key, now_s)
        if now_s - since_s < CALM_S or (speaker.mode == "afterwards" and speaker.waiting_s > BACKLOG_S):
            return speaker.mode
        del self._better_since_s[key]
        return granted
