"""Two microphones that hear each other's speaker."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.practice import Span
from engine.media.voice import silence
from engine.profiles import load
from engine.session import Session

RATE_HZ = 16_000


def measured(sides: list[NDArray[np.float32]], leak_db: float | None) -> list[float]:
    gain = 0.0 if leak_db is None else 10 ** (leak_db / 20)
    session = Session(load("conversation"), 2)
    for channel in (0, 1):
        mixed = sides[channel] + np.float32(gain) * sides[1 - channel]
        session.hear(channel, mixed.astype(np.float32))
    session.finish()
    return [m.speech_s for m in session.summary().measures]


@pytest.mark.parametrize("leak_db", [-20.0, -25.0, -40.0])
def test_leakage_is_nobodys_speech(answer: tuple[NDArray[np.float32], list[Span]], leak_db: float) -> None:
    x = answer[0][: 24 * RATE_HZ]
    left, right = x.copy(), x.copy()
    left[10 * RATE_HZ :] = silence(14.0)
    right[: 11 * RATE_HZ] = silence(11.0)
    clean = measured([left, right], None)
    assert clean[0] > 6
    assert clean[1] > 6
    assert measured([left, right], leak_db) == pytest.approx(clean, abs=0.6)


def test_who_is_talked_over_is_still_heard(answer: tuple[NDArray[np.float32], list[Span]]) -> None:
    x = answer[0][: 24 * RATE_HZ]
    late = np.concatenate([silence(1.3), x[: -round(1.3 * RATE_HZ)]])
    alone = [measured([side, silence(24.0)], None)[0] for side in (x, late)]
    assert measured([x, late], None) == pytest.approx(alone, rel=0.04)


def test_leakage_of_a_loud_voice_in_a_soft_channel_is_nobodys_speech(
    answer: tuple[NDArray[np.float32], list[Span]],
) -> None:
    x = answer[0][: 24 * RATE_HZ]
    left, right = x.copy(), np.float32(0.25) * x
    left[12 * RATE_HZ :] = silence(12.0)
    right[: 12 * RATE_HZ] = silence(12.0)
    assert measured([left, right], -20.0) == pytest.approx(measured([left, right], None), abs=0.6)
