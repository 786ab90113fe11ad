import numpy as np
import pytest

from benchmarks.end_to_end import (
    LOUD,
    STAGES,
    STEP,
    codec_ms,
    cut_of,
    cut_sentence,
    evaluated,
    evidence_ms,
    found,
)
from benchmarks.net.measured_server import SessionRecord
from dsp.frame import HOP, RATE_HZ
from engine.media.resample import Samples
from tests.harness.net.opus import PACKET


def test_the_sentence_is_silent_nowhere_but_at_its_end() -> None:
    """The page takes 100 ms of silence for the cut, after half a second of speech."""
    loud = np.flatnonzero(np.abs(cut_sentence()) >= LOUD)
    assert np.diff(loud).max() < 0.05 * RATE_HZ
    assert np.ptp(loud) > 0.6 * RATE_HZ
    assert cut_sentence().size % PACKET == STEP


def test_the_evidence_takes_as_long_as_a_pause_must_last_and_ends_with_a_hop() -> None:
    for place in range(0, HOP, 20):
        takes_ms = evidence_ms(place)
        assert 230 <= takes_ms <= 300
        hops = (place * 1000 / RATE_HZ + takes_ms) / 10
        assert hops == pytest.approx(round(hops), abs=1e-6)


def test_opus_delays_by_its_look_ahead() -> None:
    assert codec_ms() == pytest.approx(6.5, abs=0.5)


def turned(sound: Samples) -> Samples:
    """The same with every phase turned by a quarter, as a filter may."""
    spectrum = np.fft.rfft(sound) * 1j
    return np.fft.irfft(spectrum, sound.size).astype(np.float32)


def test_the_cut_is_found_whatever_the_phase() -> None:
    sound = np.tile(cut_sentence(), 2)
    cut = cut_sentence().size + cut_of(cut_sentence())
    assert found(sound, cut + 700) == cut
    assert found(turned(sound), cut - 700) == pytest.approx(cut, abs=2)


def test_something_else_is_not_taken_for_the_cut() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE_HZ).astype(np.float32)
    with pytest.raises(RuntimeError, match=r"no cut near 0\.50 s"):
        found(noise, RATE_HZ // 2)


ORIGIN_S = 1000.0
"""Monotonic time at which the page's clock was 0; the stream began 5 s after."""


def heard_live(cuts: int, *, later_hops: int = 0) -> tuple[dict[str, list[object]], SessionRecord]:
    """What a page and a server would have noted, the codec aside.

    The last sample of a packet is there 3 ms after it was spoken, its events 2 ms later and the
    message another 4 ms later.
    """
    sound = np.tile(cut_sentence(), cuts)
    ends = np.arange(PACKET, sound.size + PACKET, PACKET)
    arrived_s = ORIGIN_S + 5 + ends / RATE_HZ + 0.003
    notes: dict[str, list[object]] = {"cuts": [], "messages": []}
    for number in range(cuts):
        place = number * cut_sentence().size + cut_of(cut_sentence())
        known = place + round((evidence_ms(place) + 10 * later_hops) * RATE_HZ / 1000)
        now = 1000 * (arrived_s[np.searchsorted(ends, known)] + 0.006 - ORIGIN_S)
        notes["cuts"].append(5000 + 1000 * place / RATE_HZ)
        notes["messages"].append({"now": now, "type": "pause_started", "at_s": known / RATE_HZ})
    gaps = np.empty((0, 2))
    return notes, SessionRecord(arrived_s + 0.002, ends.astype(float), gaps, arrived_s, sound)


@pytest.mark.parametrize("later_hops", [0, 2])
def test_the_delay_beyond_the_evidence_is_the_sum_of_its_stages(later_hops: int) -> None:
    notes, heard = heard_live(8, later_hops=later_hops)
    delay = evaluated(notes, heard, began_ms=0.0, origin_s=ORIGIN_S, codec_ms=1.0)
    assert delay["event"] == pytest.approx(np.sum([delay[stage] for stage in STAGES], axis=0), abs=1e-6)
    assert len(delay["event"]) == 8
    assert delay["codec"] == [1.0] * 8
    assert delay["decided_later"] == pytest.approx([10.0 * later_hops] * 8)
    assert {round(ms) for ms in delay["packet"]} == {0, 10}
    assert delay["way_there"] == pytest.approx([3.0 - 1.0] * 8)
    assert delay["engine"] == pytest.approx([2.0] * 8)
    assert delay["way_back"] == pytest.approx([4.0] * 8)


def test_what_was_before_the_beginning_and_cuts_that_nobody_told_are_no_delays() -> None:
    notes, heard = heard_live(3)
    del notes["messages"][1]
    second_ms = notes["cuts"][1]
    assert isinstance(second_ms, float)
    delay = evaluated(notes, heard, began_ms=second_ms, origin_s=ORIGIN_S, codec_ms=0.0)
    assert len(delay["event"]) == 1


def test_readings_and_nudges_count_from_when_their_last_sample_was_spoken() -> None:
    notes, heard = heard_live(2)
    notes["messages"] += [
        {"now": 6530.0, "type": "reading", "at_s": 1.5},
        {"now": 6540.0, "type": "nudge", "at_s": 1.5},
    ]
    delay = evaluated(notes, heard, began_ms=0.0, origin_s=ORIGIN_S, codec_ms=0.0)
    assert delay["reading"] == pytest.approx([30.0])
    assert delay["nudge"] == pytest.approx([40.0])
