"""The JSON API of stories, notes and kinds of interview: what is kept, what takes show, what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from engine.programme.interviews import Readiness
from engine.programme.stories import Stories
from engine.protocol.note import Note
from engine.protocol.story import MOST_STORIES, Story
from engine.server.http import story_routes
from engine.server.http.app import create_app
from engine.server.http.story_routes import LookedBack, Notes
from engine.server.hub import Hub
from engine.server.record.identity import OTHERS
from engine.shipped.programmes import load, questions
from engine.store.record import Record
from tests.harness.calls import unhurried
from tests.harness.sample_takes import an_answer, figures_only, measures
from tests.programme.people import Person, rising
from tests.server.http.test_whip import problem

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
STORY = {"title": "Night jobs", "skill": "collaboration", "framework": "STAR"}
NOTE = {"at": "2026-03-30T10:00:00+02:00", "occasion": "interview", "went": "badly"}
ROUTES = [
    ("GET", "/record/stories"),
    ("PUT", "/record/stories/x"),
    ("DELETE", "/record/stories/x"),
    ("GET", "/record/notes"),
    ("GET", "/record/notes/x"),
    ("PUT", "/record/notes/x"),
    ("DELETE", "/record/notes/x"),
    ("GET", "/record/interviews"),
]


class Server:
    """A server whose wall clock the test sets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.hub = Hub(unhurried(record="me", store=str(folder)), now=lambda: self.now)
        self.app = create_app(self.hub)

    def visit(self, client: str = "127.0.0.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(client, 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8765")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    async with server.hub:
        yield server


@pytest.fixture
async def page(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with server.visit() as client:
        yield client


@pytest.fixture
def record(server: Server) -> Record:
    record = Record.open(server.folder)
    record.put("me", an_answer())
    record.put("me", figures_only())
    return record


async def the_stories(page: httpx.AsyncClient) -> Stories:
    return msgspec.json.decode((await page.get("/record/stories")).content, type=Stories)


async def written(page: httpx.AsyncClient, path: str, body: dict[str, Any], status: int = 201) -> None:
    answer = await page.put(path, json=body)
    assert answer.status_code == status, answer.text


def test_every_route_is_among_those_that_are_refused_to_others() -> None:
    routes = {(method, route.path) for route in story_routes.ROUTES for method in route.methods or ()}
    wanted = {(method, path.replace("/x", "/{id}")) for method, path in ROUTES}
    assert {one for one in routes if one[0] != "HEAD"} == wanted


async def test_nobody_else_reads_or_writes_anything(server: Server) -> None:
    async with server.visit("192.0.2.7") as other:
        for method, path in ROUTES:
            assert problem(await other.request(method, path, json=STORY), 403) == OTHERS


async def test_a_story_is_written_told_and_shown(page: httpx.AsyncClient, record: Record) -> None:
    await written(page, "/record/stories/night-jobs", STORY | {"answers": [questions()[0].text]})
    await page.patch("/record/takes/answer", json={"story": "night-jobs"})
    await page.patch("/record/takes/figures", json={"story": "night-jobs"})
    found = await the_stories(page)
    (state,) = found.stories
    assert (state.id, state.story.made_at, state.skill) == ("night-jobs", NOW, "Collaboration")
    assert [(take.take, take.words) for take in state.takes] == [("answer", True), ("figures", False)]
    assert state.takes[0].figure is True  # known of words only, so they were read
    assert found.questions[0].stories == ["night-jobs"]
    assert found.unanswered == len(found.questions) - 1
    assert {one.name for one in found.skills} == {one.name for one in load().skill}


async def test_a_story_that_is_written_again_stays_as_old(page: httpx.AsyncClient, server: Server) -> None:
    await written(page, "/record/stories/a", STORY)
    server.now = NOW.replace(year=2027)
    await written(page, "/record/stories/a", STORY | {"title": "Mornings"}, 204)
    (state,) = (await the_stories(page)).stories
    assert (state.story.title, state.story.made_at) == ("Mornings", NOW)
    again = await page.put("/record/stories/a", json=STORY, headers={"if-none-match": "*"})
    assert "already" in problem(again, 412)


async def test_a_list_that_is_known_is_not_sent_again(page: httpx.AsyncClient) -> None:
    first = await page.get("/record/stories")
    again = await page.get("/record/stories", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    await written(page, "/record/stories/a", STORY)
    assert (
        await page.get("/record/stories", headers={"if-none-match": first.headers["etag"]})
    ).status_code == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (STORY | {"skill": "charm"}, "no such skill; skills are storytelling with data"),
        (STORY | {"framework": "ABC"}, "not understood"),
        (STORY | {"title": ""}, "not understood"),
        (STORY | {"title": " "}, "a story needs a title"),
        (STORY | {"answers": ["Why?"]}, "no question of the bank"),
        (STORY | {"teller": "me"}, "not understood"),
        (STORY | {"title": "Mornings"}, "already: give this one another title"),
    ],
)
async def test_a_story_of_nothing_known_is_refused(
    page: httpx.AsyncClient, body: dict[str, Any], said: str
) -> None:
    await written(page, "/record/stories/mornings", STORY | {"title": "Mornings"})
    assert said in problem(await page.put("/record/stories/x", json=body), 400)


async def test_there_are_so_many_stories_at_most(page: httpx.AsyncClient, server: Server) -> None:
    record = Record.open(server.folder)
    for number in range(MOST_STORIES):
        story = msgspec.convert(STORY | {"title": f"Number {number}", "made_at": NOW}, Story)
        record.documents.put("me", "story", f"n{number}", story)
    record.close()
    assert "two or three are enough" in problem(await page.put("/record/stories/x", json=STORY), 400)
    await written(page, "/record/stories/n3", STORY | {"title": "Another"}, 204)


async def test_a_deleted_story_leaves_its_takes(page: httpx.AsyncClient, record: Record) -> None:
    await written(page, "/record/stories/night-jobs", STORY)
    await page.patch("/record/takes/answer", json={"story": "night-jobs"})
    assert (await page.delete("/record/stories/night-jobs")).status_code == 204
    assert (await the_stories(page)).stories == []
    assert (await page.get("/record/takes/answer")).status_code == 200
    assert problem(await page.delete("/record/stories/night-jobs"), 404) == "there is no such story"


async def test_a_note_looks_back_at_its_take(page: httpx.AsyncClient, record: Record) -> None:
    for day in range(1, 7):
        hasty = measures(fillers_per_min=14.0)
        record.put("me", an_answer(id=f"d{day}", begun_at=NOW.replace(day=day), measures=hasty))
    await written(page, "/record/notes/monday", NOTE | {"take": "d6", "next_time": "Breathe."})
    found = msgspec.json.decode((await page.get("/record/notes/monday")).content, type=LookedBack)
    assert found.take is not None
    assert found.look_back is not None
    fillers = next(one for one in found.look_back.noticed if one.what == "fillers")
    assert fillers.recurs == "usual"
    assert [again.take for again in fillers.takes] == ["d5", "d4", "d3", "d2", "d1"]
    await page.delete("/record/takes/d6")
    found = msgspec.json.decode((await page.get("/record/notes/monday")).content, type=LookedBack)
    assert (found.take, found.look_back, found.note.take) == (None, None, "d6")


async def test_notes_are_listed_with_what_they_may_name(page: httpx.AsyncClient, record: Record) -> None:
    await written(page, "/record/stories/night-jobs", STORY)
    await written(page, "/record/notes/monday", NOTE | {"take": "answer"})
    await written(page, "/record/notes/later", NOTE | {"at": "2026-03-30T09:00:00+00:00"})
    found = msgspec.json.decode((await page.get("/record/notes")).content, type=Notes)
    assert [(one.id, one.take and one.take.id) for one in found.notes] == [
        ("later", None),
        ("monday", "answer"),
    ]
    assert [one.name for one in found.interviews] == [one.name for one in load().interview]
    assert [(one.name, one.title) for one in found.stories] == [("night-jobs", "Night jobs")]
    await written(page, "/record/notes/monday", NOTE | {"went": "well"}, 204)
    assert (await page.delete("/record/notes/later")).status_code == 204
    assert problem(await page.get("/record/notes/later"), 404) == "there is no such note"
    assert record.documents.all("me", "note", Note)["monday"].went == "well"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (NOTE | {"interview": "charm"}, "no such kind; kinds are adaptability"),
        (NOTE | {"went": "so so"}, "not understood"),
        (NOTE | {"at": "2026-03-30T10:00:00"}, "timezone"),
        (NOTE | {"next_time": "x" * 501}, "not understood"),
    ],
)
async def test_a_note_that_is_none_is_refused(
    page: httpx.AsyncClient, body: dict[str, Any], said: str
) -> None:
    assert said in problem(await page.put("/record/notes/x", json=body), 400)
    assert (await page.get("/record/notes")).json()["notes"] == []


async def test_readiness_is_what_the_gap_table_says(page: httpx.AsyncClient, server: Server) -> None:
    record = Record.open(server.folder)
    for take in Person(1, rising(0.3, 0.6), day_noise=0.05, take_noise=0.05).rota(load()):
        record.put("me", take)
    record.close()
    await page.put("/record/programme/targets/composure", json={"figure": 10})
    await written(page, "/record/notes/monday", NOTE | {"interview": "ethics", "next_time": "Take a side."})
    answer = (await page.get("/record/interviews", params={"zone": "UTC"})).json()["interviews"]
    kinds = {one.name: one for one in msgspec.convert(answer, list[Readiness])}
    rows = (await page.get("/record/programme/gaps", params={"zone": "UTC"})).json()["rows"]
    gaps = {row["skill"]: row["gap"] for row in rows}
    for kind in kinds.values():
        assert {one.skill: one.gap for one in kind.skills}.items() <= gaps.items()
    composure = next(one for one in kinds["extreme ownership"].skills if one.skill == "composure")
    assert composure.target == 10.0
    assert kinds["ethics"].next_time == ["Take a side."]
    assert "time zone" in problem(await page.get("/record/interviews"), 400)
