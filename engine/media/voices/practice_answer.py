"""The built-in practice answer: over a minute of synthesised speech that triggers the nudges.

A passage of good speaking comes first and triggers none. Then the answer rushes, hesitates, drones,
rambles past 30 seconds and ends like a question.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dsp.frame import RATE_HZ
from engine.media.resample import Samples

from .synthesis import SpeechSynthesizer, silence


class AnswerLine(NamedTuple):
    """A line, and the silence after it."""

    text: str
    pause_s: float = 0.4
    speed: float = 0.85
    liveliness: float = 1.25
    rise_st: float = 0.0


class Passage(NamedTuple):
    """A passage of the answer, and what it demonstrates."""

    shows: str
    lines: tuple[AnswerLine, ...]


class PassageSpan(NamedTuple):
    """Position of a passage in the rendered answer."""

    shows: str
    start_s: float
    end_s: float


UM = "[um](/ʌmmm/)"
UH = "[uh](/ʌʌʌ/)"

ANSWER = (
    Passage(
        "good speaking",
        (
            AnswerLine("I led the move of our billing system to the cloud.", 0.5),
            AnswerLine("It went live two weeks early, and we lost no invoice.", 0.6),
            AnswerLine("The hard part was trust.", 0.45),
            AnswerLine("So I showed the finance team every test we ran.", 1.8),
        ),
    ),
    Passage(
        "rushing",
        (
            AnswerLine("Then we had to rewrite the whole import in a single weekend, ", 0.0, 1.4),
            AnswerLine("because the vendor changed the format without telling anybody about it, ", 0.0, 1.4),
            AnswerLine("and every customer record had to be checked again before Monday morning.", 0.05, 1.4),
            AnswerLine("Nobody slept, everybody panicked, and the tickets kept piling up.", 1.7, 1.4),
        ),
    ),
    Passage(
        "hesitating",
        (
            AnswerLine(f"{UM}.", 0.35, 0.6, 0.0),
            AnswerLine("my role was mostly", 0.3, 0.9),
            AnswerLine(f"{UH}.", 0.35, 0.55, 0.0),
            AnswerLine("to keep the people who decided", 0.3, 0.9),
            AnswerLine(f"{UM}.", 0.35, 0.6, 0.0),
            AnswerLine("in the same room.", 0.45, 0.9),
        ),
    ),
    Passage(
        "droning, and rambling on",
        (
            AnswerLine(
                "There was a weekly meeting and there was a list of items on a page.", 0.4, 0.78, 0.08
            ),
            AnswerLine(
                "We went through the list, and each of the items had an owner and a date.", 0.4, 0.78, 0.08
            ),
            AnswerLine(
                "When an item was done we moved it to another list, and reviewed it.", 0.4, 0.78, 0.08
            ),
            AnswerLine(
                "The review had its own page, and that page was sent to all the managers.", 0.4, 0.78, 0.08
            ),
            AnswerLine(
                "The managers added remarks, and the remarks went back into the meeting.", 0.4, 0.78, 0.08
            ),
        ),
    ),
    Passage(
        "ending like a question",
        (
            AnswerLine("It worked quite well?", 0.9, 0.95, 1.0, 8.0),
            AnswerLine("The customers were okay?", 0.9, 0.95, 1.0, 8.0),
            AnswerLine("We finished on time?", 1.0, 0.95, 1.0, 8.0),
            AnswerLine("And I would do it again?", 1.5, 0.95, 1.0, 8.0),
        ),
    ),
)


def render_answer(
    voice: SpeechSynthesizer, passages: tuple[Passage, ...] = ANSWER
) -> tuple[Samples, list[PassageSpan]]:
    """Return the answer as 16 kHz mono float32, and the position of each passage."""
    parts: list[Samples] = [silence(0.5)]
    spans = []
    for passage in passages:
        start = sum(part.size for part in parts)
        for seed, line in enumerate(passage.lines):
            said = voice.synthesize(
                line.text, speed=line.speed, liveliness=line.liveliness, rise_st=line.rise_st, seed=seed
            )
            parts += [trim_silence(said), silence(line.pause_s)]
        end = sum(part.size for part in parts)
        spans.append(PassageSpan(passage.shows, start / RATE_HZ, end / RATE_HZ))
    answer = np.concatenate(parts)
    return (answer + silence(answer.size / RATE_HZ)[: answer.size]).astype(np.float32), spans


def trim_silence(samples: Samples) -> Samples:
    """Return samples without leading and trailing silence (more than 45 dB below the peak)."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 10 ** (-45 / 20))
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples
