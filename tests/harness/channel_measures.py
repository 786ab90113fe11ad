"""Measures of a speaker, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.protocol.measures import ChannelMeasures

_NOTHING = ChannelMeasures(
    speech_s=0.0, talk_share=None, pace_wpm=None, syllables_per_s=None, syllables=0, pause_count=0,
    pause_total_s=0.0, longest_pause_s=0.0, longest_stretch_s=0.0, f0_median_hz=None, f0_sd_st=None,
    fillers=0, fillers_per_min=None, creak_share=None, level_dbfs=None, noise_dbfs=None, phrases=0, rises=0,
    interruptions=0, backchannels=0, lost_s=0.0,
)  # fmt: skip


def channel_measures(**changed: Any) -> ChannelMeasures:
    """Make measures in which nothing was heard but what is given."""
    return replace(_NOTHING, **changed)
