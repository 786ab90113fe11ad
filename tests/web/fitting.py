"""Whether all of a page can be seen and pressed, at every width and with text twice as large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

SIZES = [(360, 740), (390, 844), (768, 1024), (1280, 720)]

LARGE = [(360, 740), (390, 844)]
"""Phones whose text is twice as large."""

TEXT_PX = 16

FAULTS = Path(__file__).with_suffix(".js").read_text("utf-8")

BOXES = """() => {
  const box = (id) => {
    const { left, top, right, bottom } = document.getElementById(id).getBoundingClientRect();
    return [left, top, right, bottom];
  };
  return [box("asked"), box("stage"), [0, 0, document.documentElement.clientWidth, innerHeight]];
}"""


@contextmanager
def enlarged(page: Page, *, by_style: bool) -> Iterator[None]:
    """Make text twice as large: by the browser's own setting, or by the page's root alone."""
    if by_style:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        yield
        page.evaluate("document.documentElement.style.fontSize = ''")
        return
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 2 * TEXT_PX}})
    page.wait_for_function(f"() => getComputedStyle(document.documentElement).fontSize === '{2 * TEXT_PX}px'")
    yield
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": TEXT_PX}})
    browser.detach()


def looks(page: Page) -> Iterator[str]:
    """Show the page at every width and size of text, one after the other; says which it is."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        yield f"{width} px"
    for by_style in (False, True):
        with enlarged(page, by_style=by_style):
            for width, height in LARGE:
                page.set_viewport_size({"width": width, "height": height})
                yield f"{width} px, text at 200 %"


def faults(page: Page, where: str) -> list[str]:
    """What of the page as it is can't be seen or pressed."""
    return [f"{where}, {look}: {fault}" for look in looks(page) for fault in page.evaluate(FAULTS)]


def hidden_questions(page: Page) -> list[str]:
    """Where the question is covered by what is on the stage, or is not all to be seen."""
    found = []
    for look in looks(page):
        question, stage, window = page.evaluate(BOXES)
        apart = question[3] <= stage[1] or question[1] >= stage[3]
        within = (
            question[0] >= 0 and question[1] >= 0 and question[2] <= window[2] and question[3] <= window[3]
        )
        if not apart or not within or question[3] - question[1] < 20:
            found.append(f"{look}: the question is at {question}, the stage at {stage}")
    return found
