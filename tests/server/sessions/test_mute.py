"""A speaker who mutes, whatever their client makes of it, over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from clients.whip.send_buffer import BufferTrack
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.media.webrtc import patches
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.rooms.shared_timeline import SharedTimeline
from engine.server.sessions.mute_detection import COMFORTED_S, UNSENT_S
from engine.shipped.profiles import load
from tests.harness.calls import SDP, Page, Server, browser, next_message, noise, running, until

NOT_THERE = (ev.PauseStarted, ev.PauseEnded, ev.SpeechStarted, ev.AudioLost, ev.Nudge)
"""What is never told of who is muted."""


async def told_until(page: Page, end: type[ev.Event]) -> list[messages.ToClient]:
    """What a page is told up to a message of a kind."""
    told = [await page.next(object)]
    while not isinstance(told[-1], end):
        told.append(await page.next(object))
    return told  # type: ignore[return-value]


def say_muted(page: Page, on: bool) -> None:
    page.channel.send(messages.encode(messages.Mute(on=on)))


def audio(page: Page) -> RTCRtpSender:
    """Its sender of audio; ``replaceTrack(None)`` mutes it as it does in a browser."""
    return next(one.sender for one in page.connection.getTransceivers() if one.kind == "audio")


@asynccontextmanager
async def pinging(page: Page) -> AsyncIterator[None]:
    """A page that sends its pings, sooner than each second."""

    async def ping() -> None:
        for number in range(1 << 30):
            page.channel.send(messages.encode(messages.Ping(id=number)))
            await asyncio.sleep(0.2)

    task = asyncio.create_task(ping())
    yield
    task.cancel()


async def test_page_that_says_so_is_muted_at_once_whatever_is_sent(voice: SpeechSynthesizer) -> None:
    unheard, heard = voice.synthesize("nobody is to hear this"), voice.synthesize("somebody is to hear this")
    async with running() as server:
        page = Page()
        hello = await page.call(server.address)
        assert not hello.muted
        await page.speak(noise(1.0))
        say_muted(page, True)
        started = await page.next(ev.MuteStarted)
        assert started.told
        assert 0.0 <= started.at_s - started.start_s < 0.011
        await page.speak(unheard)
        say_muted(page, False)
        *told, ended = await told_until(page, ev.MuteEnded)
        assert isinstance(ended, ev.MuteEnded)
        assert [message for message in told if isinstance(message, NOT_THERE)] == []
        assert {message.level_dbfs for message in told if isinstance(message, ev.Reading)} == {-120.0}
        assert ended.start_s == started.start_s < ended.end_s
        await page.speak(heard)
        await page.next(ev.SpeechStarted)
        page.channel.send(messages.encode(messages.End()))
        summary = await page.next(messages.Summary)
        assert abs(summary.measures[0].muted_s - (ended.end_s - started.start_s)) < 0.02
        await page.connection.close()


async def test_who_left_muted_is_muted_until_they_are_heard_again() -> None:
    async with running() as server:
        page = Page()
        await page.call(server.address)
        await page.speak(noise(0.5))
        say_muted(page, True)
        await page.next(ev.MuteStarted)
        async with server.watch(page.session) as watcher:
            assert (await next_message(watcher, "hello"))["muted"]
        await page.vanish()
        again = Page()
        hello = await again.call(server.address, token=page.token)
        assert hello.resumed
        assert hello.muted
        await again.speak(noise(0.5))
        *told, _ = await told_until(again, ev.MuteEnded)
        assert [message for message in told if isinstance(message, NOT_THERE)] == []
        again.channel.send(messages.encode(messages.End()))
        assert (await again.next(messages.Summary)).measures[0].lost_s == 0.0
        await again.connection.close()


async def test_page_whose_mute_stops_its_audio_is_muted_for_as_long_as_it_likes() -> None:
    async with running(stall_s=1.5, resume_s=2.0) as server:
        page = Page()
        await page.call(server.address)
        session = server.hub.find(page.session)
        assert session is not None
        async with server.watch(page.session) as watcher, pinging(page):
            await page.speak(noise(0.6))
            sender = audio(page)
            track = sender.track
            sender.replaceTrack(None)
            assert (await next_message(watcher, "mute_started"))["told"], "watchers are told, too"
            started = await page.next(ev.MuteStarted)
            # Longer than anybody is waited for who isn't there; and their time goes on.
            await until(lambda: session.core.now / 16_000 > started.at_s + 3.5)
            sender.replaceTrack(track)
            await page.speak(noise(0.6))
            *told, ended = await told_until(page, ev.MuteEnded)
            assert [message for message in told if isinstance(message, (*NOT_THERE, messages.Ended))] == []
            assert isinstance(ended, ev.MuteEnded)
            assert ended.end_s - ended.start_s > 3.5
        await page.connection.close()


async def published(server: Server) -> Page:
    """Someone who sends audio and has no data channel."""
    page = Page()
    await page.connection.close()
    page.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    page.connection.addTransceiver(BufferTrack(page.audio), "sendonly")
    async with browser() as client:
        page.response = await client.post(f"{server.address}whip", content=await page.offer(), headers=SDP)
    await page.connection.setRemoteDescription(RTCSessionDescription(page.response.text, "answer"))
    return page


async def test_publisher_without_a_channel_is_muted_while_it_answers_and_gone_when_not() -> None:
    async with running(stall_s=2.0) as server:
        page = await published(server)
        session = server.hub.find(page.session)
        assert session is not None
        await page.speak(noise(0.6))
        audio(page).replaceTrack(None)
        await until(session.core.muted)
        assert session.connection is not None
        connection, heard_s = session.connection, session.connection.audio_s
        assert heard_s is not None
        await until(lambda: session.clock() - heard_s > 5.0)
        assert session.connection is connection, "ICE answers: they are there"
        await page.vanish()
        await until(lambda: session.connection is None)


async def test_connection_that_is_none_yet_answers_nothing() -> None:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio")
    assert not await patches.has_consent(connection)
    await connection.close()


def test_mute_is_known_before_a_silence_would_be_spoken_of() -> None:
    assert UNSENT_S < COMFORTED_S < 4.0


def test_seat_that_sends_nothing_holds_up_neither_time_nor_the_other_one() -> None:
    timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
    one, other = timeline.cores
    for block in range(100):
        for seat in timeline.cores:
            seat.arrived(block * 0.02)
            seat.hear(0, noise(0.02, block))
    one.mute(True)
    assert one.muted()
    assert not other.muted()
    for block in range(100, 500):
        one.arrived(block * 0.02)
        other.arrived(block * 0.02)
        if block % 50 == 0:
            place = one.position()
            one.missing(0, place, place + 16_000)
        other.hear(0, noise(0.02, block))
    assert timeline.session.now / 16_000 > 9.0
    assert [type(event) for event in one.poll() if isinstance(event, NOT_THERE)] == []
    assert not [event for event in other.poll() if isinstance(event, ev.MuteStarted)], (
        "that is the other one's"
    )
    both = timeline.session.summary().measures
    assert both[0].muted_s > 7.0
    assert (both[0].lost_s, both[1].muted_s) == (0.0, 0.0)
