"""Syllable nuclei: peaks of what the network of ``dsp.voice`` takes for the middle of a vowel.

Counting peaks that are parted by dips is how de Jong & Wempe (2009) count syllables in
the intensity; here the curve comes from a network that has learned which rises of the
sound are vowels, so that glides, nasals and noise make none.
"""

from __future__ import annotations

from .voice import NUCLEUS_DELAY_HOPS

LEAST = 0.16
"""A peak that is lower is none."""

DIP = 0.8
"""The curve rises from below this share of a peak before it, and falls below it after it."""

APART_HOPS = 6
"""Nuclei closer to the one before are the same syllable."""


class Syllables:
    """Finds syllable nuclei once the curve has dipped after each, some 0.1 s after their middle."""

    def __init__(self) -> None:
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the unfinished syllable: nothing spans a gap."""
        self._dip = 1.0
        self._peak = 0.0  # 0 until the curve has risen
        self._peak_ago = 0
        self._last_ago = APART_HOPS

    def process(self, nucleus: float) -> int:
        """Take a hop's value of ``VoiceActivity.nucleus``.

        Returns
        -------
        int
            If a nucleus is complete with this hop: how many hops before its end the
            middle of the nucleus lies, at least 1; else 0.
        """
        self._last_ago += 1
        self._peak_ago += 1
        if nucleus > self._peak and (self._peak or self._risen(nucleus)):
            self._peak, self._peak_ago = nucleus, 0
        elif not self._peak:
            self._dip = min(self._dip, nucleus)
        elif nucleus < DIP * self._peak:
            ago_hops, apart_hops = self._peak_ago, self._last_ago - self._peak_ago
            self._peak, self._dip = 0.0, nucleus
            if apart_hops >= APART_HOPS:
                self._last_ago = ago_hops
                return ago_hops + NUCLEUS_DELAY_HOPS
        return 0

    def _risen(self, nucleus: float) -> bool:
        return nucleus > LEAST and DIP * nucleus > self._dip
