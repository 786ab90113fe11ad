"""Readings and traces: the measures of one speaker, and pitch and level for drawing."""

from __future__ import annotations

from .envelope import Event


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

    since_check_in_s: float | None = None
    """Time since a spoken check-in within that stretch: it offers the floor too. Null where none was
    heard, as without words or another side."""

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
    """Standard error of ``pace_wpm``: how unevenly syllables come, and how many of them a word has. The
    second is 15 % until words are recognised, then what their number leaves open."""

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
