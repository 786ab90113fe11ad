"""How right the ears are on labelled recordings, beside other implementations.

    python -m benchmarks.accuracy [--json OUT] [--write] [--peers]

Runs the yardstick over ``benchmarks.estimators`` and prints each figure with its bars and the
best peer's; ``--write`` puts the tables into ``docs/ears.md``, ``--json`` keeps every figure.
The recordings are kept outside of the project for their licences. Takes about a minute; with
``--peers``, which measures those that are installed in the same run, some minutes. The figures
of the others are those that the yardstick's account has.

Exit codes: 0 every bar that must be held is, 1 one isn't, 2 there is nothing to measure on.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .figures import TABLES, Row, Table

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
EARS = ROOT / "docs" / "ears.md"

OURS = "benchmarks.estimators"

END = "<!-- end -->"
"""A table's place in the document ends with it."""

ABSENT = (
    "The labelled recordings are not here (../shared beside the clone): for their licences they are "
    "kept outside of the project, so there is nothing to measure on."
)

MEASURED = "measured in the same run"
PRINTED = "as the yardstick's own account has them"

Figures = Mapping[str, float | None]
Scores = dict[str, dict[str, dict[str, Figures]]]
"""Task, estimator, set of recordings, measure."""


class CannotMeasure(Exception):
    """Nothing to measure on, or the yardstick failed."""


class Cell(NamedTuple):
    """One figure of one estimator."""

    value: float | None
    best: bool


def value(scores: Scores, row: Row, estimator: str) -> float | None:
    """A figure of an estimator; None where it has none."""
    return scores.get(row.task, {}).get(estimator, {}).get(row.group, {}).get(row.key)


def cells(scores: Scores, table: Table, row: Row) -> list[Cell]:
    """Figures of a row: ours, then the peers'; the best are marked when there is anyone to compare with."""
    names = [f"{OURS}:{row.ours}", *(f"peers:{peer}" for peer in table.peers.values())]
    values = [value(scores, row, name) for name in names]
    worths = [None if v is None else row.worth(row.rounded(v)) for v in values]
    there = [worth for worth in worths if worth is not None]
    return [
        Cell(v, len(there) > 1 and worth is not None and worth == max(there))
        for v, worth in zip(values, worths, strict=True)
    ]


def markdown(scores: Scores, table: Table) -> str:
    """A table for the document; the best of each row is bold."""
    lines = [["", "Sottovoce", *table.peers]]
    for row in table.rows:
        shown = [
            "–" if v is None else f"**{row.show(v)}**" if best else row.show(v)
            for v, best in cells(scores, table, row)
        ]
        lines.append([row.what, *shown])
    lines.insert(1, ["---", *("--:" for _ in lines[0][1:])])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def written(document: str, scores: Scores, source: str) -> str:
    """The document with its tables anew.

    Raises
    ------
    CannotMeasure
        It has no place for one of them.
    """
    parts = {name: markdown(scores, table) for name, table in TABLES.items()}
    parts["source"] = f"The peers' figures are {source}."
    for name, part in parts.items():
        begin = f"<!-- table: {name} -->\n"
        if document.count(begin) != 1:
            raise CannotMeasure(
                f"the document needs one place for the table {name!r}, it has {document.count(begin)}"
            )
        before, _, after = document.partition(begin)
        document = f"{before}{begin}{part}\n{END}{after.partition(END)[2]}"
    return document


def printed_peers(text: str) -> Scores:
    """Figures in the yardstick's account of the peers."""
    scores: Scores = {}
    for section in text.split("\n## ")[1:]:
        task, _, body = section.partition("\n")
        found: dict[str, dict[str, dict[str, float | None]]] = {}
        for name, group, key, figure in (*_crossed(body), *_listed(body)):
            found.setdefault(f"peers:{name}", {}).setdefault(group, {})[key] = figure
        scores[task.strip()] = {name: dict(groups) for name, groups in found.items()}
    return scores


def _crossed(body: str) -> Iterator[tuple[str, str, str, float | None]]:
    """Markdown tables of one measure: a row for each estimator, a column for each set."""
    key, groups = "", [""]
    for line in body.splitlines():
        if line.startswith("`"):
            key = line.split("`")[1]
        elif line.startswith("|") and not line.startswith("|---"):
            name, *texts = (part.strip() for part in line.strip("|").split("|"))
            if name == "estimator":
                groups = [_set(text) for text in texts]
            else:
                for group, text in zip(groups, texts, strict=True):
                    yield name, group, key, _figure(text)


def _set(column: str) -> str:
    """The yardstick's name of a set, from the head of a column."""
    if column == "world+noise":
        return "world in 10 dB noise"
    return re.sub(r"^(fda|world) ", r"\1, ", column)


def _listed(body: str) -> Iterator[tuple[str, str, str, float | None]]:
    """Tables as the yardstick prints them: a line for each set and estimator, a column for each measure."""
    keys: list[str] = []
    for line in body.partition("```\n")[2].partition("```")[0].splitlines():
        parts = re.split(r"\s{2,}", line.strip())
        if len(parts) < 3:
            continue
        group, estimator, *texts = parts
        if estimator == "estimator":
            keys = texts
        else:
            for key, text in zip(keys, texts, strict=True):
                yield estimator.removeprefix("peers:"), group, key, _figure(text)


def _figure(text: str) -> float | None:
    return None if text == "-" else float(text)


def measured(peers: bool) -> tuple[Scores, str]:
    """Scores of ours and of the peers, and where the peers' come from: those not installed are printed ones.

    Raises
    ------
    CannotMeasure
        The recordings are not here, or not even ours could be scored.
    """
    yardstick = SHARED / "yardstick" / "yardstick.py"
    if not yardstick.is_file() or not (SHARED / "data" / "MANIFEST.csv").is_file():
        raise CannotMeasure(ABSENT)
    others = [f"{table.task}=peers:{peer}" for table in TABLES.values() for peer in table.peers.values()]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.json"
        print("Scoring …", file=sys.stderr, flush=True)
        command = [sys.executable, str(yardstick), "all", "--est", OURS]
        command += [*(others if peers else ()), "--json", str(out)]
        code = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode
        if not out.is_file() or (code and not peers):
            raise CannotMeasure(f"the yardstick ended with {code}: see above")
        scores: Scores = json.loads(out.read_text("utf-8"))["results"]
    here = [
        label
        for table in TABLES.values()
        for label, peer in table.peers.items()
        if f"peers:{peer}" in scores.get(table.task, {})
    ]
    for task, estimators in printed_peers((SHARED / "yardstick" / "PEERS.md").read_text("utf-8")).items():
        scores[task] = {**estimators, **scores.get(task, {})}
    if len(here) == len(others):
        return scores, MEASURED
    return scores, PRINTED + (f"; those of {', '.join(dict.fromkeys(here))} were {MEASURED}" if here else "")


def report(scores: Scores) -> tuple[list[str], int]:
    """Each figure that has bars, what it reaches and the best peer, for a person; and how many miss."""
    lines, failed = [], 0
    for name, table in TABLES.items():
        for row in table.rows:
            if row.must is None or row.moonshot is None:
                continue
            ours, *others = (cell.value for cell in cells(scores, table, row))
            rivals = [v for v in others if v is not None]
            peer = row.show(max(rivals, key=row.worth)) if rivals else "–"
            holds = ours is not None and row.worth(ours) >= row.worth(row.must)
            aimed = ours is not None and row.worth(ours) >= row.worth(row.moonshot)
            failed += not holds
            mark = "moonshot" if aimed else "holds" if holds else "BELOW"
            reached = "–" if ours is None else row.show(ours)
            bars = f"{row.show(row.must)} / {row.show(row.moonshot)}"
            lines.append(f"{name:8} {row.what:52} {reached:>7}  {mark:8} bars {bars:15} best peer {peer}")
    return lines, failed


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="keep every figure in this file")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/ears.md")
    parser.add_argument(
        "--peers", action="store_true", help="measure the peers too, those that are installed"
    )
    args = parser.parse_args(argv)
    try:
        scores, source = measured(args.peers)
        if args.write:
            EARS.write_text(written(EARS.read_text("utf-8"), scores, source), "utf-8")
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    if args.json is not None:
        args.json.write_text(json.dumps({"peers": source, "results": scores}, indent=1) + "\n", "utf-8")
    lines, failed = report(scores)
    print("\n".join(lines))
    print(f"{len(lines) - failed} of {len(lines)} bars hold; the peers' figures are {source}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
