"""Write ``clients/web/protocol.d.ts``: TypeScript types of all messages, from their JSON Schema.

``make docs`` (``python -m tools.message_types``) writes it; ``tests/tools/test_message_types.py`` fails when
it is stale. The page's JSDoc comments import these types, and ``tsc --checkJs`` holds the page to them.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from engine.programme.ratings import RatingTable, RoundView
from engine.programme.records import ExerciseView, GapTable, Plan, Progress, Validation
from engine.programme.stories import Stories
from engine.protocol import messages
from engine.protocol import room_messages as rooms
from engine.protocol.recording_upload import RecordingAnswer
from engine.protocol.take import Imported, Take, TakeEntry
from engine.server.http.analogy_routes import KeptAnalogy
from engine.server.http.feedback_routes import MadeRound
from engine.server.http.record_routes import RecordState
from engine.server.http.story_routes import Interviews, LookedBack, Notes
from engine.server.sessions.drill_library import DrillOffer

TARGET = Path(__file__).parents[1] / "clients/web/protocol.d.ts"

HEAD = """\
/*
 * Types of the messages between the engine and the page. Made from the engine's JSON Schema by
 * tools/message_types.py (`make docs`): don't edit it by hand.
 */
"""

FROM_ENGINE: dict[str, Any] = {"ToClient": messages.ToClient, "ToPage": rooms.ToPage}
"""Unions of what the engine sends: every field is there, those with a default too."""

FROM_PAGE: dict[str, Any] = {"FromClient": messages.FromClient, "FromPage": rooms.FromPage}
"""Unions of what the page sends: it may leave out a field that has a default."""

ANSWERS: dict[str, Any] = {
    "DrillOffer": DrillOffer,
    "Take": Take,
    "TakeEntry": TakeEntry,
    "RecordState": RecordState,
    "Imported": Imported,
    "RecordingAnswer": RecordingAnswer,
    "Plan": Plan,
    "GapTable": GapTable,
    "Validation": Validation,
    "Progress": Progress,
    "Stories": Stories,
    "Notes": Notes,
    "LookedBack": LookedBack,
    "Interviews": Interviews,
    "ExerciseView": ExerciseView,
    "KeptAnalogy": KeptAnalogy,
    "RatingTable": RatingTable,
    "RoundView": RoundView,
    "MadeRound": MadeRound,
}
"""Parts of what the server answers to plain requests."""

SCALARS = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
}

WIDTH = 110


def types() -> str:
    """Return the whole file."""
    unions = FROM_ENGINE | FROM_PAGE
    kinds = [*unions.values(), *ANSWERS.values()]
    roots, definitions = msgspec.json.schema_components(kinds, ref_template="{name}")
    named = dict(zip([*unions, *ANSWERS], roots, strict=True))
    whole = _reached([named[name] for name in [*FROM_ENGINE, *ANSWERS]], definitions) - _omitting(Struct)
    parts = [HEAD, *(_interface(name, schema, whole) for name, schema in definitions.items())]
    parts += (_union(name, named[name]) for name in unions)
    return "\n".join(parts)


def _reached(roots: list[dict[str, Any]], definitions: dict[str, Any]) -> set[str]:
    """Names of the definitions that some schemas lead to."""
    found: set[str] = set()
    todo = list(roots)
    while todo:
        for name in _references(todo.pop()):
            if name not in found:
                found.add(name)
                todo.append(definitions[name])
    return found


def _omitting(kind: type[Struct]) -> set[str]:
    """Names of the structs below one that are sent without the fields that have their default."""
    found = {kind.__name__} if kind.__struct_config__.omit_defaults else set()
    return found.union(*map(_omitting, kind.__subclasses__()))


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _interface(name: str, schema: dict[str, Any], whole: set[str]) -> str:
    required = set(schema["properties"]) if name in whole else set(schema["required"])
    fields = [
        f"  {field}{'' if field in required else '?'}: {type_of(value)};"
        for field, value in schema["properties"].items()
    ]
    return "\n".join([*_comment(schema["description"]), f"export interface {name} {{", *fields, "}", ""])


def _comment(text: str) -> list[str]:
    plain = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text.split("\n\n")[0]).replace("``", "`")
    lines = textwrap.wrap(plain, WIDTH - 3)
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}" for line in lines), " */"]


def _union(name: str, schema: dict[str, Any]) -> str:
    members = [type_of(one) for one in schema["anyOf"]]
    return "\n".join([f"export type {name} =", *(f"  | {member}" for member in members)]) + ";\n"


def type_of(schema: dict[str, Any]) -> str:
    """TypeScript for a JSON Schema of a field.

    Raises
    ------
    ValueError
        A kind of schema that no message has had so far.
    """
    match schema:
        case {"$ref": str(name)}:
            return name
        case {"enum": list(values)}:
            return " | ".join(json.dumps(value) for value in values)
        case {"anyOf": list(choices)}:
            return " | ".join(type_of(one) for one in choices)
        case {"type": "array", "prefixItems": list(items)}:
            return f"[{', '.join(map(type_of, items))}]"
        case {"type": "array", "items": dict(item)}:
            of = type_of(item)
            return f"({of})[]" if "|" in of else f"{of}[]"
        case {"type": "object", "additionalProperties": dict(value)}:
            return f"Record<string, {type_of(value)}>"
        case {"type": str(name)} if name in SCALARS:
            return SCALARS[name]
    raise ValueError(f"no TypeScript for {schema}")


if __name__ == "__main__":
    TARGET.write_text(types(), "utf-8")
    print(f"{TARGET}: written")
