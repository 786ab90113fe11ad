"""What the two of a call share, and who listens silently."""

from __future__ import annotations

import asyncio

import pytest

from tests.harness.calls import next_message, noise, running, until
from tests.harness.rooms import made, post, say, seated, stands

from .test_rooms import CANDIDATE, OFFER, TOO_SOON, both


async def test_a_page_that_returns_when_it_is_over_gets_what_is_shared_until_that_is_deleted() -> None:
    async with running() as server, both(server) as (sockets, pages, seats, room):
        await asyncio.gather(*(page.speak(noise(1.0, n)) for n, page in enumerate(pages)))
        await say(sockets[0], "leave")
        await stands(sockets[1], over="host_left")
        await sockets[1].close()
        await say(sockets[0], "share", on=True)
        async with seated(server, room, seats[1]) as back:
            assert (await next_message(back, "shared"))["summary"]["duration_s"] > 0.5
        await say(sockets[0], "leave")
        await until(lambda: server.hub.rooms.find(room).members[0].measured is None)
        assert server.hub.rooms.find(room).timeline.session.now == 0, "nor is it kept anywhere else"
        async with seated(server, room, seats[1]) as back:
            await stands(back, over="host_left")
            await say(back, "ping", id=5)
            assert (await next_message(back, "pong"))["id"] == 5
            assert server.hub.rooms.find(room).members[1].given == set()


async def test_who_listens_silently_needs_the_yes_of_both_and_hears_nothing_of_the_measures() -> None:
    async with running() as server:
        room, host = await made(server)
        assert (await post(server, f"rooms/{room}/observers")).status_code == 409
        guest = (await post(server, f"rooms/{room}/seats")).json()["seat"]
        asked = await post(server, f"rooms/{room}/observers")
        assert asked.status_code == 201
        async with (
            seated(server, room, host) as first,
            seated(server, room, guest) as second,
            seated(server, room, asked.json()["seat"]) as silent,
        ):
            state = await stands(silent)
            assert (state["you"], state["observers"][0]["accepted"]) == (2, [False, False])
            await say(silent, "agree", analysed=True)
            assert "nothing else" in (await next_message(silent, "error"))["message"]
            await say(first, "admit", place=2, on=True)
            await say(second, "relay", peer=2, call=1, data={"description": TOO_SOON})
            await say(second, "admit", place=2, on=True)
            while (await next_message(silent, "room"))["observers"][0]["call"] != 1:
                pass
            for place, socket in enumerate((first, second)):
                await say(socket, "relay", peer=2, call=1, data={"description": OFFER})
                relayed = await next_message(silent, "relay")
                assert (relayed["peer"], relayed["data"]["description"]) == (place, OFFER)
            await say(silent, "relay", peer=1, call=1, data={"candidate": CANDIDATE})
            assert await next_message(second, "relay") == {
                "type": "relay", "peer": 2, "call": 1, "data": {"candidate": CANDIDATE}
            }  # fmt: skip
            more = [await post(server, f"rooms/{room}/observers") for _ in range(2)]
            assert [answer.status_code for answer in more] == [201, 409]
            await say(second, "admit", place=2, on=False)
            assert (await next_message(silent, "ended"))["reason"] == "left"
            await say(first, "admit", place=2, on=True)
            assert "any more" in (await next_message(first, "error"))["message"]
            # The one who never entered is not waited for.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(server.hub.rooms.find(room), "_away_s", 0.2)
                await until(lambda: not server.hub.rooms.find(room)._observers)
            late = (await post(server, f"rooms/{room}/observers")).json()["seat"]
            async with seated(server, room, late) as other:
                await say(first, "leave")
                assert (await stands(other, over="host_left"))["by"] == 0


async def test_the_candidate_is_told_that_a_sheet_waits() -> None:
    async with running() as server:
        room, host = await made(server, mode="interview", role="interviewer")
        guest = (await post(server, f"rooms/{room}/seats")).json()["seat"]
        async with seated(server, room, host) as first, seated(server, room, guest) as second:
            assert (await stands(second))["sheet"] is False
            await say(first, "leave")
            await stands(second, over="host_left")
            await say(first, "sheet", questions=[], ratings={"pace": 7})
            assert (await stands(second, sheet=True))["people"][0]["shares"] is False
