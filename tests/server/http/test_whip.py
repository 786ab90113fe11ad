"""The doors of WHIP (RFC 9725), and what stands at them when a request is wrong."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.webrtc.transport import MAX_CANDIDATES
from engine.server.http.app import create_app
from engine.server.hub import Hub
from engine.server.settings import IceServer
from tests.harness.calls import SDP, Page, unhurried

TRICKLE = {"content-type": "application/trickle-ice-sdpfrag"}
CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host"


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub(unhurried(max_sessions=3)) as hub:
        hub.warm_up()
        yield hub


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
        yield client


@pytest.fixture(scope="module")
def offer() -> str:
    async def made() -> str:
        page = Page()
        offer = await page.offer()
        await page.connection.close()
        return offer

    return asyncio.run(made())


def problem(response: httpx.Response, status: int) -> str:
    """Detail of an answer that must be problem details (RFC 9457) with this status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    detail: str = body["detail"]
    assert len(detail) > 15
    assert "Traceback" not in detail
    return detail


async def begun(client: httpx.AsyncClient, offer: str) -> httpx.Response:
    response = await client.post("/whip", content=offer, headers=SDP)
    assert response.status_code == 201, response.text
    return response


async def test_an_offer_is_answered(client: httpx.AsyncClient, offer: str, hub: Hub) -> None:
    response = await begun(client, offer)
    assert response.headers["content-type"] == "application/sdp"
    session = hub.find(response.headers["sottovoce-session"])
    assert session is not None
    assert response.headers["location"] == f"whip/{session.id}/{session.key}"
    assert response.headers["sottovoce-resume"] == session.token
    assert response.headers["etag"].startswith('"')
    assert response.headers["accept-patch"] == "application/trickle-ice-sdpfrag"
    assert "link" not in response.headers
    assert "a=recvonly" in response.text
    assert "stun" not in response.text
    # Made the DTLS server, so that a far end with an RSA certificate can connect.
    assert "a=setup:passive" in response.text


async def test_ice_servers_are_named_to_the_client(offer: str) -> None:
    servers = ("stun:192.0.2.1:3478", "turn:me:secret@192.0.2.1?transport=udp")
    async with Hub(unhurried(ice_servers=tuple(map(IceServer.parse, servers)))) as hub:
        transport = httpx.ASGITransport(create_app(hub))
        async with httpx.AsyncClient(transport=transport, base_url="http://engine.test") as client:
            response = await client.options("/whip")
    assert response.headers["link"] == (
        '<stun:192.0.2.1:3478>; rel="ice-server", <turn:192.0.2.1?transport=udp>; rel="ice-server"; '
        'username="me"; credential="secret"; credential-type="password"'
    )


async def test_options_say_what_can_be_posted(client: httpx.AsyncClient, offer: str) -> None:
    response = await client.options("/whip")
    assert response.status_code == 204
    assert response.headers["accept-post"] == "application/sdp"
    response = await client.options((await begun(client, offer)).headers["location"])
    assert response.headers["accept-patch"] == "application/trickle-ice-sdpfrag"


async def test_profile_and_cues_can_be_chosen(client: httpx.AsyncClient, offer: str, hub: Hub) -> None:
    response = await client.post("/whip?profile=interview&cues_off=pace,creak", content=offer, headers=SDP)
    session = hub.find(response.headers["sottovoce-session"])
    assert session is not None
    assert session.core.profile.name == "interview"
    assert {state.cue for state in session.core.cues() if not state.on} >= {"pace", "creak"}
    wrong = await client.post("/whip?profile=../secret", content=offer, headers=SDP)
    assert "interview" in problem(wrong, 400)
    wrong = await client.post("/whip?cues_off=pase", content=offer, headers=SDP)
    assert "pace" in problem(wrong, 400)
    assert len(hub.sessions) == 1


async def test_wrong_type(client: httpx.AsyncClient, offer: str) -> None:
    for headers in ({}, {"content-type": "application/json"}, {"content-type": "text/plain"}):
        response = await client.post("/whip", content=offer, headers=headers)
        problem(response, 415)
        assert response.headers["accept-post"] == "application/sdp"
    with_parameter = {"content-type": "Application/SDP; charset=utf-8"}
    assert (await client.post("/whip", content=offer, headers=with_parameter)).status_code == 201


@pytest.mark.parametrize("body", [b"", b"hello", b"v=0", b"\xff\xfe\x00", b"v=0\r\nm=audio x y z\r\n"])
async def test_no_sdp(client: httpx.AsyncClient, body: bytes, hub: Hub) -> None:
    status = 422 if body == b"v=0" else 400  # the shortest SDP is SDP, but has no audio
    problem(await client.post("/whip", content=body, headers=SDP), status)
    assert not hub.sessions
    assert not hub.counts.ended
    # What isn't even text was no offer.
    refused = {} if body == b"\xff\xfe\x00" else {"malformed" if status == 400 else "unsupported": 1}
    assert hub.counts.offers_refused == refused


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("m=audio", "m=video", "no audio"),
        ("a=sendonly", "a=recvonly", "sends no audio"),
        ("a=ice-ufrag", "a=x-ufrag", "ice-ufrag"),
        ("a=fingerprint", "a=x-print", "fingerprint"),
        ("a=rtcp-mux", "a=x-mux", "a=rtcp-mux"),
        ("SAVPF 96 9 0 8", "SAVPF 9", "neither Opus"),
    ],
)
async def test_sdp_that_cannot_be_served(
    client: httpx.AsyncClient, offer: str, hub: Hub, old: str, new: str, said: str
) -> None:
    assert old in offer
    response = await client.post("/whip", content=offer.replace(old, new), headers=SDP)
    assert said in problem(response, 422)
    assert not hub.sessions
    # It was no session that failed, and none that was begun.
    assert hub.counts.offers_refused == {"unsupported": 1}
    assert not hub.counts.ended
    assert hub.counts.begun == 0


async def test_video_beside_the_audio_is_declined(client: httpx.AsyncClient, offer: str) -> None:
    page = Page()
    page.connection.addTransceiver("video", "sendonly")
    response = await begun(client, await page.offer())
    video = response.text[response.text.index("m=video") :]
    assert "a=inactive" in video[: video.find("m=", 2)]
    await page.connection.close()


async def test_too_long(client: httpx.AsyncClient, offer: str) -> None:
    problem(await client.post("/whip", content=offer + "a=x\r\n" * 20_000, headers=SDP), 413)


async def test_full(client: httpx.AsyncClient, offer: str) -> None:
    first, *_ = [await begun(client, offer) for _ in range(3)]
    response = await client.post("/whip", content=offer, headers=SDP)
    problem(response, 503)
    assert int(response.headers["retry-after"]) > 0
    assert (await client.delete(first.headers["location"])).status_code == 200
    await begun(client, offer)


async def test_unknown_session_and_method(client: httpx.AsyncClient, offer: str) -> None:
    problem(await client.delete("/whip/nobody/key"), 404)
    problem(await client.patch("/whip/nobody/key", content=CANDIDATE, headers=TRICKLE), 404)
    problem(await client.get("/nothing/here"), 404)
    location = (await begun(client, offer)).headers["location"]
    for response in (
        await client.get("/whip"),
        await client.put("/whip"),
        await client.get(location),
        await client.post(location, content=offer, headers=SDP),
    ):
        problem(response, 405)
        assert response.headers["allow"]
    assert (await client.delete(location)).status_code == 200
    problem(await client.delete(location), 404)


async def test_unknown_token(client: httpx.AsyncClient, offer: str, hub: Hub) -> None:
    response = await client.post("/whip", content=offer, headers={**SDP, "sottovoce-resume": "zzz"})
    assert "without a token" in problem(response, 410)
    assert not hub.sessions


async def test_candidates_come_later(client: httpx.AsyncClient, offer: str) -> None:
    answer = await begun(client, offer)
    user = next(line for line in offer.splitlines() if line.startswith("a=ice-ufrag"))
    fragment = f"{user}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n{CANDIDATE}\r\n"

    async def patched(content: str, **headers: str) -> httpx.Response:
        return await client.patch(answer.headers["location"], content=content, headers={**TRICKLE, **headers})

    tag = answer.headers["etag"]
    assert (await patched(fragment, **{"if-match": tag})).status_code == 204
    local = CANDIDATE.replace("192.0.2.7", "b1e2.local")
    for usable in (local, CANDIDATE.replace("udp", "tcp"), "a=end-of-candidates"):
        assert (await patched(usable, **{"if-match": tag})).status_code == 204
    assert (await patched(CANDIDATE, **{"if-match": tag})).status_code == 204
    assert tag in problem(await patched(fragment), 428)
    problem(await patched(fragment, **{"if-match": '"another"'}), 412)
    assert "restart" in problem(await patched(fragment, **{"if-match": "*"}), 422)
    other = fragment.replace(user, "a=ice-ufrag:someoneelse")
    assert "restart" in problem(await patched(other, **{"if-match": tag}), 422)
    problem(await patched("nothing", **{"if-match": tag}), 400)
    problem(await patched("a=candidate:what", **{"if-match": tag}), 400)
    wrong_type = await client.patch(answer.headers["location"], content=fragment, headers=SDP)
    problem(wrong_type, 415)
    assert wrong_type.headers["accept-patch"] == "application/trickle-ice-sdpfrag"


async def test_candidates_are_bounded(client: httpx.AsyncClient, offer: str, hub: Hub) -> None:
    """What each costs grows with those that are there: all are paired with all, sorted, and checked."""
    answer = await begun(client, offer)
    session = hub.find(answer.headers["sottovoce-session"])
    assert session is not None
    assert session.connection is not None
    assert session.connection.peer is not None
    [transceiver] = session.connection.peer._connection.getTransceivers()
    ice: Any = transceiver.receiver.transport.transport._connection
    clock = [0.0]
    session.clock = lambda: clock[0]

    def fragment(first: int, count: int) -> str:
        return "".join(
            f"a=candidate:{n} 1 udp {n} 198.51.100.{n % 250} {2000 + n} typ host\r\n"
            for n in range(first, first + count)
        )

    async def patched(content: str) -> httpx.Response:
        headers = {**TRICKLE, "if-match": answer.headers["etag"]}
        return await client.patch(answer.headers["location"], content=content, headers=headers)

    for _ in range(6):
        assert "16384 bytes" in problem(await patched(fragment(1, 1000)), 413)
    assert "64 candidates" in problem(await patched(fragment(1, 65)), 413)
    assert len(ice.remote_candidates) < 8
    for first in range(0, 300, 60):
        assert (await patched(fragment(first, 60))).status_code == 204
    assert len(ice.remote_candidates) == MAX_CANDIDATES
    assert len(ice._check_list) <= MAX_CANDIDATES * len(ice._protocols)
    # And so is their rate.
    while (response := await patched(fragment(1, 1))).status_code == 204:
        pass
    assert "second" in problem(response, 429)
    assert int(response.headers["retry-after"]) == 1
    clock[0] += 1
    assert (await patched(fragment(1, 1))).status_code == 204


async def test_pages_of_other_sites_are_refused(client: httpx.AsyncClient, offer: str, hub: Hub) -> None:
    for origin in ("http://evil.test", "null", "http://engine.test:8080", "http://engine.test:x"):
        response = await client.post("/whip", content=offer, headers={**SDP, "origin": origin})
        problem(response, 403)
    assert not hub.sessions
    for origin in ("http://engine.test", "http://engine.test:80"):
        response = await client.post("/whip", content=offer, headers={**SDP, "origin": origin})
        assert response.status_code == 201


async def test_a_fault_of_ours_is_not_explained(
    client: httpx.AsyncClient, offer: str, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(hub, "publish", broken)
    response = await client.post("/whip", content=offer, headers=SDP)
    assert "secret" not in problem(response, 500)


@st.composite
def damaged(draw: st.DrawFn) -> Callable[[str], str]:
    """What turns an offer into one with lines left out, repeated, or garbled, or cut short."""
    numbers = draw(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=5))
    words = draw(st.lists(st.text(max_size=30), min_size=5, max_size=5))
    kinds = draw(
        st.lists(st.sampled_from(["drop", "repeat", "garble", "value", "cut"]), min_size=5, max_size=5)
    )

    def damage(offer: str) -> str:
        lines = offer.splitlines()
        for (at, to), word, kind in zip(numbers, words, kinds, strict=False):
            at %= len(lines)
            match kind:
                case "drop" if len(lines) > 1:
                    del lines[at]
                case "repeat":
                    lines.insert(to % len(lines), lines[at])
                case "garble":
                    lines[at] = word
                case "value":
                    lines[at] = lines[at].partition(":")[0] + ":" + word
                case "cut":
                    lines = [*lines[:at], lines[at][: to % (len(lines[at]) + 1)]]
        return "\r\n".join(lines)

    return damage


@pytest.fixture(scope="module")
def asked(offer: str) -> Iterator[Callable[[str], None]]:
    """Ask one server with a body after the other; in the end nothing may have failed unseen."""
    unhandled: list[dict[str, Any]] = []
    with asyncio.Runner() as runner:
        runner.get_loop().set_exception_handler(lambda _, context: unhandled.append(context))
        hub = Hub(unhurried())
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://engine.test")

        async def open_() -> None:
            await hub.__aenter__()
            hub.warm_up()

        async def close() -> None:
            await client.aclose()
            await hub.__aexit__(None, None, None)

        async def ask(body: str) -> None:
            response = await client.post("/whip", content=body.encode("utf-8", "surrogatepass"), headers=SDP)
            if response.status_code == 201:
                assert (await client.delete(response.headers["location"])).status_code == 200
            else:
                problem(response, response.status_code)
                assert response.status_code in (400, 422)
            assert not hub.sessions

        runner.run(open_())
        try:
            yield lambda body: runner.run(ask(body))
        finally:
            runner.run(close())
    gc.collect()
    assert not unhandled


@settings(max_examples=80, deadline=None)
@given(damage=st.one_of(damaged(), st.text(max_size=200).map(lambda text: lambda _: text)))
def test_damaged_sdp_is_answered_or_refused(
    offer: str, asked: Callable[[str], None], damage: Callable[[str], str]
) -> None:
    asked(damage(offer))
