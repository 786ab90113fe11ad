"""The pitch of statements, and how far the end of each falls below its median.

``fall_st = 12 log2(median / end)``, *median* the median F0 of the statement and *end* that of its last
voiced 50 ms, octave errors repaired. Read statements fall by 3 semitones (two of three by 2 to 4.5), those of
women and men alike. Where the last 0.4 s rise, the fall is no more than the rise, negative.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.accumulator import TRACE_HOPS
from dsp.frame import HOP_S, RATE_HZ
from dsp.phrase_contour import EDGE_HOPS, repair_octaves
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.pitch_curve import PitchCurve, WhyNoFall

from .session import Session

PAUSE_S = 1.0
"""A pause shorter than this lies within a statement."""

LONGEST_S = 30.0
"""Of a statement that is longer, only its end is kept."""

LEAST_VOICED_HOPS = 30
"""Voiced hops without which a statement has no median."""

SPECK_HOPS = 3
"""Shorter runs of voicing are clicks and releases."""

FAR_ST = 14.0
"""F0 further than this from the median is no voice's."""

TAIL_S = 0.3
"""The last voiced hop lies no further than this before the end of speech, or the end wasn't heard: voiceless
consonants take up to that."""

CREAK_S = 0.08
"""Creak of at least this length after the last pitch, or in the last of it, makes the end creaky."""

FALLEN_ST = 3.0
"""An end that has fallen this far before it creaks or fades has fallen: creak is lower still."""

LOST_END_S, LOST_SHARE = 0.5, 0.2
"""A statement is unknown with lost audio in its last half second, or with more than this share lost."""

Doubles = NDArray[np.float64]


class PitchCurves:
    """Collects the pitch of one channel's statements from its events.

    A statement goes on over pauses under :data:`PAUSE_S`: each phrase that ends in it gives the curve of all
    of it so far.
    """

    def __init__(self) -> None:
        self._traces: deque[ev.Trace] = deque(maxlen=round(LONGEST_S / (TRACE_HOPS * HOP_S)))
        self._creaks: deque[ev.Creak] = deque(maxlen=100)
        self._start_s = 0.0
        self._end_s = -math.inf

    def observe(self, event: ev.AnyEvent) -> PitchCurve | None:
        """Return the curve of the statement so far where a phrase has ended; None otherwise.

        Parameters
        ----------
        event : of one channel, in order; traces among them.
        """
        match event:
            case ev.Trace():
                self._traces.append(event)
            case ev.Creak():
                self._creaks.append(event)
            case ev.PhraseEnded():
                return self._end_phrase(event)
        return None

    def cut(self) -> None:
        """Begin a new statement with the next phrase, however short the pause."""
        self._end_s = -math.inf

    def _end_phrase(self, phrase: ev.PhraseEnded) -> PitchCurve:
        if phrase.start_s - self._end_s >= PAUSE_S:
            self._start_s = phrase.start_s
        self._end_s = phrase.end_s
        start_s = max(self._start_s, phrase.end_s - LONGEST_S)
        first, stop = round(start_s / HOP_S), round(phrase.end_s / HOP_S)
        f0_hz = np.zeros(max(stop - first, 0))
        for trace in self._traces:
            values = trace.f0_hz if trace.known else [math.nan] * len(trace.f0_hz)
            at = round(trace.start_s / HOP_S) - first
            skip = max(0, -at)
            part = values[skip : max(skip, f0_hz.size - at)]
            f0_hz[at + skip : at + skip + len(part)] = part
        creaky = np.zeros(f0_hz.size, bool)
        for creak in self._creaks:
            begin = max(0, round(creak.start_s / HOP_S) - first)
            creaky[begin : max(begin, round(creak.end_s / HOP_S) - first)] = True
        return pitch_curve(f0_hz, creaky, phrase, start_s)


def curve_of(samples: NDArray[np.float32], profile: Profile) -> PitchCurve | None:
    """Return the curve of a recorded statement as a live call hears it; None where no speech is heard.

    Parameters
    ----------
    samples : float32, shape (n,), mono, 16 kHz; silence is put around it.
    """
    quiet = np.zeros(RATE_HZ // 2, np.float32)
    session = Session(profile)
    session.hear(0, np.concatenate([quiet, samples, quiet]))
    session.finish()
    curves, curve = PitchCurves(), None
    for event in session.poll():
        curve = curves.observe(event) or curve
    return curve


class _End(NamedTuple):
    """The voiced end of a statement."""

    fall_st: float | None
    first: int
    """Its first hop."""

    why: WhyNoFall


def pitch_curve(
    f0_hz: Doubles, creaky: NDArray[np.bool_], phrase: ev.PhraseEnded, start_s: float
) -> PitchCurve:
    """Return the curve of a statement.

    Parameters
    ----------
    f0_hz : float64, shape (n,)
        F0 of each hop from ``start_s`` on; 0 is unvoiced, NaN lost.
    creaky : bool, shape (n,)
        Whether each hop is creaky.
    phrase : its last one.
    start_s : when the statement began.
    """
    lost = np.isnan(f0_hz)
    at = _voiced(np.where(lost, 0.0, f0_hz))
    if at.size >= LEAST_VOICED_HOPS:
        pitch_st = 12.0 * np.log2(f0_hz[at])
        repair_octaves(pitch_st, at.size, np.zeros(at.size))
        near = np.abs(pitch_st - np.median(pitch_st)) <= FAR_ST
        at, pitch_st = at[near], pitch_st[near]
    if at.size < LEAST_VOICED_HOPS:
        return PitchCurve(
            start_s=start_s,
            end_s=phrase.end_s,
            median_hz=None,
            pitch_st=[],
            fall_st=None,
            why="lost" if lost.mean() > LOST_SHARE else "too_little",
        )
    median_st = float(np.median(pitch_st))
    end = _end(at, median_st - pitch_st, creaky, phrase)
    if lost.mean() > LOST_SHARE or lost[-round(LOST_END_S / HOP_S) :].any():
        end = end._replace(fall_st=None, why="lost")
    drawn: list[float | None] = [None] * f0_hz.size
    for hop, st in zip(at.tolist(), (pitch_st - median_st).tolist(), strict=True):
        drawn[hop] = round(st, 2)
    return PitchCurve(
        start_s=start_s,
        end_s=phrase.end_s,
        median_hz=round(2.0 ** (median_st / 12.0), 1),
        pitch_st=drawn,
        fall_st=None if end.fall_st is None else round(end.fall_st, 2),
        end_from_s=round(start_s + end.first * HOP_S, 2),
        contour=phrase.contour,
        why=end.why,
    )


def _end(at: NDArray[np.int64], below_st: Doubles, creaky: NDArray[np.bool_], phrase: ev.PhraseEnded) -> _End:
    """Return the end of a statement: ``below_st`` says how far each voiced hop lies under the median."""
    last = int(at[-1])
    first = int(at[at > last - EDGE_HOPS][0])
    fall_st = float(np.median(below_st[at > last - EDGE_HOPS]))
    if phrase.contour == "rise" and phrase.change_st is not None:
        return _End(min(fall_st, -phrase.change_st), first, "")
    creak_from = max(0, first - EDGE_HOPS)
    if creaky[creak_from:].sum() * HOP_S >= CREAK_S and fall_st < FALLEN_ST:
        return _End(None, first, "creak")
    if (creaky.size - 1 - last) * HOP_S > TAIL_S and fall_st < FALLEN_ST:
        return _End(None, first, "soft_end")
    return _End(fall_st, first, "")


def _voiced(f0_hz: Doubles) -> NDArray[np.int64]:
    """Return the hops in runs of voicing that are no specks."""
    at = np.flatnonzero(f0_hz > 0.0)
    runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
    kept = [run for run in runs if run.size >= SPECK_HOPS]
    return np.concatenate(kept) if kept else np.zeros(0, np.int64)
