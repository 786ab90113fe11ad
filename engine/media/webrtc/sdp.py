"""Parse session descriptions (RFC 8866) and SDP fragments into sections, attributes and candidates.

Whether an offer can be served is decided in :mod:`engine.media.webrtc.offer`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from aiortc import RTCIceCandidate

from engine.errors import BadOffer

MAX_CHARS = 65_536
MAX_LINES = 2_000
"""Browsers send about 150 lines, some 300 with every video codec they have."""

MAX_SECTIONS = 32

LINE_END = re.compile(r"\r\n|\r|\n")
TOKEN = re.compile(r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]{1,64}")
"""A mid, a format or a part of a protocol (RFC 8866, section 9)."""

MEDIA = re.compile(r"m=(?P<kind>\S+)\s+(?P<port>\d{1,5})(?:/\d{1,5})?\s+(?P<profile>\S+)\s+(?P<formats>\S.*)")

CANDIDATE = re.compile(
    r"(?P<foundation>\S{1,256}) (?P<component>\d{1,5}) (?P<transport>\S{1,64}) (?P<priority>\d{1,10}) "
    r"(?P<address>\S{1,256}) (?P<port>\d{1,5}) typ (?P<type>\S{1,64})(?P<rest> .*)?",
    re.IGNORECASE,
)
"""RFC 8839, section 5.1."""

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

Attributes = dict[str, list[str]]
"""Values of each attribute by name, in order; ``""`` for an attribute without a value."""


@dataclass(frozen=True, slots=True)
class MediaSection:
    """A media section: its ``m=`` line, and its attributes, with the session's as defaults.

    ``name`` is its mid, or a generated one where the offer has none.
    """

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    name: str
    attributes: Attributes

    def first(self, name: str) -> str | None:
        """Return the first value of an attribute; None where there is none."""
        return next(iter(self.attributes.get(name, ())), None)

    @property
    def direction(self) -> str:
        """Direction of the media, from the far end's side (RFC 8866, section 6.7)."""
        return next((name for name in DIRECTIONS if name in self.attributes), "sendrecv")

    @property
    def is_rtp(self) -> bool:
        """Whether it is audio or video over RTP, in any profile (RFC 9429, section 5.1.2)."""
        return self.kind in ("audio", "video") and "RTP" in self.profile.upper().split("/")


def split_lines(text: str) -> list[str]:
    """Split a description or fragment into lines, without byte order mark, trailing blanks and empty lines.

    Raises
    ------
    BadOffer
        It is too long.
    """
    if len(text) > MAX_CHARS:
        raise BadOffer(f"SDP may have {MAX_CHARS} characters here, this has {len(text)}", parsed=False)
    lines = [line for line in map(str.rstrip, LINE_END.split(text.lstrip("\ufeff"))) if line]
    if len(lines) > MAX_LINES:
        raise BadOffer(f"SDP may have {MAX_LINES} lines here, this has {len(lines)}", parsed=False)
    return lines


def parse_sdp(text: str) -> tuple[Attributes, tuple[MediaSection, ...]]:
    """Return the session's attributes and its media sections; other types of lines are ignored.

    Raises
    ------
    BadOffer
        It is not SDP, or two sections have the same mid.
    """
    lines = split_lines(text)
    if not lines or lines[0] != "v=0":
        begins = f"it begins with {lines[0][:40]!r}" if lines else "it is empty"
        raise BadOffer(f"this is not SDP: {begins}, not with 'v=0' (RFC 8866)", parsed=False)
    session: Attributes = {}
    found: list[tuple[str, Attributes]] = []
    for line in lines:
        if line.startswith("m="):
            found.append((line, {}))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            attributes = found[-1][1] if found else session
            attributes.setdefault(name.strip().lower(), []).append(value.strip())
    if len(found) > MAX_SECTIONS:
        raise BadOffer(f"an offer may have {MAX_SECTIONS} m= sections, not {len(found)}", parsed=True)
    names = _names([attributes for _, attributes in found])
    return session, tuple(
        _section(line, name, _with_defaults(session, attributes))
        for name, (line, attributes) in zip(names, found, strict=True)
    )


def _with_defaults(session: Attributes, own: Attributes) -> Attributes:
    directed = any(name in own for name in DIRECTIONS)
    defaults = {name: values for name, values in session.items() if not (directed and name in DIRECTIONS)}
    return {**defaults, **own}


def _names(sections: list[Attributes]) -> list[str]:
    """Return the mid of each section, generated where it has none."""
    given = [attributes["mid"][0] if "mid" in attributes else None for attributes in sections]
    named = [mid for mid in given if mid is not None]
    for mid in named:
        if not TOKEN.fullmatch(mid):
            raise BadOffer(f"{mid[:64]!r} is no mid: it must be a token, such as 0 or audio", parsed=True)
        if named.count(mid) > 1:
            raise BadOffer(f"two sections have the mid {mid}; give each its own", parsed=True)
    free = (str(number) for number in range(2 * len(given)) if str(number) not in named)
    return [next(free) if mid is None else mid for mid in given]


def _section(line: str, name: str, attributes: Attributes) -> MediaSection:
    found = MEDIA.fullmatch(line)
    formats = tuple(dict.fromkeys(found["formats"].split())) if found else ()
    words = (found["kind"], *found["profile"].split("/"), *formats) if found else ("",)
    if found is None or int(found["port"]) > 65_535 or not all(map(TOKEN.fullmatch, words)):
        raise BadOffer(
            f"{line[:80]!r} is no media section; one looks like 'm=audio 9 UDP/TLS/RTP/SAVPF 111'",
            parsed=False,
        )
    return MediaSection(
        found["kind"].lower(), int(found["port"]), found["profile"], formats, name, attributes
    )


def parse_candidates(values: list[str]) -> Iterator[RTCIceCandidate]:
    """Yield the usable candidates among the values of ``a=candidate`` lines, each address once.

    Left out are names such as ``.local``, TCP, the second component (RTCP is multiplexed), and multicast,
    unspecified and link-scoped addresses: the far end is also found from its own checks.

    Raises
    ------
    BadOffer
        A value is malformed.
    """
    known = set()
    for value in values:
        found = CANDIDATE.fullmatch(" ".join(value.split()))
        if found is None:
            raise BadOffer(
                f"{value[:80]!r} is no candidate; one looks like "
                "'1 1 udp 2130706431 192.0.2.1 5000 typ host' (RFC 8839)",
                parsed=False,
            )
        port = int(found["port"])
        address = _address(found["address"])
        usable = found["transport"].lower() == "udp" and found["component"] == "1" and 0 < port < 65_536
        if address is None or not usable or (address, port) in known:
            continue
        known.add((address, port))
        yield RTCIceCandidate(
            component=1,
            foundation=found["foundation"],
            ip=address,
            port=port,
            priority=min(int(found["priority"]), 2**31 - 1),
            protocol="udp",
            type=kind if (kind := found["type"].lower()) in ("host", "srflx", "prflx", "relay") else "host",
        )


def _address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    scoped = getattr(address, "scope_id", None)
    return None if scoped or address.is_multicast or address.is_unspecified else str(address)
