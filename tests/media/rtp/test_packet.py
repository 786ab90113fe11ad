"""The header of an RTP packet."""

from __future__ import annotations

from engine.media.rtp.packet import parse_packet
from tests.harness.packets import OPUS


def test_header_extensions_contributors_and_padding_are_passed_over() -> None:
    head = bytes([0xB2, 0x80 | OPUS, 0, 5, 0, 0, 0, 9, 0, 0, 0, 7])
    extension = b"\xbe\xde\x00\x01" + b"\x10\xff\x00\x00"
    packet = parse_packet(head + bytes(8) + extension + b"abc" + b"\x00\x00\x03")
    assert packet is not None
    assert packet == (OPUS, 5, 9, 7, b"abc")
