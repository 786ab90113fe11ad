"""Impact on the speakers of what is done to their server: delays, losses and leaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import numpy as np

from tests.harness.net.crowd import Crowd

from .measured_server import MeasuredServer
from .packet_delays import lost_packets, packet_arrivals, percentiles, processed_s

COUNTED = ("tasks", "threads", "descriptors")


async def measure_impact(
    child: MeasuredServer, crowd: Crowd, doing: Awaitable[object], settle_s: float
) -> dict[str, Any]:
    """Await ``doing``; return the delays and losses of the speakers' packets meanwhile.

    Also the server's CPU, and ``settle_s`` after the end, what it holds more of than before.
    """
    before = await child.aask("state")
    began_s, cpu_s = time.monotonic(), child.cpu_s
    await doing
    ended_s = time.monotonic()
    cpu = (child.cpu_s - cpu_s) / (ended_s - began_s)
    await asyncio.sleep(settle_s)
    after = await child.aask("state")
    heard = await child.arecords()
    delays: list[float] = []
    lost = ended = 0
    for speaker in crowd.speakers:
        came, mine = packet_arrivals(speaker), heard[speaker.session]
        window = (came.sent_s >= began_s) & (came.sent_s < ended_s)
        known, gone = processed_s(mine, came.sent_s.size), lost_packets(mine, came.sent_s.size)
        lost += int((window & (gone | np.isnan(known))).sum())
        delays.extend(1000 * (known - came.sent_s)[window & ~gone])
        ended += any('"type":"ended"' in message.raw for message in speaker.messages)
    return {
        "seconds": round(ended_s - began_s, 1),
        "packet_to_event_ms": percentiles(delays),
        "packets_lost": lost,
        "sessions_ended": ended,
        "server_cpu": round(cpu, 2),
        "rss_growth_mb": round((after["rss_bytes"] - before["rss_bytes"]) / 1e6, 1),
        **{f"{name}_grown": after[name] - before[name] for name in COUNTED},
    }
