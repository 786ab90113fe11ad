from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.ears import Ears
from dsp.endpointer import PAUSE_HOPS, Endpointer
from dsp.voice_activity import SETTLED_DELAY_HOPS
from engine.media.voices.synthesis import SpeechSynthesizer

from .sounds import Samples, edges, heard, noise, silence

TALK, QUIET = (0.95, 0.95, 20.0), (0.05, 0.05, 0.0)
"""Probability of speech at once and once settled, and loudness above the noise."""


def run(pattern: list[tuple[tuple[float, float, float], int]]) -> list[tuple[int, bool]]:
    """Hops at which talking changed, and what it became."""
    hops = [kind for kind, count in pattern for _ in range(count)]
    settled = [0.05] * SETTLED_DELAY_HOPS + [kind[1] for kind in hops]
    pauses, found = Endpointer(), []
    for hop, (speech, _, above_db) in enumerate(hops):
        ago = pauses.process(speech, settled[hop], above_db)
        if ago:
            found.append((hop + 1 - ago, pauses.talking))
    return found


def test_edges_are_where_the_sound_changed() -> None:
    found = run([(QUIET, 50), (TALK, 100), (QUIET, 60), (TALK, 50)])
    assert [talking for _, talking in found] == [True, False, True]
    np.testing.assert_allclose([at for at, _ in found], [50, 150, 210], atol=1)


def test_a_flicker_in_a_pause_is_healed_once_settled() -> None:
    flicker = ((0.9, 0.05, 0.0), 2)
    found = run([(QUIET, 50), (TALK, 100), (QUIET, 8), flicker, (QUIET, 30)])
    np.testing.assert_allclose([at for at, _ in found], [50, 150], atol=1)


def test_a_closure_inside_a_word_is_no_pause() -> None:
    found = run([(QUIET, 50), (TALK, 100), (QUIET, PAUSE_HOPS - 3), (TALK, 100)])
    assert len(found) == 1


def test_a_late_probability_is_put_right() -> None:
    late = [((0.1, 0.95, 20.0), 4), (TALK, 100), ((0.9, 0.05, 0.0), 6)]
    found = run([(QUIET, 50), *late, (QUIET, 40)])
    np.testing.assert_allclose([at for at, _ in found], [50, 154], atol=1)


def test_what_is_only_loud_is_no_talk() -> None:
    assert run([(QUIET, 50), ((0.45, 0.2, 20.0), 40), (QUIET, 50)]) == []


def test_a_click_is_no_talk() -> None:
    assert run([(QUIET, 50), (TALK, 3), (QUIET, 50)]) == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 40)), st.integers(1, 40)),
        max_size=30,
    )
)
def test_edges_alternate_and_never_overtake(pattern: list[tuple[tuple[float, float, float], int]]) -> None:
    found = run(pattern)
    assert [talking for _, talking in found] == [k % 2 == 0 for k in range(len(found))]
    times = [at for at, _ in found]
    assert all(a < b for a, b in pairwise(times))
    assert all(at >= 0 for at in times)


def test_no_edge_lies_before_a_long_gap() -> None:
    pauses = Endpointer()
    for _ in range(50):
        pauses.process(*TALK)
    for _ in range(10):
        pauses.process(*QUIET)
    pauses.forget_sound()
    agos = [pauses.process(*QUIET) for _ in range(40)]
    found = [(k, ago) for k, ago in enumerate(agos, start=1) if ago]
    assert len(found) == 1
    assert found[0][1] <= found[0][0]


def lossy(quiet: int, lost: int, after: int) -> tuple[list[int], Endpointer]:
    """Talk, then hops of silence, loss and silence: hops since the end of talk, as each hop reports it."""
    pauses = Endpointer()
    for _ in range(50):
        pauses.process(*TALK)
    agos = [pauses.process(0.05, 0.95 if k < SETTLED_DELAY_HOPS else 0.05, 0.0) for k in range(quiet)]
    assert not any(agos)
    for k in range(quiet, quiet + lost):
        pauses.bridge(0.95 if k < SETTLED_DELAY_HOPS else 0.05)
    assert pauses.talking
    for k in range(quiet + lost, quiet + lost + after):
        agos.append(pauses.process(0.05, 0.95 if k < SETTLED_DELAY_HOPS else 0.05, 0.0))
    return agos, pauses


@pytest.mark.parametrize("quiet", [1, 10, 20])
@pytest.mark.parametrize("lost", [2, 4])
def test_a_short_loss_in_a_silence_does_not_start_it_over(quiet: int, lost: int) -> None:
    agos, pauses = lossy(quiet, lost, PAUSE_HOPS - quiet - lost)
    assert agos[-1] == PAUSE_HOPS
    assert not pauses.talking


def test_silence_that_was_mostly_lost_is_not_believed_at_once() -> None:
    agos, pauses = lossy(10, 6, PAUSE_HOPS - 16)
    assert not any(agos)
    assert pauses.talking


def test_a_short_loss_starts_neither_silence_nor_talk() -> None:
    agos, _ = lossy(0, 5, 40)
    found = [(k, ago) for k, ago in enumerate(agos, start=1) if ago]
    assert found == [(PAUSE_HOPS, PAUSE_HOPS)]
    pauses = Endpointer()
    for _ in range(50):
        pauses.process(*QUIET)
    for _ in range(2):
        assert pauses.process(*TALK) == 0
    for _ in range(6):
        pauses.bridge(0.05)
    assert not pauses.talking
    assert [pauses.process(*TALK) for _ in range(2)] == [0, 10]


@pytest.mark.parametrize("gap_s", [0.35, 0.6, 1.2])
@pytest.mark.parametrize("room", [1e-4, 3e-3])
def test_pauses_between_spoken_phrases_are_found(voice: SpeechSynthesizer, gap_s: float, room: float) -> None:
    phrase = trimmed(voice.synthesize("We led the move of our billing system to the cloud"))
    parts = [silence(0.5), phrase, silence(gap_s), phrase, silence(1.0)]
    x = np.concatenate(parts)
    x = x + noise(x.size / 16000, room)
    found = edges(heard(x, Ears()))
    cuts = np.cumsum([part.size for part in parts])[:4] / 16000
    assert [talking for _, talking in found] == [True, False, True, False]
    np.testing.assert_allclose([at for at, _ in found], cuts, atol=0.1)


def trimmed(x: Samples) -> Samples:
    """Without the silence before and after the speech."""
    level = np.sqrt(np.convolve(x**2, np.ones(160) / 160, "same"))
    loud = np.flatnonzero(level > 0.03 * level.max())
    return x[loud[0] : loud[-1]]
