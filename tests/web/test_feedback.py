"""Feedback in the browser: somebody asks, three answer without scripts, and it is compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.page import Open, Served, press, state
from tests.web.test_programme import drawn

from .test_access import suits_everyone


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(record="me", store=str(tmp_path_factory.mktemp("record"))) as served:
        yield served


def links(page: Page) -> list[str]:
    return [link.input_value() for link in page.locator(".one-link").all()]


def test_asking_answering_and_comparing(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(
        rushing,
        f"{served.address}#feedback",
        timezone_id="UTC",
        permissions=["clipboard-read", "clipboard-write"],
    )
    state(page, "place")
    drawn(page)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("How many people").select_option("4")
    press(page, "Make links")
    expect(page.locator("#made-title")).to_be_focused()
    expect(page.locator("#feedback-reach")).to_contain_text("work on this machine only")
    asked = links(page)
    assert len(asked) == 4
    assert all(link.startswith(f"{served.address}feedback/") for link in asked)
    press(page, "Copy link 2")
    assert page.evaluate("navigator.clipboard.readText()") == asked[1]
    page.get_by_label("Where they reach").fill("https://coach.example.com/practice")
    assert links(page)[0].startswith("https://coach.example.com/practice/feedback/")
    expect(page.locator("#feedback-reach")).to_be_empty()
    suits_everyone(page, "links")

    stranger = opened(rushing, asked[0], java_script_enabled=False)
    suits_with_scripts = opened(rushing, asked[1])
    suits_everyone(suits_with_scripts, "form")
    keyboard_alone(stranger)
    expect(stranger.get_by_role("heading")).to_have_text("Thank you")
    stranger.goto(asked[0])
    expect(stranger.get_by_role("heading")).to_have_text("This link was used already")
    for link, rating in zip(asked[1:3], ("5", "9"), strict=True):
        stranger.goto(link)
        stranger.locator('[name="rating-0"]').nth(int(rating) - 1).check()
        stranger.get_by_label("One thing that I should start doing").fill(f"Pausing {rating} times.")
        stranger.get_by_role("button", name="Send").click()
        expect(stranger.get_by_role("heading")).to_have_text("Thank you")

    page.reload()
    drawn(page)
    expect(page.locator(".one-link")).to_have_count(0)  # they were shown once
    round = page.locator(".asked-round")
    expect(round).to_contain_text("3 of 4 answered. Enough have answered")
    assert "Pausing" not in page.locator("#place").inner_text()
    page.get_by_role("button", name="See it now: ").click()
    press(page, "See it now")
    expect(round.get_by_role("row", name="Explaining technical things")).to_contain_text("7.0 (5 to 9)")
    expect(round.locator("li")).to_have_text(["Jargon.", "Pausing 5 times.", "Pausing 9 times."])
    mine = page.get_by_role("slider", name="Your rating: Explaining technical things")
    expect(mine).to_have_attribute("aria-valuetext", "not rated")
    mine.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".apart")).to_contain_text(
        "You rate yourself 2, others 7.0 on average (5 to 9): 5.0 points lower."
    )
    suits_everyone(page, "answers")
    page.reload()
    drawn(page)
    expect(mine).to_have_value("2")
    page.get_by_role("button", name="Delete: ").click()
    press(page, "Delete")
    expect(page.locator(".rounds")).to_contain_text("Nobody was asked yet.")


def keyboard_alone(form: Page) -> None:
    """Answer with Tab, arrows and space alone; what was forgotten is said, and stays."""
    form.locator('[name="rating-0"]').first.focus()
    form.keyboard.press("Space")
    for _ in range(6):
        form.keyboard.press("ArrowRight")
    for _ in range(8):
        form.keyboard.press("Tab")
    form.keyboard.type("Jargon.")
    assert form.get_by_label("One thing that I should stop doing").input_value() == "Jargon."
    form.keyboard.press("Tab")
    form.keyboard.press("Tab")
    form.keyboard.press("Enter")


def test_by_mail(opened: Open, rushing: Browser, served: Served) -> None:
    page = opened(rushing, f"{served.address}#feedback", timezone_id="UTC")
    state(page, "place")
    drawn(page)
    page.get_by_label("Your name").fill("Ada")
    press(page, "Ask by mail instead")
    expect(page.locator("#made-title")).to_have_text("Your text to send")
    sent = page.get_by_label("Text to send").input_value()
    page.get_by_label("A reply by mail").fill("No time, sorry.")
    press(page, "Add the reply")
    expect(page.get_by_role("alert").filter(has_text="no answer")).to_contain_text(
        "there is no answer in this text"
    )
    page.get_by_label("A reply by mail").fill(sent.replace("[  ] Growth", "[ 6 ] Growth"))
    press(page, "Add the reply")
    expect(page.locator(".asked-round").first).to_contain_text("1 reply added. Not anonymous.")
    expect(page.get_by_role("row", name="Growth").last).to_contain_text("1 of 3 needed")
    suits_everyone(page, "by mail")
