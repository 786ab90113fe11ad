"""Threads for calls: whatever a call raises arrives at whoever waits on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from engine.server.record.threads import CallThreads


@pytest.fixture
def threads() -> Iterator[CallThreads]:
    threads = CallThreads(2, "test")
    yield threads
    assert threads.close(60)


def cancelled() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: next(iter(())), RuntimeError),  # StopIteration would never come out of a future
        (lambda: [].pop(), IndexError),
        (cancelled, asyncio.CancelledError),
    ],
)
async def test_what_a_call_raises_arrives(
    threads: CallThreads, call: Callable[[], None], error: type[BaseException]
) -> None:
    with pytest.raises(error):
        await asyncio.wait_for(asyncio.wrap_future(threads.submit(call)), 60)
