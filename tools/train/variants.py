"""Variants of speech at other tempos and pitches, with their labels."""

from __future__ import annotations

import av
import av.filter
import numpy as np

from dsp.frame import HOP, RATE_HZ

from .recording import Audio, Recording, restored, stored

ROUNDS = 2
"""Variants per recording."""

TEMPO = (0.58, 1.7)
"""Range of tempo factors, uniform in octaves."""

PITCH_SPREAD, PITCH = 0.15, (0.75, 1.4)
"""Spread of the natural logarithm of pitch factors, and their limits."""

PITCH_MEAN = 0.05
"""Mean of that logarithm: up, as most of these voices are men's; down for the woman's."""

ATEMPO = (0.5, 2.0)
"""Range of ffmpeg's ``atempo`` with good quality."""

SEED = 7
"""Seed of tempos and pitches."""


def at_tempo(x: Audio, factor: float) -> Audio:
    """Change the tempo at the same pitch (waveform similarity overlap-add, ffmpeg's ``atempo``)."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE_HZ, layout="mono", time_base=f"1/{RATE_HZ}")  # type: ignore[arg-type]
    tempo, sink = graph.add("atempo", f"{factor:.4f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    whole = av.AudioFrame.from_ndarray(x[None], format="flt", layout="mono")
    whole.sample_rate, whole.pts = RATE_HZ, 0
    source.push(whole)
    source.push(None)
    pieces: list[Audio] = []
    while True:
        try:
            frame = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(pieces)
        assert isinstance(frame, av.AudioFrame)
        pieces.append(frame.to_ndarray()[0])


def varied(recording: Recording, tempo: float, pitch: float) -> Recording:
    """Change a recording's tempo and pitch, within the limits of ``ATEMPO``."""
    assert recording.nuclei_s is not None
    x = restored(recording.samples)
    x = np.interp(np.arange(0.0, x.size - 1.0, pitch), np.arange(x.size), x).astype(np.float32)
    left = min(ATEMPO[1], max(ATEMPO[0], tempo / pitch))
    tempo = left * pitch
    x = at_tempo(x, left)
    hops = x.size // HOP
    was = np.minimum(((np.arange(hops) + 0.5) * tempo).astype(int), recording.speech.size - 1)
    return Recording(stored(x[: hops * HOP]), recording.speech[was], recording.nuclei_s / tempo)


def variants(speech: dict[str, list[Recording]]) -> dict[str, list[Recording]]:
    """``ROUNDS`` variants of each recording with known vowels, round by round."""
    rng = np.random.default_rng(SEED)
    out: dict[str, list[Recording]] = {}
    for group, recordings in speech.items():
        if recordings[0].nuclei_s is None:
            continue
        mean = -PITCH_MEAN if group == "flite_slt" else PITCH_MEAN
        out[group] = []
        for recording in recordings * ROUNDS:
            tempo = float(np.exp(rng.uniform(*np.log(TEMPO))))
            pitch = float(np.clip(np.exp(rng.normal(mean, PITCH_SPREAD)), *PITCH))
            out[group].append(varied(recording, tempo, round(pitch, 2)))
        print(f"{group}: {len(out[group])} variants", flush=True)
    return out
