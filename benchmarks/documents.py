"""Tables of figures in the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .yardstick import CannotMeasure

END = "<!-- end -->"
"""Marks the end of a table."""


def table_of(lines: Sequence[Sequence[str]]) -> str:
    """Format a Markdown table; the first line is its head."""
    head, *body = lines
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


def with_tables(document: str, parts: Mapping[str, str]) -> str:
    """Return the document with what stands between ``<!-- table: NAME -->`` and its end replaced, by name.

    Raises
    ------
    CannotMeasure
        It has no place for one of them, or several.
    """
    for name, part in parts.items():
        begin = f"<!-- table: {name} -->\n"
        if document.count(begin) != 1:
            raise CannotMeasure(
                f"the document needs one place for the table {name!r}, it has {document.count(begin)}"
            )
        before, _, after = document.partition(begin)
        document = f"{before}{begin}{part}\n{END}{after.partition(END)[2]}"
    return document
