"""Scores of what live pages were told of a dialogue, their times aligned with it by the starts of speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from engine.core.session import Session
from engine.protocol import events as ev
from engine.shipped import profiles

from .dialogues import Dialogue
from .interruption_scores import judged, overlap_s

BIN_S = 0.02
"""Fineness to which two lists of times are laid over each other."""

KINDS = (ev.SpeechStarted, ev.Interruption, ev.Backchannel, ev.Nudge)
"""Events that :func:`judged_live` judges."""


def judged_live(dialogue: Dialogue, said: Sequence[Sequence[Any]], coached: int = 2) -> dict[str, Any]:
    """Judge the reports on each side of a dialogue, and the nudges of the sides that are people."""
    session = Session(profiles.load("conversation"), 2)
    for channel, voice in enumerate(dialogue.samples.T):
        session.hear(channel, np.ascontiguousarray(voice))
    known = [event for event in session.poll() if isinstance(event, ev.SpeechStarted)]
    answers: list[Any] = []
    shifts_s: list[float] = []
    nudges = {"told": 0, "right": 0, "pages": 0, "reached": 0}
    for channel, events in enumerate(said):
        starts_s = [event.start_s for event in events if isinstance(event, ev.SpeechStarted)]
        shift_s = later(starts_s, [event.start_s for event in known if event.channel == channel])
        shifts_s.append(shift_s)
        true = dialogue.truth.interruptions[channel]
        if channel < coached:
            given = [event for event in events if isinstance(event, ev.Nudge) and event.cue == "interruption"]
            windows_s = [[at_s - shift_s for at_s in nudge.evidence.window_s] for nudge in given]
            nudges["told"] += len(given)
            nudges["right"] += sum(any(overlap_s(span, (a, b)) > 0 for span in true) for a, b in windows_s)
            nudges["pages"] += bool(true)
            nudges["reached"] += bool(true and given)
        for event in events:
            if isinstance(event, ev.Interruption | ev.Backchannel):
                moved = {
                    name: getattr(event, name) - shift_s
                    for name in ("at_s", "start_s", "end_s")
                    if hasattr(event, name)
                }
                answers.append(msgspec.structs.replace(event, channel=channel, **moved))
    definition_s = profiles.load("conversation").interruption.overlap_s
    return judged(dialogue, answers, definition_s) | {"shifts_s": shifts_s, "nudges": nudges}


def later(live_s: Sequence[float], known_s: Sequence[float]) -> float:
    """By how much the times of a live call are later than those in the dialogue: most pairs agree on it."""
    apart_s = np.subtract.outer(np.asarray(live_s), np.asarray(known_s)).ravel()
    near = [(np.abs(apart_s - one) < 2 * BIN_S).sum() for one in apart_s]
    best = apart_s[int(np.argmax(near))]
    return float(np.median(apart_s[np.abs(apart_s - best) < 2 * BIN_S]))
