"""Adapters of the estimators and of the core to the yardstick's contracts, hop by hop as in a live call.

``x`` is float32, mono, 16 kHz, full scale ±1; times are seconds in it. An incomplete hop at
the end is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition import transcribe as transcribe
from dsp.ears import CREAK_DELAY_HOPS, Ears
from dsp.frame import HOP, HOP_S, Frame
from dsp.phrase_contour import PhraseContour, contour_kind
from dsp.pitch import PitchTracker
from engine.core.session import Session
from engine.protocol.events import Backchannel, Interruption, InterruptionEnded
from engine.shipped import profiles
from engine.warm import drop_stale_kernels

from .answer_estimator import answer
from .text_estimators import jargon, markers, questions

__all__ = ["answer", "jargon", "markers", "questions"]

Audio = NDArray[np.float32]
Track = tuple[NDArray[np.float64], NDArray[np.float64]]
Spans = list[tuple[float, float]]

drop_stale_kernels()  # figures must be those of the present sources

BLOCK = 2 * HOP
"""Samples of a 20 ms packet."""


def hops(x: Audio) -> Iterator[Audio]:
    """Whole hops of a recording."""
    for start in range(0, x.size - HOP + 1, HOP):
        yield x[start : start + HOP]


def frames(x: Audio) -> Iterator[tuple[float, Frame]]:
    """Yield the end of each hop in seconds, and its frame."""
    ears = Ears()
    for k, hop in enumerate(hops(x), start=1):
        yield k * HOP_S, ears.process(hop)


def pitch(x: Audio) -> Track:
    """F0 at the middle of each hop, 0 = unvoiced."""
    tracker = PitchTracker()
    f0_hz = np.array([tracker.process(hop)[0] for hop in hops(x)], np.float64)
    return (np.arange(f0_hz.size, dtype=np.float64) - PitchTracker.DELAY_HOPS + 0.5) * HOP_S, f0_hz


def vad(x: Audio) -> Track:
    """Probability of speech, at the end of the audio that it rests on."""
    heard = [(end_s, frame.speech) for end_s, frame in frames(x)]
    times_s, speech = np.array(heard, np.float64).reshape(-1, 2).T
    return times_s, speech


def pace(x: Audio) -> NDArray[np.float64]:
    """Times of the syllable nuclei."""
    return np.array(
        [end_s - frame.nucleus_ago_hops * HOP_S for end_s, frame in frames(x) if frame.nucleus_ago_hops]
    )


def pauses(x: Audio) -> Spans:
    """Silences between two stretches of talk."""
    found: Spans = []
    start_s: float | None = None
    for end_s, frame in frames(x):
        if not frame.edge_ago_hops:
            continue
        edge_s = end_s - frame.edge_ago_hops * HOP_S
        if frame.talking and start_s is not None and edge_s > start_s:
            found.append((start_s, edge_s))
        start_s = None if frame.talking else edge_s
    return found


def fillers(x: Audio) -> Spans:
    """Filled pauses of a confidence of at least one half."""
    return [
        (end_s - frame.filler_start_ago_hops * HOP_S, end_s - frame.filler_end_ago_hops * HOP_S)
        for end_s, frame in frames(x)
        if frame.filler_confidence >= 0.5
    ]


def creak(x: Audio) -> Track:
    """Probability of creaky voice at the middle of each hop."""
    answers = [(end_s - (CREAK_DELAY_HOPS + 0.5) * HOP_S, frame.creak) for end_s, frame in frames(x)]
    times_s, creaky = np.array(answers, np.float64).reshape(-1, 2).T
    return times_s, creaky


def ending(x: Audio, end_s: float) -> str | None:
    """Contour of the phrase that ends at ``end_s``, as of when its end is noticed, 0.25 s later."""
    tracker, contour = PitchTracker(), PhraseContour()
    noticed = round((end_s + 0.25) / HOP_S)
    heard = np.zeros(noticed * HOP, np.float32)
    heard[: min(x.size, heard.size)] = x[: heard.size]
    for hop in hops(heard):
        contour.process(*tracker.process(hop))
    slack_hops = 1  # the labels give the middle of the last voiced frame
    ago_hops = noticed - round(end_s / HOP_S) - PitchTracker.DELAY_HOPS - slack_hops
    name = contour_kind(*contour.ending(ago_hops))
    return None if name == "unsure" else name


def turns(left: Audio, right: Audio) -> list[dict[str, object]]:
    """Interruptions and backchannels that the core reports for two channels."""
    session = Session(profiles.load("conversation"), channels=2)
    found: list[dict[str, object]] = []
    running: dict[tuple[int, float], float] = {}

    def collect() -> None:
        for event in session.poll():
            match event:
                case Interruption():
                    running[event.channel, event.start_s] = event.start_s + event.overlap_s
                case InterruptionEnded():
                    running[event.channel, event.start_s] = event.end_s
                case Backchannel():
                    found.append(floor_event("backchannel", event.channel, event.start_s, event.end_s))

    for start in range(0, left.size, BLOCK):
        session.hear(0, left[start : start + BLOCK])
        session.hear(1, right[start : start + BLOCK])
        collect()
    session.finish()
    collect()
    return found + [
        floor_event("interruption", side, start_s, end_s) for (side, start_s), end_s in running.items()
    ]


def floor_event(kind: str, channel: int, start_s: float, end_s: float) -> dict[str, object]:
    """One result in the form of the contract."""
    return {"kind": kind, "channel": channel, "start_s": start_s, "end_s": end_s}
