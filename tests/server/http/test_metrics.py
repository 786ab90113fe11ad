"""What Prometheus is told."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.sessions.counters import CounterDeltas, Counts, Histogram
from engine.server.settings import Settings
from tests.harness.calls import Page, browser, noise, running, until

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """Every sample, by its name and its labels other than the worker."""
    return {
        (sample.name, frozenset((k, v) for k, v in sample.labels.items() if k != "worker")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"sottovoce_{name}", frozenset(labels.items())]


async def scraped(address: str) -> str:
    async with browser() as client:
        response = await client.get(f"{address}metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    return response.text


async def test_a_session_is_counted_and_stays_counted_when_it_has_ended() -> None:
    async with running() as server:
        before = read(await scraped(server.address))
        assert value(before, "sessions", state="heard") == 0
        assert value(before, "packets_received_total") == 0
        page = Page()
        await page.call(server.address)
        await page.speak(noise(1.5))
        (session,) = server.hub.sessions
        await until(lambda: session.stream.received >= 70)
        session.receive_packet(b"no RTP", session.clock())
        text = await scraped(server.address)
        during = read(text)
        assert value(during, "sessions", state="heard") == 1
        assert value(during, "sessions_begun_total") == 1
        received = value(during, "packets_received_total")
        assert received > 20
        assert value(during, "packet_to_event_seconds_count") >= 5
        assert value(during, "packets_damaged_total") == 1
        assert value(during, "decode_seconds_total") > 0
        assert value(during, "dsp_seconds_total") > value(during, "policy_seconds_total") > 0
        assert value(during, "loop_lag_seconds_count") > 10
        assert value(during, "cpu_seconds_total") > 0
        assert value(during, "nudges_total", cue="pace") == 0
        assert page.session not in text
        assert page.token not in text
        await page.connection.close()
        server.hub.sessions[0].end("left")
        await until(lambda: not server.hub._sessions)
        after = read(await scraped(server.address))
        assert value(after, "sessions", state="heard") == 0
        assert value(after, "sessions_ended_total", reason="left") == 1
        totals = [key for key in during if key[0].endswith(("_total", "_count", "_bucket"))]
        assert totals
        assert [key for key in totals if after[key] < during[key]] == []
        assert value(after, "packets_received_total") >= received
        assert value(after, "packets_received_total") == session.stream.received, "each counts once"


async def test_metrics_are_for_this_machine_unless_they_are_given_to_all() -> None:
    for everyone, status in ((False, 403), (True, 200)):
        hub = Hub(Settings(metrics=everyone, allowed_hosts=("engine.test",)))
        transport = httpx.ASGITransport(create_app(hub), client=("192.0.2.7", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
            response = await client.get("/metrics")
        assert response.status_code == status
        assert ("sottovoce_sessions{" in response.text) is everyone
        assert ("--metrics" in response.text) is not everyone


def test_only_growth_is_added_to_the_totals() -> None:
    counts = Counts()
    sources = [Histogram(), Histogram()]
    deltas = [CounterDeltas(source, {"sum_s": "decode_s"}, counts) for source in sources]
    for source, delta in zip(sources, deltas, strict=True):
        source.add(0.5)
        delta.add_to_totals()
        delta.add_to_totals()
    sources[0].add(0.25)
    deltas[0].add_to_totals()
    assert counts.decode_s == 1.25
