"""Pictures of calls of two, and of listening beside a call."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from docs.screenshots_album import Album, open_page
from tests.harness.page import Served, opening, press, state
from tests.harness.two_pages import coached, end_for_both, in_call, link


def a_call(pair: tuple[Browser, Browser], album: Album, readme: Path | None) -> None:
    """Of two, as interviewer and candidate: from the link to what they share."""

    def opened(browser: Browser, address: str, *, script: str = "", **_: object) -> Page:
        return open_page(browser, address, album.scheme, ready=False)

    with Served() as served:
        host = opened(pair[0], served.address)
        state(host, "ready")
        press(host, "Practise with a friend")
        album.take(host, "9-inviting")
        press(host, "I interview")
        state(host, "consent")
        guest = opened(pair[1], link(served))
        state(guest, "consent")
        album.take(guest, "9-consent")
        press(host, "Agree and join")
        state(host, "waiting")
        album.take(host, "9-waiting-for-guest")
        press(guest, "Agree and join")
        for page in (host, guest):
            state(page, "listening", "nudge")
            page.locator("[data-peer=connected]").wait_for()
        host.get_by_label("Question for the candidate").fill("Tell me about a decision you would take back.")
        press(host, "Show it")
        host.get_by_label("Play a distraction").select_option("barge_in")
        press(host, "Play")
        host.locator("#room").get_by_text("Played to them").wait_for()
        host.wait_for_timeout(14_000)
        album.take(host, "9-interviewer", whole=True)
        album.take(guest, "9-candidate", whole=True)
        if readme:
            host.screenshot(path=readme)
        guest.context.set_offline(True)
        guest.close()
        host.locator("#room").get_by_text("Their seat is kept").wait_for()
        album.take(host, "9-away")
        guest = opened(pair[1], link(served))
        state(guest, "trouble")
        album.take(guest, "9-full")
        end_for_both(host)
        state(host, "finished")
        album.take(host, "9-sheet", whole=True)
        host.context.close()
        guest.context.close()


def shared(pair: tuple[Browser, Browser], album: Album) -> None:
    """What each sees of the other when both share."""
    with Served() as served, opening() as opened:
        host, guest = in_call(opened, pair, served, "I interview", script="", color_scheme=album.scheme)
        host.wait_for_timeout(6_000)
        press(host, "Play")
        host.locator("#room").get_by_text("Played to them").wait_for()
        host.wait_for_timeout(20_000)
        end_for_both(host)
        for page in (host, guest):
            state(page, "finished")
        host.get_by_label("Pace", exact=True).select_option("7")
        host.get_by_label("Start", exact=True).fill("Shorter answers: the point first.")
        press(host, "Send")
        for page in (host, guest):
            press(page, "Share my measures with my partner")
        guest.get_by_text("From the interviewer", exact=True).first.wait_for()
        album.take(host, "9-shared-interviewer", whole=True)
        album.take(guest, "9-shared-candidate", whole=True)


def beside_a_call(browser: Browser, album: Album, wav: Path) -> None:
    """Listening beside a call in another tab."""
    with Served() as served, opening() as opened:
        page = opened(browser, served.address, permissions=["microphone"], color_scheme=album.scheme)
        state(page, "ready")
        press(page, "Coach me during a call")
        album.take(page, "9-beside")
        page, _ = coached(opened, browser, served, wav, color_scheme=album.scheme)
        page.wait_for_timeout(15_000)
        album.take(page, "9-beside-listening")
