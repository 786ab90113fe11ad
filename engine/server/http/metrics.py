"""``/metrics`` for Prometheus: totals and state of a server, collected on request.

No metric is about a single session, and nothing runs between requests.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from engine.cues import CUES
from engine.server.hub import Hub
from engine.server.record.identity import is_direct
from engine.server.sessions.counters import BOUNDS_S, Histogram
from engine.server.sessions.outbox import DROPPED

from .problems import Problem

LABELS = ("worker",)


async def metrics(request: Request) -> Response:
    """Return metrics for Prometheus, to programs of this machine; to everyone with ``--metrics``."""
    hub: Hub = request.app.state.hub
    client = None if request.client is None else request.client.host
    if not (hub.settings.metrics or is_direct(client, request.headers)):
        raise Problem(403, "metrics are for this machine only; sottovoce serve --metrics gives them to all")
    registry = CollectorRegistry()
    registry.register(HubMetrics(hub))
    ProcessCollector(registry=registry)
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"content-type": kind})


class HubMetrics(Collector):
    """Prometheus collector of a hub's counts and state."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._worker = hub.placement.worker

    def describe(self) -> list[Metric]:
        """Return nothing: names can't clash in a registry with one collector."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        yield from self._sessions()
        yield from self._refused()
        yield from self._packets()
        yield from self._delays()
        yield from self._messages()
        yield from self._load()
        yield from self._helpers()
        yield from self._words()

    # --- inside ----------------------------------------------------------------

    def _sessions(self) -> Iterator[Metric]:
        hub, counts = self._hub, self._hub.counts
        for session in hub.sessions:
            session.add_to_totals()
        states = dict.fromkeys(("connecting", "heard", "away"), 0)
        for session in hub.sessions:
            if session.connection is None:
                states["away"] += 1
            else:
                states["heard" if session.heard_since_s < math.inf else "connecting"] += 1
        yield self._gauges(
            "sessions", "Sessions now: connecting, heard, or away with 30 s to come back.", "state", states
        )
        yield self._counter("sessions_begun", "Sessions that were begun.", counts.begun)
        yield self._counter("sessions_resumed", "Connections that went on in a session.", counts.resumed)
        yield self._counters(
            "sessions_ended", "Sessions that ended, by the reason in `ended`.", "reason", counts.ended
        )
        yield self._counters(
            "sessions_refused", "New sessions that were refused (503).", "reason", counts.refused
        )
        yield self._counters(
            "offers_refused",
            "Offers that are no SDP (`malformed`, 400) or ask for what there isn't (`unsupported`, 422); "
            "they begin no session.",
            "reason",
            {reason: counts.offers_refused[reason] for reason in ("malformed", "unsupported")},
        )

    def _refused(self) -> Iterator[Metric]:
        quota = self._hub.quota
        yield self._counters(
            "requests_limited",
            "Requests that were too many for one address (429), by what there was too much of.",
            "what",
            quota.refused,
        )
        yield self._gauge(
            "addresses_counted", "Addresses whose requests are counted, 10,000 at most.", len(quota)
        )

    def _packets(self) -> Iterator[Metric]:
        counts = self._hub.counts
        for name, help, value in (
            ("received", "Packets of audio that arrived.", counts.packets_received),
            (
                "lost",
                "Packets that never arrived, came too late or were damaged; those recovered are among them.",
                counts.packets_lost,
            ),
            ("recovered", "Lost packets that Opus's redundancy brought back.", counts.packets_recovered),
            ("late", "Packets that came when their place was given up already.", counts.packets_late),
            (
                "damaged",
                "Packets that are no RTP or cannot be decoded.",
                counts.packets_damaged,
            ),
            ("waited", "Packets that waited for those before them.", counts.packets_waited),
            ("duplicate", "Packets that had come before.", counts.packets_duplicate),
            (
                "dropped",
                "Packets that waited too long for the ears and were left out.",
                counts.packets_dropped,
            ),
        ):
            yield self._counter(f"packets_{name}", help, value)
        waiting = sum(session.stream.waiting for session in self._hub.sessions)
        yield self._gauge("packets_waiting", "Packets that wait now for those before them.", waiting)

    def _delays(self) -> Iterator[Metric]:
        counts = self._hub.counts
        for name, help, value in (
            ("reorder_wait", "Time that packets waited for those before them.", counts.reorder_wait_s),
            ("decode", "Time for decoding.", counts.decode_s),
            ("dsp", "Time for the ears: features, facts and readings.", counts.hear_s - counts.policy_s),
            ("policy", "Time for deciding about nudges.", counts.policy_s),
        ):
            yield self._counter(f"{name}_seconds", help, value)
        yield self._histogram(
            "packet_to_event_seconds",
            "From a packet's arrival until the events that it completed are known.",
            counts.packet_to_event,
        )
        yield self._histogram(
            "packet_to_nudge_seconds",
            "From the arrival of the packet that brought the evidence until the nudge is decided.",
            counts.packet_to_nudge,
        )
        yield self._histogram(
            "loop_lag_seconds",
            "How long a packet that the server sends to itself, 50 times a second, waited to be heard.",
            self._hub.load.lag,
        )

    def _messages(self) -> Iterator[Metric]:
        counts = self._hub.counts
        yield self._counters(
            "nudges", "Nudges given, by cue.", "cue", {cue: counts.nudges[cue] for cue in CUES}
        )
        waiting = sum(session.readers.waiting for session in self._hub.sessions)
        yield self._gauge("messages_waiting", "Messages that wait for their readers.", waiting)
        yield self._counter("messages_shed", "Messages that were left out.", counts.messages_shed)
        yield self._counters(
            "readers_dropped",
            "Readers that were dropped: they read too slowly, or sent far too much.",
            "reason",
            {reason: counts.readers_dropped[reason] for reason in DROPPED},
        )

    def _load(self) -> Iterator[Metric]:
        load = self._hub.load
        yield self._gauge("shedding_level", "What is shed: 0 nothing, 3 the most.", load.level)
        yield self._gauge(
            "delay_seconds", "How late what arrives is heard or answered, lately.", load.delay_s
        )
        yield self._gauge(
            "oldest_packet_seconds",
            "How long the oldest packet that the server sent to itself waits, if any does.",
            max(self._hub.probe.ages_s(), default=0.0),
        )
        yield self._gauge(
            "oldest_request_seconds",
            "How long the oldest request waits for its answer; /whip, which waits for others, left out.",
            self._hub.pending_requests.oldest_s,
        )
        yield self._gauge("cpu_cores", "Processor cores in use by the process, lately.", load.cpu)
        yield self._gauge(
            "session_cpu_cores", "What one more session is taken to cost, in cores.", load.session_cpu
        )
        yield self._counter("cpu_seconds", "Processor time of the process.", time.process_time())

    def _helpers(self) -> Iterator[Metric]:
        helpers = self._hub.helpers
        loads = helpers.loads.items()
        yield self._gauges(
            "helper_cpu_cores",
            "Processor cores in use by each helper process, lately.",
            "helper",
            helpers.cpu,
        )
        yield self._gauges(
            "helper_queue",
            "Requests that wait for each helper process, the one that it works on included.",
            "helper",
            {name: one.queue for name, one in loads},
        )
        yield self._counters(
            "helper_cpu_seconds",
            "Processor time of each helper process.",
            "helper",
            {name: one.cpu_s for name, one in loads},
        )
        yield self._counters(
            "helper_refused",
            "Work that each helper process did not start, as the server was too busy or its queue too long.",
            "helper",
            helpers.refused,
        )

    def _words(self) -> Iterator[Metric]:
        hub, counts = self._hub, self._hub.counts
        yield self._gauges(
            "words_speakers",
            "Speakers who asked for words, by how these are recognised now.",
            "mode",
            {mode: number for mode, number in hub.words.modes.items()},
        )
        yield self._counter("words", "Words that were recognised.", counts.words)
        yield self._counters(
            "words_missed_seconds",
            "Speaking time of which no words are known: its audio was lost, there was no time (`busy`), "
            "the recogniser failed, or it was unsure (`unclear`).",
            "why",
            {why: seconds for why, seconds in counts.words_missed_s.items()},
        )
        yield self._counters(
            "words_reviews",
            "Reviews at the end of sessions: made, or not, as they took too long (`late`) or failed.",
            "outcome",
            {outcome: counts.reviews[outcome] for outcome in ("made", "late", "failed")},
        )
        yield self._counter(
            "words_restarts", "Recognition processes that died and were replaced.", hub.words.process.restarts
        )

    def _gauge(self, name: str, help: str, value: float) -> Metric:
        family = GaugeMetricFamily(f"sottovoce_{name}", help, labels=LABELS)
        family.add_metric((self._worker,), value)
        return family

    def _gauges(self, name: str, help: str, label: str, values: Mapping[str, float]) -> Metric:
        family = GaugeMetricFamily(f"sottovoce_{name}", help, labels=(*LABELS, label))
        for key, value in values.items():
            family.add_metric((self._worker, key), value)
        return family

    def _counter(self, name: str, help: str, value: float) -> Metric:
        family = CounterMetricFamily(f"sottovoce_{name}", help, labels=LABELS)
        family.add_metric((self._worker,), value)
        return family

    def _counters(self, name: str, help: str, label: str, values: Mapping[str, float]) -> Metric:
        family = CounterMetricFamily(f"sottovoce_{name}", help, labels=(*LABELS, label))
        for key, value in values.items():
            family.add_metric((self._worker, key), value)
        return family

    def _histogram(self, name: str, help: str, counted: Histogram) -> Metric:
        bounds = [*map(str, BOUNDS_S), "+Inf"]
        buckets = list(zip(bounds, accumulate(counted.counts), strict=True))
        family = HistogramMetricFamily(f"sottovoce_{name}", help, labels=LABELS)
        family.add_metric((self._worker,), buckets, counted.sum_s)
        return family
