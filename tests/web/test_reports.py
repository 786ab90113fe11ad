"""Printable reports in a browser: opened from a take, saved as PDF, for everyone, at every width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.protocol.kept import Kept
from engine.store.record import Record
from tests.harness import sample_takes
from tests.harness.page import Open, Served, press, says
from tests.programme.people import Person, rising
from tests.reports.samples import an_answer, hostile

from .test_access import COLOURS, SCHEMES, findings


@pytest.fixture(scope="module")
def printing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose record has an answer, a take of hostile texts, and two weeks of a programme."""
    folder = tmp_path_factory.mktemp("record")
    record = Record.open(folder)
    from engine.shipped import programmes

    followed = Person(5, rising(0.3, 0.8)).follow(programmes.load(), 12)
    for take in (an_answer(), hostile(), sample_takes.a_drill(), *followed):
        record.put("me", take)
    record.set_kept("me", Kept(figures=True, words=True), sample_takes.NOW)
    record.close()
    with Served(record="me", store=str(folder)) as served:
        yield served


def fits(page: Page) -> bool:
    """Whether nothing of a page is beyond its right edge."""
    fitting: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fitting


def test_a_report_opens_beside_the_take_and_is_saved(
    opened: Open, rushing: Browser, printing: Served, tmp_path: Path
) -> None:
    page = opened(rushing, f"{printing.address}#take=answer", locale="en-US")
    link = page.get_by_role("link", name="Report (to print, in a new tab)")
    with page.context.expect_page() as opening:
        link.click()
    report = opening.value
    expect(report.get_by_role("heading", name="One thing to try next")).to_be_visible()
    expect(report).to_have_title(an_answer().question)
    assert "size: Letter" in report.locator("style").inner_text(), "the paper of the reader's region"
    with page.expect_download() as saving:
        press(page, "Report as PDF")
    saving.value.save_as(tmp_path / "take.pdf")
    assert (tmp_path / "take.pdf").read_bytes().startswith(b"%PDF-")
    expect(page.get_by_role("button", name="Report as PDF")).to_be_enabled()


def test_the_programme_is_opened_to_print(opened: Open, rushing: Browser, printing: Served) -> None:
    page = opened(rushing, f"{printing.address}#programme", locale="de-DE", timezone_id="Asia/Tokyo")
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Report (to print, in a new tab)").click()
    report = opening.value
    expect(report.get_by_role("heading", name="Gap table")).to_be_visible()
    assert "size: A4" in report.locator("style").inner_text()
    assert "zone=Asia%2FTokyo" in report.url


def test_reports_are_for_everyone_at_every_width(opened: Open, rushing: Browser, printing: Served) -> None:
    page = opened(rushing, "about:blank")
    for address in ("takes/answer/report.html", "programme/report.html?zone=UTC"):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{printing.address}record/{address}")
            assert not findings(page, *(COLOURS if scheme == "dark" else ())), f"{address}, {scheme}"
        for width in (1280, 768, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert fits(page), f"{address} at {width}"
        assert not findings(page), f"{address} on a phone"


def test_no_text_of_a_take_runs_or_loads(opened: Open, rushing: Browser, printing: Served) -> None:
    page = opened(rushing, "about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    address = f"{printing.address}record/takes/{hostile().id}/report.html"
    page.goto(address)
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
    page.set_viewport_size({"width": 360, "height": 800})
    assert fits(page)
    assert asked == [address]


def test_a_pdf_that_cannot_be_made_is_explained(opened: Open, rushing: Browser, printing: Served) -> None:
    page = opened(rushing, f"{printing.address}#take=drill")
    refusal = {"detail": "Needs WeasyPrint."}
    page.route("**/report.pdf?*", lambda route: route.fulfill(status=501, json=refusal))
    press(page, "Report as PDF")
    says(page, "Needs WeasyPrint.", whole=False)
