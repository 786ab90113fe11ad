from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.cli.track import ROWS, Track
from dsp.ears import PITCH_DELAY_HOPS, Ears
from dsp.frame import HOP, HOP_S, RATE_HZ
from engine.core.attachments import FrameTap
from engine.core.session import Session
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol.events import Reading
from tests.harness.recordings import tone

Samples = NDArray[np.float32]


def heard(samples: Samples, track: Track, block: int = 777) -> Track:
    """The track of a sound that comes in blocks."""
    ears = Ears()
    for start in range(0, samples.size, block):
        track.on_samples(0, samples[start : start + block])
    for start in range(0, samples.size - HOP + 1, HOP):
        track.on_frame(0, ears.process(samples[start : start + HOP]))
    return track


def test_waveform_holds_the_extremes_of_each_hop_however_the_sound_is_cut() -> None:
    samples = tone(200, 0.5)
    whole = [heard(samples, Track(), block)[0].waveform() for block in (samples.size, 77)]
    np.testing.assert_array_equal(whole[0], whole[1])
    at_s, low, high = whole[0]
    np.testing.assert_allclose(at_s[:2], [0.005, 0.015])
    np.testing.assert_array_equal(low, samples.reshape(-1, HOP).min(axis=1))
    np.testing.assert_array_equal(high, samples.reshape(-1, HOP).max(axis=1))


def test_lost_audio_is_a_gap_and_not_silence() -> None:
    track = Track()
    for part in (tone(200, 0.1), 2 * HOP, tone(200, 0.1)):
        track.on_samples(0, part)
    _, low, _ = track[0].waveform()
    assert np.flatnonzero(np.isnan(low)).tolist() == [10, 11]
    ears = Ears()
    track.on_frame(0, ears.process_lost())
    assert np.isnan(track[0].field("level_dbfs")[1]).all()


def test_spectrogram_shows_a_tone_where_it_is() -> None:
    power = heard(tone(1000, 0.3), Track())[0].spectrogram()
    assert power.shape == (ROWS, 30)
    assert power[:, -1].argmax() == 1000 * 512 // RATE_HZ
    assert power.max() == pytest.approx(20 * np.log10(0.2), abs=1)


def test_fields_stand_at_what_they_describe(answer: tuple[Samples, list[PassageSpan]]) -> None:
    samples = answer[0][: 4 * RATE_HZ]
    channel = heard(samples, Track())[0]
    at_s, f0_hz = channel.field("f0_hz", PITCH_DELAY_HOPS)
    assert at_s[0] == pytest.approx((0.5 - PITCH_DELAY_HOPS) * HOP_S)
    loud = np.abs(samples.reshape(-1, HOP)).max(axis=1) > 1e-2
    voiced_s = at_s[f0_hz > 0]
    assert loud[(voiced_s / HOP_S).astype(int)].mean() > 0.95
    nuclei_s = channel.found("nucleus_ago_hops")
    assert 8 <= nuclei_s.size <= 24
    assert loud[(nuclei_s / HOP_S).astype(int)].all()


def test_span_keeps_only_what_lies_in_it(answer: tuple[Samples, list[PassageSpan]]) -> None:
    samples = answer[0][: 4 * RATE_HZ]
    whole, part = heard(samples, Track())[0], heard(samples, Track(1.0, 2.0))[0]
    assert part.spectrogram().shape[1] == 100
    for name in ("level_dbfs", "f0_hz"):
        np.testing.assert_array_equal(part.field(name), np.array(whole.field(name))[:, 100:200])
    assert set(part.found("nucleus_ago_hops")) <= set(whole.found("nucleus_ago_hops"))


def test_cut_out_part_is_the_same_with_a_second_to_either_side(
    answer: tuple[Samples, list[PassageSpan]],
) -> None:
    track = heard(answer[0][: 6 * RATE_HZ], Track())
    whole, part = track[0], track[0].cut(2.0, 3.0)
    np.testing.assert_array_equal(part.field("f0_hz"), np.array(whole.field("f0_hz"))[:, 100:400])
    np.testing.assert_array_equal(part.waveform(), np.array(whole.waveform())[:, 100:400])
    np.testing.assert_array_equal(part.spectrogram(), whole.spectrogram()[:, 100:400])


def test_readings_that_are_not_known_are_gaps(answer: tuple[Samples, list[PassageSpan]]) -> None:
    from engine.shipped import profiles

    track = Track()
    session = Session(profiles.load("conversation"))
    session.hear(0, answer[0][: 8 * RATE_HZ])
    readings = [event for event in session.poll() if isinstance(event, Reading)]
    for event in readings:
        track.on_event(event)
    at_s, pace_wpm = track[0].reading("pace_wpm")
    assert at_s.tolist() == [event.at_s for event in readings]
    assert np.isnan(pace_wpm[0])
    assert pace_wpm[-1] == readings[-1].pace_wpm
    assert track[0].cut(3.0, 4.0).reading("at_s")[0].tolist() == [at for at in at_s if 2.0 <= at < 5.0]


def test_session_shows_every_frame_it_draws_facts_from(answer: tuple[Samples, list[PassageSpan]]) -> None:
    from engine.shipped import profiles

    samples = answer[0][: 2 * RATE_HZ]
    seen = []
    session = Session(profiles.load("conversation"))
    session.attach(FrameTap(lambda channel, frame: seen.append(frame)))
    session.hear(0, samples)
    ears = Ears()
    assert list(map(repr, seen)) == [repr(ears.process(hop)) for hop in samples.reshape(-1, HOP)]
