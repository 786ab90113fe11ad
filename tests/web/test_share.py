"""`sottovoce share`: another machine opens the link, and holds a call with this one."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from numpy.typing import NDArray
from playwright.sync_api import Browser, Playwright, expect

from engine.server.lan import access
from engine.server.settings import Lan
from tests.harness.chromium import executable
from tests.harness.net.second_machine import CannotBeMade, SecondMachine, second_machine
from tests.harness.page import Open, Served, chromium, press, recording, state
from tests.harness.server_process import served
from tests.harness.two_pages import TAPPED, end_for_both

SPOKEN = """() => window.taps.some((heard) => {
  const loud = heard.filter((part) => part.some((x) => Math.abs(x) > 0.02));
  return loud.length > 4;
})"""
"""Whether a page opened with TAPPED was given a second of sound to hear."""


@pytest.fixture
def there() -> Iterator[SecondMachine]:
    """A second machine in this one's network."""
    with ExitStack() as held:
        try:
            machine = held.enter_context(second_machine())
        except CannotBeMade as error:
            pytest.skip(f"no second machine can be made here: {error}")
        yield machine


@pytest.fixture
def served_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server that is shared at an address of a home."""
    monkeypatch.setattr(access, "own_addresses", lambda: [ip_address("192.168.1.20")])
    with Served(lan=Lan(folder=str(tmp_path), port=0)) as here:
        monkeypatch.setattr(access.LanAccess, "urls", ["https://192.168.1.20:8443/"])
        yield here


def key_hash(file: Path) -> str:
    """Return the hash of a certificate's key, by which a browser can be told to trust it."""
    key = x509.load_pem_x509_certificates(file.read_bytes())[0].public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(sha256(der).digest()).decode()


def test_who_can_open_no_websocket_is_told_what_to_install(
    muted: Browser, opened: Open, served_here: Served, tmp_path: Path
) -> None:
    made = httpx.post(
        f"{served_here.address}rooms", json={"mode": "free", "role": "partner"}, trust_env=False
    )
    guest = opened(muted, served_here.address)
    state(guest, "ready")
    guest.route_web_socket(re.compile(r"/rooms/.*/live$"), lambda socket: socket.close())
    guest.evaluate("(room) => { location.hash = `room=${room}`; location.reload(); }", made.json()["room"])
    state(guest, "trouble")
    expect(guest.locator("#stage")).to_contain_text("Your browser refuses the connection")
    expect(guest.locator("#stage")).to_contain_text("https://192.168.1.20:8443/authority.crt")


def test_someone_at_another_machine_opens_the_link_and_talks(
    playwright: Playwright,
    opened: Open,
    there: SecondMachine,
    tmp_path: Path,
    answer: tuple[NDArray[np.float32], Any],
) -> None:
    microphone = recording(tmp_path / "answer.wav", answer[0])
    kept = Path(os.environ["XDG_DATA_HOME"], "sottovoce", "certificates", "certificate.pem")
    with (
        served("--lan-port", "0", "--address", there.here, "--no-words", command="share") as server,
        chromium(playwright, microphone=microphone) as mine,
        ExitStack() as held,
    ):
        host = opened(mine, server.address, script=TAPPED)
        state(host, "ready")
        press(host, "Practise with a friend")
        press(host, "Talk freely")
        press(host, "Agree and join")
        state(host, "waiting")
        expect(host.get_by_role("img", name="QR code of the link")).to_be_visible()
        link = host.locator("#link").input_value()
        assert link.startswith(f"https://{there.here}:")
        host.locator(".certificate summary").click()
        expect(host.locator(".certificate")).to_contain_text(f"https://{there.here}:")
        trusting = f"--ignore-certificate-errors-spki-list={key_hash(kept)}"
        program = there.command(executable(), tmp_path)
        theirs = held.enter_context(chromium(playwright, trusting, microphone=microphone, program=program))
        guest = opened(theirs, link, script=TAPPED)
        state(guest, "consent")
        press(guest, "Agree and join")
        for page in (host, guest):
            state(page, "listening", "nudge")
            expect(page.locator("[data-peer=connected]")).to_be_visible()
        for page in (host, guest):
            page.wait_for_function(SPOKEN)
        possible = "fetch('record').then((answer) => answer.json()).then((told) => told.possible)"
        assert [page.evaluate(possible) for page in (host, guest)] == [True, False]
        end_for_both(host)
        for page in (host, guest):
            state(page, "finished")
            expect(page.locator("#summary")).to_contain_text("Longest time without a break")
