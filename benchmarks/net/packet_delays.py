"""Delays and losses of packets, from their arrivals and the records of the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tests.harness.net.opus import PACKET, PACKET_S
from tests.harness.net.speaker import Message, Speaker

from .measured_server import SessionRecord

Times = NDArray[np.float64]

PERCENTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "p999": 99.9}


class Arrivals(NamedTuple):
    """Times of a speaker's packets, by number."""

    sent_s: Times
    arrived_s: Times
    """When each was handed to the server's socket; NaN when the relay dropped it."""


def packet_arrivals(speaker: Speaker) -> Arrivals:
    """Arrivals of a speaker's packets; without a relay, the times at which they were sent."""
    sent_s = np.array(speaker.sent_s)
    if speaker.relay is None:
        return Arrivals(sent_s, sent_s)
    arrived_s = np.full(sent_s.size, np.nan)
    came = np.array(speaker.relay.arrived_s)[: sent_s.size]
    arrived_s[: came.size] = came
    return Arrivals(sent_s, arrived_s)


def processed_s(heard: SessionRecord, packets: int) -> Times:
    """Time at which the events of each packet's hops were known; NaN for packets never processed."""
    at = np.searchsorted(heard.positions, PACKET * np.arange(1, packets + 1))
    times_s = np.append(heard.times_s, np.nan)
    return times_s[np.minimum(at, heard.times_s.size)]


def lost_packets(heard: SessionRecord, packets: int) -> NDArray[np.bool_]:
    """Which packets the server counted as lost: those of which at least half is missing."""
    out = np.zeros(packets, np.bool_)
    for start, stop in heard.gaps:
        out[max(0, round(start / PACKET)) : max(0, round(stop / PACKET))] = True
    return out


def percentiles(values: Iterable[float] | Times) -> dict[str, float | int | None]:
    """p50, p95, p99 and p999 of milliseconds without NaN, and their number."""
    kept = np.asarray(list(values) if not isinstance(values, np.ndarray) else values, np.float64)
    kept = kept[~np.isnan(kept)]
    if not kept.size:
        return {**dict.fromkeys(PERCENTILES), "n": 0}
    return {
        **{name: round(float(np.percentile(kept, at)), 3) for name, at in PERCENTILES.items()},
        "n": int(kept.size),
    }


def message_delays_ms(messages: Iterable[Message], came: Arrivals) -> tuple[list[float], list[float]]:
    """Delays from the packet that completed an event to its message at the speaker: nudges, and others.

    Traces, which nobody waits for, are left out, and so are events whose packet never came
    (recovered, or given up as lost).
    """
    nudges: list[float] = []
    others: list[float] = []
    for message in messages:
        for event in events(message.raw):
            if "seq" not in event or event["type"] == "trace":
                continue
            delays = nudges if event["type"] == "nudge" else others
            packet = max(0, round(event["at_s"] / PACKET_S + 0.49) - 1)
            if packet < came.arrived_s.size:
                delays.append((message.at_s - came.arrived_s[packet]) * 1000)
    return [delay for delay in nudges if delay >= 0], [delay for delay in others if delay >= 0]


def events(raw: str | bytes) -> list[dict[str, Any]]:
    """Records in a message."""
    decoded = msgspec.json.decode(raw)
    return decoded if isinstance(decoded, list) else [decoded]
