"""Two browsers in a call with each other, or one beside a call in another tab: for tests and benchmarks."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from playwright.sync_api import Browser, Page, Playwright, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.protocol import events as ev
from tests.harness.drills import correlation

from .page import Open, Served, chromium, press, recording, state

LEAD_S = 8.0
"""Silence before a dialogue, in which the two come together."""

PIECE = round(0.3 * RATE_HZ)
"""Length of the pieces in which what was heard is compared with what was said."""

LOUD = 0.02
"""Effective value from which on a piece is speech."""

MOST_PIECES = 30


TOLD = """
window.told = [];
const create = RTCPeerConnection.prototype.createDataChannel;
RTCPeerConnection.prototype.createDataChannel = function (...asked) {
  const channel = create.apply(this, asked);
  const said = [];
  window.told.push(said);
  channel.addEventListener("message", ({ data }) => said.push(...JSON.parse(data)));
  return channel;
};
"""
"""Keeps every message that the engine sends to the page, connection by connection."""

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

HEARD = 0.02
"""Sample from which on a microphone's sound is no silence."""

BEGAN = """
const take = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = async function (wanted) {
  const stream = await take.call(this, wanted);
  const context = new AudioContext();
  const ears = context.createScriptProcessor(256, 1, 1);
  ears.onaudioprocess = ({ inputBuffer }) => {
    const at = inputBuffer.getChannelData(0).findIndex((x) => Math.abs(x) > HEARD);
    if (at < 0 || window.began) return;
    window.began = (performance.timeOrigin + performance.now()) / 1000 + (at - 256) / context.sampleRate;
  };
  context.createMediaStreamSource(stream).connect(ears).connect(context.destination);
  return stream;
};
""".replace("HEARD", str(HEARD))
"""Notes at which time of day the page's microphone first had a sound."""

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

OTHER = """<!doctype html><title>The other call</title><script>
const context = new AudioContext();
const bytes = fetch("/other.wav").then((got) => got.arrayBuffer());
const ready = bytes.then((got) => context.decodeAudioData(got));
new BroadcastChannel("go").onmessage = async () => {
  const source = new AudioBufferSourceNode(context, { buffer: await ready });
  source.connect(context.destination);
  source.start();
};
</script>"""
"""The call in the other tab: it begins with the microphone."""

GO = """
const { mediaDevices } = navigator;
const open = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  new BroadcastChannel("go").postMessage("");
  return stream;
};
"""

HEADPHONES = """localStorage.setItem("sottovoce.settings", JSON.stringify({ echoCancellation: false }));"""
"""What the page's switch does: nothing comes back by the microphone, so nothing is taken out of it."""


def sides(folder: Path, voices: Samples) -> list[Path]:
    """A microphone's file for each side of a dialogue, shape (2, n), after :data:`LEAD_S` of silence."""
    lead = np.zeros(round(LEAD_S * RATE_HZ), np.float32)
    return [recording(folder / f"{n}.wav", np.concatenate([lead, voice])) for n, voice in enumerate(voices)]


@contextmanager
def two_browsers(playwright: Playwright, microphones: Sequence[Path]) -> Iterator[tuple[Browser, Browser]]:
    """Two browsers, each with a recording for a microphone."""
    with (
        chromium(playwright, microphone=microphones[0]) as first,
        chromium(playwright, microphone=microphones[1]) as second,
    ):
        yield first, second


@contextmanager
def sharing_browser(playwright: Playwright, microphone: Path) -> Iterator[Browser]:
    """A browser with a recording for a microphone, that shares the tab with the other call when asked."""
    # Without the faked answers to the browser's questions: those share the fake microphone instead of a tab.
    with chromium(
        playwright,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        "--auto-select-tab-capture-source-by-title=The other call",
        microphone=None,
        heard=True,
    ) as browser:
        yield browser


# --- a call of two ---------------------------------------------------------------


def invited(
    opened: Open,
    browser: Browser,
    served: Served,
    kind: str = "Talk freely",
    script: str = TAPPED,
    **options: Any,
) -> Page:
    """The page of who makes a room, before they agree."""
    page = opened(browser, served.address, script=script, **options)
    state(page, "ready")
    press(page, "Practise with a friend")
    state(page, "inviting")
    press(page, kind)
    state(page, "consent")
    return page


def end_for_both(page: Page) -> None:
    """End a call of two, which the page asks about."""
    press(page, "End")
    press(page, "End it for both")


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


def in_call(
    opened: Open,
    pair: tuple[Browser, Browser],
    served: Served,
    kind: str = "Talk freely",
    script: str = TAPPED,
    **options: Any,
) -> list[Page]:
    """Two pages in a call that has just begun."""
    host = invited(opened, pair[0], served, kind, script, **options)
    guest = opened(pair[1], link(served), script=script, **options)
    state(guest, "consent")
    agreeing(host, guest)
    for page in (host, guest):
        state(page, "listening", "nudge")
        expect(page.locator("[data-peer=connected]")).to_be_visible()
    return [host, guest]


# --- beside a call ---------------------------------------------------------------


def coached(
    opened: Open, browser: Browser, served: Served, wav: Path, script: str = "", **options: Any
) -> tuple[Page, Page]:
    """A page that has just begun to listen beside a call, and the tab in which that call runs."""
    page = opened(browser, served.address, script=script + GO, permissions=["microphone"], **options)
    state(page, "ready")
    other = page.context.new_page()
    other.route("**/other.html", lambda route: route.fulfill(body=OTHER, content_type="text/html"))
    other.route("**/other.wav", lambda route: route.fulfill(path=wav, content_type="audio/wav"))
    other.goto(f"{served.address}other.html")
    other.evaluate("ready.then(() => true)")
    page.bring_to_front()
    press(page, "Coach me during a call")
    state(page, "sharing")
    press(page, "Share the call's sound")
    state(page, "listening", "nudge")
    return page, other


# --- what came of it -------------------------------------------------------------


def wait_out(pages: Sequence[Page], seconds: float) -> None:
    """Let a call go on for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for page in pages:
            page.wait_for_timeout(250 / len(pages))


def told(page: Page, *kinds: type[ev.Event], connection: int = 0) -> list[Any]:
    """Events of some kinds that came to a page opened with :data:`TOLD`, in order.

    ``connection``: which of its connections to the engine; beside a call the second is the other side's.
    """
    by_tag = {str(kind.__struct_config__.tag): kind for kind in kinds}
    script = "([place, tags]) => window.told[place].filter(({ type }) => tags.includes(type))"
    found = page.evaluate(script, [connection, list(by_tag)])
    return [msgspec.convert(message, by_tag[message["type"]]) for message in found]


def heard(page: Page) -> Samples:
    """What a page opened with :data:`TAPPED` was given to hear: float32, 16 kHz."""
    return np.frombuffer(base64.b64decode(page.evaluate(LOUDEST)), np.float32)


def fits(heard: Samples, voice: Samples) -> list[float]:
    """How well pieces of a voice fit what was heard, each where it fits best.

    Opus turns the phase of what is low, and a browser stretches time to catch up: so pieces, and the better
    of the sound as it is and its differences from sample to sample.
    """
    pieces = [voice[at : at + PIECE] for at in range(0, voice.size - PIECE, PIECE)]
    loud = [piece for piece in pieces if np.sqrt(np.mean(piece**2)) > LOUD][:MOST_PIECES]
    return [max(correlation(heard, piece), correlation(np.diff(heard), np.diff(piece))) for piece in loud]


def began_s(page: Page, voice: Samples) -> float:
    """Time of day at which the microphone of a page opened with :data:`BEGAN` began with this voice."""
    first = int(np.flatnonzero(np.abs(voice) > HEARD)[0])
    return float(page.evaluate("window.began")) - first / RATE_HZ
