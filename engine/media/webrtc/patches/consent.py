"""Whether a far end that sends nothing is there: it answers when it is asked (RFC 7675)."""

from __future__ import annotations

import asyncio
from typing import Any

from aioice import stun
from aiortc import RTCPeerConnection

from .rtp_receiver import _has

PARTS = ("_nominated", "build_request", "remote_password")
"""What is needed of an aioice connection; where a version has it no more, nothing answers."""


ANSWER_S = 1.0
"""Longest wait for the answer."""


async def has_consent(connection: RTCPeerConnection) -> bool:
    """Ask for consent now, as ICE does every 5 s, and wait for the answer."""
    for transceiver in connection.getTransceivers():
        ice: Any = transceiver.receiver.transport.transport._connection
        if not all(_has(ice, part) for part in PARTS) or not ice.remote_password:
            return False
        for pair in list(ice._nominated.values()):
            try:
                async with asyncio.timeout(ANSWER_S):
                    # Sent once: aioice's repetitions outlive a socket that is closed meanwhile.
                    answer, _ = await pair.protocol.request(
                        ice.build_request(pair, nominate=False),
                        pair.remote_addr,
                        integrity_key=ice.remote_password.encode(),
                        retransmissions=0,
                    )
            except (stun.TransactionError, TimeoutError, OSError, AttributeError):
                return False  # the last is what asyncio makes of a socket that is closed
            # Consent may be given by recent media (``DatagramGate.request``); here media has stopped.
            return bool(answer.message_class == stun.Class.RESPONSE)
    return False
