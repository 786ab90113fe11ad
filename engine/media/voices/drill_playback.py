"""What a drill does to the ears of its speaker: its plan rendered ahead, and played when it says so."""

from __future__ import annotations

import numpy as np

from dsp.frame import RATE_HZ
from engine.drills.plan import Plan, Planned
from engine.media.resample import Samples
from engine.media.webrtc.playout import BLOCK, Mixer
from engine.protocol import events as ev

from .clips import ClipCache

MEAN_DROPOUT_S, MEAN_AUDIBLE_S = 0.12, 0.25
"""A bad line is gone for so long, and there for so long, on average."""


class RenderedPlan:
    """The sounds of a plan, ready to be played. Made by :func:`render_plan`, which takes its time."""

    def __init__(self, plan: Plan, sounds: list[list[Samples]]) -> None:
        self.plan = plan
        self.sounds = sounds
        """Of each step, in order: float32, 16 kHz."""

    @property
    def lengths_s(self) -> list[list[float]]:
        """As :meth:`engine.core.session.Session.begin_drill` wants them."""
        return [[one.size / RATE_HZ for one in of_step] for of_step in self.sounds]


def render_plan(plan: Plan, clips: ClipCache) -> RenderedPlan:
    """Render all that a plan may need: up to some seconds at first, nothing when it is kept already."""
    return RenderedPlan(plan, [render_step(step, clips, plan.seed) for step in plan.steps])


def render_step(step: Planned, clips: ClipCache, seed: int) -> list[Samples]:
    """What is heard of one step, line by line."""
    if step.lines:
        said = [clips.speech(step.role, line) for line in step.lines]
        return [with_dropouts(one, seed) for one in said] if step.do == "trouble" else said
    return [] if step.sound is None else [clips.sound(step.sound, step.for_s, seed)]


def with_dropouts(samples: Samples, seed: int) -> Samples:
    """A voice over a line that comes and goes, packet by packet (a two-state chain, Gilbert 1960)."""
    rng = np.random.default_rng(seed)
    out, there = samples.copy(), True
    for start in range(0, samples.size, BLOCK):
        there ^= bool(rng.random() < BLOCK / RATE_HZ / (MEAN_AUDIBLE_S if there else MEAN_DROPOUT_S))
        if not there:
            out[start : start + BLOCK] = 0.0
    return out


class DrillPlayback:
    """Plays what the events of a drill say into a mixer.

    Parameters
    ----------
    mixer : its sounds are those of the drill alone.
    """

    def __init__(self, render_step: RenderedPlan, mixer: Mixer) -> None:
        self._sounds = list(render_step.sounds)
        self._mixer = mixer
        self._playing: dict[int, int] = {}

    def add(self, sounds: list[Samples]) -> None:
        """Have the sounds of one step more."""
        self._sounds.append(sounds)

    def on(self, event: ev.AnyEvent) -> None:
        """Start or stop what an event of the drill says; others are nothing to it."""
        match event:
            case ev.DrillSound():
                samples = self._sounds[event.step][event.turn]
                self._playing[event.step] = self._mixer.play(samples, kind=event.kind)
            case ev.DrillHush():
                self._mixer.stop(None if event.step is None else self._playing.get(event.step))
