"""A call of two in two browsers: each hears the other, and is told in private."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from benchmarks.dialogues import Truth, compose, packaged_people
from dsp.frame import RATE_HZ
from engine import events as ev
from engine.media.resample import Samples
from engine.server.line import Seat
from engine.server.settings import IceServer
from tests.server.test_drills import correlation

from .stand import Open, Served, chromium, press, recording, state

LEAD_S = 8.0
"""Silence before the dialogue, in which the two come together."""

PIECE = round(0.3 * RATE_HZ)

TAPPED = """
window.taps = [];
const Peer = RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(...options) {
    super(...options);
    this.addEventListener("track", ({ track }) => {
      const heard = [];
      window.taps.push(heard);
      const context = new AudioContext({ sampleRate: 16000 });
      const source = context.createMediaStreamSource(new MediaStream([track]));
      const taps = context.createScriptProcessor(4096, 1, 1);
      taps.onaudioprocess = ({ inputBuffer }) => heard.push(inputBuffer.getChannelData(0).slice());
      source.connect(taps).connect(context.destination);
    });
  }
};
"""
"""Keeps what the page is given to hear on each connection, at 16 kHz."""

LOUDEST = """() => {
  const sum = (heard) => heard.reduce((all, part) => all + part.reduce((a, x) => a + x * x, 0), 0);
  const heard = window.taps.toSorted((a, b) => sum(b) - sum(a))[0] ?? [];
  const all = new Float32Array(heard.length * 4096);
  heard.forEach((part, place) => all.set(part, place * 4096));
  const bytes = new Uint8Array(all.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""


RELAYED = """
window.peers = [];
const Direct = RTCPeerConnection;
window.RTCPeerConnection = class extends Direct {
  constructor(options) {
    super({ ...options, iceTransportPolicy: "relay" });
    window.peers.push(this);
  }
};
"""
"""Blocks all direct connections."""

KINDS = """async () => {
  const kinds = [];
  for (const peer of window.peers.filter((one) => one.connectionState === "connected")) {
    const stats = await peer.getStats();
    for (const one of stats.values())
      if (one.type === "candidate-pair" && one.nominated && one.state === "succeeded")
        kinds.push(stats.get(one.localCandidateId).candidateType);
  }
  return kinds;
}"""


@pytest.fixture
def relay() -> Iterator[tuple[str, str, str]]:
    """A TURN server, coturn, on this machine: its address, a user, a password."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing: tools/setup dev installs it"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = (
        f"-n -p {port} -L 127.0.0.1 -r local -u talker:secret --lt-cred-mech --no-tls --no-dtls --no-cli "
        "--allow-loopback-peers --min-port 51000 --max-port 51999 --log-file stdout --simple-log --pidfile="
    )
    process = subprocess.Popen(
        [program, *options.split()], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        yield f"turn:127.0.0.1:{port}?transport=udp", "talker", "secret"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def dialogue() -> tuple[Samples, Truth]:
    """Two voices, shape (2, n), who cut in on each other and listen, and when."""
    return compose(packaged_people(), 32.0, 11)


@pytest.fixture(scope="module")
def pair(
    playwright: Playwright, dialogue: tuple[Samples, Truth], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, Browser]]:
    """Two browsers, each with one side of the dialogue for a microphone."""
    folder = tmp_path_factory.mktemp("two")
    lead = np.zeros(round(LEAD_S * RATE_HZ), np.float32)
    wavs = [
        recording(folder / f"{n}.wav", np.concatenate([lead, voice])) for n, voice in enumerate(dialogue[0])
    ]
    with (
        chromium(playwright, microphone=wavs[0]) as first,
        chromium(playwright, microphone=wavs[1]) as second,
    ):
        yield first, second


def invited(
    opened: Open, browser: Browser, served: Served, kind: str = "Talk freely", script: str = TAPPED
) -> Page:
    """The page of who makes a room, before they agree."""
    page = opened(browser, served.address, script=script)
    state(page, "ready")
    press(page, "With someone")
    state(page, "inviting")
    press(page, kind)
    state(page, "consent")
    return page


def link(served: Served) -> str:
    """The one room's link."""
    [room] = served.hub.rooms._rooms
    return f"{served.address}#room={room}"


def agreeing(*pages: Page) -> None:
    """Have all press the button at the same moment."""
    at_ms = 1000 * time.time() + 700
    for page in pages:
        page.evaluate(
            "(at) => void setTimeout(() => { document.querySelector('[data-act=agree]').click(); },"
            " at - Date.now())",
            at_ms,
        )


def together(
    opened: Open, pair: tuple[Browser, Browser], served: Served, kind: str = "Talk freely"
) -> list[Page]:
    """Two pages in a call that has just begun."""
    host = invited(opened, pair[0], served, kind)
    guest = opened(pair[1], link(served), script=TAPPED)
    state(guest, "consent")
    agreeing(host, guest)
    for page in (host, guest):
        state(page, "listening", "nudge")
        expect(page.locator("[data-voice=connected]")).to_be_visible(timeout=15_000)
    return [host, guest]


def fits(heard: Samples, voice: Samples) -> list[float]:
    """How well pieces of a voice fit what was heard, each where it fits best.

    Opus turns the phase of what is low, and a browser stretches time to catch up: so pieces, and the better
    of the sound as it is and its differences from sample to sample.
    """
    pieces = [voice[at : at + PIECE] for at in range(0, voice.size - PIECE, PIECE)]
    loud = [piece for piece in pieces if np.sqrt(np.mean(piece**2)) > 0.02][:30]
    return [max(correlation(heard, piece), correlation(np.diff(heard), np.diff(piece))) for piece in loud]


def test_two_hold_a_call_and_each_is_told_in_private(
    opened: Open,
    pair: tuple[Browser, Browser],
    served: Served,
    dialogue: tuple[Samples, Truth],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voices, truth = dialogue
    told: list[list[Any]] = [[], []]
    take = Seat.take

    def noted(seat: Seat, event: Any) -> None:
        told[seat.channel].append(event)
        take(seat, event)

    monkeypatch.setattr(Seat, "take", noted)
    pages = together(opened, pair, served)
    until = time.monotonic() + LEAD_S + voices.shape[1] / RATE_HZ
    while time.monotonic() < until:
        pages[0].wait_for_timeout(500)
        pages[1].wait_for_timeout(10)
    heard = [np.frombuffer(base64.b64decode(page.evaluate(LOUDEST)), np.float32) for page in pages]
    nudges = [
        json.loads(page.evaluate("sessionStorage.getItem('sottovoce.session')"))["nudges"] for page in pages
    ]
    press(pages[0], "End")
    for page in pages:
        state(page, "finished")
    expect(pages[0].locator("#summary")).to_contain_text("You ended the call.")
    for page in pages:
        expect(page.locator("#summary")).to_contain_text("Longest stretch")
    expect(pages[1].locator("#summary")).to_contain_text("Whoever made the link ended the call.")
    for n in (0, 1):
        theirs, mine = fits(heard[n], voices[1 - n]), fits(heard[n], voices[n])
        assert np.median(theirs) > 0.6, f"page {n} hears the other one: {theirs}"
        assert np.median(mine) < np.median(theirs) - 0.1, f"page {n} doesn't hear itself: {mine}"
    shift_s = min(e.start_s for side in told for e in side if isinstance(e, ev.SpeechStarted)) - min(
        float(np.flatnonzero(np.abs(voice) > 0.01)[0]) / RATE_HZ for voice in voices
    )
    found = answers = 0
    for n in (0, 1):
        cuts = [e for e in told[n] if isinstance(e, ev.Interruption)]
        true = [(a + shift_s, b + shift_s) for a, b in truth.interruptions[n]]
        fits_one = [any(abs(e.start_s - a) < 0.5 for e in cuts) for a, _ in true]
        found, answers = found + sum(fits_one), answers + len(cuts)
        assert {e.channel for e in told[n]} == {n}
        if true:
            assert any(nudge["cue"] == "interruption" for nudge in nudges[n])
    wanted = sum(len(spans) for spans in truth.interruptions)
    nods = [e for side in told for e in side if isinstance(e, ev.Backchannel)]
    true_nods = [span for spans in truth.backchannels for span in spans]
    heard_nods = sum(any(abs(e.start_s - a - shift_s) < 0.5 for e in nods) for a, _ in true_nods)
    assert (wanted, len(true_nods)) == (5, 2)
    assert found >= 0.9 * wanted
    assert found >= 0.9 * answers
    assert heard_nods == len(true_nods)


def test_a_third_one_and_one_with_a_broken_link_get_a_clear_page(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    invited(opened, pair[0], served)
    guest = opened(pair[1], link(served))
    state(guest, "consent")
    third = opened(pair[1], link(served))
    state(third, "trouble")
    expect(third.locator("#stage")).to_contain_text("This call is full")
    broken = opened(pair[1], f"{served.address}#room=no.such")
    state(broken, "trouble")
    expect(broken.locator("#stage")).to_contain_text("There is no such call")
    press(broken, "Back")
    state(broken, "ready")


def test_a_host_who_goes_before_anybody_came_is_told_of(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host = invited(opened, pair[0], served)
    address = link(served)
    guest = opened(pair[1], address)
    state(guest, "consent")
    press(host, "Back")
    state(host, "ready")
    state(guest, "trouble")
    expect(guest.locator("#stage")).to_contain_text("This call is over")
    late = opened(pair[1], address)
    state(late, "trouble")
    expect(late.locator("#stage")).to_contain_text("whoever made the link has left")


def test_a_reload_goes_on_in_the_same_seat(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = together(opened, pair, served)
    guest.wait_for_timeout(3000)
    [room] = served.hub.rooms._rooms.values()
    before = room.line.session.now
    guest.reload()
    state(guest, "listening", "nudge")
    for page in (host, guest):
        expect(page.locator("[data-voice=connected]")).to_be_visible(timeout=20_000)
    assert room.line.session.now > before
    assert room.over is None
    press(guest, "End")
    for page in (host, guest):
        state(page, "finished")
    expect(host.locator("#summary")).to_contain_text("The other one ended the call.")


def test_a_network_that_is_gone_for_ten_seconds_ends_nothing(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = together(opened, pair, served)
    [room] = served.hub.rooms._rooms.values()
    guest.wait_for_timeout(3000)
    guest.context.set_offline(True)

    async def cut() -> None:
        member = room.members[1]
        assert member.outbox is not None
        assert member.session is not None
        assert member.session.connection is not None
        assert member.session.connection.peer is not None
        member.outbox.close()
        await member.session.connection.peer.close()

    session = room.members[1].session
    served.run(cut)
    state(guest, "lost")
    expect(host.locator("#room")).to_contain_text("Their seat is kept")
    guest.wait_for_timeout(10_000)
    before = room.line.session.now
    guest.context.set_offline(False)
    state(guest, "listening", "nudge", timeout_s=20)
    for page in (host, guest):
        expect(page.locator("[data-voice=connected]")).to_be_visible(timeout=20_000)
    assert room.members[1].session is session
    assert room.line.session.now > before
    press(guest, "End")
    for page in (host, guest):
        state(page, "finished")
        expect(page.locator("#summary")).to_contain_text("Longest stretch")


def test_a_page_that_closes_ends_the_call_when_it_does_not_return(
    opened: Open, pair: tuple[Browser, Browser]
) -> None:
    with Served(resume_s=3.0) as served:
        host, guest = together(opened, pair, served)
        host.wait_for_timeout(2000)
        guest.close()
        expect(host.locator("#room")).to_contain_text("Their seat is kept")
        state(host, "finished", timeout_s=20)
        expect(host.locator("#summary")).to_contain_text("did not return")


def test_who_is_not_analysed_talks_all_the_same(
    opened: Open, pair: tuple[Browser, Browser], served: Served
) -> None:
    host, guest = together(opened, pair, served, "I interview")
    press(guest, "Stop listening to me")
    state(guest, "talking")
    expect(guest.locator("[data-voice=connected]")).to_be_visible()
    expect(host.locator("#room")).to_contain_text("The engine doesn't listen to the candidate.")
    host.get_by_label("Question for the candidate").fill("Why you?")
    press(host, "Show it")
    expect(guest.locator("#room .question")).to_have_text("Why you?")
    press(guest, "Listen to me again")
    state(guest, "listening", "nudge")
    press(host, "End")
    for page in (host, guest):
        state(page, "finished")
    host.get_by_label("Pace", exact=True).select_option("7")
    host.get_by_label("Start", exact=True).fill("Shorter answers.")
    press(host, "Give it to them")
    expect(host.locator("#summary")).to_contain_text("They see it as soon as both of you share.")
    for page in (host, guest):
        press(page, "Share my measures with the other one")
    expect(guest.locator("#summary")).to_contain_text("From the interviewer")
    expect(guest.locator("#summary")).to_contain_text("Shorter answers.")
    expect(guest.locator("#summary")).to_contain_text("Their measures")


def test_only_through_a_relay(
    opened: Open, pair: tuple[Browser, Browser], relay: tuple[str, str, str]
) -> None:
    """With direct connections blocked the call goes through coturn."""
    url, user, password = relay
    with Served(ice_servers=(IceServer(urls=url, username=user, credential=password),)) as served:
        host = invited(opened, pair[0], served, script=RELAYED)
        guest = opened(pair[1], link(served), script=RELAYED)
        state(guest, "consent")
        agreeing(host, guest)
        for page in (host, guest):
            state(page, "listening", "nudge", timeout_s=25)
            expect(page.locator("[data-voice=connected]")).to_be_visible(timeout=20_000)
            kinds = page.evaluate(KINDS)
            assert kinds, "a pair of candidates is in use"
            assert set(kinds) == {"relay"}
