"""The reference's part about programmes: their keys, the measures, and the skills of the shipped ones."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.programme.exercise_elements import DRILL, SCORES
from engine.programme.exercise_scores import target_of
from engine.programme.measures import MEASURES
from engine.programme.reading import Key, keys
from engine.programme.script import (
    Exercise,
    Interview,
    InterviewSkill,
    Part,
    Programme,
    Prompt,
    SkillScript,
    Step,
    Task,
)
from engine.programme.skills import target_text
from engine.shipped.programmes import load, shipped

TABLES = (
    ("### A programme\n", Programme),
    ("### `[[task]]`\n", Task),
    ("### `[[skill]]`\n", SkillScript),
    ("### `[[skill.part]]`\n", Part),
    ("### `[[exercise]]`\n", Exercise),
    ("### `[[exercise.step]]`\n", Step),
    ("### `[[exercise.prompt]]`\n", Prompt),
    ("### `[[interview]]`\n", Interview),
    ("### `[[interview.skill]]`\n", InterviewSkill),
)


def programmes() -> Iterator[str]:
    """Yield the section, paragraph by paragraph."""
    yield "## Programmes\n"
    yield (
        "A programme of your own is a TOML file of these keys. [programme.md](programme.md) says how "
        "figures, plans and comparisons are made of them.\n"
    )
    for title, kind in TABLES:
        yield title
        yield "| key | is | allowed | unless given |\n|---|---|---|---|"
        for key in keys(kind).values():
            yield f"| `{key.name}` | {key.meaning} | {key.allowed} | {_unless_given(key)} |"
        yield ""
    yield "### Measures of skills\n"
    yield "| measure | is | unit | from |\n|---|---|---|---|"
    for name, measure in MEASURES.items():
        yield f"| `{name}` | {measure.title}: {measure.meaning} | {measure.unit} | {measure.source} |"
    yield ""
    for name in shipped():
        yield from _skills(load(name))
    yield from _scores()


def _skills(programme: Programme) -> Iterator[str]:
    yield f"### Skills of `{programme.name}`\n"
    yield f"{programme.description}\n"
    yield "| skill | part | weight | target | nothing from | only where asked for | grade |"
    yield "|---|---|---|---|---|---|---|"
    for skill in programme.skill:
        for part in skill.part:
            zeros = [f"{zero:g}" for zero in (part.zero_below, part.zero_above) if zero is not None]
            asked = "yes" if part.asked_only else ""
            yield (
                f"| {skill.title} | `{part.measure}` | {part.weight:g} | {target_text(part)} "
                f"| {' or '.join(zeros)} | {asked} | {part.grade} |"
            )
    yield ""


def _scores() -> Iterator[str]:
    yield "### Scores of exercises\n"
    yield "| exercise | figure | is | weight | target | nothing from | needs words |"
    yield "|---|---|---|---|---|---|---|"
    for name, elements in (*SCORES.items(), ("a drill", DRILL)):
        for one in elements:
            zeros = [f"{zero:g}" for zero in (one.zero_below, one.zero_above) if zero is not None]
            target, words = target_of(one), "yes" if one.words else ""
            yield (
                f"| {name} | `{one.name}` | {one.title} | {one.weight:g} | {target} "
                f"| {' or '.join(zeros)} | {words} |"
            )
    yield ""


def _unless_given(key: Key) -> str:
    match key.default:
        case msgspec.NODEFAULT:
            return "must be given"
        case bool():
            return "true" if key.default else "false"
        case int() | float():
            return f"{key.default:g}"
        case None | () | "":
            return ""
    return f"{key.default}"
