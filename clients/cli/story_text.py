"""Signature stories, notes and kinds of interview as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from engine.programme.interviews import Readiness
from engine.programme.look_back import LookBack
from engine.programme.stories import Stories, StoryState, StoryTake
from engine.protocol.note import Note

WIDTH = 96


def story_lines(found: Stories) -> list[str]:
    """Return each story in a few lines, and how many questions none of them answers."""
    lines: list[str] = []
    for one in found.stories:
        story = one.story
        answers = _count(len(story.answers), "question")
        lines += [f"{story.title}  ({one.id})"]
        lines += _wrapped(f"{one.skill}, {story.framework}, {_count(len(one.takes), 'take')}, {answers}")
        lines += _wrapped(_lacking(one))
    left = f"{found.unanswered} of {_count(len(found.questions), 'question')} no story answers yet."
    return [*lines, "", left]


def _lacking(state: StoryState) -> str:
    if state.note:
        return state.note
    missing = [f"{_name(one.what)}{_where(one.in_best, one.in_newest)}" for one in state.missing]
    return f"Missing: {', '.join(missing)}." if missing else "Nothing is missing in the best and newest take."


def _where(in_best: bool, in_newest: bool) -> str:
    if in_best and in_newest:
        return ""
    return " (in the newest take)" if in_newest else " (in the best take)"


def detail_lines(state: StoryState) -> list[str]:
    """Return a story with its takes, what is missing and what to do about it."""
    story = state.story
    lines = [f"{story.title}  ({state.id})", *_wrapped(f"Shows: {state.skill}. Built as: {story.framework}.")]
    lines += _wrapped(story.outline) if story.outline else []
    for take in state.takes:
        lines += ["", _take_line(take, best=take.take == state.best)]
        parts = [f"{_name(one.part)} {_found(one.found)}" for one in take.parts]
        lines += _wrapped(", ".join(parts))
        if take.missing:
            lines += _wrapped(f"Missing: {', '.join(map(_name, take.missing))}.")
    lines += ["", state.note] if state.note else []
    if state.missing:
        lines += ["", "Next time:"]
        for one in state.missing:
            lines += _wrapped(f"{_name(one.what)}{_where(one.in_best, one.in_newest)}: {one.hint}")
    if story.answers:
        lines += ["", "Answers:", *(line for text in story.answers for line in _wrapped(text))]
    return lines


def _take_line(take: StoryTake, *, best: bool) -> str:
    skill = "" if take.skill is None else f", skill {take.skill:.1f}"
    mark = ", the best" if best else ""
    return f"{take.take}  {take.at:%Y-%m-%d}, {take.length_s:.0f} s{skill}{mark}"


def _found(found: bool | None) -> str:
    return "not known" if found is None else "yes" if found else "no"


def question_lines(found: Stories, *, only_open: bool) -> list[str]:
    """Return the questions by number, each with the stories that answer it."""
    lines: list[str] = []
    for number, one in enumerate(found.questions, 1):
        if not (only_open and one.stories):
            stories = ", ".join(one.stories) or "no story"
            lines += textwrap.wrap(f"{number:>3}  {one.text}", WIDTH, subsequent_indent="     ")
            lines += [f"     [{one.style}] {stories}"]
    return lines or ["A story answers each of them."]


def note_lines(notes: dict[str, Note]) -> list[str]:
    """Return each note in a line or two, the newest first."""
    lines: list[str] = []
    for id, note in sorted(notes.items(), key=lambda one: (one[1].at, one[0]), reverse=True):
        lines += [f"{id}  {note.at:%Y-%m-%d}  {note.occasion}, went {note.went}  {note.title}".rstrip()]
        lines += _wrapped(f"Next time: {note.next_time}") if note.next_time else []
    return lines


def note_detail(id: str, note: Note, looked: LookBack | None) -> list[str]:
    """Return a note, and the look back at its take."""
    lines = [f"{id}  {note.at:%Y-%m-%d %H:%M}  {note.occasion}, went {note.went}  {note.title}".rstrip()]
    said = {"Went well": note.well, "Didn't": note.badly, "Next time": note.next_time}
    said |= {"Questions": " / ".join(note.questions), "Stories": ", ".join(note.stories)}
    for name, text in said.items():
        lines += _wrapped(f"{name}: {text}") if text else []
    if looked is None:
        how = f"sottovoce note change {id} --take TAKE"
        return [*lines, "", f"No take is tied to it, so there is nothing to look back at: {how}"]
    lines += ["", f"In its take {looked.take}:"] if looked.noticed else ["", looked.note]
    for one in looked.noticed:
        value = f" {one.value}, target {one.target}" if one.value else ""
        lines += [*_wrapped(f"{one.title}{value}. {one.sentence}")]
        lines += [f"        {', '.join(again.take for again in one.takes)}"] if one.takes else []
        lines += [*_wrapped(f"    Try: {one.closes}")] if one.closes else []
    return lines


def interview_lines(kinds: list[Readiness]) -> list[str]:
    """Return each kind of interview with what the gap table says for its skills."""
    lines: list[str] = []
    for kind in kinds:
        lines += [f"{kind.title}  ({kind.name})", *_wrapped(kind.about), *_wrapped(kind.sentence)]
        for one in kind.skills:
            at = "–" if one.at is None else f"{one.at:.1f}{' (baseline)' if one.is_baseline else ''}"
            said = one.closes if one.gap else one.note
            lines += _wrapped(f"- {one.title}: {at}, target {one.target:g}. {said}".rstrip())
        answered = sum(bool(one.takes or one.stories) for one in kind.questions)
        lines += _wrapped(f"Questions with a take or a story: {answered} of {len(kind.questions)}.")
        drills = ", ".join(f"{one.drill} ({_count(len(one.takes), 'run')})" for one in kind.drills)
        lines += _wrapped(f"Drills: {drills}.") if drills else []
        lines += [line for text in kind.next_time for line in _wrapped(f"From your notes: {text}")]
        lines += [""]
    return [*lines, "This is what your takes measure, never a verdict on you."]


def _name(what: str) -> str:
    names = {"longer": "length (too short)", "shorter": "length (too long)", "figure": "a figure"}
    return names.get(what, what.replace("_", " "))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
