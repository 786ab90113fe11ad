"""Rooms: who is let in, what each is told, the two on one time line, and how a call is over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from clients.whip.publisher import paced
from dsp.frame import RATE_HZ
from engine.drills.runner import Runner
from engine.errors import BadMessage
from engine.media.resample import Samples
from engine.protocol import events as ev
from engine.protocol import messages, room_messages
from engine.server.rooms import room as room_module
from engine.shipped.drills import bank
from tests.harness.calls import Page, Server, browser, next_message, noise, running, socket_of, until
from tests.harness.dialogues import compose, packaged_people
from tests.harness.drills import Listening
from tests.harness.rooms import made, post, say, seated, stands

OFFER = {"type": "offer", "sdp": "v=0\r\ns=-\r\n"}
TOO_SOON = {"type": "offer", "sdp": "v=0\r\ns=too soon"}
CANDIDATE = {
    "candidate": "candidate:1 1 udp 9 192.0.2.7 40000 typ host",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
    "usernameFragment": "uFr4",
}

BLOCK = 320
FOUND = (ev.Interruption, ev.Backchannel)
LEAD_S = 1.5
"""A room's noise before the first word: a busy machine may hear the first moments of a call late."""


async def speak(page: Page, samples: Samples) -> None:
    """Send samples as a microphone gives them, without falling behind."""
    async for block in paced(samples):
        page.audio.add(block)


def wait_for_nobody(server: Server, room: str) -> None:
    """Have a room wait no longer for who is away; until then a busy machine may take its time."""
    server.hub.rooms.find(room)._away_s = 0.2


async def test_two_come_in_agree_and_are_told_to_call_each_other() -> None:
    async with running() as server:
        room, host = await made(server)
        async with seated(server, room, host) as first:
            state = await stands(first)
            assert (state["you"], state["people"][1], state["call"]) == (0, None, 0)
            assert state["open_s"] > 3000
            answer = await post(server, f"rooms/{room}/seats")
            async with seated(server, room, answer.json()["seat"]) as second:
                assert (await stands(second))["you"] == 1
                await say(first, "agree", analysed=True)
                assert (await stands(second))["people"][0]["agreed"] is True
                await say(second, "agree", analysed=False)
                state = await stands(first, call=1)
                assert (state["people"][1]["analysed"], state["open_s"]) == (False, 0)
                await say(first, "relay", peer=1, call=1, data={"description": OFFER})
                relayed = await next_message(second, "relay")
                assert (relayed["data"], relayed["peer"]) == ({"description": OFFER}, 0)
                await say(second, "leave")
                state = await stands(first, over="left")
                assert state["by"] == 1


@pytest.mark.parametrize(
    "data",
    [
        {"description": {"type": "offer", "sdp": "no SDP"}},
        {"description": {"type": "offer", "sdp": "v=0\r\n" + "x" * 21_000}},
        {"description": {"type": "rollback", "sdp": "v=0\r\n"}},
        {"description": {"sdp": "v=0\r\n"}},
        {"candidate": {"candidate": "what"}},
        {"candidate": {"candidate": "candidate:" + "1" * 600}},
        {"candidate": {"candidate": "candidate:1\r\na=x"}},
        {"candidate": {**CANDIDATE, "sdpMLineIndex": -1}},
        {"candidate": {}},
    ],
)
def test_what_cannot_be_a_description_or_a_candidate_is_not_passed_on(data: dict[str, Any]) -> None:
    """Who sends it is told; the other page never sees it."""
    with pytest.raises(BadMessage, match="not understood"):
        room_messages.decode(json.dumps({"type": "relay", "peer": 1, "call": 1, "data": data}))


async def test_a_third_one_an_old_link_and_an_unknown_one_are_told_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as server:
        room, host = await made(server)
        assert (await post(server, f"rooms/{room}/seats")).status_code == 201
        third = await post(server, f"rooms/{room}/seats")
        assert (third.status_code, third.json()["reason"]) == (409, "full")
        assert (await post(server, "rooms/nosuch.room/seats")).status_code == 404
        server.hub.rooms.find(room).end("host_left", 0)
        late = await post(server, f"rooms/{room}/seats")
        assert (late.status_code, late.json()["reason"]) == (410, "host_left")
        wait_for_nobody(server, room)
        await until(lambda: len(server.hub.rooms) == 0)
        late = await post(server, f"rooms/{room}/seats")
        assert (late.status_code, late.json()["reason"]) == (410, "host_left")
        monkeypatch.setattr(room_module, "LINK_S", 0.1)
        room, host = await made(server)
        async with seated(server, room, host) as socket:
            assert (await stands(socket, over="expired"))["open_s"] == 0
        assert (await post(server, f"rooms/{room}/seats")).json()["reason"] == "expired"


async def test_what_cannot_be_used_is_answered() -> None:
    async with running() as server:
        bad = await post(server, "rooms", mode="interview", role="partner")
        assert (bad.status_code, "interviewer" in bad.json()["detail"]) == (400, True)
        bad = await post(server, "rooms", mode="party")
        assert bad.status_code == 400
        room, host = await made(server)
        async with seated(server, room, host) as socket:
            await stands(socket)
            for raw, code in (
                ("garbage", "bad_message"),
                ('{"type": "enter", "seat": "x"}', "not_allowed"),
                ('{"type": "ask", "text": "Why?"}', "not_allowed"),
                (
                    json.dumps({"type": "relay", "peer": 1, "call": 0, "data": {"x": "y" * 30_000}}),
                    "too_long",
                ),
            ):
                await socket.send(raw)
                assert (await next_message(socket, "error"))["code"] == code
        with pytest.raises(ConnectionClosed) as closed:
            async with seated(server, room, "not.mine") as socket:
                await next_message(socket, "room")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403


async def test_nobody_is_heard_who_has_not_agreed() -> None:
    async with running() as server:
        _, host = await made(server)
        page = Page()
        async with browser() as client:
            answer = await client.post(
                f"{server.address}whip",
                content=await page.offer(),
                headers={"content-type": "application/sdp", "sottovoce-seat": host},
            )
        assert (answer.status_code, "agreed" in answer.json()["detail"]) == (400, True)
        assert not server.hub.sessions
        await page.connection.close()


async def test_one_person_beside_a_call_has_both_seats() -> None:
    async with running() as server:
        made = (await post(server, "rooms", mode="beside")).json()
        assert made["beside"] != made["seat"]
        assert (await post(server, f"rooms/{made['room']}/seats")).status_code == 409
        mine, other = Page(), Page()
        async with seated(server, made["room"], made["seat"]) as socket:
            await say(socket, "agree", analysed=True)
            await stands(socket, call=0)
            await mine.call(server.address, seat=made["seat"])
            await other.call(server.address, seat=made["beside"])
            await asyncio.gather(*(speak(page, noise(1.5, n)) for n, page in enumerate((mine, other))))
            await say(socket, "leave")
            assert (await mine.next(messages.Summary)).duration_s > 1
            await stands(socket, over="host_left")
        await mine.connection.close()
        await other.connection.close()


@asynccontextmanager
async def both(
    server: Server, mode: str = "free", role: str = "partner"
) -> AsyncIterator[tuple[list[ClientConnection], list[Listening], list[str], str]]:
    """Two in a room who have agreed, each heard by the engine."""
    room, host = await made(server, mode, role)
    seats = [host, (await post(server, f"rooms/{room}/seats")).json()["seat"]]
    pages = [Listening(), Listening()]
    async with seated(server, room, seats[0]) as first, seated(server, room, seats[1]) as second:
        for socket in (first, second):
            await say(socket, "agree", analysed=True)
        await stands(first, call=1)
        for page, seat in zip(pages, seats, strict=True):
            await page.call(server.address, seat=seat, query="?hear=1")
        try:
            yield [first, second], pages, seats, room
        finally:
            for page in pages:
                await page.close()


@pytest.fixture(scope="module")
def dialogue() -> tuple[Samples, Any]:
    """Two voices, shape (2, n), who cut in on each other, and when."""
    return compose(packaged_people(), 20.0, 45)


async def told(page: Page, kinds: tuple[type, ...]) -> list[Any]:
    """All messages of some kinds, to the summary."""
    found = []
    while True:
        message = await page.next(object)
        if isinstance(message, kinds):
            found.append(message)
        if isinstance(message, messages.Summary):
            return [*found, message]


async def test_a_call_of_two_is_heard_on_one_time_line(dialogue: tuple[Samples, Any]) -> None:
    voices, truth = dialogue
    async with running() as server, both(server) as (sockets, pages, _, room):
        heard = [asyncio.create_task(told(page, (ev.Interruption, ev.Nudge))) for page in pages]
        lead = np.random.default_rng(1).normal(0.0, 1e-4, round(LEAD_S * RATE_HZ)).astype(np.float32)
        await asyncio.gather(
            *(speak(page, np.concatenate([lead, voices[n]])) for n, page in enumerate(pages))
        )
        timeline = server.hub.rooms.find(room).timeline
        await until(lambda: timeline.session.now >= lead.size + voices.shape[1] - RATE_HZ // 5)
        await say(sockets[0], "leave")
        events = await asyncio.gather(*heard)
    for n, (*said, summary) in enumerate(events):
        cuts = [event for event in said if isinstance(event, ev.Interruption)]
        assert {event.channel for event in said} <= {0}
        assert len(summary.measures) == 1
        assert summary.measures[0].talk_share is not None
        assert summary.measures[0].lost_s < 1.0
        starts = [start for start, _ in truth.interruptions[n]]
        assert len(cuts) == len(starts)
        # The time line begins with the first block, not with the dialogue.
        for cut, start in zip(cuts, starts, strict=True):
            assert abs(cut.start_s - start - LEAD_S) < 0.5
    assert sum(len(spans) for spans in truth.interruptions) >= 2


async def test_an_interviewer_asks_disturbs_and_hands_over_the_sheet() -> None:
    async with running() as server, both(server, "interview", "interviewer") as (sockets, pages, _, room):
        candidate = server.hub.rooms.find(room).members[1]
        assert candidate.core.profile.name == "interview"
        await say(sockets[1], "ask", text="May I?")
        assert (await next_message(sockets[1], "error"))["code"] == "not_allowed"
        await say(sockets[0], "ask", text="Why you?")
        assert (await next_message(sockets[1], "asked"))["text"] == "Why you?"
        talking = asyncio.create_task(speak(pages[1], noise(60.0)))
        await say(sockets[0], "trigger", do="distraction", sound="phone_ring")
        assert (await next_message(sockets[0], "triggered"))["sound"] == "phone_ring"
        await until(lambda: sum(float(np.abs(part).max()) > 0.01 for part in pages[1].heard) > 5)
        await say(sockets[0], "trigger", do="barge_in", role="client")
        assert "wait" in (await next_message(sockets[0], "error"))["message"]
        going = server.hub.rooms.find(room).timeline.session._drill
        assert going is not None
        runner = going.runner
        assert isinstance(runner, Runner)
        await until(lambda: runner.free)
        await say(sockets[0], "trigger", do="backchannel", role="client")
        assert (await next_message(sockets[0], "triggered"))["said"] in bank().lines["client"]["backchannel"]
        step = await pages[1].next(ev.DrillSound)
        while step.say is None:
            step = await pages[1].next(ev.DrillSound)
        assert not any(float(np.abs(part).max()) > 0.01 for part in pages[0].heard), "only they hear it"
        await say(sockets[0], "leave")
        await stands(sockets[1], over="host_left")
        sheet = {"questions": ["Why you?"], "ratings": {"pace": 7}, "start": "Shorter answers."}
        await say(sockets[0], "sheet", **sheet)
        await say(sockets[0], "share", on=True)
        shared = await next_message(sockets[1], "shared")
        assert shared["summary"]["profile"] == "conversation"
        assert shared["results"] == []
        await say(sockets[1], "share", on=True)
        given = await next_message(sockets[1], "sheet")
        assert given["ratings"] == {"pace": 7}
        shared = await next_message(sockets[0], "shared")
        assert shared["summary"]["profile"] == "interview"
        assert [(one["do"], one["sound"]) for one in shared["results"]] == [
            ("distraction", "phone_ring"),
            ("backchannel", None),
        ]
        talking.cancel()
        await say(sockets[0], "sheet", questions=[], ratings={"hair": 3})
        assert "hair" in (await next_message(sockets[0], "error"))["message"]


async def test_nothing_happens_to_who_cannot_hear_it_and_a_script_is_refused() -> None:
    async with running() as server, both(server, "interview", "interviewer") as (sockets, pages, _, _):
        await say(sockets[1], "trigger", do="barge_in")
        assert (await next_message(sockets[1], "error"))["code"] == "not_allowed"
        pages[1].say(type="prepare_drill", drill="interruptions", level="gentle", seed=3)
        await pages[1].next(messages.DrillReady)
        pages[1].say(type="begin_drill")
        assert "the other side is real" in (await pages[1].next(messages.Error)).message
        await say(sockets[1], "agree", analysed=False)
        await pages[1].next(messages.Summary)
        await say(sockets[0], "trigger", do="barge_in")
        assert "doesn't listen" in (await next_message(sockets[0], "error"))["message"]


async def test_voices_that_go_on_are_not_called_anew() -> None:
    async with running() as server, both(server) as (sockets, _, seats, room):
        await sockets[1].close()
        async with socket_of(f"{server.address}rooms/{room}/live") as back:
            await back.send(json.dumps({"type": "enter", "seat": seats[1], "call": 1}))
            assert (await stands(back))["call"] == 1
        async with seated(server, room, seats[1]) as anew:
            assert (await stands(anew))["call"] == 2


async def test_who_leaves_the_analysis_stays_in_the_call() -> None:
    async with running() as server, both(server) as (sockets, pages, seats, room):
        await asyncio.gather(*(page.speak(noise(1.0, n)) for n, page in enumerate(pages)))
        await say(sockets[1], "agree", analysed=False)
        await pages[1].next(messages.Summary)
        await stands(sockets[0], over=None)
        assert [session.ended for session in server.hub.sessions] == [False]
        await pages[0].speak(noise(1.0))
        before = server.hub.rooms.find(room).timeline.session.now
        await say(sockets[1], "agree", analysed=True)
        again = Listening()
        hello = await again.call(server.address, seat=seats[1], query="?hear=1")
        assert hello.at_s * RATE_HZ >= before
        await again.close()


async def test_who_does_not_return_ends_the_call_and_nothing_measured_is_lost() -> None:
    async with running() as server, both(server) as (sockets, pages, _, room):
        await asyncio.gather(*(page.speak(noise(1.0, n)) for n, page in enumerate(pages)))
        speaking = asyncio.create_task(pages[0].speak(noise(30.0)))
        wait_for_nobody(server, room)
        await sockets[1].close()
        state = await stands(sockets[0], over="lost")
        assert state["by"] == 1
        assert (await pages[0].next(messages.Summary)).duration_s > 0.5
        speaking.cancel()


async def test_who_returns_within_time_has_the_same_seat_and_measures() -> None:
    async with running() as server, both(server) as (sockets, pages, seats, room):
        await asyncio.gather(*(page.speak(noise(2.0, n)) for n, page in enumerate(pages)))
        await sockets[1].close()
        await pages[1].vanish()
        await stands(sockets[0])
        await pages[0].speak(noise(1.5))
        async with seated(server, room, seats[1]) as back:
            assert (await stands(back))["people"][1]["agreed"] is True
            assert (await stands(sockets[0], call=2))["over"] is None
            again = Listening()
            hello = await again.call(server.address, seat=seats[1], query="?hear=1")
            assert hello.resumed
            assert hello.at_s > 1.5
            timeline = server.hub.rooms.find(room).timeline
            at = timeline.session.now
            await asyncio.gather(pages[0].speak(noise(1.0)), again.speak(noise(1.0)))
            assert timeline.session.now > at + 0.5 * RATE_HZ
            await again.close()


async def test_who_leaves_alone_leaves_the_other_in_the_call() -> None:
    async with running() as server:
        room, host = await made(server)
        guest = (await post(server, f"rooms/{room}/seats")).json()["seat"]
        async with seated(server, room, host) as first:
            async with seated(server, room, guest) as second:
                for socket in (first, second):
                    await say(socket, "agree", analysed=False)
                await stands(first, call=1)
                await say(second, "leave", both=False)
                state = await stands(first, call=0)
                assert (state["over"], state["people"][1]["left"]) == (None, True)
            wait_for_nobody(server, room)
            await asyncio.sleep(1.0)  # longer than somebody who is away is waited for now
            assert server.hub.rooms.find(room).over is None
            async with seated(server, room, guest) as second:
                await say(second, "agree", analysed=False)
                assert (await stands(first, call=2))["people"][1]["left"] is False
                await say(first, "leave", both=False)
                await stands(second, call=0)
                await say(second, "leave", both=False)
                assert (await stands(first, over="left"))["by"] == 1
