"""Everything the core says: one closed union of frozen records.

Facts (what was heard), readings (measures, four a second), traces (for drawing) and
nudges share one order, given by ``seq``. They are also the messages on the wire, so a
page, a terminal, a file and a test all see the same thing.

Times named ``_s`` are stream time: seconds since the session's first sample, counted
in samples, never read from a clock. ``at_s`` is when the fact became known; a fact
that began earlier says so in a field of its own.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .drills import Card, StepResult
from .terms import Do, Level, Role, Sound

Contour = Literal["rise", "fall", "level", "unsure"]
Tone = Literal["change", "thanks"]


def snake(name: str) -> str:
    """Wire name of a record: ``PauseEnded`` is ``pause_ended``."""
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class Event(Struct, frozen=True, kw_only=True, tag_field="type", tag=snake):
    """What all events have."""

    seq: int
    """Place in the session's order, from 0 without gaps."""

    at_s: float
    """Stream time at which it became known: the end of the hop that decided it."""

    channel: int = 0
    """Whose voice it is about: 0 is the first (or only) speaker."""


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


class Reading(Event, frozen=True, kw_only=True):
    """The measures of one speaker, four times a second of stream time.

    A measure is null while too little was heard to tell.
    """

    talking: bool
    level_dbfs: float
    """Speech level over about 3 s (of speech hops), dB re full scale."""

    noise_dbfs: float
    """Noise floor, dB re full scale."""

    loudness_lufs: float | None = None
    """Loudness of the speech over about 3 s (of speech hops): K-weighted, ITU-R BS.1770-4."""

    snr_db: float = 0.0
    """Speech level above the noise floor, the noise in the speech left out; 0 before any speech."""

    level_confidence: float = 0.0
    """0..1: how much speech level and loudness rest on, and how far it stands above the noise."""

    pace_wpm: float | None
    """Speech rate as words a minute over the profile's window, pauses in, each counted up to 1 s.

    The latest three eighths of the window count in full, what is older less and less.
    """

    pace_confidence: float
    """0..1: how much of the window was heard and spoken, how far above the noise."""

    articulation_sps: float | None
    """Articulation rate, syllables a second with pauses left out, over the same window."""

    f0_median_hz: float | None
    """The speaker's median F0 so far."""

    f0_sd_st: float | None
    """Standard deviation of F0 in semitones over about 15 s of stream time."""

    creak_share: float | None
    """Share of creak in the voiced time of the profile's window, 0..1."""

    fillers_per_min: float | None
    """Filled pauses a minute over the profile's window."""

    level_change_db: float | None
    """Loudness of the speech now against the speaker's own over the session so far."""

    stretch_s: float
    """Length of the current stretch of talk: since the other side was last offered the floor."""

    unbroken_s: float
    """How long the speaker has gone on without a pause of a quarter of a second."""

    silence_s: float
    """Length of the current silence; 0 while talking, muted or unknown. Digital silence, which may be
    a mute, doesn't count before it is over, unless a noise gate makes it."""

    speech_s: float
    """Speech so far."""

    talk_share: float | None
    """Share of the speech of both sides over the profile's window, 0..1; null with one channel."""

    pace_error_wpm: float | None = None
    """Standard error of ``pace_wpm``: how far it may lie from the tempo kept."""

    pace_usual_wpm: float | None = None
    """The speaker's own speech rate in the session before the window; null until there is a window of it."""

    f0_error_st: float | None = None
    """Standard error of ``f0_sd_st``: a few seconds hold only so many movements of the melody."""

    f0_confidence: float = 0.0
    """0..1, of ``f0_sd_st``; each confidence falls with noise, with lost audio and with too little heard."""

    creak_confidence: float = 0.0
    """0..1, of ``creak_share``."""

    fillers_confidence: float = 0.0
    """0..1, of ``fillers_per_min``."""

    delay_ms: float | None = None
    """Arrival of the packet that completed it to its sending; null outside a live call."""


class Trace(Event, frozen=True, kw_only=True):
    """Ten hops of pitch and level for drawing; never a basis of nudges."""

    start_s: float
    """Stream time of the first value; the others follow every 10 ms."""

    f0_hz: list[float]
    """0 is unvoiced."""

    level_dbfs: list[float]

    known: bool
    """False when any of it was lost: draw it hatched, not as silence."""


class Evidence(Struct, frozen=True, kw_only=True):
    """Why a nudge was given."""

    measure: str
    """A field of :class:`Reading`, or the name of the kind of fact.

    Or ``response_gap_s``: from the other side's last :class:`PauseStarted` to ``seq``.
    """

    value: float
    unit: str
    threshold: float
    window_s: tuple[float, float]
    """Stream time that the value speaks of."""

    confidence: float
    """0..1."""

    seq: int
    """The event that carried it, always earlier in the order."""


class Delays(Struct, frozen=True, kw_only=True):
    """Where the ``delay_ms`` of a nudge went, in milliseconds: these add up to it."""

    held_ms: float
    """Kept back by the policy after the evidence was there: nudges come one at a time, and rarely."""

    reorder_ms: float
    """The packet waited for others that were sent before it."""

    decode_ms: float
    """Decoding; 0 where aiortc does it, when it is in ``server_ms``."""

    ears_ms: float
    """Hearing: the measures and the facts drawn from them."""

    policy_ms: float
    """Deciding: the cues and the policy."""

    server_ms: float
    """All else in the server: decryption, waiting for its turn, making the message ready.
    What comes after that, encryption and the network, isn't in any of them.
    """


class Nudge(Event, frozen=True, kw_only=True):
    """One short thing to do now, shown for ``show_s`` or until it is cleared."""

    id: int
    """Number of the nudge among its channel's, from 1."""

    cue: str
    """Which cue: a name of ``engine.cues.CUES``."""

    text: str
    """Two to four words for the stage."""

    why: str
    """One sentence with the figure and the span."""

    tone: Tone
    urgent: bool
    show_s: float
    evidence: Evidence
    delay_ms: float | None = None
    """Arrival of the packet that completed the evidence to the nudge's sending; null outside a live call."""

    delays: Delays | None = None
    """Where that time went; null with it."""


class NudgeCleared(Event, frozen=True, kw_only=True):
    """The nudge ``id`` should go: the speaker corrected it, or it was shown long enough."""

    id: int
    corrected: bool


class DrillStarted(Event, frozen=True, kw_only=True):
    """A drill has begun."""

    drill: str
    title: str
    level: Level
    seed: int
    """The same script, level and seed give the same drill."""

    question: str
    """What to talk about."""

    steps: int
    """How many there may be."""

    most_s: float
    """Longest that it goes on."""


class DrillStep(Event, frozen=True, kw_only=True):
    """Something happens to the speaker now."""

    id: int
    """Place in the drill, from 0."""

    do: Do
    role: Role | None
    """Who speaks, if anyone does."""


class DrillSound(Event, frozen=True, kw_only=True):
    """A voice or a noise begins now: whoever plays it starts it with this event."""

    step: int
    turn: int
    """Which line of its step, from 0: someone who insists has more than one."""

    kind: Literal["voice", "distraction"]
    role: Role | None
    say: str | None
    sound: Sound | None
    breaks_up: bool
    """Whether the voice breaks up, as on a bad line."""

    length_s: float


class DrillHush(Event, frozen=True, kw_only=True):
    """The sound of a step goes out now; all that is heard when ``step`` is null."""

    step: int | None


class DrillStepEnded(Event, frozen=True, kw_only=True):
    """How a step was taken: 10 s after it, or when the next one began."""

    id: int
    result: StepResult


class DrillEnded(Event, frozen=True, kw_only=True):
    """A drill is over."""

    stopped: bool
    """True when somebody stopped it before it was done."""

    card: Card


DrillEvent = DrillStarted | DrillStep | DrillSound | DrillHush | DrillStepEnded | DrillEnded
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
AnyEvent = Fact | Reading | Trace | Nudge | NudgeCleared | DrillEvent
