"""Reliability of confidences: how often what is told with a confidence is right.

    python -m benchmarks.calibration [--data PATH] [--write]

Hears the labelled recordings as a live call does and prints the tables ``reliability`` and ``coverage`` of
``docs/ears.md``. Told is right:

* an ending: the labelled contour, imposed or of a laryngograph; as recorded, in a telephone's band and in
  white noise at 10 dB;
* a filled pause: it overlaps a labelled one;
* a hop of creak: labelled so;
* a pace: it lies within a fifth of that of the labelled syllables.

Exit codes: 0 measured, 2 there are no recordings or no place for a table.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.documents import table_of, with_tables
from benchmarks.estimators import creak
from benchmarks.land_it import as_it_is, noisy
from benchmarks.nudge_verdicts import rate_wpm
from benchmarks.yardstick import CannotMeasure
from dsp.ears import Ears
from dsp.frame import HOP, HOP_S, RATE_HZ
from dsp.phrase_contour import contour_kind
from engine.core.session import Session
from engine.profile import Profile
from engine.protocol import events as ev
from engine.shipped import profiles
from engine.warm import drop_stale_kernels
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import Labels, Samples, Talk, room
from tests.harness.telephone import telephone

EARS = Path(__file__).resolve().parents[1] / "docs/ears.md"

EDGES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Edges of the bins of confidence."""

NEAR_S = 0.2
"""An ending belongs to a label this near to it, and a filled pause to one that it misses by half of this."""

PACE_NEAR = 0.2
"""Share of the labelled pace by which a right one may be off."""


class Told(NamedTuple):
    """Something told."""

    confidence: float
    right: bool


def endings(labels: Labels) -> Iterator[Told]:
    """Contours of phrases that end where a label says so."""
    for table in ("intonation/world_labels.csv", "intonation/fda_final_contour.csv"):
        for row in labels.rows(table):
            if row["label"] not in ("rise", "fall", "level"):
                continue
            for alter in (as_it_is, telephone, noisy):
                samples = alter(labels.samples(row["file"])[:, 0])
                for end_s, change_st, sure in _phrases(np.concatenate([samples, room(0.5)[:, 0]])):
                    if abs(end_s - float(row["final_end"])) < NEAR_S and not math.isnan(change_st):
                        yield Told(sure, contour_kind(change_st, 1.0) == row["label"])


def _phrases(samples: Samples) -> Iterator[tuple[float, float, float]]:
    """End, movement and confidence of each phrase."""
    ears = Ears()
    for hop in range(samples.size // HOP):
        frame = ears.process(samples[hop * HOP : (hop + 1) * HOP])
        if frame.edge_ago_hops and not frame.talking:
            yield (hop + 1 - frame.edge_ago_hops) * HOP_S, frame.ending_st, frame.ending_confidence


def filled_pauses(labels: Labels, profile: Profile) -> Iterator[Told]:
    """Filled pauses, spliced into sentences and spontaneous, and where there are none."""
    for talks in (labels.fillers, labels.meetings, labels.read_aloud):
        for talk in talks():
            for event in _events(talk, profile):
                if isinstance(event, ev.FilledPause):
                    yield Told(
                        event.confidence,
                        any(
                            event.start_s < end + NEAR_S / 2 and event.end_s > start - NEAR_S / 2
                            for start, end in talk.sides[0].fillers
                        ),
                    )


def creaky_hops(labels: Labels) -> Iterator[Told]:
    """Hops of sentences with resynthesised creak, and of the same voices without."""
    for name in sorted(labels.by_file("creak/world_labels.csv")):
        spans = labels.spans("creak/world_labels.csv", name, label="creak")
        times_s, sure = creak(labels.samples(name)[:, 0])
        for at_s, probability in zip(times_s, sure, strict=True):
            yield Told(float(probability), any(start <= at_s <= end for start, end in spans))


def paces(labels: Labels, profile: Profile) -> Iterator[tuple[ev.Reading, float, float]]:
    """Readings of the pace, one a second, with the labelled words a minute: by syllables, and by words."""
    for talks in (labels.read_aloud(), labels.tempo(0.7), labels.tempo(1.4)):
        for talk in talks:
            side = talk.sides[0]
            words = replace(side, syllables_s=None)
            for event in _events(talk, profile):
                if isinstance(event, ev.Reading) and event.pace_wpm is not None and event.at_s % 1 == 0:
                    at_s = event.at_s
                    yield (
                        event,
                        rate_wpm(side, None, at_s, profile),
                        rate_wpm(words, None, at_s, profile),
                    )


def _events(talk: Talk, profile: Profile) -> Sequence[ev.AnyEvent]:
    session = Session(profile)
    for start in range(0, len(talk.samples), RATE_HZ):
        session.hear(0, talk.samples[start : start + RATE_HZ, 0])
    session.finish()
    return session.poll()


def cells(told: Iterable[Told]) -> list[str]:
    """Share that was right, and the number, in each bin of confidence."""
    found = list(told)
    out = []
    for low, high in itertools.pairwise(EDGES):
        right = [one.right for one in found if low <= one.confidence and (one.confidence < high or high == 1)]
        out.append(f"{100 * sum(right) / len(right):.0f} % of {len(right)}" if right else "–")
    return out


def reliability(
    labels: Labels, profile: Profile, read: Sequence[tuple[ev.Reading, float, float]]
) -> list[list[str]]:
    """Lines of the table: what is right of what was told with so much confidence."""
    pace = [
        Told(one.pace_confidence, abs((one.pace_wpm or 0.0) - true) <= PACE_NEAR * true)
        for one, true, _ in read
    ]
    bins = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(EDGES)]
    return [
        ["right at a confidence of", *bins],
        ["phrase ending", *cells(endings(labels))],
        ["filled pause", *cells(filled_pauses(labels, profile))],
        ["creak, by hop", *cells(creaky_hops(labels))],
        ["pace, by syllables", *cells(pace)],
    ]


def coverage(read: Sequence[tuple[ev.Reading, float, float]], least: float) -> list[list[str]]:
    """Lines of the table: how often the labelled words a minute lie within so many errors of the pace."""
    off = [
        abs((one.pace_wpm or 0.0) - words) / (one.pace_error_wpm or 1.0)
        for one, _, words in read
        if one.pace_confidence >= least
    ]
    within = [f"{100 * sum(one <= errors for one in off) / len(off):.0f} %" for errors in (1, 2)]
    return [
        ["words a minute lie within", "1 error", "2 errors"],
        [f"of {len(off)} readings", *within],
        ["of a normal distribution", "68 %", "95 %"],
    ]


def main() -> int:
    """Print the tables, or write them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the recordings")
    parser.add_argument("--write", action="store_true", help="write the tables of docs/ears.md")
    asked = parser.parse_args()
    drop_stale_kernels()
    profile = profiles.load("conversation")
    try:
        labels = Labels(asked.data)
        read = list(paces(labels, profile))
        made = {
            "reliability": table_of(reliability(labels, profile, read)),
            "coverage": table_of(coverage(read, profile.nudges.least_confidence)),
        }
        if asked.write:
            EARS.write_text(with_tables(EARS.read_text("utf-8"), made), "utf-8")
    except (FileNotFoundError, CannotMeasure) as error:
        print(f"calibration: {error}", file=sys.stderr)
        return 2
    print("\n\n".join(made.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
