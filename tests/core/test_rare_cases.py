"""What a session seldom meets: talk that goes on at the end, nothing to compare, sound that overlaps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.echo_suppressor import EchoSuppressor
from dsp.frame import HOP, RATE_HZ
from dsp.level_meter import LevelMeter
from engine.core.conversation import LEAST_TURNS, _adaptation
from engine.core.playback_echo import Echo, Played
from engine.core.session import Session
from engine.core.windows import SpokenTime
from engine.cues.delivery.wanted_in import STALE_S, WantedInCue
from engine.protocol import events as ev
from engine.shipped.profiles import load

Samples = NDArray[np.float32]


def tone(seconds: float) -> Samples:
    return np.full(round(seconds * RATE_HZ), 0.1, np.float32)


def test_a_component_names_what_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="LevelMeter has no 'taste'"):
        _ = LevelMeter().taste


def test_an_echo_suppressor_that_heard_nothing_knows_no_echo() -> None:
    assert np.isnan(EchoSuppressor().echo_db)


def test_speakers_who_never_change_adapt_to_nobody() -> None:
    assert _adaptation([(150.0, 140.0 + n) for n in range(LEAST_TURNS)]) is None
    assert _adaptation([(150.0 + n, 140.0 + n) for n in range(LEAST_TURNS)]) == pytest.approx(1.0)


def test_talk_that_goes_on_counts_as_the_longest_so_far(answer: tuple[Samples, object]) -> None:
    session = Session(load("conversation"))
    session.hear(0, answer[0][: 4 * RATE_HZ])
    [measures] = session.summary().measures
    assert measures.longest_stretch_s is not None
    assert measures.longest_stretch_s > 0.5


def test_a_stop_without_a_start_is_no_speech() -> None:
    spoken = SpokenTime()
    spoken.nuclei_s.append(0.5)
    spoken.stop(1.0)
    assert spoken.running_since_s is None
    assert spoken.window(1.0, 1.0)[0] >= 0.0


def test_a_hop_lost_on_one_channel_is_heard_on_the_other(answer: tuple[Samples, object]) -> None:
    session = Session(load("conversation"), 2)
    voice = answer[0][: 3 * RATE_HZ]
    session.missing(0, 0, voice.size)
    session.hear(1, voice)
    events = session.poll()
    assert session.now == voice.size // HOP * HOP
    assert any(isinstance(event, ev.SpeechStarted) and event.channel == 1 for event in events)


def test_mute_and_alignment_of_one_speaker() -> None:
    session = Session(load("conversation"))
    session.mute(True)
    session.hear(0, tone(0.1))
    assert session.muted()
    assert session.apart == 0
    session.straightened(HOP)
    assert session.apart == 0


def test_what_is_played_anew_over_what_was_played_is_left_out() -> None:
    played = Played()
    played.add(tone(1.0), 0)
    played.add(2 * tone(0.5), RATE_HZ // 4)
    assert played.hop(RATE_HZ // 2)[0] == pytest.approx(0.1)


def test_a_lost_hop_of_the_microphone_stays_lost() -> None:
    echo = Echo()
    assert echo.hop(None, np.zeros(HOP, np.float32)) is None
    assert echo.hop(np.zeros(HOP, np.float32), np.zeros(HOP, np.float32)) is not None


def test_an_attempt_to_speak_that_is_long_over_asks_for_nothing() -> None:
    profile = load("conversation")
    cue = WantedInCue(profile, 0)
    for n in range(profile.wanted_in.tries):
        cue.observe(ev.Interruption(channel=1, at_s=1.0 + n, start_s=0.5 + n, overlap_s=0.5))
    assert cue.ask() is not None
    cue.observe(ev.PauseEnded(at_s=1.0 + profile.wanted_in.tries + STALE_S, start_s=1.0, silence_s=0.5))
    assert cue.ask() is None
