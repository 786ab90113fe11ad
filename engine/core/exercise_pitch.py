"""Pitch of what is spoken for an exercise: how statements end, and the median over all."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dsp.frame import HOP_S
from engine.protocol import events as ev
from engine.protocol.pitch_curve import PitchCurve

from .pitch_curves import PitchCurves

BINS_A_SEMITONE = 10

LEAST_VOICED = 300
"""Voiced hops, 3 s, without which a run has no median."""

LEAST_STATEMENTS = 3
"""Statements whose end is told, without which nothing is said of how they end."""

LANDED_ST = 1.5
"""An end this far below its statement's median has landed: nine of ten read statements fall further."""


@dataclass(slots=True)
class _Step:
    start_s: float
    drawn: bool
    end_s: float = math.inf
    longest_s: float = 0.0
    fall_st: float | None = None
    """Fall of the longest statement: what else is said in a step are words about it."""

    def holds(self, phrase: ev.PhraseEnded) -> bool:
        """Return whether a phrase was begun in it."""
        return self.start_s - HOP_S <= phrase.start_s < self.end_s

    def note(self, curve: PitchCurve) -> None:
        """Note a statement, as long as it has become."""
        length_s = curve.end_s - curve.start_s
        if length_s >= self.longest_s:
            self.longest_s, self.fall_st = length_s, curve.fall_st


class ExercisePitch:
    """Collects the pitch of one channel's speaker in the steps in which they are to speak."""

    def __init__(self) -> None:
        self._curves = PitchCurves()
        self._steps: list[_Step] = []
        self._counts: Counter[int] = Counter()

    def begin_step(self, now_s: float, *, speaks: bool, drawn: bool) -> None:
        """Begin a step, which ends the one before.

        Parameters
        ----------
        now_s : stream time.
        speaks : whether the person is to speak in it.
        drawn : whether its statements are told one by one.
        """
        if self._steps:
            self._steps[-1].end_s = min(self._steps[-1].end_s, now_s)
        if speaks:
            self._steps.append(_Step(start_s=now_s, drawn=drawn))
            self._curves.cut()

    def observe(self, event: ev.AnyEvent) -> PitchCurve | None:
        """Return the statement so far where a phrase of it has ended in a step that draws it."""
        if not self._steps:
            return None
        step = self._steps[-1]
        if isinstance(event, ev.Trace) and step.start_s <= event.start_s < step.end_s:
            self._counts.update(round(BINS_A_SEMITONE * 12 * math.log2(hz)) for hz in event.f0_hz if hz > 0.0)
        if isinstance(event, ev.PhraseEnded) and not (step.drawn and step.holds(event)):
            return None
        curve = self._curves.observe(event)
        if curve is not None:
            step.note(curve)
        return curve

    @property
    def median_hz(self) -> float | None:
        """Median F0 of all that was spoken in steps; None of less than 3 s of voice."""
        total = self._counts.total()
        if total < LEAST_VOICED:
            return None
        below = 0
        for pitch in sorted(self._counts):
            below += self._counts[pitch]
            if 2 * below >= total:
                return float(2.0 ** (pitch / (12 * BINS_A_SEMITONE)))
        return None

    @property
    def figures(self) -> dict[str, float]:
        """What was measured of the longest statements of the steps; see :func:`fall_figures`."""
        return fall_figures(step.fall_st for step in self._steps)


class RecordingPitch:
    """Collects the pitch of one channel of a recording, which has no steps: each statement counts.

    Parameters
    ----------
    channel : of the analysis.
    """

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._curves = PitchCurves()
        self._falls_st: list[float | None] = []
        self._end_s = -math.inf

    def observe(self, event: ev.AnyEvent) -> None:
        """Follow the events of the recording, in order; traces among them."""
        curve = self._curves.observe(event) if event.channel == self._channel else None
        if curve is None:
            return
        if curve.start_s <= self._end_s:
            self._falls_st.pop()  # the statement goes on
        self._falls_st.append(curve.fall_st)
        self._end_s = curve.end_s

    @property
    def figures(self) -> dict[str, float]:
        """What was measured of all statements; see :func:`fall_figures`."""
        return fall_figures(self._falls_st)


def fall_figures(falls_st: Iterable[float | None]) -> dict[str, float]:
    """Return figures of how statements end, by name with their unit.

    ``fall_st`` is the median fall, ``landed_share`` the share of those that landed. Empty with fewer than
    :data:`LEAST_STATEMENTS` whose end was told.
    """
    known = [fall for fall in falls_st if fall is not None]
    if len(known) < LEAST_STATEMENTS:
        return {}
    landed = sum(fall >= LANDED_ST for fall in known)
    return {"fall_st": round(statistics.median(known), 2), "landed_share": round(landed / len(known), 3)}
