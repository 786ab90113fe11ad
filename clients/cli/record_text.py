"""What ``sottovoce record`` prints of takes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.protocol.kept import Kept
from engine.protocol.measures import ChannelMeasures
from engine.protocol.take import Take, TakeEntry

SHOWN = {
    "pace_wpm": ("pace", "words a minute"),
    "fillers_per_min": ("fillers", "a minute"),
    "longest_pause_s": ("longest pause", "s"),
    "longest_stretch_s": ("longest time without a break", "s"),
    "f0_sd_st": ("pitch range (standard deviation)", "semitones"),
    "level_dbfs": ("level", "dBFS"),
}
"""Measures of a voice that are shown, with a name and a unit."""

FIGURES = {
    "composure": "composure",
    "score": "score",
    "headline_s": "headline after",
    "fillers_per_min": "fillers",
    "pace_wpm": "pace",
}
"""Names of the figure that matters, for a person."""


def entry_lines(entries: list[TakeEntry]) -> list[str]:
    """Return a line a take."""
    return [_entry(entry) for entry in entries]


def take_lines(take: Take) -> Iterator[str]:
    """Yield the lines of a take."""
    yield f"{take.title or take.question or take.kind}"
    yield f"{_when(take)}, {take.kind}, {_clock(take.duration_s)}, kept: {_kept(take.kept)}"
    for name, text in (("question", take.question), ("purpose", take.purpose), ("story", take.story)):
        if text:
            yield f"{name}: {text}"
    if take.tags:
        yield f"tags: {', '.join(take.tags)}"
    if take.card is not None:
        score = "not scored" if take.card.composure is None else f"composure {take.card.composure:.1f} of 10"
        yield f"drill: {take.card.title}, {take.card.level}, {score}"
    if take.exercise is not None:
        score = "not scored" if take.exercise.score is None else f"{take.exercise.score:.1f} of 10"
        yield f"exercise: {take.exercise.exercise}, {score}"
    if take.measures is not None:
        yield from _measures(take.measures)
    for finding in take.findings:
        yield f"  {'✓' if finding.good else '•'} {finding.text}"
    for nudge in take.nudges:
        yield f"  {_clock(nudge.at_s)} {nudge.text}: {nudge.why}".rstrip(": ")
    if take.review is not None:
        yield ""
        yield " ".join(word.text for word in take.review.words)
        yield from (f"  {'✓' if found.good else '•'} {found.text}" for found in take.review.findings)
        if take.review.try_next:
            yield f"Try next: {take.review.try_next}"
    if take.sound is not None:
        yield f"sound: {_clock(take.sound.duration_s)}, {take.sound.size / 1000:.0f} kB"
    if take.note:
        yield f"note: {take.note}"


def _entry(entry: TakeEntry) -> str:
    figure = ""
    if entry.figure is not None:
        name = FIGURES.get(entry.figure.name, entry.figure.name)
        figure = f"{name} {entry.figure.value:.1f} {entry.figure.unit}"
    columns = (
        f"{entry.id:16} {_when(entry)}  {entry.kind:9} {_clock(entry.duration_s):>6}",
        f"{_kept(entry.kept):22} {figure:26}",
        entry.title or entry.question,
    )
    return "  ".join(columns).rstrip()


def _measures(measures: ChannelMeasures) -> Iterator[str]:
    values = msgspec.structs.asdict(measures)
    for key, (name, unit) in SHOWN.items():
        if values[key] is not None and key not in measures.unsure:
            yield f"  {name}: {values[key]:.1f} {unit}"


def _kept(kept: Kept) -> str:
    return ", ".join(name for name, is_kept in msgspec.structs.asdict(kept).items() if is_kept)


def _when(take: Take | TakeEntry) -> str:
    return f"{take.begun_at:%Y-%m-%d %H:%M}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
