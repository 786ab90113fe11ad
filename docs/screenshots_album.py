"""An album of one page at all widths."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.harness.page import state

SIZES = {360: (360, 740), 390: (390, 844), 768: (768, 1024), 1280: (1280, 720)}
FADED_MS = 300


class Album:
    """Takes pictures of one page at all widths."""

    def __init__(self, folder: Path, scheme: str) -> None:
        self.folder = folder
        self.scheme = scheme
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Take one state at every width."""
        page.mouse.move(2, 2)
        page.wait_for_timeout(FADED_MS)
        for width, (_, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=self.folder / f"{name}-{width}-{self.scheme}.png", full_page=whole)
        page.set_viewport_size({"width": 1280, "height": 720})


def open_page(browser: Browser, address: str, scheme: str, *, ready: bool = True) -> Page:
    """Give a page of its own context."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 720})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    if ready:
        state(page, "ready")
    return page
