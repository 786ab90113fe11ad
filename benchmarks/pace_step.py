"""Streams of talk whose speech rate steps from one value to another at a known time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.cues import CUES
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.profile import Profile
from engine.protocol.events import Nudge
from tests.harness.labelled_speech import TEXT, Labels, Samples, room

SLOW_WPM, FAST_WPM = 130.0, 190.0
LEAD_S = 20.0
"""Talk at the first rate before the step, and at the second after it."""

LEAST_PAUSE_S, MOST_PAUSE_S = 0.05, 1.0
"""Range of the pauses that set the rate: longer ones wouldn't count as talk."""

VOWELS = "aeiouæɑɐɒɔəɚɛɜɝɪʊʌᵻᵊAIOQWY"
"""Syllable nuclei among the phonemes of the packaged voice; capitals are diphthongs."""


class Step(NamedTuple):
    """A stream, and the time of its step."""

    name: str
    samples: Samples
    """Shape (n,)."""

    at_s: float


def of_readers(labels: Labels, profile: Profile) -> Iterator[Step]:
    """Sentences of each reader, at the slowest of three tempos that is fast enough, with pauses between them.

    The pause after each sentence adjusts its rate exactly.
    """
    speakers = sorted({row["speaker"] for row in labels.rows("pace/tempo_files.csv")})
    for speaker in speakers:
        slow = _at_rate(labels, speaker, SLOW_WPM, profile)
        fast = _at_rate(labels, speaker, FAST_WPM, profile)
        yield Step(speaker, np.concatenate([slow, fast]), len(slow) / RATE_HZ)


def of_the_packaged_voice(profile: Profile) -> Iterator[Step]:
    """The packaged voice at a speed at which its own phonemes reach the rate."""
    voice = SpeechSynthesizer()
    for seed in (0, 1):
        slow, fast = (_spoken_at(voice, wpm, seed, profile) for wpm in (SLOW_WPM, FAST_WPM))
        yield Step(f"packaged voice {seed}", np.concatenate([slow, fast]), len(slow) / RATE_HZ)


def first_slow_down(step: Step, profile: Profile) -> float | None:
    """Seconds from the step to the first "Slow down", with no other cue; negative when it came before."""
    session = Session(profile)
    for cue in set(CUES) - {"pace"}:
        session.set_cue(cue, False)
    session.hear(0, step.samples)
    session.finish()
    for event in session.poll():
        if isinstance(event, Nudge) and event.text == "Slow down":
            return event.at_s - step.at_s
    return None


def syllables_in(phonemes: str) -> int:
    """Number of vowels; a diphthong counts as one."""
    return sum(phoneme in VOWELS for phoneme in phonemes)


def _spoken_at(voice: SpeechSynthesizer, wpm: float, seed: int, profile: Profile) -> Samples:
    sentences = TEXT.split(". ")
    turned = ". ".join([*sentences[seed:], *sentences[:seed]])
    syllables = sum(syllables_in(phonemes) for phonemes in voice.phonemes(turned))
    wanted_s = 60.0 * syllables / profile.pace.syllables_per_word / wpm
    speed, said = 1.0, voice.synthesize(turned)
    for _ in range(4):
        speed = min(2.0, max(0.5, speed * len(said) / RATE_HZ / wanted_s))
        said = voice.synthesize(turned, speed=speed, seed=seed)
    return said[: round(LEAD_S * RATE_HZ)]


def _at_rate(labels: Labels, speaker: str, wpm: float, profile: Profile) -> Samples:
    sps = wpm / 60.0 * profile.pace.syllables_per_word
    name, sentences = _fast_enough(labels, speaker, sps)
    audio = labels.samples(name)[:, 0]
    parts: list[Samples] = []
    seconds = 0.0
    while seconds < LEAD_S:
        for start, end, syllables in sentences:
            pause_s = min(max(syllables / sps - (end - start), LEAST_PAUSE_S), MOST_PAUSE_S)
            parts += [audio[round(start * RATE_HZ) : round(end * RATE_HZ)], room(pause_s)[:, 0]]
            seconds += end - start + pause_s
            if seconds >= LEAD_S:
                break
    return np.concatenate(parts)


def _fast_enough(labels: Labels, speaker: str, sps: float) -> tuple[str, list[tuple[float, float, int]]]:
    """Slowest recording of a speaker that reaches the rate; its sentences: start, end, syllables."""
    recordings = []
    for factor in (1.4, 1.0, 0.7):
        name, scale = _recording(labels, speaker, factor)
        sentences, at_s = [], 0.0
        for row in labels.rows("pace/utterances.csv"):
            if row["speaker"] != speaker or "timit_streams" in row["file"]:
                continue
            start, end = (scale * (at_s + float(row[key])) for key in ("speech_start", "speech_end"))
            sentences.append((start, end, int(row["n_syllables_phones"])))
            at_s += float(row["duration"])
        recordings.append((name, sentences))
        if sum(n for *_, n in sentences) >= sps * sum(b - a + LEAST_PAUSE_S for a, b, _ in sentences):
            break
    return recordings[-1]


def _recording(labels: Labels, speaker: str, factor: float) -> tuple[str, float]:
    for row in labels.rows("pace/tempo_files.csv"):
        if row["speaker"] == speaker and float(row["asked_factor"]) == factor:
            return row["file"], float(row["real_factor"])
    names = labels.by_file("pace/utterances.csv")
    return next(name for name in names if "timit_streams" in name and speaker in name), 1.0
