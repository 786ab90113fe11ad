"""The JSON API of the programme: what a person's takes come to, their marks, targets and reminders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from engine.errors import ProgrammeError, RecordUnavailable
from engine.server.http import analogy_routes, programme_routes
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.record.identity import OTHERS
from engine.server.record.service import RecordService
from engine.shipped.programmes import load
from engine.store.record import Record
from tests.harness.calls import unhurried
from tests.programme.people import START, Person, rising
from tests.server.http.test_whip import problem

UTC_ZONE = {"zone": "UTC"}
PROGRAMME = "/record/programme"
QUESTIONS = ("today", "tomorrow", "week", "gaps", "validation", "progress")


class Server:
    """A server whose wall clock the test sets."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.now = datetime.combine(START, time(12), UTC)
        self.hub = Hub(unhurried(record="me", store=str(folder), **settings), now=lambda: self.now)
        self.app = create_app(self.hub)

    def visit(self, client: str = "127.0.0.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(client, 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8765")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of somebody who improved over four weeks, and of another person who made one take."""
    folder = tmp_path_factory.mktemp("record")
    record = Record.open(folder)
    takes = Person(1, rising(0.3, 0.8), day_noise=0.05, take_noise=0.05).rota(load())
    for take in takes:
        record.put("me", take)
    record.put("somebody else", takes[0])
    record.close()
    return folder


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    server = Server(folder)
    async with server.hub:
        yield server


@pytest.fixture
async def page(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with server.visit() as client:
        yield client


async def asked(page: httpx.AsyncClient, what: str, **query: str) -> Any:
    answer = await page.get(f"{PROGRAMME}/{what}", params={**UTC_ZONE, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything() -> list[tuple[str, str]]:
    filled = {
        "{day}": "2026-12-01",
        "{item}": "exercise:pep",
        "{skill}": "fluency",
        "{name}": "pep",
        "{id}": "one",
    }
    found = []
    for route in (*programme_routes.ROUTES, *analogy_routes.ROUTES):
        path = route.path
        for name, value in filled.items():
            path = path.replace(name, value)
        found += [(method, path) for method in route.methods or () if method != "HEAD"]
    return found


async def test_nobody_else_reads_or_changes_anything(server: Server) -> None:
    assert len(everything()) == 15
    async with server.visit("192.0.2.7") as other:
        for method, path in everything():
            assert problem(await other.request(method, path, json={}), 403) == OTHERS


async def test_a_page_of_another_site_is_refused(page: httpx.AsyncClient) -> None:
    for method, path in everything():
        answer = await page.request(method, path, json={}, headers={"origin": "http://evil.example"})
        assert answer.status_code == 403


async def test_the_day_follows_the_servers_clock(server: Server, page: httpx.AsyncClient) -> None:
    server.now = datetime.combine(START + timedelta(days=10), time(23, 30), UTC)
    plan = await asked(page, "today")
    assert plan["day"] == f"{START + timedelta(days=10)}"
    assert [item["kind"] for item in plan["items"]] == ["exercise"] * len(plan["items"])
    assert (await asked(page, "today", zone="Asia/Tokyo"))["day"] == f"{START + timedelta(days=11)}"
    tomorrow = await asked(page, "tomorrow")
    assert tomorrow["day"] == f"{START + timedelta(days=11)}"
    server.now += timedelta(days=1)
    reasons = [(item["name"], item["why"]) for item in tomorrow["items"]]
    assert [(item["name"], item["why"]) for item in (await asked(page, "today"))["items"]] == reasons
    server.now -= timedelta(days=1)
    monday = START + timedelta(days=10) - timedelta(days=(START + timedelta(days=10)).weekday())
    assert (await asked(page, "week"))["day"] == f"{monday}"


async def test_takes_that_were_not_made_yet_do_not_count(server: Server, page: httpx.AsyncClient) -> None:
    assert all(row["now"] is None for row in (await asked(page, "gaps"))["rows"])
    assert (await asked(page, "validation"))["sentence"].startswith("There is no baseline yet")
    server.now += timedelta(days=35)
    assert any(row["now"] is not None for row in (await asked(page, "gaps"))["rows"])
    assert (await asked(page, "validation"))["overall"]["outcome"] == "improved"
    found = await asked(page, "progress")
    assert {"fluency", "pace", "steady_pitch"} <= {series["name"] for series in found["series"]}
    assert found["streak"]["days"] > 1


async def test_charts_are_of_some_weeks_or_of_one_series(server: Server, page: httpx.AsyncClient) -> None:
    server.now += timedelta(days=35)
    every = {(one["kind"], one["name"]): one for one in (await asked(page, "progress"))["series"]}
    newest = {(one["kind"], one["name"]): one for one in (await asked(page, "progress", weeks="2"))["series"]}
    assert set(newest) == set(every)
    since = f"{START + timedelta(days=21)}T12"
    for name, one in newest.items():
        assert one["points"] == [point for point in every[name]["points"] if point["at"] >= since]
        assert (one["baseline"], one["spread"]) == (every[name]["baseline"], every[name]["spread"])
    for kind in ("skill", "measure"):
        found = await asked(page, "progress", **{kind: "composure"})
        assert found["series"] == [every[kind, "composure"]]
    assert (await asked(page, "progress", skill="golf"))["series"] == []
    answer = await page.get(f"{PROGRAMME}/progress", params={**UTC_ZONE, "weeks": "many"})
    assert "from 1 to" in problem(answer, 400)


async def test_another_take_is_in_the_next_answer(
    server: Server, page: httpx.AsyncClient, folder: Path
) -> None:
    server.now += timedelta(days=9)

    async def points() -> int:
        return max(len(series["points"]) for series in (await asked(page, "progress"))["series"])

    before = await points()
    record = Record.open(folder)
    try:
        take = next(record.all("somebody else"))
        record.put("somebody else", msgspec.structs.replace(take, id="theirs"))
        assert await points() == before
        record.put("me", msgspec.structs.replace(take, id="mine"))
        assert await points() == before + 1
        record.delete("me", "mine")
        assert await points() == before
    finally:
        record.close()


@pytest.mark.parametrize("what", ["skipped", "swapped"])
async def test_what_is_left_out_is_replaced_until_it_is_taken_back(
    server: Server, page: httpx.AsyncClient, what: str
) -> None:
    server.now += timedelta(days=10)
    plan = await asked(page, "today")
    first = plan["items"][0]["name"]
    address = f"{PROGRAMME}/marks/{plan['day']}/{first}"
    assert (await page.put(address, json={"what": what})).status_code == 204
    other = await asked(page, "today")
    assert first not in [item["name"] for item in other["items"]]
    assert first in [item["name"] for item in other["skipped"]]
    assert (await page.delete(address)).status_code == 204
    assert await asked(page, "today") == plan


async def test_what_is_done_is_marked(server: Server, page: httpx.AsyncClient) -> None:
    server.now += timedelta(days=10)
    plan = await asked(page, "today")
    first = plan["items"][0]
    assert not first["done"]
    address = f"{PROGRAMME}/marks/{plan['day']}/{first['name']}"
    await page.put(address, json={"what": "done"})
    assert (await asked(page, "today"))["items"][0] == {**first, "done": True}
    await page.delete(address)


async def test_a_target_of_ones_own_holds_until_it_is_dropped(page: httpx.AsyncClient) -> None:
    async def fluency() -> tuple[float, bool]:
        row = next(row for row in (await asked(page, "gaps"))["rows"] if row["skill"] == "fluency")
        return row["target"], row["own_target"]

    before = await fluency()
    assert (await page.put(f"{PROGRAMME}/targets/fluency", json={"figure": 9.5})).status_code == 204
    assert await fluency() == (9.5, True)
    assert (await page.delete(f"{PROGRAMME}/targets/fluency")).status_code == 204
    assert await fluency() == before == (7.0, False)


async def test_reminders_are_a_calendar_file(page: httpx.AsyncClient) -> None:
    answer = await page.get(f"{PROGRAMME}/reminders.ics", params={**UTC_ZONE, "at": "07:30"})
    assert answer.headers["content-type"].startswith("text/calendar")
    assert 'filename="practice.ics"' in answer.headers["content-disposition"]
    assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
    assert f"DTSTART:{START:%Y%m%d}T073000\r\n" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sign"),
    [
        ("GET", "today", None, 400, "such as Europe/Berlin"),
        ("GET", "gaps?zone=Mars/Base", None, 400, "such as Europe/Berlin"),
        ("GET", "week?zone=../../etc/passwd", None, 400, "such as Europe/Berlin"),
        ("GET", "reminders.ics?zone=UTC&at=noon", None, 400, "a time looks like 18:00"),
        ("PUT", "marks/tomorrow/exercise:pep", {"what": "done"}, 400, "a day looks like 2026-03-31"),
        ("PUT", "marks/2026-12-01/exercise:golf", {"what": "done"}, 404, "named like exercise:pep"),
        ("PUT", "marks/2026-12-01/exercise:pep", {"what": "eaten"}, 400, "not understood"),
        ("PUT", "targets/golf", {"figure": 3}, 404, "skills are storytelling with data, clarifying"),
        ("PUT", "targets/fluency", {"figure": 11}, 400, "from 0 to 10"),
        ("PUT", "targets/fluency", {"figures": 1}, 400, "not understood"),
    ],
)
async def test_what_can_not_be_answered_is_refused_with_what_would_work(
    page: httpx.AsyncClient, method: str, path: str, body: object, status: int, sign: str
) -> None:
    assert sign in problem(await page.request(method, f"{PROGRAMME}/{path}", json=body), status)


async def test_a_record_that_is_away_is_said(tmp_path: Path) -> None:
    def opened() -> Record:
        raise RecordUnavailable("The record is away.")

    settings = unhurried(record="me", store=str(tmp_path))
    async with Hub(settings, record=RecordService(settings, opened=opened)) as hub:
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8765") as page:
            for what in QUESTIONS:
                answer = await page.get(f"{PROGRAMME}/{what}", params=UTC_ZONE)
                assert problem(answer, 503) == "The record is away."


async def test_an_exercise_has_its_steps_and_its_runs(page: httpx.AsyncClient) -> None:
    view = await asked(page, "exercises/half_a_minute")
    assert view["title"] == "Half a minute"
    assert [one["step"]["does"] for one in view["steps"]] == ["think", "speak"] * 3
    answer = await page.get(f"{PROGRAMME}/exercises/nothing", params=UTC_ZONE)
    assert answer.status_code == 404
    assert "exercises are pep" in answer.json()["detail"]


async def test_analogies_are_written_down_rated_used_and_deleted(page: httpx.AsyncClient) -> None:
    where = "/record/analogies"
    assert (await page.get(where)).json() == []
    first = {"thing": "a cache", "like": "a desk drawer: what you need often is near"}
    made = (await page.put(f"{where}/one", json=first)).json()
    assert (made["rating"], made["used"]) == (None, 0)
    await page.put(f"{where}/two", json={"thing": "a queue", "like": "a bakery", "rating": 2})
    again = (await page.put(f"{where}/one", json=first | {"rating": 5, "used": 1})).json()
    assert again == made | {"rating": 5, "used": 1}
    assert [one["id"] for one in (await page.get(where)).json()] == ["one", "two"]
    assert (await page.put(f"{where}/three", json=first | {"rating": 6})).status_code == 400
    blank = await page.put(f"{where}/three", json={"thing": " ", "like": "x"})
    assert (blank.status_code, "needs what it explains" in blank.json()["detail"]) == (400, True)
    for id, status in (("one", 204), ("one", 404), ("two", 204)):
        assert (await page.delete(f"{where}/{id}")).status_code == status


OWN = """
title = "Mine"
description = "Of one skill."

[[task]]
name = "own"
title = "My take"
say = "Say who you are."
minutes = 2

[[skill]]
name = "calm"
title = "Calm"

[[skill.part]]
measure = "pace"
most = 150
zero_above = 200
grade = "P"
closes = "Breathe."

[[exercise]]
name = "breathe"
title = "Breathe"
how = "Breathe before each sentence."
minutes = 2
trains = ["calm"]
"""


async def test_a_programme_of_ones_own_is_served(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(OWN, "utf-8")
    server = Server(tmp_path / "record", programme=str(tmp_path / "mine.toml"))
    async with server.hub, server.visit() as page:
        table = await asked(page, "gaps")
        plan = await asked(page, "today")
    assert [row["title"] for row in table["rows"]] == ["Calm"]
    assert [item["name"] for item in plan["items"]] == ["baseline:own", "exercise:breathe"]


def test_a_mistake_in_a_programme_keeps_a_server_from_starting(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(OWN.replace("pace", "pacee"), "utf-8")
    with pytest.raises(ProgrammeError, match="did you mean 'pace'"):
        Hub(unhurried(programme=str(tmp_path / "mine.toml")))
