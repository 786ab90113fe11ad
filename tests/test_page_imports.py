"""The page's modules: which folder may import which, no import cycle, none unused, none too long.

Read from the sources. A type that a comment imports is no import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest

WEB = Path(__file__).parents[1] / "clients/web"
ENTRY = "main.js"
MOST_LINES = 400

MAY_IMPORT: dict[str, set[str]] = {
    "ui": set(),
    "words": {"ui"},
    "page": {"ui", "words"},
    "transcript": {"ui", "words", "page"},
    "drills": {"ui", "words", "page", "transcript"},
    "session": {"ui", "words", "page", "drills", "transcript"},
    "calls": {"ui", "words", "page", "session", "transcript"},
    "summary": {"ui", "words", "page", "drills", "calls", "transcript"},
    "takes": {"ui", "words", "page", "drills", "summary", "transcript"},
    "programme": {"ui", "words", "page"},
    "exercises": {"ui", "words", "page", "session", "calls", "transcript", "takes", "programme"},
    "people": {"ui", "words", "page"},
    "app": {
        "ui",
        "words",
        "page",
        "drills",
        "session",
        "calls",
        "summary",
        "transcript",
        "takes",
        "programme",
        "stories",
        "exercises",
        "people",
    },
    "stories": {"ui", "words", "page", "transcript", "takes"},
    "": {"app"},
}
"""Folders whose modules a folder's modules may import, beside its own; the entry is in none."""

IMPORT = re.compile(
    r"""^(?:import|export)\b[^"']*?\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']""", re.M
)


def modules() -> dict[str, str]:
    """Source of every module, by its path in the page."""
    return {path.relative_to(WEB).as_posix(): path.read_text("utf-8") for path in WEB.rglob("*.js")}


def imported(path: str, source: str) -> Iterator[str]:
    """Paths that a module imports."""
    for match in IMPORT.finditer(re.sub(r"/\*.*?\*/", "", source, flags=re.S)):
        name = match[1] or match[2]
        assert name.startswith("."), f"{path} imports {name}: a browser finds only relative names"
        parts: list[str] = []
        for part in (PurePosixPath(path).parent / name).parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        yield "/".join(parts)


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    return {path: set(imported(path, source)) for path, source in sources.items()}


def cycle(imports: Mapping[str, set[str]]) -> list[str]:
    """One import cycle, from a module back to itself; empty when there is none."""
    done: set[str] = set()

    def search(path: str, way: list[str]) -> list[str]:
        if path in way:
            return [*way[way.index(path) :], path]
        if path in done:
            return []
        for target in sorted(imports.get(path, ())):
            if found := search(target, [*way, path]):
                return found
        done.add(path)
        return []

    for path in sorted(imports):
        if found := search(path, []):
            return found
    return []


def folder(path: str) -> str:
    return path.rpartition("/")[0]


def trespasses(imports: Mapping[str, set[str]]) -> list[str]:
    """Imports that the table does not allow."""
    return [
        f"{path} imports {target}"
        for path, targets in sorted(imports.items())
        for target in sorted(targets)
        if folder(target) not in MAY_IMPORT[folder(path)] | {folder(path)}
    ]


def test_every_import_leads_to_a_module() -> None:
    imports = graph(modules())
    assert [(path, target) for path, targets in imports.items() for target in targets - set(imports)] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle(graph(modules())) == []


def test_every_folder_imports_only_what_it_may() -> None:
    assert trespasses(graph(modules())) == []


def test_the_table_itself_has_no_circle_and_names_every_folder() -> None:
    assert cycle(MAY_IMPORT) == []
    assert {folder(path) for path in modules()} == set(MAY_IMPORT)


def test_every_module_is_used() -> None:
    imports = graph(modules())
    reached, todo = set(), [ENTRY]
    while todo:
        reached.add(path := todo.pop())
        todo += imports[path] - reached
    assert set(imports) - reached == set()


def test_no_file_of_the_page_is_too_long() -> None:
    files = [path for path in WEB.rglob("*") if path.suffix in (".js", ".css", ".html")]
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        ({"ui/a.js": 'import { b } from "./b.js";', "ui/b.js": 'import { a } from "./a.js";'}, True),
        ({"ui/a.js": 'export { b } from "../ui/b.js";', "ui/b.js": 'import "./a.js";'}, True),
        ({"ui/a.js": 'import {\n  b,\n} from "./a.js";'}, True),
        ({"ui/a.js": 'import { b } from "./b.js";', "ui/b.js": '/** @import { A } from "./a.js" */'}, False),
    ],
)
def test_a_circle_would_be_found(sources: dict[str, str], found: bool) -> None:
    assert bool(cycle(graph(sources))) == found


def test_a_trespass_would_be_found() -> None:
    sources = {"ui/a.js": 'import { words } from "../words/words.js";', "app/b.js": 'import "../ui/a.js";'}
    assert trespasses(graph(sources)) == ["ui/a.js imports words/words.js"]
