"""Figures, times and names as a report prints them."""

from __future__ import annotations

from datetime import date, datetime

from engine.protocol.kept import Kept
from engine.protocol.take import Take, TakeKind

KINDS: dict[TakeKind, str] = {
    "talk": "Practice",
    "question": "Answer to a question",
    "drill": "Drill",
    "call": "Call with a friend",
    "beside": "During a call",
    "recording": "Recording",
    "exercise": "Exercise",
}

PARTS = {
    "problem": "Problem",
    "evidence": "Evidence",
    "proposal": "Proposal",
    "situation": "Situation",
    "task": "Task",
    "action": "Action",
    "result": "Result",
    "context": "Context",
    "struggle": "Struggle",
    "turning_point": "Turning point",
    "new_practice": "New practice",
    "paraphrase": "Task in own words",
    "clarifying_question": "Clarifying question",
    "assumption": "Assumption",
    "headline": "Headline",
    "check_in": "Check-in",
    "filler_talk": "",
    "other": "",
}
"""Names of an answer's parts; one with an empty name isn't shown."""

SHORT_TITLE = 60
"""Letters of a title that a page's foot has room for."""


def part_name(part: str) -> str:
    """Return the name of a part of an answer; empty where it isn't shown."""
    return PARTS.get(part, part.replace("_", " ").capitalize())


def name_of(take: Take) -> str:
    """Return the person's own name for a take, or what was answered, or what kind it is."""
    return take.title.strip() or take.question.strip() or KINDS[take.kind]


def shortened(text: str, most: int = SHORT_TITLE) -> str:
    """Return a text of at most so many letters, cut at a word where that leaves most of it."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > most // 2 else cut).rstrip(" ,;:") + "…"


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(value: float) -> str:
    """Return a figure with as many decimals as a person needs: none from 20 on."""
    text = f"{value:.0f}" if abs(value) >= 20.0 else f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("-", "−")


def points(value: float | None) -> str:
    """Return a figure of 10 with one decimal; a dash where it isn't known."""
    return "–" if value is None else f"{value:.1f}"


def signed(value: float) -> str:
    """Return a difference with its sign; a minus as typographers write it."""
    return f"{value:+.1f}".replace("-", "−")


def day(at: date) -> str:
    """Return a day, such as ``3 March 2026``."""
    return f"{at.day} {at:%B %Y}"


def when(at: datetime) -> str:
    """Return a day and time of the day, in its own zone."""
    return f"{day(at)}, {at:%H:%M}"


def listed(names: list[str]) -> str:
    """Return names as a phrase: ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def kept_text(take: Take) -> str:
    """Return what was kept of a take, and what wasn't, as sentences."""
    has = Kept(
        figures=take.kept.figures,
        words=take.kept.words and take.review is not None,
        sound=take.kept.sound and take.sound is not None,
    )
    there = [name for name in ("figures", "words", "sound") if getattr(has, name)]
    missing = [name for name in ("figures", "words", "sound") if not getattr(has, name)]
    said = f"Kept of this take: {listed(there)}." if there else "Nothing of this take is there to show."
    return f"{said} Not kept: {listed(missing)}." if missing and there else said
