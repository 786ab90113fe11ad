"""The endpoint of an assistant: where the words of a take are sent, if the speaker agrees."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from engine.errors import UsageError

KEY_VARIABLE = "SOTTOVOCE_ASSISTANT_KEY"
"""Environment variable with the key of the endpoint."""

COMPLETIONS = "/chat/completions"

NEAR = (".local", ".lan", ".internal", ".home.arpa", ".localhost")
"""Endings of host names of a local network (RFC 6762, RFC 8375, RFC 6761)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible API."""

    url: str
    """Base, without a slash at its end, such as ``http://127.0.0.1:8080/v1``."""

    model: str | None = None
    """None takes the first that the endpoint lists."""

    key: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host with its port where one is given: what the speaker is told before they agree."""
        return urlsplit(self.url).netloc

    @classmethod
    def parse(cls, url: str, model: str | None = None, key: str | None = None) -> Endpoint:
        """Check the address of an endpoint.

        Without encryption (``http``) words go to this machine or a private network only.

        Raises
        ------
        UsageError
            It is no address of an API, or one at which words could be read on their way.
        """
        example = "such as http://127.0.0.1:8080/v1 or https://api.example.com/v1"
        try:
            parts = urlsplit(url.strip().rstrip("/").removesuffix(COMPLETIONS))
            host, _port = parts.hostname or "", parts.port
        except ValueError as error:
            raise UsageError(f"assistant {url!r}: no address of an API, {example}") from error
        if parts.username is not None or parts.password is not None:
            raise UsageError(f"assistant at {host}: its key belongs in {KEY_VARIABLE}, not in the address")
        if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
            raise UsageError(f"assistant {url!r}: no address of an API, {example}")
        if parts.scheme == "http" and not is_near(host):
            raise UsageError(
                f"assistant {url!r}: words would go to {host} unencrypted; use https, or http on this "
                "machine or in a private network"
            )
        return cls(parts.geturl(), model or None, (key or "").strip() or None)


def is_near(host: str) -> bool:
    """Whether a host is this machine or in a private network, by its name or address alone."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.lower().rstrip(".")
        return "." not in name or name.endswith(NEAR)
    return address.is_loopback or address.is_private or address.is_link_local
