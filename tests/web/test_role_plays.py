"""Drills that show something beside the stage: a broken program, for everyone to read."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from engine.shipped.programs import programs
from tests.harness.page import Open, Served, press, state, tab_to

from .test_access import suits_everyone


def test_a_broken_program_is_shown_while_its_drill_goes_on(
    opened: Open, muted: Browser, served: Served
) -> None:
    page = opened(muted, served.address)
    state(page, "ready")
    press(page, "Drills")
    page.get_by_label("Drill", exact=True).select_option("debugging")
    expect(page.locator("#stage")).to_contain_text("This person can’t hear words")
    page.get_by_label("Difficulty").select_option("gentle")
    press(page, "Begin")
    state(page, "drilling")
    shown = page.locator("#shown-code code").all_inner_texts()
    assert "".join(f"{line.rstrip()}\n" for line in shown) in {one.code for one in programs()}
    code = page.locator("#shown-code")
    tab_to(page, "The program, line by line")
    expect(code).to_be_focused()
    suits_everyone(page, "debugging")
    page.keyboard.press("Escape")
    state(page, "card")
    expect(page.locator("#shown")).to_be_hidden()
    expect(page.locator("#stage")).to_contain_text("The fault: Line")
