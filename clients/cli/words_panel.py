"""The panel of a picture with the words of a speaker, below their waveform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from matplotlib.axes import Axes

from engine.protocol.review import AnswerReview, MarkKind
from engine.protocol.words import Word

from . import panels

LINES = 7
"""Lines of words: enough for 180 words a minute at a minute a row."""

LINE_INCHES = 0.13
INCHES = LINE_INCHES * (LINES + 1)
"""The lines, and above them one for the parts of the answer."""

LETTER_INCHES, SPACE_INCHES = 0.058, 0.07

CROWDED_S = 90.0
"""In a row of more than this only marked words are written."""

PALE = 0.5
"""A word of less confidence is paler."""

INK, PALE_INK, PART = "#1a202c", "#a0aec0", "#2b6cb0"

COLOURS: dict[MarkKind, str] = {"filler": panels.FILLER, "restart": panels.OVERLAP, "term": panels.NUCLEUS}


class Written(NamedTuple):
    """A word with the line that it is written in, from 0, and its colour."""

    word: Word
    line: int
    colour: str


def draw_words(panel: Axes, review: AnswerReview, start_s: float, end_s: float, inches: float) -> None:
    """Write the words within a row where they begin, with the parts of the answer above.

    Parameters
    ----------
    start_s, end_s : of the row.
    inches : its width.
    """
    panel.set_ylim(0, LINES + 1)
    panel.invert_yaxis()
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    for span in review.unknown:
        panel.axvspan(
            span.start_s, span.end_s, facecolor="white", edgecolor=panels.LOST, hatch="////", linewidth=0
        )
    for part in review.parts:
        began_s, over_s = review.words[part.start].start_s, review.words[part.end - 1].end_s
        if over_s <= start_s or began_s >= end_s:
            continue
        panel.axvspan(began_s, over_s, 1 - 0.9 / (LINES + 1), 1, color=PART, alpha=0.15, linewidth=0)
        _write(panel, max(began_s, start_s), 0.5, part.part.replace("_", " "), PART)
    for word, line, colour in written(review, start_s, end_s, inches):
        _write(panel, word.start_s, line + 1.5, word.text, colour)


def written(review: AnswerReview, start_s: float, end_s: float, inches: float) -> Iterator[Written]:
    """Yield the words of a row, each in the first line with room; where none has, it is left out."""
    s_per_inch = (end_s - start_s) / inches
    marks: dict[int, MarkKind] = {
        place: mark.kind
        for mark in reversed(review.marks)
        if mark.kind in COLOURS
        for place in range(mark.start, mark.end)
    }
    free_s = [start_s] * LINES
    for place, word in enumerate(review.words):
        if not start_s <= word.start_s < end_s or (end_s - start_s > CROWDED_S and place not in marks):
            continue
        line = next((line for line, since_s in enumerate(free_s) if since_s <= word.start_s), None)
        if line is None:
            continue
        free_s[line] = word.start_s + s_per_inch * (LETTER_INCHES * len(word.text) + SPACE_INCHES)
        plain = INK if word.confidence >= PALE else PALE_INK
        yield Written(word, line, COLOURS[marks[place]] if place in marks else plain)


def _write(panel: Axes, at_s: float, line: float, text: str, colour: str) -> None:
    panel.text(
        at_s, line, text, color=colour, fontsize=panels.TINY, va="center", clip_on=True, parse_math=False
    )
