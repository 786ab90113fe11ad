"""The addresses by which other machines of the network reach this one. Nothing is sent to find them."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

import ifaddr

IP = IPv4Address | IPv6Address

VIRTUAL = (
    "br-", "cali", "cni", "docker", "flannel", "lxc", "lxd", "podman", "vboxnet", "veth", "vethernet",
    "virbr", "vmnet",
)  # fmt: skip
"""How interfaces to containers and virtual machines on this machine are called."""

TUNNELS = ("ppp", "tailscale", "tap", "tun", "utun", "wg", "zt")
"""How interfaces of tunnels are called: who is at their other end is not in the same room."""


class Found(NamedTuple):
    """An address of this machine, and the name of its interface."""

    ip: IP
    interface: str


def own_addresses() -> list[IP]:
    """Return this machine's addresses, those first by which others are likeliest to reach it."""
    found = [
        Found(ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0]), adapter.nice_name)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    return ranked(found, {address for address in map(_towards, OUTSIDE) if address is not None})


def ranked(found: Iterable[Found], routed: set[IP]) -> list[IP]:
    """Return the addresses that lead here from other machines, the likeliest first.

    Loopback and link-local ones are left out, and those of containers and virtual machines unless there are
    no others. Those on the default route come first, tunnels' last, IPv4 before IPv6.

    Parameters
    ----------
    routed : addresses that this machine itself uses towards others.
    """
    reached = [one for one in found if not (one.ip.is_loopback or one.ip.is_link_local)]
    real = [one for one in reached if not one.interface.lower().startswith(VIRTUAL)]

    def rank(one: Found) -> tuple[bool, bool, int]:
        return one.interface.lower().startswith(TUNNELS), one.ip not in routed, one.ip.version

    return list(dict.fromkeys(one.ip for one in sorted(real or reached, key=rank)))


OUTSIDE = ("192.0.2.1", "2001:db8::1")
"""Addresses outside of any network, for documentation (RFC 5737, RFC 3849)."""


def _towards(outside: str) -> IP | None:
    """Return the address from which packets would go there; a datagram socket sends none to connect."""
    family = socket.AF_INET6 if ":" in outside else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as unsent:
            unsent.connect((outside, 9))
            return ip_address(unsent.getsockname()[0])
    except OSError:  # there is no way there
        return None
