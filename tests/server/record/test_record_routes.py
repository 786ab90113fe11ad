"""The JSON API of the record: who may ask, what is answered, and what is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from engine.errors import RecordUnavailable
from engine.media.files.ogg_opus import SILENCE, mux_packets
from engine.protocol.kept import Kept
from engine.protocol.take import Take, decode_take, encode_take
from engine.server.http import record_requests, record_routes
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.record.identity import OTHERS
from engine.server.record.service import RecordService
from engine.store.record import Record
from tests.harness.calls import unhurried
from tests.server.http.test_whip import problem

SOUND = mux_packets([SILENCE] * 100)
ALL = Kept(figures=True, words=True, sound=True)
BEGUN = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
Visit = Callable[..., httpx.AsyncClient]


def made(number: int, **fields: object) -> Take:
    """A take of an hour of its own."""
    begun = BEGUN + timedelta(hours=number)
    taken = Take(
        id=f"take-{number}", kind="talk", begun_at=begun, duration_s=60.0, profile="conversation", kept=ALL
    )
    return type(taken)(**{name: getattr(taken, name) for name in taken.__struct_fields__} | fields)


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    """Visits of a server for one person, from any address."""
    async with Hub(unhurried(record="me", store=str(tmp_path))) as hub:
        app = create_app(hub)

        def come(
            client: str = "127.0.0.1", base: str = "http://localhost:8765", **headers: str
        ) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 4711))
            return httpx.AsyncClient(transport=transport, base_url=base, headers=headers)

        yield come


@pytest.fixture
async def page(visit: Visit) -> AsyncIterator[httpx.AsyncClient]:
    async with visit() as client:
        yield client


def fill(folder: Path, count: int) -> None:
    """Write some takes, with sound."""
    record = Record.open(folder)
    for number in range(count):
        record.put("me", made(number), SOUND)
        record.put("someone else", made(number + 100), SOUND)
    record.close()


EVERYTHING = [
    ("PUT", "/record/kept"),
    ("DELETE", "/record"),
    ("GET", "/record/takes"),
    ("GET", "/record/takes/take-0"),
    ("PATCH", "/record/takes/take-0"),
    ("DELETE", "/record/takes/take-0"),
    ("GET", "/record/takes/take-0/sound"),
    ("GET", "/record/takes/take-0/export"),
    ("GET", "/record/export"),
    ("POST", "/record/import"),
]


def test_every_route_is_among_those_that_are_refused_to_others() -> None:
    routes = {(method, route.path) for route in record_routes.ROUTES for method in route.methods or ()}
    wanted = {(method, path.replace("take-0", "{id}")) for method, path in EVERYTHING}
    assert {one for one in routes if one[0] != "HEAD"} - wanted == {("GET", "/record")}


@pytest.mark.parametrize(
    ("client", "base", "headers"),
    [
        ("192.0.2.7", "http://localhost:8765", {}),
        ("192.0.2.7", "http://127.0.0.1:8765", {}),
        ("127.0.0.1", "http://engine.test", {}),
        ("127.0.0.1", "http://localhost:8765", {"x-forwarded-for": "192.0.2.7"}),
    ],
)
async def test_no_visitor_from_elsewhere_reads_or_changes_anything(
    tmp_path: Path, visit: Visit, client: str, base: str, headers: dict[str, str]
) -> None:
    fill(tmp_path, 1)
    async with visit(client, base, **headers) as other:
        answer = (await other.get("/record")).json()
        assert answer == {"possible": False, "why": OTHERS, "kept": None, "problem": ""}
        for method, path in EVERYTHING:
            refused = await other.request(method, path, json={"figures": True})
            assert problem(refused, 403) == OTHERS
            assert refused.json()["reason"] == "nobody"
    async with visit() as owner:
        assert decode_take((await owner.get("/record/takes/take-0")).content).id == "take-0"


@pytest.mark.parametrize(("method", "path"), [*EVERYTHING, ("GET", "/record")])
async def test_no_page_of_another_site_may_ask(page: httpx.AsyncClient, method: str, path: str) -> None:
    refused = await page.request(method, path, headers={"origin": "https://elsewhere.example"}, json={})
    problem(refused, 403)


async def test_what_may_be_kept_is_asked_for_once_and_remembered(page: httpx.AsyncClient) -> None:
    assert (await page.get("/record")).json()["kept"] is None
    wanted = {"figures": True, "words": False, "sound": True}
    assert (await page.put("/record/kept", json=wanted)).status_code == 204
    first = await page.get("/record")
    assert first.json() == {"possible": True, "why": "", "kept": wanted, "problem": ""}
    again = await page.get("/record", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for wrong in ("[]", "{", '{"figures": 1}', '{"figures": true, "colour": true}'):
        problem(await page.put("/record/kept", content=wrong), 400)
    problem(await page.put("/record/kept", content=b"x" * 70_000), 413)
    assert (await page.get("/record")).json()["kept"] == wanted


async def test_takes_are_listed_newest_first_by_the_page(tmp_path: Path, page: httpx.AsyncClient) -> None:
    fill(tmp_path, 5)
    first = (await page.get("/record/takes?limit=3")).json()
    assert [entry["id"] for entry in first["takes"]] == ["take-4", "take-3", "take-2"]
    assert first["more"]
    rest = (await page.get("/record/takes?limit=3&before=take-2")).json()
    assert [entry["id"] for entry in rest["takes"]] == ["take-1", "take-0"]
    assert not rest["more"]
    for limit in ("0", "-1", "201", "many", "9" * 30, "²"):
        assert "limit" in problem(await page.get("/record/takes", params={"limit": limit}), 400)
    assert problem(await page.get("/record/takes?before=gone"), 404)


async def test_a_take_is_changed_only_as_it_was_read(tmp_path: Path, page: httpx.AsyncClient) -> None:
    fill(tmp_path, 1)
    read = await page.get("/record/takes/take-0")
    tag = read.headers["etag"]
    assert encode_take(decode_take(read.content)) == read.content
    assert (
        await page.get("/record/takes/take-0", headers={"if-none-match": f'"a", W/{tag}'})
    ).status_code == 304
    changed = await page.patch(
        "/record/takes/take-0", json={"title": "Hello", "tags": ["a"]}, headers={"if-match": tag}
    )
    assert changed.status_code == 200
    now = decode_take(changed.content)
    assert (now.title, now.tags, now.note) == ("Hello", ["a"], "")
    assert changed.headers["etag"] != tag
    assert (await page.get("/record/takes/take-0")).headers["etag"] == changed.headers["etag"]
    late = await page.patch("/record/takes/take-0", json={"title": "Other"}, headers={"if-match": tag})
    assert "meanwhile" in problem(late, 412)
    problem(await page.patch("/record/takes/take-0", json={"title": 3}), 400)
    problem(await page.patch("/record/takes/take-9", json={"title": "x"}), 404)
    assert decode_take((await page.get("/record/takes/take-0")).content).title == "Hello"
    saved = await page.get("/record/takes/take-0/export")
    assert saved.headers["content-disposition"] == 'attachment; filename="take-take-0.json"'
    assert saved.content == changed.content


async def test_another_persons_takes_are_not_there(tmp_path: Path, page: httpx.AsyncClient) -> None:
    fill(tmp_path, 1)
    for path in ("", "/sound", "/export"):
        problem(await page.get(f"/record/takes/take-100{path}"), 404)
    problem(await page.delete("/record/takes/take-100"), 404)


async def test_sound_comes_whole_or_in_ranges(tmp_path: Path, page: httpx.AsyncClient) -> None:
    fill(tmp_path, 1)
    path, size = "/record/takes/take-0/sound", len(SOUND)
    whole = await page.get(path)
    assert (whole.content, whole.headers["content-type"]) == (SOUND, "audio/ogg")
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cross-origin-resource-policy"] == "same-origin"
    tag = whole.headers["etag"]
    assert (await page.get(path, headers={"if-none-match": tag})).status_code == 304
    for asked, part in (
        ("bytes=0-", slice(0, size)),
        ("bytes=10-19", slice(10, 20)),
        ("bytes=-5", slice(size - 5, size)),
        (f"bytes=5-{size * 2}", slice(5, size)),
    ):
        answer = await page.get(path, headers={"range": asked, "if-range": tag})
        assert (answer.status_code, answer.content) == (206, SOUND[part])
        assert answer.headers["content-range"] == f"bytes {part.start}-{part.stop - 1}/{size}"
    for ignored in ("lines=1-2", "bytes=a-b", "bytes=1", "bytes=-", "bytes=0-1,3-4"):
        assert (await page.get(path, headers={"range": ignored})).content == SOUND
    assert (await page.get(path, headers={"range": "bytes=0-3", "if-range": '"old"'})).status_code == 200
    beyond = await page.get(path, headers={"range": f"bytes={size}-"})
    problem(beyond, 416)
    assert beyond.headers["content-range"] == f"bytes */{size}"


async def test_what_is_exported_is_imported_again(tmp_path: Path, page: httpx.AsyncClient) -> None:
    fill(tmp_path, 3)
    before = [(await page.get(f"/record/takes/take-{n}")).content for n in range(3)]
    exported = await page.get("/record/export")
    assert exported.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(exported.content)).namelist()
    assert len([name for name in names if name.startswith("takes/")]) == 3
    assert (await page.delete("/record")).status_code == 204
    assert (await page.get("/record/takes")).json() == {"takes": [], "more": False}
    assert (await page.get("/record")).json()["kept"] is None
    taken = await page.post("/record/import", content=exported.content)
    assert taken.status_code == 200, taken.text
    assert taken.json() == {"takes": 3, "there": 0, "sounds": 3, "documents": 0, "problems": []}
    assert [(await page.get(f"/record/takes/take-{n}")).content for n in range(3)] == before
    assert (await page.get("/record/takes/take-0/sound")).content == SOUND


async def test_an_import_is_bounded_and_must_be_one(
    page: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem(await page.post("/record/import", content=b"no export"), 400)
    monkeypatch.setattr(record_requests, "MAX_FILE_BYTES", 1 << 20)
    monkeypatch.setattr(record_requests, "PIECE", 4096)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield bytes(64 << 10)
        raise AssertionError("all of it was read")

    refused = await page.post("/record/import", content=endless())
    assert "1 MB" in problem(refused, 413)


async def test_a_take_that_is_deleted_is_gone(tmp_path: Path, page: httpx.AsyncClient) -> None:
    fill(tmp_path, 2)
    assert (await page.delete("/record/takes/take-0")).status_code == 204
    problem(await page.get("/record/takes/take-0"), 404)
    problem(await page.get("/record/takes/take-0/sound"), 404)
    problem(await page.delete("/record/takes/take-0"), 404)
    assert len((await page.get("/record/takes")).json()["takes"]) == 1


async def test_a_record_that_is_away_is_said_and_tried_again(tmp_path: Path) -> None:
    away = [True]

    def opened() -> Record:
        if away[0]:
            raise RecordUnavailable("The disk is away.")
        return Record.open(tmp_path)

    settings = unhurried(record="me")
    async with Hub(settings, record=RecordService(settings, opened=opened)) as hub:
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as page:
            state = (await page.get("/record")).json()
            assert (state["possible"], state["problem"]) == (True, "The disk is away.")
            refused = await page.get("/record/takes")
            assert problem(refused, 503) == "The disk is away."
            assert int(refused.headers["retry-after"]) > 0
            problem(await page.put("/record/kept", json={"figures": True}), 503)
            away[0] = False
            assert (await page.put("/record/kept", json={"figures": True})).status_code == 204
            state = (await page.get("/record")).json()
            assert (state["kept"], state["problem"]) == (
                {"figures": True, "words": False, "sound": False},
                "",
            )
