"""For everyone: axe without findings, the keyboard alone, a screen reader's tree, every size of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from engine.protocol.messages import WordsState
from tests.harness.page import (
    HOLDING,
    Open,
    Served,
    hears,
    press,
    says,
    spoken_enough,
    started,
    state,
    tab_to,
)
from tests.harness.sample_answer import review_message
from tests.harness.two_pages import end_for_both, link

from .fitting import faults, hidden_questions
from .test_said import nudge

LAPTOP: ViewportSize = {"width": 1280, "height": 720}

WHOLE = {"ready", "choosing", "drilling", "listening", "nudge", "why", "lost"}
"""States in which a laptop shows all of the page."""

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


COLOURS = ("color-contrast", "link-in-text-block")
"""Rules of axe about colours, which are all in which the schemes differ."""


def findings(page: Page, *rules: str) -> str:
    """What axe has to say about the page as it is, by all its rules or by these."""
    page.emulate_media(reduced_motion="reduce")  # a colour half way through a fade is nobody's
    page.evaluate(
        "() => Promise.allSettled(document.getAnimations().map((motion) => motion.finished)).then(() => true)"
    )
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    there = page.evaluate("() => 'axe' in window")
    results = (Axe("") if there else Axe()).run(page, options=options)
    page.emulate_media(reduced_motion="null")
    return "" if results.violations_count == 0 else str(results.generate_report())


def suits_everyone(page: Page, name: str) -> None:
    """Axe finds nothing in either scheme; all can be seen and pressed at every size. Ends on a laptop."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert findings(page, *(COLOURS if scheme == "dark" else ())) == "", f"{name}, {scheme}"
    assert faults(page, name) == []
    page.set_viewport_size(LAPTOP)


def states_of(page: Page, served: Served) -> Iterator[str]:
    """Take a page that is ready through its states."""
    yield "ready"
    press(page, "Settings")
    yield "settings"
    page.keyboard.press("Escape")
    press(page, "Turn on words")
    yield "words asked"
    press(page, "Not now")
    press(page, "Drills")
    page.get_by_label("Drill", exact=True).wait_for()
    yield "choosing"
    page.evaluate("window.held = true")
    press(page, "Begin")
    state(page, "countdown")
    yield "countdown"
    page.evaluate("window.held = false")
    state(page, "drilling")
    yield "drilling"
    hears(page, served, 5.5)
    press(page, "Stop")
    state(page, "card")
    yield "card"
    press(page, "Another drill")
    page.get_by_label("Drill", exact=True).wait_for()
    press(page, "Back")
    press(page, "Start")
    state(page, "listening")
    yield "listening"
    state(page, "nudge")
    yield "nudge"
    page.get_by_role("button", name="Why").click()
    state(page, "why")
    yield "why"
    page.route("**/whip**", lambda route: route.abort())
    page.evaluate("() => navigator.mediaDevices.lose()")
    state(page, "lost")
    yield "lost"
    page.unroute("**/whip**")  # it comes back by itself
    state(page, "listening", "nudge")
    served.tell(WordsState(mode="afterwards", why=""))
    served.tell(review_message())
    expect(page.locator("#words-mark")).to_be_visible()
    yield "words"
    press(page, "End")
    state(page, "finished")
    page.locator("#summary .noticed .quote").first.click()
    yield "finished"


LOSING = """
const Peer = RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {
  constructor(...options) {
    super(...options);
    navigator.mediaDevices.lose = () => {
      Object.defineProperty(this, "connectionState", { value: "failed" });
      this.dispatchEvent(new Event("connectionstatechange"));
    };
  }
};
"""


def test_every_state_suits_everyone(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = opened(rushing, prompt.address, script=LOSING + HOLDING)
    state(page, "ready")
    for name in states_of(page, prompt):
        suits_everyone(page, name)
        if name in WHOLE:
            tall = page.locator("html").evaluate("root => root.scrollHeight")
            assert tall <= LAPTOP["height"], f"{name} scrolls on a laptop"


def test_sharing_a_call_and_trouble_suit_everyone(opened: Open, ungranted: Browser, served: Served) -> None:
    page = opened(ungranted, served.address)
    press(page, "Coach me during a call")
    state(page, "sharing")
    suits_everyone(page, "sharing")
    press(page, "Back")
    press(page, "Start")
    state(page, "trouble")
    suits_everyone(page, "trouble")


def test_the_whole_run_with_the_keyboard_alone(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = opened(rushing, prompt.address)
    state(page, "ready")

    def go_to(name: str) -> None:
        tab_to(page, name)
        outline = page.locator(":focus").evaluate("element => getComputedStyle(element).outlineStyle")
        assert outline == "solid", f"the focus cannot be seen on {name}"

    go_to("Settings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Settings")).to_be_focused()
    go_to("Start")
    page.keyboard.press("Enter")
    state(page, "listening")
    expect(page.get_by_role("button", name="End")).to_be_focused()
    state(page, "nudge")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Why?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    state(page, "listening")
    expect(page.get_by_role("button", name="Why “Slow down”?")).to_be_focused()
    go_to("End")
    page.keyboard.press("Space")
    state(page, "finished")
    expect(page.get_by_role("heading", name="How it went")).to_be_focused()
    go_to("Practise again")
    page.keyboard.press("Enter")
    state(page, "ready")
    expect(page.get_by_role("button", name="Start")).to_be_focused()


def test_what_a_screen_reader_reads(opened: Open, rushing: Browser, prompt: Served) -> None:
    page = opened(rushing, prompt.address)
    state(page, "ready")
    expect(page.locator("body")).to_match_aria_snapshot("""
      - banner:
        - heading "Sottovoce" [level=1]
        - paragraph: Not listening
        - button "Floating window"
        - button "Settings"
      - navigation "Places":
        - link "Practise"
        - link "Programme"
        - link "Takes"
      - main:
        - region "Stage":
          - heading "Ready when you are" [level=2]
          - paragraph: Speak as you would in the real call. When a word or two would help, they appear here.
          - combobox "Microphone"
          - img "Microphone level"
          - button "Start"
          - paragraph:
            - text: "For: Prompt"
            - button "Change"
      - contentinfo: Nothing is sent before you press Start.
    """)
    press(page, "Start")
    says(page, "Listening. It stays quiet while all is well.")
    state(page, "nudge")
    expect(page.get_by_role("status")).to_have_text("Slow down")
    expect(page.locator("main")).to_match_aria_snapshot("""
      - main:
        - region "Stage":
          - heading "Slow down" [level=2]
          - button "Why?"
        - button "End"
        - region "Instruments": /Pace Quick about \\d+ words\\/min Talk and pause .* Pitch range .*/
        - figure:
          - img "Line drawing of your pitch over the last 15 seconds, around your usual pitch."
    """)
    spoken_enough(page, prompt)
    press(page, "End")
    state(page, "finished")
    expect(page.locator("main")).to_match_aria_snapshot("""
      - main:
        - article "How it went":
          - heading "How it went" [level=2]
          - paragraph: /0:\\d\\d of practice, Prompt/
          - button "Practise again"
          - button "Save"
          - button "Delete"
          - region "Measures":
            - table:
              - rowgroup:
                - row "Measure You Target"
              - rowgroup:
                - row /Pace outside about \\d+ words\\/min 60 to 100 words\\/min/
          - region "Nudges":
            - list:
              - listitem:
                - group:
                  - time: /0:\\d\\d/
                  - text: Slow down Why?
    """)


def test_less_motion_when_asked_for(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, reduced_motion="reduce")
    ring = page.locator("#stage .orb i")
    first = ring.evaluate("ring => getComputedStyle(ring).transform")
    page.wait_for_timeout(700)  # time in which it would have moved
    assert ring.evaluate("ring => getComputedStyle(ring).transform") == first
    assert page.locator("#stage").evaluate("stage => getComputedStyle(stage).transitionDuration") == "0s"


def test_forced_colours_keep_the_instruments(opened: Open, rushing: Browser, served: Served) -> None:
    page = started(opened, rushing, served, forced_colors="active")
    dot = page.locator("#instruments .dot")
    expect(dot).to_be_visible()
    colours = "element => getComputedStyle(element).backgroundColor"
    assert dot.evaluate(colours) != page.locator("body").evaluate(colours)
    assert re.match(r"rgb", dot.evaluate(colours))


def test_the_way_into_a_call_suits_everyone(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, served.address)
    state(page, "ready")
    for button, then in (
        ("Practise with a friend", "inviting"),
        ("I interview", "consent"),
        ("Agree and join", "waiting"),
    ):
        press(page, button)
        state(page, then)
        suits_everyone(page, then)


def test_a_call_and_what_follows_it_suit_everyone(opened: Open, rushing: Browser, served: Served) -> None:
    pages: dict[str, Page] = {}
    pages["interviewer"] = opened(rushing, served.address)
    state(pages["interviewer"], "ready")
    press(pages["interviewer"], "Practise with a friend")
    press(pages["interviewer"], "I interview")
    press(pages["interviewer"], "Agree and join")
    state(pages["interviewer"], "waiting")
    pages["candidate"] = opened(rushing, link(served))
    press(pages["candidate"], "Agree and join")
    for page in pages.values():
        state(page, "listening", "nudge")
    pages["observer"] = opened(rushing, link(served))
    press(pages["observer"], "Ask to observe silently")
    state(pages["observer"], "observing")
    pages["interviewer"].get_by_label("Question for the candidate").fill("Why you?")
    press(pages["interviewer"], "Show it")
    expect(pages["candidate"].locator("#asked")).to_contain_text("Why you?")
    expect(pages["candidate"].locator("#room")).to_contain_text("Someone asks to observe silently.")
    served.tell(nudge(served))
    state(pages["candidate"], "nudge")
    assert hidden_questions(pages["candidate"]) == []

    for name, page in pages.items():
        suits_everyone(page, name)
    end_for_both(pages["interviewer"])
    for name in ("interviewer", "candidate"):
        state(pages[name], "finished")
        suits_everyone(pages[name], name)
    press(pages["interviewer"], "Send")
    for name in ("interviewer", "candidate"):
        press(pages[name], "Share my measures with my partner")
    for name in ("interviewer", "candidate"):
        expect(pages[name].locator("#summary")).to_contain_text("Their measures")
        suits_everyone(pages[name], name)
