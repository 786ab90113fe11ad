"""Complete aiortc's answer, which has the audio and the data channel, with the offer's other sections."""

from __future__ import annotations

from .offer import Offer, is_offered
from .sdp import MediaSection

TRANSPORT = ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:")


def complete_answer(offer: Offer, text: str) -> str:
    """Return an answer with a section for each of the offer's, in its order (RFC 3264, section 6).

    An unused section that shares the audio's transport is ``inactive``: a WHIP client might take its
    rejection for a failed call (RFC 9725, section 4.4.3), and the first of a group cannot be rejected
    (RFC 9143, section 7.3.1). Other unused sections are rejected by port 0; the group holds the rest.

    Parameters
    ----------
    offer : the offer to answer.
    text : aiortc's answer to :attr:`engine.media.webrtc.offer.Offer.text`.
    """
    head, *parts = text.split("\r\nm=")
    carried = [section.name for section in offer.sections if section in (offer.audio, offer.data)]
    own = {name: f"m={part}".strip().split("\r\n") for name, part in zip(carried, parts, strict=True)}
    shared = [line for line in own[offer.audio.name] if line.startswith(TRANSPORT)]
    sections: list[str] = []
    kept: set[str] = set()
    for section in offer.sections:
        bundled = section.name in offer.bundle
        if section.name in own:
            sections += _served(section, own[section.name])
        elif bundled and section.is_rtp and is_offered(section, offer.bundle):
            sections += [*_idle(section), *shared]
        else:
            sections += _rejected(section)
            continue
        if bundled:
            kept.add(section.name)
    lines = [line for line in head.split("\r\n") if not line.startswith("a=group:")]
    if kept:
        lines.append("a=group:BUNDLE " + " ".join(name for name in offer.bundle if name in kept))
    return "\r\n".join([*lines, *sections, ""])


def _served(section: MediaSection, lines: list[str]) -> list[str]:
    """Return aiortc's section with the offer's profile, and a mid only where the offer has one."""
    kind, port, profile, formats = lines[0].split(" ", 3)
    if profile != "DTLS/SCTP":
        profile = section.profile  # mirrored (RFC 9429, section 5.3.1)
    named = [line for line in lines[1:] if "mid" in section.attributes or not line.startswith("a=mid:")]
    return [f"{kind} {port} {profile} {formats}", *named]


def _idle(section: MediaSection) -> list[str]:
    first = section.formats[0]
    described = [
        f"a={name}:{value}"
        for name in ("rtpmap", "fmtp")
        for value in section.attributes.get(name, ())
        if value.partition(" ")[0] == first
    ]
    line = f"m={section.kind} 9 {section.profile} {first}"
    return [line, "c=IN IP4 0.0.0.0", "a=inactive", *_mid(section), "a=rtcp-mux", *described[:2]]


def _rejected(section: MediaSection) -> list[str]:
    return [f"m={section.kind} 0 {section.profile} {section.formats[0]}", "c=IN IP4 0.0.0.0", *_mid(section)]


def _mid(section: MediaSection) -> list[str]:
    return [f"a=mid:{section.name}"] if "mid" in section.attributes else []
