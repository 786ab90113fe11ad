"""What waits is what was asked for, and nobody is listened to after a wait without asking for it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.page import (
    HOLDING,
    Open,
    Served,
    chromium,
    hears,
    press,
    recording,
    says,
    started,
    state,
    until,
)

ASKS = """
title = "One question"
trains = "a"
use_when = "b"
minutes = 2
question = "What did you do?"

[[step]]
do = "ask"
when = { after_s = 0.5 }

[[step]]
do = "distraction"
sound = "murmur"
for_s = 30
when = { after_s = 4 }
"""

LISTENED = """() => (window.given?.getAudioTracks() ?? [])
  .some(({ readyState, enabled }) => readyState === "live" && enabled)"""
"""Whether the page's microphone is open, and on."""

GIVEN = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => (window.given = await ask(wanted));
"""


@pytest.fixture(scope="module")
def talking(
    playwright: Playwright, voice: SpeechSynthesizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    said = voice.synthesize("We moved the old system to the new one, and nobody noticed. " * 3, speed=0.9)
    with chromium(
        playwright, microphone=recording(tmp_path_factory.mktemp("talking") / "talking.wav", said)
    ) as browser:
        yield browser


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Served]:
    """A server with a drill that asks, and then murmurs for long."""
    (tmp_path / "asks.toml").write_text(ASKS)
    with Served(drills=str(tmp_path)) as served:
        yield served


def busy(page: Page, path: str, status: int = 503) -> None:
    """Let the server answer that it is busy, for a second each time."""

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        return route.fulfill(status=status, headers={"Retry-After": "1"})

    page.route(path, answer)


def chosen(opened: Open, browser: Browser, served: Served) -> Page:
    """A page where the drill is chosen, and not begun."""
    page = opened(browser, served.address, script=GIVEN + HOLDING)
    state(page, "ready")
    press(page, "Drills")
    page.get_by_label("Drill", exact=True).select_option("asks")
    return page


def begun(opened: Open, browser: Browser, served: Served) -> Page:
    """A page in that drill."""
    page = chosen(opened, browser, served)
    press(page, "Begin")
    state(page, "drilling")
    return page


def waited(page: Page, said: str = "There may be room now.") -> None:
    """The wait is over, which is said, and nothing has begun by itself."""
    expect(page.locator("#stage")).to_contain_text(said)
    says(page, said, whole=False)
    state(page, "trouble")
    assert not page.evaluate(LISTENED)


def test_a_drill_that_had_to_wait_is_a_drill(opened: Open, talking: Browser, asking: Served) -> None:
    page = chosen(opened, talking, asking)
    busy(page, "**/whip**")
    press(page, "Begin")
    state(page, "trouble")
    expect(page.locator("#stage")).to_contain_text("Your microphone is off until you press the button.")
    waited(page)
    assert asking.hub.sessions == []
    page.unroute("**/whip**")
    press(page, "Begin the drill")
    state(page, "drilling")


@pytest.mark.parametrize(
    ("status", "said"), [(429, "You can try again now."), (503, "There may be room now.")]
)
def test_a_session_that_had_to_wait_asks_again(
    status: int, said: str, opened: Open, talking: Browser, served: Served
) -> None:
    page = opened(talking, served.address, script=GIVEN)
    state(page, "ready")
    busy(page, "**/whip**", status)
    press(page, "Start")
    state(page, "trouble")
    waited(page, said)
    page.unroute("**/whip**")
    press(page, "Start")
    state(page, "listening", "nudge")


def test_a_room_that_had_to_wait_is_a_room(opened: Open, talking: Browser, served: Served) -> None:
    page = opened(talking, served.address, script=GIVEN)
    state(page, "ready")
    busy(page, "**/rooms")
    press(page, "Practise with a friend")
    press(page, "I interview")
    state(page, "trouble")
    waited(page)
    page.unroute("**/rooms")
    press(page, "Make the link")
    state(page, "consent")
    assert [room.members[0].role for room in served.hub.rooms._rooms.values()] == ["interviewer"]


def test_a_link_to_a_room_is_still_the_way_into_it(opened: Open, talking: Browser, served: Served) -> None:
    host = opened(talking, served.address)
    press(host, "Practise with a friend")
    press(host, "Talk freely")
    state(host, "consent")
    [room] = served.hub.rooms._rooms
    guest = opened(talking, served.address, script=GIVEN)
    busy(guest, "**/rooms/*/seats")
    guest.goto(f"{served.address}#room={room}")
    guest.reload()
    state(guest, "trouble")
    waited(guest)
    guest.unroute("**/rooms/*/seats")
    press(guest, "Join the call")
    state(guest, "consent")


def test_a_drill_cut_short_before_it_began_is_no_session(
    opened: Open, talking: Browser, asking: Served
) -> None:
    page = chosen(opened, talking, asking)
    page.evaluate("window.held = true")
    press(page, "Begin")
    state(page, "countdown", "broken")
    asking.drop()
    state(page, "broken")
    page.evaluate("window.held = false")
    expect(page.locator("#status")).to_have_text("Microphone muted")
    assert not page.evaluate(LISTENED)
    press(page, "Begin again")
    state(page, "drilling")
    assert page.evaluate(LISTENED)


def test_a_reload_in_a_drill_does_not_make_a_session_of_it(
    opened: Open, talking: Browser, asking: Served
) -> None:
    page = chosen(opened, talking, asking)
    page.evaluate("window.held = true")
    press(page, "Begin")
    state(page, "countdown", "broken")
    page.reload()
    state(page, "broken")
    press(page, "Begin again")
    state(page, "drilling")
    press(page, "Stop")
    state(page, "card")
    page.reload()
    state(page, "card")
    assert not page.evaluate(LISTENED)


def test_nobody_is_listened_to_on_the_card(opened: Open, talking: Browser, asking: Served) -> None:
    page = begun(opened, talking, asking)
    expect(page.get_by_role("button", name="End", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    press(page, "Stop")
    state(page, "card")
    expect(page.locator("#status")).to_have_text("Microphone muted")
    assert not page.evaluate(LISTENED)
    [session] = asking.hub.sessions
    page.wait_for_timeout(6500)  # a microphone that is silent for so long is called muted
    until(page, lambda: session._mute.declared, "the engine takes it for no pause")
    expect(page.locator("#notice")).to_be_hidden()
    press(page, "Again")
    state(page, "drilling")
    assert page.evaluate(LISTENED)
    until(page, lambda: not session._mute.declared, "the engine hears on")


def test_practise_again_keeps_the_summary_within_reach(
    opened: Open, rushing: Browser, prompt: Served
) -> None:
    page = started(opened, rushing, prompt)
    state(page, "nudge")
    press(page, "End")
    state(page, "finished")
    press(page, "Practise again")
    state(page, "ready")
    press(page, "Your last summary")
    state(page, "finished")
    expect(page.get_by_role("region", name="Nudges")).to_contain_text("Slow down")
    press(page, "Practise again")
    state(page, "ready")
    press(page, "Your last summary")
    press(page, "Delete")
    state(page, "ready")
    expect(page.get_by_role("button", name="Your last summary")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


def test_another_drill_keeps_what_the_first_one_found(opened: Open, talking: Browser, asking: Served) -> None:
    page = begun(opened, talking, asking)
    hears(page, asking, 5.0)
    press(page, "Stop")
    state(page, "card")
    press(page, "Another drill")
    state(page, "choosing")
    press(page, "Back")
    state(page, "ready")
    press(page, "Your last summary")
    state(page, "finished")
    expect(page.locator("#summary .card")).to_have_count(1)
    expect(page.get_by_role("table")).to_be_visible()


def test_nothing_is_promised_of_a_server_that_has_gone(
    opened: Open, rushing: Browser, served: Served
) -> None:
    page = started(opened, rushing, served)
    page.route("**/whip**", lambda route: route.abort())
    served.drop()
    state(page, "lost")
    stage = page.locator("#stage")
    expect(stage).to_contain_text("What you were told so far is kept in this tab.")
    assert "safe" not in stage.inner_text()
    assert "safe" not in page.get_by_role("alert").inner_text()
