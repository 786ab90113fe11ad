"""Nuclei of speech without phones: found by the ears at the voice's own tempo, and told of its variants too.

Fast speech runs vowels into each other, noise hides them. What the present ears find in the clean
recording at its own tempo is the truth of the same recording in noise, in rooms and at other tempos: the
new weights learn there what the old ones can't hear (self-training; Xie et al. 2020, "Self-training with
Noisy Student improves ImageNet classification").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.ears import Ears
from dsp.frame import HOP, HOP_S, RATE_HZ

from .recording import Audio, Corpus, Recording, restored
from .variants import PITCH, PITCH_SPREAD, TEMPO, varied

LEVEL = 0.3
"""Peak at which recordings are played to the teacher."""

LEAST_S, LEAST_NUCLEI = 0.8, 2
"""Shorter recordings, or with fewer nuclei, teach nothing."""

TAIL_HOPS = 20
"""Silence played after a recording, in which its last nuclei are reported."""

SEED = 8
"""Seed of tempos and pitches."""


def nuclei(x: Audio) -> NDArray[np.float64]:
    """Middles of the vowels that the present ears find, seconds."""
    ears, found = Ears(), []
    padded = np.concatenate([LEVEL * x, np.zeros(TAIL_HOPS * HOP, np.float32)])
    for k in range(padded.size // HOP):
        frame = ears.process(padded[k * HOP : (k + 1) * HOP])
        if frame.nucleus_ago_hops:
            found.append((k + 1 - frame.nucleus_ago_hops) * HOP_S)
    return np.array(found)


def taught(corpus: Corpus) -> dict[str, list[Recording]]:
    """Of each group without phones: its recordings with nuclei, half of them at another tempo and pitch."""
    rng, out = np.random.default_rng(SEED), {}
    for group, recordings in corpus.speech.items():
        if recordings[0].nuclei_s is not None:
            continue
        kept = []
        for number, recording in enumerate(recordings):
            if recording.samples.size < LEAST_S * RATE_HZ:
                continue
            found = nuclei(restored(recording.samples))
            if found.size < LEAST_NUCLEI:
                continue
            told = Recording(recording.samples, recording.speech, found)
            if number % 2:
                tempo = float(np.exp(rng.uniform(*np.log(TEMPO))))
                pitch = float(np.clip(np.exp(rng.normal(0.0, PITCH_SPREAD)), *PITCH))
                told = varied(told, tempo, round(pitch, 2))
            kept.append(told)
        if kept:
            out[group] = kept
            print(f"{group}: {len(kept)} taught", flush=True)
    return out
