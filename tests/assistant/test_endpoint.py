from __future__ import annotations

import pytest

from engine.assistant.endpoint import KEY_VARIABLE, Endpoint
from engine.errors import UsageError


@pytest.mark.parametrize(
    ("url", "base", "host"),
    [
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", "127.0.0.1:8080"),
        ("http://localhost:11434/v1/", "http://localhost:11434/v1", "localhost:11434"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1", "[::1]:8000"),
        ("http://192.168.1.20:8000/v1", "http://192.168.1.20:8000/v1", "192.168.1.20:8000"),
        ("http://workstation.local/v1", "http://workstation.local/v1", "workstation.local"),
        ("http://gpu:8000", "http://gpu:8000", "gpu:8000"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1", "api.example.com"),
    ],
)
def test_addresses_that_can_be_used(url: str, base: str, host: str) -> None:
    endpoint = Endpoint.parse(url)
    assert (endpoint.url, endpoint.host, endpoint.model, endpoint.key) == (base, host, None, None)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("api.example.com/v1", "no address of an API"),
        ("ftp://127.0.0.1/v1", "no address of an API"),
        ("https:///v1", "no address of an API"),
        ("http://127.0.0.1:port/v1", "no address of an API"),
        ("http://[::1/v1", "no address of an API"),
        ("https://api.example.com/v1?key=1", "no address of an API"),
        ("http://api.example.com/v1", "unencrypted"),
        ("http://93.184.215.14/v1", "unencrypted"),
        ("http://127.0.0.1.example.com/v1", "unencrypted"),
    ],
)
def test_addresses_that_are_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        Endpoint.parse(url)


def test_a_key_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match=KEY_VARIABLE) as caught:
        Endpoint.parse("https://user:hunter2@api.example.com/v1")
    assert "hunter2" not in str(caught.value)


def test_a_key_is_never_printed() -> None:
    endpoint = Endpoint.parse("https://api.example.com/v1", "m", " hunter2\n")
    assert endpoint.key == "hunter2"
    assert "hunter2" not in repr(endpoint)
