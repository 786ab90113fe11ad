"""Whether the ears and the cues serve every group of speakers alike.

    python -m benchmarks.fairness [--data PATH] [--profile NAME] [--minutes M] [--json OUT] [--write]

Readers of one paragraph, each for ``--minutes`` (the reading again and again) beside a silent other
side, all in one band (``benchmarks/readers.py``): errors of the measures, nudges in ten minutes, and
for each cue how many times as often it comes in one group as in another at equal pace
(``benchmarks/groups.py``), by sex, first language, age, and height of voice. Where the yardstick is, also the
accuracy of the measures by sex on its recordings (``benchmarks/sexes.py``). ``--write`` puts the tables into
``docs/fairness.md``. Takes some minutes.

Exit codes: 0 every ratio holds or has too few nudges to tell, 1 one fails, 2 there are no recordings.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import estimators, sexes
from benchmarks.documents import table_of, with_tables
from benchmarks.groups import Counted, Figure, Ratio, drawn, per_ten_minutes, ratio
from benchmarks.nudge_verdicts import why_wrong
from benchmarks.readers import Reader, readers
from benchmarks.yardstick import CannotMeasure
from dsp.frame import HOP, HOP_S, RATE_HZ
from engine.core.session import Session
from engine.profile import Profile
from engine.protocol.events import Nudge, PhraseEnded, Reading
from engine.shipped import profiles
from engine.warm import drop_stale_kernels
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import Samples, Side, Span, Talk, room

DOCUMENT = Path(__file__).parents[1] / "docs" / "fairness.md"

BLOCK = 2 * HOP
"""Samples of a 20 ms packet."""

EDGE_S = 0.1
"""Hops so near to the edge of a pause are neither speech nor silence."""

OLDER = 40
LOW_HZ, HIGH_HZ = 130.0, 200.0

MEASURES = {
    "pace": "pace off by, %",
    "pauses": "pauses, F1, %",
    "missed": "speech missed, %",
    "false": "false speech in pauses, %",
    "fillers": "filled pauses a minute",
    "rises": "phrases that rise, %",
    "creak": "creak, %",
}
"""The first four are held against labels; of the others there are none, but all read the same."""


class Heard(NamedTuple):
    """What the ears and the cues made of a reader."""

    name: str
    groups: frozenset[str]
    wpm: float
    """Labelled pace."""

    shares: dict[str, tuple[float, float]]
    """Measures: parts and wholes, so that those of a group can be summed."""

    seconds: float
    nudges: Counter[str]
    wrong: Counter[str]
    """Nudges that the labels contradict; only pace, pauses and stretches of talk have labels."""

    seconds_once: float
    once: Counter[str]
    """Nudges while the paragraph was read for the first time."""


JUDGED = ("Slow down", "Pick it up", "Check in now", "Pause", "Take your time")
"""Nudges that the labels can contradict."""

GROUPS: dict[str, tuple[str, ...]] = {
    "sex": ("women", "men"),
    "first language": ("another first language", "English first"),
    "age": (f"{OLDER} and over", f"under {OLDER}"),
    "voice": (f"low voice, under {LOW_HZ:.0f} Hz", f"high voice, over {HIGH_HZ:.0f} Hz"),
}
"""Two groups of each kind are compared; who is in neither counts for the others only."""


def groups_of(reader: Reader, f0_hz: float) -> frozenset[str]:
    """Names of the groups that a reader is in."""
    voice = GROUPS["voice"]
    return frozenset(
        (
            GROUPS["sex"][reader.sex != "female"],
            GROUPS["first language"][reader.native],
            GROUPS["age"][reader.age < OLDER],
            voice[0] if f0_hz < LOW_HZ else voice[1] if f0_hz > HIGH_HZ else "voice between",
        )
    )


def heard(reader: Reader, profile: Profile, seconds: float) -> Heard:
    """Let the engine hear a reader, once and for ``seconds``."""
    x = reader.samples[:, 0]
    _, f0_hz = estimators.pitch(x)
    voiced = f0_hz > 0
    _, speech = estimators.vad(x)
    _, creak = estimators.creak(x)
    at_s = (np.arange(speech.size) + 0.5) * HOP_S
    said = _inside(reader.side.speech, at_s)
    silent = _inside([(a + EDGE_S, b - EDGE_S) for a, b in reader.pauses], at_s)
    samples, side = reader.again_and_again(seconds)
    readings, phrases, nudges = in_a_call(samples, profile)
    wpm = reader.pace_wpm(profile)
    rates = [one.pace_wpm for one in readings if one.pace_wpm is not None and one.pace_confidence >= 0.5]
    moves = [one.contour == "rise" for one in phrases if one.contour != "unsure"]
    talk = Talk(reader.name, samples, [side, Side([])])
    wrong = [n.text for n in nudges if n.text in JUDGED and why_wrong(n, talk, profile)]
    creaky = creak >= 0.5
    return Heard(
        name=reader.name,
        groups=groups_of(reader, float(np.median(f0_hz[voiced])) if voiced.any() else 0.0),
        wpm=wpm,
        shares={
            "pace": (100 * (float(np.mean(rates)) / wpm - 1), 1.0) if rates else (0.0, 0.0),
            "pauses": _pauses_found(reader.pauses, estimators.pauses(x)),
            "missed": (100.0 * float((said & (speech < 0.5)).sum()), float(said.sum())),
            "false": (100.0 * float((silent & (speech >= 0.5)).sum()), float(silent.sum())),
            "fillers": (float(len(estimators.fillers(x))), reader.seconds / 60),
            "rises": (100.0 * sum(moves), float(len(moves))),
            "creak": (100.0 * float(creaky.sum()), float(creaky.sum() + voiced.sum())),
        },
        seconds=len(samples) / RATE_HZ,
        nudges=Counter(n.text for n in nudges),
        wrong=Counter(wrong),
        seconds_once=reader.seconds,
        once=Counter(n.text for n in nudges if n.at_s <= reader.seconds),
    )


def in_a_call(samples: Samples, profile: Profile) -> tuple[list[Reading], list[PhraseEnded], list[Nudge]]:
    """Readings, phrases and nudges of a speaker in a call whose other side is silent throughout.

    The share of the talk is not judged, as nobody else is there to talk.
    """
    session = Session(profile, 2, coached=(0,))
    session.set_cue("talk_share", False)
    quiet = room(len(samples) / RATE_HZ)[:, 0]
    for start in range(0, len(samples), BLOCK):
        session.hear(0, samples[start : start + BLOCK, 0])
        session.hear(1, quiet[start : start + BLOCK])
    session.finish()
    events = [event for event in session.poll() if event.channel == 0]
    return (
        [event for event in events if isinstance(event, Reading)],
        [event for event in events if isinstance(event, PhraseEnded)],
        [event for event in events if isinstance(event, Nudge)],
    )


def _inside(spans: Sequence[Span], at_s: Any) -> Any:
    flags = np.zeros(at_s.size, bool)
    for start, end in spans:
        flags |= (at_s >= start) & (at_s < end)
    return flags


def _pauses_found(truths: Sequence[Span], answers: Sequence[Span]) -> tuple[float, float]:
    """Parts of F1; right is what shares half of both, as the aligner's edges aren't sure."""
    left, hits = list(answers), 0
    for start, end in truths:
        for one in left:
            if min(end, one[1]) - max(start, one[0]) >= 0.5 * max(end - start, one[1] - one[0]):
                left.remove(one)
                hits += 1
                break
    return 200.0 * hits, float(len(truths) + len(answers))


# --- figures of groups -------------------------------------------------------


def members(everybody: Sequence[Heard], group: str) -> list[Heard]:
    """The readers of a group; everybody for an empty name."""
    return [one for one in everybody if not group or group in one.groups]


def share(measure: str) -> Callable[[Sequence[Heard]], float | None]:
    """Return a function that gives a measure of some readers together."""

    def of(some: Sequence[Heard]) -> float | None:
        parts, wholes = (sum(one.shares[measure][k] for one in some) for k in (0, 1))
        return parts / wholes if wholes else None

    return of


def counted(some: Sequence[Heard], text: str) -> list[Counted]:
    """How often each of some readers got a nudge."""
    return [Counted(one.wpm, one.seconds, one.nudges[text]) for one in some]


class Report(NamedTuple):
    """Everything that is told, by names of groups, measures and nudges."""

    profile: str
    sizes: dict[str, int]
    measures: dict[str, dict[str, Figure]]
    nudges: dict[str, dict[str, Figure]]
    ratios: dict[str, dict[str, Ratio]]
    sexes: dict[str, tuple[Figure, Figure]]
    wrong: dict[str, dict[str, tuple[int, int]]]
    """For how many readers a nudge was wrong at least once, and how many got it."""

    once: dict[str, dict[str, float]]
    """Nudges in ten minutes of first readings, one reader after another."""

    @property
    def fails(self) -> list[str]:
        """Ratios beyond what is allowed."""
        return [
            f"{text}: {pair[0]} / {pair[1]}"
            for kind, pair in GROUPS.items()
            for text, one in self.ratios[kind].items()
            if one.verdict.startswith("fails")
        ]


def report(everybody: Sequence[Heard], profile: str) -> Report:
    """Compute all figures from what was heard."""
    groups = {"everybody": list(everybody)}
    groups |= {name: members(everybody, name) for pair in GROUPS.values() for name in pair}
    texts = [text for text, _ in sum((one.nudges for one in everybody), Counter[str]()).most_common()]
    return Report(
        profile=profile,
        sizes={name: len(some) for name, some in groups.items()},
        measures={
            name: {measure: drawn((some,), share(measure)) for measure in MEASURES}
            for name, some in groups.items()
        },
        nudges={
            name: {text: drawn((counted(some, text),), per_ten_minutes) for text in texts}
            for name, some in groups.items()
        },
        ratios={
            kind: {text: ratio(counted(groups[a], text), counted(groups[b], text)) for text in texts}
            for kind, (a, b) in GROUPS.items()
        },
        sexes=sexes.figures(),
        wrong={
            name: {text: _wrong(some, text) for text in JUDGED if text in texts}
            for name, some in groups.items()
        },
        once={
            name: {text: _read_once(some, text) for text in texts if any(one.once[text] for one in everybody)}
            for name, some in groups.items()
            if some
        },
    )


def _wrong(some: Sequence[Heard], text: str) -> tuple[int, int]:
    return sum(bool(one.wrong[text]) for one in some), sum(bool(one.nudges[text]) for one in some)


def _read_once(some: Sequence[Heard], text: str) -> float:
    return 600 * sum(one.once[text] for one in some) / sum(one.seconds_once for one in some)


# --- shown -------------------------------------------------------------------


def cell(figure: Figure, decimals: int = 1) -> str:
    """Format a value with its interval."""
    if figure.value is None:
        return "–"
    value, low, high = (None if v is None else _number(v, decimals) for v in figure)
    return str(value) if low is None or low == high else f"{value} ({low} to {high})"


def _number(value: float, decimals: int) -> str:
    return "∞" if value == float("inf") else f"{value:.{decimals}f}".replace("-", "−")


def tables(found: Report) -> dict[str, str]:
    """Format the tables of the document, by name."""
    texts = list(found.ratios["sex"])
    pairs = {kind: f"{a} / {b}" for kind, (a, b) in GROUPS.items()}
    verdicts = {"holds": "holds", "fails": "**fails**", "fails, may be chance": "fails?", "too few": "–"}

    def by_group(rows: Mapping[str, Mapping[str, str]], heads: Sequence[str]) -> str:
        body = ([f"{name} ({found.sizes[name]})", *row.values()] for name, row in rows.items())
        return table_of([["", *heads], *body])

    compared = [
        [
            text,
            *(
                f"{cell(one.figure, 2)} {verdicts[one.verdict]}"
                if (one := found.ratios[kind][text]).verdict != "too few"
                else f"– ({one.nudges})"
                for kind in pairs
            ),
        ]
        for text in texts
    ]
    wrong = {name: {t: f"{w} of {got}" for t, (w, got) in row.items()} for name, row in found.wrong.items()}
    once = {name: {t: f"{rate:.1f}" for t, rate in row.items()} for name, row in found.once.items()}
    out = {
        "measures": by_group(_cells(found.measures), list(MEASURES.values())),
        "nudges": by_group(_cells(found.nudges), texts),
        "ratios": table_of([["", *pairs.values()], *compared]),
        "wrong": by_group(wrong, list(wrong["everybody"])),
        "once": by_group(once, list(once["everybody"])),
    }
    if found.sexes:
        rows = [[name, *(cell(one) for one in pair)] for name, pair in found.sexes.items()]
        out["sexes"] = table_of([["", *GROUPS["sex"]], *rows])
    return out


def _cells(rows: Mapping[str, Mapping[str, Figure]]) -> dict[str, dict[str, str]]:
    return {name: {key: cell(figure) for key, figure in row.items()} for name, row in rows.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fairness",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=DATA / "words", help="folder of recordings with labels")
    parser.add_argument("--profile", default="interview", help="a shipped profile")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long each reads")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/fairness.md")
    asked = parser.parse_args(argv)
    drop_stale_kernels()
    profile = profiles.load(asked.profile)
    try:
        everybody = []
        for reader in readers(asked.data):
            print(f"Hearing {reader.name} …", file=sys.stderr, flush=True)
            everybody.append(heard(reader, profile, 60 * asked.minutes))
        if not everybody:
            raise CannotMeasure(f"{asked.data} holds no readings of a paragraph: no accents/saa.csv is in it")
        found = report(everybody, asked.profile)
        shown = tables(found)
        if asked.write:
            DOCUMENT.write_text(with_tables(DOCUMENT.read_text("utf-8"), shown), "utf-8")
    except (FileNotFoundError, CannotMeasure) as error:
        print(f"fairness: {error}; --data names another folder", file=sys.stderr)
        return 2
    print("\n\n".join(shown.values()))
    print(f"\nBeyond 1.25 times at equal pace: {'; '.join(found.fails) or 'nothing'}.")
    if asked.json is not None:
        asked.json.write_text(
            json.dumps({**found._asdict(), "fails": found.fails}, indent=1) + "\n", encoding="utf-8"
        )
    return 1 if found.fails else 0


if __name__ == "__main__":
    sys.exit(main())
