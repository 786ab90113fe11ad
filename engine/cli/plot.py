"""An analysis along time, as a picture: nudges, pitch, level, pace, speech and turns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from dsp.frame import HOP_S

from .. import events as ev
from ..errors import UsageError
from ..media.analysis import Analysis
from ..profile import Profile
from .report import NOTABLE_PAUSE_S, clock, speaker

KINDS = (".png", ".svg", ".pdf")

VOICE = ("#2b6cb0", "#c05621")
"""Colour of each speaker."""

NUDGE, GOOD, FILLER, CREAK, OVERLAP, LOST, GRID = (
    "#6b46c1",
    "#2f855a",
    "#d69e2e",
    "#9f7aea",
    "#e53e3e",
    "#a0aec0",
    "#e2e8f0",
)

INCHES_PER_MINUTE, LEAST_INCHES, MOST_INCHES = 9.0, 11.0, 60.0
DPI = 110
LETTER_INCHES = 0.072
"""Width of a letter of the nudges' labels."""

TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)

MOST_POINTS = 6000
"""Longer curves are thinned: more than the picture has columns."""


def check_path(path: str) -> None:
    """Refuse a picture that could not be written, before any work is done.

    Raises
    ------
    UsageError
        No such folder, or not a kind of picture.
    """
    if Path(path).suffix.lower() not in KINDS:
        raise UsageError(f"{path}: a picture's name must end in {', '.join(KINDS)}")
    if not Path(path).absolute().parent.is_dir():
        raise UsageError(f"{path}: no such folder: {Path(path).parent}")


class Track:
    """What is drawn as curves, gathered while the recording is heard."""

    def __init__(self) -> None:
        self._f0_hz: dict[int, list[tuple[float, list[float]]]] = {}
        self._level_dbfs: dict[int, list[tuple[float, list[float]]]] = {}
        self._pace_wpm: dict[int, list[tuple[float, float]]] = {}
        self._noise_dbfs: dict[int, list[tuple[float, float]]] = {}

    def add(self, event: ev.AnyEvent) -> None:
        """Take an event of the session."""
        match event:
            case ev.Trace(channel=channel, known=known):
                missing = [math.nan] * len(event.level_dbfs)
                self._f0_hz.setdefault(channel, []).append((event.start_s, event.f0_hz))
                self._level_dbfs.setdefault(channel, []).append(
                    (event.start_s, event.level_dbfs if known else missing)
                )
            case ev.Reading(channel=channel):
                pace = math.nan if event.pace_wpm is None else event.pace_wpm
                self._pace_wpm.setdefault(channel, []).append((event.at_s, pace))
                self._noise_dbfs.setdefault(channel, []).append((event.at_s, event.noise_dbfs))

    def f0(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Time and F0 in Hz, NaN where unvoiced."""
        at_s, f0_hz = _curve(self._f0_hz.get(channel, []))
        return at_s, np.where(f0_hz > 0, f0_hz, np.nan)

    def level(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Time and level in dB re full scale, NaN where lost; the loudest of each step where thinned."""
        at_s, level_dbfs = _curve(self._level_dbfs.get(channel, []))
        step = max(1, level_dbfs.size // MOST_POINTS)
        whole = level_dbfs.size // step * step
        return at_s[:whole:step], level_dbfs[:whole].reshape(-1, step).max(axis=1)

    def pace(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Time and words a minute, NaN where too little was heard."""
        return _points(self._pace_wpm.get(channel, []))

    def noise(self, channel: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Time and noise floor in dB re full scale."""
        return _points(self._noise_dbfs.get(channel, []))


def draw(track: Track, analysis: Analysis, profile: Profile, path: str) -> None:
    """Write the picture.

    Raises
    ------
    UsageError
        The file can't be written.
    """
    channels = range(len(analysis.measures))
    width = min(MOST_INCHES, max(LEAST_INCHES, INCHES_PER_MINUTE * analysis.duration_s / 60))
    labels = _rows(analysis, width)
    heights = [
        0.35 + 0.24 * labels.count_rows,
        *(1.9 for _ in channels),
        1.5,
        1.5,
        0.35 + 0.5 * len(channels),
    ]
    figure = Figure(figsize=(width, sum(heights) + 1.1), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    panels: Sequence[Axes] = figure.subplots(
        len(heights), 1, sharex=True, gridspec_kw={"height_ratios": heights}
    )
    figure.suptitle(_title(analysis), x=0.01, ha="left", fontsize=11)
    nudges, *pitch, level, pace, speech = panels
    _draw_nudges(nudges, labels)
    for channel, panel in zip(channels, pitch, strict=True):
        _draw_pitch(panel, track, analysis, channel)
    _draw_level(level, track, analysis)
    _draw_pace(pace, track, analysis, profile)
    _draw_speech(speech, analysis)
    for panel in panels[1:]:
        for nudge in analysis.nudges:
            panel.axvline(nudge.at_s, color=_colour(nudge), linewidth=0.8, alpha=0.45, zorder=0)
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=8)
    speech.set_xlim(0, max(analysis.duration_s, 1.0))
    step_s = next((s for s in TICKS_S if analysis.duration_s / s <= width * 1.2), TICKS_S[-1])
    speech.xaxis.set_major_locator(MultipleLocator(step_s))
    speech.xaxis.set_major_formatter(FuncFormatter(lambda at_s, _: clock(at_s)[:-2]))
    try:
        figure.savefig(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error


class _Labels:
    """The nudges, in as many rows as their texts need."""

    def __init__(self, nudges: Sequence[ev.Nudge], s_per_letter: float) -> None:
        self.placed: list[tuple[ev.Nudge, int]] = []
        free_from_s: list[float] = []
        for nudge in nudges:
            row = next((r for r, end_s in enumerate(free_from_s) if end_s <= nudge.at_s), len(free_from_s))
            end_s = nudge.at_s + s_per_letter * (len(nudge.text) + 3)
            free_from_s[row : row + 1] = [end_s]
            self.placed.append((nudge, row))
        self.count_rows = max(1, len(free_from_s))


def _rows(analysis: Analysis, width: float) -> _Labels:
    return _Labels(analysis.nudges, analysis.duration_s / (width - 1.2) * LETTER_INCHES)


def _draw_nudges(panel: Axes, labels: _Labels) -> None:
    for nudge, row in labels.placed:
        colour = _colour(nudge)
        panel.plot([nudge.at_s], [row], marker="o", markersize=4, color=colour, clip_on=False)
        panel.annotate(
            nudge.text,
            (nudge.at_s, row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            fontweight="bold",
            color=VOICE[nudge.channel] if nudge.tone != "thanks" else colour,
            annotation_clip=False,
        )
    panel.set_ylim(labels.count_rows - 0.4, -0.6)
    panel.set_yticks([])
    panel.set_ylabel("nudges", fontsize=9)
    panel.spines[["left", "bottom"]].set_visible(False)
    panel.tick_params(bottom=False)
    if not labels.placed:
        panel.text(0.01, 0.5, "none", transform=panel.transAxes, fontsize=8.5, color="grey", va="center")


def _draw_pitch(panel: Axes, track: Track, analysis: Analysis, channel: int) -> None:
    at_s, f0_hz = track.f0(channel)
    median_hz = analysis.measures[channel].f0_median_hz
    name = f"{speaker(analysis, channel)}\n" if len(analysis.measures) == 2 else ""
    panel.set_ylabel(f"{name}pitch, semitones", fontsize=9)
    if not np.isfinite(f0_hz).any():
        panel.set_yticks([])
        panel.text(0.01, 0.5, "no voice heard", transform=panel.transAxes, fontsize=8.5, color="grey")
        return
    reference_hz = median_hz or float(np.nanmedian(f0_hz))
    semitones = 12 * np.log2(f0_hz / reference_hz)
    panel.plot(at_s, semitones, ".", markersize=1.6, color=VOICE[channel], rasterized=True)
    low, high = np.nanpercentile(semitones, [2, 98])
    panel.set_ylim(min(low, -4) - 1, max(high, 4) + 1)
    panel.axhline(0, color=GRID, linewidth=0.9, zorder=0)
    spread_st = analysis.measures[channel].f0_sd_st
    if spread_st is not None:
        panel.axhspan(-spread_st, spread_st, color=VOICE[channel], alpha=0.07, linewidth=0)
    hz = panel.secondary_yaxis(
        "right",
        functions=(
            lambda st: reference_hz * 2.0 ** (np.asarray(st) / 12),
            lambda f: 12 * np.log2(np.maximum(f, 1.0) / reference_hz),
        ),
    )
    hz.set_ylabel("Hz", fontsize=9)
    hz.tick_params(labelsize=8)
    hz.spines["right"].set_visible(False)
    hz.yaxis.set_major_locator(MaxNLocator(5))


def _draw_level(panel: Axes, track: Track, analysis: Analysis) -> None:
    for channel in range(len(analysis.measures)):
        panel.plot(*track.level(channel), color=VOICE[channel], linewidth=0.6, alpha=0.85)
        panel.plot(*track.noise(channel), color=VOICE[channel], linewidth=0.9, linestyle=":", alpha=0.9)
    panel.set_ylim(-85, 0)
    panel.set_ylabel("level, dBFS\n(dotted: noise)", fontsize=9)
    panel.grid(axis="y", color=GRID, linewidth=0.6)


def _draw_pace(panel: Axes, track: Track, analysis: Analysis, profile: Profile) -> None:
    panel.axhspan(profile.pace.slow_wpm, profile.pace.fast_wpm, color=GOOD, alpha=0.12, linewidth=0)
    top = profile.pace.fast_wpm + 60
    for channel in range(len(analysis.measures)):
        at_s, pace_wpm = track.pace(channel)
        panel.plot(at_s, pace_wpm, color=VOICE[channel], linewidth=1.4)
        if np.isfinite(pace_wpm).any():
            top = max(top, float(np.nanmax(pace_wpm)) + 15)
    panel.set_ylim(min(60, profile.pace.slow_wpm - 20), top)
    panel.set_ylabel("words/min\n(green: aim)", fontsize=9)


def _draw_speech(panel: Axes, analysis: Analysis) -> None:
    channels = range(len(analysis.measures))
    for channel in channels:
        for event in analysis.events:
            if event.channel != channel:
                continue
            span = _span(event)
            if span is not None:
                start_s, end_s, style, height = span
                style = {"color": VOICE[channel], "zorder": 2, **style}
                panel.barh(channel, end_s - start_s, left=start_s, height=height, linewidth=0, **style)
            if isinstance(event, ev.PauseEnded) and event.silence_s >= NOTABLE_PAUSE_S:
                middle_s = event.start_s - event.silence_s / 2
                text = f"{event.silence_s:.1f}"
                panel.text(middle_s, channel, text, fontsize=6.5, color="grey", ha="center", va="center")
    panel.set_ylim(len(channels) - 0.4, -0.6)
    names = ["speech"] if len(channels) == 1 else [speaker(analysis, channel) for channel in channels]
    panel.set_yticks(list(channels), names)
    panel.set_xlabel("minutes:seconds; figures in gaps: pauses in seconds", fontsize=8.5, color="grey")
    shown = {"filled pause": FILLER, "creak": CREAK, "talking over": OVERLAP, "lost": LOST}
    panel.legend(
        handles=[Patch(color=colour, label=name) for name, colour in shown.items()],
        loc="upper left",
        bbox_to_anchor=(0, -0.5 / (0.35 + 0.5 * len(channels))),
        ncols=len(shown),
        fontsize=7.5,
        frameon=False,
        borderaxespad=0,
    )


def _span(event: ev.AnyEvent) -> tuple[float, float, dict[str, Any], float] | None:
    """Start, end, style and height of what is a bar on a speaker's lane."""
    match event:
        case ev.PhraseEnded(start_s=start_s, end_s=end_s):
            return start_s, end_s, {"alpha": 0.75, "zorder": 1}, 0.5
        case ev.Backchannel(start_s=start_s, end_s=end_s):
            return start_s, end_s, {"zorder": 2}, 0.25
        case ev.FilledPause(start_s=start_s, end_s=end_s):
            return start_s, end_s, {"color": FILLER}, 0.5
        case ev.Creak(start_s=start_s, end_s=end_s):
            return start_s, end_s, {"color": CREAK}, 0.5
        case ev.InterruptionEnded(start_s=start_s, end_s=end_s):
            return start_s, end_s, {"color": OVERLAP, "zorder": 3}, 0.16
        case ev.AudioLost(start_s=start_s, end_s=end_s):
            return start_s, end_s, {"color": LOST}, 0.75
    return None


def _colour(nudge: ev.Nudge) -> str:
    return GOOD if nudge.tone == "thanks" else NUDGE


def _title(analysis: Analysis) -> str:
    files = " with ".join(Path(file).name for file in _files(analysis))
    return f"{files}   ({clock(analysis.duration_s)}, profile {analysis.profile})"


def _files(analysis: Analysis) -> Iterator[str]:
    yield analysis.file
    if analysis.other_file is not None:
        yield analysis.other_file


def _curve(pieces: list[tuple[float, list[float]]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time and value of hops that came in pieces."""
    if not pieces:
        return np.empty(0), np.empty(0)
    at_s = [start_s + HOP_S * np.arange(len(values)) for start_s, values in pieces]
    return np.concatenate(at_s), np.concatenate([np.asarray(values) for _, values in pieces])


def _points(points: list[tuple[float, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
