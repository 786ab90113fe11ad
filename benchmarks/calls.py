"""Interruptions in calls of two in real browsers, through the page alone.

    python -m benchmarks.calls [--dialogues 3] [--beside] [--headphones] [--only labelled] [--json OUT]

Each side of a dialogue is the microphone of a Chromium of its own; the two hold a call, and what counts
is what the engine reports to each page meanwhile. With ``--beside`` one side speaks beside a call in
another tab, which plays the other side and is shared. The browsers' echo cancellation is on, as in the
page, unless ``--headphones`` excludes any echo. Live reports are judged as in
``benchmarks/interruptions.py``, their times aligned with the dialogue by the starts of speech. The
dialogues are the labelled ones, if they lie beside the clone, and some of the packaged voice.

Exit codes: 0 every bar is held, 1 one isn't.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Playwright, sync_playwright

from dsp.frame import RATE_HZ
from engine.warm import drop_stale_kernels
from tests.harness.corpus import DATA
from tests.harness.dialogues import Dialogue, compose, heard_in, packaged_people
from tests.harness.dialogues import Room as Acoustics
from tests.harness.interruption_scores import figures, labelled
from tests.harness.labelled_speech import Labels
from tests.harness.live_scores import KINDS, judged_live
from tests.harness.page import Served, opening, press, state
from tests.harness.two_pages import (
    BEGAN,
    HEADPHONES,
    LEAD_S,
    TAPPED,
    TOLD,
    began_s,
    coached,
    end_for_both,
    fits,
    heard,
    in_call,
    sharing_browser,
    sides,
    told,
    two_browsers,
    wait_out,
)

LEAST = 90.0
"""Least precision and recall of live reports, and share of nudges that reach who had interrupted, in per
cent."""

SECONDS = 45.0
"""Length of a dialogue of the packaged voice."""

FAREWELL_S = 1.5
"""Wait after the dialogue, in which its last events become known."""


def live(playwright: Playwright, dialogue: Dialogue, folder: Path, *, headphones: bool) -> dict[str, Any]:
    """Hold a call of two; return what each page was told, and how well it received the other side."""
    voices = dialogue.samples.T
    script = BEGAN + TAPPED + TOLD + (HEADPHONES if headphones else "")
    with two_browsers(playwright, sides(folder, voices)) as pair, Served() as served, opening() as opened:
        pages = in_call(opened, pair, served, script=script)
        wait_out(pages, LEAD_S + voices.shape[1] / RATE_HZ + FAREWELL_S)
        found = judged_live(dialogue, [told(page, *KINDS) for page in pages])
        began = [began_s(page, voice) for page, voice in zip(pages, voices, strict=True)]
        found["apart_ms"] = 1000 * (found["shifts_s"][1] - found["shifts_s"][0] - (began[1] - began[0]))
        sounds = [heard(page) for page in pages]
        found["heard"] = [float(np.median(fits(sounds[n], voices[1 - n]))) for n in (0, 1)]
        end_for_both(pages[0])
        for page in pages:
            state(page, "finished")
    return found


def live_beside(
    playwright: Playwright, dialogue: Dialogue, folder: Path, *, headphones: bool
) -> dict[str, Any]:
    """Speak beside a call in another tab; return what the page was told of either side."""
    voices = dialogue.samples.T
    mine, other = sides(folder, voices)
    script = TOLD + (HEADPHONES if headphones else "")
    with sharing_browser(playwright, mine) as browser, Served() as served, opening() as opened:
        page, _ = coached(opened, browser, served, other, script)
        wait_out([page], LEAD_S + voices.shape[1] / RATE_HZ + FAREWELL_S)
        both = [told(page, *KINDS, connection=channel) for channel in (0, 1)]
        found = judged_live(dialogue, both, coached=1)
        press(page, "End")
        state(page, "finished")
    return found


def dialogues(labels: Labels | None, number: int) -> Iterator[tuple[str, Dialogue]]:
    """Dialogues by set."""
    if labels is not None:
        for dialogue in labelled(labels):
            yield "labelled", dialogue
    people = packaged_people()
    for seed in range(number):
        voices, truth = compose(people, SECONDS, seed)
        yield (
            "packaged voice",
            Dialogue(f"composed {seed}", heard_in(voices, Acoustics("clean"), seed), truth),
        )


def line(name: str, rows: Sequence[dict[str, Any]]) -> str:
    """Format one row of the table."""
    made = figures(rows)
    nudges = {key: sum(row["nudges"][key] for row in rows) for key in rows[0]["nudges"]}
    fit = [one for row in rows for one in row.get("heard", ())]
    cells = [f"{made[key]:8.0f}" if "ms" in key or key[-1] == "s" else f"{made[key]:8.1f}" for key in COLUMNS]
    cells.append(f"{nudges['right']:4}/{nudges['told']:<3} {nudges['reached']:4}/{nudges['pages']:<3}")
    cells.append(f"{min(fit):8.2f}" if fit else "")
    apart_ms = [row["apart_ms"] for row in rows if "apart_ms" in row]
    cells.append(f"{max(apart_ms, key=abs):8.0f}" if apart_ms else "")
    return f"{name:38} {' '.join(cells)}"


COLUMNS = (
    "interruptions", "precision", "recall", "backchannels", "bc_precision", "bc_recall", "bc_as_interruption",
    "delay_p50_ms", "delay_max_ms",
)  # fmt: skip
HEADS = (
    "cut ins", "prec. %", "recall %", "words", "prec. %", "recall %", "as cut %", "p50 ms", "max ms", "right",
    "pages", "fit", "apart ms",
)  # fmt: skip


def held(rows: Sequence[dict[str, Any]]) -> bool:
    """Whether every bar is held."""
    made = figures(rows)
    told, right = (sum(row["nudges"][key] for row in rows) for key in ("told", "right"))
    return right >= LEAST / 100 * told and all(
        made[key] >= LEAST for key in ("precision", "recall", "bc_precision", "bc_recall")
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of labelled recordings")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument("--dialogues", type=int, default=3, help="dialogues of the packaged voice")
    parser.add_argument("--only", default="", help="only sets whose name begins with this")
    parser.add_argument("--beside", action="store_true", help="speak beside a call in another tab")
    parser.add_argument(
        "--headphones", action="store_true", help="exclude any echo, and turn echo cancellation off"
    )
    args = parser.parse_args(argv)
    drop_stale_kernels()
    labels = Labels(args.data) if (args.data / "MANIFEST.csv").is_file() else None
    hold = live_beside if args.beside else live
    groups: dict[str, list[dict[str, Any]]] = {}
    print(f"{'':38} " + " ".join(f"{head:>8}" for head in HEADS))
    with sync_playwright() as playwright, ExitStack() as folders:
        for name, dialogue in dialogues(labels, args.dialogues):
            if not name.startswith(args.only):
                continue
            folder = Path(folders.enter_context(TemporaryDirectory()))
            row = hold(playwright, dialogue, folder, headphones=args.headphones)
            groups.setdefault(name, []).append(row)
            print(line(row["name"], [row]), flush=True)
            for mistake in row["mistakes"]:
                print(f"      {mistake}", flush=True)
    for name, rows in groups.items():
        print(f"{line(f'all of {name}', rows)}  {'holds' if held(rows) else 'BELOW'}")
    if args.json:
        args.json.write_text(json.dumps(groups, indent=1) + "\n", "utf-8")
    return 0 if all(held(rows) for rows in groups.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
