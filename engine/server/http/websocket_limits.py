"""Limit the frames and bytes of a WebSocket, counted before they are parsed."""

from __future__ import annotations

from typing import NamedTuple

FRAMES_PER_S = 100.0
FRAMES_BURST = 1000.0
"""Most frames at once; each costs 10 µs to parse, whatever its content."""

BYTES_PER_S = 131_072.0
BYTES_BURST = 1_048_576.0
"""Most bytes at once; four times what is read in one turn of the loop."""

POLICY_VIOLATION = 1008
"""Close code (RFC 6455, section 7.4.1)."""


class Excess(NamedTuple):
    """Why a WebSocket is closed."""

    code: int
    reason: str


class FrameMeter:
    """Token buckets of one far end's frames and bytes; control frames and fragments count too."""

    def __init__(self, now_s: float) -> None:
        self._at_s = now_s
        self._frames = FRAMES_BURST
        self._bytes = BYTES_BURST
        self._ahead = 0
        """Bytes of the current frame still to come."""
        self._header = b""
        """Beginning of a frame whose header is incomplete."""

    def count(self, data: bytes, now_s: float) -> Excess | None:
        """Count received data; return the limit that it exceeds, if any."""
        passed_s, self._at_s = now_s - self._at_s, now_s
        self._frames = min(FRAMES_BURST, self._frames + passed_s * FRAMES_PER_S)
        self._bytes = min(BYTES_BURST, self._bytes + passed_s * BYTES_PER_S) - len(data)
        if self._bytes < 0:
            return Excess(POLICY_VIOLATION, f"more than {BYTES_PER_S / 1024:.0f} KiB a second")
        data, place = self._header + data, self._ahead
        self._header = b""
        while place < len(data):
            size = _frame_size(data, place)
            if size is None:
                self._header, place = data[place:], len(data)
                break
            self._frames -= 1
            if self._frames < 0:
                return Excess(POLICY_VIOLATION, f"more than {FRAMES_PER_S:.0f} frames a second")
            place += size
        self._ahead = place - len(data)
        return None


def _frame_size(data: bytes, place: int) -> int | None:
    """Return the length of the frame at ``place`` (RFC 6455, section 5.2); None for an incomplete header."""
    if len(data) < place + 2:
        return None
    short = data[place + 1] & 0x7F
    extended = {126: 2, 127: 8}.get(short, 0)
    header = 2 + extended + (4 if data[place + 1] & 0x80 else 0)
    if len(data) < place + header:
        return None
    return header + (int.from_bytes(data[place + 2 : place + 2 + extended], "big") if extended else short)
