"""Everything the core says: one closed union of frozen records.

Facts (what was heard), words (what was said, known late), readings (measures, four a second), traces
(for drawing) and nudges share one order, given by ``seq``. They are also the messages on the wire, so a
page, a terminal, a file and a test all see the same thing.

Times named ``_s`` are stream time: seconds since the session's first sample, counted
in samples, never read from a clock. ``at_s`` is when the fact became known; a fact
that began earlier says so in a field of its own.
"""

from __future__ import annotations

from .drill_events import (
    DrillEnded,
    DrillEvent,
    DrillHush,
    DrillMood,
    DrillSound,
    DrillStarted,
    DrillStep,
    DrillStepEnded,
)
from .envelope import UNSTAMPED, Event, LateFact, snake
from .facts import (
    AudioLost,
    Backchannel,
    Contour,
    Creak,
    Fact,
    FilledPause,
    Interruption,
    InterruptionEnded,
    MuteEnded,
    MuteStarted,
    PauseEnded,
    PauseStarted,
    PhraseEnded,
    SignalKind,
    SignalProblem,
    SpeechStarted,
    TurnTaken,
)
from .nudges import Delays, Evidence, Nudge, NudgeCleared, Tone
from .readings import Reading, Trace
from .words import MissedReason, Word, WordEvent, Words, WordsCorrected, WordsMissed

AnyEvent = Fact | WordEvent | Reading | Trace | Nudge | NudgeCleared | DrillEvent
"""Everything the core says."""

__all__ = [
    "UNSTAMPED",
    "AnyEvent",
    "AudioLost",
    "Backchannel",
    "Contour",
    "Creak",
    "Delays",
    "DrillEnded",
    "DrillEvent",
    "DrillHush",
    "DrillMood",
    "DrillSound",
    "DrillStarted",
    "DrillStep",
    "DrillStepEnded",
    "Event",
    "Evidence",
    "Fact",
    "FilledPause",
    "Interruption",
    "InterruptionEnded",
    "LateFact",
    "MissedReason",
    "MuteEnded",
    "MuteStarted",
    "Nudge",
    "NudgeCleared",
    "PauseEnded",
    "PauseStarted",
    "PhraseEnded",
    "Reading",
    "SignalKind",
    "SignalProblem",
    "SpeechStarted",
    "Tone",
    "Trace",
    "TurnTaken",
    "Word",
    "WordEvent",
    "Words",
    "WordsCorrected",
    "WordsMissed",
    "snake",
]
