"""The tables of accuracy: from figures to the document, with and without recordings."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import accuracy, estimators, webrtc_vad, yardstick
from benchmarks.accuracy import EARS, OURS, Measured, Scores, cells, main, markdown, report, written
from benchmarks.figures import TABLES, Row, Table
from benchmarks.intervals import Spread
from benchmarks.printed_peers import printed_peers
from benchmarks.yardstick import CannotMeasure

Capture = pytest.CaptureFixture[str]

ROWS = (
    Row("right, %", "pitch", "fda", "correct", "pitch", 91.6, 92.6),
    Row("gross errors, %", "pitch", "fda", "gross", "pitch", 0.8, 0.4),
    Row("µs a hop", "speed", "speech", "us_per_hop", "pitch", 12.0, 8.0),
    Row("octave errors, %", "pitch", "fda", "octave", "pitch"),
)
TABLE = Table("pitch", {"SwiftF0": "swift_f0", "RAPT": "rapt"}, ROWS)
SCORES: Scores = {
    "pitch": {
        f"{OURS}:pitch": {"fda": {"correct": 92.64, "gross": 0.781, "octave": None}},
        "peers:swift_f0": {"fda": {"correct": 92.4, "gross": 0.57, "octave": 0.08}},
        "peers:rapt": {"fda": {"correct": 91.6, "gross": 1.95}},
    },
    "speed": {f"{OURS}:pitch": {"speech": {"us_per_hop": 12.5}}},
}
FOUND = Measured("v1", SCORES, {"pitch": {"fda": {"correct": Spread((91.0, 93.9), (92.5, 92.7))}}}, "made up")

PRINTED = """\
# Peers on the development data

Some words.

## pitch

`correct`: frames with the voicing right, %

| estimator | fda | world+noise | fda white 5 dB |
|---|---|---|---|
| rapt | 91.6 | 88.9 | 86.4 |

`gross`: more than 20 % off, %

| estimator | fda | world+noise | fda white 5 dB |
|---|---|---|---|
| rapt | 1.95 | 0.00 | 0.41 |

Time offset fitted (ms): rapt 6.

## vad

```
vad        estimator          auc  false_alarm
----------------------------------------------
ten        peers:silero     0.959         18.7
no speech  peers:silero         -          0.2
```
"""


class NotScored(Exception):
    """As the yardstick raises when it can't score an estimator."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A yardstick beside the project that gives the scores above; return whom it was asked to score."""
    shared = tmp_path / "shared"
    (shared / "data").mkdir(parents=True)
    (shared / "data" / "MANIFEST.csv").touch()
    (shared / "yardstick").mkdir()
    (shared / "yardstick" / "PEERS.md").write_text(PRINTED, "utf-8")
    document = tmp_path / "ears.md"
    parts = [f"<!-- table: {name} -->\nold\n<!-- end -->\n" for name in (*TABLES, "source")]
    document.write_text("# Ears\n\n" + "\n".join(parts), "utf-8")
    found: list[str] = []

    def score(task: str) -> Any:
        def on(corpus: Any, estimator: Any) -> Any:
            found.append(f"{task}={estimator.spec}")
            if estimator.spec.endswith("swift_f0") and task == "pitch":
                raise NotScored("no package")
            return SCORES.get(task, {}).get(estimator.spec, {})

        return on

    class Estimator:
        def __init__(self, spec: str, task: str) -> None:
            self.spec = spec

    class Corpus:
        def __init__(self, root: Path) -> None:
            self.root = root

        def rows(self, table: str) -> list[dict[str, str]]:
            return []

        def version(self) -> str:
            return "v1"

    parts_of_it = {
        "tasks": SimpleNamespace(
            SCORERS={task: score(task) for task in (*TABLES, "speed")},
            score_pitch=score("pitch"),
            pitch_sets=lambda corpus: {},
        ),
        "measures": SimpleNamespace(best_f1=None),
        "estimator": SimpleNamespace(Estimator=Estimator, YardstickError=NotScored),
        "corpus": SimpleNamespace(Corpus=Corpus),
    }
    for name, part in parts_of_it.items():
        monkeypatch.setitem(sys.modules, f"scoring.{name}", part)
    monkeypatch.setitem(sys.modules, "scoring", SimpleNamespace(**parts_of_it))
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(yardstick, "SHARED", shared)
    monkeypatch.setattr(accuracy, "EARS", document)
    return found


@pytest.fixture
def document(asked: list[str], tmp_path: Path) -> Path:
    """A document with a place for each table."""
    return tmp_path / "ears.md"


def test_every_estimator_that_is_scored_is_ours() -> None:
    for table in TABLES.values():
        for row in table.rows:
            assert callable(getattr(estimators, row.ours))


def test_the_document_has_a_place_for_each_table() -> None:
    text = EARS.read_text("utf-8")
    for name in (*TABLES, "source"):
        assert text.count(f"<!-- table: {name} -->\n") == 1, name
    assert written(text, FOUND) != text


def test_the_best_of_each_row_is_bold_and_what_is_missing_a_dash() -> None:
    assert markdown(FOUND, TABLE).splitlines() == [
        "|  | Sottovoce | 95 % | SwiftF0 | RAPT |",
        "| --- | --: | --: | --: | --: |",
        "| right, % | **92.6** | 91.0 to 93.9 | 92.4 | 91.6 |",
        "| gross errors, % | 0.78 |  | **0.57** | 1.95 |",
        "| µs a hop | 12.5 |  | – | – |",
        "| octave errors, % | – |  | 0.08 | – |",
    ]


def test_a_table_without_intervals_has_no_column_for_them() -> None:
    assert markdown(FOUND._replace(spreads={}), TABLE).startswith("|  | Sottovoce | SwiftF0 | RAPT |\n")


def test_figures_that_are_printed_alike_are_equally_good() -> None:
    scores: Scores = {
        "pitch": {f"{OURS}:pitch": {"fda": {"correct": 95.91}}, "peers:rapt": {"fda": {"correct": 95.9}}}
    }
    assert "**95.9** | – | **95.9**" in markdown(Measured("", scores, {}, ""), TABLE)


def test_a_bias_is_as_bad_either_way() -> None:
    row = TABLES["pace"].rows[3]
    assert row.key == "bias"
    assert row.worth(-5.0) == row.worth(5.0) < row.worth(1.0)
    assert row.show(-5.0) == "−5.0"


def test_tables_are_written_where_they_belong_and_nothing_else_changes(document: Path) -> None:
    before = document.read_text("utf-8")
    once = written(before, FOUND)
    assert "old" not in once
    assert once.startswith("# Ears\n\n<!-- table: pitch -->\n|  | Sottovoce | 95 % | SwiftF0 |")
    assert "<!-- table: source -->\nThe peers' figures are made up.\n<!-- end -->" in once
    assert written(once, FOUND) == once


def test_a_document_without_a_place_is_refused(document: Path) -> None:
    with pytest.raises(CannotMeasure, match="'creak', it has 0"):
        written(document.read_text("utf-8").replace("table: creak", "table: crack"), FOUND)


def test_bars_that_hold_and_that_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "TABLES", {"pitch": TABLE})
    lines, bars, missed = report(FOUND)
    assert ["moonshot" in lines[0], "holds" in lines[1], "BELOW" in lines[2]] == [True] * 3
    assert "91.0 to 93.9" in lines[0]
    assert "92.5 to 92.7" in lines[0]
    assert "best peer 0.57" in lines[1]
    assert "bars" not in lines[3]
    assert (len(lines), bars, missed) == (4, 3, 1)


@pytest.mark.parametrize(
    ("was", "said"),
    [
        (93.8, "was 93.8: within its interval"),
        (94.1, "was 94.1: worse"),
        (90.0, "was 90.0: better"),
    ],
)
def test_a_change_counts_when_it_leaves_the_interval(
    monkeypatch: pytest.MonkeyPatch, was: float, said: str
) -> None:
    monkeypatch.setattr(accuracy, "TABLES", {"pitch": TABLE})
    then = FOUND._replace(
        scores={"pitch": {f"{OURS}:pitch": {"fda": {"correct": was, "gross": 0.5}}}}, spreads={}
    )
    lines, _, _ = report(FOUND, json.loads(json.dumps(then.json())))
    assert said in lines[0]
    assert "was 0.50: no interval" in lines[1]
    assert "not in both" in lines[2]


def test_the_yardsticks_account_of_the_peers_is_read() -> None:
    scores = printed_peers(PRINTED)
    assert scores["pitch"]["peers:rapt"] == {
        "fda": {"correct": 91.6, "gross": 1.95},
        "world in 10 dB noise": {"correct": 88.9, "gross": 0.0},
        "fda, white 5 dB": {"correct": 86.4, "gross": 0.41},
    }
    assert scores["vad"]["peers:silero"] == {
        "ten": {"auc": 0.959, "false_alarm": 18.7},
        "no speech": {"auc": None, "false_alarm": 0.2},
    }


def test_one_command_measures_writes_and_tells(document: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out.json"
    assert main(["--write", "--json", str(out)]) == 1
    assert "| right, %: laryngograph | **92.6** | – | 91.6 | – | – |" in document.read_text("utf-8")
    kept = json.loads(out.read_text("utf-8"))
    assert kept["results"]["pitch"]["peers:rapt"]["fda"]["correct"] == 91.6
    assert kept["data"] == "v1"
    said = capsys.readouterr().out
    assert "bars hold; the peers' figures are as the yardstick's own account has them" in said
    assert main(["--against", str(out)]) == 1
    assert "was 92.6: no interval" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "can't be read"),
        ("{", "can't be read"),
        ("[]", "holds no figures"),
        ('{"data": "v0", "results": {}}', "of other recordings (version v0, here v1)"),
    ],
)
def test_earlier_figures_that_do_not_compare_are_refused(
    asked: list[str], tmp_path: Path, capsys: Capture, text: str | None, said: str
) -> None:
    old = tmp_path / "old.json"
    if text is not None:
        old.write_text(text, "utf-8")
    assert main(["--against", str(old)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_webrtcs_detector_is_measured_in_every_run(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"benchmarks.webrtc_vad:vad": {"ten": {"auc": 0.7321}}, f"{OURS}:vad": {"ten": {"auc": 0.951}}}
    monkeypatch.setitem(SCORES, "vad", found)
    main(["--write"])
    assert {
        "vad=benchmarks.webrtc_vad:vad",
        "speed=benchmarks.webrtc_vad:vad",
        "pauses=benchmarks.webrtc_vad:pauses",
    } <= set(asked)
    assert not [item for item in asked if "=peers:" in item]
    row = cells(SCORES, TABLES["vad"], TABLES["vad"].rows[0])
    assert [cell.value for cell in row] == [0.951, None, None, None, 0.7321]


def test_webrtcs_detector_answers_as_the_yardstick_wants_it(answer: Any) -> None:
    samples = answer[0]
    times_s, speech = webrtc_vad.vad(samples)
    assert times_s.size == speech.size == samples.size // 160
    assert times_s[0] == pytest.approx(0.01)
    assert 0.4 < speech.mean() < 0.95
    silent = np.zeros(16_000, np.float32)
    assert not webrtc_vad.vad(silent)[1].any()
    found = webrtc_vad.pauses(np.concatenate([samples[: 3 * 16_000], silent, samples[: 3 * 16_000]]))
    assert any(start_s < 3.4 and end_s > 3.6 for start_s, end_s in found)
    assert all(end_s - start_s >= 0.25 for start_s, end_s in found)


def test_peers_are_measured_when_asked_for(asked: list[str], document: Path, capsys: Capture) -> None:
    main(["--write", "--peers"])
    assert {"pitch=peers:rapt", "vad=peers:silero", "ending=peers:ending_fall"} <= set(asked)
    assert "peers:swift_f0 is left out: no package" in capsys.readouterr().err
    text = document.read_text("utf-8")
    assert "those of RAPT, REAPER, Praat, Silero," in text
    assert "SwiftF0, RAPT" not in text


def test_a_yardstick_that_fails_is_said(asked: list[str], document: Path, capsys: Capture) -> None:
    def fail(corpus: Any, estimator: Any) -> Any:
        raise NotScored("a broken answer")

    sys.modules["scoring.tasks"].SCORERS["vad"] = fail
    assert main(["--write"]) == 2
    assert "could not score benchmarks.estimators:vad: a broken answer" in capsys.readouterr().err
    assert "old" in document.read_text("utf-8")


def test_without_recordings_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.setattr(yardstick, "SHARED", tmp_path)
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "labelled recordings are not here" in err
