"""The cues, in the order of the profile's tables. To add one, see ``CONTRIBUTING.md``."""

from __future__ import annotations

from collections.abc import Collection

from ..profile import Profile
from ..wire import CueState
from .base import Cue
from .check_in import CheckInCue
from .ending import EndingCue
from .fillers import FillersCue
from .interruption import InterruptionCue
from .loudness import LoudnessCue
from .pace import PaceCue
from .pause import PauseCue
from .pitch_range import PitchRangeCue
from .recovery import RecoveryCue
from .talk_share import TalkShareCue
from .voice import VoiceCue
from .wanted_in import WantedInCue

CUES: dict[str, type[Cue]] = {
    kind.name: kind
    for kind in (
        PaceCue,
        CheckInCue,
        PauseCue,
        PitchRangeCue,
        EndingCue,
        VoiceCue,
        LoudnessCue,
        FillersCue,
        InterruptionCue,
        TalkShareCue,
        WantedInCue,
        RecoveryCue,
    )
}


def cue_states(profile: Profile, off: Collection[str], *, alone: bool) -> list[CueState]:
    """Every cue as the profile has it, for a speaker ``alone`` or with another side, those in ``off`` off."""
    states = []
    for name, kind in CUES.items():
        aim = kind.aim(profile, alone=alone)
        states.append(
            CueState(cue=name, label=kind.label, on=name not in off, aim=(aim.low, aim.high), unit=aim.unit)
        )
    return states
