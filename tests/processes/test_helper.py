"""What a helper process answers: each request, whatever becomes of it."""

from __future__ import annotations

import io

import msgspec
import pytest

from engine.processes.helper import Failed, HelperProcess, Made, answer_requests


class Asked(msgspec.Struct):
    """A request."""

    text: str


def test_each_request_is_answered_in_order_and_one_that_fails_stops_none() -> None:
    def make(line: bytes) -> bytes:
        if line == b"much\n":
            raise MemoryError
        if line == b"wrong\n":
            raise ValueError("no")
        return line.strip().upper()

    answers = io.BytesIO()
    answer_requests(io.BytesIO(b"one\nmuch\nwrong\ntwo\n"), answers, make, repr)
    answers.seek(0)
    told = []
    for _ in range(4):
        head = msgspec.json.decode(answers.readline(), type=Made | Failed)
        told.append((head, answers.read(head.size if isinstance(head, Made) else 0)))
    assert told == [
        (Made(3), b"ONE"),
        (Failed("MemoryError()", no_memory=True), b""),
        (Failed("ValueError('no')"), b""),
        (Made(3), b"TWO"),
    ]
    assert answers.read() == b""


def test_one_that_ends_without_an_answer_is_noticed_and_its_code_told() -> None:
    helper = HelperProcess("engine.processes.none_of_that_name")
    assert helper.close() is None
    helper.start()
    with pytest.raises((EOFError, OSError)):
        helper.ask(Asked("hello"))
    assert helper.close() == 1
    assert helper.pid is None
