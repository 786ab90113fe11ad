"""The code of a link, as the page and a terminal draw it."""

from __future__ import annotations

import re

import segno

from engine.server.lan.qr import BLACK_ON_WHITE, HALVES, PLAIN, QUIET, code, terminal_lines

LINK = "https://192.168.1.20:8443/#room=AbCdEfGh.0123456789-_xyz"

WANTED = [[int(dark) for dark in row] for row in segno.make_qr(LINK, error="m").matrix_iter(border=QUIET)]


def test_the_path_has_the_dark_modules_and_no_other() -> None:
    size, path = code(LINK)
    drawn = [[0] * size for _ in range(size)]
    strokes = re.findall(r"M(\d+) (\d+)\.5h(\d+)", path)
    assert "".join(f"M{x} {y}.5h{width}" for x, y, width in strokes) == path
    for x, y, width in strokes:
        for column in range(int(x), int(x) + int(width)):
            drawn[int(y)][column] = 1
    assert drawn == WANTED


def test_a_terminal_draws_it_black_on_white() -> None:
    pairs = {character: pair for pair, character in HALVES.items()}
    rows: list[list[int]] = []
    for line in terminal_lines(LINK):
        inner = line.removeprefix(BLACK_ON_WHITE).removesuffix(PLAIN)
        assert line == f"{BLACK_ON_WHITE}{inner}{PLAIN}"
        rows += [list(row) for row in zip(*(pairs[character] for character in inner), strict=True)]
    assert rows[: len(WANTED)] == WANTED
    assert not any(map(any, rows[len(WANTED) :]))
