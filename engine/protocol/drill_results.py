"""What a drill finds: of each event, and the card at its end. These travel on the wire as they are."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from .terms import Do, FollowUpKind, Heard, Level, ListensFor, Role, Sound

Thread = Literal["resumed", "anew", "unsure"]
JudgedBy = Literal["sound", "words"]


class Manner(Struct, frozen=True, kw_only=True):
    """How someone speaks over some seconds; null where too little was said to tell."""

    speech_s: float
    pace_wpm: float | None
    """Articulation rate as words a minute: pauses left out, they are told apart."""

    f0_hz: float | None
    """Median F0."""

    f0_sd_st: float | None
    """Standard deviation of F0 in semitones."""

    level_dbfs: float | None
    """Level of the speech, dB re full scale."""

    fillers: int
    pauses: float | None
    """Share of silence in their own time, 0..1."""


class Changes(Struct, frozen=True, kw_only=True):
    """What differs after an event from before it; null where either isn't known."""

    pace: float | None
    """As a share: 0.25 is a quarter faster."""

    pitch_st: float | None
    range_st: float | None
    level_db: float | None
    fillers_per_min: float | None
    pauses: float | None
    """Of the share of silence."""


class Parts(Struct, frozen=True, kw_only=True):
    """What composure is made of, each 0..1; null where the event doesn't ask for it or it isn't known."""

    floor: float | None
    """What the event asks for: yielding, holding the floor, keeping silent, or talking on."""

    resume: float | None
    """Resuming once they have finished, neither late nor while they still talk."""

    steadiness: float | None
    """Speaking as before."""


class StepResult(Struct, frozen=True, kw_only=True):
    """How the speaker took one event of a drill. Times are stream time."""

    do: Do
    role: Role | None
    said: str | None
    sound: Sound | None
    hold_floor: bool
    """Whether they were to take the floor back."""

    start_s: float
    end_s: float
    """When the other side's voice, or the sound, was over."""

    talking: bool
    """Whether they talked when it began."""

    yield_s: float | None
    """How long they talked on over it; null when they didn't yield, or weren't talking."""

    resume_s: float | None
    """From its end until they spoke again, negative when that was earlier; null when they didn't."""

    gap_s: float | None
    """Longest silence that it caused, where none was called for."""

    held_floor: bool | None
    """Whether they kept the floor or took it back; null where there was no contest."""

    thread: Thread
    """Whether they took the thread up again or started anew."""

    thread_by: JudgedBy = "sound"
    """``words``: whether content words came again; ``sound``: by pitch and pace, where no words tell."""

    before: Manner
    after: Manner
    changes: Changes
    parts: Parts
    composure: float | None
    """0..10: 10 × (0.25 floor + 0.25 resume + 0.5 floor × steadiness); null parts leave their weight to
    the rest, and without a floor steadiness counts in full."""

    happened: str
    """A sentence."""

    changed: str
    """A sentence."""

    try_next: str | None
    """One thing to do otherwise; null when it went well."""


class Listened(Struct, frozen=True, kw_only=True):
    """What a drill listened for, and whether it was heard."""

    what: ListensFor
    heard: bool | None
    """Null where nothing tells: words are off, or too many were missed."""

    by: JudgedBy | None
    """What told it: words, or without them melody and pauses; null with ``heard``."""

    quote: str
    """The words; empty where none were heard."""

    text: str
    """A sentence."""


class FollowUpAsked(Struct, frozen=True, kw_only=True):
    """A follow-up that an interviewer asked."""

    kind: FollowUpKind
    say: str


class InterviewAnswer(Struct, frozen=True, kw_only=True):
    """An answer to one question of an interview, with those to its follow-ups. Times are stream time."""

    question: str
    follow_ups: list[FollowUpAsked]
    start_s: float | None
    """Null, as the end, where nothing was said."""

    end_s: float | None
    words: int | None
    """Null where words are unknown."""

    text: str
    """A sentence: what was heard in it."""

    try_next: str | None
    """One thing to do otherwise; null where nothing is missed."""


class Moved(Struct, frozen=True, kw_only=True):
    """What moved the mood of a drill's person, up or down."""

    heard: Heard | None
    """What they heard in the words; null where it was for want of anything."""

    quote: str
    """The speaker's words; empty where ``heard`` is null."""

    start_s: float
    end_s: float
    """Place of the words, or of the speech that did nothing, in stream time."""

    was: str
    mood: str
    """The moods before and after."""

    better: bool
    text: str
    """A sentence, without the speaker's words."""


class MoodResult(Struct, frozen=True, kw_only=True):
    """Where the mood of a drill's person went, and why."""

    moods: list[str]
    """From the worst to the best."""

    began: str
    ended: str
    by_words: bool
    """Whether the speaker's words were heard: without them nothing moves a mood."""

    moved: list[Moved]
    """In order."""

    would: list[str]
    """What would have moved them further, a sentence each; empty at the best mood."""

    text: str
    """A sentence."""


class Shown(Struct, frozen=True, kw_only=True):
    """What is shown beside a drill while it goes on: notes, or a program with what it should do."""

    title: str
    lines: list[str]
    """Sentences."""

    code: str | None
    """Of a program; null for notes."""


class Card(Struct, frozen=True, kw_only=True):
    """What a drill found."""

    drill: str
    title: str
    level: Level
    seed: int
    duration_s: float
    events: list[StepResult]
    composure: float | None
    """Mean over its events, 0..10; null when none could be judged."""

    formula: int = 1
    """Version of how composure is counted: only runs of the same drill, level and version compare."""

    try_next: str
    """The one thing to try in the next run."""

    listened: Listened | None = None
    """Null for a drill that listens for nothing."""

    answers: list[InterviewAnswer] = []
    """Of an interview, question by question; empty for a drill, whose events are judged instead."""

    mood: MoodResult | None = None
    """Null for a drill whose person has no moods."""

    fault: str | None = None
    """The fault of the program that was shown, with its line, and what mends it; null where none was."""

    @property
    def unquoted(self) -> Card:
        """The card without the speaker's words."""
        listened, mood = self.listened, self.mood
        if listened is not None and listened.quote:
            listened = replace(listened, quote="", text="")
        if mood is not None:
            mood = replace(mood, moved=[replace(moved, quote="") for moved in mood.moved])
        return replace(self, listened=listened, mood=mood)
