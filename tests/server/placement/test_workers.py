"""Several workers: real processes, on ports of this machine, with real publishers."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect

from clients.whip.publisher import Publisher, paced
from engine.protocol import messages
from engine.server.placement.placement import worker_of
from engine.server.serve import WORKER_START_TIMEOUT_S
from tests.harness.calls import SDP, Page, next_message, noise, until
from tests.harness.certificates import certificate
from tests.harness.server_workers import Workers, several


@pytest.fixture(scope="module")
def shared() -> Iterator[Workers]:
    """Two workers."""
    with several() as server:
        yield server


@pytest.fixture
async def server(shared: Workers) -> Workers:
    """Two workers, both of which say that they have no session."""
    await until(lambda: [notice.sessions for notice in shared.notices().values()] == [0, 0])
    return shared


class Heard:
    """A publisher, and all that it has been told so far."""

    def __init__(self, call: Publisher) -> None:
        self.call = call
        self.messages: list[messages.ToClient] = []

    def of(self, kind: type[messages.ToClient]) -> list[messages.ToClient]:
        return [message for message in self.messages if isinstance(message, kind)]

    async def listen(self) -> None:
        async for message in self.call:
            self.messages.append(message)


@asynccontextmanager
async def speaking(address: str) -> AsyncIterator[Heard]:
    """Somebody who speaks until the end."""
    async with Publisher(address, paced(noise(120)), stay=True) as call:
        heard = Heard(call)
        listening = asyncio.create_task(heard.listen())
        try:
            await until(lambda: bool(heard.messages))
            yield heard
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def session_of(heard: Heard) -> str:
    assert heard.call.session is not None
    return heard.call.session


async def test_sessions_are_spread_and_found_again(server: Workers) -> None:
    async with AsyncExitStack() as stack:
        calls = [await stack.enter_async_context(speaking(server.address)) for _ in range(4)]
        homes = [worker_of(session_of(heard)) for heard in calls]
        assert sorted(homes.count(worker) for worker in server.notices()) == [2, 2]
        port = urlsplit(server.address).port
        locations = {heard.call._location for heard in calls}
        assert all(location and location.startswith("http://127.0.0.1:") for location in locations)
        assert port not in {urlsplit(location or "").port for location in locations}
        # Whichever worker answers at the public address, the right one is found.
        public = server.address.replace("http", "ws", 1)
        for heard in calls:
            async with connect(f"{public}sessions/{session_of(heard)}/live") as watcher:
                assert (await next_message(watcher, "hello"))["session"] == session_of(heard)


async def test_signalling_at_the_wrong_door_is_sent_on(server: Workers) -> None:
    page = Page()
    offer = await page.offer()
    limits = httpx.Limits(max_keepalive_connections=0)  # each request meets whichever worker is quicker
    async with httpx.AsyncClient(base_url=server.address, trust_env=False, limits=limits) as client:
        begun = await client.post("/whip", content=offer, headers=SDP, follow_redirects=True)
        assert begun.status_code == 201
        location = begun.headers["location"]
        home, path = urlsplit(location).netloc, urlsplit(location).path
        public = urlsplit(server.address).netloc
        others = {f"127.0.0.1:{port}" for port in await _ports(client)} - {home, public}
        wrong = None
        for door in others:  # one of them is a slot that nobody has now
            with_door = f"http://{door}{path}"
            try:
                wrong = await client.delete(with_door, timeout=2)
            except (httpx.ConnectError, httpx.ReadTimeout):
                continue
            break
        assert wrong is not None
        assert wrong.status_code == 307
        assert wrong.headers["location"] == location
        resumed = await client.post(
            f"{wrong.url.scheme}://{wrong.url.netloc.decode()}/whip",
            params={"profile": "interview"},
            content=offer,
            headers={**SDP, "sottovoce-resume": begun.headers["sottovoce-resume"]},
        )
        assert resumed.status_code == 307
        assert resumed.headers["location"] == f"http://{home}/whip?profile=interview&placed=1"
        patch = {"content-type": "application/trickle-ice-sdpfrag", "if-match": begun.headers["etag"]}
        fragment = "a=end-of-candidates\r\n"
        patched = await client.patch(path, content=fragment, headers=patch, follow_redirects=True)
        assert patched.status_code == 204
        assert (await client.delete(path, follow_redirects=True)).status_code == 200
        assert (await client.delete(path, follow_redirects=True)).status_code == 404
        expired = await client.post(
            "/whip",
            content=offer,
            headers={**SDP, "sottovoce-resume": begun.headers["sottovoce-resume"]},
            follow_redirects=True,
        )
        assert expired.status_code == 410, "its worker lives, so the session was over"
    await page.connection.close()


async def _ports(client: httpx.AsyncClient) -> list[int]:
    policy = (await client.get("/config.json")).headers["content-security-policy"]
    sources = policy.partition("connect-src 'self' ")[2].partition(";")[0]
    return [int(source.rpartition(":")[2]) for source in sources.split()]


async def test_a_killed_worker_takes_only_its_own_sessions(server: Workers) -> None:
    async with speaking(server.address) as first, speaking(server.address) as second:
        before, untouched = session_of(first), session_of(second)
        assert worker_of(before) != worker_of(untouched)
        await until(lambda: bool(first.of(messages.Hello)) and bool(second.of(messages.Hello)))
        dead = worker_of(before)
        server.kill(before)
        await until(lambda: len(first.of(messages.Hello)) == 2)
        again = first.of(messages.Hello)[1]
        assert isinstance(again, messages.Hello)
        assert again.continued
        assert not again.resumed
        assert session_of(first) == again.session != before
        assert worker_of(again.session) != dead
        # uvicorn starts another one in its place, which takes sessions.
        await until(lambda: dead not in server.notices() and len(server.notices()) == 2)
        async with speaking(server.address) as third, speaking(server.address) as fourth:
            homes = {worker_of(session_of(heard)) for heard in (first, second, third, fourth)}
            assert homes == set(server.notices())
        assert session_of(second) == untouched
        assert len(second.of(messages.Hello)) == 1
        assert not second.of(messages.Ended)


async def test_a_worker_that_dies_before_it_answers_a_ping_is_replaced() -> None:
    """It used to be waited for as long as a hung worker is: 30 s, in which the server had one worker less."""
    with several() as server:
        worker, victim = next(iter(server.notices().items()))
        os.kill(victim.pid, signal.SIGSTOP)
        await asyncio.sleep(1.5)  # the supervisor pings every half a second
        os.kill(victim.pid, signal.SIGKILL)
        await until(
            lambda: worker not in server.notices() and len(server.notices()) == 2,
            within_s=0.8 * WORKER_START_TIMEOUT_S,
        )


async def test_a_worker_that_is_stopped_sends_its_speakers_on() -> None:
    with several("--drain-s", "1") as server:
        async with speaking(server.address) as first, speaking(server.address) as second:
            before = session_of(first)
            server.drain(before)
            await until(lambda: len(first.of(messages.Hello)) == 2)
            [summary] = first.of(messages.Summary)
            [ended] = first.of(messages.Ended)
            again = first.of(messages.Hello)[1]
            assert isinstance(summary, messages.Summary)
            assert isinstance(ended, messages.Ended)
            assert isinstance(again, messages.Hello)
            assert summary.goes_on
            assert (ended.reason, ended.can_resume) == ("moving", True)
            assert again.continued
            assert worker_of(again.session) == worker_of(session_of(second))
            assert len(second.of(messages.Hello)) == 1


async def test_a_rolling_restart_ends_no_session() -> None:
    with several("--drain-s", "0.5") as server:
        old = set(server.notices())
        async with speaking(server.address) as first, speaking(server.address) as second:
            server.process.send_signal(signal.SIGHUP)
            await until(lambda: len(server.notices()) == 2 and not old & set(server.notices()), within_s=60)
            for heard in (first, second):
                await until(lambda heard=heard: worker_of(session_of(heard)) not in old)  # type: ignore[misc]
                assert all(ended.reason == "moving" for ended in heard.of(messages.Ended))  # type: ignore[union-attr]


async def test_stopping_all_drains_and_then_ends_with_a_summary() -> None:
    with several("--drain-s", "1") as server:
        async with speaking(server.address) as heard:
            errors = await asyncio.to_thread(server.stop, signal.SIGTERM)
            await until(lambda: bool(heard.of(messages.Ended)))
            [ended] = heard.of(messages.Ended)
            assert isinstance(ended, messages.Ended)
            assert (ended.reason, ended.can_resume) == ("shutdown", False)
            assert len(heard.of(messages.Summary)) == 1
        assert "Traceback" not in errors
        assert server.process.returncode == 0


async def test_an_interrupt_ends_all_at_once() -> None:
    with several("--drain-s", "600") as server:
        pids = [notice.pid for notice in server.notices().values()]
        async with speaking(server.address) as heard:
            errors = await asyncio.to_thread(server.stop, signal.SIGINT)
            await until(lambda: bool(heard.of(messages.Ended)))
        assert "Traceback" not in errors
        assert server.process.returncode == 0
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


async def test_workers_whose_parent_was_killed_end_too() -> None:
    with several("--drain-s", "0.2") as server:
        pids = [notice.pid for notice in server.notices().values()]
        server.process.kill()
        await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


async def test_full_workers_refuse() -> None:
    with several("--max-sessions", "2") as server:
        async with speaking(server.address), speaking(server.address):
            page = Page()
            async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
                answer = await client.post(f"{server.address}whip", content=await page.offer(), headers=SDP)
            await page.connection.close()
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0


async def test_behind_a_proxy_addresses_are_paths() -> None:
    with several("--worker-path", "/w{slot}") as server:
        page = Page()
        offer = await page.offer()
        async with httpx.AsyncClient(base_url=server.address, trust_env=False) as client:
            policy = (await client.get("/config.json")).headers["content-security-policy"]
            assert "connect-src 'self';" in policy
            answer = await client.post("/whip", content=offer, headers=SDP)
            assert answer.status_code in (201, 307)
            expected = ("/w0/whip", "/w1/whip")
            assert answer.headers["location"].startswith(expected)
        await page.connection.close()


async def test_tls_on_all_ports(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with several("--tls-cert", str(cert), "--tls-key", str(key)) as server:
        trusting = ssl.create_default_context(cafile=str(cert))
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        page = Page()
        offer = await page.offer()
        async with httpx.AsyncClient(trust_env=False, verify=trusting, follow_redirects=True) as client:
            answer = await client.post(f"{server.address}whip", content=offer, headers=SDP)
            assert answer.status_code == 201
            assert answer.headers["location"].startswith("https://127.0.0.1:")
            assert (await client.delete(answer.headers["location"])).status_code == 200
        await page.connection.close()
