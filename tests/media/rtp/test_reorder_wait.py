"""Once a network is good again the delay is what it was, within 100 ms."""

from __future__ import annotations

import random

import pytest

from tests.harness.packets import TICKS, Line, rtp, spoken

PACKET_S = TICKS / 48_000
BAD = range(100, 300)
"""Packets of the bad stretch."""

CLEAN_S = 0.1
"""How long after it the delay must be what it was."""


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("loss", "jitter_s", "copies"), [(0.1, 0.0, 0.0), (0.0, 0.06, 0.0), (0.3, 0.2, 0.1), (1.0, 0.0, 0.0)]
)
def test_each_packet_is_heard_when_it_comes_soon_after_the_network_was_bad(
    seed: int, loss: float, jitter_s: float, copies: float
) -> None:
    rng = random.Random(seed)
    arrivals: list[tuple[float, int]] = []
    for number in range(400):
        arrived_s = 100.0 + number * PACKET_S
        if number not in BAD:
            arrivals.append((arrived_s, number))
        elif rng.random() >= loss:
            arrivals += [(arrived_s + rng.uniform(0, jitter_s), number)] * (1 + (rng.random() < copies))
    good_s = 100.0 + BAD.stop * PACKET_S + jitter_s
    line = Line()
    payloads = spoken(400)
    checked = 0
    for arrived_s, number in sorted(arrivals):
        line.packet(rtp(number, number * TICKS, payloads[number]), arrived_s)
        if arrived_s >= good_s + CLEAN_S or arrived_s < 100.0 + BAD.start * PACKET_S:
            checked += 1
            assert line.stream.due_s is None
            assert line.stream.oldest_s == arrived_s
            # Nothing is held back, and none of the time that was bad has moved what follows.
            assert line.session.position(0) == (number + 1) * TICKS // 3
    assert checked > 150
    assert line.stream.received + line.stream.lost >= 400 - len(BAD)
