"""Which of a machine's addresses others are told."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from engine.server.lan.addresses import Found, own_addresses, ranked


def found(*pairs: tuple[str, str]) -> list[Found]:
    return [Found(ip_address(address), interface) for interface, address in pairs]


LAPTOP = found(
    ("lo", "127.0.0.1"),
    ("lo", "::1"),
    ("docker0", "172.17.0.1"),
    ("br-0a1b2c", "172.18.0.1"),
    ("tailscale0", "100.101.1.2"),
    ("eth0", "fd00::2"),
    ("eth0", "fe80::1"),
    ("eth0", "192.168.7.2"),
    ("wlan0", "169.254.3.4"),
    ("wlan0", "192.168.1.20"),
    ("wlan0", "2001:db8:1::20"),
)


@pytest.mark.parametrize(
    ("routed", "told"),
    [
        ("192.168.1.20", ["192.168.1.20", "192.168.7.2", "fd00::2", "2001:db8:1::20", "100.101.1.2"]),
        ("fd00::2", ["fd00::2", "192.168.7.2", "192.168.1.20", "2001:db8:1::20", "100.101.1.2"]),
        ("100.101.1.2", ["192.168.7.2", "192.168.1.20", "fd00::2", "2001:db8:1::20", "100.101.1.2"]),
    ],
)
def test_the_likeliest_comes_first_and_no_container_is_among_them(routed: str, told: list[str]) -> None:
    assert [str(one) for one in ranked(LAPTOP, {ip_address(routed)})] == told


def test_a_bridge_is_better_than_nothing() -> None:
    assert [str(one) for one in ranked(LAPTOP[:4], set())] == ["172.17.0.1", "172.18.0.1"]
    assert ranked(LAPTOP[:2], set()) == []


def test_those_of_this_machine_are_none_that_only_it_knows() -> None:
    addresses = own_addresses()
    assert not any(one.is_loopback or one.is_link_local for one in addresses)
    assert len(set(addresses)) == len(addresses)
