"""Short broken programs that a drill shows, to talk about while somebody interrupts."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Program(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program with one fault: a TOML file of these keys."""

    name: str
    """Of the file."""

    title: str
    field: Literal["machine learning", "backend"]
    task: str
    """What it should do, and what goes wrong: one or two sentences."""

    code: str
    line: int
    """Where the fault is, from 1."""

    fault: str
    """What the fault is, one sentence."""

    fault_words: tuple[str, ...]
    """Phrases of which one is said by who names it; ``*`` stands for any ending."""

    fix: str
    """What would mend it, one sentence."""

    fix_words: tuple[str, ...]
