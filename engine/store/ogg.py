"""What the store needs to know of an Ogg Opus file (RFC 3533, RFC 7845): that it is one, and how long."""

from __future__ import annotations

import hashlib

from engine.errors import UsageError
from engine.protocol.take import TakeSound

_RATE_HZ = 48_000
"""Granule positions of Opus count samples at this rate, whatever was encoded."""

_PAGE_HEADER = 27
_HEAD = b"OpusHead"


def opus_duration_s(sound: bytes) -> float:
    """Return the duration of an Ogg Opus file: granule position of the last page, less the pre-skip.

    Raises
    ------
    UsageError
        Not Ogg Opus, or cut off before any audio.
    """
    head = sound.find(_HEAD, 0, 512)
    last = sound.rfind(b"OggS")
    if not sound.startswith(b"OggS") or head < 0 or last <= 0 or len(sound) < last + _PAGE_HEADER:
        raise UsageError("the sound of a take must be an Ogg Opus file with audio in it")
    pre_skip = int.from_bytes(sound[head + 10 : head + 12], "little")
    samples = int.from_bytes(sound[last + 6 : last + 14], "little", signed=True) - pre_skip
    return max(0, samples) / _RATE_HZ


def described(sound: bytes, before: TakeSound | None) -> TakeSound:
    """Return what a take says of its sound; when it begins is for its giver to say, in ``before``.

    Raises
    ------
    UsageError
        Not Ogg Opus.
    """
    return TakeSound(
        duration_s=opus_duration_s(sound),
        size=len(sound),
        sha256=hashlib.sha256(sound).hexdigest(),
        from_s=0.0 if before is None else before.from_s,
    )
