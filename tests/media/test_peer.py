"""What the far ends of WebRTC bring with them: names, RSA certificates, machines without a network."""

from __future__ import annotations

import asyncio
import datetime
import re
from typing import Any

import pytest
from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from engine.errors import BadOffer
from engine.media import inner
from engine.media.peer import prepared

from ..server.calls import Page, noise, running, until


async def heard(page: Page, change: Any = str) -> None:
    """Call, speak, and see that it arrives."""
    async with running() as server:
        await page.call(server.address, change=change)
        session = server.hub.find(page.session)
        assert session is not None
        await page.speak(noise(0.4))
        await until(lambda: session.core.now > 0)
        await page.connection.close()


async def test_far_end_that_gives_only_names_for_its_addresses() -> None:
    def hidden(offer: str) -> str:
        assert "a=end-of-candidates" in offer
        return re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+", r"\1 4b3a7b3e-0000.local", offer)

    await heard(Page(), hidden)


async def test_far_end_with_an_rsa_certificate() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rsa")])
    now = datetime.datetime.now(tz=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    certificates = connection._RTCPeerConnection__certificates  # type: ignore[attr-defined]
    certificates[0] = RTCCertificate(key=key, cert=certificate)  # type: ignore[arg-type]
    await heard(Page(connection))


async def test_machine_with_nothing_but_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ifaddr.get_adapters", list)
    inner.include_loopback()
    page = Page()
    candidates = [line for line in (await page.offer()).splitlines() if line.startswith("a=candidate")]
    assert candidates
    assert all(" 127.0.0.1 " in line for line in candidates)
    await page.connection.close()
    await heard(Page())


async def test_pending_tasks_are_held_and_their_errors_kept_off_the_screen(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.get_running_loop()
    inner.keep_tasks(loop)
    gate: asyncio.Future[None] = loop.create_future()

    async def pending() -> None:
        await gate

    asyncio.ensure_future(pending())  # noqa: RUF006
    await asyncio.sleep(0)
    assert any("pending" in repr(task) for task in inner._running)
    gate.set_result(None)
    await asyncio.sleep(0.01)
    assert not any("pending" in repr(task) for task in inner._running)


async def test_offer_is_made_fit_for_aiortc() -> None:
    page = Page()
    offer = await page.offer()
    await page.connection.close()
    assert "a=setup:actpass" in offer
    text, parsed = prepared(
        offer + "a=candidate:9 1 udp 1 abc.local 1 typ host\r\na=candidate:8 1 tcp 1 192.0.2.1 9 typ host\r\n"
    )
    assert "a=setup:active" in text
    assert "actpass" not in text
    assert "end-of-candidates" not in text
    assert ".local" not in text
    assert " tcp " not in text
    assert len(parsed.media) == 2
    with pytest.raises(BadOffer, match="don't fit"):
        prepared(offer.replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 7"))
    with pytest.raises(BadOffer, match="don't fit"):
        prepared(offer.replace("a=mid:1", "a=mid:0"))
