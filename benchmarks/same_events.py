"""Compare what two states of the sources hear in the same recordings, event by event.

Every labelled recording beside the clone is heard through the analysis of a recording: all its facts,
readings, traces, nudges and the summary. Two channels are also taken as one speaker and as two. Every
shipped drill runs over a speaker. Nothing is rounded, and order counts.

    python -m benchmarks.same_events --tree ../before --save before.jsonl.gz
    python -m benchmarks.same_events --against before.jsonl.gz
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from typing import Any

import soundfile

from engine.shipped.drills import shipped
from tests.harness.corpus import DATA

ROOT = Path(__file__).resolve().parents[1]
CHILD = Path(__file__).with_name("events_child.py")

PROFILES = ("interview", "presentation")
"""Beside ``conversation``, heard where a recording is long enough for them to differ."""

LONG_S = 25.0
SEED = 3

Heard = dict[str, list[dict[str, Any]]]
"""By the key of a job, its records in order."""


def jobs(data: Path) -> list[dict[str, Any]]:
    """What to do with the recordings in a folder.

    Raises
    ------
    FileNotFoundError
        The folder holds none.
    """
    files = sorted(path for path in data.rglob("*") if path.suffix in (".flac", ".wav"))
    if not files:
        raise FileNotFoundError(f"{data} holds no recordings (FLAC or WAV)")
    made = []

    def add(file: Path, *, channel: Any = None, profile: str = "conversation", drill: str = "") -> None:
        words = [file.relative_to(data).as_posix(), str(channel or ""), profile, drill]
        made.append(
            {
                "key": " ".join(filter(None, words)),
                "file": str(file),
                "channel": channel,
                "profile": profile,
                "drill": drill,
                "seed": SEED,
            }
        )

    for file in files:
        add(file)
        channels, seconds = _shape(file)
        if channels == 2:
            add(file, channel="both")
            add(file, channel="mix")
        if seconds >= LONG_S:
            for profile in PROFILES:
                add(file, profile=profile)
    speakers = [file for file in files if _shape(file)[0] == 1 and _shape(file)[1] >= LONG_S]
    for number, drill in enumerate(shipped() if speakers else []):
        add(speakers[number % len(speakers)], drill=drill)
    return made


def _shape(file: Path) -> tuple[int, float]:
    """Channels and length in seconds of a recording."""
    about = soundfile.info(file)
    return about.channels, about.duration


def heard(tree: Path, work: Sequence[dict[str, Any]], *, processes: int = 2) -> Heard:
    """Do the jobs with the sources in a folder.

    Raises
    ------
    RuntimeError
        A process of the tree failed; its errors are on standard error.
    """
    if not (tree / "engine").is_dir():
        raise RuntimeError(f"{tree} holds no engine")
    shares = [list(work[n::processes]) for n in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        parts = list(pool.map(lambda share: _child(tree, share), shares))
    told = {key: records for part in parts for key, records in part.items()}
    return {job["key"]: told[job["key"]] for job in work}


def _child(tree: Path, work: list[dict[str, Any]]) -> Heard:
    """Do jobs in one process, which others on this machine go before."""
    command = ["nice", "-n", "10", sys.executable, "-P", str(CHILD), str(tree)]
    ran = subprocess.run(
        command,
        input=json.dumps(work),
        stdout=subprocess.PIPE,
        text=True,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=False,
    )
    if ran.returncode:
        raise RuntimeError(f"{tree}: the process that hears failed with exit code {ran.returncode}")
    return _sorted(ran.stdout.splitlines())


def _sorted(lines: Sequence[str]) -> Heard:
    """Records by job."""
    told: Heard = {}
    for line in lines:
        record = json.loads(line)
        if "job" in record:
            records = told.setdefault(record["job"], [])
        else:
            records.append(record)
    return told


def save(path: Path, told: Heard) -> None:
    """Write it as gzipped JSON lines."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=6) as file:
        for key, records in told.items():
            for record in [{"job": key}, *records]:
                file.write(json.dumps(record, sort_keys=True, separators=(",", ":")) + "\n")


def saved(path: Path) -> Heard:
    """Read what was written."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return _sorted(file.read().splitlines())


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same with its fields called by their new names, and its ``type`` and ``cue`` too (``type:old``)."""
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    made = {names.get(name, name): renamed(one, names) for name, one in value.items()}
    for field in ("type", "cue"):
        if isinstance(made.get(field), str):
            made[field] = names.get(f"{field}:{made[field]}", made[field])
    return made


def wordless(value: Any) -> Any:
    """The same without its sentences: of each text that has a space in it only that it is one."""
    if isinstance(value, list):
        return [wordless(one) for one in value]
    if isinstance(value, dict):
        return {name: wordless(one) for name, one in value.items()}
    return "(words)" if isinstance(value, str) and " " in value else value


def differences(before: Heard, after: Heard) -> Iterator[str]:
    """A line for each job that differs: the first record that does, or what only one of them has."""
    for key in dict.fromkeys([*before, *after]):
        if key not in after or key not in before:
            yield f"{key}: only {'before' if key in before else 'after'}"
            continue
        for number, (old, new) in enumerate(zip_longest(before[key], after[key])):
            if old != new:
                yield f"{key}: record {number}: {_difference(old, new)}"
                break


def _difference(old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    """How two records differ."""
    if old is None or new is None:
        there = old or new or {}
        return f"{there.get('type')} at {there.get('at_s')} s only {'before' if new is None else 'after'}"
    if old.get("type") != new.get("type"):
        return f"{old.get('type')} at {old.get('at_s')} s is {new.get('type')} at {new.get('at_s')} s"
    fields = [name for name in dict.fromkeys([*old, *new]) if _short(old, name) != _short(new, name)]
    shown = (f"{name} {_short(old, name)} -> {_short(new, name)}" for name in fields)
    return f"{old.get('type')} at {old.get('at_s')} s: " + "; ".join(shown)


def _short(record: dict[str, Any], name: str) -> str:
    return json.dumps(record[name]) if name in record else "(none)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code: 0 all alike or nothing to compare, 1 something differs, 2 a mistake."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.same_events", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--tree", type=Path, default=ROOT, help="the sources that hear (this clone)")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep what they heard: gzipped JSON lines")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with what was kept")
    parser.add_argument("--with", dest="other", type=Path, metavar="TREE", help="compare with other sources")
    parser.add_argument(
        "--renamed",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a field was renamed since; `type:OLD=NEW` for a kind of event, `cue:OLD=NEW` for a cue",
    )
    parser.add_argument(
        "--reworded", action="store_true", help="sentences for a person may differ, and nothing else"
    )
    parser.add_argument(
        "--added", action="store_true", help="fields may have been added, to records and to what is in them"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the recordings")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="as many at once (%(default)s)")
    args = parser.parse_args(argv)
    names = {}
    for pair in args.renamed:
        old, found, new = pair.partition("=")
        if not found or not old or not new:
            parser.error(f"--renamed {pair}: must be OLD=NEW")
        names[old] = new
    began_s = time.monotonic()
    try:
        work = jobs(args.data)
        after = heard(args.tree.resolve(), work, processes=args.processes)
        before = None
        if args.against is not None:
            before = saved(args.against)
        elif args.other is not None:
            before = heard(args.other.resolve(), work, processes=args.processes)
    except (OSError, RuntimeError) as error:
        print(f"same_events: {error}", file=sys.stderr)
        return 2
    if args.save is not None:
        save(args.save, after)
    kinds = Counter(record["type"] for records in after.values() for record in records)
    print(f"{len(after)} runs, {kinds.total()} records in {time.monotonic() - began_s:.0f} s:")
    print(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    if before is None:
        return 0
    before = renamed_all(before, names)
    if args.reworded:
        before, after = wordless(before), wordless(after)
    if args.added:
        after = {key: without_added(before.get(key), records) for key, records in after.items()}
    found = list(differences(before, after))
    for one in found:
        print(one)
    left_out = [
        text
        for text, asked in (("sentences left out", args.reworded), ("added fields, too", args.added))
        if asked
    ]
    alike = ", ".join(["all alike, bit for bit", *left_out])
    print(f"{len(found)} of {len(after)} runs differ" if found else alike)
    return 1 if found else 0


def without_added(old: Any, new: Any) -> Any:
    """Return the new value without fields that the old one, of the same place, does not have."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {name: without_added(old[name], value) for name, value in new.items() if name in old}
    if isinstance(old, list) and isinstance(new, list):
        return [without_added(*pair) for pair in zip(old, new, strict=False)] + new[len(old) :]
    return new


def renamed_all(told: Heard, names: dict[str, str]) -> Heard:
    """All records with their fields called by their new names."""
    return {key: renamed(records, names) for key, records in told.items()} if names else told


if __name__ == "__main__":
    sys.exit(main())
