"""Syllable nuclei: peaks of what the network of ``dsp.voice_activity`` takes for the middle of a vowel.

Counting peaks that are parted by dips is how de Jong & Wempe (2009) count syllables in
the intensity; here the curve comes from a network that has learned which rises of the
sound are vowels, so that glides, nasals and noise make none.
"""

from __future__ import annotations

import numpy as np

from .component import Component, State
from .kernel import kernel
from .voice_activity import NUCLEUS_DELAY_HOPS

MIN_PEAK = 0.16
"""A peak that is lower is none."""

DIP = 0.8
"""The curve rises from below this share of a peak before it, and falls below it after it."""

APART_HOPS = 6
"""Nuclei closer to the one before are the same syllable."""


@kernel
def track_peak(nucleus: float, state: State) -> int:
    """Take the next value of the curve; hops since the middle of a nucleus that is complete, else 0."""
    state.last_ago += 1
    state.peak_ago += 1
    risen = state.peak > 0.0 or (nucleus > MIN_PEAK and DIP * nucleus > state.dip)
    if nucleus > state.peak and risen:
        state.peak, state.peak_ago = nucleus, 0
    elif state.peak == 0.0:
        state.dip = min(state.dip, nucleus)
    elif nucleus < DIP * state.peak:
        ago_hops, apart_hops = state.peak_ago, state.last_ago - state.peak_ago
        state.peak, state.dip = 0.0, nucleus
        if apart_hops >= APART_HOPS:
            state.last_ago = ago_hops
            found: int = ago_hops + NUCLEUS_DELAY_HOPS
            return found
    return 0


@kernel
def bridge_syllables(nucleus: float, state: State) -> None:
    """``Syllables.bridge``: what is complete in a gap is owed."""
    if state.owed_ago > 0:
        state.owed_ago += 1
    found = track_peak(nucleus, state)
    if found > 0:
        state.owed_ago = found


@kernel
def find_nucleus(nucleus: float, state: State) -> int:
    """``Syllables.process``."""
    found: int = track_peak(nucleus, state)
    owed: int = state.owed_ago
    if owed == 0:
        return found
    state.owed_ago = found  # if any, told with the next hop
    return owed + 1


class Syllables(Component):
    """Finds syllable nuclei once the curve has dipped after each, some 0.1 s after their middle."""

    STATE = np.dtype(
        [
            ("dip", "f8"),
            ("peak", "f8"),  # 0 until the curve has risen
            ("peak_ago", "i8"),
            ("last_ago", "i8"),
            ("owed_ago", "i8"),  # a nucleus that is still to be told; 0 when there is none
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything heard."""
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the unfinished syllable: nothing spans a long gap."""
        self.state["dip"] = 1.0
        for name in ("peak", "peak_ago", "owed_ago"):
            self.state[name] = 0
        self.state["last_ago"] = APART_HOPS

    def bridge(self, nucleus: float) -> None:
        """Take the value that ``VoiceActivity.nucleus`` has with a hop of a short loss.

        What is complete by then is told with the next hop that is heard. Its middle may lie in
        the gap: a vowel lasts longer, so it was heard on one side at least.
        """
        bridge_syllables(nucleus, self.state)

    def process(self, nucleus: float) -> int:
        """Take a hop's value of ``VoiceActivity.nucleus``.

        Returns
        -------
        int
            If a nucleus is complete with this hop: how many hops before its end the
            middle of the nucleus lies, at least 1; else 0.
        """
        return find_nucleus(nucleus, self.state)
