"""Running sessions in tests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.core.session import Session
from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped.profiles import load

Samples = NDArray[np.float32]


def heard(
    channels: list[Samples],
    *,
    cuts: Iterable[int] = (),
    profile: Profile | None = None,
    lost: Iterable[tuple[int, int]] = (),
) -> list[ev.AnyEvent]:
    """All events of a session over these channels, cut at ``cuts``, ``lost`` spans left out."""
    session = Session(profile or load("conversation"), len(channels))
    size = channels[0].size
    gone = sorted(lost)
    edges = sorted({0, size, *(c for c in cuts if c < size), *(t for span in gone for t in span if t < size)})
    for start, stop in pairwise(edges):
        if any(a <= start < b for a, b in gone):
            continue
        for channel, samples in enumerate(channels):
            session.hear(channel, samples[start:stop], at=start)
    session.advance(to=size)
    session.finish()
    return session.poll()


def facts(events: list[ev.AnyEvent]) -> list[ev.AnyEvent]:
    """Without readings and traces."""
    return [e for e in events if not isinstance(e, ev.Reading | ev.Trace)]
