"""Syllable nuclei: peaks of the network's curve for the middle of a vowel.

Counting peaks separated by dips is the method of de Jong & Wempe (2009), "Praat script to detect
syllable nuclei and measure speech rate automatically", on the intensity. Here the curve comes from the
network of ``dsp.voice_activity``, trained to rise at vowels only, so that glides, nasals and noise make
no peaks. How sensitive the figures are to the constants was not measured.
"""

from __future__ import annotations

import numpy as np

from .component import Component, State
from .kernel import kernel
from .voice_activity import NUCLEUS_DELAY_HOPS

MIN_PEAK = 0.3
"""Lowest peak that counts."""

DIP = 0.85
"""The curve must rise from below this share of a peak before it, and fall below it after it."""

APART_HOPS = 6
"""Nuclei closer to the previous one belong to the same syllable."""


@kernel
def track_peak(nucleus: float, state: State) -> int:
    """Process the next value of the curve; return hops since the middle of a completed nucleus, else 0."""
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
    """Process a hop of a short loss: ``Syllables.bridge``. A nucleus completed in it is reported later."""
    if state.owed_ago > 0:
        state.owed_ago += 1
    found = track_peak(nucleus, state)
    if found > 0:
        state.owed_ago = found


@kernel
def find_nucleus(nucleus: float, state: State) -> int:
    """Process a hop: ``Syllables.process``."""
    found: int = track_peak(nucleus, state)
    owed: int = state.owed_ago
    if owed == 0:
        return found
    state.owed_ago = found  # if any, reported with the next hop
    return owed + 1


class Syllables(Component):
    """Finds syllable nuclei once the curve has dipped after each, some 0.1 s after their middle."""

    STATE = np.dtype(
        [
            ("dip", "f8"),
            ("peak", "f8"),  # 0 until the curve has risen
            ("peak_ago", "i8"),
            ("last_ago", "i8"),
            ("owed_ago", "i8"),  # hops since a nucleus not yet reported; 0 when there is none
        ],
        align=True,
    )

    def reset(self) -> None:
        """Forget everything."""
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the unfinished syllable: nothing spans a long loss."""
        self.state["dip"] = 1.0
        for name in ("peak", "peak_ago", "owed_ago"):
            self.state[name] = 0
        self.state["last_ago"] = APART_HOPS

    def bridge(self, nucleus: float) -> None:
        """Process the value of ``VoiceActivity.nucleus`` for a hop of a short loss.

        A nucleus that is complete by then is reported with the next received hop. Its middle may lie in
        the gap: a vowel lasts longer than that, so part of it was received.
        """
        bridge_syllables(nucleus, self.state)

    def process(self, nucleus: float) -> int:
        """Process a hop's value of ``VoiceActivity.nucleus``.

        Returns
        -------
        int
            If a nucleus is complete with this hop: hops from the middle of the nucleus to the end of
            this hop, at least 1; else 0.
        """
        return find_nucleus(nucleus, self.state)
