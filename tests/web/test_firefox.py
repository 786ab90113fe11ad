"""The page in Firefox: its main way, a drill, a call of two."""

from __future__ import annotations

import base64
import io
import math
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.practice_answer import PassageSpan
from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.drills import ASKS, correlation
from tests.harness.page import NOTED, SAID, Served
from tests.harness.two_pages import TOLD, fits, link

from .bidi import Firefox, Tab, firefox
from .conftest import RUSHED
from .fitting import FAULTS, LARGE

SPEAKING = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  await ask(wanted);
  const context = new AudioContext();
  const bytes = Uint8Array.from(atob("%s"), (letter) => letter.charCodeAt(0));
  const buffer = await context.decodeAudioData(bytes.buffer);
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  const microphone = context.createMediaStreamDestination();
  source.connect(microphone);
  source.start();
  return microphone.stream;
};
"""
"""Has somebody speak into the microphone: Firefox's fake one only hums."""

TAPPED = """
window.heard = [];
const Peer = RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(...options) {
    super(...options);
    this.addEventListener("track", ({ track }) => {
      const parts = [];
      window.heard.push(parts);
      const context = new AudioContext();
      window.rate = context.sampleRate;
      const taps = context.createScriptProcessor(4096, 1, 1);
      taps.onaudioprocess = ({ inputBuffer }) => parts.push(inputBuffer.getChannelData(0).slice());
      context.createMediaStreamSource(new MediaStream([track])).connect(taps).connect(context.destination);
    });
  }
};
"""
"""Keeps what the page is given to hear on each connection, at the browser's own rate."""

LOUDEST = """
const sum = (parts) => parts.reduce((all, part) => all + part.reduce((a, x) => a + x * x, 0), 0);
const parts = window.heard.toSorted((a, b) => sum(b) - sum(a))[0] ?? [];
const all = new Float32Array(parts.length * 4096);
parts.forEach((part, place) => all.set(part, place * 4096));
const bytes = new Uint8Array(all.buffer);
let text = "";
for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
return btoa(text);
"""

WITHOUT_GAPS = """window.told[0].filter(({ type }) => type === "trace")
  .map(({ level_dbfs }) => Math.min(...level_dbfs))
  .some((_, at, levels) => at >= 20 && levels.slice(at - 10, at).every((level) => level > -50))"""
"""Whether the tone has arrived for a while without gaps, after it had time to begin."""

ESCAPE = "\ue00c"


def speaking(said: Samples) -> str:
    """A script that has the page's microphone say this, over and over."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes((np.clip(said, -1, 1) * 32767).astype("<i2").tobytes())
    return SPEAKING % base64.b64encode(file.getvalue()).decode()


def heard(tab: Tab) -> Samples:
    """What the page was given to hear: float32, 16 kHz."""
    played = np.frombuffer(base64.b64decode(tab.run(LOUDEST)), np.float32)
    rate_hz = round(tab.run("return window.rate;"))
    common = math.gcd(rate_hz, RATE_HZ)
    return np.asarray(resample_poly(played, RATE_HZ // common, rate_hz // common), np.float32)


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """One Firefox; an error that no page caught fails the last test."""
    with firefox(tmp_path_factory.mktemp("firefox")) as fox:
        yield fox
        assert fox.errors == []


@pytest.fixture(scope="module")
def rushed(voice: SpeechSynthesizer) -> Samples:
    """Somebody who talks too fast."""
    return voice.synthesize(RUSHED, speed=1.6)


def test_firefox_sends_its_microphone(fox: Firefox, served: Served) -> None:
    """The browser's own fake device, a steady tone, through its own capture and encoder."""
    tab = fox.open(served.address, TOLD)
    tab.state("ready")
    tab.press("Try it")
    tab.shows(".hint", "We hear you.")
    assert served.hub.sessions == [], "nothing is sent before Start"
    tab.press("Start")
    tab.state("listening")
    tab.until(WITHOUT_GAPS)
    tab.press("End")
    tab.state("finished")


def test_the_main_way_in_firefox(fox: Firefox, prompt: Served, rushed: Samples) -> None:
    tab = fox.open(prompt.address, speaking(rushed))
    tab.state("ready")
    tab.press("Start")
    tab.state("nudge")
    tab.shows("#stage", "Slow down")
    tab.press("Why?")
    tab.state("why")
    tab.shows("#stage", "words a minute over the last")
    tab.key(ESCAPE)
    tab.state("listening", "nudge")
    tab.shows("#instruments", "words/min")
    tab.shows("#delay", "Processing delay")
    tab.press("Settings")
    tab.until("document.querySelector('dialog[open]') !== null")
    tab.key(ESCAPE)
    tab.until("document.querySelector('dialog[open]') === null")
    tab.press("End")
    tab.state("finished")
    for width, height in LARGE:
        tab.resize(width, height)
        tab.run("document.documentElement.style.fontSize = '200%';")
        assert tab.run(f"return (\n{FAULTS})();") == []
    tab.shows("#summary", "Slow down")
    tab.shows("#summary", "60 to 100 words/min")
    assert prompt.hub.sessions == []
    tab.reload()
    tab.state("finished")
    tab.press("Delete")
    tab.state("ready")
    assert tab.run("return sessionStorage.length;") == 0


def test_a_drill_in_firefox(
    fox: Firefox, tmp_path: Path, voice: SpeechSynthesizer, answer: tuple[Samples, list[PassageSpan]]
) -> None:
    (tmp_path / "asks.toml").write_text(ASKS)
    with Served(drills=str(tmp_path)) as served:
        tab = fox.open(served.address, speaking(answer[0]) + TAPPED + TOLD + NOTED)
        tab.state("ready")
        tab.press("Drills")
        tab.until("document.getElementById('drill') !== null")
        tab.choose("#drill", "asks")
        tab.press("Begin")
        tab.state("drilling")
        tab.shows("#asked", "What did you do there, and why did it take so long?")
        [session] = served.hub.sessions
        stage = session.drill._playback
        assert stage is not None
        asked = stage._sounds[0][0]
        tab.key("-")
        tab.until(f"({SAID})(args[0])", ["Noises are 6 dB softer.", True])
        tab.until("window.told[0].some((one) => one.type === 'drill_step' && one.do === 'distraction')")
        parts = tab.run("return window.heard[0].length;")
        tab.until("(window.heard[0].length - args[0]) * 4096 / window.rate > 1", parts)
        got = np.diff(heard(tab))
        pieces = [asked[at : at + 4800] for at in range(0, asked.size - 4800, 4800)]
        loud = [piece for piece in pieces if np.abs(piece).max() > 0.02]
        assert np.median([correlation(got, np.diff(piece)) for piece in loud]) > 0.6, "the question is heard"
        tab.key(ESCAPE)
        tab.state("card")
        tab.shows("#stage", "Try next")
        tab.press("Finish")
        tab.state("finished")
        tab.shows("#summary", "Drills")


def test_a_call_of_two_in_firefox(
    fox: Firefox, served: Served, rushed: Samples, answer: tuple[Samples, list[PassageSpan]]
) -> None:
    voices = [answer[0][: 20 * RATE_HZ], rushed]
    host = fox.open(served.address, TAPPED + speaking(voices[0]))
    host.state("ready")
    host.press("Practise with a friend")
    host.press("I interview")
    host.state("consent")
    guest = fox.open(link(served), TAPPED + speaking(voices[1]))
    guest.state("consent")
    for tab in (host, guest):
        tab.press("Agree and join")
    for tab in (host, guest):
        tab.state("listening", "nudge")
        tab.until("document.querySelector('[data-peer=connected]') !== null")
    host.choose("#question", "Why you?")
    host.press("Show it")
    guest.shows("#asked", "Why you?")
    for tab in (host, guest):
        tab.until("window.heard.some((parts) => parts.length * 4096 / window.rate > 6)")
    for n, tab in enumerate((host, guest)):
        theirs, mine = fits(heard(tab), voices[1 - n]), fits(heard(tab), voices[n])
        assert np.median(theirs) > np.median(mine) + 0.1, "one hears the other one, and not oneself"
    host.press("End")
    host.press("End it for both")
    for tab in (host, guest):
        tab.state("finished")
        tab.shows("#summary", "Longest time without a break")
    guest.shows("#summary", "ended the call")
