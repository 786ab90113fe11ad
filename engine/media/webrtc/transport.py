"""Transport parameters of an offer: ICE (RFC 8839) and DTLS (RFC 8842, 8122)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_to_sdp

from engine.errors import BadOffer

from .sdp import MediaSection, parse_candidates

OFFER_HINT = "offer one audio track, sendonly, in Opus, as browsers, ffmpeg and OBS do"

MAX_CANDIDATES = 32
"""Most candidates of a far end; the best are kept (RFC 8445, section 6.1.2.5). Browsers send up to 10."""

HASHES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
"""Supported hash functions of certificates, and the length of their digests in bytes."""

SETUP = {"actpass": "active", "active": "active", "passive": "passive"}
"""DTLS role of the far end by its ``a=setup``; without one it is ``active`` (RFC 4145). Where this end may
choose it is the server: as a client aiortc has ECDSA suites only, and fails with an RSA certificate."""

MAX_FINGERPRINTS = 8

ICE_CHARS = re.compile(r"[!-9;-~]{1,256}")
"""An ``ice-ufrag`` or ``ice-pwd``: more characters than RFC 8839 allows, but no colon, which STUN uses."""


@dataclass(frozen=True, slots=True)
class Transport:
    """ICE and DTLS parameters of a section or a BUNDLE group."""

    user: str
    password: str
    fingerprints: tuple[str, ...]
    setup: str
    candidates: tuple[RTCIceCandidate, ...]

    @classmethod
    def from_sections(cls, sections: Sequence[MediaSection]) -> Self:
        """Return the parameters from the first section that has each of them.

        Raises
        ------
        BadOffer
            A parameter is missing, or a candidate is malformed.
        """
        user, password = _ice_attribute(sections, "ice-ufrag"), _ice_attribute(sections, "ice-pwd")
        if user is None or password is None:
            missing = "a=ice-ufrag" if user is None else "a=ice-pwd"
            raise BadOffer(f"the offer has no {missing} for its audio; {OFFER_HINT}", parsed=True)
        found = next((known for section in sections if (known := _fingerprints(section))), ())
        if not found:
            raise BadOffer(
                "the offer has no a=fingerprint of a DTLS certificate by SHA-256, SHA-384 or SHA-512, "
                f"without which nothing is encrypted; {OFFER_HINT}",
                parsed=True,
            )
        given = next((setup for section in sections if (setup := section.first("setup"))), "active").lower()
        if given not in SETUP:
            raise BadOffer(
                f"the offer has a=setup:{given[:20]}, which begins no DTLS; use a=setup:actpass", parsed=True
            )
        near = [section for section in sections if section.first("ice-ufrag") in (None, user)]
        values = [value for section in near for value in section.attributes.get("candidate", ())]
        best = sorted(parse_candidates(values), key=lambda candidate: -candidate.priority)[:MAX_CANDIDATES]
        return cls(user, password, tuple(found), SETUP[given], tuple(best))

    def lines(self) -> list[str]:
        """Return the parameters as attribute lines of a section."""
        return [
            f"a=ice-ufrag:{self.user}",
            f"a=ice-pwd:{self.password}",
            *(f"a=fingerprint:{value}" for value in self.fingerprints),
            f"a=setup:{self.setup}",
            *(f"a=candidate:{candidate_to_sdp(candidate)}" for candidate in self.candidates),
        ]


def _ice_attribute(sections: Sequence[MediaSection], name: str) -> str | None:
    words = (section.first(name) or "" for section in sections)
    return next((word for word in words if ICE_CHARS.fullmatch(word)), None)


def _fingerprints(section: MediaSection) -> list[str]:
    """Return the fingerprints with a supported hash function, each once."""
    found = []
    for value in section.attributes.get("fingerprint", ()):
        name, _, digest = value.lower().partition(" ")
        pairs = digest.strip().split(":")
        if HASHES.get(name) == len(pairs) and all(re.fullmatch("[0-9a-f]{2}", pair) for pair in pairs):
            found.append(f"{name} {':'.join(pairs).upper()}")
    return list(dict.fromkeys(found))[:MAX_FINGERPRINTS]
