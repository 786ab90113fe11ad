"""The table of measures: each with its target, and with what the person's takes usually have."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from engine.programme.skills import range_text
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import CueState
from engine.protocol.review import WordMeasures, WordPace
from engine.protocol.take import Take

from .charts import Scale, scale
from .requests import Usual
from .texts import clock, number

LEAST_USUAL = 3
"""Takes from which something is called usual."""

MOST_USUAL = 20
"""Takes that one's usual is told from: the newest before."""

Unit = Literal["words/min", "semitones", "per min", "clock", "share", "s", ""]


class Row(NamedTuple):
    """A row of the table."""

    name: str
    title: str
    read: Callable[[ChannelMeasures], float | None]
    unit: Unit = ""
    cue: str = ""
    """Whose comfortable range is the target."""

    field: str = ""
    """Of the measures, which ``unsure`` may name."""

    two: bool = False
    """Whether it takes two to measure."""

    more: Callable[[ChannelMeasures], str] = lambda _: ""
    """What is said beside the figure."""

    error: Callable[[ChannelMeasures], float | None] | None = None
    """How far an estimated figure may be off: what lies outside of the range by less is not judged."""


def _exchange(name: str) -> Callable[[ChannelMeasures], float | None]:
    return lambda one: None if one.exchange is None else getattr(one.exchange, name)


def _rises(one: ChannelMeasures) -> float | None:
    return one.rises / one.endings if one.endings else None


ROWS = (
    Row(
        "pace",
        "Pace",
        lambda one: one.pace_wpm,
        "words/min",
        "pace",
        "pace_wpm",
        error=lambda one: one.pace_error_wpm,
    ),
    Row("pitch", "Pitch variety", lambda one: one.f0_sd_st, "semitones", "pitch_range", "f0_sd_st"),
    Row(
        "pauses",
        "Pauses",
        lambda one: float(one.pause_count),
        more=lambda one: f"longest {number(one.longest_pause_s)} s",
    ),
    Row("stretch", "Longest time without a break", lambda one: one.longest_stretch_s, "clock", "check_in"),
    Row("share", "Share of the talk", lambda one: one.talk_share, "share", "talk_share", "talk_share", True),
    Row("monologue", "Longest monologue", _exchange("longest_monologue_s"), "clock", two=True),
    Row("gap", "Time before answering", _exchange("response_gap_s"), "s", two=True),
    Row("interruptions", "Interruptions", lambda one: float(one.interruptions), two=True),
    Row("listening", "“Mm-hm” while listening", lambda one: float(one.backchannels), two=True),
    Row("questions", "Questions (judged by intonation)", _exchange("questions"), two=True),
    Row("fillers", "Fillers", lambda one: one.fillers_per_min, "per min", "fillers", "fillers_per_min"),
    Row("creak", "Creak", lambda one: one.creak_share, "share", "creak", "creak_share"),
    Row(
        "rises",
        "Endings that rise",
        _rises,
        "share",
        field="rises",
        more=lambda one: f"{one.rises} of {one.endings} phrases",
    ),
)
"""All rows, in the order of the table."""


class Line(NamedTuple):
    """A row as it is printed."""

    title: str
    value: str
    more: str
    verdict: str
    """``within`` or ``outside`` its target; empty where it isn't judged."""

    target: str
    usual: str
    scale: Scale | None


def lines(measures: ChannelMeasures, aims: Sequence[CueState], usual: Mapping[str, Usual]) -> list[Line]:
    """Return the table; rows that take two are left out where there was one."""
    ranges = {cue.cue: cue.aim for cue in aims}
    return [
        _line(row, measures, ranges.get(row.cue, (None, None)), usual.get(row.name))
        for row in ROWS
        if measures.exchange is not None or not row.two
    ]


def _line(
    row: Row, measures: ChannelMeasures, aim: tuple[float | None, float | None], usual: Usual | None
) -> Line:
    value = row.read(measures)
    low, high = aim
    guess = row.field in measures.unsure
    inside = value is not None and (low is None or value >= low) and (high is None or value <= high)
    error = 0.0 if row.error is None else row.error(measures) or 0.0
    near = (low is None or value is None or value >= low - error) and (
        high is None or value is None or value <= high + error
    )
    known = inside or not near
    judged = value is not None and not guess and known and aim != (None, None)
    said = "too little heard" if value is None else in_unit(value, row.unit) + (", a guess" if guess else "")
    if row.error is not None and value is not None:
        said = f"about {said}"
    return Line(
        title=row.title,
        value=said,
        more="" if value is None else row.more(measures),
        verdict="" if not judged else "within" if inside else "outside",
        target=_target(low, high, row.unit),
        usual="–" if usual is None else _usual(usual, row.unit),
        scale=scale(value, low, high) if judged and value is not None else None,
    )


def in_unit(value: float, unit: Unit) -> str:
    """Return a figure with its unit."""
    return f"{bare(value, unit)} {unit_text(unit)}".rstrip()


def unit_text(unit: Unit) -> str:
    """Return what stands behind a figure; empty for nothing."""
    return {"share": "%", "clock": ""}.get(unit, unit)


def bare(value: float, unit: Unit) -> str:
    """Return a figure without its unit."""
    if unit == "clock":
        return clock(value)
    return f"{100.0 * value:.0f}" if unit == "share" else number(value)


def _target(low: float | None, high: float | None, unit: Unit) -> str:
    return range_text(low, high, lambda edge: bare(edge, unit), unit_text(unit)) or "–"


def _usual(usual: Usual, unit: Unit) -> str:
    low, high = bare(usual.low, unit), bare(usual.high, unit)
    spread = "" if low == high else f" ({low} to {high})"
    return f"{in_unit(usual.median, unit)}{spread}"


def usual_of(takes: Iterable[Take]) -> dict[str, Usual]:
    """Return what takes usually have of each measure, by the row's name; what few takes tell is left out."""
    known = [take.measures for take in takes if take.measures is not None]
    found = {}
    for row in ROWS:
        values = [
            value
            for one in known
            if row.field not in one.unsure
            and (one.exchange is not None or not row.two)
            and (value := row.read(one)) is not None
        ]
        if len(values) >= LEAST_USUAL:
            low, median, high = statistics.quantiles(values, n=4, method="inclusive")
            found[row.name] = Usual(median=median, low=low, high=high, takes=len(values))
    return found


class Count(NamedTuple):
    """A figure of an answer's words."""

    title: str
    value: str
    more: str = ""


def counts(measures: WordMeasures) -> list[Count]:
    """Return the figures of an answer's words; none where no word was heard."""
    if not measures.words:
        return []
    fillers = measures.fillers
    some = [
        Count("Words", str(measures.words)),
        *_pace(measures.pace, measures.words_per_min),
        Count(
            "Fillers",
            str(fillers.least) if fillers.least == fillers.most else f"{fillers.least} to {fillers.most}",
        ),
        Count("Restarts", str(measures.restarts)),
        Count("Hedges", str(measures.hedges)),
    ]
    if measures.headline_s is not None:
        some.append(Count("Headline after", clock(measures.headline_s)))
    terms = f"{measures.terms}, {measures.terms_explained} explained" if measures.terms else "none"
    return [
        *some,
        Count("Figures given", str(measures.figures)),
        Count("Questions", str(measures.questions)),
        Count("Terms", terms),
        Count("“We” and “I”", f"{measures.we} and {measures.i}"),
    ]


def _pace(pace: WordPace | None, words_per_min: float | None) -> list[Count]:
    if pace is None:
        return [] if words_per_min is None else [Count("Pace", f"{words_per_min:.0f} words/min", "by words")]
    value, other = (
        (pace.by_words, pace.by_syllables) if pace.better == "words" else (pace.by_syllables, pace.by_words)
    )
    if value is None:
        return []
    by = f"by {pace.better}"
    if other is not None:
        by += f"; about {other:.0f} by syllables" if pace.better == "words" else f"; {other:.0f} by words"
    about = "" if pace.better == "words" else "about "
    return [Count("Pace", f"{about}{value:.0f} words/min{'' if pace.sure else ', a guess'}", by)]
