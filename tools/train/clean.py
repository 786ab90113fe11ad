"""Removal of recordings that another detector (silero-vad, MIT) contradicts, noises and speech alike."""

from __future__ import annotations

import numpy as np
import silero_vad
import torch
from numpy.typing import NDArray

from dsp.frame import HOP, RATE_HZ

from .recording import Audio, Corpus, Recording, Stored, restored

BLOCK = 512
"""Samples per block of silero-vad."""

LEVEL = 0.5
"""Peak at which sounds are played to it."""

NOISE_HEARD_S, NOISE_MOST_VOICE = 15.0, 0.15
"""Length of a noise's start that is judged, and the least share of voice that disqualifies it."""

VOICE = 0.5
"""Probability from which a block is voice."""

SPEECH_LEAST, SILENCE_MOST = 0.45, 0.75
"""Least mean probability of voice in labelled speech, and largest in labelled silence."""

TRUSTED_S = 8.0
"""Longer speech is trusted."""

LEAD = 2 * BLOCK
"""Silence played before speech."""


class Judge:
    """Runs silero-vad over whole recordings."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self._model = silero_vad.load_silero_vad()

    def probabilities(self, x: Audio) -> NDArray[np.float64]:
        """Probability of voice in each whole block; a single zero where there is none."""
        self._model.reset_states()
        blocks = torch.from_numpy(x[: x.size // BLOCK * BLOCK].reshape(-1, BLOCK))
        return np.array([self._model(block, RATE_HZ).item() for block in blocks] or [0.0])

    def is_noise(self, sound: Stored) -> bool:
        """Whether it contains hardly any voice."""
        start = LEVEL * restored(sound[: int(NOISE_HEARD_S * RATE_HZ)])
        return bool((self.probabilities(start) > VOICE).mean() < NOISE_MOST_VOICE)

    def is_speech(self, recording: Recording) -> bool:
        """Whether labelled speech sounds like speech, and labelled silence doesn't."""
        if recording.samples.size > TRUSTED_S * RATE_HZ:
            return True
        x = np.concatenate([np.zeros(LEAD, np.float32), LEVEL * restored(recording.samples)])
        each = self.probabilities(x)
        on = recording.speech
        block = ((np.arange(on.size) + 0.5) * HOP + LEAD) / BLOCK
        heard = each[np.minimum(block.astype(int), each.size - 1)]
        return bool(heard[on].mean() > SPEECH_LEAST and (on.all() or heard[~on].mean() < SILENCE_MOST))


def cleaned(corpus: Corpus) -> Corpus:
    """Return the corpus without contradicted recordings; speech with known phones is trusted."""
    judge = Judge()
    speech, noise = dict(corpus.speech), dict(corpus.noise)
    for group, recordings in corpus.speech.items():
        if recordings[0].nuclei_s is None:
            speech[group] = [recording for recording in recordings if judge.is_speech(recording)]
            print(f"{group}: {len(recordings) - len(speech[group])} left out", flush=True)
    for kind, sounds in corpus.noise.items():
        noise[kind] = [sound for sound in sounds if judge.is_noise(sound)]
        print(f"{kind}: {len(sounds) - len(noise[kind])} left out", flush=True)
    return Corpus(
        {group: recordings for group, recordings in speech.items() if recordings},
        corpus.varied,
        {kind: sounds for kind, sounds in noise.items() if sounds},
    )
