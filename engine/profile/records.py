"""The records of a profile: one table for each cue and one for all, with ranges, meanings and defaults.

``python -m benchmarks.nudges`` counts right and wrong nudges under the shipped profiles; how these change
with each threshold is not measured.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Cue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the tables: what every cue's table has."""

    on: Annotated[bool, Meta(description="whether the cue is used")] = True


class Nudges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a nudge may be given, for all cues."""

    gap_s: Annotated[float, Meta(ge=0, le=600, description="least time between two nudges")] = 20.0
    same_cue_gap_s: Annotated[
        float, Meta(ge=0, le=3600, description="least time between two nudges of one cue")
    ] = 40.0
    urgent_gap_s: Annotated[
        float, Meta(ge=0, le=600, description="least time between a nudge and an urgent one")
    ] = 4.0
    show_s: Annotated[float, Meta(ge=1, le=30, description="how long a nudge is shown")] = 3.0
    hysteresis: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="how far past a threshold a measure must go, as a share of the threshold",
        ),
    ] = 0.1
    least_confidence: Annotated[
        float, Meta(ge=0, le=1, description="lowest confidence of a measure that may give a nudge")
    ] = 0.5
    settle_s: Annotated[
        float, Meta(ge=0, le=120, description="speech needed before the first nudge about a trend")
    ] = 5.0
    praise: Annotated[bool, Meta(description="whether a good recovery is praised")] = True


class Pace(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``slow down`` and ``pick it up``."""

    slow_wpm: Annotated[float, Meta(ge=40, le=300, description="below this is slow")] = 130.0
    fast_wpm: Annotated[float, Meta(ge=60, le=400, description="above this is fast")] = 170.0
    window_s: Annotated[float, Meta(ge=3, le=60, description="stretch of time it is measured over")] = 7.0
    syllables_per_word: Annotated[
        float,
        Meta(ge=1, le=4, description="converts syllables to words; 1.5 fits prepared spoken English"),
    ] = 1.5


class CheckIn(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``check in now``: the 30-second rule; ``wrap up`` where there is no other side."""

    after_s: Annotated[float, Meta(ge=5, le=600, description="talk without offering the floor")] = 30.0
    wrap_up_s: Annotated[
        float, Meta(ge=0, le=3600, description="the same when there is no other side; 0 means no limit")
    ] = 120.0
    offer_s: Annotated[
        float, Meta(ge=0.5, le=10, description="a silence this long offers the other side the floor")
    ] = 1.5

    def limit_s(self, *, alone: bool) -> float | None:
        """Return the longest stretch of talk, with or without another side; None where there is no limit."""
        return self.wrap_up_s or None if alone else self.after_s


class Pause(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``pause``, ``start with the point`` and ``take your time``."""

    none_for_s: Annotated[float, Meta(ge=3, le=120, description="talk without a pause")] = 14.0
    before_answer_s: Annotated[
        float, Meta(ge=1, le=60, description="silence before answering the other side")
    ] = 5.0
    inside_s: Annotated[float, Meta(ge=1, le=60, description="silence in the middle of one's own turn")] = 4.0


class PitchRange(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``vary your tone``."""

    flat_st: Annotated[
        float, Meta(ge=0.2, le=6, description="standard deviation of F0 in semitones; below this is flat")
    ] = 1.8
    lively_st: Annotated[float, Meta(ge=0.5, le=12, description="above this is lively")] = 3.6


class Ending(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``land it``: statements that end like questions."""

    rise_st: Annotated[
        float, Meta(ge=0.5, le=24, description="change of F0 in semitones that counts as a rise")
    ] = 2.0
    in_a_row: Annotated[int, Meta(ge=1, le=10, description="rises in the last four endings")] = 2


class Creak(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``support your voice``: creak (vocal fry)."""

    creak_share: Annotated[float, Meta(ge=0.02, le=1, description="share of voiced time in creak")] = 0.25
    window_s: Annotated[float, Meta(ge=3, le=120, description="stretch of time it is measured over")] = 15.0


class Loudness(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``louder``, ``softer`` and ``louder to the end``."""

    drop_db: Annotated[float, Meta(ge=2, le=40, description="this far below one's usual level is soft")] = 8.0
    rise_db: Annotated[float, Meta(ge=2, le=40, description="this far above one's usual level is loud")] = 9.0
    least_snr_db: Annotated[
        float, Meta(ge=0, le=40, description="speech must be this far above the noise")
    ] = 8.0
    trailing_db: Annotated[
        float,
        Meta(
            ge=2,
            le=40,
            description="a phrase trails off when its last 0.4 s are this far below its median, beyond the "
            "natural 5 dB",
        ),
    ] = 5.0
    trailing_phrases: Annotated[
        int, Meta(ge=1, le=4, description="phrases of the last four that must trail off")
    ] = 3


class Fillers(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``breathe instead``; where words are heard, filler words count too."""

    per_min: Annotated[float, Meta(ge=0.5, le=60, description="filled pauses a minute")] = 3.0
    window_s: Annotated[float, Meta(ge=10, le=300, description="stretch of time they are counted over")] = (
        40.0
    )
    with_words_per_min: Annotated[
        float,
        Meta(ge=0.5, le=120, description="filled pauses and filler words (like, you know) a minute"),
    ] = 8.0


class InterruptionCue(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``let them finish``."""

    overlap_s: Annotated[
        float, Meta(ge=0.3, le=5, description="talking over the other side for this long is an interruption")
    ] = 0.8


class TalkShare(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ask something``."""

    high: Annotated[float, Meta(ge=0.3, le=1, description="share of all speech that is too much")] = 0.75
    window_s: Annotated[float, Meta(ge=20, le=900, description="stretch of time it is measured over")] = 120.0


class WantedIn(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``they want in``: the other side tried to start while you talked on."""

    tries: Annotated[int, Meta(ge=1, le=10, description="attempts to speak that it takes")] = 2
    window_s: Annotated[float, Meta(ge=3, le=120, description="stretch of time they are counted over")] = 20.0


class Recovery(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``good recovery`` and ``find your thread``, after having been interrupted."""

    resume_s: Annotated[float, Meta(ge=0.5, le=30, description="longest time to resume after they stop")] = (
        4.0
    )


class HeadlineFirst(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``headline first``: no impact heard in the first part of an answer; hears words."""

    on: Annotated[bool, Meta(description="whether the cue is used")] = False
    after_s: Annotated[float, Meta(ge=10, le=300, description="time into the answer without any impact")] = (
        35.0
    )


class SayItSimply(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``say it simply``: terms that nobody explained; hears words."""

    on: Annotated[bool, Meta(description="whether the cue is used")] = False
    terms: Annotated[int, Meta(ge=1, le=20, description="unexplained terms that it takes, in one answer")] = 3


class WhatChanged(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``what changed?``, after an answer: a story without a result; hears words."""

    on: Annotated[bool, Meta(description="whether the cue is used")] = False
    least_s: Annotated[float, Meta(ge=5, le=600, description="shortest answer that owes a result")] = 20.0
    silence_s: Annotated[
        float,
        Meta(ge=1.5, le=30, description="a silence this long ends an answer, when nobody takes the floor"),
    ] = 4.0


class AskFirst(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ask first``, in drills only: a vague task taken up without a question; hears words."""

    on: Annotated[bool, Meta(description="whether the cue is used")] = False
    words: Annotated[
        int, Meta(ge=5, le=200, description="words of the answer, and no question among them")
    ] = 25


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings in force."""

    name: str
    description: str = ""
    nudges: Nudges = Nudges()
    pace: Pace = Pace()
    check_in: CheckIn = CheckIn()
    pause: Pause = Pause()
    pitch_range: PitchRange = PitchRange()
    ending: Ending = Ending()
    creak: Creak = Creak()
    loudness: Loudness = Loudness()
    fillers: Fillers = Fillers()
    interruption: InterruptionCue = InterruptionCue()
    talk_share: TalkShare = TalkShare()
    wanted_in: WantedIn = WantedIn()
    recovery: Recovery = Recovery()
    headline_first: HeadlineFirst = HeadlineFirst()
    say_it_simply: SayItSimply = SayItSimply()
    what_changed: WhatChanged = WhatChanged()
    ask_first: AskFirst = AskFirst()

    def cue_on(self, cue: str) -> bool:
        """Whether the profile uses a cue."""
        on: bool = getattr(self, cue).on
        return on
