"""The form of feedback: what a link allows, and that all else is refused with a page."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.errors import RecordUnavailable
from engine.server.http.app import create_app
from engine.server.http.feedback_form import MAX_FORM_BYTES
from engine.server.hub import Hub
from engine.server.limits.quota import RATES
from engine.server.record.service import RecordService
from tests.harness.calls import browser, running, unhurried
from tests.harness.feedback import HERE, STRANGER, Clock, Come, made, page, rounds, say
from tests.harness.proxy import proxied
from tests.harness.record import every_byte
from tests.server.http.test_whip import problem

# --- a link -----------------------------------------------------------------------------


async def test_a_stranger_answers_and_nobody_else_by_the_same_link(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    new = await made(ada)
    link = new["links"][0]
    form = page(await stranger.get(f"/{link}"), 200, "Feedback for Ada")
    assert "asks 3 people" in form
    assert form.count('<input type="radio"') == 10 + 7 * 11
    page(await say(stranger, link, stop="Rushing."), 200, "Your answer is in.")
    page(await stranger.get(f"/{link}"), 410, "This link was used already")
    page(await say(stranger, link), 410, "This link was used already")
    [round] = await rounds(ada)
    assert (round["asked"], round["answered"], round["state"]) == (3, 1, "open")


async def test_many_at_once_by_one_link_are_one_answer(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    link = (await made(ada))["links"][0]
    answers = await asyncio.gather(*(say(stranger, link) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200, *[410] * 11]
    assert (await rounds(ada))[0]["answered"] == 1


async def test_guessed_expired_and_ended_links_are_pages(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient, clock: Clock
) -> None:
    new = await made(ada)
    link, other, _ = new["links"]
    for guess in (
        f"{link}A",
        link[:-1],
        f"feedback/{'a' * 44}",
        "feedback",
        "feedback/",
        "feedback/a/b",
        "feedback/%00%ff",
    ):
        page(await stranger.get(f"/{guess}"), 404, "This link leads nowhere")
        page(await say(stranger, guess), 404, "This link leads nowhere")
    clock.now += timedelta(days=15)
    page(await stranger.get(f"/{link}"), 410, "This link has expired")
    page(await say(stranger, link), 410, "This link has expired")
    extended = await ada.post(f"/record/feedback/{new['round']['id']}/extend", json={"days": 7})
    assert extended.json()["state"] == "open"
    page(await stranger.get(f"/{link}"), 200, "Feedback for Ada")
    await ada.post(f"/record/feedback/{new['round']['id']}/close")
    page(await say(stranger, link), 410, "This round of feedback is over")
    assert (await ada.delete(f"/record/feedback/{new['round']['id']}")).status_code == 204
    page(await say(stranger, other), 404, "This link leads nowhere")


async def test_a_form_that_isnt_whole_says_so_keeps_what_was_typed_and_doesnt_use_the_link(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    link = (await made(ada))["links"][0]
    wrong: list[tuple[dict[str, str], str]] = [
        ({}, "answer the first question"),
        ({"rating-0": "unsure"}, "answer the first question"),
        ({"rating-0": "11"}, "choose a number from 1 to 10"),
        ({"rating-0": "7", "rating-2": "²"}, "choose a number from 1 to 10"),
        ({"rating-0": "7", "start": "x" * 601}, "it may have 600"),
    ]
    for fields, says in wrong:
        answer = await stranger.post(f"/{link}", data={**fields, "stop": "</textarea>&Rushing"}, headers=HERE)
        form = page(answer, 422, says)
        assert "&lt;/textarea&gt;&amp;Rushing</textarea>" in form
        assert fields.get("rating-0") != "7" or 'name="rating-0" value="7" checked' in form
    page(await say(stranger, link), 200, "Thank you")


async def test_what_is_no_form_is_refused(ada: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    link = f"/{(await made(ada))['links'][0]}"
    page(await stranger.post(link, json={"rating-0": "7"}, headers=HERE), 415, "This is not the form")
    much = {"rating-0": "7", "stop": "x" * MAX_FORM_BYTES}
    page(await stranger.post(link, data=much, headers=HERE), 413, f"{MAX_FORM_BYTES} bytes")
    many = "&".join(f"field-{n}=1" for n in range(100))
    form = {**HERE, "content-type": "application/x-www-form-urlencoded"}
    page(await stranger.post(link, content=many, headers=form), 400, "This is not the form")
    problem(await stranger.put(link), 405)
    page(await stranger.get(link), 200, "Feedback for Ada")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # other programs
        (HERE, 200),  # a browser, on localhost or by https
        ({"origin": "null"}, 200),  # a browser by http
        ({"origin": "http://engine.test"}, 200),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, 403),  # a sandboxed frame elsewhere
        ({"origin": "null", "sec-fetch-site": "same-site"}, 403),
    ],
)
async def test_a_page_of_another_site_sends_no_form(
    ada: httpx.AsyncClient, stranger: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    link = f"/{(await made(ada))['links'][0]}"
    answer = await stranger.post(link, data={"rating-0": "7"}, headers=headers)
    page(answer, status, "Thank you" if status == 200 else "This can’t be done")


async def test_a_name_is_shown_as_it_is(ada: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    new = await made(ada, asker="<b onclick='x'>Ada & Co")
    form = page(
        await stranger.get(f"/{new['links'][0]}"),
        200,
        "Feedback for &lt;b onclick=&#x27;x&#x27;&gt;Ada &amp; Co",
    )
    assert "<b onclick" not in form


# --- floods, and a record that is away --------------------------------------------------


async def test_a_flood_of_one_address_gets_a_page_and_others_go_on(
    ada: httpx.AsyncClient, come: Come, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("forms", "guesses"):
        assert RATES[kind].burst >= 60  # a class behind one address
    link = (await made(ada))["links"][0]
    async with (
        come("203.0.113.9", "http://engine.test") as flood,
        come(STRANGER, "http://engine.test") as stranger,
    ):
        answers = [await flood.get(f"/feedback/{'a' * 44}") for _ in range(90)]
        assert [answer.status_code for answer in answers[:60]] == [404] * 60
        refused = await flood.get(f"/{link}")
        page(refused, 429, "Your link still works")
        assert int(refused.headers["retry-after"]) > 0
        page(await say(flood, link), 429, "Too many requests")
        page(await say(stranger, link), 200, "Thank you")


async def test_a_flood_of_many_addresses_doesnt_keep_its_person_waiting(tmp_path: Path) -> None:
    gate, asked = asyncio.Event(), []
    settings = unhurried(record="ada", store=str(tmp_path), quota=0.0)

    class Slow(RecordService):
        async def call(self, work: Any, within_s: float = 20.0) -> Any:
            asked.append(1)
            await gate.wait()
            return await super().call(work, within_s)

    async with Hub(settings, record=Slow(settings)) as hub:
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            flood = [asyncio.create_task(client.get(f"/feedback/{'a' * 44}")) for _ in range(50)]
            done, waiting = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                page(one.result(), 503, "your link still works")
            assert len(asked) <= 2
            gate.set()
            answers = await asyncio.gather(*waiting)
            assert {answer.status_code for answer in answers} <= {404, 503}


async def test_a_record_that_is_away_loses_nothing_that_was_typed(tmp_path: Path) -> None:
    settings = unhurried(record="ada", store=str(tmp_path))
    away: list[bool] = []  # at the next calls

    class Going(RecordService):
        async def call(self, work: Any, within_s: float = 20.0) -> Any:
            if away and away.pop(0):
                raise RecordUnavailable("The disk is away.")
            return await super().call(work, within_s)

    async with Hub(settings, record=Going(settings)) as hub:
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            link = (await made(client))["links"][0]
            away += [True]
            page(await client.get(f"/{link}"), 503, "your link still works")
            away += [False, True]  # after its form was found
            answer = await say(client, link, stop="Rushing.")
            assert "checked" in page(answer, 503, "Nothing is lost")
            assert "Rushing.</textarea>" in answer.text
            page(await say(client, link), 200, "Thank you")


async def test_a_server_that_keeps_no_record_has_no_forms(tmp_path: Path) -> None:
    async with Hub(unhurried(store=str(tmp_path))) as hub:
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            page(await client.get(f"/feedback/{'a' * 44}"), 404, "keeps no record")
            page(await say(client, f"feedback/{'a' * 44}"), 404, "keeps no record")
            problem(await client.get("/record/feedback"), 403)
    assert every_byte(tmp_path) == b""


async def test_a_form_under_a_prefix(tmp_path: Path) -> None:
    async with (
        running(record="ada", store=str(tmp_path)) as server,
        proxied(server.address) as address,
        browser() as client,
    ):
        new = await client.post(f"{server.address}record/feedback", json={"asker": "Ada", "people": 2})
        link = f"{address}{new.json()['links'][0]}"
        form = page(await client.get(link), 200, "Feedback for Ada")
        assert not re.search(r"(?:action|src|href)=\"(?!data:)", form)  # it is sent to where it came from
        page(await client.post(link, data={"rating-0": "7"}, headers=HERE), 200, "Thank you")
        page(await client.get(link), 410, "This link was used already")
