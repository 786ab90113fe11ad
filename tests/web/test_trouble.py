"""Every failure has a sentence and a way out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.harness.page import Open, Served, chromium, frozen, press, says, started, state, until

REFUSING = """
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", window.refusal ?? "%s") };
"""
"""A browser's own answer; which one comes depends on hardware that a test can't unplug."""

REMEMBERING = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (window.unplugged) throw new DOMException("", "NotFoundError");
  return (window.given = await ask(wanted));
};
"""


def told(page: Page, title: str, sentence: str) -> None:
    """The stage says so, and a screen reader is told at once."""
    state(page, "trouble")
    expect(page.locator("#stage").get_by_role("heading")).to_have_text(title)
    expect(page.locator("#stage")).to_contain_text(sentence)
    expect(page.get_by_role("alert")).to_contain_text(title)


def test_refused_microphone(opened: Open, ungranted: Browser, served: Served) -> None:
    page = opened(ungranted, served.address)
    state(page, "ready")
    press(page, "Start")
    told(
        page,
        "Your browser refused the microphone",
        "Click the lock beside the address, allow it, and press Start.",
    )
    page.context.grant_permissions(["microphone"])
    state(page, "ready")
    press(page, "Start")
    state(page, "listening")


def test_trying_the_microphone_shows_its_level(opened: Open, rushing: Browser, served: Served) -> None:
    script = "navigator.permissions.query = async () => ({ state: 'prompt', addEventListener() {} });"
    page = opened(rushing, served.address, script=script)
    state(page, "ready")
    press(page, "Try it")
    expect(page.locator(".hint")).to_have_text("We hear you.")
    page.wait_for_function(
        "() => Number(document.querySelector('.meter').style.getPropertyValue('--level')) > 0"
    )
    assert served.hub.sessions == [], "nothing is sent before Start"


@pytest.mark.parametrize(
    ("error", "title", "sentence"),
    [
        ("NotFoundError", "No microphone found", "Plug one in"),
        ("NotReadableError", "The microphone is in use", "Close that program"),
        ("OverconstrainedError", "That microphone is not connected", "choose another in Settings"),
    ],
)
def test_no_microphone_to_be_had(
    opened: Open, ungranted: Browser, served: Served, error: str, title: str, sentence: str
) -> None:
    page = opened(ungranted, served.address, script=REFUSING % error)
    state(page, "ready")
    press(page, "Start")
    told(page, title, sentence)
    press(page, "Back")
    state(page, "ready")


def test_a_microphone_that_goes_away_is_waited_for(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, script=REMEMBERING)
    session = served.hub.sessions[0].id
    page.evaluate(
        "() => { const [track] = given.getTracks(); window.unplugged = true; track.stop();"
        " track.dispatchEvent(new Event('ended')); }"
    )
    state(page, "unplugged")
    expect(page.locator("#stage")).to_contain_text(
        "Plug it in again or choose another. What you were told so far is kept."
    )
    expect(page.get_by_role("button", name="Choose microphone")).to_be_visible()
    page.evaluate(
        "() => { window.unplugged = false; navigator.mediaDevices.dispatchEvent(new Event('devicechange')); }"
    )
    state(page, "listening", "nudge")
    assert [live.id for live in served.hub.sessions] == [session]
    expect(page.locator("#instruments")).to_contain_text(re.compile(r"\d+ words/min"))


def test_muted_microphone(opened: Open, muted: Browser, served: Served) -> None:
    page = opened(muted, served.address)
    state(page, "ready")
    expect(page.locator(".hint")).to_have_text("We hear nothing: is it muted?")
    press(page, "Start")
    state(page, "listening")
    expect(page.locator("#notice")).to_contain_text("We hear nothing: is your microphone muted?")
    expect(page.get_by_role("alert")).to_contain_text("We hear nothing")
    page.locator("#notice").get_by_role("button", name="Choose microphone").click()
    expect(page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_clipping_microphone(opened: Open, clipped: Browser, served: Served) -> None:
    page = started(opened, clipped, served)
    says(page, "Your voice is too loud for the microphone", whole=False)


def test_address_that_is_not_secure(playwright: Playwright, opened: Open, served: Served) -> None:
    with chromium(
        playwright, "--host-resolver-rules=MAP sottovoce.test 127.0.0.1", microphone=None
    ) as browser:
        page = browser.new_page()
        page.goto(served.address.replace("127.0.0.1", "sottovoce.test"))
        told(page, "This address is not secure", "Open the address with https")


def test_browser_without_webrtc(opened: Open, ungranted: Browser, served: Served) -> None:
    page = opened(ungranted, served.address, script="delete window.RTCPeerConnection")
    told(page, "This browser can't do calls", "A current Firefox, Chrome, Edge or Safari has it.")


def test_a_full_server_can_be_tried_again(opened: Open, rushing: Browser) -> None:
    with Served(max_sessions=1) as served:
        first = started(opened, rushing, served)
        second = opened(rushing, served.address)
        press(second, "Start")
        told(second, "The server is busy", "There may be room")
        press(first, "End")
        state(first, "finished")
        until(first, lambda: not served.hub.sessions, "there is room")
        press(second, "Start")
        state(second, "listening", "nudge")


def test_too_many_calls_from_one_network_can_be_tried_again(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = opened(rushing, served.address, clock=True)
    state(page, "ready")
    spent = served.hub.quota._bucket("127.0.0.1", "offers")
    spent.take_token(served.hub._clock())
    spent._left = -9.0
    frozen(page)
    press(page, "Start")
    told(page, "Too many calls from your network", "Try again in")
    page.clock.resume()
    expect(page.locator("#stage")).to_contain_text("You can try again now.")
    press(page, "Start")
    state(page, "listening", "nudge")
    assert served.hub.quota.refused["offers"] == 1, "nor was it asked before the time"


def test_server_that_has_gone(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    page.route("**/whip**", lambda route: route.abort())
    press(page, "Start")
    told(page, "The server doesn't answer", "Start it with “make run”, or check your network, and try again.")
    page.unroute("**/whip**")
    press(page, "Try again")
    state(page, "listening", "nudge")


def test_server_that_is_not_there_yet(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, "about:blank")
    page.route("**/config.json", lambda route: route.abort())
    page.goto(served.address)
    told(page, "The server doesn't answer", "try again")
    page.unroute("**/config.json")
    press(page, "Try again")
    state(page, "ready")


def test_offer_that_the_server_refuses(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    page.route("**/whip**", lambda route: route.continue_(post_data="v=0\r\n"))
    press(page, "Start")
    state(page, "trouble")
    expect(page.locator("#stage").get_by_role("heading")).to_have_text("The server could not take the call")
    assert len(page.locator("#stage p").inner_text()) > 20, "the server's own words"


def test_connection_that_does_not_open(opened: Open, rushing: Browser, served: Served) -> None:
    relayed = """
    const Peer = RTCPeerConnection;
    window.RTCPeerConnection = class extends Peer {
      constructor(options) { super({ ...options, iceTransportPolicy: "relay" }); }
    };
    """
    page = opened(rushing, served.address, script=relayed, clock=True)
    state(page, "ready")
    frozen(page)
    press(page, "Start")
    expect(page.locator("#stage")).to_contain_text("Looking for a way through your network.")
    page.clock.run_for(10_000)
    told(page, "The sound can't get through", "ask for a TURN server to be set")


def test_connecting_can_be_cancelled(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address, clock=True)
    state(page, "ready")
    frozen(page)
    page.route("**/whip**", lambda route: None)
    press(page, "Start")
    state(page, "connecting")
    press(page, "Cancel")
    state(page, "ready")


def test_session_taken_over_by_another_tab(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served)
    with page.context.expect_page() as opening:  # a tab opened by this one has a copy of its storage
        page.evaluate("window.open(location.href)")
    state(opening.value, "listening", "nudge")
    told(page, "Your session continues in another tab", "Continue there")
    assert len(served.hub.sessions) == 1


def test_session_that_has_closed_meanwhile(opened: Open, rushing: Browser) -> None:
    with Served(resume_s=1) as served:
        page = started(opened, rushing, served)
        page.route("**/whip**", lambda route: route.abort())
        served.drop()
        told(page, "The session has closed", "Begin a new one")
        page.unroute("**/whip**")
        press(page, "Start")
        state(page, "listening", "nudge")
