"""The people of the drills: one synthesised voice, varied in pitch, vocal tract length, tempo and melody.

Vocal tract length makes a voice sound like another person instead of the same one higher: speech played
faster has formants and pitch higher by the same factor, and the synthesiser shifts the pitch back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import av
import numpy as np
from msgspec import Struct

from dsp.frame import RATE_HZ
from engine.media.resample import Resampler, Samples
from engine.protocol.terms import Role

from .normalisation import SPEECH_LUFS, loudness_normalized
from .practice_answer import trim_silence
from .synthesis import SpeechSynthesizer


class Person(Struct, frozen=True, kw_only=True):
    """Parameters of a person's voice, relative to the synthesiser's own."""

    pitch_st: float
    formants: float
    """Factor on the formants: above 1 is a shorter vocal tract."""

    speed: float
    liveliness: float
    loudness_lu: float = 0.0


PEOPLE: Mapping[Role, Person] = MappingProxyType(
    {
        "interviewer": Person(pitch_st=0.0, formants=1.0, speed=1.0, liveliness=1.2),
        "teammate": Person(pitch_st=-4.5, formants=0.93, speed=1.1, liveliness=0.9),
        "client": Person(pitch_st=3.5, formants=1.08, speed=1.2, liveliness=1.7, loudness_lu=3.0),
        "executive": Person(pitch_st=-8.5, formants=0.86, speed=1.0, liveliness=0.7, loudness_lu=1.0),
        "colleague": Person(pitch_st=1.85, formants=1.04, speed=1.05, liveliness=1.4),
        "policymaker": Person(pitch_st=-2.3, formants=0.97, speed=0.95, liveliness=1.0),
    }
)

PRONUNCIATIONS: Mapping[str, str] = MappingProxyType(
    {
        "mm-hm": "[mm](/mˈʌm/)[hm](/hˈʌm/)",
        "uh-huh": "[uh](/ˈʌ/)[huh](/hˈʌ/)",
        "hmm": "[hmm](/hˈʌmmm/)",
    }
)
"""Phonemes of words that aren't pronounced as they are written."""

_SPELLINGS = re.compile("|".join(map(re.escape, PRONUNCIATIONS)), re.IGNORECASE)


def spoken_form(text: str) -> str:
    """Return a text with phonemes for the words in :data:`PRONUNCIATIONS`."""
    return _SPELLINGS.sub(lambda found: PRONUNCIATIONS[found[0].lower()], text)


def render_speech(
    voice: SpeechSynthesizer, person: Person, text: str, seed: int = 0, fall_st: float = 0.0
) -> Samples:
    """Synthesise a person's line: float32, shape (n,), 16 kHz, trimmed, at the person's loudness.

    With ``fall_st`` each sentence ends on a clear fall of so many semitones; the voice's own end without.
    """
    said = voice.synthesize(
        spoken_form(text),
        speed=person.speed / person.formants,
        liveliness=person.liveliness,
        rise_st=-fall_st,
        shift_st=person.pitch_st - 12.0 * math.log2(person.formants),
        seed=seed,
    )
    return loudness_normalized(
        trim_silence(speed_up(said, person.formants)), SPEECH_LUFS + person.loudness_lu
    )


def speed_up(samples: Samples, factor: float) -> Samples:
    """Return a sound played faster, with all frequencies raised by the same factor."""
    if factor == 1.0:
        return samples
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="flt", layout="mono")
    frame.sample_rate = round(RATE_HZ * factor)
    resampler = Resampler()
    return np.concatenate([resampler.feed(frame), resampler.flush()])
