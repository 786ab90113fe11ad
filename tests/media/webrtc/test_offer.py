"""Offers of real clients, and all that SDP lets one leave out: what is heard, and what is answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from clients.whip.send_buffer import BufferTrack, SendBuffer
from engine.errors import BadOffer, NoAnswer
from engine.media.webrtc import peer as peers
from engine.media.webrtc.offer import Offer
from engine.media.webrtc.peer import Peer
from engine.media.webrtc.transport import MAX_CANDIDATES
from tests.harness.calls import noise, until
from tests.harness.ears import Ears
from tests.harness.offer_parts import HOST, PRINT
from tests.harness.offers import BUNDLE_ONLY, CLIENTS, PYTHON_WORDS, TELEPHONE, in_the_form_of, of
from tests.harness.publisher_offers import OBS_30


async def answered(offer: str) -> str:
    """Answer to an offer."""
    peer = await Peer.answer(Offer.read(offer), Ears())
    await peer.close()
    check(offer, peer.sdp)
    return peer.sdp


def sections(sdp: str) -> list[str]:
    """Media sections of a description."""
    return re.split(r"^(?=m=)", sdp.replace("\r", ""), flags=re.MULTILINE)[1:]


def check(offer: str, answer: str) -> None:
    """See that an answer fits its offer (RFC 3264, section 6; RFC 9143, section 7.3; RFC 9725, section 4)."""
    pairs = list(zip(sections(offer), sections(answer), strict=True))
    heard = 0
    kept: list[str] = []
    for wanted, given in pairs:
        kind, port, profile, *_ = given.partition("\n")[0].split()
        first, _, wanted_profile, *formats = wanted.partition("\n")[0].split()
        assert (kind, profile) == (first, wanted_profile)
        assert set(given.partition("\n")[0].split()[3:]) <= set(formats)
        mids = re.findall(r"^a=mid:\S+", wanted, re.MULTILINE)
        assert re.findall(r"^a=mid:\S+", given, re.MULTILINE) == mids
        if port == "0":
            continue
        kept += [mid.removeprefix("a=mid:") for mid in mids]
        for name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
            assert f"a={name}:" in given
        assert "a=setup:actpass" not in given
        assert re.findall(r"a=(recvonly|sendrecv|sendonly|inactive)", given) in (
            ["recvonly"],
            ["inactive"],
            [],
        )
        heard += "a=recvonly" in given
    assert heard == 1
    groups = re.findall(r"^a=group:BUNDLE (.*)$", answer.replace("\r", ""), re.MULTILINE)
    offered = re.findall(r"^a=group:BUNDLE (.*)$", offer.replace("\r", ""), re.MULTILINE)
    if offered and kept:
        assert groups == [" ".join(mid for mid in offered[0].split() if mid in kept)]
    else:
        assert not groups


@pytest.mark.parametrize("client", CLIENTS)
async def test_offer_of_a_real_client_is_answered(client: str) -> None:
    answer = await answered(of(client))
    audio = next(section for section in sections(answer) if "a=recvonly" in section)
    assert re.search(r"a=rtpmap:\d+ (opus/48000/2|PCM[UA]/8000)", audio)


async def heard(offer_of: Callable[[str], str]) -> str:
    """Call with an offer made of a page's own, speak, and see that it arrives; gives the answer."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    audio = SendBuffer()
    connection.addTransceiver(BufferTrack(audio), "sendonly")
    await connection.setLocalDescription(await connection.createOffer())
    ears = Ears()
    offer = offer_of(connection.localDescription.sdp)
    peer = await Peer.answer(Offer.read(offer), ears)
    check(offer, peer.sdp)
    try:
        own = next(section for section in sections(peer.sdp) if "a=recvonly" in section)
        own = re.sub(r"a=(extmap|mid):.*\n", "", own)
        answer = f"v=0\no=- 0 0 IN IP4 0.0.0.0\ns=-\nt=0 0\na=group:BUNDLE 0\n{own}a=mid:0\n"
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        audio.add(noise(0.1))
        audio.close()
        await until(lambda: bool(ears.packets), 20)
        return peer.sdp
    finally:
        await connection.close()
        await peer.close()


@pytest.mark.parametrize(
    "client",
    [
        "Chromium with video",
        "Firefox",
        "iOS Safari 12",
        "OBS 30",
        "ffmpeg",
        "GStreamer whipsink",
        "Larix",
        "telephone gateway",
        "bundle-only (RFC 8829)",
    ],
)
async def test_audio_of_a_client_in_its_own_form_is_heard(client: str) -> None:
    await heard(lambda offer: in_the_form_of(client, offer))


def moved_up(offer: str, *names: str) -> str:
    """Offer whose attributes of these names stand at session level."""
    lines = offer.splitlines()
    moved = [line for line in lines if re.match(rf"a=({'|'.join(names)})\b", line)]
    rest = [line for line in lines if line not in moved]
    at = next(place for place, line in enumerate(rest) if line.startswith("m="))
    return "\r\n".join([*rest[:at], *dict.fromkeys(moved), *rest[at:], ""])


RIGHT: dict[str, Callable[[str], str]] = {
    "direction missing": lambda offer: offer.replace("a=sendonly\r\n", ""),
    "direction at session level": lambda offer: moved_up(offer, "sendonly"),
    "ICE at session level": lambda offer: moved_up(offer, "ice-ufrag", "ice-pwd", "ice-options"),
    "DTLS at session level": lambda offer: moved_up(offer, "fingerprint", "setup"),
    "setup missing": lambda offer: re.sub(r"a=setup:.*\r\n", "", offer),
    "empty fmtp": lambda offer: offer + "a=fmtp:111\r\na=fmtp:\r\na=fmtp\r\n",
    "fmtp without rtpmap": lambda offer: offer + "a=fmtp:99 apt=98\r\n",
    "rtpmap of a payload type that isn't offered": lambda offer: (
        offer + "a=rtpmap:55 X/8000\r\na=rtpmap:x\r\n"
    ),
    "bare ssrc": lambda offer: offer + "a=ssrc:12345\r\na=ssrc:\r\na=ssrc\r\na=ssrc-group:FID x\r\n",
    "bare extmap": lambda offer: offer + "a=extmap:5\r\na=extmap:\r\na=extmap\r\na=extmap:x y z\r\n",
    "bare rtcp and rtcp-fb": lambda offer: offer + "a=rtcp:\r\na=rtcp\r\na=rtcp-fb\r\na=rtcp-fb:*\r\n",
    "extmap at session level": lambda offer: offer.replace(
        "t=0 0\r\n", "t=0 0\r\na=extmap:3/recvonly urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    ),
    "trailing blanks": lambda offer: offer.replace("\r\n", " \t\r\n"),
    "blank lines": lambda offer: offer.replace("\r\n", "\r\n\r\n"),
    "line feeds alone": lambda offer: offer.replace("\r\n", "\n"),
    "a byte order mark": lambda offer: "\ufeff" + offer,
    "a number of ports": lambda offer: re.sub(r"m=audio (\d+)", r"m=audio \1/1", offer),
    "two blanks in a line": lambda offer: re.sub(r"^(m=audio|a=candidate:\S+) ", r"\1  ", offer, flags=re.M),
    "capitals": lambda offer: offer.replace("opus/", "OPUS/").replace("sha-256", "SHA-256"),
    "another profile": lambda offer: offer.replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF"),
    "a profile with a digit": lambda offer: offer + "m=text 9 X1/Y2 98\r\na=mid:7\r\n",
    "a low payload type": lambda offer: re.sub(r"(SAVPF |rtpmap:|fmtp:)96", r"\g<1>35", offer),
    "no mid, no group": lambda offer: re.sub(r"a=(mid|group):.*\r\n", "", offer),
    "a mid without a group": lambda offer: re.sub(r"a=group:.*\r\n", "", offer),
    "another group": lambda offer: offer.replace("t=0 0\r\n", "t=0 0\r\na=group:LS 0 9\r\na=group:\r\n"),
    "video that is rejected": lambda offer: offer + "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n",
    "a section of an unknown kind": lambda offer: offer + "m=message 5060 TCP/MSRP *\r\na=mid:m\r\n",
    "two fingerprints": lambda offer: re.sub(r"(a=fingerprint:).*\r\n", r"\g<0>\1sha-1 00:11\r\n", offer),
    "unknown lines": lambda offer: (
        offer + "a=\r\nb=AS:64\r\ny=?\r\na=x-y\r\na=crypto:1 AES inline:q\r\nz\r\n"
    ),
    "unusable candidates": lambda offer: (
        offer
        + "a=candidate:9 1 udp 1 abc.local 1 typ host\r\na=candidate:8 1 TCP 1 192.0.2.1 9 typ host\r\n"
        + "a=candidate:7 1 udp 99 fe80::1%en0 9 typ host\r\na=candidate:6 1 udp 99 224.0.0.1 9 typ host\r\n"
        + "a=candidate:5 2 udp 99 192.0.2.1 9 typ host\r\na=candidate:4 1 udp 99 192.0.2.1 0 typ host\r\n"
        + "a=end-of-candidates\r\n"
    ),
}


@pytest.fixture(scope="module")
def page() -> str:
    """Offer of an aiortc page: audio alone."""

    async def made() -> str:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection.addTransceiver("audio", "sendonly")
        await connection.setLocalDescription(await connection.createOffer())
        text = connection.localDescription.sdp
        await connection.close()
        return text

    return asyncio.run(made())


@pytest.mark.parametrize("case", RIGHT)
async def test_offer_that_says_it_otherwise_is_right_too(page: str, case: str) -> None:
    offer = RIGHT[case](page)
    assert offer != page
    answer = await answered(offer)
    assert "opus/48000/2" in answer
    # What aiortc gets must be as plain as can be: its parser takes it, and it is small.
    read = Offer.read(offer)
    assert len(SessionDescription.parse(read.text).media) == 1
    assert len(read.text) < 2500
    assert {candidate.protocol for candidate in read.transport.candidates} == {"udp"}


@pytest.mark.parametrize(
    "case",
    ["direction at session level", "ICE at session level", "DTLS at session level"],
)
async def test_audio_that_is_offered_otherwise_is_heard(case: str) -> None:
    await heard(RIGHT[case])


async def test_video_that_cannot_be_is_answered_so_that_the_call_goes_on() -> None:
    """In the group it is inactive, whatever its codec; beside it, or offered as rejected, it has port 0."""
    bundled, rejected = (
        sections(await answered(of("OBS 31")))[1],
        of("OBS 31").replace("m=video 9", "m=video 0"),
    )
    assert "m=video 9 " in bundled
    assert "a=inactive" in bundled
    assert "H265/90000" in bundled
    assert "m=video 0 " in sections(await answered(rejected))[1]
    apart = of("OBS 31").replace("BUNDLE 0 1", "BUNDLE 0")
    assert "m=video 0 " in sections(await answered(apart))[1]
    only = sections(await answered(BUNDLE_ONLY))[1]
    assert "m=video 9 " in only
    assert "a=inactive" in only


async def test_first_of_the_group_says_how_the_audio_is_reached() -> None:
    """Not the audio's own lines, which a client that bundles may fill with anything (RFC 9143, 7.3.1)."""
    first = re.sub(r"a=ice-ufrag:\S+", "a=ice-ufrag:first", of("GStreamer whipsink"), count=1)
    assert Offer.read(first).transport.user == "first"
    # Where that one is rejected it is the next.
    assert Offer.read(first.replace("m=video 9", "m=video 0")).transport.user != "first"


async def test_data_channel_that_nothing_carries_costs_no_audio() -> None:
    text = of("telephone gateway").replace(
        "m=audio", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nm=audio"
    )
    text = re.sub(r"a=(ice-ufrag|ice-pwd):.*\r\n", "", text) + "a=ice-ufrag:user\r\na=ice-pwd:password\r\n"
    assert "m=application 0 " in await answered(text)


def test_best_candidates_are_kept() -> None:
    many = "".join(
        f"a=candidate:{n} 1 udp {1000 + n} 192.0.2.{n % 250} {5000 + n} typ host\r\n" for n in range(500)
    )
    read = Offer.read(of("simple-whip-client") + many + many)
    assert [c.priority for c in read.transport.candidates] == [1499 - n for n in range(MAX_CANDIDATES)]
    assert read.text.count("a=candidate") == MAX_CANDIDATES


@pytest.mark.parametrize(
    ("old", "new", "parsed", "said"),
    [
        (r"v=0", "v=1", False, "v=0"),
        (r"m=audio", "m=video", True, "no m=audio"),
        (r"a=sendonly", "a=recvonly", True, "sends no audio"),
        (r"a=sendonly", "a=inactive", True, "sends no audio"),
        (r"m=audio \d+", "m=audio 0", True, "port 0"),
        (r"m=audio \d+", "m=audio x", False, "no media section"),
        (r"m=audio \d+", "m=audio 99999", False, "no media section"),
        (r"a=ice-ufrag", "a=x", True, "ice-ufrag"),
        (r"a=ice-pwd", "a=x", True, "ice-pwd"),
        (r"a=fingerprint", "a=x", True, "fingerprint"),
        (r"sha-", "md", True, "SHA-256"),
        (r"a=setup:actpass", "a=setup:holdconn", True, "actpass"),
        (r"a=rtcp-mux", "a=x", True, "rtcp-mux"),
        (r"SAVPF .*", "SAVPF 9\r", True, "neither Opus"),
        (r"a=mid:0", "a=mid:0 1", True, "token"),
        (r"a=group:BUNDLE 0", "a=group:BUNDLE 0 7", True, "no section has"),
        (r"a=candidate:.*", "a=candidate:what\r", False, "no candidate"),
        (r"a=rtcp-mux", "a=rtcp-mux\r\n" + "m=audio 9 RTP/SAVPF 96\r\na=mid:0", True, "mid 0"),
        (r"a=rtcp-mux", "a=rtcp-mux\r\n" + "m=video 9 RTP/SAVPF 96\r\n" * 40, True, "32 m= sections"),
        (r"a=rtcp-mux", "a=rtcp-mux\r\n" + "a=x\r\n" * 3000, False, "2000 lines"),
    ],
)
def test_refusal_says_what_is_wrong_in_words_of_sdp(
    page: str, old: str, new: str, parsed: bool, said: str
) -> None:
    count = 1 if "m=" in new else 0
    with pytest.raises(BadOffer) as refused:
        Offer.read(re.sub(old, new, page, count=count))
    assert said in str(refused.value)
    assert refused.value.parsed is parsed
    assert not PYTHON_WORDS.search(str(refused.value))


def test_details_of_the_table_are_ours() -> None:
    """Nobody's address, key or name is in it."""
    for text in CLIENTS.values():
        addresses = set(re.findall(r"\d+\.\d+\.\d+\.\d+", text))
        assert addresses <= {HOST, "0.0.0.0", "127.0.0.1"}
        assert set(re.findall(r"sha-256 (\S+)", text)) <= {PRINT}
    assert "fe80::1%en0" in OBS_30
    assert "a=rtpmap:8 " not in TELEPHONE


async def test_answer_that_is_not_found_in_time_is_no_fault_of_the_offer(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(peers, "ANSWER_S", 0.05)
    monkeypatch.setattr(RTCPeerConnection, "_RTCPeerConnection__gather", silent)
    with pytest.raises(NoAnswer, match="STUN or TURN"):
        await Peer.answer(Offer.read(page), Ears())
