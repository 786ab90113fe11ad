"""Attachments: what listens in on a session beside its own measures.

A drill, the echo guard and a tap of frames are attachments; so is whatever reports late facts. A session
hears whole blocks in compiled code. Only in hops for which an attachment needs frames does it hear hop by
hop: an attachment that lives on events alone costs nothing in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from dsp.frame import Frame
from engine.protocol import events as ev

Hop = NDArray[np.float32]
"""float32, shape (160,): 10 ms of one channel."""

LateCheck = Callable[[ev.LateFact], Sequence[ev.LateFact]]
"""Given a late fact when it becomes known, returns the facts to emit instead."""


def as_learnt(fact: ev.LateFact) -> Sequence[ev.LateFact]:
    """Emit a late fact as it was learnt."""
    return (fact,)


class Attachment:
    """Base of attachments: each method does nothing unless overridden.

    The session calls, for each hop: :meth:`needs_frames`; if any attachment does, :meth:`filter_hop`
    before the hop is heard and :meth:`process_frame` after its events. :meth:`observe` is called with
    each fact, reading and drill event, in either case.
    """

    def needs_frames(self, hop: int) -> bool:
        """Whether hop number ``hop`` must be heard frame by frame."""
        return False

    def filter_hop(self, channel: int, hop: int, samples: Hop | None) -> Hop | None:
        """Samples to hear instead of those that arrived; None is a lost hop."""
        return samples

    def process_frame(self, channel: int, hop: int, frame: Frame) -> None:
        """Process the frame of a hop, in which leakage of the other channel is silence."""

    def observe(self, event: ev.AnyEvent) -> None:
        """Process an event of either channel, in the order of the log."""


class FrameTap(Attachment):
    """Hands out every frame of every channel.

    Parameters
    ----------
    on_frame : called with each channel and the frame that its facts are drawn from, hop by hop.
    """

    def __init__(self, on_frame: Callable[[int, Frame], None]) -> None:
        self._on_frame = on_frame

    def needs_frames(self, hop: int) -> bool:
        """Need all of them."""
        return True

    def process_frame(self, channel: int, hop: int, frame: Frame) -> None:
        """Hand it out."""
        self._on_frame(channel, frame)
