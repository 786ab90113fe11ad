"""Reports over HTTP: of a take, of the programme, of all takes; who gets them, and what is refused."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from engine.errors import ReportError, ReportsBusy
from engine.protocol.feedback import OwnRating
from engine.protocol.story import Story
from engine.reports.requests import TakeReport
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.record.identity import OTHERS
from engine.server.record.reports import MOST_WAITING, ReportService
from engine.store.record import Record
from tests.harness import sample_takes
from tests.harness.calls import unhurried
from tests.server.http.test_whip import problem

ZONE = "zone=Europe/Berlin"


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A visit of a server for one person, whose record has two takes."""
    record = Record.open(tmp_path)
    for take in (sample_takes.an_answer(), sample_takes.figures_only()):
        record.put("me", take)
    story = Story(title="The night jobs", skill="growth", framework="STAR", made_at=sample_takes.NOW)
    record.documents.put("me", "story", "one", story)
    record.documents.put("me", "rating", "growth", OwnRating(rating=7, at=sample_takes.NOW))
    record.put("someone else", sample_takes.a_drill())
    record.close()
    async with Hub(unhurried(record="me", store=str(tmp_path))) as hub:
        transport = httpx.ASGITransport(
            create_app(hub), raise_app_exceptions=False, client=("127.0.0.1", 4711)
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8765") as client:
            yield client


async def test_a_take_is_a_page_that_loads_nothing(page: httpx.AsyncClient) -> None:
    response = await page.get("/record/takes/answer/report.html", params={"paper": "letter"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "night jobs" in response.text
    assert "size: Letter" in response.text
    assert "130 to 170 words/min" in response.text, "with the targets of its profile"
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert response.headers["content-disposition"] == 'inline; filename="take-answer.html"'
    usual = await page.get("/record/takes")
    assert "default-src 'self'" in usual.headers["content-security-policy"]


async def test_a_take_and_the_programme_are_files_to_print(page: httpx.AsyncClient) -> None:
    for address, name in (("takes/answer", "take-answer"), ("programme", "programme")):
        response = await page.get(f"/record/{address}/report.pdf?{ZONE}")
        assert response.headers["content-type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")
        assert response.headers["content-disposition"] == f'attachment; filename="{name}.pdf"'


async def test_the_programme_is_as_of_the_person_s_day(page: httpx.AsyncClient) -> None:
    response = await page.get(f"/record/programme/report.html?{ZONE}")
    assert "Programme: Four weeks" in response.text
    assert "Gap table" in response.text
    assert "The night jobs" in response.text
    assert "Ratings beside measures" in response.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("takes/drill/report.html", 404),
        ("takes/answer/report.docx", 404),
        ("takes/answer/report.html?paper=a5", 400),
        ("programme/report.html", 400),
        ("programme/report.html?zone=Mars", 400),
        ("export?reports=docx", 400),
    ],
)
async def test_what_there_isn_t_is_refused(page: httpx.AsyncClient, address: str, status: int) -> None:
    assert problem(await page.get(f"/record/{address}"), status)


async def test_nobody_else_gets_one(page: httpx.AsyncClient) -> None:
    for address in ("takes/answer/report.html", f"programme/report.pdf?{ZONE}", "export?reports=html"):
        foreign = await page.get(f"/record/{address}", headers={"x-forwarded-for": "192.0.2.1"})
        assert problem(foreign, 403) == OTHERS
        elsewhere = await page.get(f"/record/{address}", headers={"origin": "https://elsewhere.example"})
        assert elsewhere.status_code == 403


async def test_an_export_can_have_a_report_of_each_take(page: httpx.AsyncClient) -> None:
    archive = zipfile.ZipFile(io.BytesIO((await page.get("/record/export?reports=html")).content))
    assert {"reports/answer.html", "reports/figures.html"} <= set(archive.namelist())
    plain = zipfile.ZipFile(io.BytesIO((await page.get("/record/export")).content))
    assert not [name for name in plain.namelist() if name.startswith("reports/")]


async def test_more_reports_than_are_made_at_once_are_told_to_wait() -> None:
    service = ReportService()
    report = TakeReport(made_at=sample_takes.NOW, take=sample_takes.an_answer())
    made = [asyncio.ensure_future(service.make(report)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(ReportsBusy, match="Try again"):
        await service.make(report)
    assert {page[:15] for page in await asyncio.gather(*made)} == {b"<!doctype html>"}
    assert await service.make(report), "and then there is room again"
    await asyncio.to_thread(service.close)


async def test_a_server_that_stops_ends_what_is_being_made() -> None:
    service = ReportService()
    with service.every_take(lambda name: None, sample_takes.NOW, "html", "a4") as every:
        assert every(sample_takes.an_answer())[0] == "html"
        with (
            pytest.raises(ReportsBusy),
            service.every_take(lambda name: None, sample_takes.NOW, "html", "a4"),
        ):
            pass
        await asyncio.to_thread(service.close)
        with pytest.raises(ReportError):
            every(sample_takes.an_answer())
    with pytest.raises(ReportsBusy, match="stopping"):
        await service.make(TakeReport(made_at=sample_takes.NOW, take=sample_takes.an_answer()))
