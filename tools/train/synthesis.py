"""Speech of the synthesiser flite, with the end of each phone."""

from __future__ import annotations

import pydoc_data.topics
import random
import re
import shutil
import subprocess
from pathlib import Path

from dsp.frame import RATE_HZ

from .labels import phones_of, with_phones
from .recording import Recording, decoded

VOICES = ("slt", "rms", "awb", "kal16")
"""One woman and three men, one of them of diphones."""

GROUPS = tuple(f"flite_{voice}" for voice in VOICES)

VOWELS = frozenset(
    "aa ae ah ao aw ax axr ay eh el em en er ey ih ix iy ow oy uh uw".split()  # noqa: SIM905
)
"""Vowels of English and syllabic consonants, as flite names them."""

STRETCHES = (0.62, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25)
"""Durations of phones relative to the voice's own."""

MINUTES = 18.0
"""Speech per voice."""

LETTERS = (26, 139)
"""Range of letters in a sentence."""

LONGEST_WORD, MOST_SINGLE_LETTERS = 12, 2
"""Sentences beyond these limits are code, not prose."""

MOST_S = 60.0
"""Sentences are cut off at this length."""

SEED = 1
"""Seed of the order of sentences and of their tempos."""


def sentences() -> list[str]:
    """Sentences of Python's own documentation, without figures and signs."""
    text = re.sub(r"[^A-Za-z,.' ]+", " ", " ".join(pydoc_data.topics.topics.values()))
    found = [part.strip() for part in re.split(r"(?<=[.])\s", re.sub(r"\s+", " ", text))]
    return [sentence for sentence in found if is_prose(sentence)]


def is_prose(sentence: str) -> bool:
    """Whether a text reads like a sentence."""
    lengths = [len(word) for word in sentence.split()]
    return (
        LETTERS[0] <= len(sentence) <= LETTERS[1]
        and max(lengths) <= LONGEST_WORD
        and lengths.count(1) <= MOST_SINGLE_LETTERS
    )


def spoken(sentence: str, voice: str, stretch: float, file: Path) -> tuple[Recording | None, float]:
    """Synthesise a sentence; return it with its duration in seconds. ``file`` is overwritten."""
    if shutil.which("flite") is None:
        raise FileNotFoundError("flite is missing: `apt-get install flite` brings it")
    command = ["flite", "-voice", voice, "-psdur", "--setf", f"duration_stretch={stretch}"]
    told = subprocess.run([*command, "-t", sentence, "-o", file], capture_output=True, text=True, check=True)
    ends = [(name, float(end_s)) for name, end_s in re.findall(r"(\S+?):(\d+\.\d+)", told.stdout)]
    x = decoded(file, MOST_S)
    return with_phones(x, phones_of(ends), VOWELS), x.size / RATE_HZ


def speech(work: Path) -> dict[str, list[Recording]]:
    """Synthesised speech of each voice."""
    chance = random.Random(SEED)
    lines = sentences()
    chance.shuffle(lines)
    out: dict[str, list[Recording]] = {}
    said = 0
    for voice, group in zip(VOICES, GROUPS, strict=True):
        out[group] = []
        total_s = 0.0
        while total_s < MINUTES * 60.0:
            line, stretch = lines[said % len(lines)], chance.choice(STRETCHES)
            recording, took_s = spoken(line, voice, stretch, work / "flite.wav")
            if recording is not None:
                out[group].append(recording)
            said += 1
            total_s += took_s
        print(f"{group}: {len(out[group])} sentences", flush=True)
    return out
