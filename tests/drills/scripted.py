"""Speakers who do what a test says when a drill interrupts them, and the truth of what they did."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import av.filter
import numpy as np

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.drills.plan import Plan, plan
from engine.drills.script import parse
from engine.media.resample import Samples
from engine.media.voices.practice_answer import UM, trim_silence
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.protocol import events as ev
from engine.protocol.drill_results import Card
from engine.shipped.drills import bank
from engine.shipped.profiles import load

BLOCK = 320

GAP_S = 0.22
"""Between the phrases: shorter than what counts as a stop."""

PHRASES = (
    "I led the move of our billing system to the cloud",
    "and we had four months to do it in",
    "The first thing was to find out who used it",
    "so we talked to every team that sent an invoice",
    "Most of them had never seen the old system fail",
    "and they did not want to change a thing",
    "We built the new one beside it and ran both of them",
    "Every night we compared the two and looked at what was different",
    "After six weeks there was nothing left to compare",
    "and we moved the last customer on a Sunday",
)


@dataclass(frozen=True)
class Manner:
    """How someone talks."""

    tempo: float = 1.0
    shift_st: float = 0.0
    fillers: int = 0
    gain_db: float = 0.0


@functools.cache
def voice() -> SpeechSynthesizer:
    return SpeechSynthesizer()


@functools.cache
def talk(manner: Manner, seconds: float, first: int = 0) -> Samples:
    """Phrases one after the other, with fillers between the first of them."""
    parts: list[Samples] = []
    length, number, fillers = 0, first, manner.fillers
    while length < seconds * RATE_HZ:
        if fillers:
            fillers -= 1
            parts += [
                trim_silence(voice().synthesize(f"{UM}.", speed=0.6, liveliness=0.0, seed=number)),
                silence(0.25),
            ]
        text = PHRASES[number % len(PHRASES)]
        said = voice().synthesize(text, speed=0.85, shift_st=manner.shift_st, liveliness=1.2, seed=number)
        parts += [faster(trim_silence(said), manner.tempo), silence(GAP_S)]
        number += 1
        length = sum(part.size for part in parts)
    spoken: Samples = np.concatenate(parts)[: round(seconds * RATE_HZ)] * np.float32(
        10 ** (manner.gain_db / 20)
    )
    return spoken


def faster(samples: Samples, tempo: float) -> Samples:
    """The same at another tempo, its pitch kept (ffmpeg's ``atempo``); the voice's own speed is coarse."""
    if tempo == 1.0:
        return samples
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        format="flt", sample_rate=RATE_HZ, layout="mono", time_base=Fraction(1, RATE_HZ)
    )
    stretch, sink = graph.add("atempo", f"{tempo}"), graph.add("abuffersink")
    source.link_to(stretch)
    stretch.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), 0
    source.push(frame)
    source.push(None)
    parts = []
    while True:
        try:
            parts.append(cast(av.AudioFrame, sink.pull()).to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(parts).astype(np.float32)


@dataclass(frozen=True)
class Behaviour:
    """What someone does when they are interrupted; times in seconds."""

    yields_s: float | None = 0.3
    """After the interruption began; None: never."""

    resumes_s: float = 0.5
    """After it was over."""

    then: Manner = Manner()


@dataclass
class Outcome:
    """What a drill made of it, and what was true."""

    card: Card
    events: list[ev.AnyEvent]
    yielded_s: float | None = None
    resumed_s: float | None = None
    """Sound ended, and began again, really."""


def one_interruption(behaviour: Behaviour, *, hold_floor: bool = False, at_s: float = 20.0) -> Plan:
    script = f"""
        title = "One"
        trains = "one"
        use_when = "in tests"
        minutes = 2
        question = "What?"
        [[step]]
        do = "challenge"
        hold_floor = {str(hold_floor).lower()}
        when = {{ speaking_s = {at_s}, phrase_s = 0.6 }}
    """
    return plan(parse(script, "test", name="one"), bank())


def run(
    behaviour: Behaviour,
    *,
    usual: Samples | None = None,
    after: Samples | None = None,
    hold_floor: bool = False,
    line_s: float = 4.0,
    noise_db: float = -80.0,
) -> Outcome:
    """Let someone speak in a drill with one interruption, 20 ms at a time, and react to it.

    What the packaged voice says of its own is run once for all tests: the outcome is theirs to read only.
    """
    if usual is None and after is None:
        return _own_words(behaviour, hold_floor, line_s, noise_db)
    usual = talk(Manner(), 40.0) if usual is None else usual
    after = talk(behaviour.then, 14.0, 4) if after is None else after
    return _run(behaviour, usual, after, hold_floor, line_s, noise_db)


@functools.cache
def _own_words(behaviour: Behaviour, hold_floor: bool, line_s: float, noise_db: float) -> Outcome:
    usual, after = talk(Manner(), 40.0), talk(behaviour.then, 14.0, 4)
    return _run(behaviour, usual, after, hold_floor, line_s, noise_db)


def _run(
    behaviour: Behaviour, usual: Samples, after: Samples, hold_floor: bool, line_s: float, noise_db: float
) -> Outcome:
    session = Session(load("conversation"))
    session.begin_drill(one_interruption(behaviour, hold_floor=hold_floor), [[line_s]])
    room = np.random.default_rng(7).standard_normal(120 * RATE_HZ).astype(np.float32)
    room *= np.float32(10 ** (noise_db / 20))
    told: list[ev.AnyEvent] = []
    heard: list[Samples] = []
    begun = stop = resume = None
    at, here = 0, 0
    while session.drilling:
        if begun is None:
            block = usual[here : here + BLOCK]
            here += BLOCK
        else:
            number = np.arange(BLOCK)
            block = usual[(here + number) % usual.size]
            if stop is not None and resume is not None:
                again = at + number - resume
                speaks = (again >= 0) & (again < after.size)
                rest = np.where(speaks, after[np.clip(again, 0, after.size - 1)], np.float32(0.0))
                block = np.where(at + number < stop, block, rest)
            here += BLOCK
        heard.append(block)
        session.hear(0, (block + room[at : at + BLOCK]).astype(np.float32))
        at += BLOCK
        for event in session.poll():
            told.append(event)
            if isinstance(event, ev.DrillSound) and begun is None:
                begun = round(event.at_s * RATE_HZ)
                if behaviour.yields_s is not None:
                    stop = max(at, begun + round(behaviour.yields_s * RATE_HZ))
                    resume = begun + round((event.length_s + behaviour.resumes_s) * RATE_HZ)
    ended = next(event for event in told if isinstance(event, ev.DrillEnded))
    outcome = Outcome(ended.card, told)
    if begun is not None and stop is not None and resume is not None:
        spoken = audible(np.concatenate(heard), np.abs(usual).max())
        outcome.yielded_s = (max(end for start, end in spoken if start < stop) - begun) / RATE_HZ
        outcome.resumed_s = (min(start for start, _ in spoken if start >= resume) - begun) / RATE_HZ - line_s
    return outcome


def audible(samples: Samples, peak: float) -> list[tuple[int, int]]:
    """Where there is sound, by its energy alone: runs above −42 dB re the peak, over gaps under 0.2 s.

    Of less than 0.1 s is the beginning or the end of a word that was cut, or a breath: left out.
    """
    grid = 80
    rms = np.sqrt((samples[: samples.size // grid * grid].reshape(-1, grid) ** 2).mean(axis=1))
    loud = np.flatnonzero(rms > 10 ** (-42 / 20) * peak)
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > round(0.2 * RATE_HZ / grid)) + 1)
    return [
        (int(run[0]) * grid, int(run[-1] + 1) * grid)
        for run in runs
        if (run[-1] + 1 - run[0]) * grid >= 0.1 * RATE_HZ
    ]


def from_a_phrase_on(samples: Samples) -> Samples:
    """Samples from the first beginning of a phrase in them on."""
    return samples[audible(samples, float(np.abs(samples).max()))[1][0] :]
