"""The way in for other machines: what it shows them, and what it keeps from them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from starlette.applications import Starlette
from starlette.routing import Route

from engine.errors import UsageError
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.lan import access
from engine.server.lan.access import LanAccess
from engine.server.lan.addresses import IP
from engine.server.lan.announcement import announcement
from engine.server.lan.certificates import fingerprint
from engine.server.settings import Lan, Settings, checked
from tests.harness.calls import running

HERE = ("127.0.0.1", 4711)
STRANGER = ("192.168.1.77", 4711)

FOR_ALL = {
    "/whip", "/whip/{id}/{key}", "/rooms", "/rooms/{id}/seats", "/rooms/{id}/qr", "/rooms/{id}/observers",
    "/feedback", "/feedback/{token:path}", "/schema.json", "/config.json", "/authority.crt", "/drills",
    "/healthz", "/readyz",
}  # fmt: skip
"""What a guest may ask for: to practise, to join a call or answer a form whose link they have."""


def addresses(*texts: str) -> Callable[[], Sequence[IP]]:
    return lambda: [ip_address(text) for text in texts]


def shared(folder: Path, *texts: str, **settings: Any) -> LanAccess:
    return LanAccess(Lan(folder=str(folder), **settings), addresses(*texts or ("192.168.1.20", "fd00::2")))


def asking(app: Starlette, client: tuple[str, int], base: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=client), base_url=base)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Starlette]:
    """The application of a server that is shared and keeps a record."""
    async with running(record="me", store=str(tmp_path / "record")) as server:
        yield create_app(server.hub, lan=shared(tmp_path / "lan"))


async def test_what_is_the_hosts_no_guest_reaches(app: Starlette) -> None:
    async with asking(app, STRANGER, "https://192.168.1.20:8443") as stranger:
        for route in app.routes:
            if not isinstance(route, Route) or route.path in FOR_ALL:
                continue
            for method in sorted((route.methods or set()) - {"HEAD"}):
                path = route.path.format(id="a", form="html", name="a", day="2026-01-05", item="a", skill="a")
                answer = await stranger.request(method, path)
                if (method, path) == ("GET", "/record"):
                    assert answer.json()["possible"] is False
                else:
                    assert answer.status_code == 403, f"{method} {path}"
    async with asking(app, HERE, "http://127.0.0.1:8765") as host:
        assert (await host.get("/record")).json()["possible"] is True
        assert (await host.get("/record/takes")).status_code == 200


async def test_a_guest_joins_and_is_nobody_to_the_record(app: Starlette) -> None:
    hub: Hub = app.state.hub
    async with asking(app, HERE, "http://127.0.0.1:8765") as host:
        made = (await host.post("/rooms", json={"mode": "free", "role": "partner"})).json()
    async with asking(app, STRANGER, "https://192.168.1.20:8443") as guest:
        origin = {"origin": "https://192.168.1.20:8443"}
        assert (await guest.post(f"/rooms/{made['room']}/seats", headers=origin)).status_code == 201
        elsewhere = {"origin": "http://127.0.0.1:8765"}
        assert (await guest.post("/rooms", headers=elsewhere)).status_code == 403
    assert [one.person for one in hub.rooms.find(made["room"]).members] == ["me", None]


async def test_links_codes_and_the_authority(app: Starlette) -> None:
    lan: LanAccess = app.state.lan
    async with asking(app, HERE, "http://127.0.0.1:8765") as host:
        told = (await host.get("/config.json")).json()["lan"]
        room = (await host.post("/rooms", json={"mode": "free", "role": "partner"})).json()["room"]
        drawn = await host.get(f"/rooms/{room}/qr", params={"base": told["url"]})
        refused = await host.get(f"/rooms/{room}/qr", params={"base": "javascript:alert(1)"})
        unknown = await host.get("/rooms/none/qr", params={"base": told["url"]})
        downloaded = await host.get("/authority.crt")
    assert told["url"] == "https://192.168.1.20:8443/"
    assert (drawn.status_code, set(drawn.json())) == (200, {"size", "path"})
    assert (refused.status_code, unknown.status_code) == (422, 404)
    assert downloaded.headers["content-type"] == "application/x-x509-ca-cert"
    assert b"PRIVATE" not in downloaded.content
    authority = x509.load_der_x509_certificate(downloaded.content)
    assert authority == lan.authority
    assert told["authority"] == fingerprint(authority)
    assert told["fingerprint"] == lan.fingerprint


async def test_without_an_authority_there_is_none_to_install(tmp_path: Path) -> None:
    lan = shared(tmp_path, self_signed=True)
    async with running() as server:
        for given in (None, lan):
            async with asking(create_app(server.hub, lan=given), HERE, "http://127.0.0.1:8765") as host:
                answer = await host.get("/authority.crt")
                assert answer.status_code == 404
                assert "sottovoce share" in answer.json()["detail"]
    assert "authority.crt" not in "\n".join(announcement(lan, drawn=False))


async def test_two_doors_of_one_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "own_addresses", addresses("192.168.1.20"))
    async with running(lan=Lan(folder=str(tmp_path), port=0)) as server:
        assert server.address.startswith("http://127.0.0.1:")
        async with httpx.AsyncClient(trust_env=False) as plain:
            told = (await plain.get(f"{server.address}config.json")).json()["lan"]
            authority = (await plain.get(f"{server.address}authority.crt")).content
        trusting = ssl.create_default_context(cadata=authority)
        port = httpx.URL(told["url"]).port
        async with httpx.AsyncClient(trust_env=False, verify=trusting) as secure:
            answers = [await secure.get(f"https://{host}:{port}/") for host in ("127.0.0.1", "localhost")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert not any("strict-transport-security" in answer.headers for answer in answers), "it comes and goes"


async def test_an_address_that_changes_gets_a_certificate_and_is_told(tmp_path: Path) -> None:
    where = ["192.168.1.20"]
    lan = LanAccess(Lan(folder=str(tmp_path)), lambda: [ip_address(text) for text in where])
    moves: list[str] = []
    lan.on_moved = lambda: moves.append(lan.urls[0])
    authority, first = lan.authority, lan.fingerprint
    await lan.refresh()
    assert (moves, lan.fingerprint) == ([], first)
    where[:] = ["10.0.0.5"]
    await lan.refresh()
    assert moves == ["https://10.0.0.5:8443/"]
    assert lan.fingerprint != first
    assert lan.authority == authority
    where[:] = []
    await lan.refresh()
    assert lan.urls == ["https://10.0.0.5:8443/"], "the network may come back"


async def test_a_certificate_is_made_anew_before_it_expires(tmp_path: Path) -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    lan = LanAccess(Lan(folder=str(tmp_path)), addresses("192.168.1.20"), lambda: clock[0])
    first = lan.fingerprint
    clock[0] = datetime(2026, 3, 15, tzinfo=UTC)
    await lan.refresh()
    assert lan.fingerprint != first


def test_the_address_that_was_asked_for_comes_first(tmp_path: Path) -> None:
    assert shared(tmp_path, address="fd00::2").urls == [
        "https://[fd00::2]:8443/",
        "https://192.168.1.20:8443/",
    ]
    assert shared(tmp_path, "192.168.1.20", "8.8.8.8").urls == ["https://192.168.1.20:8443/"]
    assert shared(tmp_path, "8.8.8.8").urls == ["https://8.8.8.8:8443/"]
    with pytest.raises(UsageError, match=r"but 192\.168\.1\.20 and fd00::2"):
        shared(tmp_path, address="192.168.1.21")


def test_who_is_in_no_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="connect it to one"):
        LanAccess(Lan(folder=str(tmp_path)), addresses())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"lan": Lan(folder="x", port=70_000)}, "65535"),
        ({"lan": Lan(folder="x", port=8765)}, "another one"),
        ({"lan": Lan(folder="x", address="laptop")}, "192.168.1.20"),
        ({"lan": Lan(folder="x"), "host": "0.0.0.0"}, "its own certificate"),
        ({"lan": Lan(folder="x"), "workers": 2}, "one process"),
    ],
)
def test_what_cannot_be_shared_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        checked(Settings(**settings))


def test_what_the_host_is_told(tmp_path: Path) -> None:
    lan = shared(tmp_path)
    said = "\n".join(announcement(lan, drawn=False))
    for part in (*lan.urls, "Proceed to 192.168.1.20", lan.fingerprint, f"{lan.urls[0]}authority.crt"):
        assert part in said
    assert "█" not in said
    assert "█" in "\n".join(announcement(lan, drawn=True))
