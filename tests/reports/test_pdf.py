"""Reports as PDF, made in the child process: pages, text, margins, and what goes wrong."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pypdf
import pypdfium2
import pytest

from engine.errors import ReportError, ReportTooLong
from engine.reports import pdf, process
from engine.reports.process import ReportProcess
from engine.reports.requests import Paper, Request

from .samples import NAMES, a_long_answer, an_answer, hostile, of_programme, of_take

MARGIN_PT = 45
"""16 mm, within which nothing may be printed; at the foot are the title and the number of the page."""

SIZES: dict[Paper, tuple[float, float]] = {"a4": (595.3, 841.9), "letter": (612.0, 792.0)}


@pytest.fixture(scope="module")
def reports() -> Iterator[ReportProcess]:
    with ReportProcess() as process:
        yield process


class Pages(NamedTuple):
    """A report that was made."""

    number: int
    text: str
    title: str


def made(reports: ReportProcess, request: Request) -> Pages:
    """Make a report and check what holds of all: size, margins, page numbers, embedded fonts, tags."""
    data = reports.make(request)
    reader = pypdf.PdfReader(io.BytesIO(data))
    root: Any = reader.root_object
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    for page in reader.pages:
        used: Any = page["/Resources"]
        for font in used["/Font"].values():
            [descendant] = font["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor), "embedded"
    text = _checked_pages(data, SIZES[request.paper])
    assert reader.metadata is not None
    return Pages(len(reader.pages), text, reader.metadata.title or "")


def _checked_pages(data: bytes, size: tuple[float, float]) -> str:
    document = pypdfium2.PdfDocument(data)
    texts = []
    for number, page in enumerate(document, 1):
        assert page.get_size() == pytest.approx(size, abs=1)
        said = page.get_textpage().get_text_bounded()
        assert f"{number} / {len(document)}" in said
        texts.append(said)
        ink = page.render(scale=1).to_numpy().min(axis=2) < 250
        columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
        assert columns[0] >= MARGIN_PT - 1, f"page {number}: over the left margin"
        assert columns[-1] <= ink.shape[1] - MARGIN_PT + 1, f"page {number}: over the right margin"
        assert rows[0] >= MARGIN_PT - 1, f"page {number}: over the upper margin"
    document.close()
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_short_answer_is_two_pages(reports: ReportProcess, paper: Paper) -> None:
    pages = made(reports, of_take(an_answer(), "pdf", paper))
    assert pages.number == 2
    assert pages.title == an_answer().question
    said = (
        "One thing to try next",
        "Your answer",
        "Situation",
        "Last winter",
        "Task?",
        "Measures",
        "Along time",
    )
    places = [pages.text.find(part) for part in said]
    assert -1 not in places
    assert places == sorted(places), "it is read in its order"


def test_a_long_answer_goes_on_over_pages(reports: ReportProcess) -> None:
    take = a_long_answer(2500)
    pages = made(reports, of_take(take, "pdf"))
    assert pages.number > 4
    assert take.review is not None
    assert pages.text.count(" lock ") == sum(word.text == "lock" for word in take.review.words)


def test_texts_of_any_kind_fit_their_page(reports: ReportProcess) -> None:
    take = an_answer(title=NAMES + "n" * 180, tags=["w" * 60] * 20, question="Why? " * 100, note="x" * 3000)
    assert NAMES in made(reports, of_take(take, "pdf", "letter")).text
    assert "<script>alert(1)</script>" in made(reports, of_take(hostile(), "pdf")).text


def test_the_programme_fits_its_pages(reports: ReportProcess) -> None:
    request = of_programme(35, "pdf", "letter")
    text = made(reports, request).text
    assert request.validation.sentence in text
    assert "Persuasive communication" in text


def test_a_report_that_takes_too_long_is_given_up_and_the_next_is_made() -> None:
    with ReportProcess(limit_s=0.0) as reports:
        with pytest.raises(ReportTooLong, match="open it as HTML"):
            reports.make(of_take(an_answer(), "pdf"))
        reports._limit_s = process.LIMIT_S
        assert reports.make(of_take(an_answer())).startswith(b"<!doctype html>")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(ReportError, match=r"pip install 'sottovoce\[report\]'"):
        pdf.pdf("<p>Hello")


def test_a_machine_without_fonts_is_told_which_to_install(
    tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = os.path.join(tmp_path, "fonts.conf")
    with open(nothing, "w") as file:
        file.write('<?xml version="1.0"?><fontconfig></fontconfig>')
    monkeypatch.setenv("FONTCONFIG_FILE", nothing)
    with ReportProcess() as reports, pytest.raises(ReportError, match="fonts-dejavu-core"):
        reports.make(of_take(an_answer(), "pdf"))
