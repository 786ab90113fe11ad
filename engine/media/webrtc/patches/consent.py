"""Check for consent of a far end that sends nothing (RFC 7675)."""

from __future__ import annotations

import asyncio
from typing import Any

from aioice import stun
from aiortc import RTCPeerConnection

from .rtp_receiver import _has

PARTS = ("_nominated", "build_request", "remote_password")
"""Attributes needed of an aioice connection; without them no far end has consent."""


ANSWER_S = 1.0
"""Longest wait for a response."""


async def has_consent(connection: RTCPeerConnection) -> bool:
    """Send a consent check now, as ICE does every 5 s, and return whether it was answered."""
    for transceiver in connection.getTransceivers():
        ice: Any = transceiver.receiver.transport.transport._connection
        if not all(_has(ice, part) for part in PARTS) or not ice.remote_password:
            return False
        for pair in list(ice._nominated.values()):
            try:
                async with asyncio.timeout(ANSWER_S):
                    # Sent once: aioice's retransmissions outlive a socket closed meanwhile.
                    answer, _ = await pair.protocol.request(
                        ice.build_request(pair, nominate=False),
                        pair.remote_addr,
                        integrity_key=ice.remote_password.encode(),
                        retransmissions=0,
                    )
            except (stun.TransactionError, TimeoutError, OSError, AttributeError):
                return False  # AttributeError: asyncio's error for a closed socket
            # Consent may be given by recent media (``DatagramGate.request``); here media has stopped.
            return bool(answer.message_class == stun.Class.RESPONSE)
    return False
