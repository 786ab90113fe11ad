"""Feedback over HTTP for its own person: who may ask, and what the API never tells."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.protocol.feedback import EXPLAINING
from engine.server.logs import ACCESS
from tests.harness.feedback import Clock, Come, made, page, rounds, say
from tests.harness.record import every_byte
from tests.server.http.test_whip import problem

# --- who may do what --------------------------------------------------------------------


async def test_a_stranger_may_answer_and_nothing_else(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    new = await made(ada)
    id = new["round"]["id"]
    for method, path in (
        ("GET", "/record/feedback"),
        ("POST", "/record/feedback"),
        ("POST", "/record/feedback/mailed"),
        ("DELETE", f"/record/feedback/{id}"),
        ("POST", f"/record/feedback/{id}/close"),
        ("POST", f"/record/feedback/{id}/extend"),
        ("GET", f"/record/feedback/{id}/text"),
        ("GET", "/record/ratings"),
        ("PUT", f"/record/ratings/{EXPLAINING}"),
        ("DELETE", f"/record/ratings/{EXPLAINING}"),
    ):
        answer = await stranger.request(
            method, path, json={"days": 1, "rating": 1, "asker": "x", "people": 3}
        )
        problem(answer, 403)
    page(await stranger.get(f"/{new['links'][0]}"), 200, "Feedback for Ada")


async def test_nothing_of_the_token_is_logged(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient, come: Come, caplog: pytest.LogCaptureFixture
) -> None:
    links = (await made(ada))["links"]
    caplog.set_level(logging.DEBUG, logger=ACCESS)
    async with come("203.0.113.9", "http://elsewhere.test") as misled:
        assert (await misled.get(f"/{links[0]}")).status_code == 421
    await stranger.get(f"/{links[0]}")
    await stranger.get(f"/{links[0]}/")
    await say(stranger, links[0])
    await say(stranger, links[0])
    await stranger.put(f"/{links[0]}")
    await stranger.get(f"/{links[1]}/more")
    for _ in range(70):
        await stranger.get(f"/{links[1]}")
    lines = [record.getMessage() for record in caplog.records if record.name == ACCESS]
    assert len(lines) == 77
    assert any("/feedback/{token}" in line for line in lines)
    for link in links:
        secret = link.rpartition("/")[2]
        assert not any(secret[12:] in line or secret[:12] in line for line in lines), lines


# --- what the API tells -----------------------------------------------------------------


async def everything(ada: httpx.AsyncClient, id: str) -> str:
    """All that the API tells the person, an export among it; without what only counts or dates."""
    told = [
        (await ada.get("/record/feedback")).text,
        (await ada.get("/record/ratings?zone=Europe/Berlin")).text,
        (await ada.get(f"/record/feedback/{id}/text")).text,
        (await ada.get("/record")).text,
    ]
    exported = zipfile.ZipFile(io.BytesIO((await ada.get("/record/export")).content))
    told += [exported.read(name).decode() for name in exported.namelist() if name != "schema.json"]
    return "\n".join(told)


async def test_before_a_round_is_over_nothing_depends_on_what_was_answered(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: Clock
) -> None:
    """Two rounds whose answers differ in everything are told alike, after each answer."""
    seen: list[list[str]] = []
    for rating, text in ((1, "Mumbling."), (10, "Nothing at all.")):
        new = await made(ada, 5)
        id, told = new["round"]["id"], []
        for link in new["links"][:4]:
            await say(stranger, link, rating, stop=text, start=text, **{"rating-1": str(rating)})
            told.append((await everything(ada, id)).replace(id, "ID"))
        await ada.delete(f"/record/feedback/{id}")
        seen.append(told)
    assert seen[0] == seen[1]


async def test_from_three_on_what_they_say_together_is_shown_once_the_round_is_over(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    new = await made(ada, 4)
    id = new["round"]["id"]
    said = [(9, "Jargon.", "5"), (3, "Rushing.", "unsure"), (6, "", "")]
    for link, (rating, stop, collaboration) in zip(new["links"], said, strict=False):
        await say(stranger, link, rating, stop=stop, **{"rating-3": collaboration})
    [going] = await rounds(ada)
    assert (going["can_show"], going["shown"], going["rated"], going["stop"]) == (True, False, [], [])
    closed = (await ada.post(f"/record/feedback/{id}/close")).json()
    first, *others = closed["rated"]
    assert first["rated"] == {"count": 3, "mean": 6.0, "low": 3, "high": 9}
    together = next(one for one in others if one["name"] == "collaboration")
    assert together["rated"] == {"count": 1, "mean": None, "low": None, "high": None}
    assert closed["stop"] == ["Jargon.", "Rushing."]
    assert [round["shown"] for round in await rounds(ada)] == [True]
    told = await everything(ada, id)
    assert '"5"' not in told
    names = zipfile.ZipFile(io.BytesIO((await ada.get("/record/export")).content)).namelist()
    assert [name for name in names if name.startswith("documents/")] == [f"documents/feedback/{id}.json"]


async def test_two_answers_are_never_shown(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: Clock
) -> None:
    new = await made(ada, 2)
    for link in new["links"]:
        await say(stranger, link, stop="Rushing.")
    [ended] = await rounds(ada)
    assert (ended["state"], ended["answered"], ended["shown"]) == ("over", 2, False)
    assert "Rushing" not in await everything(ada, ended["id"])


async def test_the_order_of_answers_changes_nothing_that_is_told(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    told = []
    for order in ((0, 1, 2), (2, 0, 1)):
        new = await made(ada, 3)
        for place in order:
            await say(stranger, new["links"][place], (9, 3, 6)[place], stop=("A", "B", "C")[place])
        told.append((await everything(ada, new["round"]["id"])).replace(new["round"]["id"], "ID"))
        await ada.delete(f"/record/feedback/{new['round']['id']}")
    hashes = re.compile(r"[0-9a-f]{64}")
    assert hashes.sub("HASH", told[0]) == hashes.sub("HASH", told[1])


async def test_links_are_told_once(ada: httpx.AsyncClient) -> None:
    new = await made(ada)
    told = await everything(ada, new["round"]["id"])
    assert not any(link.rpartition("/")[2] in told for link in new["links"])


# --- by mail, and the three columns -------------------------------------------------------


async def test_an_answer_by_mail(ada: httpx.AsyncClient) -> None:
    new = await made(ada, 0)
    assert new["links"] == []
    text = (await ada.get(f"/record/feedback/{new['round']['id']}/text")).text
    assert text == new["text"]
    reply = text.replace("[  ] Explaining", "[8] Explaining").replace("stop doing:", "stop doing: rushing")
    added = await ada.post(
        "/record/feedback/mailed", content="".join(f"> {line}\n" for line in reply.splitlines())
    )
    assert added.status_code == 201, added.text
    assert (added.json()["answered"], added.json()["stop"]) == (1, ["rushing"])
    assert "[7] Explaining" in problem(await ada.post("/record/feedback/mailed", content="Sorry!"), 400)
    await ada.delete(f"/record/feedback/{new['round']['id']}")
    assert "ask by mail first" in problem(await ada.post("/record/feedback/mailed", content=reply), 400)


async def test_the_three_columns(ada: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    new = await made(ada, 3)
    for link in new["links"]:
        await say(stranger, link, 4)
    assert (await ada.put(f"/record/ratings/{EXPLAINING}", json={"rating": 9})).status_code == 204
    assert (await ada.put("/record/ratings/storytelling with data", json={"rating": 5})).status_code == 204
    table = (await ada.get("/record/ratings?zone=Europe/Berlin")).json()
    first = table["rows"][0]
    assert (first["own"], first["others"]["mean"], first["figure"]) == (9, 4.0, None)
    assert table["disagreements"][0]["by"] == 5.0
    assert table["answers"] == 3
    for wrong in ({"rating": 11}, {"rating": "7"}, {}):
        problem(await ada.put(f"/record/ratings/{EXPLAINING}", json=wrong), 400)
    assert "there are explaining" in problem(await ada.put("/record/ratings/charm", json={"rating": 9}), 404)
    assert (await ada.delete(f"/record/ratings/{EXPLAINING}")).status_code == 204
    assert (await ada.get("/record/ratings?zone=Europe/Berlin")).json()["rows"][0]["own"] is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"asker": "", "people": 3},
        {"asker": "Ada", "people": 6},
        {"asker": "Ada"},
        {"asker": "Ada", "people": 3, "days": 0},
    ],
)
async def test_a_round_that_isnt_possible_is_refused(ada: httpx.AsyncClient, wanted: dict[str, Any]) -> None:
    problem(await ada.post("/record/feedback", json=wanted), 400)
    assert await rounds(ada) == []


async def test_a_round_that_isnt_there(ada: httpx.AsyncClient) -> None:
    for method, path in (("DELETE", ""), ("POST", "/close"), ("GET", "/text")):
        assert "no round of feedback" in problem(
            await ada.request(method, f"/record/feedback/0123{path}"), 404
        )


async def test_forgetting_deletes_feedback(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient, tmp_path: Path
) -> None:
    new = await made(ada)
    await say(stranger, new["links"][0], stop="zanzibar")
    assert (await ada.delete("/record")).status_code == 204
    page(await stranger.get(f"/{new['links'][1]}"), 404, "This link leads nowhere")
    assert b"zanzibar" not in every_byte(tmp_path)
