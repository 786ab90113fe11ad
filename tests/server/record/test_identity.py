"""Whose takes a visitor's are: the owner's on the server's own machine, nobody's anywhere else."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from engine.errors import UsageError
from engine.server.record.identity import OPEN_SERVER, OTHERS, SWITCHED_OFF, OnePerson
from engine.server.settings import Settings, checked, whose_record


def visit(client: str, host: str, **headers: str) -> HTTPConnection:
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "path": "/record",
        "query_string": b"",
        "server": ("127.0.0.1", 8765),
        "client": (client, 4711),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    return HTTPConnection(scope)


HERE = [("127.0.0.1", "127.0.0.1:8765"), ("::1", "[::1]:8765"), ("::ffff:127.0.0.1", "localhost:8765")]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize(("client", "name"), HERE)
def test_on_the_machine_itself_it_is_the_person_of_the_record(host: str, client: str, name: str) -> None:
    identity = OnePerson(Settings(host=host, record="ada"))
    assert identity.person(visit(client, name)) == "ada"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize(
    "connection",
    [
        visit("192.0.2.7", "127.0.0.1:8765"),
        visit("2001:db8::1", "[::1]:8765"),
        visit("::ffff:192.0.2.7", "localhost:8765"),
        visit("unix", "localhost:8765"),
        visit("127.0.0.1", "coach.example.com"),
        visit("127.0.0.1", "192.0.2.1:8765"),
        visit("127.0.0.1", "localhost.example.com"),
        visit("127.0.0.1", "localhost:8765", x_forwarded_for="192.0.2.7"),
        visit("127.0.0.1", "localhost:8765", forwarded="for=192.0.2.7"),
        visit("127.0.0.1", "localhost:8765", via="1.1 proxy"),
    ],
)
def test_anyone_else_is_nobody(host: str, connection: HTTPConnection) -> None:
    identity = OnePerson(Settings(host=host, record="ada"))
    assert identity.person(connection) is None
    assert identity.why_nobody() == OTHERS


def test_without_a_name_everybody_is_nobody() -> None:
    here = visit("127.0.0.1", "localhost:8765")
    for host, why in (("127.0.0.1", SWITCHED_OFF), ("0.0.0.0", OPEN_SERVER)):
        identity = OnePerson(Settings(host=host, record=None))
        assert (identity.person(here), identity.why_nobody()) == (None, why)


@pytest.mark.parametrize(
    ("wanted", "host", "whose"),
    [
        (None, "127.0.0.1", "me"),
        (None, "localhost", "me"),
        (None, "0.0.0.0", None),
        (None, "192.0.2.1", None),
        ("off", "127.0.0.1", None),
        ("ada", "127.0.0.1", "ada"),
        ("ada", "0.0.0.0", "ada"),
    ],
)
def test_a_server_that_others_can_reach_keeps_none_unless_told_whose(
    wanted: str | None, host: str, whose: str | None
) -> None:
    assert whose_record(wanted, host) == whose


@pytest.mark.parametrize("name", ["", "a b", "../x", "off", "x" * 65])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="record"):
        checked(Settings(record=name))
