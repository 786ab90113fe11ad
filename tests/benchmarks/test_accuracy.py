"""The tables of accuracy: from figures to the document, with and without recordings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import accuracy, estimators, webrtc_vad
from benchmarks.accuracy import (
    EARS,
    OURS,
    CannotMeasure,
    cells,
    main,
    markdown,
    printed_peers,
    report,
    written,
)
from benchmarks.figures import TABLES, Row, Table

Capture = pytest.CaptureFixture[str]

ROWS = (
    Row("right, %", "pitch", "fda", "correct", "pitch", 91.6, 92.6),
    Row("gross errors, %", "pitch", "fda", "gross", "pitch", 0.8, 0.4),
    Row("µs a hop", "speed", "speech", "us_per_hop", "pitch", 12.0, 8.0),
    Row("octave errors, %", "pitch", "fda", "octave", "pitch"),
)
TABLE = Table("pitch", {"SwiftF0": "swift_f0", "RAPT": "rapt"}, ROWS)
SCORES: accuracy.Scores = {
    "pitch": {
        f"{OURS}:pitch": {"fda": {"correct": 92.64, "gross": 0.781, "octave": None}},
        "peers:swift_f0": {"fda": {"correct": 92.4, "gross": 0.57, "octave": 0.08}},
        "peers:rapt": {"fda": {"correct": 91.6, "gross": 1.95}},
    },
    "speed": {f"{OURS}:pitch": {"speech": {"us_per_hop": 12.5}}},
}

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


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A yardstick beside the project that gives the scores above, and a document with all tables."""
    shared = tmp_path / "shared"
    (shared / "data").mkdir(parents=True)
    (shared / "data" / "MANIFEST.csv").touch()
    (shared / "yardstick").mkdir()
    (shared / "yardstick" / "PEERS.md").write_text(PRINTED, "utf-8")
    (shared / "yardstick" / "yardstick.py").write_text(
        "import json, sys\n"
        f"scores = json.loads({json.dumps(SCORES)!r})\n"
        f"asked = [item.partition('=')[2] for item in sys.argv] + ['{OURS}:pitch']\n"
        "results = {task: {e: s for e, s in found.items() if e in asked} for task, found in scores.items()}\n"
        "open(sys.argv[sys.argv.index('--json') + 1], 'w').write(json.dumps({'results': results}))\n",
        "utf-8",
    )
    document = tmp_path / "ears.md"
    parts = [f"<!-- table: {name} -->\nold\n<!-- end -->\n" for name in (*TABLES, "source")]
    document.write_text("# Ears\n\n" + "\n".join(parts), "utf-8")
    monkeypatch.setattr(accuracy, "SHARED", shared)
    monkeypatch.setattr(accuracy, "EARS", document)
    return document


def test_every_estimator_that_is_scored_is_ours() -> None:
    for table in TABLES.values():
        for row in table.rows:
            assert callable(getattr(estimators, row.ours))


def test_the_document_has_a_place_for_each_table() -> None:
    text = EARS.read_text("utf-8")
    for name in (*TABLES, "source"):
        assert text.count(f"<!-- table: {name} -->\n") == 1, name
    assert written(text, SCORES, "made up") != text


def test_the_best_of_each_row_is_bold_and_what_is_missing_a_dash() -> None:
    assert markdown(SCORES, TABLE).splitlines() == [
        "|  | Sottovoce | SwiftF0 | RAPT |",
        "| --- | --: | --: | --: |",
        "| right, % | **92.6** | 92.4 | 91.6 |",
        "| gross errors, % | 0.78 | **0.57** | 1.95 |",
        "| µs a hop | 12.5 | – | – |",
        "| octave errors, % | – | 0.08 | – |",
    ]


def test_figures_that_are_printed_alike_are_equally_good() -> None:
    scores: accuracy.Scores = {
        "pitch": {f"{OURS}:pitch": {"fda": {"correct": 95.91}}, "peers:rapt": {"fda": {"correct": 95.9}}}
    }
    assert "**95.9** | – | **95.9**" in markdown(scores, TABLE)


def test_a_bias_is_as_bad_either_way() -> None:
    row = TABLES["pace"].rows[3]
    assert row.key == "bias"
    assert row.worth(-5.0) == row.worth(5.0) < row.worth(1.0)
    assert row.show(-5.0) == "−5.0"


def test_tables_are_written_where_they_belong_and_nothing_else_changes(scored: Path) -> None:
    before = scored.read_text("utf-8")
    once = written(before, SCORES, "made up")
    assert "old" not in once
    assert once.startswith("# Ears\n\n<!-- table: pitch -->\n|  | Sottovoce | SwiftF0 |")
    assert "<!-- table: source -->\nThe peers' figures are made up.\n<!-- end -->" in once
    assert written(once, SCORES, "made up") == once


def test_a_document_without_a_place_is_refused(scored: Path) -> None:
    with pytest.raises(CannotMeasure, match="'creak', it has 0"):
        written(scored.read_text("utf-8").replace("table: creak", "table: crack"), SCORES, "made up")


def test_bars_that_hold_and_that_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "TABLES", {"pitch": TABLE})
    lines, failed = report(SCORES)
    assert ["moonshot" in lines[0], "holds" in lines[1], "BELOW" in lines[2]] == [True] * 3
    assert "best peer 0.57" in lines[1]
    assert (len(lines), failed) == (3, 1)


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


def test_one_command_measures_writes_and_tells(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out.json"
    assert main(["--write", "--json", str(out)]) == 1
    assert "| right, %: laryngograph | **92.6** | – | 91.6 | – | – |" in scored.read_text("utf-8")
    kept = json.loads(out.read_text("utf-8"))
    assert kept["results"]["pitch"]["peers:rapt"]["fda"]["correct"] == 91.6
    said = capsys.readouterr().out
    assert "bars hold; the peers' figures are as the yardstick's own account has them." in said


def test_webrtcs_detector_is_measured_in_every_run(scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    run = subprocess.run

    def watch(command: list[str], **how: Any) -> SimpleNamespace:
        asked.append(command)
        return SimpleNamespace(returncode=run(command, **how).returncode)

    monkeypatch.setattr(subprocess, "run", watch)
    found = {"benchmarks.webrtc_vad:vad": {"ten": {"auc": 0.7321}}, f"{OURS}:vad": {"ten": {"auc": 0.951}}}
    monkeypatch.setitem(SCORES, "vad", found)
    main(["--write"])
    assert {"vad=benchmarks.webrtc_vad:vad", "pauses=benchmarks.webrtc_vad:pauses"} <= set(asked[0])
    assert not [item for item in asked[0] if "=peers:" in item]
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


def test_peers_are_measured_when_asked_for(scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    run = subprocess.run

    def watch(command: list[str], **how: Any) -> SimpleNamespace:
        asked.append(command)
        return SimpleNamespace(returncode=run(command, **how).returncode)

    monkeypatch.setattr(subprocess, "run", watch)
    main(["--write", "--peers"])
    assert {"pitch=peers:swift_f0", "vad=peers:silero", "ending=peers:ending_fall"} <= set(asked[0])
    said = (
        "The peers' figures are as the yardstick's own account has them; "
        "those of SwiftF0, RAPT were measured in the same run."
    )
    assert said in scored.read_text("utf-8")


def test_a_yardstick_that_fails_is_said(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "shared" / "yardstick" / "yardstick.py").write_text("raise SystemExit(2)", "utf-8")
    assert main(["--write"]) == 2
    assert "the yardstick ended with 2" in capsys.readouterr().err
    assert "old" in scored.read_text("utf-8")


def test_without_recordings_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    monkeypatch.setattr(accuracy, "SHARED", tmp_path)
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "labelled recordings are not here" in err
