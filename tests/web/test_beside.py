"""Listening beside a call that runs in another tab."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright, expect

from benchmarks.dialogues import Truth, compose, packaged_people
from dsp.frame import RATE_HZ
from engine import events as ev
from engine.media.resample import Samples
from engine.server.line import Seat

from .stand import Open, Served, chromium, press, recording, state

LEAD_S = 7.0
"""Silence before the dialogue, in which both connections come about."""

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
localStorage.setItem("sottovoce.settings", JSON.stringify({ echoCancellation: false }));
const { mediaDevices } = navigator;
const open = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  new BroadcastChannel("go").postMessage("");
  return stream;
};
"""
"""Headphones on: nothing comes back by the microphone, and the browser need not take out what it plays.
When it does all the same it takes some of the speaker's own voice with it, where the two talk at once."""


@pytest.fixture(scope="module")
def dialogue() -> tuple[Samples, Truth]:
    """Two voices, shape (2, n), who cut in on each other, and when."""
    return compose(packaged_people(), 32.0, 11)


@pytest.fixture(scope="module")
def beside(
    playwright: Playwright, dialogue: tuple[Samples, Truth], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, Path]]:
    """A browser whose speaker is one side, and that shares the tab with the other side; and that side."""
    folder = tmp_path_factory.mktemp("beside")
    lead = np.zeros(round(LEAD_S * RATE_HZ), np.float32)
    mine, other = (
        recording(folder / f"{n}.wav", np.concatenate([lead, voice])) for n, voice in enumerate(dialogue[0])
    )
    # Without the faked answers to the browser's questions: those share the fake microphone instead of a tab.
    with chromium(
        playwright,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={mine}",
        "--auto-select-tab-capture-source-by-title=The other call",
        microphone=None,
        heard=True,
    ) as browser:
        yield browser, other


def test_interruptions_of_a_call_in_another_tab_are_found(
    opened: Open,
    beside: tuple[Browser, Path],
    served: Served,
    dialogue: tuple[Samples, Truth],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser, wav = beside
    voices, truth = dialogue
    told: list[list[ev.AnyEvent]] = [[], []]
    take = Seat.take

    def noted(seat: Seat, event: ev.AnyEvent) -> None:
        told[seat.channel].append(event)
        take(seat, event)

    monkeypatch.setattr(Seat, "take", noted)
    page = opened(browser, served.address, script=GO, permissions=["microphone"])
    state(page, "ready")
    other = page.context.new_page()
    other.route("**/other.html", lambda route: route.fulfill(body=OTHER, content_type="text/html"))
    other.route("**/other.wav", lambda route: route.fulfill(path=wav, content_type="audio/wav"))
    other.goto(f"{served.address}other.html")
    other.evaluate("ready.then(() => true)")
    page.bring_to_front()
    press(page, "Beside a call")
    state(page, "beside")
    press(page, "Share the call's sound")
    state(page, "listening", "nudge")
    until = time.monotonic() + LEAD_S + voices.shape[1] / RATE_HZ
    while time.monotonic() < until:
        page.wait_for_timeout(500)
    expect(page.locator("#notice")).to_be_hidden()
    press(page, "End")
    state(page, "finished")
    heard_s = min(event.start_s for side in told for event in side if isinstance(event, ev.SpeechStarted))
    said_s = min(float(np.flatnonzero(np.abs(voice) > 0.01)[0]) / RATE_HZ for voice in voices)
    wanted = found = answers = 0
    for n in (0, 1):
        true_s = [start_s - said_s + heard_s for start_s, _ in truth.interruptions[n]]
        cuts_s = [event.start_s for event in told[n] if isinstance(event, ev.Interruption)]
        wanted, answers = wanted + len(true_s), answers + len(cuts_s)
        found += sum(any(abs(cut_s - start_s) < 0.5 for cut_s in cuts_s) for start_s in true_s)
    assert wanted == 5
    assert found >= 0.9 * wanted
    assert found >= 0.9 * answers


def test_without_sound_the_page_says_what_is_missing(
    opened: Open, beside: tuple[Browser, Path], served: Served
) -> None:
    page = opened(
        beside[0],
        served.address,
        script="navigator.mediaDevices.getDisplayMedia = async () => new MediaStream();",
        permissions=["microphone"],
    )
    state(page, "ready")
    press(page, "Beside a call")
    press(page, "Share the call's sound")
    state(page, "listening", "nudge")
    expect(page.locator("#notice")).to_contain_text("No sound came with what you shared")
    press(page, "End")
    state(page, "finished")


def test_a_browser_that_cannot_share_offers_the_microphone_alone(
    opened: Open, beside: tuple[Browser, Path], served: Served
) -> None:
    page = opened(
        beside[0],
        served.address,
        script="MediaDevices.prototype.getDisplayMedia = undefined;",
        permissions=["microphone"],
    )
    state(page, "ready")
    press(page, "Beside a call")
    expect(page.locator("#stage")).to_contain_text("This browser can't share a tab's sound")
    expect(page.get_by_role("button", name="Share the call's sound")).to_have_count(0)
    press(page, "Microphone alone")
    state(page, "listening", "nudge")
    assert len(served.hub.rooms) == 0
