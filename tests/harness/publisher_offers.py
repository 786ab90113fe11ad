"""SDP offers of publishers that are no browsers."""

from __future__ import annotations

from .offer_parts import HOST, ICE, PASSWORD, PRINT, RTC, USER

_OBS_AUDIO = """\
a=mid:0
a=sendonly
a=ssrc:3388068600 cname:cNaMe
a=ssrc:3388068600 msid:mSiD mSiD-audio
a=msid:mSiD mSiD-audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
"""
_OBS_VIDEO = """\
a=mid:1
a=sendonly
a=ssrc:3388068601 cname:cNaMe
a=ssrc:3388068601 msid:mSiD mSiD-video
a=msid:mSiD mSiD-video
a=rtcp-mux
a=rtpmap:96 {codec}/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
{fmtp}"""

OBS_30 = f"""\
v=0
o=rtc 3877212184 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=group:LS 0 1
a=msid-semantic:WMS *
a=setup:actpass
{ICE}a=ice-options:ice2,trickle
a=fingerprint:sha-256 {PRINT}
m=audio 57249 UDP/TLS/RTP/SAVPF 111
c=IN IP4 {HOST}
{_OBS_AUDIO}a=candidate:1 1 UDP 2114977791 {HOST} 57249 typ host
a=candidate:2 1 UDP 2114978047 fe80::1%en0 10007 typ host
a=end-of-candidates
m=video 57249 UDP/TLS/RTP/SAVPF 96
c=IN IP4 {HOST}
{
    _OBS_VIDEO.format(
        codec="H264",
        fmtp="a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1" + chr(10),
    )
}"""

OBS_31 = f"""\
v=0
o=rtc 2281582238 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=group:LS 0 1
a=msid-semantic:WMS *
a=ice-options:ice2,trickle
a=fingerprint:sha-256 {PRINT}
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
{_OBS_AUDIO}a=setup:actpass
{ICE}m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
{_OBS_VIDEO.format(codec="H265", fmtp="")}a=setup:actpass
{ICE}"""

FFMPEG = f"""\
v=0
o=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1
s=FFmpegPublishSession
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
{ICE}a=fingerprint:sha-256 {PRINT}
a=setup:passive
a=mid:0
a=sendonly
a=msid:FFmpeg audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=ssrc:1980962646 cname:FFmpeg
a=ssrc:1980962646 msid:FFmpeg audio
m=video 9 UDP/TLS/RTP/SAVPF 106 105
c=IN IP4 0.0.0.0
{ICE}a=fingerprint:sha-256 {PRINT}
a=setup:passive
a=mid:1
a=sendonly
a=msid:FFmpeg video
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64000b
a=rtcp-fb:106 nack
a=rtpmap:105 rtx/90000
a=fmtp:105 apt=106
a=ssrc-group:FID 1980962647 1980962648
a=ssrc:1980962647 cname:FFmpeg
"""

GSTREAMER = f"""\
v=0
o=- 8302999682125171423 0 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle
a=group:BUNDLE video0 audio1
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=setup:actpass
{ICE}a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=framerate:30
a=ssrc:700 msid:user700 webrtctransceiver0
a=ssrc:700 cname:user700
a=mid:video0
a=fingerprint:sha-256 {PRINT}
a=rtcp-mux-only
m=audio 0 UDP/TLS/RTP/SAVPF 97
c=IN IP4 0.0.0.0
a=bundle-only
a=setup:actpass
{ICE}a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:97 OPUS/48000/2
a=fmtp:97 sprop-maxcapturerate=48000;sprop-stereo=0
a=ssrc:701 msid:user701 webrtctransceiver1
a=ssrc:701 cname:user701
a=mid:audio1
a=fingerprint:sha-256 {PRINT}
a=rtcp-mux-only
"""

LARIX = f"""\
v=0
o=- 5228595038118931041 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS stream
m=video 9 UDP/TLS/RTP/SAVPF 45 46
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}a=ice-options:trickle renomination
{RTC}a=mid:0
a=sendonly
a=msid:stream v
a=rtcp-mux
a=rtpmap:45 H265/90000
a=fmtp:45 level-id=93;tx-mode=SRST
a=rtpmap:46 rtx/90000
a=fmtp:46 apt=45
m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}a=ice-options:trickle renomination
{RTC}a=mid:1
a=sendonly
a=msid:stream a
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
"""

SIMPLE_WHIP_CLIENT = f"""\
v=0
o=- 2643872038 0 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle
a=msid-semantic:WMS
a=group:BUNDLE audio0
m=audio 9 UDP/TLS/RTP/SAVPF 100
c=IN IP4 0.0.0.0
a=setup:actpass
{ICE}a=rtcp-mux
a=rtcp-rsize
a=sendonly
a=rtpmap:100 OPUS/48000/2
a=rtcp-fb:100 transport-cc
a=extmap:1 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=ssrc:3010 msid:user3010 webrtctransceiver0
a=ssrc:3010 cname:user3010
a=mid:audio0
a=fingerprint:sha-256 {PRINT}
"""

PION = f"""\
v=0
o=- 3551877678750692103 274427200 IN IP4 0.0.0.0
s=-
t=0 0
a=msid-semantic:WMS*
a=fingerprint:sha-256 {PRINT}
a=extmap-allow-mixed
a=group:BUNDLE 0 1
m=video 9 UDP/TLS/RTP/SAVPF 125
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:0
{ICE}a=rtcp-mux
a=rtcp-rsize
a=rtpmap:125 H264/90000
a=fmtp:125 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=ssrc:4177141165 cname:pion
a=sendonly
a=candidate:3299231860 1 udp 2130706431 {HOST} 50123 typ host
a=candidate:3299231860 2 udp 2130706431 {HOST} 50123 typ host
a=end-of-candidates
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=setup:actpass
a=mid:1
{ICE}a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=ssrc:2188571334 cname:pion
a=msid:pion audio
a=sendonly
"""

ICE_LITE = f"""\
v=0
o=mediasoup 10000 1 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-lite
a=fingerprint:sha-512 {":".join(["5A"] * 64)}
a=msid-semantic: WMS *
a=group:BUNDLE 0
m=audio 7 UDP/TLS/RTP/SAVPF 100
c=IN IP4 127.0.0.1
a=rtpmap:100 opus/48000/2
a=fmtp:100 useinbandfec=1
a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
a=setup:actpass
a=mid:0
a=sendonly
a=ice-ufrag:{USER}
a=ice-pwd:{PASSWORD}
a=candidate:udpcandidate 1 udp 1076302079 {HOST} 40533 typ host
a=end-of-candidates
a=ice-options:renomination
a=ssrc:100481 cname:mediasoup
a=rtcp-mux
a=rtcp-rsize
"""
