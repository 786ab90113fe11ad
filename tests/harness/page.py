"""A server in a thread, a Chromium with a recording for a microphone: for the page's tests and pictures."""

from __future__ import annotations

import asyncio
import threading
import wave
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from playwright.sync_api import Browser, Page, Playwright, TimeoutError, expect
from scipy.signal import resample_poly

from dsp.frame import RATE_HZ
from engine.media.resample import Samples
from engine.server.hub import Hub
from engine.server.record.service import local_now
from engine.server.serve import serving
from engine.server.settings import Settings
from engine.speech.process import RecognitionProcess
from tests.harness.chromium import executable

Result = TypeVar("Result")

Open = Callable[..., Page]
"""Opens a page: browser, address, and a context's options."""

MICROPHONE_HZ = 48_000

PATIENCE_S = 90.0
"""How long what has to come is waited for: a machine that is busy with something else comes to it, too."""

QUIET = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
]

NOTED = """
window.linesSaid = [];
window.statesSeen = [];
addEventListener("DOMContentLoaded", () => {
  const { body } = document;
  const entered = new MutationObserver(() => statesSeen.push(body.dataset.state));
  entered.observe(body, { attributeFilter: ["data-state"] });
  const noted = (changes) => {
    const lines = changes.flatMap(({ addedNodes }) => [...addedNodes]).map(({ textContent }) => textContent);
    linesSaid.push(...lines.map((line) => line.replace(/\\s+/g, " ").trim()));
  };
  const regions = document.querySelectorAll("#said, #polite, #urgent, #notice, #captions");
  for (const region of regions) new MutationObserver(noted).observe(region, { childList: true });
});
"""
"""Notes the states of the page, and what it says in lines: both may go by before a test looks."""

SAID = """([text, whole]) => {
  const at = linesSaid.findIndex((line) => whole ? line === text : line.includes(text));
  if (at >= 0) linesSaid.splice(0, at + 1);
  return at >= 0;
}"""

CAME = """(names) => {
  let place = 0;
  for (const name of statesSeen) if (name === names[place]) place++;
  return place === names.length;
}"""

HOLDING = """
const every = window.setInterval.bind(window);
window.setInterval = (work, ...more) => every(() => window.held || work(), ...more);
"""
"""Lets nothing go on by itself that goes step by step, such as a countdown, while ``held`` is true."""

FOCUSED = """() => {
  const { ariaLabel, innerText, id } = document.activeElement;
  return ariaLabel ?? (innerText?.trim() || id);
}"""
"""Name of what has the focus, or its id."""

MUTE = "--mute-audio"
"""Playwright's own default, too."""


class Served:
    """A server on a loop of its own; the page's address, and its insides for what only they can do.

    ``recognition`` recognises its words; ``now`` is its wall clock. It waits long for who was lost, and for
    who is only slow.
    """

    def __init__(
        self,
        *,
        recognition: RecognitionProcess | None = None,
        now: Callable[[], datetime] = local_now,
        **settings: Any,
    ) -> None:
        names = ("sottovoce.test",)
        waits = {"connect_s": PATIENCE_S, "request_s": PATIENCE_S, "resume_s": PATIENCE_S}
        chosen = Settings(port=0, max_cpu=100.0, max_delay_s=100.0, allowed_hosts=names, **(waits | settings))
        self.hub = Hub(chosen, recognition=recognition, now=now)
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self) -> None:
        try:
            async with serving(self.hub) as self.address:
                self._ready.set()
                await self._stop.wait()
        finally:
            self._ready.set()

    def __enter__(self) -> Served:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it as Ctrl+C would: the sessions say goodbye."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._loop.close()

    def run(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Do something on the server's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(timeout=PATIENCE_S)

    @contextmanager
    def stuck(self) -> Iterator[None]:
        """Let its whole loop stand still meanwhile, as on a machine that is stuck."""
        over = threading.Event()
        self._loop.call_soon_threadsafe(over.wait)
        try:
            yield
        finally:
            over.set()

    def drop(self) -> None:
        """Cut every connection as a broken network would: no word to the page."""

        async def work() -> None:
            for session in self.hub.sessions:
                if session.connection is not None and session.connection.peer is not None:
                    await session.connection.peer.close()

        self.run(work)

    def tell(self, message: Any) -> None:
        """Send a message to the page of every session, as the engine would."""

        async def work() -> None:
            for session in self.hub.sessions:
                session.readers.send(message)

        self.run(work)


def recording(path: Path, samples: Samples) -> Path:
    """A wav for Chromium's fake microphone, from 16 kHz mono."""
    loud = resample_poly(samples, MICROPHONE_HZ // RATE_HZ, 1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MICROPHONE_HZ)
        file.writeframes((np.clip(loud, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@contextmanager
def chromium(
    playwright: Playwright,
    *more: str,
    microphone: Path | None,
    heard: bool = False,
    program: str | None = None,
) -> Iterator[Browser]:
    """A browser whose microphone plays the recording over and over; without one, nobody grants it.

    What its tabs play can be shared with others when it is to be ``heard``. ``program`` starts it in another
    place than here.
    """
    if microphone is not None:
        fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        more = (*more, *fake, f"--use-file-for-fake-audio-capture={microphone}")
    expect.set_options(timeout=1000 * PATIENCE_S)
    silence, unwanted = ([], [MUTE]) if heard else ([MUTE], [])
    browser = playwright.chromium.launch(
        executable_path=program or executable(),
        args=[*QUIET, *silence, *more],
        ignore_default_args=unwanted,
        timeout=1000 * PATIENCE_S,
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def opening() -> Iterator[Open]:
    """Opens pages, each in a context of its own; an error in the console of one fails at the end."""
    wrong: list[str] = []
    with ExitStack() as contexts:

        def opened(
            browser: Browser, address: str, *, script: str = "", clock: bool = False, **options: Any
        ) -> Page:
            options.setdefault("viewport", {"width": 1280, "height": 720})
            context = contexts.enter_context(browser.new_context(**options))
            context.set_default_timeout(1000 * PATIENCE_S)
            context.add_init_script(NOTED)
            if script:
                context.add_init_script(script)
            if clock:
                context.clock.install()
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(address)
            return page

        yield opened
    assert wrong == []


def state(page: Page, *names: str) -> None:
    """Wait until the page is in one of these states."""
    wanted = ", ".join(f"body[data-state={name}]" for name in names)
    try:
        page.wait_for_selector(wanted, timeout=1000 * PATIENCE_S)
    except TimeoutError as error:
        shown = page.locator("body").get_attribute("data-state"), page.locator("main").inner_text()
        raise AssertionError(f"not {' or '.join(names)} within {PATIENCE_S:g} s, but {shown}") from error


def came(page: Page, *names: str) -> None:
    """Wait until the page has been in these states since it was loaded, in this order, however briefly."""
    page.wait_for_function(CAME, arg=list(names))


def says(page: Page, text: str, *, whole: bool = True) -> None:
    """Wait until the page has said this, or a line with it, however briefly: after what was said before."""
    page.wait_for_function(SAID, arg=[text, whole])


def until(page: Page, holds: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Wait, while the page goes on, until something holds that it doesn't show."""
    for _ in range(round(timeout_s / 0.05)):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {timeout_s} s: {what}")


def frozen(page: Page) -> None:
    """Stop the page's clock a second ahead: nothing in it happens by itself any more.

    The page is one that was opened with a ``clock``.
    """
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)


def press(page: Page, name: str) -> None:
    """Press the button of this name."""
    page.get_by_role("button", name=name, exact=True).click()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on the control of this name, or of this id."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


def started(opened: Open, browser: Browser, served: Served, **options: Any) -> Page:
    """Give a page in a session that has just begun."""
    page = opened(browser, served.address, **options)
    state(page, "ready")
    press(page, "Start")
    state(page, "listening", "nudge")
    return page


def hears(page: Page, served: Served, seconds: float) -> None:
    """Wait until the engine has heard the newest session, or the two of the one room, for so much longer."""
    rooms = list(served.hub.rooms._rooms.values())

    def heard_s() -> float:
        core = rooms[0].timeline.session if rooms else served.hub.sessions[-1].core
        return core.now / RATE_HZ

    enough_s = heard_s() + seconds
    until(page, lambda: heard_s() >= enough_s, f"{seconds} s more are heard", PATIENCE_S + 5 * seconds)


def spoken_enough(page: Page, served: Served) -> None:
    """Wait until the pace of the one session is no guess."""

    async def is_guess() -> bool:
        (session,) = served.hub.sessions
        return "pace_wpm" in session.core.summary().measures[0].unsure

    while served.run(is_guess):
        page.wait_for_timeout(200)
