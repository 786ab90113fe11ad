"""Settings that cannot be used, the page and what goes with it, and what is said on the screen."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
import sys
from pathlib import Path

import httpx
import msgspec
import pytest

from engine.errors import UsageError
from engine.protocol import messages
from engine.server.serve import _bind, serving
from engine.server.settings import IceServer, Settings
from tests.harness.calls import browser, running
from tests.harness.certificates import certificate


async def refused(**settings: object) -> str:
    with pytest.raises(UsageError) as error:
        async with serving(Settings(**{"port": 0, **settings})):  # type: ignore[arg-type]
            pass
    return str(error.value)


async def test_settings_that_cannot_be_used(tmp_path: Path) -> None:
    nonsense = tmp_path / "cert.pem"
    nonsense.write_text("no certificate")
    assert "no such file" in await refused(tls_cert=str(tmp_path / "missing.pem"))
    assert "PEM" in await refused(tls_cert=str(nonsense))
    assert "certificate" in await refused(tls_key=str(nonsense))
    assert "65535" in await refused(port=70_000)
    assert "1 or more" in await refused(max_sessions=0)
    assert "conversation" in await refused(profile="nonsense")
    assert "127.0.0.1" in await refused(host="no.such.host.invalid")
    assert "no name of a host" in await refused(host="x" * 100)
    assert "no such file" in await refused(tls_cert="x" * 300)
    assert "0 or more" in await refused(drain_s=float("nan"))
    assert "above 0" in await refused(request_s=float("inf"))


async def test_answers_are_not_held_back_by_the_kernel() -> None:
    """Head and body are two writes: with Nagle's algorithm the second waits for a delayed acknowledgement."""
    bound = _bind(Settings(), 0)
    held: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own: socket.socket = writer.get_extra_info("socket")
        held.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(accepted, sock=bound):
        _, writer = await asyncio.open_connection(*bound.getsockname())
        assert await held
        writer.close()


async def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "another port" in await refused(port=port)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://x",
        "stun:",
        "turn:host",
        "stun:a:b@host",
        "stun:host:99999",
        "turn:u:p@h?transport=x",
        "stun:h?transport=udp",
    ],
)
def test_ice_servers_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match="must look like"):
        IceServer.parse(url)


def test_ice_servers() -> None:
    assert IceServer.parse("stun:stun.example.net:3478").urls == "stun:stun.example.net:3478"
    turn = IceServer.parse("turns:me:pa55@[2001:db8::1]:5349?transport=tcp")
    assert turn == IceServer(urls="turns:[2001:db8::1]:5349?transport=tcp", username="me", credential="pa55")


async def test_the_page_and_what_it_needs() -> None:
    async with (
        running(ice_servers=(IceServer.parse("stun:192.0.2.1"),)) as server,
        browser(base_url=server.address) as client,
    ):
        page = await client.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["cache-control"] == "no-cache"
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "microphone=(self)" in page.headers["permissions-policy"]
        again = await client.get("/", headers={"if-none-match": page.headers["etag"]})
        assert again.status_code == 304
        config = (await client.get("/config.json")).json()
        assert config["profile"] == "conversation"
        assert {"conversation", "interview", "presentation"} <= {p["name"] for p in config["profiles"]}
        assert config["ice_servers"] == [{"urls": "stun:192.0.2.1", "username": None, "credential": None}]
        cues = {p["name"]: {cue["cue"]: cue for cue in p["cues"]} for p in config["profiles"]}
        assert {"cue", "label", "on", "aim", "unit"} <= set(cues["interview"]["pace"])
        assert [cues[name]["headline_first"]["on"] for name in ("interview", "conversation")] == [True, False]
        assert cues["interview"]["check_in"]["label"] == "Wrap up", "who opens the page is alone"
        schema = await client.get("/schema.json")
        assert schema.json() == msgspec.json.decode(msgspec.json.encode(messages.schema()))
        for outside in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2f..%2fpyproject.toml"):
            response = await client.get(outside)
            assert response.status_code == 404
            assert response.headers["content-type"] == "application/problem+json"


async def test_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    async with running(tls_cert=str(cert), tls_key=str(key)) as server:
        assert server.address.startswith("https://")
        unchecked = ssl.create_default_context()
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        async with browser(verify=unchecked) as client:
            by_address = await client.get(f"{server.address}config.json")
            assert by_address.status_code == 200
            hosts = ("talk.example", "me.coach.example", "localhost", "a.b.coach.example", "evil.example")
            by_name = [await client.get(f"{server.address}", headers={"host": host}) for host in hosts]
    assert [answer.status_code for answer in by_name] == [200, 200, 200, 421, 421], "the certificate's names"
    secure = ["strict-transport-security" in answer.headers for answer in (by_address, *by_name)]
    assert secure == [True, True, True, False, True, True], "not for localhost: others serve there too"
    assert int(by_address.headers["strict-transport-security"].removeprefix("max-age=")) > 180 * 86400


async def test_without_tls_browsers_are_not_told_to_come_by_https() -> None:
    async with (
        running() as server,
        browser(base_url=server.address) as client,
    ):
        for path in ("", "config.json", "nothing"):
            assert "strict-transport-security" not in (await client.get(path)).headers


RUN = """
from engine.server.serve import run
from engine.server.settings import Settings
run(Settings(port=0, host={!r}))
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_the_address_is_said_and_an_interrupt_ends_it(host: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN.format(host),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
            address = next(word for word in line.split() if word.startswith("http"))
            async with browser() as client:
                while True:
                    try:
                        assert (await client.get(f"{address}config.json")).status_code == 200
                        break
                    except httpx.ConnectError:
                        await asyncio.sleep(0.05)
            process.send_signal(signal.SIGINT)
            rest, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "Traceback" not in errors.decode()
    assert ("--tls-cert" in rest.decode()) == (host == "0.0.0.0")
    assert ("ssh -L" in rest.decode()) == (host == "0.0.0.0")
