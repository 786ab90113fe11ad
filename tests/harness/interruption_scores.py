"""Scores of interruptions and backchannels against labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.protocol import events as ev
from tests.harness.dialogues import Dialogue, Truth
from tests.harness.labelled_speech import Labels, Span

EARLY_S = 0.5
"""An answer may start so much before the interruption it is for."""


LATE_S = 0.15
"""What a decision may take beyond what the definition asks for."""


def overlap_s(a: Span, b: Span) -> float:
    """How long two spans share."""
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def judged(dialogue: Dialogue, events: Iterable[Any], definition_s: float) -> dict[str, Any]:
    """Counts, delays and every mistake of one dialogue."""
    counts = {"true": 0, "found": 0, "answers": 0, "backchannels": 0, "mistaken": 0, "nods": 0}
    counts |= {"words": 0, "right_words": 0}
    delays_s: list[float] = []
    mistakes: list[str] = []
    events = list(events)
    for channel in (0, 1):
        true, nods = dialogue.truth.interruptions[channel], dialogue.truth.backchannels[channel]
        mine = [e for e in events if e.channel == channel]
        left = [e for e in mine if isinstance(e, ev.Interruption)]
        counts["true"] += len(true)
        counts["answers"] += len(left)
        for span in true:
            fit = next((e for e in left if _fits(span, e)), None)
            if fit is None:
                mistakes.append(f"channel {channel} {span[0]:.2f}-{span[1]:.2f}: not found")
                continue
            left.remove(fit)
            counts["found"] += 1
            delays_s.append(fit.at_s - span[0] - definition_s)
            if delays_s[-1] > LATE_S:
                mistakes.append(f"channel {channel} {span[0]:.2f}: {1000 * delays_s[-1]:.0f} ms late")
        mistakes += [f"channel {channel} {e.start_s:.2f}: there was none" for e in left]
        counts["backchannels"] += len(nods)
        counts["mistaken"] += sum(any(overlap_s(n, (e.start_s, e.at_s)) > 0 for e in left) for n in nods)
        said = [(e.start_s, e.end_s) for e in mine if isinstance(e, ev.Backchannel)]
        missed = [nod for nod in nods if not any(overlap_s(nod, one) > 0 for one in said)]
        wrong = [one for one in said if not any(overlap_s(nod, one) > 0 for nod in nods)]
        counts["nods"] += len(nods) - len(missed)
        counts["words"] += len(said)
        counts["right_words"] += len(said) - len(wrong)
        mistakes += [f"channel {channel} {a:.2f}-{b:.2f}: a word of listening, not found" for a, b in missed]
        mistakes += [f"channel {channel} {a:.2f}-{b:.2f}: no word of listening" for a, b in wrong]
    return {"name": dialogue.name, "counts": counts, "delays_s": delays_s, "mistakes": mistakes}


def _fits(true: Span, event: ev.Interruption) -> bool:
    return overlap_s(true, (event.start_s, event.at_s)) > 0 and event.start_s >= true[0] - EARLY_S


def figures(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Shares in per cent and delays in milliseconds over some dialogues."""
    n = {key: sum(row["counts"][key] for row in rows) for key in rows[0]["counts"]}
    delays_ms = 1000 * np.asarray([d for row in rows for d in row["delays_s"]])
    out: dict[str, float] = {
        "interruptions": n["true"],
        "precision": _percent(n["found"], n["answers"]),
        "recall": _percent(n["found"], n["true"]),
        "backchannels": n["backchannels"],
        "bc_as_interruption": _percent(n["mistaken"], n["backchannels"]) if n["backchannels"] else 0.0,
        "bc_precision": _percent(n["right_words"], n["words"]),
        "bc_recall": _percent(n["nods"], n["backchannels"]),
        "in_time": _percent(int((delays_ms <= 1000 * LATE_S).sum()), delays_ms.size),
    }
    if delays_ms.size:
        out |= {f"delay_p{q}_ms": float(np.percentile(delays_ms, q)) for q in (5, 50, 95)}
        out["delay_max_ms"] = float(delays_ms.max())
    return out


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0


def labelled(labels: Labels) -> Iterator[Dialogue]:
    """The dialogues with labels."""
    for row in labels.rows("turns/two_channel_files.csv"):
        truth = Truth()
        for channel, side in enumerate("LR"):
            for event, spans in (("interruption", truth.interruptions), ("backchannel", truth.backchannels)):
                spans[channel] = labels.spans(
                    "turns/two_channel_events.csv", row["file"], channel=side, event=event
                )
        yield Dialogue(row["file"], labels.samples(row["file"]), truth)
