"""An analysis for a person: a table of measures against their targets, and a timeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clients.terminal.review import render_review
from engine.core.findings import outside_is_known
from engine.media.files.analysis import Analysis, SpeakerMeasures
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.measures import Exchange

NOTABLE_PAUSE_S = 1.0
"""Shorter pauses are the rhythm of speech: they are counted, not listed."""


TOO_LITTLE = "too little speech"


class Row(NamedTuple):
    """One measure of one speaker."""

    label: str
    value: str
    target: str = ""
    met: bool | None = None
    """None where there is no target, or too little was heard."""


def render(analysis: Analysis, profile: Profile) -> RenderableType:
    """All of it, one under the other."""
    parts: list[RenderableType] = [_title(analysis), _measures(analysis, profile)]
    for channel, found in enumerate(analysis.findings):
        for finding in found:
            mark, style = ("+", "green") if finding.good else ("→", "yellow")
            who = f"{speaker(analysis, channel)}: " if len(analysis.measures) == 2 else ""
            parts.append(Text(f"  {mark} {who}{finding.text}", style=style))
    parts.append(_timeline(analysis))
    for channel, review in enumerate(analysis.reviews):
        parts.append(render_review(review, speaker(analysis, channel) if len(analysis.reviews) == 2 else ""))
    return Group(*parts)


def clock(at_s: float) -> str:
    """``1:02.5`` for 62.5 seconds."""
    tenths = round(at_s * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def speaker(analysis: Analysis, channel: int) -> str:
    """What a channel is called for a person."""
    if len(analysis.measures) == 1:
        return "speaker"
    if analysis.other_file is not None:
        return ("you", "other side")[channel]
    return ("left", "right")[channel]


def rows(m: SpeakerMeasures, p: Profile) -> Iterator[Row]:
    """Every measure with its target under this profile; a guess is called so, and held against no target."""
    for field, row in _rows(m, p):
        guess = field in m.unsure and row.value != TOO_LITTLE
        yield row._replace(value=f"{row.value}, uncertain", met=None) if guess else row


def _rows(m: SpeakerMeasures, p: Profile) -> Iterator[tuple[str, Row]]:
    """Each row, after the field of the measures that it tells."""
    both = m.exchange is not None
    yield "speech_s", Row("speech", f"{m.speech_s:.1f} s")
    if both:
        share = None if m.talk_share is None else 100 * m.talk_share
        yield "talk_share", _at_most("talk share", share, "{:.0f} %", 100 * p.talk_share.high)
    slow, fast = p.pace.slow_wpm, p.pace.fast_wpm
    pace = _between("pace", m.pace_wpm, "about {:.0f} words/min", slow, fast)
    yield "pace_wpm", pace if outside_is_known(m, p) else pace._replace(met=None)
    yield "syllables_per_s", _plain("articulation", m.syllables_per_s, "{:.1f} syllables/s")
    longest_s = p.check_in.limit_s(alone=not both)
    if longest_s is None:
        yield "", Row("longest time without a break", f"{m.longest_stretch_s:.0f} s")
    else:
        yield "", _at_most("longest time without a break", m.longest_stretch_s, "{:.0f} s", longest_s)
    yield "pause_count", Row("pauses", f"{m.pause_count}, {m.pause_total_s:.1f} s in total")
    yield "longest_pause_s", _at_most("longest pause", m.longest_pause_s, "{:.1f} s", p.pause.inside_s)
    yield "f0_median_hz", _plain("pitch", m.f0_median_hz, "{:.0f} Hz")
    yield "f0_sd_st", _at_least("pitch range", m.f0_sd_st, "{:.1f} semitones", p.pitch_range.flat_st)
    yield "", Row("endings that rise", f"{m.rises} of {m.endings}")
    creak = None if m.creak_share is None else 100 * m.creak_share
    yield "creak_share", _at_most("creak", creak, "{:.0f} %", 100 * p.creak.creak_share)
    yield "fillers_per_min", _at_most("fillers", m.fillers_per_min, "{:.1f} a minute", p.fillers.per_min)
    yield "loudness_lufs", _plain("loudness", m.loudness_lufs, "{:.0f} LUFS")
    yield "level_dbfs", _plain("level", m.level_dbfs, "{:.0f} dBFS")
    yield "noise_dbfs", _plain("noise", m.noise_dbfs, "{:.0f} dBFS")
    yield "snr_db", _at_least("voice above noise", m.snr_db, "{:.0f} dB", p.loudness.least_snr_db)
    yield "trailing_db", _trailing(m.trailing_db, p.loudness.trailing_db)
    if m.exchange is not None:
        yield "", Row("interrupted the other side", _times(m.interruptions))
        yield "", Row("backchannels (“mm-hm”)", f"{m.backchannels}")
        yield from (("", row) for row in _exchange(m.exchange))
    yield "lost_s", Row("audio lost", f"{m.lost_s:.1f} s")
    if m.muted_s:
        yield "muted_s", Row("muted", f"{m.muted_s:.1f} s, not counted")


def _exchange(x: Exchange) -> Iterator[Row]:
    yield Row("longest monologue", f"{x.longest_monologue_s:.0f} s")
    late = f", {x.slow_responses} of {x.responses} over 2 s" if x.responses else ""
    yield _plain("time before answering", x.response_gap_s, "{:.1f} s" + late)
    held = f", kept the floor {_times(x.floor_held)}" if x.floor_held else ""
    yield Row("was interrupted", f"{_times(x.interruptions_suffered)}{held}")
    yield _plain("time to yield", x.yield_s, "{:.1f} s")
    yield Row("both talking", f"{x.overlap_s:.1f} s")
    yield Row("questions (by intonation)", f"{x.questions}")
    yield _plain("pace follows theirs", x.pace_adaptation, "{:+.2f} (correlation of turns)")


def _trailing(fall_db: float | None, limit_db: float) -> Row:
    """How far phrases fade at their end, against what is normal."""
    form = (
        "{:.1f} dB less than normal" if fall_db is not None and fall_db < 0 else "{:.1f} dB more than normal"
    )
    met = fall_db is not None and fall_db <= limit_db
    size_db = None if fall_db is None else abs(fall_db)
    return _plain("fading at phrase ends", size_db, form, f"at most {limit_db:g} more", met)


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")


def _plain(label: str, value: float | None, form: str, target: str = "", met: bool | None = None) -> Row:
    return Row(label, TOO_LITTLE, target) if value is None else Row(label, form.format(value), target, met)


def _between(label: str, value: float | None, form: str, low: float, high: float) -> Row:
    return _plain(label, value, form, f"{low:g} to {high:g}", value is not None and low <= value <= high)


def _at_most(label: str, value: float | None, form: str, high: float) -> Row:
    return _plain(label, value, form, f"at most {high:g}", value is not None and value <= high)


def _at_least(label: str, value: float | None, form: str, low: float) -> Row:
    return _plain(label, value, form, f"at least {low:g}", value is not None and value >= low)


def _title(analysis: Analysis) -> Text:
    files = analysis.file if analysis.other_file is None else f"{analysis.file} with {analysis.other_file}"
    title = Text(files, style="bold")
    title.append(f"   {clock(analysis.duration_s)}, profile {analysis.profile}", style="not bold dim")
    return title


def _measures(analysis: Analysis, profile: Profile) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 3, 0, 2), header_style="dim")
    table.add_column("")
    for channel in range(len(analysis.measures)):
        table.add_column("" if len(analysis.measures) == 1 else speaker(analysis, channel))
    table.add_column("target")
    for side_by_side in zip(*(rows(m, profile) for m in analysis.measures), strict=False):
        values = [
            Text(row.value, style={True: "green", False: "yellow", None: ""}[row.met]) for row in side_by_side
        ]
        table.add_row(side_by_side[0].label, *values, side_by_side[0].target)
    return table


def _timeline(analysis: Analysis) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=True, padding=(0, 2, 0, 2))
    table.add_column(justify="right", style="dim")
    both = len(analysis.measures) == 2
    if both:
        table.add_column(style="dim")
    table.add_column(overflow="fold")
    happened: list[ev.AnyEvent] = sorted([*analysis.events, *analysis.nudges], key=lambda event: event.seq)
    for event in happened:
        text = describe(event)
        if text is not None:
            who = [speaker(analysis, event.channel)] if both else []
            table.add_row(clock(event.at_s), *who, text)
    if not table.row_count:
        return Text("  nothing happened that needs a remark", style="dim")
    return Padding(table, (1, 0, 0, 0))


def describe(event: ev.AnyEvent) -> Text | None:
    """One line for a person, or None for what is only counted."""
    match event:
        case ev.Nudge():
            return Text.assemble((event.text.upper(), "bold cyan"), "  ", (event.why, "cyan"))
        case ev.NudgeCleared(corrected=True):
            return Text("corrected", style="green")
        case ev.PauseEnded(silence_s=silence_s) if silence_s >= NOTABLE_PAUSE_S:
            return Text(f"pause of {silence_s:.1f} s")
        case ev.PhraseEnded(contour="rise", change_st=change_st) if change_st is not None:
            return Text(f"phrase ends on a rise of {change_st:.1f} semitones")
        case ev.FilledPause(start_s=start_s, end_s=end_s, confidence=confidence):
            return Text(f"{'' if confidence >= 0.5 else 'perhaps a '}filled pause, {end_s - start_s:.1f} s")
        case ev.Creak(start_s=start_s, end_s=end_s):
            return Text(f"creaky voice, {end_s - start_s:.1f} s")
        case ev.TurnTaken(gap_s=gap_s):
            return Text("takes the floor" + ("" if gap_s is None else f" {_gap(gap_s)}"))
        case ev.Interruption():
            return Text("talks over the other side", style="yellow")
        case ev.InterruptionEnded(yielded=yielded, start_s=start_s, end_s=end_s):
            how = "and yields" if yielded else "and keeps the floor"
            return Text(f"talked over them for {end_s - start_s:.1f} s {how}")
        case ev.Backchannel():
            return Text("backchannel")
        case ev.AudioLost(start_s=start_s, end_s=end_s):
            return Text(f"{end_s - start_s:.1f} s of audio lost", style="red")
        case ev.MuteEnded(start_s=start_s, end_s=end_s):
            return Text(f"muted for {end_s - start_s:.1f} s, not counted", style="dim")
        case ev.SignalProblem(kind=kind, on=on):
            return Text(SIGNAL[kind] if on else f"ended: {SIGNAL[kind]}", style="red" if on else "dim")
    return None


SIGNAL: dict[ev.SignalKind, str] = {
    "silent": "almost no sound: check that it is the right microphone",
    "clipping": "clipping: turn the microphone level down",
    "bad_samples": "invalid samples: counted as lost audio",
    "echo": "the microphone picks up the loudspeaker: use headphones",
}


def _gap(gap_s: float) -> str:
    return f"after {gap_s:.1f} s" if gap_s >= 0 else f"{-gap_s:.1f} s before the other side ends"
