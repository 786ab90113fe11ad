"""Feedback from the terminal: a round by links, one by mail, the three columns, and what is refused."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.cli.main import main
from engine.protocol.feedback import EXPLAINING, Answer
from engine.store.record import Record
from tests.harness.own_programme import SKILL, own_programme

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "sottovoce"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["feedback", *argv])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def asked(run: Run, *options: str) -> tuple[str, list[str]]:
    """A round's id, and its links."""
    code, out, _ = run("ask", "--name", "Ada", *options)
    assert code == 0
    return out.split()[1].rstrip("."), re.findall(r"^http\S+", out, re.MULTILINE)


def answer(links: list[str], *ratings: int, stop: str = "") -> None:
    """What people say whom a server has shown the form."""
    record = Record.open()
    for link, rating in zip(links, ratings, strict=False):
        token = link.rpartition("/")[2]
        record.feedback.answer(token, Answer(ratings={EXPLAINING: rating}, stop=stop), datetime.now(UTC))
    record.close()


def test_a_round_by_links(run: Run) -> None:
    id, links = asked(run, "--people", "4", "--server", "https://coach.example.com/practice")
    assert len(links) == 4
    assert all(link.startswith(f"https://coach.example.com/practice/feedback/{id}") for link in links)
    assert "0 of 4 answered" in run("show")[1]
    answer(links, 4, 6, 8, stop="Rushing.")
    shown = run("show")[1]
    assert "3 of 4 answered, open until" in shown
    assert "Enough have answered" in shown
    assert "Rushing" not in shown
    code, closed, _ = run("close", id)
    assert code == 0
    assert "over" in closed
    assert "Explaining technical things: 6.0 (4 to 8, 3 people)" in closed
    assert "- Rushing." in closed
    assert "may give somebody away" in closed


def test_links_that_work_on_this_machine_only_say_so(run: Run) -> None:
    assert "work on this machine only" in run("ask", "--name", "Ada")[2]
    assert run("ask", "--name", "Ada", "--server", "http://192.168.1.20:8765")[2] == ""


def test_two_are_told_to_be_too_few(run: Run) -> None:
    assert "from 3 on: of these two none ever is" in run("ask", "--name", "Ada", "--people", "2")[2]


def test_the_three_columns(run: Run) -> None:
    assert "Nobody was asked yet" in run("show")[1]
    _, links = asked(run)
    answer(links, 4, 5, 6)
    code, out, _ = run("rate", f"{EXPLAINING}=9", "growth=6")
    assert (code, out) == (0, "explaining: 9\ngrowth: 6\n")
    shown = run("show")[1]
    assert re.search(r"Explaining technical things +9  5\.0 \(4 to 6, 3 people\) +-", shown)
    assert "You rate yourself 9, others 5.0 on average (4 to 6): 4.0 points higher." in shown
    told = json.loads(run("show", "--json", "--zone", "Europe/Berlin")[1])
    assert told["ratings"]["disagreements"][0]["by"] == 4.0
    assert told["rounds"][0]["answered"] == 3
    run("rate", f"{EXPLAINING}=none")
    assert json.loads(run("show", "--json")[1])["ratings"]["rows"][0]["own"] is None


def test_the_skills_of_a_programme_of_ones_own(run: Run, tmp_path: Path) -> None:
    mine = ("--programme", own_programme(tmp_path))
    assert run("rate", f"{SKILL}=7")[0] == 2
    assert run("rate", f"{SKILL}=7", *mine)[0] == 0
    rows = json.loads(run("show", "--json", *mine)[1])["ratings"]["rows"]
    assert [row["own"] for row in rows if row["name"] == SKILL] == [7]
    id, _ = asked(run, *mine)
    record = Record.open()
    names = [one.name for one in record.feedback.rounds("me", datetime.now(UTC))[id].asked]
    record.close()
    assert SKILL in names


def test_too_few_answers_are_deleted_only_if_that_is_meant(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    id, links = asked(run)
    answer(links, 4, 5)
    code, _, err = run("close", id)
    assert code == 2
    assert "say --yes" in err
    monkeypatch.setattr("sys.stdin", terminal := io.StringIO("no\n"))
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    assert "The round goes on." in run("close", id)[1]
    monkeypatch.setattr("sys.stdin", ended := io.StringIO(""))
    monkeypatch.setattr(ended, "isatty", lambda: True)
    assert "The round goes on." in run("close", id)[1]
    assert "fewer than 3 answers" in run("close", id, "--yes")[1]


def test_links_get_more_time_and_rounds_are_deleted(run: Run, home: Path) -> None:
    id, links = asked(run, "--days", "1")
    answer(links, 4, stop="zanzibar")
    code, out, _ = run("extend", id, "--days", "30")
    assert code == 0
    assert f"The links of {id} work until" in out
    assert run("delete", id)[0] == 2
    assert run("delete", id, "--yes")[:2] == (0, f"Deleted: the round {id}.\n")
    assert not any(b"zanzibar" in file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_feedback_by_mail(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, reply = tmp_path / "questions.txt", tmp_path / "reply.txt"
    assert run("form", str(sent), "--name", "Ada")[0] == 0
    text = sent.read_text()
    assert "isn't anonymous" in text
    filled = text.replace("[  ] Explaining", "[ 7 ] Explaining").replace(
        "start doing:", "start doing: pausing"
    )
    reply.write_text("".join(f"> {line}\n" for line in filled.splitlines()))
    code, out, _ = run("add", str(reply))
    assert code == 0
    assert "1 ratings, 1 of two texts" in out
    monkeypatch.setattr("sys.stdin", io.StringIO(filled))
    assert run("add", "-")[0] == 0
    shown = run("show")[1]
    assert "by mail, not anonymous: 2 added" in shown
    assert "2 of 3 needed" in shown
    reply.write_text("No time, sorry.")
    code, _, err = run("add", str(reply))
    assert code == 2
    assert "[7] Explaining technical things" in err


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("ask", "--name", " "), "who asks"),
        (("ask", "--name", "Ada", "--people", "6"), "2 to 5 people"),
        (("ask", "--name", "Ada", "--people", "0"), "2 to 5 people"),
        (("ask", "--name", "Ada", "--days", "91"), "1 to 90 days"),
        (("ask", "--name", "Ada", "--server", "coach.example.com"), "looks like https://"),
        (("ask", "--name", "Ada", "--server", "http://[::1/"), "looks like https://"),
        (("ask", "--name", "Ada", "--server", "http://coach:99999999/"), "looks like https://"),
        (("ask", "--name", "Ada", "--server", "http://coach:port/"), "looks like https://"),
        (("ask", "--name", "Ada", "--server", ""), "looks like https://"),
        (("rate", "growth=00105"), "from 1 to 10, or none"),
        (("rate", "growth="), "from 1 to 10, or none"),
        (("form", "", "--name", "Ada"), "a file needs a name"),
        (("rate", "charm=7"), "nothing of that name is rated; there are explaining, "),
        (("rate", "growth=11"), "from 1 to 10, or none"),
        (("close", "0123", "--yes"), "there is no round of feedback 0123"),
        (("delete", "0123", "--yes"), "there is no round of feedback 0123"),
        (("extend", "0123"), "there is no round of feedback 0123"),
        (("add", "missing.txt"), "missing.txt can't be read"),
    ],
)
def test_what_cant_be_done_is_said(run: Run, argv: tuple[str, ...], why: str) -> None:
    code, _, err = run(*argv)
    assert code == 2
    assert why in err


def test_a_form_that_cant_be_written_makes_no_round(run: Run, tmp_path: Path) -> None:
    there = tmp_path / "there.txt"
    there.write_text("mine")
    assert run("form", str(there), "--name", "Ada")[0] == 2
    assert there.read_text() == "mine"
    assert "Nobody was asked yet" in run("show")[1]


def test_a_report_for_a_day_to_come_ends_no_round(run: Run, tmp_path: Path) -> None:
    id, links = asked(run, "--people", "4")
    answer(links, 4, 6, 8)
    page = tmp_path / "report.html"
    assert main(["programme", "report", "--html", str(page), "--day", "2099-01-01"]) == 0
    assert page.exists()
    record = Record.open()
    round = record.feedback.rounds("me", datetime.now(UTC))[id]
    record.close()
    assert (round.over, round.pool) == (False, None)
