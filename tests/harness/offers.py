"""What real WHIP clients and browsers offer: each one's form, with addresses, names and keys of ours."""

from __future__ import annotations

import re

from .offer_parts import HOST, ICE, PASSWORD, PRINT, RTC, USER
from .publisher_offers import FFMPEG, GSTREAMER, ICE_LITE, LARIX, OBS_30, OBS_31, PION, SIMPLE_WHIP_CLIENT

_CANDIDATES = f"""\
a=candidate:671110683 1 udp 2122194687 {HOST} 35456 typ host generation 0 network-id 1
a=candidate:3815151611 1 udp 2122265343 2001:db8::7 40459 typ host generation 0 network-id 2
a=candidate:3601498767 1 tcp 1518214911 {HOST} 9 typ host tcptype active generation 0 network-id 1
"""
_CHROMIUM_AUDIO = """\
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:7b0f1a 5d20ce
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1873622229 cname:cNaMe
a=ssrc:1873622229 msid:7b0f1a 5d20ce
"""
_CHROMIUM_VIDEO = """\
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:7b0f1a 8d4e2d
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:45 AV1/90000
a=fmtp:45 level-idx=5;profile=0;tier=0
a=ssrc-group:FID 784767635 3965394336
a=ssrc:784767635 cname:cNaMe
a=ssrc:3965394336 cname:cNaMe
"""
_CHANNEL = "a=sctp-port:5000\na=max-message-size:262144\n"

CHROMIUM = f"""\
v=0
o=- 7940606617178402432 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 7b0f1a
m=audio 35456 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 {HOST}
a=rtcp:9 IN IP4 0.0.0.0
{_CANDIDATES}{ICE}a=ice-options:trickle
{RTC}a=mid:0
{_CHROMIUM_AUDIO}m=application 40301 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 {HOST}
{_CANDIDATES}{ICE}a=ice-options:trickle
{RTC}a=mid:1
{_CHANNEL}"""

CHROMIUM_VIDEO = f"""\
v=0
o=- 7094878607885194238 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS 7b0f1a
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}a=ice-options:trickle
{RTC}a=mid:0
{_CHROMIUM_AUDIO}m=video 9 UDP/TLS/RTP/SAVPF 96 97 45
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}a=ice-options:trickle
{RTC}a=mid:1
{_CHROMIUM_VIDEO}m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
{ICE}a=ice-options:trickle
{RTC}a=mid:2
{_CHANNEL}"""

_FIREFOX_AUDIO = f"""\
a=candidate:0 1 UDP 2122252543 5c6f4f0e-76f0-4f4b-8f0b-000000000000.local 57345 typ host
a=candidate:2 1 TCP 2105524479 5c6f4f0e-76f0-4f4b-8f0b-000000000000.local 9 typ host tcptype active
a=candidate:1 1 UDP 1686052863 {HOST} 57345 typ srflx raddr 0.0.0.0 rport 0
a=candidate:0 2 UDP 2122252542 5c6f4f0e-76f0-4f4b-8f0b-000000000000.local 57346 typ host
a=sendonly
a=end-of-candidates
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
a=ice-pwd:{PASSWORD}
a=ice-ufrag:{USER}
a=mid:0
a=msid:{{0a2b}} {{3c4d}}
a=rtcp:57346 IN IP4 {HOST}
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000/1
a=setup:actpass
a=ssrc:2655508255 cname:{{5e6f}}
"""

FIREFOX = f"""\
v=0
o=mozilla...THIS_IS_SDPARTA-99.0 6470568643933393027 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 {PRINT}
a=group:BUNDLE 0 1
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 57345 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 {HOST}
{_FIREFOX_AUDIO}m=application 0 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=bundle-only
a=sendrecv
a=ice-pwd:{PASSWORD}
a=ice-ufrag:{USER}
a=mid:1
a=setup:actpass
a=sctp-port:5000
a=max-message-size:1073741823
"""

SAFARI = CHROMIUM.replace("111 63 9 0 8 13 110 126", "111 63 9 102 0 8 105 13 110 113 126").replace(
    "a=rtpmap:9 ",
    "a=rtpmap:102 ILBC/8000\na=rtpmap:105 CN/16000\na=rtpmap:113 telephone-event/16000\na=rtpmap:9 ",
)

IOS_SAFARI_12 = f"""\
v=0
o=- 7793204826810525586 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE audio data
a=msid-semantic: WMS 69f6
m=audio 53171 UDP/TLS/RTP/SAVPF 111 103 9 102 0 8 105 13 110 113 126
c=IN IP4 {HOST}
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:211156821 1 udp 2113937151 {HOST} 53171 typ host generation 0 network-cost 50
{ICE}a=ice-options:trickle
{RTC}a=mid:audio
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:103 ISAC/16000
a=rtpmap:9 G722/8000
a=rtpmap:102 ILBC/8000
a=ssrc:1557912193 cname:cNaMe
a=ssrc:1557912193 mslabel:69f6
m=application 53171 DTLS/SCTP 5000
c=IN IP4 {HOST}
{ICE}a=ice-options:trickle
{RTC}a=mid:data
a=sctpmap:5000 webrtc-datachannel 1024
"""

TELEPHONE = f"""\
v=0
o=gateway 1 1 IN IP4 {HOST}
s=call
c=IN IP4 {HOST}
t=0 0
{ICE}{RTC}m=audio 4000/1 RTP/SAVPF 8 0 13 101
a=rtpmap:101 telephone-event/8000
a=fmtp:101
a=rtcp-mux
a=candidate:1 1 UDP 2130706431 {HOST} 4000 typ host
"""

BUNDLE_ONLY = f"""\
v=0
o=- 1000000002 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
{ICE}{RTC}a=mid:0
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=rtcp-mux
a=rtcp-mux-only
a=rtpmap:111 opus/48000/2
m=video 0 UDP/TLS/RTP/SAVPF 96
a=mid:1
a=bundle-only
a=sendonly
a=rtpmap:96 VP8/90000
"""

CLIENTS = {
    "Chromium": CHROMIUM,
    "Chromium with video": CHROMIUM_VIDEO,
    "Firefox": FIREFOX,
    "Safari": SAFARI,
    "iOS Safari 12": IOS_SAFARI_12,
    "OBS 30": OBS_30,
    "OBS 31": OBS_31,
    "ffmpeg": FFMPEG,
    "GStreamer whipsink": GSTREAMER,
    "Larix": LARIX,
    "simple-whip-client": SIMPLE_WHIP_CLIENT,
    "Pion": PION,
    "ICE lite": ICE_LITE,
    "telephone gateway": TELEPHONE,
    "bundle-only (RFC 8829)": BUNDLE_ONLY,
}
"""Offers by who sends them."""


def of(client: str) -> str:
    """Offer of a client, with the line ends that SDP has."""
    return CLIENTS[client].replace("\n", "\r\n")


def in_the_form_of(client: str, offer: str) -> str:
    """Offer of an aiortc page, written as a client would: with its own keys and candidates."""

    def found(name: str) -> str:
        match = re.search(rf"^a={name}:(.*?)\r?$", offer, re.MULTILINE)
        assert match is not None
        return match[1]

    text = of(client).replace(USER, found("ice-ufrag")).replace(PASSWORD, found("ice-pwd"))
    text = re.sub(r"a=fingerprint:.*", f"a=fingerprint:{found('fingerprint')}", text)
    candidates = re.findall(r"a=candidate:.*\r\n", offer)
    used = False
    lines = []
    for line in text.splitlines(keepends=True):
        if not line.startswith("a=candidate:"):
            lines.append(line)
        elif not used:
            lines += candidates
            used = True
    return "".join(lines)


PYTHON_WORDS = re.compile(
    r"Error|None|not enough values|invalid literal|assert|KeyError|'NoneType'|unpack|Traceback"
)
