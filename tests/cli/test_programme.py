"""``sottovoce programme`` over a record of one's own."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.cli import main as cli
from clients.cli.zone import SystemZone, zone_of
from engine.errors import UsageError
from engine.server.settings import ME
from engine.shipped.programmes import load
from engine.store.record import Record
from tests.programme.people import START, Person, rising, steady

LATE = f"{START + timedelta(days=34)}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The record of somebody who improved over four weeks."""
    folder = tmp_path_factory.mktemp("record")
    record = Record.open(folder)
    for take in Person(1, rising(0.3, 0.8), day_noise=0.05, take_noise=0.05).rota(load()):
        record.put(ME, take)
    record.close()
    return str(folder)


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert cli.main(["programme", *argv]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert cli.main(["programme", *argv]) == 2
    return capsys.readouterr().err


def test_without_a_record_the_baseline_comes_first_and_none_is_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    out = run(capsys, "today")
    assert out.startswith("Today: 10 minutes\n\n[ ] Your background, 3 min  (baseline:background)")
    assert "Drill: on the page, or sottovoce drill interruptions --level medium --keep" in out
    assert not (tmp_path / "data").exists()
    assert "there is no record" in refused(capsys, "gaps", "--store", str(tmp_path / "nowhere"))


def test_the_plan_of_a_day_says_why_and_can_leave_out(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("today", "--store", store, "--zone", "UTC", "--day", f"{START + timedelta(days=10)}")
    plan = json.loads(run(capsys, *argv, "--json"))
    assert plan["day"] == f"{START + timedelta(days=10)}"
    first = plan["items"][0]
    assert "target 7" in first["why"]
    assert "[x]" in run(capsys, *argv) or not any(item["done"] for item in plan["items"])


def test_an_item_is_marked_until_the_mark_is_taken_back(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--store", store, "--zone", "UTC", "--day", f"{START + timedelta(days=10)}")

    def today() -> Any:
        return json.loads(run(capsys, "today", *where, "--json"))

    before = today()
    first = before["items"][0]["name"]
    name = first.removeprefix("exercise:")
    assert run(capsys, "mark", name, "done", *where) == f"{first} on {START + timedelta(days=10)}: done.\n"
    assert today()["items"][0]["done"]
    run(capsys, "mark", first, "swapped", *where)
    other = today()
    assert first not in [item["name"] for item in other["items"]]
    assert [item["name"] for item in other["skipped"]] == [first]
    assert "no mark" in run(capsys, "mark", first, "none", *where)
    assert today() == before
    assert "items are baseline:background" in refused(capsys, "mark", "golf", "done", *where)


def test_a_target_of_ones_own_is_kept_until_it_is_dropped(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--store", store, "--day", LATE)

    def fluency() -> Any:
        table = json.loads(run(capsys, "gaps", *where, "--json"))
        row = next(row for row in table["rows"] if row["skill"] == "fluency")
        return row["target"], row["own_target"]

    assert run(capsys, "target", "fluency", "9.5", *where) == "Target of fluency: 9.5.\n"
    assert fluency() == (9.5, True)
    assert run(capsys, "target", "fluency", "none", *where).endswith("as the programme has it.\n")
    assert fluency() == (7.0, False)
    assert "Target of clarifying: 8." in run(capsys, "target", "Active listening and clarifying", "8", *where)
    run(capsys, "target", "clarifying", "none", *where)
    for wrong in ("80", "nan", "high"):
        assert "from 0 to 10, or none" in refused(capsys, "target", "fluency", wrong, *where)
    assert "skills are storytelling with data" in refused(capsys, "target", "golf", "8", *where)


def test_marks_and_targets_make_a_record_where_there_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    where = ("--store", str(tmp_path / "new"))
    run(capsys, "target", "fluency", "8", *where)
    run(capsys, "mark", "baseline:background", "done", *where)
    assert "[x] Your background" in run(capsys, "today", *where)


def test_the_week_has_its_hour(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "week", "--store", store, "--zone", "UTC", "--day", LATE)
    assert out.startswith(f"Week of {START + timedelta(days=28)}: ")


def test_the_gap_table(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("gaps", "--store", store, "--zone", "UTC", "--day", LATE)
    early = run(capsys, *argv[:-1], f"{START + timedelta(days=6)}")
    assert "\n 1  " in early
    assert "Fluency" in early
    table = json.loads(run(capsys, *argv, "--json"))
    fluency = next(row for row in table["rows"] if row["skill"] == "fluency")
    assert (fluency["target"], fluency["own_target"]) == (7.0, False)
    assert fluency["now"] > fluency["baseline"]
    parts = run(capsys, *argv, "--skill", "fluency")
    assert parts.startswith("Fluency: baseline ")
    assert "target at most 3 /min (P)" in parts
    assert "skills are storytelling with data" in refused(capsys, *argv, "--skill", "golf")


def test_the_validation_says_what_changed(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "validation", "--store", store, "--zone", "UTC", "--day", LATE)
    assert out.startswith("Over all skills you improved.")
    assert "Fluency: " in out
    assert "All intervals together hold with 95 % confidence." in out
    early = run(capsys, "validation", "--store", store, "--day", f"{START + timedelta(days=20)}")
    assert early.startswith("The guided takes have not been made again yet.")


def test_progress_over_weeks(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("progress", "--store", store, "--zone", "UTC", "--day", LATE)
    out = run(capsys, *argv)
    assert re.findall(r"^(\S.*): baseline ", out, re.MULTILINE) == [one.title for one in load().skill]
    found = json.loads(run(capsys, *argv, "--json"))
    assert found["streak"]["days"] == 31
    assert "pace" in [series["name"] for series in found["series"]]


def test_reminders_are_printed_as_a_calendar_file(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "reminders", "--day", "2026-03-02", "--at", "07:30")
    assert out.startswith("BEGIN:VCALENDAR")
    assert "DTSTART:20260302T073000" in out
    assert "a time looks like 18:00" in refused(capsys, "reminders", "--at", "noon")


@pytest.mark.parametrize("day", ["", "today", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_what_is_no_day_is_said(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("today", "reminders"):
        with pytest.raises(SystemExit):
            cli.main(["programme", command, "--day", day])
        assert f"argument --day: {day!r}: " in capsys.readouterr().err


@pytest.mark.parametrize("day", ["2000-01-01", "2999-12-31"])
def test_the_first_and_the_last_day_are_answered(
    day: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("today", "week", "gaps", "validation", "progress"):
        for zone in ("Etc/GMT+12", "Etc/GMT-14"):
            assert run(capsys, command, "--store", store, "--day", day, "--zone", zone)
    assert "BEGIN:VCALENDAR" in run(capsys, "reminders", "--day", day)


def test_a_programme_of_ones_own_is_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('title = "A"\n', "utf-8")
    assert "mine.toml: description: is missing" in refused(capsys, "check", str(file))
    from importlib import resources

    shipped = (resources.files("engine.shipped.programmes") / "four-weeks.toml").read_text("utf-8")
    file.write_text(shipped, "utf-8")
    assert "is a valid programme, mine: 3 guided takes, 9 skills" in run(capsys, "check", str(file))


def test_zones_are_found_by_name() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert moment.astimezone(zone_of("Europe/Berlin")).hour == 14
    with pytest.raises(UsageError, match="no such time zone"):
        zone_of("Europe/Atlantis")
    assert moment.astimezone(SystemZone()).replace(tzinfo=None) == moment.astimezone().replace(tzinfo=None)
    assert moment.astimezone(SystemZone()) == moment


def test_people_without_change_are_not_told_of_progress(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    record = Record.open(tmp_path)
    for take in Person(2, steady(0.5)).rota(load()):
        record.put(ME, take)
    record.close()
    out = run(capsys, "validation", "--store", str(tmp_path), "--zone", "UTC", "--day", LATE)
    assert out.startswith("No change that is more than your own takes vary from day to day.")


def test_another_persons_takes_are_theirs(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "validation", "--store", store, "--person", "ada", "--day", LATE)
    assert out.startswith("There is no baseline yet")


def test_an_exercise_says_how_it_goes_and_how_it_went(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("exercise", "pep", "--store", store, "--zone", "UTC", "--day", LATE)
    out = run(capsys, *argv)
    assert "PEP in two minutes, 3 min  (exercise:pep)" in out
    assert "   35 s  speak   The problem" in out
    assert "Score of: problem, evidence, proposal, figures, hedges, fillers." in out
    view = json.loads(run(capsys, *argv, "--json"))
    assert f"Done {view['done']} times, best score {view['best']:.1f} of 10." in out
    assert view["done"] == len(view["runs"]) > 1
    assert view["runs"][0]["at"] > view["runs"][1]["at"]
    newest = view["runs"][0]["score"]
    assert newest["parts"][0]["name"] == "pep_share"
    assert f"Next: {newest['try_next']}" in out.replace("\n", " ")


def test_an_exercise_that_is_a_drill_has_the_scores_of_its_takes(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    view = json.loads(run(capsys, "exercise", "exercise:silence", "--store", store, "--json"))
    assert (view["drill"], view["steps"]) == ("silence", [])
    assert all(0.0 <= one["score"]["score"] <= 10.0 for one in view["runs"])


def test_an_exercise_that_there_is_not_is_refused(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "pepp: no such exercise; exercises are pep" in refused(
        capsys, "exercise", "pepp", "--store", store
    )
