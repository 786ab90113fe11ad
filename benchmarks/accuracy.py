"""Accuracy of the estimators on labelled recordings, beside other implementations.

    python -m benchmarks.accuracy [--json OUT] [--write] [--peers]

Runs the yardstick over ``benchmarks.estimators`` and prints each figure with its bars and the
best peer's; ``--write`` puts the tables into ``docs/ears.md``, ``--json`` writes every figure.
The recordings are kept outside of the project for their licences. Takes about a minute; with
``--peers``, which measures the installed peers in the same run, some minutes. WebRTC's detector,
which is installed with the tests, is measured in every run. Figures of other peers are those of
the yardstick's own account.

Exit codes: 0 every bar is held, 1 one isn't, 2 there are no recordings.
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
"""Marks the end of a table in the document."""

ABSENT = (
    "The labelled recordings are not here (../shared beside the clone): for their licences they are "
    "kept outside of the project, so there is nothing to measure on."
)

MEASURED = "measured in the same run"
PRINTED = "as the yardstick's own account has them"

Figures = Mapping[str, float | None]
Scores = dict[str, dict[str, dict[str, Figures]]]
"""Figures by task, estimator, set of recordings and measure."""


class CannotMeasure(Exception):
    """There are no recordings, or the yardstick failed."""


class Cell(NamedTuple):
    """One figure of one estimator."""

    value: float | None
    best: bool


def value(scores: Scores, row: Row, estimator: str) -> float | None:
    """Figure of an estimator; None where it has none."""
    return scores.get(row.task, {}).get(estimator, {}).get(row.group, {}).get(row.key)


def estimator(peer: str) -> str:
    """Return how the yardstick names a peer."""
    return peer if ":" in peer else f"peers:{peer}"


def cells(scores: Scores, table: Table, row: Row) -> list[Cell]:
    """Figures of a row, ours first; the best are marked where there are several."""
    names = [f"{OURS}:{row.ours}", *map(estimator, table.peers.values())]
    values = [value(scores, row, name) for name in names]
    worths = [None if v is None else row.worth(row.rounded(v)) for v in values]
    there = [worth for worth in worths if worth is not None]
    return [
        Cell(v, len(there) > 1 and worth is not None and worth == max(there))
        for v, worth in zip(values, worths, strict=True)
    ]


def markdown(scores: Scores, table: Table) -> str:
    """Format a table for the document; the best of each row is bold."""
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
    """Return the document with its tables replaced.

    Raises
    ------
    CannotMeasure
        The document has no place for one of them.
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
    """Parse the figures in the yardstick's account of the peers."""
    scores: Scores = {}
    for section in text.split("\n## ")[1:]:
        task, _, body = section.partition("\n")
        found: dict[str, dict[str, dict[str, float | None]]] = {}
        for name, group, key, figure in (*_crossed(body), *_listed(body)):
            found.setdefault(f"peers:{name}", {}).setdefault(group, {})[key] = figure
        scores[task.strip()] = {name: dict(groups) for name, groups in found.items()}
    return scores


def _crossed(body: str) -> Iterator[tuple[str, str, str, float | None]]:
    """Parse Markdown tables of one measure: a row per estimator, a column per set."""
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
    """Name of a set, from the heading of a column."""
    if column == "world+noise":
        return "world in 10 dB noise"
    return re.sub(r"^(fda|world) ", r"\1, ", column)


def _listed(body: str) -> Iterator[tuple[str, str, str, float | None]]:
    """Parse tables as the yardstick prints them: a line per set and estimator, a column per measure."""
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
    """Score our estimators and the peers; return the scores and a description of the peers' source.

    Raises
    ------
    CannotMeasure
        There are no recordings, or not even ours could be scored.
    """
    yardstick = SHARED / "yardstick" / "yardstick.py"
    if not yardstick.is_file() or not (SHARED / "data" / "MANIFEST.csv").is_file():
        raise CannotMeasure(ABSENT)
    every = [(table.task, label, peer) for table in TABLES.values() for label, peer in table.peers.items()]
    others = [f"{task}={estimator(peer)}" for task, _, peer in every if ":" not in peer]
    ours = [OURS, *(f"{task}={peer}" for task, _, peer in every if ":" in peer)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.json"
        print("Scoring …", file=sys.stderr, flush=True)
        command = [sys.executable, str(yardstick), "all", "--est", *ours]
        command += [*(others if peers else ()), "--json", str(out)]
        code = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode
        if not out.is_file() or (code and not peers):
            raise CannotMeasure(f"the yardstick ended with {code}: see above")
        scores: Scores = json.loads(out.read_text("utf-8"))["results"]
    here = [label for task, label, peer in every if estimator(peer) in scores.get(task, {})]
    for task, estimators in printed_peers((SHARED / "yardstick" / "PEERS.md").read_text("utf-8")).items():
        scores[task] = {**estimators, **scores.get(task, {})}
    if len(here) == len(every):
        return scores, MEASURED
    return scores, PRINTED + (f"; those of {', '.join(dict.fromkeys(here))} were {MEASURED}" if here else "")


def report(scores: Scores) -> tuple[list[str], int]:
    """Format each figure that has bars, with the best peer's; count those that miss."""
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
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/ears.md")
    parser.add_argument("--peers", action="store_true", help="also measure the peers that are installed")
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
