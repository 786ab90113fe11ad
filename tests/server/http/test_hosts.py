"""Names by which the server may be asked: a page of another site can't make itself one of its own."""

from __future__ import annotations

import ipaddress
import json
import socket
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from engine.server.http.hosts import host_names, is_known_host, link_host
from engine.server.settings import Settings
from tests.harness.calls import SDP, Page, browser, running
from tests.harness.certificates import certificate

TOLD = Settings(allowed_hosts=("Coach.example.com", "*.school.test"))


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("127.0.0.1:8765", True),
        ("192.0.2.9", True),
        ("[::1]:8765", True),
        ("localhost:8765", True),
        ("LOCALHOST", True),
        ("talk.localhost:80", True),
        (f"{socket.gethostname()}:8765", True),
        (f"{socket.gethostname()}.local", True),
        ("coach.example.com", True),
        ("coach.example.com.:443", True),
        ("a.school.test", True),
        ("a.b.school.test", False),
        ("school.test", False),
        ("evil.test:8765", False),
        ("coach.example.com.evil.test", False),
        ("127.0.0.1.evil.test", False),
        ("localhost.evil.test", False),
        ("evil.test#127.0.0.1", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_who_may_be_asked_for(host: str, may: bool) -> None:
    assert is_known_host(host, host_names(TOLD)) is may


def test_a_name_that_the_server_listens_on_needs_no_flag() -> None:
    assert is_known_host("voice.lan:8765", host_names(Settings(host="voice.lan")))


async def test_a_name_that_resolves_here_by_another_ones_will_opens_no_door() -> None:
    async with running() as server:
        port = server.address.rsplit(":", 1)[1].rstrip("/")
        evil = {"host": f"evil.test:{port}", "origin": f"http://evil.test:{port}"}
        page = Page()
        async with browser(base_url=server.address) as client:
            offer = await page.offer()
            for answer in (
                await client.get("metrics", headers=evil),
                await client.get("config.json", headers=evil),
                await client.get("", headers=evil),
                await client.get("healthz", headers=evil),
                await client.post("whip", content=offer, headers={**evil, **SDP}),
                await client.options("whip", headers={**evil, "access-control-request-method": "POST"}),
                await client.post("rooms", headers=evil),
            ):
                assert answer.status_code == 421
                assert answer.headers["content-type"] == "application/problem+json"
                assert "access-control-allow-origin" not in answer.headers
                assert "--allowed-host evil.test" in answer.json()["detail"]
            assert (await client.get("metrics")).status_code == 200
        assert not server.hub.sessions
        assert not len(server.hub.rooms)
        await page.call(server.address)
        for path in (f"sessions/{page.session}/live", "rooms/none/live"):
            url = f"ws://evil.test:{port}/{path}"
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, host="127.0.0.1", port=int(port), origin=evil["origin"])  # type: ignore[arg-type]
            assert refused.value.response.status_code == 421
            assert "--allowed-host" in json.loads(refused.value.response.body or b"")["detail"]
        await page.connection.close()


def test_the_name_for_a_link_is_one_that_others_can_open(tmp_path: Path) -> None:
    cert = str(certificate(tmp_path)[0])
    assert link_host(Settings()) is None
    assert link_host(Settings(tls_cert=cert)) is None, "this machine only"
    assert link_host(Settings(host="0.0.0.0")) is None, "without https there is no microphone"
    assert link_host(Settings(host="0.0.0.0", tls_cert=cert)) == "Talk.example"
    nameless = str(tmp_path / "none.pem")
    assert link_host(Settings(host="192.0.2.3", tls_cert=nameless)) == "192.0.2.3"
    assert link_host(Settings(host="2001:db8::1", tls_cert=nameless)) == "[2001:db8::1]"
    own = link_host(Settings(host="0.0.0.0", tls_cert=nameless))
    assert own is None or ipaddress.ip_address(own)


async def test_a_name_that_was_allowed_is_served() -> None:
    async with running(allowed_hosts=("coach.example.com",)) as server:
        async with browser(base_url=server.address) as client:
            answer = await client.get("config.json", headers={"host": "coach.example.com"})
        assert answer.status_code == 200
