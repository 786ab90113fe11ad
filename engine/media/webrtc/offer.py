"""Read an SDP offer as the standards allow it, and rewrite it for aiortc.

aiortc's parser expects what browsers write: each section with its own ICE and DTLS lines, a direction and
an ``rtpmap`` for every format. An offer may leave much of that out (RFC 8829, 8839, 8842, 8866, 9143), and
may hold any number of irrelevant lines. So an offer is reduced to what is needed, and aiortc gets a
description of exactly that: one audio section and the data channel. :mod:`engine.media.webrtc.answer`
answers the other sections.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from aiortc.codecs import HEADER_EXTENSIONS

from engine.errors import BadOffer

from .sdp import Attributes, MediaSection, parse_sdp
from .transport import OFFER_HINT, Transport

CODECS = {"opus/48000": "opus/48000/2", "pcmu/8000": "PCMU/8000", "pcma/8000": "PCMA/8000"}
"""Supported codecs, best first."""

STATIC = {"0": "pcmu/8000", "8": "pcma/8000"}
"""Payload types that need no ``rtpmap`` (RFC 3551, section 6)."""

PAYLOAD_TYPES = frozenset(map(str, (*range(64), *range(96, 128))))
"""The payload types left out cannot be told from RTCP (RFC 5761, section 4)."""

HEADER_EXTENSION_URIS = frozenset(extension.uri for extension in HEADER_EXTENSIONS["audio"])


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that can be answered. Made by :meth:`read`.

    Attributes
    ----------
    sections : all of them, as offered.
    bundle : mids of the BUNDLE group that holds the audio, as offered; empty when there is none.
    audio, data : the audio section received, and the data channel's, if there is one.
    payload_type : of the selected codec.
    primary : mid of the section whose transport carries the audio, for aiortc.
    transport : ICE and DTLS parameters of the audio.
    text : the offer rewritten for aiortc.
    """

    sections: tuple[MediaSection, ...]
    bundle: tuple[str, ...]
    audio: MediaSection
    data: MediaSection | None
    payload_type: int
    primary: str
    transport: Transport
    text: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read an offer.

        Raises
        ------
        BadOffer
            It is not SDP (``parsed`` is false), or cannot be served.
        """
        session, sections = parse_sdp(text)
        group = _bundle_group(session, sections)
        audio = _audio_section(sections, group)
        bundle = group if audio.name in group else ()
        reached = _transport_sections(sections, bundle, audio)
        transport = Transport.from_sections(reached)
        if not any("rtcp-mux" in section.attributes for section in reached):  # RFC 9725, section 4.4.1
            raise BadOffer(
                f"the offer has no a=rtcp-mux: RTP and RTCP must share a port; {OFFER_HINT}", parsed=True
            )
        data, carrier = _data_section(sections, bundle, transport)
        payload_type, codec = _codec(audio)
        lines = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        if "ice-lite" in session:
            lines.append("a=ice-lite")
        carried = [section for section in sections if section in (audio, data)]
        bundled = [section.name for section in carried if section.name in bundle]
        if bundled:
            lines.append("a=group:BUNDLE " + " ".join(bundled))
        for section in carried:
            lines += _audio_lines(audio, payload_type, codec) if section is audio else _data_lines(section)
            lines += ["c=IN IP4 0.0.0.0", f"a=mid:{section.name}"]
            lines += (transport if section is audio else carrier).lines()
        return cls(
            sections=sections,
            bundle=bundle,
            audio=audio,
            data=data,
            payload_type=payload_type,
            primary=bundled[0] if bundled else audio.name,
            transport=transport,
            text="\r\n".join(lines) + "\r\n",
        )

    @property
    def is_bundled(self) -> bool:
        """Whether the audio and the data channel share one transport."""
        return self.data is None or self.data.name in self.bundle

    @property
    def plays(self) -> bool:
        """Whether the far end receives audio as well."""
        return self.audio.direction == "sendrecv"


# --- sections ------------------------------------------------------------------


def is_offered(section: MediaSection, group: Collection[str]) -> bool:
    """Return whether a section is offered: port 0 rejects it, except in a group (RFC 9143, section 6)."""
    return section.port > 0 or ("bundle-only" in section.attributes and section.name in group)


def _bundle_group(session: Attributes, sections: Sequence[MediaSection]) -> tuple[str, ...]:
    """Return the mids of the first BUNDLE group with a section that sends audio, else of the first."""
    groups = [value.split() for value in session.get("group", ())]
    bundles = [tuple(dict.fromkeys(words[1:])) for words in groups if words and words[0].upper() == "BUNDLE"]
    names = {section.name for section in sections if "mid" in section.attributes}
    for bundle in bundles:
        for name in bundle:
            if name not in names:
                raise BadOffer(
                    f"the BUNDLE group names the mid {name[:64]!r}, which no section has; "
                    "name those of the m= sections",
                    parsed=True,
                )
    speaking = {section.name for section in sections if _sends_audio(section)}
    return next((bundle for bundle in bundles if speaking & set(bundle)), bundles[0] if bundles else ())


def _sends_audio(section: MediaSection) -> bool:
    return section.kind == "audio" and section.is_rtp and section.direction.startswith("send")


def _audio_section(sections: Sequence[MediaSection], group: Collection[str]) -> MediaSection:
    """Return the first section that sends audio in a supported codec."""
    audio = [section for section in sections if section.kind == "audio" and section.is_rtp]
    if not audio:
        raise BadOffer(f"the offer has no audio: no m=audio section with RTP; {OFFER_HINT}", parsed=True)
    live = [section for section in audio if is_offered(section, group)]
    if not live:
        raise BadOffer(
            f"the offer's audio is rejected: its m= line has port 0, but not a=bundle-only; {OFFER_HINT}",
            parsed=True,
        )
    sending = [section for section in live if _sends_audio(section)]
    if not sending:
        raise BadOffer(f"the offer sends no audio (it is {live[0].direction}); {OFFER_HINT}", parsed=True)
    known = [section for section in sending if _payload_types(section)]
    if not known:
        raise BadOffer(
            "the offer's audio has neither Opus (opus/48000/2) nor PCMU or PCMA (8000) among its formats; "
            f"{OFFER_HINT}",
            parsed=True,
        )
    return known[0]


def _payload_types(section: MediaSection) -> dict[str, int]:
    """Return the payload types of a section by supported codec, such as ``opus/48000``."""
    maps: dict[str, str] = {}
    for value in section.attributes.get("rtpmap", ()):
        payload_type, _, what = value.partition(" ")
        maps.setdefault(payload_type, "/".join(what.strip().lower().split("/")[:2]))
    found: dict[str, int] = {}
    for payload_type in section.formats:
        codec = maps.get(payload_type, STATIC.get(payload_type, ""))
        if codec in CODECS and payload_type in PAYLOAD_TYPES:
            found.setdefault(codec, int(payload_type))
    return found


def _codec(section: MediaSection) -> tuple[int, str]:
    found = _payload_types(section)
    codec = next(codec for codec in CODECS if codec in found)
    return found[codec], CODECS[codec]


def _data_section(
    sections: Sequence[MediaSection], bundle: Collection[str], shared: Transport
) -> tuple[MediaSection | None, Transport]:
    """Return the section of the data channel and its transport."""
    for section in sections:
        if not (_is_data_section(section) and is_offered(section, bundle)):
            continue
        if section.name in bundle:
            return section, shared
        try:
            return section, Transport.from_sections([section])
        except BadOffer:
            break  # the audio can be received without it
    return None, shared


def _is_data_section(section: MediaSection) -> bool:
    is_sctp = section.kind == "application" and section.profile.upper().endswith("DTLS/SCTP")
    return is_sctp and _sctp_port(section) is not None


def _transport_sections(
    sections: Sequence[MediaSection], bundle: Sequence[str], audio: MediaSection
) -> list[MediaSection]:
    """Return the sections that may hold the audio's transport parameters, in order of precedence.

    In a group that is the first that isn't rejected (RFC 9143, section 7.3.1), then the others.
    """
    by_name = {section.name: section for section in sections}
    tagged = [
        by_name[name]
        for name in bundle
        if is_offered(by_name[name], bundle) and (by_name[name].is_rtp or _is_data_section(by_name[name]))
    ]
    return [*tagged[:1], audio, *tagged[1:]]


# --- the offer for aiortc --------------------------------------------------------------


def _audio_lines(section: MediaSection, payload_type: int, codec: str) -> list[str]:
    lines = [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}",
        f"a={section.direction}",
        "a=rtcp-mux",
        f"a=rtpmap:{payload_type} {codec}",
    ]
    extensions: dict[str, str] = {}
    for value in section.attributes.get("extmap", ()):
        number, _, uri = value.partition(" ")
        number, uri = number.partition("/")[0], uri.strip().partition(" ")[0]
        if uri in HEADER_EXTENSION_URIS and re.fullmatch("[1-9][0-9]{0,2}", number) and int(number) < 256:
            extensions.setdefault(uri, number)
    lines += [f"a=extmap:{number} {uri}" for uri, number in extensions.items()]
    ssrcs = [value.partition(" ")[0] for value in section.attributes.get("ssrc", ())]
    known = [int(ssrc) for ssrc in ssrcs if re.fullmatch("[0-9]{1,10}", ssrc) and int(ssrc) < 2**32]
    return [*lines, *(f"a=ssrc:{ssrc} cname:-" for ssrc in known[:1])]  # aiortc's router takes one


def _data_lines(section: MediaSection) -> list[str]:
    port = _sctp_port(section)
    if section.profile == "DTLS/SCTP" and section.formats[0].isdigit():
        return [f"m=application 9 DTLS/SCTP {port}"]  # as before RFC 8841
    size = section.first("max-message-size") or ""
    known = [f"a=max-message-size:{int(size)}"] if re.fullmatch("[0-9]{1,18}", size) else []
    return ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", f"a=sctp-port:{port}", *known]


def _sctp_port(section: MediaSection) -> int | None:
    """Return the far end's SCTP port, 5000 by default; None where it is closed (RFC 8841, section 5)."""
    given = section.formats[0] if section.formats[0].isdigit() else section.first("sctp-port") or "5000"
    return int(given) if re.fullmatch("[0-9]{1,5}", given) and 0 < int(given) < 65_536 else None
