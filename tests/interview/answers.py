"""Answers to an interviewer, written for these tests, each with what should be asked for after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

from engine.protocol.terms import FollowUpKind


class Scripted(NamedTuple):
    """An answer."""

    wants: FollowUpKind | None
    text: str


def _parsed(text: str) -> Iterator[Scripted]:
    for kind, said in re.findall(r"^\[(\w+)\]\n([^\[#]+)", text, re.MULTILINE):
        wants = None if kind == "nothing" else cast(FollowUpKind, kind)
        yield Scripted(wants, " ".join(said.split()))


_MADE_WITH, _, _LATER = (Path(__file__).with_suffix(".txt").read_text("utf-8")).partition("\n[then]\n")

ANSWERS = tuple(_parsed(_MADE_WITH))
HELD_OUT = tuple(_parsed(_LATER))
"""Written after the rules, and never used to change them."""

LONG = max((one.text for one in ANSWERS), key=len)
