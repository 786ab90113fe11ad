"""Draw an analysis along time: everything the ears heard, over waveform and spectrogram."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from engine.errors import UsageError
from engine.media.files.analysis import Analysis
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.file_names import shown

from . import panels, words_panel
from .report import clock, speaker
from .track import Track

KINDS = (".png", ".svg", ".pdf")

NUDGE, GOOD = "#6b46c1", "#2f855a"
"""Colours of nudges that ask for a change, and of those that praise."""

ROW_S = 60.0
"""Longest row of the picture, unless that gave more than ``MOST_ROWS`` rows."""

MOST_ROWS = 10

WIDTH, LEFT, RIGHT, TOP, BOTTOM, BETWEEN_ROWS, GAP = 13.5, 0.75, 0.65, 0.35, 0.9, 0.5, 0.07
"""Inches."""

LEGEND_COLUMNS = 6
DPI = 110
LETTER_INCHES = 0.075
"""Width of a letter of the nudges' labels."""

LABEL_INCHES = 0.2
TICKS_S = (0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


def check_path(path: str) -> None:
    """Check that a picture can be written, before any work is done.

    Raises
    ------
    UsageError
        No such folder, or not a kind of picture.
    """
    if Path(path).suffix.lower() not in KINDS:
        raise UsageError(f"{shown(path)}: a picture's name must end in {', '.join(KINDS)}")
    if not Path(path).absolute().parent.is_dir():
        raise UsageError(f"{shown(path)}: no such folder: {shown(Path(path).parent)}")


class Label(NamedTuple):
    """A nudge in the strip above a row."""

    nudge: ev.Nudge
    line: int
    until_s: float
    corrected: bool


class Row(NamedTuple):
    """A span of time, drawn over the whole width of the picture."""

    start_s: float
    end_s: float
    labels: list[Label]

    @property
    def strip(self) -> float:
        """Height of the strip with the nudges, inches."""
        return LABEL_INCHES * (1 + max((label.line for label in self.labels), default=0)) + 0.05


class Page:
    """A figure that is filled from the top down; lengths are in inches."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH, height), dpi=DPI)
        FigureCanvasAgg(self.figure)
        self._below = height

    def skip(self, inches: float) -> None:
        """Leave room below what was added last."""
        self._below -= inches

    def panel(self, inches: float, beside: Axes | None) -> Axes:
        """Add axes over the whole width, which share the time axis of ``beside``."""
        self.skip(inches)
        width = (WIDTH - LEFT - RIGHT) / WIDTH
        frame = (LEFT / WIDTH, self._below / self.height, width, inches / self.height)
        self.skip(GAP)
        axes: Axes = self.figure.add_axes(frame, sharex=beside)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=panels.TINY)
        return axes


def draw(track: Track, analysis: Analysis, profile: Profile, path: str) -> None:
    """Draw the span of the track, and write the picture.

    Raises
    ------
    UsageError
        The file can't be written, or the recording ends before the span begins.
    """
    length_s = max(analysis.duration_s, 1.0)
    if track.start_s >= length_s:
        raise UsageError(
            f"{analysis.file}: nothing to draw from {track.start_s:g} s on, it is {length_s:.1f} s long"
        )
    rows = list(_rows(analysis, track.start_s, min(track.end_s, length_s)))
    channels = range(len(analysis.measures))
    group = len(channels) * sum(inches + GAP for inches, _ in panels.PANELS.values())
    group += len(analysis.reviews) * (words_panel.INCHES + GAP)
    page = Page(TOP + BOTTOM + sum(row.strip + GAP + group + BETWEEN_ROWS for row in rows))
    page.figure.text(
        LEFT / WIDTH,
        1 - 0.5 * TOP / page.height,
        _title(analysis),
        fontsize=11,
        va="center",
        parse_math=False,  # a file's name may hold anything
    )
    page.skip(TOP)
    for row in rows:
        nudges = page.panel(row.strip, None)
        _draw_nudges(nudges, row)
        drawn = [
            axes
            for channel in channels
            for axes in _draw_speaker(page, nudges, row, track, analysis, profile, channel)
        ]
        _draw_time([nudges, *drawn], row)
        page.skip(BETWEEN_ROWS)
    handles, labels = zip(*panels.legend(), strict=True)
    page.figure.legend(
        handles,
        labels,
        loc="lower center",
        ncols=LEGEND_COLUMNS,
        fontsize=panels.SMALL,
        frameon=False,
    )
    try:
        page.figure.savefig(path)
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be written: {error.strerror or error}") from error


def _rows(analysis: Analysis, start_s: float, end_s: float) -> Iterator[Row]:
    """Yield rows of equal length, with their nudges in as many lines as their texts need."""
    count = min(MOST_ROWS, math.ceil((end_s - start_s) / ROW_S))
    length_s = (end_s - start_s) / count
    s_per_inch = length_s / (WIDTH - LEFT - RIGHT)
    cleared = {(e.channel, e.id): e for e in analysis.events if isinstance(e, ev.NudgeCleared)}
    for k in range(count):
        first_s = start_s + k * length_s
        labels: list[Label] = []
        free_s: list[float] = []
        for nudge in analysis.nudges:
            if not first_s <= nudge.at_s < first_s + length_s:
                continue
            end = cleared.get((nudge.channel, nudge.id))
            until_s = nudge.at_s + nudge.show_s if end is None else end.at_s
            text_s = s_per_inch * (LETTER_INCHES * len(nudge.text) + 0.3)
            line = next((i for i, since_s in enumerate(free_s) if since_s <= nudge.at_s), len(free_s))
            free_s[line : line + 1] = [max(until_s, nudge.at_s + text_s)]
            labels.append(Label(nudge, line, until_s, end is not None and end.corrected))
        yield Row(first_s, first_s + length_s, labels)


def _draw_nudges(axes: Axes, row: Row) -> None:
    """Draw a bar for the time that each nudge was shown, with its text and a tick where it was followed."""
    for nudge, line, until_s, corrected in row.labels:
        colour = GOOD if nudge.tone == "thanks" else NUDGE
        axes.barh(
            line, until_s - nudge.at_s, left=nudge.at_s, height=0.8, color=colour, alpha=0.18, linewidth=0
        )
        axes.plot([nudge.at_s], [line], marker="o", markersize=4, color=colour, clip_on=False)
        near_end = nudge.at_s > row.start_s + 0.88 * (row.end_s - row.start_s)
        axes.annotate(
            nudge.text + (" ✓" if corrected else ""),
            (nudge.at_s, line),
            xytext=(-6 if near_end else 6, 0),
            textcoords="offset points",
            ha="right" if near_end else "left",
            va="center",
            fontsize=panels.SMALL,
            fontweight="bold",
            color=colour if nudge.tone == "thanks" else panels.VOICE[nudge.channel],
            annotation_clip=False,
        )
    axes.set_ylim(max((label.line for label in row.labels), default=0) + 0.5, -0.5)
    axes.set_yticks([])
    axes.set_ylabel("nudges", fontsize=panels.SMALL, rotation=0, ha="right", va="center")
    axes.spines["left"].set_visible(False)


def _draw_speaker(
    page: Page, beside: Axes, row: Row, track: Track, analysis: Analysis, profile: Profile, channel: int
) -> Iterator[Axes]:
    """Draw all panels of one speaker."""
    events = [
        event
        for event in analysis.events
        if event.channel == channel and event.at_s >= row.start_s and _began(event) <= row.end_s
    ]
    heard = panels.Heard(track[channel].cut(row.start_s, row.end_s), events, profile, panels.VOICE[channel])
    name = speaker(analysis, channel) if len(analysis.measures) == 2 else "waveform"
    for label, (inches, paint) in panels.PANELS.items():
        axes = page.panel(inches, beside)
        axes.set_ylabel(name if label == "waveform" else label, fontsize=panels.SMALL)
        paint(axes, heard)
        for nudge in analysis.nudges:
            if nudge.channel == channel:
                axes.axvline(nudge.at_s, color=NUDGE, linewidth=0.7, alpha=0.5, zorder=0)
        yield axes
        if label == "waveform" and analysis.reviews:
            words = page.panel(words_panel.INCHES, beside)
            words.set_ylabel("words", fontsize=panels.SMALL)
            inches = WIDTH - LEFT - RIGHT
            words_panel.draw_words(words, analysis.reviews[channel], row.start_s, row.end_s, inches)
            yield words


def _began(event: ev.AnyEvent) -> float:
    """Return the begin of what an event reports, seconds."""
    if isinstance(event, ev.PauseEnded):
        return event.start_s - event.silence_s
    began_s: float = getattr(event, "start_s", event.at_s)
    return began_s


def _draw_time(axes: Sequence[Axes], row: Row) -> None:
    """Draw one time axis for all panels of a row, below the lowest."""
    *above, lowest = axes
    for panel in above:
        panel.tick_params(labelbottom=False, bottom=False)
        panel.spines["bottom"].set_visible(False)
    length_s = row.end_s - row.start_s
    lowest.set_xlim(row.start_s, row.end_s)
    lowest.xaxis.set_major_locator(
        MultipleLocator(next((s for s in TICKS_S if length_s / s <= 16), TICKS_S[-1]))
    )
    lowest.xaxis.set_major_formatter(
        FuncFormatter(lambda at_s, _: clock(at_s) if length_s < 16 else clock(at_s)[:-2])
    )


def _title(analysis: Analysis) -> str:
    files = [analysis.file] if analysis.other_file is None else [analysis.file, analysis.other_file]
    names = " with ".join(Path(file).name for file in files)
    return f"{names}   ({clock(analysis.duration_s)}, profile {analysis.profile})"
