"""What a take may hold by its own switches: nothing more is ever written."""

from __future__ import annotations

from engine.protocol.kept import Kept
from engine.protocol.take import Take, reduced


def allowed(take: Take, kept: Kept | None = None) -> Take:
    """Return a take without what may not be kept of it.

    Parameters
    ----------
    kept : what its person allows now; the take's own switches hold too, so nothing is ever added.
    """
    from engine.cues import CUES  # what is only read needs none of it

    words = frozenset(name for name, cue in CUES.items() if cue.needs_words)
    return reduced(take, take.kept if kept is None else both(take.kept, kept), words)


def both(one: Kept, other: Kept) -> Kept:
    """Return what both allow."""
    return Kept(
        figures=one.figures and other.figures,
        words=one.words and other.words,
        sound=one.sound and other.sound,
    )
