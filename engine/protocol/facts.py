"""Facts: what was heard, each with the stream time since when it is true."""

from __future__ import annotations

from typing import Literal

from .envelope import Event

Contour = Literal["rise", "fall", "level", "unsure"]


class SpeechStarted(Event, frozen=True, kw_only=True):
    """The first speech of the session, or the first after lost audio, a mute or the other side's turn.

    Never after a silence of the speaker's own: that is :class:`PauseEnded`.
    """

    start_s: float
    """When the speech began."""


class PauseStarted(Event, frozen=True, kw_only=True):
    """The speaker has been silent for a quarter of a second after speech."""

    start_s: float
    """When the silence began."""

    speech_s: float
    """Length of the speech that it ended, since the pause before."""


class PauseEnded(Event, frozen=True, kw_only=True):
    """The speaker went on after a silence.

    Never for the silence before the first word, nor for listening to the other side's
    turn, nor when more than a fifth of it was lost or any of it muted.
    """

    start_s: float
    """When the speech began again."""

    silence_s: float
    """Length of the silence, > 0."""


class PhraseEnded(Event, frozen=True, kw_only=True):
    """A stretch of speech came to its end: sent just before its :class:`PauseStarted`."""

    start_s: float
    end_s: float
    contour: Contour
    """How the pitch moved over its last 0.4 s; ``unsure`` when too little was voiced."""

    change_st: float | None
    """Size of that movement in semitones, positive upwards; null when unsure."""

    height: float | None = None
    """Where its end lies in the speaker's range: the share of their F0 so far that is lower, 0..1; null when
    unsure or while less than half a second of voice was heard."""

    confidence: float
    """Of the contour, 0..1."""

    trailing_db: float | None = None
    """How far the last 0.4 s fell in loudness below the phrase's median, beyond the natural 5 dB.

    Negative when it fell less; null when the phrase was shorter than 0.8 s or its end was lost.
    """

    trailing_confidence: float = 0.0
    """Of ``trailing_db``, 0..1: how long the phrase was, how far its end stood above the noise."""


class FilledPause(Event, frozen=True, kw_only=True):
    """An "um", "uh" or drawn-out hesitation has ended; sent up to 0.3 s later."""

    start_s: float
    end_s: float
    confidence: float = 1.0
    """0..1; under the profile's ``nudges.least_confidence`` it is a guess that no measure counts."""


class Creak(Event, frozen=True, kw_only=True):
    """A span of creaky voice has ended; spans under 0.1 s are not reported."""

    start_s: float
    end_s: float


class TurnTaken(Event, frozen=True, kw_only=True):
    """The floor went to this channel. Two-channel sessions only."""

    start_s: float
    gap_s: float | None
    """Silence between the other side's last speech and this turn; negative when they overlapped.

    Null for the session's first turn, or when audio was lost or this side muted in between.
    """


class Interruption(Event, frozen=True, kw_only=True):
    """``channel`` began to talk over the other side and kept on for longer than a backchannel.

    Sent while it is still going on, as soon as it is long enough. Never for a
    :class:`Backchannel`, nor when either side's audio was lost in it.
    """

    start_s: float
    overlap_s: float
    """How long the two have talked at once so far."""


class InterruptionEnded(Event, frozen=True, kw_only=True):
    """One of the two stopped: the overlap is over."""

    start_s: float
    end_s: float
    yielded: bool
    """True when the one who had interrupted was the one to stop."""


class Backchannel(Event, frozen=True, kw_only=True):
    """A short "mm-hm" of ``channel`` while the other side went on talking."""

    start_s: float
    end_s: float


class AudioLost(Event, frozen=True, kw_only=True):
    """Samples never arrived: nothing is known of this stretch. Sent when audio is back."""

    start_s: float
    end_s: float


class MuteStarted(Event, frozen=True, kw_only=True):
    """The speaker is muted: until :class:`MuteEnded` they are not there.

    That time is neither silence nor pause, neither speech nor lost audio, in no measure, and no nudge
    comes. Sent when the client says so (``mute``) or lives on but sends no audio, and after 2 s
    of digital silence (below −90 dBFS), which no microphone gives that is on. On a channel on which a
    noise gate makes digital silence of each pause only after 10 s of it; never while the other side
    has the floor, as there are many reasons to send nothing while one listens.
    """

    start_s: float
    """Since when: where the digital silence began."""

    told: bool
    """Whether the client said so, or sent nothing; false when it was heard as digital silence."""


class MuteEnded(Event, frozen=True, kw_only=True):
    """The speaker is there again: their next words are a new start."""

    start_s: float
    end_s: float


SignalKind = Literal["silent", "clipping", "bad_samples", "echo"]


class SignalProblem(Event, frozen=True, kw_only=True):
    """The input itself is wrong, or right again.

    ``silent``: nothing above −75 dBFS for 5 s, is it the right microphone?
    ``clipping``: samples at full scale keep coming. ``bad_samples``: not numbers
    (NaN, infinity) or far beyond full scale; they count as lost audio. ``echo``: what a drill or an
    interviewer plays comes back through the microphone, as their cross-correlation shows; headphones
    would help. Never because both talk at once.
    """

    kind: SignalKind
    on: bool
    """True when it began, false when it is over."""


Fact = (
    SpeechStarted
    | PauseStarted
    | PauseEnded
    | PhraseEnded
    | FilledPause
    | Creak
    | TurnTaken
    | Interruption
    | InterruptionEnded
    | Backchannel
    | AudioLost
    | MuteStarted
    | MuteEnded
    | SignalProblem
)
