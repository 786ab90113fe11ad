"""A candidate without sound: says what a script has, with pauses, to an interviewer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dsp.frame import HOP_S, UNKNOWN_FRAME, Frame
from engine.drills.chance import Chance
from engine.interview.interviewer import Interviewer
from engine.interview.plan import InterviewPlan, Settings, plan_interview
from engine.protocol import events as ev
from engine.protocol.drill_results import Card
from engine.shipped.drills import bank
from engine.shipped.interview import lines

SILENT = UNKNOWN_FRAME._replace(known=True, level_dbfs=-70.0)
TALKING = SILENT._replace(talking=True, f0_hz=120.0, level_dbfs=-25.0)
SYLLABLE = TALKING._replace(nucleus_ago_hops=1)

WORD_S = 0.4
LINE_S = 2.0
DELAY_S = (0.8, 1.5)
"""From the end of a group of words until they are known."""

GROUP = 3
"""Most words that become known at once."""

PAUSE_KNOWN_S = 0.25


@dataclass
class Part:
    """Something that is said without a pause."""

    text: str
    before_s: float = 1.0
    """Silence before it: after the interviewer's last word, or after the part before."""

    falls: bool = True
    """Whether its melody falls at its end."""

    goes_on: bool = False
    """Whether the next part belongs to the same answer."""


@dataclass
class Told:
    """What came of an interview."""

    events: list[ev.DrillEvent] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    said: list[tuple[float, float]] = field(default_factory=list)
    """Begin and end of each part that was said."""

    @property
    def sounds(self) -> list[tuple[float, str]]:
        """When each line of the interviewer began, and the line."""
        return [
            (at_s, event.say or "")
            for at_s, event in zip(self.at_s, self.events, strict=True)
            if isinstance(event, ev.DrillSound)
        ]

    @property
    def card(self) -> Card:
        """At its end."""
        ended = self.events[-1]
        assert isinstance(ended, ev.DrillEnded)
        return ended.card


def planned(seed: int = 3, **settings: object) -> InterviewPlan:
    """A plan of the shipped questions and lines."""
    return plan_interview(Settings(**settings), bank(), lines(), seed)  # type: ignore[arg-type]


def answer(text: str, *pauses: tuple[int, float], falls: bool = True) -> list[Part]:
    """An answer; after a word of a number comes a pause of so many seconds."""
    words = text.split()
    places = [0, *(place for place, _ in pauses), len(words)]
    before = [1.0, *(pause_s for _, pause_s in pauses)]
    cut = [" ".join(words[first:last]) for first, last in pairwise(places)]
    return [
        Part(part, before[n], falls=falls and n == len(cut) - 1, goes_on=n < len(cut) - 1)
        for n, part in enumerate(cut)
    ]


def interview(
    plan: InterviewPlan,
    parts: Sequence[Part],
    *,
    hear_words: bool = True,
    seed: int = 0,
    frame: Callable[[Frame, float], Frame] = lambda frame, now_s: frame,
    most_s: float = 900.0,
    line_s: float = LINE_S,
) -> Told:
    """Have a candidate answer, each part after the interviewer has asked and fallen silent."""
    told, chance = Told(), Chance(seed)
    now_s = 0.0

    def emit(event: ev.DrillEvent) -> None:
        told.events.append(event)
        told.at_s.append(now_s)

    interviewer = Interviewer(plan, [[line_s] for _ in plan.steps], start_s=0.0, emit=emit)
    left, late = list(parts), []  # type: tuple[list[Part], list[tuple[float, ev.Words]]]
    end_s = over_s = 0.0  # of what is said, and of what the interviewer says
    start_s: float | None = None
    steps = len(told.events)
    waits = False  # for the interviewer's turn
    phrase: ev.PhraseEnded | None = None
    for hop in range(round(most_s / HOP_S)):
        now_s = (hop + 1) * HOP_S
        for event in told.events[steps:]:
            if isinstance(event, ev.DrillSound):
                over_s = now_s + event.length_s
            if isinstance(event, ev.DrillHush):
                over_s, waits = now_s, False
            if isinstance(event, ev.DrillStep) or (
                isinstance(event, ev.DrillSound) and event.step in plan.clarify
            ):
                waits = True
        steps = len(told.events)
        if start_s is None and left and waits and now_s >= over_s:
            start_s = max(now_s, over_s) + left[0].before_s
        if start_s is not None and start_s < now_s and end_s < start_s:
            part = left.pop(0)
            words = list(_words(part.text, start_s))
            end_s = words[-1].end_s
            told.said.append((start_s, end_s))
            late += _late(words, chance, len(told.said))
            phrase = ev.PhraseEnded(
                start_s=start_s, end_s=end_s, contour="fall" if part.falls else "level", change_st=None,
                confidence=0.8,
            )  # fmt: skip
            start_s, waits = None, part.goes_on
            over_s = max(over_s, end_s)
        while hear_words and late and late[0][0] <= now_s:
            interviewer.observe(late.pop(0)[1])
        if phrase is not None and now_s >= phrase.end_s + PAUSE_KNOWN_S:
            interviewer.observe(phrase)
            phrase = None
        talking = bool(told.said) and told.said[-1][0] <= now_s < end_s
        heard = (SYLLABLE if hop % 20 == 0 else TALKING) if talking else SILENT
        interviewer.process_frame(frame(heard, now_s), now_s)
        if interviewer.done:
            return told
    interviewer.stop()
    return told


def _words(text: str, start_s: float) -> Iterator[ev.Word]:
    for place, token in enumerate(text.split()):
        at_s = start_s + place * WORD_S
        yield ev.Word(text=token, start_s=at_s, end_s=at_s + WORD_S, confidence=0.9)


def _late(words: Sequence[ev.Word], chance: Chance, number: int) -> list[tuple[float, ev.Words]]:
    """Words in groups, each known some time after its last word, none before those that it follows."""
    found: list[tuple[float, ev.Words]] = []
    at, known_s = 0, 0.0
    while at < len(words):
        group = words[at : at + 1 + int(chance.unit("group", number, at) * GROUP)]
        known_s = max(known_s, group[-1].end_s + chance.between(*DELAY_S, "delay", number, at))
        fact = ev.Words(
            words=list(group), start_s=group[0].start_s, end_s=group[-1].end_s, confidence=0.9, source="test"
        )
        found.append((known_s, fact))
        at += len(group)
    return found
