"""Keep a process's WebRTC on the loopback interface."""

from __future__ import annotations

import aioice.ice


def only_loopback() -> None:
    """Let aioice offer 127.0.0.1 alone: what floods a server must not leave the machine, nor seem to."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
