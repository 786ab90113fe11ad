"""The cues, in the order of the profile's tables. To add one, see ``CONTRIBUTING.md``."""

from __future__ import annotations

from collections.abc import Collection

from engine.profile import Profile
from engine.protocol.messages import CueState

from .base import Cue
from .delivery.check_in import CheckInCue
from .delivery.creak import CreakCue
from .delivery.ending import EndingCue
from .delivery.fillers import FillersCue
from .delivery.interruption import InterruptionCue
from .delivery.loudness import LoudnessCue
from .delivery.pace import PaceCue
from .delivery.pause import PauseCue
from .delivery.pitch_range import PitchRangeCue
from .delivery.recovery import RecoveryCue
from .delivery.talk_share import TalkShareCue
from .delivery.wanted_in import WantedInCue
from .language.ask_first import AskFirstCue
from .language.headline_first import HeadlineFirstCue
from .language.say_it_simply import SayItSimplyCue
from .language.what_changed import WhatChangedCue

CUES: dict[str, type[Cue]] = {
    kind.name: kind
    for kind in (
        PaceCue,
        CheckInCue,
        PauseCue,
        PitchRangeCue,
        EndingCue,
        CreakCue,
        LoudnessCue,
        FillersCue,
        InterruptionCue,
        TalkShareCue,
        WantedInCue,
        RecoveryCue,
        HeadlineFirstCue,
        SayItSimplyCue,
        WhatChangedCue,
        AskFirstCue,
    )
}


def cue_states(profile: Profile, off: Collection[str], *, alone: bool) -> list[CueState]:
    """Every cue as the profile has it, for a speaker ``alone`` or with another side, those in ``off`` off."""
    states = []
    for name, kind in CUES.items():
        aim = kind.aim(profile, alone=alone)
        states.append(
            CueState(
                cue=name,
                label=(alone and kind.label_alone) or kind.label,
                on=name not in off,
                aim=(aim.low, aim.high),
                unit=aim.unit,
                needs_words=kind.needs_words,
            )
        )
    return states
