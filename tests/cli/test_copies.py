"""What the command line has a copy of, as help can't wait for the libraries of the original."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from clients.cli import feedback, keep, kept_record, note, printed, programme, programme_asked, words
from clients.cli.main import parser
from engine.protocol.feedback import DAYS
from engine.protocol.kept import Kept
from engine.protocol.messages import SetQuestion
from engine.protocol.note import Occasion, Went
from engine.protocol.practice import MarkWhat
from engine.reports.requests import FORMS, PAPERS
from engine.server.settings import ME, PERSON, Settings
from engine.shipped import programmes


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        (note.OCCASIONS, get_args(Occasion)),
        (note.WENT, get_args(Went)),
        (programme.MARKS, (*get_args(MarkWhat), "none")),
        (printed.FORMS, FORMS),
        (printed.PAPERS, PAPERS),
        (keep.SWITCHES, Kept.__struct_fields__),
        (feedback.DAYS, DAYS),
        (programme_asked.SHIPPED, programmes.DEFAULT),
        (kept_record.OWN, ME),
        (kept_record.PERSON, PERSON.pattern),
    ],
)
def test_a_copy_is_the_original(copy: object, original: object) -> None:
    assert copy == original


def test_the_servers_options_have_its_defaults() -> None:
    options, settings = vars(parser().parse_args(["serve"])), msgspec.structs.asdict(Settings())
    there = options.keys() & settings.keys() - {"record"}
    assert {"port", "max_cpu", "drain_s", "quota", "programme"} <= there
    assert {name: options[name] for name in there} == {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in settings.items()
        if name in there
    }
    assert f":{settings['port']}/" in feedback.LOCAL


@pytest.mark.parametrize(
    ("field", "most"), [("question", words.MOST_QUESTION), ("purpose", keep.MOST_PURPOSE)]
)
def test_as_much_is_taken_as_a_message_takes(field: str, most: int) -> None:
    said = {"question": "", field: "x" * most}
    assert msgspec.convert(said, SetQuestion) is not None
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said | {field: "x" * (most + 1)}, SetQuestion)
