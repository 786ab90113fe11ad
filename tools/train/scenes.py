"""Training scenes of 12 s: talk, or none, among noises; with labels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsp.frame import HOP, HOP_S, RATE_HZ

from .channel import (
    at_rate,
    between,
    gain,
    in_room,
    levelled,
    loudness,
    narrowed,
    pumped,
    through_microphone,
    through_opus,
)
from .noises import Rng, single, steady
from .recording import Audio, Corpus, Recording, restored
from .sources import FESTVOX_GROUP
from .synthesis import GROUPS

SCENE_HOPS = 1200
SAMPLES = SCENE_HOPS * HOP

HELD_OUT = frozenset({"0ad_greek", "tub_da", "tub_uk", "tub_ca", "asterisk_es", "tux_bg", "tux_ca"})
"""Groups that are never trained on, to evaluate on unknown speakers."""

KNOWN_HELD_OUT, NOISE_HELD_OUT = 0.08, 8
"""The last share of speech with known vowels, and every n-th noise, are held out."""

KNOWN_SHARE, TAUGHT_SHARE, VARIED_SHARE = 0.4, 0.4, 0.7
"""Shares of the scenes with talk whose vowels are known by phones, or were found by the teacher; of the
first, share at other tempos."""

KNOWN_GROUPS = {FESTVOX_GROUP: 0.56, **dict.fromkeys(GROUPS, 0.11)}
"""Weight of each group in those scenes. Other groups weigh by the square root of their length."""

SILENT_SHARE = 0.2
"""Share of scenes without talk."""

ROOM_SHARE, MICROPHONE_SHARE = 0.5, 0.6
STEADY_SHARE, AMBIENT_SHARE, MUSIC_SHARE, BABBLE_SHARE, HISS_SHARE = 0.55, 0.4, 0.18, 0.12, 0.9
EVENTS_SHARE, EVENTS_ALONE_SHARE = 0.55, 0.9
NARROW_SHARE, HUM_SHARE, GATED_SHARE, OFFSET_SHARE = 0.12, 0.08, 0.06, 0.03
PUMPED_SHARE, OPUS_SHARE = 0.12, 0.2
"""Shares of scenes with each effect."""

STEADY_BELOW_DB = ((3.0, 40.0), (0.0, 15.0), (-3.0, 12.0))
AMBIENT_BELOW_DB = ((0.0, 15.0), (-3.0, 12.0), (3.0, 30.0))
EVENTS_BELOW_DB = ((-6.0, 10.0), (-4.0, 10.0), (3.0, 30.0))
EVENTS_ALONE_BELOW_DB = (-12.0, 12.0)
MUSIC_BELOW_DB = (3.0, 25.0)
BABBLE_BELOW_DB = (10.0, 30.0)
HISS_BELOW_DB = (35.0, 70.0)
"""Ranges of each noise's level below the loud parts of the talk."""

GATE_REACH_HOPS = 5
"""A gated microphone gives digital silence further than this from the talk."""

HUM_DB, OFFSET = (-51.0, -16.0), 0.05
"""Mains hum relative to the talk, and the largest DC offset re full scale."""

LEVEL_DB = ((-65.0, -8.0), (-40.0, -10.0))
"""Level of the talk in the scene, dB re full scale."""

EVENT_KINDS = (
    *("actor", "city", "scratch", "uh", "actor", "keys", "sonic", "drums", "music", "lmms", "sfx"),
    *("stamps", "flight", "made", "made", "made", "stamps", "sfx", "keys", "desk", "desk", "hold"),
)
"""Kinds of single noises, some listed more than once for their weight; ``made`` ones are synthetic."""

AMBIENT_KINDS = ("ambient", "ambient", "ambient", "city", "uh")
"""Kinds of continuous noises."""

PAUSES_S = (0.05, 0.5, 1.5, 3.0)
"""Range of mean pauses between single noises."""

GAPS_S = (0.15, 0.4, 1.0, 2.5, 4.0)
"""Range of mean pauses between recordings of talk."""

RATE_SPREAD, RATE = 0.12, (0.72, 1.4)
"""Resampling of a scene's talk: spread of the logarithm, and limits."""

LEAST_TALK = RATE_HZ // 2
"""Latest start of a recording before the scene's end."""


@dataclass
class Scene:
    """A sound and its labels."""

    samples: Audio = field(default_factory=lambda: np.zeros(SAMPLES, np.float32))
    speech: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(SCENE_HOPS, np.bool_))
    nuclei_s: list[float] = field(default_factory=list)
    nuclei_known: bool = True


def split(corpus: Corpus, *, held_out: bool) -> Corpus:
    """Select what is trained on, or what is held out."""
    speech, varied, noise = {}, {}, {}
    for group, found in corpus.speech.items():
        if found[0].nuclei_s is not None:
            edge = int(len(found) * (1.0 - KNOWN_HELD_OUT))
            speech[group] = found[edge:] if held_out else found[:edge]
            again = enumerate(corpus.varied[group])
            varied[group] = [item for i, item in again if (i % len(found) >= edge) == held_out]
        elif (group in HELD_OUT) == held_out:
            speech[group] = found
            varied[group] = corpus.varied.get(group, [])
    for kind, sounds in corpus.noise.items():
        noise[kind] = [x for i, x in enumerate(sounds) if (i % NOISE_HELD_OUT == 0) == held_out]
    return Corpus(
        {group: found for group, found in speech.items() if found},
        {group: found for group, found in varied.items() if found},
        {kind: sounds for kind, sounds in noise.items() if sounds},
    )


class Mixer:
    """Makes scenes of a corpus; the same number gives the same scene."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self._corpus, self._seed = corpus, seed
        self._known = [group for group in KNOWN_GROUPS if group in corpus.speech]
        self._plain = [group for group in corpus.speech if group not in KNOWN_GROUPS]
        if not self._known or not self._plain:
            raise ValueError("scenes need speech with known vowels, and other speech")
        shares = np.array([KNOWN_GROUPS[group] for group in self._known])
        sizes = [sum(item.samples.size for item in corpus.speech[group]) for group in self._plain]
        self._known_shares, self._plain_shares = shares / shares.sum(), np.sqrt(sizes) / np.sqrt(sizes).sum()
        self._taught = [group for group in self._plain if group in corpus.varied]
        sizes = [sum(item.samples.size for item in corpus.varied[group]) for group in self._taught]
        self._taught_shares = np.sqrt(sizes) / np.sqrt(sizes).sum()

    def scene(self, number: int) -> Scene:
        """Scene of a number."""
        rng = np.random.default_rng([self._seed, number])
        silent = rng.random() < SILENT_SHARE
        scene = Scene() if silent else self._talk(rng)
        y = scene.samples
        if not silent:
            y = in_room(rng, y) if rng.random() < ROOM_SHARE else y
            y = through_microphone(rng, y) if rng.random() < MICROPHONE_SHARE else y
        if rng.random() < STEADY_SHARE:
            y = y + levelled(steady(rng, SAMPLES)) * gain(-between(rng, *STEADY_BELOW_DB))
        if rng.random() < AMBIENT_SHARE:
            y = y + levelled(self._filled(rng, AMBIENT_KINDS)) * gain(-between(rng, *AMBIENT_BELOW_DB))
        if rng.random() < (EVENTS_ALONE_SHARE if silent else EVENTS_SHARE):
            below_db = between(rng, EVENTS_ALONE_BELOW_DB) if silent else between(rng, *EVENTS_BELOW_DB)
            y = y + self._events(rng) * gain(-below_db)
        if not silent and rng.random() < MUSIC_SHARE:
            y = y + levelled(self._filled(rng, ("music", "music", "hold"))) * gain(
                -between(rng, MUSIC_BELOW_DB)
            )
        if not silent and rng.random() < BABBLE_SHARE:
            y = y + self._babble(rng) * gain(-between(rng, BABBLE_BELOW_DB))
        if rng.random() < HISS_SHARE:
            y = y + rng.standard_normal(SAMPLES).astype(np.float32) * gain(-between(rng, HISS_BELOW_DB))
        if rng.random() < NARROW_SHARE:
            y = narrowed(rng, y)
        if rng.random() < HUM_SHARE:
            phase = 2.0 * np.pi * rng.choice([50, 60]) * np.arange(SAMPLES) / RATE_HZ + rng.uniform(0, 6)
            y = y + np.sin(phase) * gain(between(rng, HUM_DB))
        if not silent and rng.random() < GATED_SHARE:
            open_hops = np.convolve(scene.speech, np.ones(2 * GATE_REACH_HOPS + 1), "same") > 0
            y = y * np.repeat(open_hops, HOP)
        if not silent and rng.random() < PUMPED_SHARE:
            y = pumped(rng, y)
        if rng.random() < OPUS_SHARE:
            y = through_opus(rng, np.clip(y / (np.abs(y).max() + 1e-9), -1.0, 1.0)) * np.abs(y).max()
        y = y * gain(between(rng, *LEVEL_DB))
        if rng.random() < OFFSET_SHARE:
            y = y + rng.uniform(-OFFSET, OFFSET)
        scene.samples = np.clip(y, -1.0, 1.0).astype(np.float32)
        return scene

    def _talk(self, rng: Rng) -> Scene:
        """Successive recordings of one voice or language, their loud parts at about 1."""
        by = rng.random()
        taught = KNOWN_SHARE <= by < KNOWN_SHARE + TAUGHT_SHARE and bool(self._taught)
        scene = Scene(nuclei_known=by < KNOWN_SHARE or taught)
        varied = taught or (scene.nuclei_known and rng.random() < VARIED_SHARE)
        voices = self._corpus.varied if varied else self._corpus.speech
        known = str(rng.choice(self._known, p=self._known_shares))
        group = known if scene.nuclei_known else self._speaker(rng)
        if taught:
            group = str(rng.choice(self._taught, p=self._taught_shares))
        rate = float(np.clip(np.exp(rng.normal(0.0, RATE_SPREAD)), *RATE))
        gap_s, spread_db = rng.choice(GAPS_S), rng.uniform(0.0, 5.0)
        at = int(RATE_HZ * rng.exponential(0.7))
        while at < SAMPLES - LEAST_TALK:
            hop = at // HOP
            x, on, nuclei_s = at_rate(self._any(rng, voices[group]), rate)
            on = on[: SCENE_HOPS - hop]
            x = x[: on.size * HOP]
            end = hop + on.size
            scene.samples[hop * HOP : end * HOP] += x / loudness(x) * gain(rng.uniform(-spread_db, spread_db))
            scene.speech[hop:end] |= on
            scene.nuclei_s += [hop * HOP_S + s for s in nuclei_s if hop * HOP_S + s < SCENE_HOPS * HOP_S]
            at = end * HOP + int(RATE_HZ * rng.exponential(gap_s))
            if not scene.nuclei_known and rng.random() < 0.08:
                group = self._speaker(rng)
        if not scene.nuclei_known:
            scene.nuclei_s = []
        return scene

    def _speaker(self, rng: Rng) -> str:
        return str(rng.choice(self._plain, p=self._plain_shares))

    @staticmethod
    def _any(rng: Rng, items: list[Recording]) -> Recording:
        return items[rng.integers(len(items))]

    def _noise(self, rng: Rng, kind: str) -> Audio:
        """A recording of a kind; a synthetic one where there is none."""
        sounds = self._corpus.noise.get(kind)
        return restored(sounds[rng.integers(len(sounds))]) if sounds else single(rng)

    def _filled(self, rng: Rng, kinds: tuple[str, ...]) -> Audio:
        """Pieces of noises of one kind without pauses."""
        kind, y, at = kinds[rng.integers(len(kinds))], np.zeros(SAMPLES, np.float32), 0
        while at < SAMPLES:
            x = self._noise(rng, kind)
            n = min(x.size, SAMPLES - at)
            start = rng.integers(0, x.size - n + 1)
            y[at : at + n] = x[start : start + n]
            at += n
        return y

    def _events(self, rng: Rng) -> Audio:
        """Single noises with pauses, mostly of one kind, at various rates and levels."""
        pause_s, kind = rng.choice(PAUSES_S), EVENT_KINDS[rng.integers(len(EVENT_KINDS))]
        y, at = np.zeros(SAMPLES, np.float32), int(rng.integers(0, 2 * RATE_HZ))
        while at < SAMPLES - RATE_HZ // 10:
            if rng.random() < 0.15:
                kind = EVENT_KINDS[rng.integers(len(EVENT_KINDS))]
            x = self._noise(rng, kind)
            n = RATE_HZ if kind == "keys" else int(RATE_HZ * rng.uniform(0.5, 6.0))
            if x.size > n:
                start = rng.integers(0, x.size - n)
                x = x[start : start + n]
                x[-400:] *= np.linspace(1, 0, 400, dtype=np.float32)
            x = np.interp(np.arange(0.0, x.size - 1.0, rng.uniform(0.7, 1.4)), np.arange(x.size), x)
            loud = loudness(x) if x.size > RATE_HZ // 5 else 0.4 * np.abs(x).max() + 1e-6
            x = (x / loud * gain(rng.uniform(-6.0, 6.0)))[: SAMPLES - at]
            y[at : at + x.size] += x.astype(np.float32)
            at += x.size + int(RATE_HZ * rng.exponential(pause_s))
        return y

    def _babble(self, rng: Rng) -> Audio:
        """Three to eight people at once, in the background."""
        y = np.zeros(SAMPLES, np.float32)
        for _ in range(rng.integers(3, 9)):
            group, at = self._speaker(rng), 0
            while at < SAMPLES:
                x = restored(self._any(rng, self._corpus.speech[group]).samples)
                x = (x / loudness(x))[: SAMPLES - at]
                y[at : at + x.size] += x
                at += x.size + int(RATE_HZ * rng.uniform(0.0, 0.3))
        return levelled(y)
