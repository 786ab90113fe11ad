"""A mute that the page, the browser or nobody but the engine knows of."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.harness.page import Open, Served, started, state, until

TAPPED = """
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) { super(...given); window.peers.push(this); }
  };
  window.sender = () => window.peers.flatMap((peer) => peer.getSenders()).find(({ track }) => track);
"""
"""Lets a test get at what the page sends."""

MUTES = {
    "by the computer": (
        """() => {
          window.tapped = window.sender().track;
          Object.defineProperty(window.tapped, "muted", { configurable: true, value: true });
          window.tapped.dispatchEvent(new Event("mute"));
        }""",
        """() => {
          delete window.tapped.muted;
          window.tapped.dispatchEvent(new Event("unmute"));
        }""",
    ),
    "by its switch": (
        "() => { window.tapped = window.sender(); window.tapped.track.enabled = false; }",
        "() => { window.tapped.track.enabled = true; }",
    ),
    "by sending nothing": (
        "async () => { window.tapped = window.sender(); window.kept = window.tapped.track;"
        " await window.tapped.replaceTrack(null); }",
        "async () => { await window.tapped.replaceTrack(window.kept); }",
    ),
}


def test_who_mutes_is_told_so_and_not_hurried(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=TAPPED)
    (session,) = served.hub.sessions
    expect(page.locator("#instruments")).to_contain_text("words/min")
    for how, (mute, unmute) in MUTES.items():
        page.evaluate(mute)
        expect(page.locator("#status")).to_contain_text("Muted")
        expect(page.locator("#notice")).to_contain_text("This time isn't counted")
        if how == "by sending nothing":
            given = nudges(page)
            page.wait_for_timeout(5000)  # longer than who is gone is waited for
            assert nudges(page) == given
            state(page, "listening", "nudge")
            expect(page.locator("#instruments")).to_contain_text("Muted")
        until(page, session.core.muted, "the engine knows of it")
        page.evaluate(unmute)
        expect(page.locator("#status")).to_contain_text("Listening")
        expect(page.locator("#notice")).not_to_contain_text("This time isn't counted")
    assert served.hub.sessions == [session]
    page.get_by_role("button", name="End", exact=True).click()
    state(page, "finished")
    expect(page.locator("#summary")).to_contain_text("You were muted for 0:")


def nudges(page: Page) -> object:
    return page.evaluate("() => JSON.parse(sessionStorage.getItem('sottovoce.session')).nudges")
