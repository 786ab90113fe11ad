"""Measures over a whole session: of one speaker, and of what goes on between two."""

from __future__ import annotations

from msgspec import Struct


class Exchange(Struct, frozen=True, kw_only=True):
    """What goes on between one speaker and the other side; null where there was too little of it."""

    longest_monologue_s: float
    """Longest turn: from its beginning to one's last word before the other side's."""

    response_gap_s: float | None
    """Median silence before one's own turns, after the other side's."""

    longest_gap_s: float | None
    slow_responses: int
    """Of those silences, the ones over 2 s."""

    responses: int
    """How many there were."""

    early_starts: int
    """Turns that began before the other side had ended theirs."""

    interruptions_suffered: int
    floor_held: int
    """Of those, how often the other side was the one to stop."""

    yield_s: float | None
    """Median time to stop, of those where one stopped oneself."""

    overlap_s: float
    """How long both talked at once."""

    backchannels_per_min: float | None
    """Given, for each minute of the other side's talk: active listening."""

    questions: int
    """Turns that ended on a rise and were answered: as far as melody tells."""

    pace_adaptation: float | None
    """Correlation, −1 to 1, of the articulation rate of one's turns with that of the other side's
    before: synchrony (Levitan & Hirschberg 2011)."""


class ChannelMeasures(Struct, frozen=True, kw_only=True):
    """Measures of one speaker over the whole session; null where too little was heard."""

    speech_s: float
    talk_share: float | None
    pace_wpm: float | None
    """Speech rate as words a minute: pauses in, each counted up to 1 s."""

    pace_error_wpm: float | None = None
    """Standard error of ``pace_wpm``: without recognised words mostly that of the length of words."""

    syllables_per_s: float | None
    """Articulation rate: pauses left out."""

    syllables: int
    pause_count: int
    pause_total_s: float
    longest_pause_s: float
    longest_stretch_s: float
    """Longest stretch of talk without offering the floor."""

    f0_median_hz: float | None
    f0_sd_st: float | None
    fillers: int
    fillers_per_min: float | None
    creak_share: float | None
    level_dbfs: float | None
    """Mean level of the speech, dB re full scale."""

    noise_dbfs: float | None
    loudness_lufs: float | None = None
    """Mean loudness of the speech: momentary loudness (ITU-R BS.1770-4) over all that was spoken."""

    snr_db: float | None = None
    """Speech level above the noise floor, at the end."""

    trailing_db: float | None = None
    """Median over the phrases of how far their ends trailed off, beyond what is natural."""

    phrases: int
    endings: int = 0
    """Phrases whose melody was told and that ended something said, by the silence or turn that followed."""

    rises: int
    """Those of them that rose to the top of the speaker's range."""

    interruptions: int
    """Made by this speaker."""

    backchannels: int
    lost_s: float
    muted_s: float = 0.0
    """How long the speaker was muted; no other measure is of that time."""

    exchange: Exchange | None = None
    """Between the two; null with one channel."""

    unsure: list[str] = []
    """Fields that are guesses, as too little or nothing clear was heard of them: no finding rests on one.

    Sure is what a nudge may rest on: a confidence of ``nudges.least_confidence`` and more.
    """
