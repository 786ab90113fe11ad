"""Two microphones that hear each other's speaker."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.crosstalk import LEAK_AT_FIRST_DB, Crosstalk, suppress_leakage
from dsp.frame import FRAME, UNKNOWN_FRAME
from engine.core.session import Session
from engine.media.files.recording import Recording
from engine.media.voices.practice_answer import PassageSpan
from engine.media.voices.synthesis import silence
from engine.protocol.measures import ChannelMeasures
from engine.shipped.profiles import load
from tests.harness.corpus import CASES

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
def test_leakage_is_nobodys_speech(
    answer: tuple[NDArray[np.float32], list[PassageSpan]], leak_db: float
) -> None:
    x = answer[0][: 24 * RATE_HZ]
    left, right = x.copy(), x.copy()
    left[10 * RATE_HZ :] = silence(14.0)
    right[: 11 * RATE_HZ] = silence(11.0)
    clean = measured([left, right], None)
    assert clean[0] > 6
    assert clean[1] > 6
    assert measured([left, right], leak_db) == pytest.approx(clean, abs=0.6)


def test_who_is_talked_over_is_still_heard(answer: tuple[NDArray[np.float32], list[PassageSpan]]) -> None:
    x = answer[0][: 24 * RATE_HZ]
    late = np.concatenate([silence(1.3), x[: -round(1.3 * RATE_HZ)]])
    alone = [measured([side, silence(24.0)], None)[0] for side in (x, late)]
    assert measured([x, late], None) == pytest.approx(alone, rel=0.04)


def test_leakage_of_a_loud_voice_in_a_soft_channel_is_nobodys_speech(
    answer: tuple[NDArray[np.float32], list[PassageSpan]],
) -> None:
    x = answer[0][: 24 * RATE_HZ]
    left, right = x.copy(), np.float32(0.25) * x
    left[12 * RATE_HZ :] = silence(12.0)
    right[: 12 * RATE_HZ] = silence(12.0)
    assert measured([left, right], -20.0) == pytest.approx(measured([left, right], None), abs=0.6)


LONG_S = 24
AT_S = np.arange(LONG_S * RATE_HZ) / RATE_HZ


def melody() -> NDArray[np.float64]:
    """Plucked notes, as of music on hold."""
    out, chance = np.zeros(AT_S.size), np.random.default_rng(4)
    for start in range(0, AT_S.size, RATE_HZ // 4):
        note_s = AT_S[: min(RATE_HZ // 2, AT_S.size - start)]
        hz = float(chance.choice((262, 294, 330, 392, 440, 523)))
        for k in range(1, 6):
            out[start : start + note_s.size] += np.sin(2 * np.pi * k * hz * note_s) / k * np.exp(-3 * note_s)
    return out


def sounds() -> dict[str, NDArray[np.float64]]:
    """What the other side of a call hears or plays that is no speech."""
    white = np.random.default_rng(3).standard_normal(AT_S.size)
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    return {
        "tone": np.sin(2 * np.pi * 440 * AT_S),
        "ring-back": (np.sin(2 * np.pi * 440 * AT_S) + np.sin(2 * np.pi * 480 * AT_S)) * (AT_S % 6 < 2),
        "busy": (np.sin(2 * np.pi * 480 * AT_S) + np.sin(2 * np.pi * 620 * AT_S)) * (AT_S % 1 < 0.5),
        "music": melody(),
        "white noise": white,
        "pink noise": np.fft.irfft(spectrum, AT_S.size),
    }


@pytest.mark.slow
@pytest.mark.parametrize("level_dbfs", [-10.0, -25.0])
@pytest.mark.parametrize("name", list(sounds()))
def test_loud_sound_on_the_other_side_that_is_no_speech_takes_nothing_away(
    answer: tuple[NDArray[np.float32], list[PassageSpan]], name: str, level_dbfs: float
) -> None:
    x = answer[0][: LONG_S * RATE_HZ]
    sound = sounds()[name]
    sound *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(sound**2))
    alone, _ = heard(x, silence(float(LONG_S)))
    speaker, other = heard(x, sound.astype(np.float32))
    assert speaker.syllables == pytest.approx(alone.syllables, rel=0.12 if name == "music" else 0.06)
    assert speaker.pace_wpm == pytest.approx(alone.pace_wpm, rel=0.12 if name == "music" else 0.06)
    assert other.speech_s < 0.5
    assert other.fillers == 0


def heard(*sides: NDArray[np.float32]) -> list[ChannelMeasures]:
    session = Session(load("conversation"), 2)
    for channel, side in enumerate(sides):
        session.hear(channel, side)
    session.finish()
    return session.summary().measures


@pytest.mark.corpus
def test_case_of_a_tone_on_the_other_side() -> None:
    blocks = [block for block in Recording(CASES / "tone_on_the_other_side.ogg", "both").blocks()]
    left, right = (np.concatenate(side) for side in zip(*blocks, strict=True))
    alone, _ = heard(left, np.zeros_like(left))
    speaker, other = heard(left, right)
    assert speaker.syllables == pytest.approx(alone.syllables, rel=0.03)
    assert speaker.pace_wpm == pytest.approx(alone.pace_wpm, rel=0.03)
    assert other.speech_s < 0.1


def ticks() -> NDArray[np.float64]:
    """Clicks of a clock: bursts of noise that fade within some hundredths of a second, twice a second."""
    white = np.random.default_rng(5).standard_normal(AT_S.size)
    return white * np.exp(-60 * (AT_S % 0.5))


def test_a_clock_on_the_other_side_tells_that_nothing_leaks() -> None:
    pair = Crosstalk()
    quiet = UNKNOWN_FRAME._replace(known=True, level_dbfs=-70.0, noise_dbfs=-72.0, speech=0.0)
    frames = np.zeros(2, FRAME)
    for hop in range(900):
        frames[0] = quiet._replace(level_dbfs=-70.0)
        frames[1] = quiet._replace(level_dbfs=-20.0 if hop % 50 < 4 else -60.0, speech=0.1)
        suppress_leakage(frames[0], frames[1], pair.state)
    assert pair.state["second"]["leak_db"] < LEAK_AT_FIRST_DB - 10.0
    assert pair.state["first"]["leak_db"] == LEAK_AT_FIRST_DB, "nothing loud was on that side"


@pytest.mark.slow
def test_ticks_on_the_other_side_take_no_syllables(
    answer: tuple[NDArray[np.float32], list[PassageSpan]],
) -> None:
    x, sound = answer[0][: LONG_S * RATE_HZ], ticks()
    sound *= 0.1 / np.sqrt(np.mean(sound**2))
    alone, _ = heard(x, silence(float(LONG_S)))
    speaker, other = heard(x, sound.astype(np.float32))
    assert speaker.syllables == pytest.approx(alone.syllables, rel=0.04)
    assert other.speech_s < 2.0
