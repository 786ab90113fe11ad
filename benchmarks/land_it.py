"""Accuracy of *Land it*: whether a statement's end falls, and by how many semitones.

    python -m benchmarks.land_it [--data PATH]

Hears the labelled recordings as a live call does and prints a table for ``docs/programme.md``: how many ends
are told, how many of those that fall or don't are told so, and how far the fall is from that of the true F0,
imposed or from a laryngograph, by the same definition. The recordings are kept outside of the project for
their licences.

Exit codes: 0 measured, 2 there are no recordings.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.core.exercise_pitch import LANDED_ST
from engine.core.pitch_curves import curve_of
from engine.protocol.pitch_curve import PitchCurve
from engine.shipped import profiles
from tests.harness.corpus import DATA
from tests.harness.telephone import telephone

Samples = NDArray[np.float32]
Alter = Callable[[Samples], Samples]

EDGE_S = 0.05
"""The end of the true contour: its voiced values in the last 50 ms, as in ``engine.core.pitch_curves``."""


class Told(NamedTuple):
    """What was told of one statement."""

    name: str
    falls: bool | None
    """What the label says; None where it says nothing."""

    curve: PitchCurve
    true_st: float | None
    """Fall of the true F0; None where nobody knows it."""


def hear(samples: Samples) -> PitchCurve:
    """Return the pitch of a recording of one statement."""
    curve = curve_of(samples, profiles.load("conversation"))
    if curve is None:
        raise ValueError("no statement was heard")
    return curve


def noisy(samples: Samples) -> Samples:
    """Return it in white noise 10 dB below its level."""
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-10 / 20)
    return samples + (level * np.random.default_rng(2).standard_normal(samples.size)).astype(np.float32)


def as_it_is(samples: Samples) -> Samples:
    """Return it as it is."""
    return samples


def true_fall_st(track: Path, last_s: float) -> float:
    """Return the fall of a true F0 up to a time: its median over that of its last 50 ms, in semitones."""
    with track.open() as rows:
        times_s, f0_hz = np.array(
            [(float(row["time"]), float(row["f0_hz"])) for row in csv.DictReader(rows)]
        ).T
    voiced = (f0_hz > 0) & (times_s <= last_s + 1e-6)
    end = voiced & (times_s > times_s[voiced][-1] - EDGE_S)
    return float(12 * np.log2(np.median(f0_hz[voiced]) / np.median(f0_hz[end])))


def imposed(data: Path, alter: Alter) -> Iterator[Told]:
    """Sentences whose last 0.3 s were made to fall, to rise or to stay level."""
    for row in _rows(data / "intonation/world_labels.csv"):
        true_st = true_fall_st(data / row["f0_csv"], float(row["final_end"]))
        curve = hear(alter(_read(data / row["file"])))
        yield Told(row["file"], row["label"] == "fall", curve, true_st)


def laryngograph(data: Path, alter: Alter) -> Iterator[Told]:
    """Sentences whose F0 was measured at the throat: ends that fall or rise by it, others without a label."""
    for row in _rows(data / "intonation/fda_final_contour.csv"):
        track = data / "pitch/fda_f0" / f"{Path(row['file']).stem}.csv"
        true_st = true_fall_st(track, float(row["final_end"]))
        falls = {"fall": True, "rise": False}.get(row["label"])
        yield Told(row["file"], falls, hear(alter(_read(data / row["file"]))), true_st)


def read_by(data: Path, sex: str) -> Iterator[Told]:
    """Read sentences of women (F) or men (M), which have no label."""
    for row in _rows(data / "pace/utterances.csv"):
        if row["sex"] == sex and "streams" not in row["file"]:
            yield Told(row["file"], None, hear(_read(data / row["file"])), None)


def creaky(data: Path) -> Iterator[Told]:
    """Sentences that end in creak."""
    for row in _rows(data / "creak/world_labels.csv"):
        if row["label"] == "creak":
            yield Told(row["file"], True, hear(_read(data / row["file"])), None)


def line(name: str, found: Iterable[Told]) -> str:
    """Return a row of the table."""
    told = list(found)
    known = [one for one in told if one.curve.fall_st is not None]
    cells = [name, f"{len(told)}", f"{100 * len(known) / len(told):.0f}"]
    for wanted in (True, False):
        of = [one for one in known if one.falls is wanted]
        landed = [one for one in of if (one.curve.fall_st or 0.0) >= LANDED_ST]
        cells.append(f"{len(landed)} of {len(of)}" if of else "–")
    errors = [
        abs(one.curve.fall_st - one.true_st)
        for one in known
        if one.true_st is not None and one.curve.fall_st is not None
    ]
    falls = [one.curve.fall_st for one in known if one.curve.fall_st is not None]
    cells.append(f"{np.median(errors):.2f}, {np.percentile(errors, 90):.2f}" if errors else "–")
    cells.append(f"{np.median(falls):.1f}" if falls else "–")
    return f"| {' | '.join(cells)} |"


def table(data: Path) -> Iterator[str]:
    """Yield the rows of the table."""
    yield (
        "| statements | number | told, % | falls told as landed | others told as landed "
        "| error, st: median, 9 of 10 within | fall, st: median |"
    )
    yield "| --- | --: | --: | --: | --: | --: | --: |"
    for name, alter in (("", as_it_is), (", telephone band", telephone), (", white noise at 10 dB", noisy)):
        yield line(f"imposed contours{name}", imposed(data, alter))
        yield line(f"laryngograph{name}", laryngograph(data, alter))
    yield line("read by women", read_by(data, "F"))
    yield line("read by men", read_by(data, "M"))
    yield line("ends made creaky", creaky(data))


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open() as rows:
        return list(csv.DictReader(rows))


def _read(file: Path) -> Samples:
    samples, rate_hz = soundfile.read(file, dtype="float32")
    if rate_hz != RATE_HZ or samples.ndim != 1:
        raise ValueError(
            f"{file}: {RATE_HZ} Hz mono is wanted, not {rate_hz} Hz of {samples.ndim} dimensions"
        )
    return np.asarray(samples, np.float32)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the recordings")
    data = parser.parse_args().data
    if not (data / "MANIFEST.csv").is_file():
        print(f"{data}: no labelled recordings here, so there is nothing to measure on", file=sys.stderr)
        return 2
    for row in table(data):
        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
