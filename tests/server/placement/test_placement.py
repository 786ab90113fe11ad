"""Where sessions go, and who may ask there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from engine.errors import UsageError
from engine.server.http.app import create_app
from engine.server.http.origin import base_url, connect_sources, same_origin
from engine.server.http.problems import Problem
from engine.server.hub import Hub
from engine.server.placement.placement import Load, worker_of
from engine.server.placement.single_process import SingleProcess
from engine.server.placement.worker_directory import SENT_S, STALE_S, WorkerDirectory
from engine.server.sessions.admission import SessionRefused
from engine.server.sessions.live_session import LiveSession
from engine.server.settings import Settings, checked
from tests.harness.calls import until

PUBLIC = ":8765"
PLACES = [":8766", ":8767", ":8768"]


Pair = tuple[WorkerDirectory, WorkerDirectory]


class Clock:
    """A clock that a test sets."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def boards(folder: Path, count: int, clock: Clock | None = None) -> list[WorkerDirectory]:
    return [WorkerDirectory(folder, PUBLIC, PLACES, clock or Clock()) for _ in range(count)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pair(tmp_path: Path, clock: Clock) -> Pair:
    """Two workers' sides of one board."""
    first, second = boards(tmp_path, 2, clock)
    return first, second


def free(sessions: int, begun: int = 0) -> Load:
    return Load(sessions=sessions, begun=begun, admits=True)


def gone(board: WorkerDirectory) -> None:
    """What the kernel does when a process ends, however it ends."""

    os.close(board._lock)


def test_alone() -> None:
    alone = SingleProcess()
    assert alone.choose() is None, "not open yet"
    alone.announce(free(0))
    assert alone.choose() == alone.address == ""
    assert alone.find(alone.worker) == ""
    assert alone.find("00000000") is None
    alone.announce(Load(sessions=1, begun=0, admits=False))
    assert alone.choose() is None
    alone.withdraw()
    assert alone.find(alone.worker) is None


def test_each_worker_takes_a_slot_of_its_own(tmp_path: Path) -> None:
    several = boards(tmp_path, 3)
    assert sorted(board.address for board in several) == PLACES
    assert len({board.worker for board in several}) == 3
    with pytest.raises(UsageError, match="3 slots"):
        boards(tmp_path, 1)


def test_the_one_with_the_fewest_sessions_takes_the_next(pair: Pair) -> None:
    first, second = pair
    assert first.choose() is None, "nobody has said anything"
    first.announce(free(1))
    assert not first.others()
    second.announce(free(0))
    assert first.others()
    assert second.choose() == second.address
    assert first.choose() == second.address
    second.announce(free(1))
    assert first.choose() == first.address, "nobody is sent away for nothing"
    assert second.choose() == second.address
    first.announce(Load(sessions=0, begun=0, admits=False))
    assert first.choose() == second.address
    second.announce(Load(sessions=9, begun=0, admits=False))
    assert first.choose() is None


def test_those_on_the_way_count(pair: Pair, clock: Clock) -> None:
    first, second = pair
    first.announce(free(2))
    second.announce(free(0))
    chosen = [first.choose() for _ in range(4)]
    assert chosen == [second.address, second.address, first.address, first.address], "not all to the same"
    second.announce(free(2, begun=2))
    assert first.choose() == first.address, "they have arrived, and count once"
    second.announce(free(1, begun=2))
    assert first.choose() == second.address
    first.announce(free(5))
    clock.now_s += SENT_S + 0.1
    for board, load in ((first, free(1)), (second, free(0, begun=2))):
        board.announce(load)
    assert first.choose() == second.address, "who never arrived is not waited for"


def test_a_worker_that_hangs_gets_no_new_session_but_keeps_its_own(pair: Pair, clock: Clock) -> None:
    first, second = pair
    first.announce(free(0))
    clock.now_s += STALE_S + 0.1
    second.announce(free(5))
    assert second.choose() == second.address
    assert second.find(first.worker) == first.address


def test_a_worker_that_has_died_is_gone_at_once_and_its_slot_is_taken_again(
    pair: Pair, tmp_path: Path
) -> None:
    first, second = pair
    first.announce(free(0))
    second.announce(free(3))
    assert second.find(first.worker) == first.address
    gone(first)
    assert second.find(first.worker) is None
    assert second.choose() == second.address
    [again] = boards(tmp_path, 1)
    assert again.address == first.address
    assert again.worker != first.worker
    assert second.find(first.worker) is None
    again.announce(free(0))
    assert second.choose() == again.address


def test_one_that_withdraws_is_found_no_more(pair: Pair, tmp_path: Path) -> None:
    first, second = pair
    for board in (first, second):
        board.announce(free(0))
    first.withdraw()
    first.announce(free(0))
    assert second.find(first.worker) is None
    assert first.find(first.worker) is None
    assert first.choose() == second.address
    assert boards(tmp_path, 1)[0].address == PLACES[2], "its slot is not free before its process has ended"


def test_a_name_begins_with_its_worker() -> None:
    worker = SingleProcess().worker
    assert worker_of(f"{worker}.abc-_9") == worker


@pytest.mark.parametrize(
    "name", ["", "zzz", "0123abcd", "0123abcd.", ".abc", "0123ABCD.abc", "0123abcd.a/b", "0123abcd.a\n"]
)
def test_any_other_name_is_nobodys(name: str) -> None:
    assert worker_of(name) is None


def request(host: str, origin: str | None = None) -> Request:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    scope = {
        "type": "http",
        "scheme": "https",
        "method": "POST",
        "path": "/whip",
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 8766),
    }
    return Request(scope)


@pytest.mark.parametrize(
    ("host", "address", "url"),
    [
        ("coach.test:8765", "", ""),
        ("coach.test:8765", ":8767", "https://coach.test:8767/"),
        ("[::1]:8765", ":8767", "https://[::1]:8767/"),
        ("coach.test", "/w1", "/w1/"),
    ],
)
def test_urls_of_addresses(host: str, address: str, url: str) -> None:
    assert base_url(request(host), address) == url


@pytest.mark.parametrize(
    ("host", "origin", "may"),
    [
        ("coach.test:8766", "http://coach.test:8765", True),
        ("coach.test:8765", "http://coach.test:8767", True),
        ("coach.test:8765", "http://coach.test:8769", False),
        ("coach.test:8766", "http://evil.test:8765", False),
        ("coach.test:8766", "http://coach.test.evil.test:8765", False),
        ("coach.test:8766", "null", False),
        ("coach.test:8766", "http://coach.test", False),
        ("coach.test", "https://coach.test", True),
        ("coach.test:8766", "http://coach.test:x", False),
    ],
)
def test_pages_of_the_servers_own_ports_only(host: str, origin: str, may: bool) -> None:
    ports = [8765, 8766, 8767]
    if may:
        same_origin(request(host, origin), ports)
    else:
        with pytest.raises(Problem) as problem:
            same_origin(request(host, origin), ports)
        assert problem.value.status == 403


@pytest.mark.parametrize(
    ("host", "ports", "sources"),
    [
        (
            "coach.test:8765",
            [8766, 8767],
            " coach.test:8766 ws://coach.test:8766 wss://coach.test:8766"
            " coach.test:8767 ws://coach.test:8767 wss://coach.test:8767",
        ),
        ("coach.test", [], ""),
        *((nonsense, [8766], "") for nonsense in ("a b", "x; script-src *", "[::1]:8765", "[::1", "")),
    ],
)
def test_what_a_page_may_connect_to(host: str, ports: list[int], sources: str) -> None:
    assert connect_sources(host, ports) == sources


async def test_across_ports(tmp_path: Path) -> None:
    [board] = boards(tmp_path, 1)
    transport = httpx.ASGITransport(create_app(Hub(Settings(allowed_hosts=("coach.test",)), placement=board)))
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "sottovoce-resume"}
    async with httpx.AsyncClient(transport=transport, base_url="http://coach.test:8766") as client:
        page = {"origin": "http://coach.test:8765"}
        preflight = await client.options("/whip", headers={**page, **ask})
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == page["origin"]
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert {"content-type", "if-match", "sottovoce-resume"} <= set(
            preflight.headers["access-control-allow-headers"].split(", ")
        )
        answer = await client.delete("/whip/none/key", headers=page)
        assert answer.status_code == 404
        assert answer.headers["access-control-allow-origin"] == page["origin"]
        assert "location" in answer.headers["access-control-expose-headers"].lower()
        assert "Origin" in answer.headers["vary"]
        for headers in ({**ask, "origin": "http://evil.test"}, {**ask, "origin": "http://coach.test:9"}):
            stranger = await client.options("/whip", headers=headers)
            assert "access-control-allow-origin" not in stranger.headers
        policy = (await client.get("/config.json")).headers["content-security-policy"]
        sources = connect_sources("coach.test:8765", [8765, 8766, 8767, 8768])
        assert f"connect-src 'self'{sources};" in policy


async def test_nothing_goes_in_circles(pair: Pair) -> None:
    first, second = pair
    second.announce(free(0))
    async with Hub(Settings(max_sessions=1), placement=first) as hub:
        hub.warm_up()
        hub._create(None, [], continued=False)
        assert hub.elsewhere(None, placed=False) == second.address
        assert hub.elsewhere(None, placed=True) is None, "who was sent here is answered here"
        with pytest.raises(SessionRefused):
            hub._create(None, [], continued=False)
        assert hub.elsewhere(f"{second.worker}.token", placed=True) == second.address
        assert hub.elsewhere(f"{first.worker}.token", placed=False) is None
        assert hub.home(f"{second.worker}.id") == second.address
        assert hub.home(f"{first.worker}.id") is None
        assert hub.home("00000000.id") is None


async def drained(hub: Hub) -> tuple[LiveSession, str]:
    """A session that was there when its worker drained, and all that its watcher was told."""
    hub.warm_up()
    session = hub._create(None, [], continued=False)
    watcher = session.watch()
    await hub.drain()
    return session, "".join([text async for text in watcher])


async def test_draining_alone_says_goodbye_at_the_deadline() -> None:
    async with Hub(Settings(drain_s=0.3)) as hub:
        session, said = await drained(hub)
        assert hub.draining
    assert session.ended
    assert '"goes_on":false' in said
    assert '"reason":"shutdown"' in said


async def test_draining_beside_another_sends_on(pair: Pair) -> None:
    first, second = pair
    second.announce(free(0))
    async with Hub(Settings(drain_s=0.3), placement=first) as hub:
        session, said = await drained(hub)
        assert '"goes_on":true' in said
        assert '"reason":"moving"' in said
        assert '"can_resume":true' in said
        assert hub.elsewhere(session.token, placed=False) == second.address
    assert second.find(first.worker) is None


async def test_draining_waits_for_another_that_is_late(pair: Pair, clock: Clock) -> None:
    first, second = pair
    second.announce(free(0))
    clock.now_s += STALE_S + 0.1
    async with Hub(Settings(drain_s=0.1), placement=first) as hub:
        draining = asyncio.create_task(drained(hub))
        await until(lambda: first._withdrawn)
        assert first.choose() is None
        second.announce(free(0))
        _, said = await draining
        assert '"reason":"moving"' in said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"workers": 0}, "from 1"),
        ({"workers": 1000}, "from 1"),
        ({"workers": 2, "port": 65533}, "the 3 after it"),
        ({"drain_s": -1.0}, "0 or more"),
        ({"words_cores": 0.0}, "--no-words"),
        ({"allowed_hosts": ("http://a.test",)}, "a name alone"),
        ({"allowed_hosts": ("a.test:80",)}, "a name alone"),
        ({"allowed_hosts": ("*",)}, "a name alone"),
        ({"allowed_hosts": ("",)}, "a name alone"),
        ({"worker_path": "/w"}, "{slot}"),
        ({"worker_path": "w{slot}"}, "{slot}"),
        ({"worker_path": "/w{slot}/"}, "{slot}"),
        ({"worker_path": "//evil.test/{slot}"}, "{slot}"),
    ],
)
def test_settings_that_cannot_be_used(settings: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        checked(Settings(**settings))  # type: ignore[arg-type]


def test_settings_that_can_be_used() -> None:
    assert checked(Settings(workers=2, port=65532, worker_path="/deep/w{slot}")).workers == 2
