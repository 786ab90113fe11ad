"""Lines that the offers of the tests have in common."""

from __future__ import annotations

USER = "uFr4"
PASSWORD = "aPasswordOfTwentyFour+/x"
PRINT = ":".join(f"{byte:02X}" for byte in range(0x40, 0x60))
HOST = "192.0.2.7"

RTC = f"a=fingerprint:sha-256 {PRINT}\na=setup:actpass\n"
ICE = f"a=ice-ufrag:{USER}\na=ice-pwd:{PASSWORD}\n"
