"""Charts as numbers: where each dot, line and label lies. Templates draw them as SVG.

They are drawn here, and not by matplotlib, which draws the plots of ``analyze``: a report must be had without
that extra, its charts are a dozen lines and dots each, and as SVG of the template they are text, scale, and
follow the page's own fonts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.programme.records import Series
from engine.programme.skills import range_text
from engine.protocol.nudges import Nudge, Tone
from engine.protocol.take import FoundPart

from .texts import capital, clock, number, part_name


class Scale(NamedTuple):
    """A measure on its comfortable range: shares of the width, 0..1."""

    low: float
    high: float
    at: float


def scale(value: float, low: float | None, high: float | None) -> Scale:
    """Return a scale of three times the range, or from 0 to twice its only edge."""
    if low is not None and high is not None:
        start, end = low - (high - low), high + (high - low)
    else:
        start, end = 0.0, 2.0 * abs(high if high is not None else low or 0.0)
    width = (end - start) or 1.0

    def share(x: float) -> float:
        return round(min(1.0, max(0.0, (x - start) / width)), 3)

    return Scale(share(start if low is None else low), share(end if high is None else high), share(value))


# --- along time ------------------------------------------------------------------------

TIME_WIDTH = 680.0
"""Of the line along time, in units of the drawing; 20 more on either side."""

NUMBER_WIDTH = 16.0
"""That a nudge's number needs."""

LANES = 3
LETTER_WIDTH = 5.6
TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
MOST_TICKS = 10


class TimeMark(NamedTuple):
    """A nudge on the line."""

    x: float
    lane: int
    number: str
    """Empty where there is no room for it."""

    tone: Tone


class TimePart(NamedTuple):
    """A part of the answer on the line."""

    x: float
    width: float
    name: str
    """Empty where there is no room for it."""


class Tick(NamedTuple):
    """A labelled point of an axis."""

    at: float
    label: str


class TimeLine(NamedTuple):
    """Nudges and parts along time."""

    ticks: list[Tick]
    marks: list[TimeMark]
    parts: list[TimePart]
    top: float
    """Where the drawing begins: above the highest lane in use."""


def time_line(duration_s: float, nudges: Sequence[Nudge], parts: Sequence[FoundPart]) -> TimeLine:
    """Return what happened when."""
    whole_s = max(duration_s, *(nudge.at_s for nudge in nudges), 1.0) if nudges else max(duration_s, 1.0)

    def x(at_s: float) -> float:
        return round(20.0 + TIME_WIDTH * min(1.0, max(0.0, at_s / whole_s)), 1)

    step = next((one for one in TICKS_S if whole_s / one <= MOST_TICKS), math.ceil(whole_s / MOST_TICKS))
    ticks = [Tick(x(at), clock(at)) for at in range(0, int(whole_s) + 1, step)]
    free = [-math.inf] * LANES
    marks = []
    for place, nudge in enumerate(nudges, 1):
        at = x(nudge.at_s)
        lane = next((lane for lane, until in enumerate(free) if until <= at), None)
        if lane is not None:
            free[lane] = at + NUMBER_WIDTH
        marks.append(TimeMark(at, lane or 0, "" if lane is None else str(place), nudge.tone))
    spans = []
    for part in parts:
        name = part_name(part.part)
        start, width = x(part.start_s), round(x(part.end_s) - x(part.start_s), 1)
        if name and width > 0.0:
            spans.append(TimePart(start, width, name if LETTER_WIDTH * len(name) + 6.0 <= width else ""))
    lanes = max((mark.lane for mark in marks), default=0)
    return TimeLine(ticks, marks, spans, 30.0 - 15.0 * lanes)


# --- over weeks ------------------------------------------------------------------------

CHART_WIDTH, CHART_HEIGHT = 270.0, 96.0
LEFT, TOP = 34.0, 10.0
"""Where the drawing area begins, in the units of the chart, which is wider and higher by axes and labels."""

DATES = 4
MOST_ROUND = 5.0
"""Steps between the labels of the vertical axis, at most."""


class Chart(NamedTuple):
    """A measure over weeks; lengths are in the units of the drawing, y grows downwards."""

    name: str
    title: str
    unit: str
    dots: list[tuple[float, float]]
    band: tuple[float, float]
    """Top and height of the target band."""

    baseline: float | None
    spread: tuple[float, float] | None
    """Top and height of two standard deviations around the baseline, or around the mean without one."""

    x_ticks: list[Tick]
    y_ticks: list[Tick]
    said: str
    """What the chart shows, as a sentence."""


def chart(series: Series, bottom: float | None = None, top: float | None = None) -> Chart:
    """Return the chart of a series that has points.

    Parameters
    ----------
    bottom, top : ends of the vertical axis; None for as far as points, target and baseline reach.
    """
    values = [point.value for point in series.points]
    middle = sum(values) / len(values) if series.baseline is None else series.baseline
    reach = [*values, middle, *(edge for edge in (series.target_low, series.target_high) if edge is not None)]
    low, high = _ends(reach, bottom, top)
    first, last = series.points[0].at, series.points[-1].at
    first, last = (first, last) if last > first else (first - timedelta(days=1), last + timedelta(days=1))

    def x(at: datetime) -> float:
        return round(LEFT + CHART_WIDTH * ((at - first) / (last - first)), 1)

    def y(value: float) -> float:
        return round(TOP + CHART_HEIGHT * (1.0 - (min(high, max(low, value)) - low) / (high - low)), 1)

    band_top = y(high if series.target_high is None else series.target_high)
    band_bottom = y(low if series.target_low is None else series.target_low)
    sd = series.spread.sd
    spread = None if sd is None else (y(middle + sd), round(y(middle - sd) - y(middle + sd), 1))
    return Chart(
        name=series.name,
        title=capital(series.title),
        unit=series.unit,
        dots=[(x(point.at), y(point.value)) for point in series.points],
        band=(band_top, round(band_bottom - band_top, 1)),
        baseline=None if series.baseline is None else y(series.baseline),
        spread=spread,
        x_ticks=_dates(series.points[0].at, series.points[-1].at, x),
        y_ticks=[Tick(y(value), f"{value:g}".replace("-", "−")) for value in _round_numbers(low, high)],
        said=_said(series),
    )


def _ends(reach: Sequence[float], bottom: float | None, top: float | None) -> tuple[float, float]:
    low = min(reach) if bottom is None else bottom
    high = max(reach) if top is None else top
    margin = 0.1 * (high - low) or 0.5
    if bottom is None:
        low = max(0.0, low - margin) if low >= 0.0 else low - margin
    return (low, high + margin if top is None else high)


def _round_numbers(low: float, high: float) -> list[float]:
    """Return a few round numbers of a span: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / MOST_ROUND
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1.0, 2.0, 5.0, 10.0) if times * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(place * step, 10) for place in range(first, last + 1)]


def _dates(first: datetime, last: datetime, x: Callable[[datetime], float]) -> list[Tick]:
    """Return labels of at most so many days, the first and the last among them."""
    days = (last.date() - first.date()).days
    count = min(DATES, days + 1)
    at = [first + (last - first) * place / (count - 1) for place in range(count)] if count > 1 else [first]
    return [Tick(x(one), f"{one.day} {one:%b}") for one in at]


def _said(series: Series) -> str:
    values = series.points
    newest = f"newest {number(values[-1].value)}"
    takes = "1 take" if len(values) == 1 else f"{len(values)} takes"
    baseline = "" if series.baseline is None else f", baseline {number(series.baseline)}"
    return f"{takes}, {newest}{baseline}, {target_text(series)}"


def target_text(series: Series) -> str:
    """Return the target of a series."""
    target = range_text(series.target_low, series.target_high, number)
    return f"target {target}" if target else "no target"
