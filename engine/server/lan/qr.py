"""QR codes of links (ISO/IEC 18004), for the page and for a terminal."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import segno

QUIET = 4
"""Modules of quiet zone around a code, as the standard has it."""

BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m"
PLAIN = "\x1b[0m"
HALVES = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
"""Two modules, one above the other, as a character."""


class Code(NamedTuple):
    """A code to be drawn."""

    size: int
    """Modules on each side, quiet zone included."""

    path: str
    """SVG path of the dark modules, to be stroked one module wide."""


@lru_cache(maxsize=64)
def code(text: str) -> Code:
    """Return the code of a text; takes some 50 ms."""
    size = 0
    strokes = []
    for row, modules in enumerate(_rows(text)):
        size = len(modules)
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                strokes.append(f"M{start} {row}.5h{column - start}")
                start = None
    return Code(size, "".join(strokes))


def terminal_lines(text: str) -> list[str]:
    """Return the code of a text for a terminal with colours, whatever its background."""
    rows = _rows(text)
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    drawn = ("".join(HALVES[pair] for pair in zip(*two, strict=True)) for two in pairs)
    return [f"{BLACK_ON_WHITE}{line}{PLAIN}" for line in drawn]


def _rows(text: str) -> list[list[int]]:
    """Return the modules from the top, 1 for dark ones."""
    made = segno.make_qr(text, error="m")
    return [[int(dark) for dark in row] for row in made.matrix_iter(border=QUIET)]
