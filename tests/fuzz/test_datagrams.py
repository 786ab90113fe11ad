"""Whatever arrives by UDP, from whomever and whenever: a call connects, and nobody's call ends."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.harness.fuzz.bystander import bystander
from tests.harness.fuzz.datagrams import MOST_BYTES, datagrams
from tests.harness.fuzz.strangers import Moment, called, still_there

COUNT = 400
"""Datagrams of each moment and address; ``python -m benchmarks.fuzz`` sends many more."""


def test_datagrams_are_of_every_kind_and_length_and_the_same_for_a_seed() -> None:
    made = datagrams(1, 4000)
    assert made == datagrams(1, 4000)
    assert {datagram[0] // 16 for datagram in made if datagram} == set(range(16))
    assert {0, 1500, 1501, MOST_BYTES} <= {len(datagram) for datagram in made}


@pytest.mark.parametrize("moment", get_args(Moment))
async def test_a_strangers_datagrams_end_no_call(moment: Moment) -> None:
    async with bystander() as one:
        page = await called(one.server.address, moment, datagrams(len(moment), COUNT), own=False)
        await still_there(page)


async def test_a_pages_own_datagrams_end_no_call() -> None:
    async with bystander() as one:
        page = await called(one.server.address, "after", datagrams(4, COUNT), own=True)
        await still_there(page)
