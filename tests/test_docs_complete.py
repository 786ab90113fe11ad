"""The documentation names everything there is, and is in step with the code."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from clients.cli.main import COMMANDS, parser
from docs.generate import TARGET, _subcommands, reference
from docs.reference_programmes import TABLES
from dsp.frame import Frame
from engine.cues import CUES
from engine.drills import score, script, script_keys
from engine.media.files.analysis import Analysis
from engine.profile import settings
from engine.programme.measures import MEASURES
from engine.programme.reading import keys
from engine.programme.skills import target_text
from engine.protocol import drill_results as results
from engine.protocol import events, measures, messages
from engine.protocol import room_messages as rooms
from engine.server.http.app import create_app
from engine.server.http.metrics import HubMetrics
from engine.server.hub import Hub
from engine.server.settings import Settings
from engine.shipped import drills, programmes
from engine.shipped.profiles import shipped

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def text() -> str:
    return TARGET.read_text("utf-8")


def test_reference_is_not_stale(text: str) -> None:
    assert text == reference(), "run `make docs`"


def test_every_command_and_option_is_there(text: str) -> None:
    for name, command in _subcommands(parser()):
        section = text.partition(f"### `sottovoce {name}`\n")[2].partition("\n### ")[0]
        assert section, f"sottovoce {name} is not documented"
        for action in command._actions:
            assert action.help, f"sottovoce {name} {action.dest} has no help"
            for flag in action.option_strings:
                assert f"`{flag}" in section or f", {flag}" in section, f"{name} {flag} is not documented"
            assert action.help != argparse.SUPPRESS


def test_every_endpoint_is_there(text: str) -> None:
    section = text.partition("## Endpoints\n")[2].partition("\n## ")[0]
    found = dict(re.findall(r"^\| `(\S+)` \| [A-Z][\w, ]+ \| (.+) \|$", section, re.MULTILINE))
    for route in create_app(Hub(Settings())).routes:
        assert isinstance(route, Route | WebSocketRoute | Mount)
        assert len(found[route.path or "/"]) > 5, f"{route.path} is not documented"
    assert {"/whip", "/sessions/{id}/live", "/healthz", "/readyz"} <= set(found)


def test_every_metric_is_there(text: str) -> None:
    section = text.partition("## Metrics\n")[2].partition("\n## ")[0]
    metrics = list(HubMetrics(Hub(Settings())).collect())
    assert len(metrics) > 20
    for metric in metrics:
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        assert f"| `{name}` | {metric.type} | {metric.documentation} |" in section
        assert metric.documentation.endswith(".")


def test_every_cue_and_setting_is_there(text: str) -> None:
    for cue in CUES:
        assert f"| `{cue}` |" in text
    for name in shipped():
        assert f"- `{name}`: " in text
    for setting in settings():
        section = text.partition(f"### `[{setting.table}]`\n")[2].partition("\n### ")[0]
        assert f"| `{setting.key}` | {setting.meaning} | {setting.allowed} |" in section


def test_every_drill_and_key_of_a_script_is_there(text: str) -> None:
    section = text.partition("## Drills\n")[2].partition("\n## ")[0]
    assert len(drills.shipped()) == 14
    for name in drills.shipped():
        drill = drills.load(name)
        assert f"| `{name}` | {drill.trains} | {drill.use_when} |" in section
    for kind in (script.Drill, script.Step, script.When):
        for key in script_keys.keys(kind).values():
            assert f"| `{key.name}` | {key.meaning} | " in section


def test_every_key_measure_and_part_of_a_programme_is_there(text: str) -> None:
    section = text.partition("## Programmes\n")[2].partition("\n## ")[0]
    for _, kind in TABLES:
        for key in keys(kind).values():
            assert f"| `{key.name}` | {key.meaning} | {key.allowed} |" in section
    for name, measure in MEASURES.items():
        assert f"| `{name}` | {measure.title}: {measure.meaning} |" in section
    for skill in programmes.load().skill:
        for part in skill.part:
            assert f"| {skill.title} | `{part.measure}` | {part.weight:g} | {target_text(part)} |" in section


def test_the_formula_of_composure_and_its_tolerances_are_documented() -> None:
    text = (ROOT / "docs/drills.md").read_text("utf-8")
    parts = {"steadiness": "floor × steadiness"}
    formula = " + ".join(f"{weight:g} × {parts.get(part, part)}" for part, weight in score.WEIGHTS.items())
    assert f"10 × ({formula})" in text
    for name, (free, gone) in score.TOLERANCES.items():
        assert re.search(rf"^\| `{name}` \|.*\| {free:g} \| {gone:g} \|$", text, re.MULTILINE), name


def test_every_message_and_field_is_there(text: str) -> None:
    kinds = {*get_args(events.AnyEvent), *get_args(messages.ToClient), *get_args(messages.FromClient)}
    kinds |= {
        results.Card,
        results.Listened,
        results.StepResult,
        events.Evidence,
        events.Word,
        messages.CueState,
        measures.ChannelMeasures,
        measures.Exchange,
        messages.Finding,
        rooms.Person,
        Analysis,
    }
    kinds |= {*get_args(rooms.FromPage), *get_args(rooms.ToPage)}
    for kind in kinds:
        tag = kind.__struct_config__.tag or kind.__name__
        section = text.partition(f"#### `{tag}`\n")[2].partition("\n#### ")[0]
        assert section, f"{tag} is not documented"
        for field in msgspec.structs.fields(kind):
            assert f"- `{field.encode_name}` (" in section, f"{tag}.{field.encode_name} is not documented"


def test_every_measure_of_the_ears_is_described() -> None:
    ears = (ROOT / "docs/ears.md").read_text("utf-8")
    assert [field for field in Frame._fields if f"`{field}`" not in ears] == []


def test_what_the_ears_are_said_to_be_made_of_is_there() -> None:
    ears = (ROOT / "docs/ears.md").read_text("utf-8")
    sources = "".join(
        path.read_text("utf-8") for top in ("dsp", "engine") for path in (ROOT / top).glob("*.py")
    )
    constants = set(re.findall(r"`([A-Z][A-Z_]+)`", ears))
    assert constants
    assert sorted(name for name in constants if not re.search(rf"^ *.*\b{name}\b.* = ", sources, re.M)) == []
    files = re.findall(r"`((?:dsp|engine|benchmarks|docs)/[\w/]+\.\w+)`", ears)
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_pictures_of_the_ears_are_small_and_all_shown() -> None:
    ears = (ROOT / "docs/ears.md").read_text("utf-8")
    pictures = sorted((ROOT / "docs/images").glob("ears-*.png"))
    assert {f"images/{picture.name}" for picture in pictures} == set(re.findall(r"\((images/[^)]+)\)", ears))
    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []


def test_readme_names_every_cue_and_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [cue for cue in CUES if f"| `{cue}` |" not in readme] == []
    assert [command for command in COMMANDS if f"sottovoce {command}" not in readme] == []
    for command in ("make run", "make test"):
        assert command in readme


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    assert documents
    broken = []
    for document in documents:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8")):
            if "://" not in link and not (document.parent / link).exists():
                broken.append(f"{document.name}: {link}")
    assert broken == []


def test_generating_writes_the_file(tmp_path: Path) -> None:
    copy = tmp_path / "docs"
    copy.mkdir()
    (copy / "generate.py").write_text((ROOT / "docs/generate.py").read_text("utf-8"), "utf-8")
    subprocess.run([sys.executable, str(copy / "generate.py")], cwd=ROOT, check=True, capture_output=True)
    assert (copy / "reference.md").read_text("utf-8") == reference()
