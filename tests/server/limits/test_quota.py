"""What one address may ask for: a stranger is told to wait, a class behind one address isn't."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from copy import copy

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.limits.quota import (
    DESCRIPTIONS,
    MAX_ADDRESSES,
    MAX_CONNECTING,
    OBSERVE_REQUESTS,
    RATES,
    Kind,
    Quota,
    QuotaExceeded,
    Rate,
    TokenBucket,
    address_of,
)
from engine.server.settings import Settings
from tests.harness.calls import SDP, Page, running, unhurried
from tests.harness.rooms import made, post, say, seated, stands

STRANGER, SPEAKER = "198.51.100.7", "203.0.113.9"


@asynccontextmanager
async def asking(hub: Hub, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Client at an address."""
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
        yield client


@pytest.fixture
async def hub(no_refill: None) -> AsyncIterator[Hub]:
    async with Hub(unhurried()) as hub:
        hub.warm_up()
        yield hub


@pytest.fixture
def no_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly any bucket fills while a test runs: one token in 50 s."""
    for kind, rate in RATES.items():
        monkeypatch.setitem(RATES, kind, Rate(rate.burst, 0.02))


@pytest.fixture(scope="module")
def offer() -> str:
    async def made() -> str:
        page = Page()
        offer = await page.offer()
        await page.connection.close()
        return offer

    return asyncio.run(made())


def told_to_wait(answer: httpx.Response) -> str:
    """Detail of an answer that says when to come back."""
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    problem = answer.json()
    assert problem["reason"] == "address"
    detail: str = problem["detail"]
    assert f"try again in {answer.headers['retry-after']} s" in detail
    return detail


async def test_a_thousand_rooms_are_not_made_and_those_that_are_cost_next_to_nothing(hub: Hub) -> None:
    async with asking(hub, STRANGER) as stranger, asking(hub, SPEAKER) as speaker:
        answers = [await stranger.post("/rooms") for _ in range(1000)]
        refused = [answer for answer in answers if answer.status_code != 201]
        assert RATES["rooms"].burst <= len(hub.rooms) <= RATES["rooms"].burst + 20
        assert len(refused) == 1000 - len(hub.rooms)
        assert "calls of two" in told_to_wait(refused[0])
        rooms = [hub.rooms.find(answer.json()["room"]) for answer in answers if answer.status_code == 201]
        assert not any(room.timeline.begun for room in rooms), "no ears before somebody speaks"
        for room in rooms:
            room.end("expired")
        assert not any(room.timeline.begun for room in rooms), "nor when it is over"
        assert (await speaker.post("/rooms")).status_code == 201


async def test_rooms_that_are_held_open_are_bounded_too(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hub.quota._rates, "rooms", Rate(1e6, 1e6))
    async with asking(hub, STRANGER) as stranger, asking(hub, SPEAKER) as speaker:
        answers = [await stranger.post("/rooms") for _ in range(101)]
        assert [answer.status_code for answer in answers] == [201] * 100 + [429]
        assert "as many as it may" in told_to_wait(answers[-1])
        assert (await speaker.post("/rooms")).status_code == 201
        hub.rooms.find(answers[0].json()["room"]).end("left")
        assert (await stranger.post("/rooms")).status_code == 201


async def test_offers_that_never_connect_keep_nobody_else_out(offer: str) -> None:
    async with Hub(Settings(allowed_hosts=("engine.test",), max_delay_s=100.0)) as hub:
        hub.warm_up()
        hub.load.look = lambda *_, **__: None  # type: ignore[method-assign]
        hub.load.cpu, hub.load.session_cpu = 0.2, 0.02
        async with asking(hub, STRANGER) as stranger, asking(hub, SPEAKER) as speaker:
            for _ in range(45):
                await stranger.post("/whip", content=offer, headers=SDP)
            answer = await speaker.post("/whip", content=offer, headers=SDP)
            assert answer.status_code == 201, answer.text
            assert (await speaker.get("/readyz")).status_code == 200


async def test_no_address_takes_all_places(hub: Hub, offer: str) -> None:
    async with asking(hub, STRANGER) as stranger, asking(hub, SPEAKER) as speaker:
        answers = [
            await stranger.post("/whip", content=offer, headers=SDP) for _ in range(MAX_CONNECTING + 2)
        ]
        assert [answer.status_code for answer in answers] == [201] * MAX_CONNECTING + [429] * 2
        assert "don't connect" in told_to_wait(answers[-1])
        assert (await speaker.post("/whip", content=offer, headers=SDP)).status_code == 201
        assert (await stranger.delete(answers[0].headers["location"])).status_code == 200
        assert (await stranger.post("/whip", content=offer, headers=SDP)).status_code == 201
    assert hub.quota.refused["connecting"] == 2


async def test_half_of_the_places_is_the_most_for_one_address(offer: str) -> None:
    async with Hub(unhurried(max_sessions=40)) as hub:
        hub.warm_up()
        async with asking(hub, STRANGER) as stranger, asking(hub, SPEAKER) as speaker:
            statuses = [
                (await stranger.post("/whip", content=offer, headers=SDP)).status_code for _ in range(21)
            ]
            assert statuses == [201] * 20 + [429]
            assert (await speaker.post("/whip", content=offer, headers=SDP)).status_code == 201


@pytest.mark.parametrize("secret", ["token", "seat", "session", "resource", "room"])
async def test_whoever_guesses_has_to_wait(hub: Hub, offer: str, secret: str) -> None:
    guesses = round(RATES["guesses"].burst)

    async def guess(client: httpx.AsyncClient, number: int) -> httpx.Response:
        wrong = f"{hub.placement.worker}.{number:032}"
        match secret:
            case "token":
                return await client.post("/whip", content=offer, headers={**SDP, "sottovoce-resume": wrong})
            case "seat":
                return await client.post("/whip", content=offer, headers={**SDP, "sottovoce-seat": wrong})
            case "session":
                return await client.delete(f"/whip/{wrong}/key")
            case "resource":
                return await client.patch(f"/whip/{hub.sessions[0].id}/{number}")
        return await client.post(f"/rooms/{wrong}/seats")

    async with asking(hub, STRANGER) as stranger, asking(hub, SPEAKER) as speaker:
        assert (await speaker.post("/whip", content=offer, headers=SDP)).status_code == 201
        answers = [await guess(stranger, number) for number in range(guesses + 20)]
        assert {answer.status_code for answer in answers[:guesses]} <= {404, 410}
        assert "don't exist" in told_to_wait(answers[-1])
        assert (await guess(speaker, 0)).status_code in (404, 410)
        assert (await stranger.get("/config.json")).status_code == 200, "the page is there for all"


@pytest.mark.usefixtures("no_refill")
async def test_whoever_guesses_on_websockets_has_to_wait_too() -> None:
    async with running() as server:
        address = server.address.replace("http", "ws", 1)
        room, _ = await made(server)
        statuses = []
        for number in range(round(RATES["guesses"].burst / 2)):
            with pytest.raises(InvalidStatus) as refused:
                await server.watch(f"{server.hub.placement.worker}.{number}")
            statuses.append(refused.value.response.status_code)
            async with connect(f"{address}rooms/{room}/live") as socket:
                await socket.send(json.dumps({"type": "enter", "seat": f"{number}"}))
                with pytest.raises(ConnectionClosed):
                    await socket.recv()
        assert set(statuses) == {404}
        for path in ("sessions/x/live", f"rooms/{room}/live"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"{address}{path}")
            assert refused.value.response.status_code == 429
            assert int(refused.value.response.headers["retry-after"]) >= 1


async def test_the_holder_of_a_link_cannot_ask_the_two_again_and_again() -> None:
    async with running() as server:
        room, host = await made(server)
        guest = (await post(server, f"rooms/{room}/seats")).json()["seat"]
        async with seated(server, room, host) as first, seated(server, room, guest):
            prompts = 0
            for _ in range(60):
                answer = await post(server, f"rooms/{room}/observers")
                if answer.status_code != 201:
                    continue
                async with seated(server, room, answer.json()["seat"]) as observer:
                    while not any(one["here"] for one in (await stands(first))["observers"]):
                        pass
                    prompts += 1
                    await say(observer, "leave")
                    await stands(first, observers=[])
            assert "asked to listen" in told_to_wait(answer)
            assert 1 <= prompts <= OBSERVE_REQUESTS.burst + 1


async def test_a_seat_is_not_entered_again_and_again() -> None:
    async with running() as server:
        room, seat = await made(server)
        codes = []
        for _ in range(30):
            async with connect(f"{server.address.replace('http', 'ws', 1)}rooms/{room}/live") as socket:
                await socket.send(json.dumps({"type": "enter", "seat": seat}))
                with suppress(ConnectionClosed):
                    await socket.recv()
                if socket.close_code is not None:
                    codes.append(socket.close_code)
        assert len(codes) >= 15
        assert set(codes) == {1013}


async def test_a_class_of_sixty_begins_at_once(hub: Hub, offer: str) -> None:
    async with asking(hub, SPEAKER) as school:
        for _ in range(60):
            assert (await school.post("/whip", content=offer, headers=SDP)).status_code == 201
        for _ in range(30):
            answer = await school.post("/rooms")
            assert answer.status_code == 201
            assert (await school.post(f"/rooms/{answer.json()['room']}/seats")).status_code == 201


async def test_without_a_quota_nobody_waits(offer: str) -> None:
    async with Hub(unhurried(quota=0.0)) as hub:
        hub.warm_up()
        async with asking(hub, STRANGER) as stranger:
            for _ in range(200):
                assert (await stranger.post("/rooms")).status_code == 201
                assert (await stranger.delete("/whip/none/none")).status_code == 404
        assert not len(hub.quota)


async def many(address: str, **headers: str) -> set[int]:
    """Status of more rooms than one address may make, each time as if from another one."""
    async with httpx.AsyncClient(trust_env=False, base_url=address) as client:
        return {
            (await client.post("rooms", headers={"x-forwarded-for": f"192.0.2.{number}"})).status_code
            for number in range(round(RATES["rooms"].burst) + 20)
        }


async def test_the_header_of_a_proxy_is_believed_only_if_it_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running() as server:
        assert 429 in await many(server.address), "anyone could name another address each time"
        assert caplog.text.count("--trusted-proxy") == 1
    async with running(trusted_proxies=("127.0.0.0/8",)) as server:
        assert await many(server.address) == {201}


async def test_metrics_count_refusals_and_are_not_given_to_whoever_comes_by_a_proxy() -> None:
    async with running() as server, httpx.AsyncClient(trust_env=False, base_url=server.address) as client:
        for _ in range(70):
            await client.post("rooms")
        text = (await client.get("metrics")).text
        by_proxy = await client.get("metrics", headers={"x-forwarded-for": "127.0.0.1"})
    samples = {
        (sample.name, sample.labels.get("what")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["sottovoce_requests_limited_total", "rooms"] >= 5
    assert samples["sottovoce_requests_limited_total", "guesses"] == 0
    assert samples["sottovoce_addresses_counted", None] == 1
    assert by_proxy.status_code == 403


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_whom_a_request_counts_for(host: str, address: str) -> None:
    assert address_of((host, 1)) == address
    assert address_of(None) == ""


@given(st.lists(st.floats(0.0, 5.0), max_size=100), st.integers(1, 20), st.floats(0.1, 10.0))
def test_a_bucket_gives_its_burst_and_its_rate_and_no_more(
    pauses_s: list[float], burst: int, per_s: float
) -> None:
    bucket, now_s, given = TokenBucket(Rate(burst, per_s)), 50.0, 0
    for pause_s in pauses_s:
        now_s += pause_s
        wait_s = bucket.take_token(now_s)
        given += not wait_s
        assert 0.0 <= wait_s <= 1 / per_s + 1e-6
        assert given <= burst + (now_s - 50.0) * per_s + 1e-6
        if wait_s:
            assert copy(bucket).wait_s(now_s + wait_s * 1.001) == 0.0, "told truly"


def exhausted(quota: Quota, address: str, kind: Kind) -> str:
    """Take until there is nothing left; gives what is said then."""
    try:
        for _ in range(1000):
            quota.count_request(address, kind)
    except QuotaExceeded as crowded:
        return str(crowded)
    return ""


def test_the_buckets_of_many_addresses_are_bounded() -> None:
    quota = Quota(1.0, lambda: 100.0)
    for number in range(3 * MAX_ADDRESSES):
        quota.count_request(f"{number}", "offers")
        quota.count_request("busy", "seats") if number % 1000 == 0 and number < 60_000 else None
    assert len(quota) == MAX_ADDRESSES
    assert "busy" in quota._buckets, "whoever asks is remembered"
    assert exhausted(quota, "busy", "seats")


def test_every_bound_has_a_sentence() -> None:
    assert DESCRIPTIONS.keys() == RATES.keys()
    for kind, what in DESCRIPTIONS.items():
        quota = Quota(1.0, lambda: 100.0)
        assert exhausted(quota, "a", kind).startswith(f"too many {what}")
