"""What goes on between two speakers: gaps, overlaps, interruptions, listening, and whether they adapt.

Sees events and nothing else, so a recording gives what the live call gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import correlation, fmean, median

from msgspec.structs import replace

from dsp.accumulator import READING_HOPS
from engine.language.check_ins import CheckIns
from engine.protocol import events as ev
from engine.protocol.measures import Exchange

from .windows import hops

SLOW_S = 2.0
"""A response that comes later is a slow one: most gaps in talk are 0.2 s (Heldner & Edlund 2010)."""

LEAST_TURNS = 6
"""So many turns of one's own, each after one of the other side's, that a correlation says something."""

SURE = 0.5
"""Readings of pace with less confidence than this are passed over."""


class _Side:
    """One speaker, as far as the other one matters."""

    def __init__(self) -> None:
        self.spans: list[list[float]] = []
        """Speech: when each stretch began and ended, or −1 while it goes on."""
        self.gaps_s: list[float] = []
        self.suffered = self.held = 0
        self.yields_s: list[float] = []
        self.backchannels = self.questions = 0
        self.monologue_s = 0.0
        self.rose = False
        """Whether the last phrase ended on a rise, and nothing was said since."""
        self.rates: list[float] = []
        """Articulation rates read in the turn that goes on."""
        self.turns: list[tuple[float, float]] = []
        """Mean rate of a turn of one's own, and of the other side's before it."""
        self.last_rate: float | None = None

    @property
    def talking(self) -> bool:
        return bool(self.spans) and self.spans[-1][1] < 0

    def began(self, at_s: float) -> None:
        self.rose = False
        if not self.talking:
            self.spans.append([at_s, -1.0])

    def ended(self, at_s: float) -> None:
        if self.talking:
            self.spans[-1][1] = at_s


class Between:
    """Takes every event of both channels; says where the exchange stands for each."""

    def __init__(self) -> None:
        self._sides = (_Side(), _Side())
        self._check_ins = CheckIns(0), CheckIns(1)
        self._floor: int | None = None
        self._floor_s = 0.0

    def observe(self, event: ev.Event) -> None:
        """Process one event of either channel."""
        side, other = self._sides[event.channel], self._sides[1 - event.channel]
        match event:
            case ev.SpeechStarted() | ev.PauseEnded():
                side.began(event.start_s)
            case ev.PhraseEnded():
                side.rose = event.contour == "rise"
            case ev.PauseStarted():
                side.ended(event.start_s)
                self._monologue(event.channel, event.start_s)
            case ev.MuteStarted() if side.talking:
                side.ended(event.start_s)
                self._monologue(event.channel, event.start_s)
            case ev.AudioLost():
                side.ended(event.start_s)
            case ev.TurnTaken():
                self._turn(event)
            case ev.InterruptionEnded():
                other.suffered += 1
                if event.yielded:
                    other.held += 1
                else:
                    other.yields_s.append(event.end_s - event.start_s)
            case ev.Backchannel():
                side.backchannels += 1
            case ev.Words() | ev.WordsCorrected() | ev.WordsMissed():
                self._check_ins[event.channel].observe(event)
            case ev.Reading(articulation_sps=rate) if rate is not None and event.channel == self._floor:
                if event.talking and event.pace_confidence >= SURE:
                    side.rates.append(rate)

    def checked_in(self, channel: int, reading: ev.Reading, now_s: float) -> ev.Reading:
        """Return a reading of a channel with the time since a spoken check-in in its stretch of talk."""
        if not reading.stretch_s:
            return reading
        last_s = self._check_ins[channel].last_s(now_s - reading.stretch_s)
        if last_s is None or now_s - last_s >= reading.stretch_s:
            return reading
        return replace(reading, since_check_in_s=max(0.0, now_s - last_s))

    def _turn(self, event: ev.TurnTaken) -> None:
        side, other = self._sides[event.channel], self._sides[1 - event.channel]
        if event.gap_s is not None:
            side.gaps_s.append(event.gap_s)
        if self._floor is not None:
            if other.talking:
                self._monologue(1 - event.channel, event.start_s)
            other.questions += other.rose
            rate = fmean(other.rates) if other.rates else None
            if rate is not None and side.last_rate is not None:
                other.turns.append((rate, side.last_rate))
            other.last_rate, other.rates = rate, []
        self._floor, self._floor_s = event.channel, event.start_s

    def _monologue(self, channel: int, stop_s: float) -> None:
        if channel == self._floor:
            side = self._sides[channel]
            side.monologue_s = max(side.monologue_s, stop_s - self._floor_s)

    def standing(self, channel: int, now_s: float, speech_s: Sequence[float]) -> Exchange:
        """Where it stands for one channel.

        Parameters
        ----------
        now_s : stream time.
        speech_s : speech of both so far.
        """
        side, other = self._sides[channel], self._sides[1 - channel]
        late_s = [gap_s for gap_s in side.gaps_s if gap_s >= 0]
        going_s = now_s - self._floor_s if side.talking and channel == self._floor else 0.0
        theirs_s = speech_s[1 - channel]
        return Exchange(
            longest_monologue_s=max(side.monologue_s, going_s),
            response_gap_s=median(late_s) if late_s else None,
            longest_gap_s=max(late_s, default=None),
            slow_responses=sum(gap_s > SLOW_S for gap_s in late_s),
            responses=len(late_s),
            early_starts=len(side.gaps_s) - len(late_s),
            interruptions_suffered=side.suffered,
            floor_held=side.held,
            yield_s=median(side.yields_s) if side.yields_s else None,
            overlap_s=_shared_s(side.spans, other.spans, now_s),
            backchannels_per_min=60.0 * side.backchannels / theirs_s if theirs_s >= 10.0 else None,
            questions=side.questions,
            pace_adaptation=_adaptation(side.turns),
        )


class TalkShares:
    """Shares of the speech of both over a window, from how much each has spoken at each reading.

    Parameters
    ----------
    window_s : length of the window.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._spoken_s: list[tuple[float, float]] = []

    def update(self, first_s: float, second_s: float) -> tuple[float, float] | None:
        """Shares as of now, from the speech of each so far; None while too little was said to tell."""
        now = first_s, second_s
        self._spoken_s.append(now)
        window = hops(self._window_s) // READING_HOPS
        del self._spoken_s[: -window - 1]
        before = self._spoken_s[0]
        spoken = [last - begin for last, begin in zip(now, before, strict=True)]
        if sum(spoken) < self._window_s / 4:
            return None
        return spoken[0] / sum(spoken), spoken[1] / sum(spoken)


def _adaptation(turns: Sequence[tuple[float, float]]) -> float | None:
    if len(turns) < LEAST_TURNS:
        return None
    mine, theirs = zip(*turns, strict=True)
    if len(set(mine)) == 1 or len(set(theirs)) == 1:
        return None
    return correlation(mine, theirs)


def _shared_s(mine: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], now_s: float) -> float:
    """How long both talk at once."""
    shared_s, i, j = 0.0, 0, 0
    while i < len(mine) and j < len(theirs):
        a, b = (now_s if mine[i][1] < 0 else mine[i][1]), (now_s if theirs[j][1] < 0 else theirs[j][1])
        shared_s += max(0.0, min(a, b) - max(mine[i][0], theirs[j][0]))
        if a <= b:
            i += 1
        else:
            j += 1
    return shared_s
