"""Labelled talk: recordings, and what is really said in them, channel by channel.

Everything is read from a folder with a ``MANIFEST.csv`` and tables of labels beside the
recordings. What is altered is altered there, or made here from what is there: phrases of
one speaker one after another, as one rise or one creak is nothing to speak of.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.media.voices.synthesis import SpeechSynthesizer

Samples = NDArray[np.float32]
Span = tuple[float, float]
Row = dict[str, str]

CLOSURE_S = 0.25
"""Silences shorter than this are part of speech, as they are for the core."""

GAP_S = 0.5
"""Silence put between two phrases that are made into a stream."""

CREAK_LEAD_S = 0.8
"""Modal speech kept before each creak."""

NO_ROWS: list[Row] = []


@dataclass(frozen=True)
class Side:
    """What one channel really says; times in seconds."""

    speech: list[Span]
    """Stretches of speech, silences under :data:`CLOSURE_S` within them."""

    syllables_s: list[float] | None = None
    """Middles of the syllable nuclei; None where nobody has labelled them."""

    words_s: list[float] | None = None
    """Beginnings of the words, likewise."""

    fillers: list[Span] = field(default_factory=list)
    creaks: list[Span] = field(default_factory=list)
    rises_s: list[float] = field(default_factory=list)
    """Ends of the phrases that rise."""

    interruptions: list[Span] = field(default_factory=list)
    """Stretches in which this side talks over the other one to take the floor."""

    monotone: bool = False


@dataclass(frozen=True)
class Talk:
    """One recording with its truth."""

    name: str
    samples: Samples
    """Shape (n, channels), 16 kHz."""

    sides: list[Side]

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / RATE_HZ


TEXT = (
    "We opened the second office in March, and the first results came in a month later. "
    "Half of the team moved over, and the others took on the calls from home. "
    "What we learned is that people answer sooner when a person speaks to them. "
    "So the plan for the summer is to call every customer once, and to ask what they need. "
    "That takes about ten minutes a call, and two of us can do it beside our other work. "
    "By the end of the year we will know which of the three ideas is worth the money."
)


class Labels:
    """A folder of labelled recordings.

    Raises
    ------
    FileNotFoundError
        The folder holds none.
    """

    def __init__(self, root: Path) -> None:
        if not (root / "MANIFEST.csv").is_file():
            raise FileNotFoundError(f"{root} holds no labelled recordings: no MANIFEST.csv is in it")
        self.root = root
        self.by_file = cache(self._by_file)

    def rows(self, table: str) -> list[Row]:
        """Rows of a table of labels; none when the folder doesn't have it."""
        path = self.root / table
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def _by_file(self, table: str) -> dict[str, list[Row]]:
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows(table):
            groups[row["file"]].append(row)
        return groups

    def samples(self, name: str) -> Samples:
        """Samples of a recording, shape (n, channels)."""
        samples, rate_hz = soundfile.read(self.root / name, dtype="float32", always_2d=True)
        if rate_hz != RATE_HZ:
            raise ValueError(f"{name} is at {rate_hz} Hz; recordings must be at {RATE_HZ} Hz")
        heard: Samples = samples
        return heard

    def spans(self, table: str, name: str, **wanted: str) -> list[Span]:
        """``start`` and ``end`` of a recording's rows in a table that have the wanted values."""
        rows = self.by_file(table).get(name, [])
        return [span(row) for row in rows if all(row[key] == value for key, value in wanted.items())]

    # --- ordinary good speech ----------------------------------------------------

    def read_aloud(self) -> Iterator[Talk]:
        """Sentences that one person reads, one after another, as they were said."""
        for name in self._names("pace/utterances.csv", "timit_streams"):
            yield Talk(name, self.samples(name), [self._sentences(name)])

    def dialogues(self) -> Iterator[Talk]:
        """Two channels; each turn is a sentence with labels, recognised by its length."""
        tables = (
            "turns/two_channel_files.csv",
            "turns/two_channel_segments.csv",
            "turns/two_channel_events.csv",
        )
        for row in self.rows(tables[0]):
            name = row["file"]
            sides = []
            for side, speaker in (("L", row["left"]), ("R", row["right"])):
                turns = self.spans(tables[1], name, channel=side, kind="turn")
                said = [(start, self._sentence(speaker, end - start)) for start, end in turns]
                sides.append(
                    Side(
                        speech=joined(self.spans(tables[1], name, channel=side)),
                        syllables_s=[at + t for at, one in said for t in one.syllables_s or ()],
                        words_s=[at + t for at, one in said for t in one.words_s or ()],
                        interruptions=self.spans(tables[2], name, channel=side, event="interruption"),
                    )
                )
            yield Talk(name, self.samples(name), sides)

    def meetings(self) -> Iterator[Talk]:
        """Meetings of several people on one channel: words, no syllables."""
        for name, rows in sorted(self.by_file("turns/ami_words.csv").items()):
            words = [row for row in rows if row["kind"] in ("word", "disfmarker")]
            side = Side(
                speech=joined(span(row) for row in rows if row["kind"] != "gap"),
                words_s=sorted(float(row["start"]) for row in words),
                fillers=self.spans("fillers/labels.csv", name),
            )
            yield Talk(name, self.samples(name), [side])

    # --- altered -----------------------------------------------------------------

    def tempo(self, factor: float) -> Iterator[Talk]:
        """The sentences read aloud, ``factor`` times as long."""
        for row in self.rows("pace/tempo_files.csv"):
            if float(row["asked_factor"]) != factor:
                continue
            name, scale = row["file"], float(row["real_factor"])
            side = self._sentences(f"pace/timit_streams/{self._stream(row['speaker'])}")
            side = Side(
                speech=joined((a * scale, b * scale) for a, b in side.speech),
                syllables_s=[middle(s) for s in self.spans("pace/tempo_syllable_nuclei.csv", name)],
                words_s=[t * scale for t in side.words_s or ()],
            )
            yield Talk(name, self.samples(name), [side])

    def rises(self, *, altered: bool) -> Iterator[Talk]:
        """Phrases of each speaker in a row: rises, a fall after each; or falls and level ends only."""
        for speaker, by_label in self._phrases("intonation/world_labels.csv"):
            falls = by_label["fall"]
            if altered:
                rows = [row for pair in zip(by_label["rise"], falls, strict=False) for row in pair]
            else:
                rows = [row for pair in zip(falls, by_label["level"], strict=False) for row in pair]
            pieces = [(row["file"], 0.0, [row] if row["label"] == "rise" else []) for row in rows]
            samples, marked = self._stream_of(pieces, "final_start", "final_end")
            side = Side(speech=self._phrase_spans(rows), rises_s=[end for _, end in marked])
            yield Talk(f"{speaker} {'rises' if altered else 'falls'}", samples, [side])

    def creaks(self, *, altered: bool) -> Iterator[Talk]:
        """Each speaker's creaks, each with a little before it, over and over; or phrases without."""
        for speaker, by_label in self._phrases("creak/world_labels.csv"):
            if altered:
                rows = by_label["creak"]
                pieces = [
                    (row["file"], max(0.0, float(row["start"]) - CREAK_LEAD_S), [row]) for row in rows
                ] * 8
            else:
                rows = [row for row in by_label["not_creak"] if row["kind"] == "modal_control"]
                pieces = [(row["file"], 0.0, NO_ROWS) for row in rows] * 4
            samples, marked = self._stream_of(pieces, "start", "end")
            yield Talk(
                f"{speaker} {'creak' if altered else 'modal'}",
                samples,
                [Side(speech=[(0.0, len(samples) / RATE_HZ)], creaks=marked)],
            )

    def fillers(self) -> Iterator[Talk]:
        """Sentences with fillers spliced in."""
        for row in self.rows("fillers/spliced_files.csv"):
            name = row["file"]
            side = Side(
                speech=[(0.0, float(row["duration"]))], fillers=self.spans("fillers/spliced_labels.csv", name)
            )
            yield Talk(name, self.samples(name), [side])

    # --- inside ------------------------------------------------------------------

    def _names(self, table: str, part: str) -> list[str]:
        return sorted(name for name in self.by_file(table) if part in name)

    @cache  # noqa: B019  one folder a run
    def _stream(self, speaker: str) -> str:
        names = self._names("pace/utterances.csv", "timit_streams")
        return next(Path(name).name for name in names if speaker in name)

    def _sentences(self, name: str) -> Side:
        return Side(
            speech=joined(self.spans("vad/timit_speech.csv", name)),
            syllables_s=[middle(s) for s in self.spans("pace/syllable_nuclei.csv", name)],
            words_s=[s[0] for s in self.spans("pace/words.csv", name)],
        )

    def _sentence(self, speaker: str, length_s: float) -> Side:
        """The sentence of a speaker that has this length, its times from its first sound."""
        row = min(
            (
                row
                for rows in self.by_file("pace/utterances.csv").values()
                for row in rows
                if row["speaker"] == speaker and "timit_streams" not in row["file"]
            ),
            key=lambda row: abs(float(row["speech_end"]) - float(row["speech_start"]) - length_s),
        )
        side, start_s = self._sentences(row["file"]), float(row["speech_start"])
        return Side(
            speech=[(a - start_s, b - start_s) for a, b in side.speech],
            syllables_s=[t - start_s for t in side.syllables_s or ()],
            words_s=[t - start_s for t in side.words_s or ()],
        )

    def _phrases(self, table: str) -> list[tuple[str, dict[str, list[Row]]]]:
        speakers: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in self.rows(table):
            speakers[row["speaker"]][row["label"]].append(row)
        return sorted(speakers.items())

    def _stream_of(
        self, pieces: list[tuple[str, float, list[Row]]], start: str, end: str
    ) -> tuple[Samples, list[Span]]:
        """Pieces (file, from when, rows that mark something) in a row, and the marks' spans in that."""
        parts, marked, at_s = [], [], 0.0
        for name, from_s, rows in pieces:
            part = self.samples(name)[round(from_s * RATE_HZ) :]
            marked += [(at_s + float(row[start]) - from_s, at_s + float(row[end]) - from_s) for row in rows]
            parts += [part, room(GAP_S)]
            at_s += len(part) / RATE_HZ + GAP_S
        return np.concatenate([*parts, np.zeros((0, 1), np.float32)]), marked

    def _phrase_spans(self, rows: list[Row]) -> list[Span]:
        spans, at_s = [], 0.0
        for row in rows:
            length_s = len(self.samples(row["file"])) / RATE_HZ
            spans.append((at_s, at_s + float(row["final_end"])))
            at_s += length_s + GAP_S
        return spans


def drones(liveliness: float) -> Iterator[Talk]:
    """The packaged voice, high and low, its melody made flatter by a factor."""
    voice = SpeechSynthesizer()
    for shift_st in (-4.0, 0.0, 4.0):
        samples = voice.synthesize(TEXT, liveliness=liveliness, shift_st=shift_st)[:, None]
        side = Side([(0.0, len(samples) / RATE_HZ)], monotone=liveliness < 0.5)
        yield Talk(f"packaged voice, liveliness {liveliness:g}, {shift_st:+g} semitones", samples, [side])


def span(row: Row) -> Span:
    """``start`` and ``end`` of a row of labels."""
    return float(row["start"]), float(row["end"])


def middle(stretch: Span) -> float:
    """Middle of a stretch."""
    return (stretch[0] + stretch[1]) / 2


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap or are less than :data:`CLOSURE_S` apart made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start - out[-1][1] < CLOSURE_S:
            out[-1] = out[-1][0], max(out[-1][1], end)
        else:
            out.append((start, end))
    return out


def room(seconds: float) -> Samples:
    """Room tone at −70 dBFS, shape (n, 1)."""
    noise = np.random.default_rng(1).standard_normal((round(seconds * RATE_HZ), 1))
    return (3e-4 * noise).astype(np.float32)
