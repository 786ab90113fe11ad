"""Speakers that call one after the other, in a process of their own, while a crowd speaks in another.

    python -m benchmarks.net.caller ADDRESS CALLS WAIT_S

Each leaves before the next calls. Prints a JSON list with the delays of each. Callers in the
crowd's own process would measure its delays: they would wait behind a hundred speakers' packets.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys

from tests.harness.net.crowd import Crowd
from tests.harness.net.speaker import Speaker

from .packet_delays import events

Seen = dict[str, float | None]


async def calls(address: str, count: int, wait_s: float) -> list[Seen]:
    """Call ``count`` times; return ``offer_to_answer_ms`` and ``click_to_first_event_ms`` of each.

    The second is None where no event came within ``wait_s``.
    """
    seen: list[Seen] = []
    async with Crowd(address) as crowd:
        for _ in range(count):
            (speaker,) = await crowd.join(1)
            first_ms = await first_event_ms(speaker, wait_s)
            seen.append(
                {"offer_to_answer_ms": 1000 * speaker.answered_s, "click_to_first_event_ms": first_ms}
            )
            await crowd.leave([speaker])
    return seen


async def first_event_ms(speaker: Speaker, wait_s: float) -> float | None:
    """Time from the start of a speaker's call to the first message with an event; None without one."""
    for _ in range(round(wait_s / 0.01)):
        for message in speaker.messages:
            if any("seq" in event for event in events(message.raw)):
                return 1000 * (message.at_s - speaker.began_s)
        await asyncio.sleep(0.01)
    return None


async def elsewhere(address: str, count: int, wait_s: float) -> list[Seen]:
    """Run :func:`calls` in a process of its own, on the cores of this one."""
    command = [sys.executable, "-m", "benchmarks.net.caller", address, str(count), str(wait_s)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the callers ended with {process.returncode}")
    seen: list[Seen] = json.loads(printed)
    return seen


if __name__ == "__main__":
    gc.freeze()
    print(json.dumps(asyncio.run(calls(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))))
