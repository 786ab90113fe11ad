"""Chunks as no browser sends them, from one that is connected: nobody else's call suffers."""

from __future__ import annotations

from tests.harness.calls import Page
from tests.harness.fuzz.bystander import bystander
from tests.harness.fuzz.sctp import (
    DATA,
    FORWARD_TSN,
    HEARTBEAT,
    INIT,
    RECONFIG,
    SACK,
    forgiving,
    send,
    sequences,
)

COUNT = 20
"""Sequences; ``python -m benchmarks.fuzz`` sends many more."""


def test_sequences_are_the_same_for_a_seed() -> None:
    made = [sequences(seed) for seed in range(200)]
    assert made == [sequences(seed) for seed in range(200)]
    kinds = {chunk.type for packets in made for packet in packets for chunk in packet}
    assert kinds >= {DATA, INIT, SACK, HEARTBEAT, RECONFIG, FORWARD_TSN}


async def test_odd_sequences_end_nobody_elses_call() -> None:
    async with bystander() as one:
        for seed in range(COUNT):
            page = Page()
            await page.call(one.server.address)
            forgiving(page.connection.sctp)
            await send(page.connection.sctp, sequences(seed))
            await page.connection.close()
