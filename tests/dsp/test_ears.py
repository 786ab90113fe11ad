from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsp.ears import CREAK_DELAY_HOPS, PITCH_DELAY_HOPS, SHORT_LOSS_HOPS, Ears
from dsp.frame import HOP, Frame
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, edges, heard, hops, noise, silence, tone, vowel

TEXT = "We led the move of our billing system to the cloud, and it went live two weeks early."


@pytest.fixture(scope="module")
def spoken(voice: SpeechSynthesizer) -> Samples:
    x = np.concatenate(
        [silence(0.5), voice.synthesize(TEXT), silence(0.7), voice.synthesize(TEXT), silence(0.8)]
    )
    return x + noise(x.size / 16000, 2e-4)


def same(a: Frame, b: Frame) -> bool:
    return all(x == y or (x != x and y != y) for x, y in zip(a, b, strict=True))


def test_a_hop_of_another_shape_is_refused() -> None:
    for wrong in (np.zeros(159, np.float32), np.zeros((160, 1), np.float32)):
        with pytest.raises(ValueError, match="a hop is 160 samples"):
            Ears().process(wrong)


def test_the_same_hops_give_the_same_frames(spoken: Samples) -> None:
    ears = Ears()
    first = heard(spoken, ears)
    ears.reset()
    for again in (heard(spoken, ears), heard(spoken)):
        assert all(same(a, b) for a, b in zip(first, again, strict=True))


def test_the_hop_is_not_changed_and_may_be_reused(spoken: Samples) -> None:
    expected = heard(spoken)
    ears, buffer = Ears(), np.zeros(HOP, np.float32)
    for hop, frame in zip(hops(spoken), expected, strict=True):
        buffer[:] = hop
        assert same(ears.process(buffer), frame)
        assert (buffer == hop).all()
        buffer.fill(np.nan)


def check(frame: Frame) -> None:
    assert -120 <= frame.level_dbfs <= 20
    assert -90 <= frame.noise_dbfs <= 20
    for share in (frame.clipped, frame.speech, frame.voicing, frame.creak, frame.filler_confidence):
        assert 0 <= share <= 1
    assert 0 <= frame.ending_confidence <= 1
    assert (frame.filler_confidence > 0) == (frame.filler_start_ago_hops > 0)
    assert frame.f0_hz == 0 or 55 <= frame.f0_hz <= 510
    assert min(frame.edge_ago_hops, frame.nucleus_ago_hops, frame.filler_end_ago_hops) >= 0
    assert frame.filler_start_ago_hops == 0 or frame.filler_start_ago_hops > frame.filler_end_ago_hops
    assert -120 <= frame.momentary_lufs <= 25
    assert -120 <= frame.short_term_lufs <= 25
    assert -20 <= frame.snr_db <= 80
    assert not math.isinf(frame.ending_st)
    assert math.isnan(frame.trailing_db) or -60 <= frame.trailing_db <= 110
    assert 0 <= frame.trailing_confidence <= 1
    assert all(type(value) in (bool, int, float) for value in frame)


def sound(kind: str, size: float) -> Samples:
    match kind:
        case "noise":
            return noise(0.2, size)
        case "tone":
            return tone(210.0, 0.2, size)
        case "vowel":
            return vowel(140.0, 0.2, size)
        case "square":
            return (np.float32(size) * np.sign(tone(120.0, 0.2))).astype(np.float32)
        case _:
            return np.full(3200, size, np.float32)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.tuples(st.sampled_from(["noise", "tone", "vowel", "square", "offset"]), st.floats(1e-6, 1.0)),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_heard_frames_are_in_range(parts: list[tuple[str, float] | None]) -> None:
    ears = Ears()
    for part in parts:
        if part is None:
            frame = ears.process_lost()
            assert not frame.known
            check(frame)
            continue
        kind, size = part
        x = sound(kind, size)
        for frame in heard(x, ears):
            assert frame.known
            check(frame)


def test_polarity_and_offset_change_no_edge(spoken: Samples) -> None:
    expected = edges(heard(spoken))
    for changed in (-spoken, spoken + np.float32(0.01)):
        found = edges(heard(changed.astype(np.float32)))
        assert [talking for _, talking in found] == [talking for _, talking in expected]
        np.testing.assert_allclose([at for at, _ in found], [at for at, _ in expected], atol=0.06)


@pytest.mark.parametrize("lost_hops", [1, 6, 30, 60])
def test_lost_audio_is_not_a_pause(spoken: Samples, lost_hops: int) -> None:
    whole = heard(spoken)
    middle = len(whole) // 2 - 120
    assert whole[middle].talking
    ears = Ears()
    frames = []
    for k, hop in enumerate(hops(spoken)):
        frames.append(ears.process_lost() if middle <= k < middle + lost_hops else ears.process(hop))
    gap = frames[middle : middle + lost_hops]
    assert not any(f.known or f.edge_ago_hops or f.nucleus_ago_hops or f.filler_start_ago_hops for f in gap)
    assert all(f.talking for f in gap)
    for k, frame in enumerate(frames[middle + lost_hops :], start=1):
        assert frame.filler_start_ago_hops <= k, "a sound was heard across the gap"
        edge_ago = frame.edge_ago_hops
        assert edge_ago <= k or k + lost_hops <= edge_ago, "talk ended or began in the gap"
        reach = max(edge_ago, frame.nucleus_ago_hops)
        assert reach <= k or lost_hops <= SHORT_LOSS_HOPS, "a long gap was spanned"


@pytest.mark.parametrize("lost_hops", [1, 2, 6])
def test_a_lost_packet_hides_neither_pause_nor_syllables(spoken: Samples, lost_hops: int) -> None:
    whole = heard(spoken)
    pauses = [at for at, talking in edges(whole) if not talking]
    assert len(pauses) > 1
    for at_s in pauses:
        middle = round(100 * at_s) + 10
        ears = Ears()
        frames = [
            ears.process_lost() if middle <= k < middle + lost_hops else ears.process(hop)
            for k, hop in enumerate(hops(spoken))
        ]
        found = [at for at, talking in edges(frames) if not talking]
        np.testing.assert_allclose(found, pauses, atol=0.06)
        expected, counted = (sum(f.nucleus_ago_hops > 0 for f in fs) for fs in (whole, frames))
        assert abs(counted - expected) <= 1


def test_endings_are_told_when_the_phrase_is_over(voice: SpeechSynthesizer) -> None:
    for rise_st, rises in ((7.0, True), (-5.0, False)):
        said = voice.synthesize("We moved it all by Monday", rise_st=rise_st)
        frames = heard(
            np.concatenate([said, silence(0.8)]) + noise(said.size / 16000 + 0.8, 2e-4)[: said.size + 12800]
        )
        told = [(k, frame) for k, frame in enumerate(frames) if not math.isnan(frame.ending_st)]
        assert [frame.talking for _, frame in told] == [False]
        assert all(frame.edge_ago_hops > 0 for _, frame in told)
        assert (told[0][1].ending_st > 2.0) is rises
        assert told[0][1].ending_confidence > 0


def test_delays_are_those_of_the_trackers() -> None:
    ears = Ears()
    frames = heard(np.concatenate([silence(0.5), vowel(150.0, 0.5), silence(0.3)]), ears)
    voiced = [k for k, frame in enumerate(frames) if frame.f0_hz > 0]
    assert voiced[0] - PITCH_DELAY_HOPS == pytest.approx(50, abs=4)
    assert voiced[-1] - PITCH_DELAY_HOPS == pytest.approx(99, abs=4)
    assert CREAK_DELAY_HOPS > 0


def test_nothing_is_kept_or_allocated_hop_by_hop(spoken: Samples) -> None:
    ears = Ears()
    ready = list(hops(spoken))[:400]
    for hop in ready:
        ears.process(hop)
    tracemalloc.start()
    try:
        for _ in range(3):
            for hop in ready:
                ears.process(hop)
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 20_000
    assert peak < 60_000
