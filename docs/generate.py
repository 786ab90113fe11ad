"""Write ``docs/reference.md`` from the code: commands, endpoints, metrics, cues, profiles, drills, messages.

``python docs/generate.py`` writes it; ``tests/test_docs_complete.py`` fails when it is stale.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec
from msgspec import Struct
from starlette.routing import Mount, Route, WebSocketRoute

from clients.cli.main import parser
from docs.reference_programmes import programmes
from engine.cues import CUES
from engine.drills import script, script_keys
from engine.media.files import analysis
from engine.profile import Cue, Nudges, Profile, settings
from engine.protocol import advice, events, measures, messages, review, words
from engine.protocol import drill_results as results
from engine.protocol import room_messages as rooms
from engine.server.http.app import create_app
from engine.server.http.metrics import HubMetrics
from engine.server.hub import Hub
from engine.server.settings import Settings
from engine.shipped import drills
from engine.shipped.profiles import load, shipped

TARGET = Path(__file__).with_name("reference.md")

HEAD = """\
# Reference

Made from the code by `docs/generate.py` (`make docs`); don't edit it by hand.

"""


def reference() -> str:
    """Return the whole document."""
    parts = [*_commands(), *_endpoints(), *_metrics(), *_cues(), *_profiles(), *_drills()]
    parts += [*programmes(), *_messages()]
    return HEAD + "\n".join(parts).rstrip() + "\n"


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    yield "Exit codes: 0 done, 2 what was asked or the other end was at fault, 130 interrupted.\n"
    for name, command in _subcommands(parser()):
        yield f"### `sottovoce {name}`\n"
        yield f"{command.description}\n"
        usage = textwrap.dedent(_usage(command, name)).strip()
        yield f"```text\n{usage}\n```\n"
        rows = [_option(action) for action in command._actions if action.help != argparse.SUPPRESS]
        for flags, meaning in rows:
            yield f"- `{flags}`: {meaning}"
        yield ""


def _subcommands(of: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                inner = [(f"{name} {below}", parser) for below, parser in _subcommands(command)]
                yield from inner or [(name, command)]


def _usage(command: argparse.ArgumentParser, name: str) -> str:
    words = [f"sottovoce {name}"]
    for action in command._actions:
        if not isinstance(action, argparse._HelpAction):
            words.append(_usage_of(action))
    return textwrap.fill(" ".join(words), 90, subsequent_indent="  ", break_on_hyphens=False)


def _usage_of(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return f"{value} …" if action.nargs == "+" else value
    return f"[{action.option_strings[-1]}{'' if action.nargs == 0 else f' {value}'}]"


def _value(action: argparse.Action) -> str:
    name = action.metavar or action.dest.upper()
    return name if isinstance(name, str) else " ".join(name)


def _option(action: argparse.Action) -> tuple[str, str]:
    value = "" if action.nargs == 0 else _value(action)
    flags = " ".join([", ".join(action.option_strings), value]).strip()
    meaning = (action.help or "").replace("%(default)s", f"{action.default}")
    return flags, meaning


def _endpoints() -> Iterator[str]:
    yield "## Endpoints\n"
    yield (
        "Errors are problem details (RFC 9457) with a `detail` for a person; where there is a `reason`, it "
        "is one word for a program. [serving.md](serving.md) has more about running a server.\n"
    )
    yield "| path | methods | does |\n|---|---|---|"
    for path, methods, does in endpoints():
        yield f"| `{path}` | {methods} | {does} |"
    yield ""


def endpoints() -> Iterator[tuple[str, str, str]]:
    """Path, methods and meaning of everything that the server answers."""
    for route in create_app(Hub(Settings())).routes:
        match route:
            case WebSocketRoute():
                yield route.path, "WebSocket", _sentences(route.endpoint)
            case Route(methods=None):  # a class with a method for each
                verbs = [
                    verb for verb in ("delete", "options", "patch", "post") if hasattr(route.endpoint, verb)
                ]
                does = " ".join(
                    f"{verb.upper()}: {_sentences(getattr(route.endpoint, verb))}" for verb in verbs
                )
                yield route.path, ", ".join(verbs).upper(), does
            case Route():
                yield route.path, ", ".join(sorted(route.methods or ())), _sentences(route.endpoint)
            case Mount():
                yield f"{route.path}/", "GET, HEAD", "The page."


def _metrics() -> Iterator[str]:
    yield "## Metrics\n"
    yield (
        "At `/metrics`, beside the `process_…` ones of the Prometheus client. All have the label `worker`; "
        "none is about one session.\n"
    )
    yield "| name | type | is |\n|---|---|---|"
    for metric in HubMetrics(Hub(Settings())).collect():
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        yield f"| `{name}` | {metric.type} | {metric.documentation} |"
    yield ""


def _sentences(what: object) -> str:
    """First paragraph of a docstring."""
    return _plain((inspect.getdoc(what) or "").split("\n\n")[0])


def _cues() -> Iterator[str]:
    yield "## Cues\n"
    yield "| cue | name | table in the profile | asks for |\n|---|---|---|---|"
    defaults = Profile(name="")
    for name, kind in CUES.items():
        about = _first_sentence(type(getattr(defaults, name)))
        yield f"| `{name}` | {kind.label} | `[{name}]` | {about} |"
    yield ""


def _profiles() -> Iterator[str]:
    yield "## Profiles\n"
    for name in shipped():
        yield f"- `{name}`: {load(name).description}"
    yield (
        "\nA file of your own may set any part. `extends` names the shipped profile that it starts "
        "from, `name` and `description` are for people. `sottovoce profile check FILE` validates it.\n"
    )
    table = None
    for setting in settings():
        if setting.table != table:
            table = setting.table
            kind = type(getattr(Profile(name=""), table))
            yield f"\n### `[{table}]`\n\n{_first_sentence(kind)}\n"
            yield "| key | meaning | allowed | default |\n|---|---|---|---|"
        default = str(setting.default).lower()
        yield f"| `{setting.key}` | {setting.meaning} | {setting.allowed} | {default} |"
    yield ""


def _drills() -> Iterator[str]:
    yield "## Drills\n"
    yield "| drill | trains | use it |\n|---|---|---|"
    for name in drills.shipped():
        drill = drills.load(name)
        yield f"| `{name}` | {drill.trains} | {drill.use_when} |"
    yield (
        "\nA drill of your own is a TOML file of these keys; `sottovoce drill mine.toml --against talk.wav` "
        "tries it. [drills.md](drills.md) has more about them, and how one is judged.\n"
    )
    for title, kind in (
        ("### A drill\n", script.Drill),
        ("### `[[step]]`\n", script.Step),
        ("### `when`: as soon as all that it says holds\n", script.When),
    ):
        yield title
        yield "| key | is | allowed | unless given |\n|---|---|---|---|"
        for key in script_keys.keys(kind).values():
            allowed = "true or false" if kind is script.When and key.name == "asked" else key.allowed
            yield f"| `{key.name}` | {key.meaning} | {allowed} | {_unless_given(key)} |"
        yield ""
    yield "Only some steps have these keys:\n"
    for name, kinds in script.OF_SOME.items():
        yield f"- `{name}`: {', '.join(f'`{kind}`' for kind in sorted(kinds))}"
    yield ""


def _unless_given(key: script_keys.Key) -> str:
    if key.default is msgspec.NODEFAULT:
        return "must be given"
    if isinstance(key.default, tuple):
        return ", ".join(f"{one:g}" if isinstance(one, float) else f"{one}" for one in key.default)
    if type(key.default) is int:
        return f"{key.default}"
    return {None: "", True: "true", False: "false", "": ""}.get(key.default, f"{key.default}")


def _messages() -> Iterator[str]:
    yield "## Messages\n"
    yield (
        f"Version {messages.VERSION}. One JSON object a message, on the data channel `coach` and on the "
        "WebSocket alike; `type` says which. The engine sends batches: a JSON array of the messages that "
        "were ready together, in order. A `trace` waits for the next message, 0.25 s at the most while the "
        "speaker is heard; everything else goes out at once and takes along what waits. A client sends one "
        "object at a time. `null` stands for what isn't known. The JSON Schema of all messages is served at "
        "`/schema.json`.\n"
    )
    sections: tuple[tuple[str, tuple[type[Struct], ...]], ...] = (
        ("Events", get_args(events.AnyEvent)),
        ("Other messages of the engine", _others(messages.ToClient)),
        ("Messages of the client", get_args(messages.FromClient)),
        (
            "Parts of messages",
            (
                events.Evidence,
                events.Delays,
                events.Word,
                messages.CueState,
                measures.ChannelMeasures,
                measures.Exchange,
                messages.Finding,
                results.Card,
                results.Listened,
                results.InterviewAnswer,
                results.FollowUpAsked,
                results.MoodResult,
                results.Moved,
                results.Shown,
                results.StepResult,
                results.Manner,
                results.Changes,
                results.Parts,
                words.Word,
                review.AnswerReview,
                review.UnknownSpan,
                review.AnswerPart,
                review.Mark,
                review.ReviewFinding,
                review.WordSpan,
                review.WordMeasures,
                review.CountRange,
                advice.Advice,
            ),
        ),
        ("Messages to a page in a room", (*_room(rooms.ToPage), rooms.Person, rooms.Observer)),
        ("Messages of a page in a room", _room(rooms.FromPage)),
        (
            "What `sottovoce analyze --json` prints",
            (analysis.Analysis, analysis.Source, analysis.SpeakerMeasures),
        ),
    )
    for title, kinds in sections:
        yield f"### {title}\n"
        for kind in kinds:
            yield from _struct(kind)


def _others(union: Any) -> tuple[type[Struct], ...]:
    known = get_args(events.AnyEvent)
    return tuple(kind for kind in get_args(union) if kind not in known)


def _room(union: Any) -> tuple[type[Struct], ...]:
    return tuple(kind for kind in get_args(union) if issubclass(kind, rooms.RoomMessage))


def _struct(kind: type[Struct]) -> Iterator[str]:
    tag = kind.__struct_config__.tag
    yield f"#### `{tag or kind.__name__}`\n"
    yield f"{_plain(inspect.getdoc(kind) or '')}\n"
    meanings = {key: text for base in reversed(kind.__mro__) for key, text in _meanings(base).items()}
    for field in msgspec.structs.fields(kind):
        meaning = meanings.get(field.name, "")
        yield f"- `{field.encode_name}` ({_type(field.type)})" + (f": {meaning}" if meaning else "")
    yield ""


def _meanings(kind: type) -> dict[str, str]:
    """Docstrings below the fields of a class, which Python itself doesn't keep."""
    module: ModuleType | None = inspect.getmodule(kind)
    if module is None or not (module is analysis or module.__name__.startswith("engine.protocol.")):
        return {}
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(meaning))):
                found[name] = _plain(inspect.cleandoc(meaning))
    return found


def _type(kind: Any) -> str:
    names = {float: "number", int: "whole number", str: "text", bool: "true or false", type(None): "null"}
    if kind in names:
        return names[kind]
    args = get_args(kind)
    origin = getattr(kind, "__origin__", None)
    if origin is list:
        return f"list of {_type(args[0])}"
    if origin is tuple:
        return "pair of " + _type(args[0])
    if origin is dict:
        return "an object"
    if args and isinstance(args[-1], msgspec.Meta):
        return (
            _type(args[0])
            if args[-1].ge is None
            else f"{_type(args[0])} from {args[-1].ge:g} to {args[-1].le:g}"
        )
    if args and all(isinstance(arg, str) for arg in args):
        return " or ".join(f'"{arg}"' for arg in args)
    if args and all(isinstance(arg, int) for arg in args):
        return " or ".join(map(str, args))
    if args:
        return " or ".join(_type(arg) for arg in args)
    return f"`{kind.__name__}`"


def _first_sentence(kind: type[Cue] | type[Nudges]) -> str:
    return _plain((inspect.getdoc(kind) or "").split("\n\n")[0]).replace("``", "`")


def _plain(text: str) -> str:
    """Turn reStructuredText roles into Markdown."""
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`").replace("\n", " ")


if __name__ == "__main__":
    TARGET.write_text(reference(), "utf-8")
    print(f"{TARGET}: written")
