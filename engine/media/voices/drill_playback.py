"""Render the audio of a drill's plan ahead, and play it when the drill's events say so."""

from __future__ import annotations

import numpy as np

from dsp.frame import RATE_HZ
from engine.drills.plan import Plan, Planned
from engine.media.resample import Samples
from engine.media.webrtc.playout import BLOCK, Mixer
from engine.protocol import events as ev

from .clips import ClipCache

MEAN_DROPOUT_S, MEAN_AUDIBLE_S = 0.12, 0.25
"""Mean length of the dropouts of a bad connection, and of the audio between them."""


class RenderedPlan:
    """A plan with its rendered sounds. Made by :func:`render_plan`, which may take seconds."""

    def __init__(self, plan: Plan, sounds: list[list[Samples]]) -> None:
        self.plan = plan
        self.sounds = sounds
        """Sounds of each step, in order: float32, 16 kHz."""

    @property
    def lengths_s(self) -> list[list[float]]:
        """Lengths of the sounds, for :meth:`engine.core.session.Session.begin_drill`."""
        return [[one.size / RATE_HZ for one in of_step] for of_step in self.sounds]


def render_plan(plan: Plan, clips: ClipCache) -> RenderedPlan:
    """Render all sounds of a plan: some seconds at first, no time when they are cached."""
    return RenderedPlan(plan, [render_step(step, clips, plan.seed) for step in plan.steps])


def render_step(step: Planned, clips: ClipCache, seed: int) -> list[Samples]:
    """Return the sounds of one step, one for each line."""
    if step.lines:
        said = [clips.speech(step.role, line) for line in step.lines]
        return [with_dropouts(one, seed) for one in said] if step.do == "trouble" else said
    return [] if step.sound is None else [clips.sound(step.sound, step.for_s, seed)]


def with_dropouts(samples: Samples, seed: int) -> Samples:
    """Return samples with dropouts of whole packets (a two-state Markov chain, Gilbert 1960)."""
    rng = np.random.default_rng(seed)
    out, there = samples.copy(), True
    for start in range(0, samples.size, BLOCK):
        there ^= bool(rng.random() < BLOCK / RATE_HZ / (MEAN_AUDIBLE_S if there else MEAN_DROPOUT_S))
        if not there:
            out[start : start + BLOCK] = 0.0
    return out


class DrillPlayback:
    """Plays the sounds of a drill into a mixer, as its events say.

    Parameters
    ----------
    mixer : used by this drill alone.
    """

    def __init__(self, render_step: RenderedPlan, mixer: Mixer) -> None:
        self._sounds = list(render_step.sounds)
        self._mixer = mixer
        self._playing: dict[int, int] = {}

    def add(self, sounds: list[Samples]) -> None:
        """Add the sounds of another step."""
        self._sounds.append(sounds)

    def play_event(self, event: ev.AnyEvent) -> None:
        """Start or stop a sound if the event says so; other events are ignored."""
        match event:
            case ev.DrillSound():
                samples = self._sounds[event.step][event.turn]
                self._playing[event.step] = self._mixer.play(samples, kind=event.kind)
            case ev.DrillHush():
                self._mixer.stop(None if event.step is None else self._playing.get(event.step))
