"""Speakers of drills by frames and words: text with word times, known late, in place of samples."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.frame import HOP_S, UNKNOWN_FRAME
from engine.drills.plan import Plan
from engine.drills.runner import Runner
from engine.language.transcript import Transcript
from engine.protocol import events as ev
from engine.protocol.drill_results import Card
from tests.harness.readings import reading

SILENT = UNKNOWN_FRAME._replace(known=True, level_dbfs=-70.0)
TALKING = SILENT._replace(talking=True, f0_hz=120.0, level_dbfs=-25.0)
SYLLABLE = TALKING._replace(nucleus_ago_hops=1)

WORD_S = 0.4
LATE_S = 1.0

LINE_S = 2.0


def words(text: str, start_s: float) -> list[ev.Word]:
    return [
        ev.Word(text=one.text, start_s=start_s + one.start_s, end_s=start_s + one.end_s, confidence=0.9)
        for one in Transcript.of_text(text).words
    ]


def told(
    made: Plan,
    said: Sequence[tuple[float, str]],
    *,
    until_s: float,
    hear_words: bool = True,
    missed: tuple[float, float] | None = None,
    stop: bool = True,
    hears: bool = False,
) -> list[ev.DrillEvent]:
    """Events of a drill for someone who begins to say each text at a time, at 150 words a minute."""
    events: list[ev.DrillEvent] = []
    runner = Runner(
        made, [[LINE_S] * max(1, len(one.lines)) for one in made.steps], start_s=0.0, syllables_per_word=1.5,
        emit=events.append, hears=hears,
    )  # fmt: skip
    spoken = [(start_s, words(text, start_s)) for start_s, text in said]
    spans = [(start_s, heard[-1].end_s) for start_s, heard in spoken]
    known = [
        (heard[min(first + 4, len(heard) - 1)].end_s + LATE_S, heard[first : first + 5])
        for _, heard in spoken
        for first in range(0, len(heard), 5)
    ]
    for hop in range(round(until_s / HOP_S)):
        now_s = (hop + 1) * HOP_S
        talking = any(start_s <= now_s < end_s for start_s, end_s in spans)
        while hear_words and known and known[0][0] <= now_s:
            part = known.pop(0)[1]
            fact: ev.Words | ev.WordsMissed
            if missed is None or part[-1].end_s <= missed[0] or part[0].start_s >= missed[1]:
                fact = ev.Words(
                    words=part, start_s=part[0].start_s, end_s=part[-1].end_s, confidence=0.9, source="test"
                )
            else:
                fact = ev.WordsMissed(
                    start_s=missed[0], end_s=missed[1], why="busy", confidence=1.0, source="test"
                )
            runner.observe(fact)
        if hop % 25 == 0:
            since_s = max((start_s for start_s, _ in spans if start_s <= now_s), default=now_s)
            runner.observe(reading(now_s, talking=talking, stretch_s=now_s - since_s if talking else 0.0))
        runner.process_frame((SYLLABLE if hop % 20 == 0 else TALKING) if talking else SILENT, now_s)
        if runner.done:
            break
    if stop:
        runner.stop()
    return events


def card(events: Sequence[ev.DrillEvent]) -> Card:
    return next(event.card for event in events if isinstance(event, ev.DrillEnded))


def steps(events: Sequence[ev.DrillEvent]) -> list[tuple[str, float]]:
    """What happened, in order."""
    return [(event.do, event.id) for event in events if isinstance(event, ev.DrillStep)]
