"""Pictures of the page in every state: ``python docs/screenshots.py [FOLDER]``.

A real server, a real call, a packaged voice for a microphone. Every state is taken at four widths,
light and dark; five pictures go to ``docs/images`` for the README.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import structs
from playwright.sync_api import Browser, Route, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.screenshots_album import FADED_MS, Album, open_page  # noqa: E402
from docs.screenshots_calls import a_call, beside_a_call, shared  # noqa: E402
from dsp.frame import RATE_HZ  # noqa: E402
from engine.media.files.ogg_opus import encode_samples, mux_packets  # noqa: E402
from engine.media.resample import Samples  # noqa: E402
from engine.media.voices.practice_answer import render_answer  # noqa: E402
from engine.media.voices.synthesis import SpeechSynthesizer  # noqa: E402
from engine.protocol.events import Evidence, Nudge, SignalProblem  # noqa: E402
from engine.protocol.messages import WordsState  # noqa: E402
from engine.shipped.programmes import load as load_programme  # noqa: E402
from engine.store.record import Record  # noqa: E402
from tests.harness import sample_takes  # noqa: E402
from tests.harness.dialogues import compose, packaged_people  # noqa: E402
from tests.harness.page import Served, chromium, press, recording, state  # noqa: E402
from tests.harness.sample_answer import QUESTION, review_message  # noqa: E402
from tests.harness.two_pages import sharing_browser, sides, two_browsers  # noqa: E402
from tests.programme.people import START, Person, rising  # noqa: E402

SCHEMES = ("light", "dark")

THANKS = Nudge(
    seq=9_000,
    at_s=38.0,
    id=99,
    cue="recovery",
    text="Good recovery",
    why="You were interrupted for 2.1 seconds and went on after 1.2 seconds, at your own pace.",
    tone="thanks",
    urgent=False,
    show_s=6.0,
    evidence=Evidence(
        measure="interruption_ended",
        value=1.2,
        unit="s",
        threshold=4.0,
        window_s=(34.7, 38.0),
        confidence=0.9,
        seq=8_999,
    ),
)


def a_session(browser: Browser, album: Album, readme: Path | None) -> None:
    """From Start to the summary."""
    with Served() as served:
        page = open_page(browser, served.address, album.scheme)
        page.locator(".hint", has_text="We hear you.").wait_for()
        album.take(page, "1-ready")
        press(page, "Settings")
        album.take(page, "1-settings")
        page.keyboard.press("Escape")
        held: list[Route] = []
        page.route("**/whip**", lambda route: held.append(route))
        press(page, "Start")
        page.wait_for_timeout(1200)
        album.take(page, "2-connecting")
        held[0].continue_()
        state(page, "listening")
        page.unroute("**/whip**")
        page.wait_for_timeout(9000)
        album.take(page, "3-listening")
        with page.context.expect_page() as opening:
            press(page, "Floating window")
        page.mouse.move(2, 2)
        floating = opening.value
        floating.set_viewport_size({"width": 240, "height": 120})
        page.wait_for_timeout(1000)
        floating.screenshot(path=album.folder / f"floating-listening-{album.scheme}.png")
        state(page, "nudge")
        page.wait_for_timeout(FADED_MS)
        if readme:
            page.screenshot(path=readme)
        floating.screenshot(path=album.folder / f"floating-nudge-{album.scheme}.png")
        album.take(page, "4-nudge")
        page.get_by_role("button", name="Why").click()
        state(page, "why")
        album.take(page, "4-why")
        press(page, "Close")
        served.tell(structs.replace(THANKS, at_s=served.hub.sessions[0].core.now / RATE_HZ))
        state(page, "nudge")
        album.take(page, "4-thanks")
        floating.screenshot(path=album.folder / f"floating-thanks-{album.scheme}.png")
        state(page, "listening")
        served.tell(SignalProblem(seq=9_001, at_s=40.0, kind="silent", on=True))
        album.take(page, "3-silent")
        served.tell(SignalProblem(seq=9_002, at_s=41.0, kind="silent", on=False))
        page.context.set_offline(True)
        served.drop()
        state(page, "lost")
        album.take(page, "5-lost")
        floating.screenshot(path=album.folder / f"floating-lost-{album.scheme}.png")
        page.context.set_offline(False)
        state(page, "listening", "nudge")
        page.wait_for_timeout(25_000)
        press(page, "End")
        state(page, "finished")
        page.get_by_text("Why?").first.click()
        album.take(page, "6-finished", whole=True)
        page.context.close()


def a_drill(browser: Browser, album: Album, readme: Path | None) -> None:
    """From the choice to the card."""
    with Served() as served:
        page = open_page(browser, served.address, album.scheme)
        press(page, "Drills")
        page.get_by_label("Difficulty").select_option("hard")
        album.take(page, "8-choosing", whole=True)
        press(page, "Begin")
        state(page, "countdown")
        page.wait_for_timeout(FADED_MS)
        page.screenshot(path=album.folder / f"8-countdown-1280-{album.scheme}.png")
        state(page, "drilling")
        page.wait_for_timeout(3000)
        album.take(page, "8-drilling")
        page.wait_for_timeout(35_000)
        press(page, "Stop")
        state(page, "card")
        album.take(page, "8-card", whole=True)
        if readme:
            page.wait_for_timeout(FADED_MS)
            page.screenshot(path=readme)
        page.context.close()


def with_words(browser: Browser, album: Album, picture: Path | None) -> None:
    """From the question whether words may be recognised to the answer."""
    with Served() as served:
        page = open_page(browser, served.address, album.scheme)
        press(page, "Turn on words")
        album.take(page, "10-consent")
        page.get_by_role("dialog").get_by_role("button", name="Turn on words").click()
        album.take(page, "10-ready")
        press(page, "Start")
        state(page, "listening", "nudge")
        served.tell(WordsState(mode="live", why=""))
        page.wait_for_timeout(3_000)
        album.take(page, "10-listening")
        served.tell(WordsState(mode="unavailable", why="Words can't be recognised now: the server is busy."))
        album.take(page, "10-unavailable")
        page.wait_for_timeout(20_000)
        served.tell(review_message())
        press(page, "End")
        state(page, "finished")
        album.take(page, "10-answer", whole=True)
        if picture:
            page.locator(".answer").screenshot(path=picture)
        page.locator(".noticed .quote").first.click()
        album.take(page, "10-quote")
        page.context.close()


def with_takes(browser: Browser, album: Album, said: Samples) -> None:
    """The place of takes, from the question what may be kept to two side by side."""
    with TemporaryDirectory() as folder, Served(record="me", store=folder) as served:
        page = open_page(browser, f"{served.address}#takes", album.scheme, ready=False)
        press(page, "Choose what may be kept")
        page.get_by_role("switch", name="Figures").click()
        album.take(page, "11-question")
        press(page, "Keep figures")
        page.locator("#place .lead", has_text="Practise once").wait_for()
        album.take(page, "11-nothing-yet")
        record = Record.open(folder)
        record.put("me", sample_takes.an_answer(), mux_packets(encode_samples(said)))
        record.put("me", sample_takes.figures_only())
        record.put("me", sample_takes.a_drill())
        record.close()
        page.reload()
        page.locator(".takes").wait_for()
        album.take(page, "11-takes", whole=True)
        page.get_by_role("link", name=QUESTION).click()
        page.locator(".listen").wait_for()
        album.take(page, "11-take", whole=True)
        page.get_by_text("Name, tags and note").click()
        press(page, "Delete")
        album.take(page, "11-delete")
        press(page, "Cancel")
        press(page, "Compare")
        page.locator(".compared").wait_for()
        album.take(page, "11-compared", whole=True)
        page.context.close()


def with_programme(browser: Browser, album: Album, readme: Path | None) -> None:
    """The place *Programme*: the first visit, and four weeks of somebody who improved."""
    now = datetime.combine(START, time(8), UTC)
    with TemporaryDirectory() as folder, Served(record="me", store=folder, now=lambda: now) as served:
        page = open_page(browser, f"{served.address}#programme", album.scheme, ready=False)
        page.locator("#place .primary").wait_for()
        album.take(page, "12-first-visit")
        press(page, "Begin: choose what may be kept")
        page.get_by_role("switch", name="Figures").click()
        press(page, "Keep figures")
        page.locator(".items").first.wait_for()
        album.take(page, "12-first-day", whole=True)
        record = Record.open(Path(folder))
        for take in Person(5, rising(0.3, 0.7), day_noise=0.04, take_noise=0.04).follow(load_programme(), 35):
            record.put("me", take)
        record.close()
        for day, address, name in (
            (16, "programme", "today"),
            (16, "gap=fluency", "skill"),
            (35, "progress", "progress"),
            (35, "progress=fluency", "chart"),
            (35, "validation", "before-and-after"),
        ):
            now = datetime.combine(START, time(8), UTC) + timedelta(days=day)
            page.goto(f"{served.address}#{address}")
            page.reload()
            page.wait_for_selector("#place[aria-busy=false] #place-title")
            album.take(page, f"12-{name}", whole=True)
            if readme and name == "today":
                page.screenshot(path=readme)
        page.context.close()


def troubles(browser: Browser, album: Album) -> None:
    """What can go wrong, and the way out."""
    with Served(max_sessions=1) as served:
        page = open_page(browser, served.address, album.scheme)
        press(page, "Start")
        state(page, "trouble")
        album.take(page, "7-refused")
        page.context.grant_permissions(["microphone"])
        state(page, "ready")
        press(page, "Start")
        state(page, "listening")
        other = page.context.new_page()
        other.goto(served.address)
        press(other, "Start")
        state(other, "trouble")
        album.take(other, "7-full")
        page.context.close()


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    said, _ = render_answer(SpeechSynthesizer())
    wav = recording(folder / "speech.wav", said)
    images = ROOT / "docs" / "images"
    names = ("page", "drill", "call", "answer", "programme")
    readme, drill, call, answer, programme = (images / f"{name}.png" for name in names)
    with sync_playwright() as playwright:
        with chromium(playwright, microphone=wav) as browser:
            for scheme in SCHEMES:
                a_session(browser, Album(folder, scheme), readme if scheme == "light" else None)
                a_drill(browser, Album(folder, scheme), drill if scheme == "light" else None)
                with_words(browser, Album(folder, scheme), answer if scheme == "light" else None)
                with_takes(browser, Album(folder, scheme), said)
                with_programme(browser, Album(folder, scheme), programme if scheme == "light" else None)
        voices, _ = compose(packaged_people(), 40.0, 11)
        microphones = sides(folder, voices)
        with two_browsers(playwright, microphones) as pair:
            for scheme in SCHEMES:
                a_call(pair, Album(folder, scheme), call if scheme == "light" else None)
                shared(pair, Album(folder, scheme))
        with sharing_browser(playwright, microphones[0]) as browser:
            for scheme in SCHEMES:
                beside_a_call(browser, Album(folder, scheme), microphones[1])
        with chromium(playwright, "--use-fake-device-for-media-stream", microphone=None) as browser:
            for scheme in SCHEMES:
                troubles(browser, Album(folder, scheme))
    for path in (wav, *microphones):
        path.unlink()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "screenshots")
    main(parser.parse_args().folder)
