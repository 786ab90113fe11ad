"""Drills in the page: chosen, heard, stopped, and their card."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.media.voices.drill_playback import DrillPlayback
from engine.media.voices.practice_answer import PassageSpan
from engine.protocol import events as ev
from engine.server.sessions import session_drill as drilling
from tests.harness.drills import ASKS, correlation
from tests.harness.page import Open, Served, came, chromium, hears, press, recording, says, state, until

from .fitting import faults, hidden_questions
from .test_said import nudge

PIECE = round(0.3 * RATE_HZ)

FITS = 0.7
"""Correlation from which on a sound was heard."""

MOST_LOOKS = 60
"""How often it is looked whether a drill's sounds are heard: its four minutes long, every four seconds."""

TAPPED = """
window.heard = [];
const Peer = RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(...options) {
    super(...options);
    this.addEventListener("track", ({ track }) => {
      const context = new AudioContext({ sampleRate: 16000 });
      const source = context.createMediaStreamSource(new MediaStream([track]));
      const taps = context.createScriptProcessor(4096, 1, 1);
      taps.onaudioprocess = ({ inputBuffer }) => window.heard.push(inputBuffer.getChannelData(0).slice());
      source.connect(taps).connect(context.destination);
    });
  }
};
"""
"""Keeps what the page is given to hear, at 16 kHz."""

ALL_OF_IT = """() => {
  const all = new Float32Array(window.heard.length * 4096);
  window.heard.forEach((part, place) => all.set(part, place * 4096));
  const bytes = new Uint8Array(all.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}"""


def heard(page: Page) -> Samples:
    return np.frombuffer(base64.b64decode(page.evaluate(ALL_OF_IT)), np.float32)


@pytest.fixture(scope="module")
def talking(
    playwright: Playwright,
    answer: tuple[Samples, list[PassageSpan]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """A browser whose speaker gives the practice answer, over and over."""
    wav = recording(tmp_path_factory.mktemp("talking") / "answer.wav", answer[0])
    with chromium(playwright, microphone=wav) as browser:
        yield browser


def begun(opened: Open, browser: Browser, served: Served, name: str, level: str = "hard") -> Page:
    """A page in a drill that has just begun."""
    page = opened(browser, served.address, script=TAPPED)
    state(page, "ready")
    press(page, "Drills")
    page.get_by_label("Drill", exact=True).select_option(name)
    page.get_by_label("Difficulty").select_option(level)
    press(page, "Begin")
    came(page, "countdown", "drilling")
    return page


def sounding(monkeypatch: pytest.MonkeyPatch) -> list[Samples]:
    """What drills let be heard from now on, growing as they do."""
    begun: list[Samples] = []
    play_event = DrillPlayback.play_event

    def noted(stage: DrillPlayback, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.DrillSound):
            begun.append(stage._sounds[event.step][event.turn])
        play_event(stage, event)

    monkeypatch.setattr(DrillPlayback, "play_event", noted)
    return begun


def played(page: Page, wanted: list[Samples]) -> list[float]:
    """How well each fits what the page heard, piece by piece: a browser stretches time to catch up.

    The differences from sample to sample are compared: Opus shifts the phase of what is below 300 Hz.
    """
    got = np.diff(heard(page))
    fits = []
    for one in wanted:
        pieces = [one[at : at + PIECE] for at in range(0, min(one.size, 4 * RATE_HZ) - PIECE, PIECE)]
        loud = [piece for piece in pieces if np.abs(piece).max() > 0.02] or [one]
        fits.append(float(np.median([correlation(got, np.diff(piece)) for piece in loud])))
    return fits


@pytest.mark.parametrize("name", ["interruptions", "distractions"])
def test_a_drill_is_heard_and_ends_with_its_card(
    name: str, opened: Open, talking: Browser, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drilling, "SEEDS", 1)  # the same drill each time
    wanted = sounding(monkeypatch)
    page = begun(opened, talking, served, name)
    expect(page.locator(".question")).not_to_be_empty()
    for _ in range(MOST_LOOKS):  # a busy machine's browser loses some of what it plays
        hears(page, served, 4.0)
        fits = played(page, list(wanted))
        if len(fits) >= 3 and sum(fit > FITS for fit in fits) >= 2:
            break
    page.keyboard.press("Escape")
    state(page, "card")
    assert sum(fit > FITS for fit in fits) >= 2, fits
    rows = page.locator(".events li")
    assert rows.count() >= 2
    expect(page.locator("#stage")).to_contain_text("Try next")
    kept = json.loads(page.evaluate("localStorage.getItem('sottovoce.drills')"))
    assert [run["drill"] for run in kept] == [name]


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Served]:
    """A server with a drill that asks, and then murmurs for long."""
    (tmp_path / "asks.toml").write_text(ASKS)
    with Served(drills=str(tmp_path)) as served:
        yield served


def test_stopping_is_silence_at_once(opened: Open, talking: Browser, asking: Served) -> None:
    page = begun(opened, talking, asking, "asks")
    hears(page, asking, 6.5)
    muted = page.evaluate(
        """() => {
        const find = HTMLMediaElement.prototype;
        const { set } = Object.getOwnPropertyDescriptor(find, "muted");
        let muted = false;
        Object.defineProperty(find, "muted", { configurable: true, set(value) {
          set.call(this, value);
          muted = value;
        } });
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        return muted;
        }"""
    )
    assert muted, "before anything else happens"
    state(page, "card")
    [session] = asking.hub.sessions
    until(page, lambda: not session.drill._mixer.playing(), "nothing is played any more")


def test_noises_get_softer_with_one_key(opened: Open, talking: Browser, asking: Served) -> None:
    page = begun(opened, talking, asking, "asks")
    page.keyboard.press("-")
    says(page, "Noises are 6 dB softer.")
    for _ in range(4):
        page.keyboard.press("-")
    says(page, "Noises are off.")


def test_a_nudge_leaves_the_question_where_it_is(opened: Open, talking: Browser, asking: Served) -> None:
    page = begun(opened, talking, asking, "asks")
    question = page.locator("#asked")
    expect(question).to_contain_text("What did you do there, and why did it take so long?")
    before = question.bounding_box()
    asking.tell(nudge(asking))
    state(page, "nudge")
    assert question.bounding_box() == before
    assert hidden_questions(page) == []
    press(page, "Stop")
    state(page, "card")
    expect(question).to_be_hidden()


def test_captions_show_what_a_drill_lets_be_heard(opened: Open, talking: Browser, asking: Served) -> None:
    page = opened(talking, asking.address)
    state(page, "ready")
    press(page, "Drills")
    page.get_by_label("Drill", exact=True).select_option("asks")
    page.get_by_role("switch", name="Captions").check()
    page.reload()
    state(page, "ready")
    press(page, "Drills")
    expect(page.get_by_role("switch", name="Captions")).to_be_checked()
    page.get_by_label("Drill", exact=True).select_option("asks")
    press(page, "Begin")
    state(page, "drilling")
    captions = page.locator("#captions")
    says(page, "The interviewer: “What did you do there, and", whole=False)
    says(page, "[Voices next door]", whole=False)
    assert faults(page, "drill with captions") == []
    press(page, "Settings")
    page.get_by_role("switch", name="Captions").uncheck()
    page.keyboard.press("Escape")
    expect(captions).to_be_hidden()
    press(page, "Stop")
    state(page, "card")
    expect(captions).to_be_empty()


def test_again_another_and_the_summary(opened: Open, talking: Browser, asking: Served) -> None:
    page = begun(opened, talking, asking, "asks")
    hears(page, asking, 2.0)
    press(page, "Stop")
    state(page, "card")
    press(page, "Again")
    state(page, "drilling")
    hears(page, asking, 1.0)
    press(page, "Stop")
    state(page, "card")
    press(page, "Finish")
    state(page, "finished")
    expect(page.locator("#summary")).to_contain_text("Drills")
    assert page.locator("#summary .card").count() == 2
    press(page, "Practise again")
    state(page, "ready")
    press(page, "Drills")
    state(page, "choosing")
    press(page, "Forget earlier runs")
    assert page.evaluate("localStorage.getItem('sottovoce.drills')") is None
    press(page, "Back")
    state(page, "ready")


def test_what_it_will_do_is_shown(opened: Open, talking: Browser, served: Served) -> None:
    page = opened(talking, served.address)
    state(page, "ready")
    press(page, "Drills")
    stage = page.locator("#stage")
    page.get_by_label("Drill", exact=True).select_option("silence")
    expect(stage).to_contain_text("Holding your nerve")
    page.get_by_label("Drill", exact=True).select_option("interruptions")
    page.get_by_label("Difficulty").select_option("gentle")
    expect(stage).not_to_contain_text("keeps talking over you")
    page.get_by_label("Difficulty").select_option("hard")
    expect(stage).to_contain_text("keeps talking over you")


def test_a_drill_survives_a_lost_connection_with_its_card(
    opened: Open, talking: Browser, asking: Served
) -> None:
    page = begun(opened, talking, asking, "asks")
    hears(page, asking, 2.5)
    asking.drop()
    state(page, "card")
    expect(page.locator("#stage")).to_contain_text("You ended it early.")
