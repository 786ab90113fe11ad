"""Accuracy of the estimators on labelled recordings, beside other implementations.

    python -m benchmarks.accuracy [--json OUT] [--against OLD] [--write] [--peers]

Runs the yardstick over ``benchmarks.estimators`` and prints each figure with its 95 % interval, its
range with one source left out (``benchmarks/intervals.py``), its bars and the best peer's. ``--write``
puts the tables into ``docs/ears.md``, ``--json`` writes every figure. ``--against`` takes such a file of an
earlier state, and says for each figure whether it is better, worse, or moved by less than its interval:
that is no improvement. The recordings are kept outside of the project for their licences. Takes some two
minutes; with ``--peers``, which measures the installed peers in the same run, more. WebRTC's detector,
which is installed with the tests, is measured in every run. Figures of other peers are those of
the yardstick's own account.

Exit codes: 0 every bar is held, 1 one isn't, 2 there are no recordings, or the earlier figures are of others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from . import yardstick
from .documents import table_of, with_tables
from .figures import TABLES, Row, Table
from .intervals import Range, Spread, Spreads, spreads, verdict
from .printed_peers import printed_peers
from .yardstick import CannotMeasure, SetScores

ROOT = Path(__file__).parents[1]
EARS = ROOT / "docs" / "ears.md"

OURS = "benchmarks.estimators"

MEASURED = "measured in the same run"
PRINTED = "as the yardstick's own account has them"

Scores = dict[str, dict[str, SetScores]]
"""Figures by task, estimator, set of recordings and measure."""


class Measured(NamedTuple):
    """What one run found."""

    data: str
    """Version of the recordings."""

    scores: Scores
    spreads: dict[str, Spreads]
    """How our figures move with the recordings, by task."""

    source: str
    """Where the peers' figures are from."""

    def json(self) -> dict[str, Any]:
        """All of it for a file."""
        moves = {
            task: {name: {key: one._asdict() for key, one in found.items()} for name, found in sets.items()}
            for task, sets in self.spreads.items()
        }
        return {"data": self.data, "peers": self.source, "results": self.scores, "spreads": moves}


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


def markdown(found: Measured, table: Table) -> str:
    """Format a table for the document; the best of each row is bold."""
    spreads_of = [_spread(found, row) for row in table.rows]
    wide = any(spread.interval for spread in spreads_of)
    lines = [["", "Sottovoce", *(["95 %"] if wide else []), *table.peers]]
    for row, spread in zip(table.rows, spreads_of, strict=True):
        shown = [
            "–" if v is None else f"**{row.show(v)}**" if best else row.show(v)
            for v, best in cells(found.scores, table, row)
        ]
        lines.append([row.what, shown[0], *([_range(row, spread.interval)] if wide else []), *shown[1:]])
    return table_of(lines)


def _spread(found: Measured, row: Row) -> Spread:
    """How our figure of a row moves with the recordings."""
    return found.spreads.get(row.task, {}).get(row.group, {}).get(row.key, Spread(None, None))


def _range(row: Row, ends: Range | None) -> str:
    return "" if ends is None else " to ".join(map(row.show, ends))


def written(document: str, found: Measured) -> str:
    """Return the document with its tables replaced.

    Raises
    ------
    CannotMeasure
        The document has no place for one of them.
    """
    parts = {name: markdown(found, table) for name, table in TABLES.items()}
    return with_tables(document, {**parts, "source": f"The peers' figures are {found.source}."})


def measured(peers: bool) -> Measured:
    """Score our estimators and the peers.

    Raises
    ------
    CannotMeasure
        There are no recordings, or not even ours could be scored.
    """
    whole = yardstick.labelled()
    scores: Scores = {}
    moves: dict[str, Spreads] = {}
    here: list[str] = []
    for name, table in TABLES.items():
        print(f"Scoring {name} …", file=sys.stderr, flush=True)
        for task, function in dict.fromkeys((row.task, row.ours) for row in table.rows):
            _score_ours(whole, task, function, scores, moves)
        for label, peer in table.peers.items():
            if ":" in peer or peers:
                tasks = dict.fromkeys(row.task for row in table.rows)
                here += [label] * _score_peer(whole, tasks, estimator(peer), scores)
    every = [label for table in TABLES.values() for label in table.peers]
    for task, estimators in printed_peers(
        (yardstick.SHARED / "yardstick" / "PEERS.md").read_text("utf-8")
    ).items():
        scores[task] = {**estimators, **scores.get(task, {})}
    if len(here) == len(every):
        source = MEASURED
    else:
        source = PRINTED + (f"; those of {', '.join(dict.fromkeys(here))} were {MEASURED}" if here else "")
    return Measured(whole.version(), scores, moves, source)


def _score_ours(whole: Any, task: str, function: str, scores: Scores, moves: dict[str, Spreads]) -> None:
    name = f"{OURS}:{function}"
    found = scores.setdefault(task, {})
    try:
        if task == "speed":
            found[name] = yardstick.figures(task, whole, name)
        else:
            found[name], score = yardstick.scored(task, whole, yardstick.remembering(name, task))
            moves[task] = spreads(score, whole)
    except yardstick.part("estimator").YardstickError as error:
        raise CannotMeasure(f"the yardstick could not score {name}: {error}") from error


def _score_peer(whole: Any, tasks: Iterable[str], name: str, scores: Scores) -> bool:
    """Score a peer, or say why that isn't possible."""
    try:
        for task in tasks:
            scores.setdefault(task, {})[name] = yardstick.figures(task, whole, name)
    except yardstick.part("estimator").YardstickError as error:
        print(f"{name} is left out: {error}", file=sys.stderr)
        return False
    return True


def report(found: Measured, old: Mapping[str, Any] | None = None) -> tuple[list[str], int, int]:
    """Format our figures, each with its interval, range, bars, best peer, and what became of it.

    Returns
    -------
    lines, bars : how many there are, missed : how many of them.
    """
    lines, bars, missed = [], 0, 0
    for name, table in TABLES.items():
        for row in table.rows:
            ours, *others = (cell.value for cell in cells(found.scores, table, row))
            spread = _spread(found, row)
            line = f"{name:8} {row.what:52} {'–' if ours is None else row.show(ours):>7}"
            line += f"  {_range(row, spread.interval):16}  {_range(row, spread.left_out):16}"
            if old is not None:
                line += f"  {_since(row, ours, spread, old):26}"
            if row.must is not None and row.moonshot is not None:
                holds = ours is not None and row.worth(ours) >= row.worth(row.must)
                aimed = ours is not None and row.worth(ours) >= row.worth(row.moonshot)
                bars, missed = bars + 1, missed + (not holds)
                line += f"  {'moonshot' if aimed else 'holds' if holds else 'BELOW':8}"
                line += f" bars {row.show(row.must)} / {row.show(row.moonshot):8}"
            rivals = [v for v in others if v is not None]
            if rivals:
                line += f" best peer {row.show(max(rivals, key=row.worth))}"
            lines.append(line.rstrip())
    return lines, bars, missed


def _since(row: Row, ours: float | None, spread: Spread, old: Mapping[str, Any]) -> str:
    """Say what became of a figure since an earlier run."""
    was = value(old["results"], row, f"{OURS}:{row.ours}")
    if ours is None or was is None:
        return "not in both"
    then = old.get("spreads", {}).get(row.task, {}).get(row.group, {}).get(row.key, {}).get("interval")
    return f"was {row.show(was)}: {verdict(row, ours, was, (spread.interval, then))}"


def earlier(path: Path) -> dict[str, Any]:
    """Read the figures of an earlier run.

    Raises
    ------
    CannotMeasure
        The file isn't one that ``--json`` wrote.
    """
    try:
        old = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CannotMeasure(f"{path} can't be read: {error}; --against takes what --json wrote") from error
    if not isinstance(old, dict) or not isinstance(old.get("results"), dict):
        raise CannotMeasure(f"{path} holds no figures; --against takes what --json wrote")
    return old


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all figures to this file")
    parser.add_argument(
        "--against", type=Path, metavar="OLD", help="compare with such a file of an earlier state"
    )
    parser.add_argument("--write", action="store_true", help="write the tables into docs/ears.md")
    parser.add_argument("--peers", action="store_true", help="also measure the peers that are installed")
    args = parser.parse_args(argv)
    try:
        old = None if args.against is None else earlier(args.against)
        found = measured(args.peers)
        if old is not None and old.get("data", found.data) != found.data:
            raise CannotMeasure(
                f"{args.against} is of other recordings (version {old['data']}, here {found.data}): "
                "figures compare only on the same ones"
            )
        if args.write:
            EARS.write_text(written(EARS.read_text("utf-8"), found), "utf-8")
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    if args.json is not None:
        args.json.write_text(json.dumps(found.json(), indent=1) + "\n", "utf-8")
    lines, bars, missed = report(found, old)
    print("figure, 95 % interval, range with one source left out:")
    print("\n".join(lines))
    print(f"{bars - missed} of {bars} bars hold; the peers' figures are {found.source}.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
