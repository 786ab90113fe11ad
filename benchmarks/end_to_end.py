"""In a real Chromium: from a moment in the page's own audio to the message about it in the page.

    python -m benchmarks.end_to_end [--seconds 60] [--sessions 1] [--json OUT]

The microphone plays a sentence that is cut off in the middle of a vowel, over and over. The page
itself hears the cut, on its own audio, and notes the time on its own clock; so it does when the
engine's messages come. What remains after the time that the evidence itself takes, as a
recording of the same sound shows it, is the delay. How that is got: docs/benchmarks.md.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.latency import EAGER
from benchmarks.net import report
from benchmarks.net.child import Child
from benchmarks.net.measured import percentiles
from dsp.frame import HOP, RATE_HZ
from engine import profiles
from engine.cli.warm import drop_stale_kernels
from engine.events import PauseStarted
from engine.media.resample import Samples
from engine.media.voice import PackagedVoice, silence
from engine.session import Session
from tests.web.stand import chromium, press, recording, state

SENTENCE = "We moved the billing to the cloud, and all of it went live on time."

LOUD = 0.02
"""What the page takes for sound, too; room tone is a hundredth of it."""

SILENCE_S = 1.2

BEGIN_S = 4.0
"""Left out: the page starts, its processing settles."""

OWED_S = 1.0
"""The message of a cut comes within this or not at all."""

KINDS = ("event", "nudge", "reading")

SCRIPT = Path(__file__).with_suffix(".js")


def cut_sentence() -> Samples:
    """The sentence up to the middle of its last strong vowel, then room tone."""
    said = PackagedVoice().say(SENTENCE)
    said = said / np.abs(said).max() * 0.6
    power = np.convolve(np.abs(said), np.ones(800) / 800, "same")
    end = int(np.flatnonzero(power > 0.6 * power.max())[-1])
    # The very last sample is loud, so that page and recording mean the same moment.
    end = int(np.flatnonzero(np.abs(said[:end]) > 3 * LOUD)[-1]) + 1
    return np.concatenate([said[:end], silence(SILENCE_S)]).astype(np.float32)


def evidence_ms(sound: Samples) -> list[float]:
    """From the cut to the hop that decides the pause, in a recording; for every place of the hops' grid."""
    cut = int(np.flatnonzero(np.abs(sound) > LOUD)[-1]) + 1
    found = []
    for shift in range(0, HOP, 20):
        session = Session(profiles.load("conversation"))
        session.hear(0, np.concatenate([silence(0.5 + shift / RATE_HZ), *[sound] * 3]))
        starts = [event for event in session.poll() if isinstance(event, PauseStarted)]
        for number in range(1, 3):
            cut_s = round(0.5 * RATE_HZ + shift + number * sound.size + cut) / RATE_HZ
            after = [1000 * (event.at_s - cut_s) for event in starts if 0 < event.at_s - cut_s < OWED_S]
            found += after[:1]
    return found


def run(seconds: float, sessions: int) -> dict[str, Any]:
    """So many pages, each in its own call."""
    drop_stale_kernels()
    sound = cut_sentence()
    takes_ms = evidence_ms(sound)
    os.sched_setaffinity(0, [report.speakers_core()])
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        eager = Path(folder) / "eager.toml"
        eager.write_text(EAGER, "utf-8")
        microphone = recording(Path(folder) / "cut.wav", sound)
        with (
            Child("benchmarks.net.ours", "--profile", str(eager), cores=[report.SERVER_CORE]) as child,
            chromium(playwright, microphone=microphone) as browser,
        ):
            pages = [started(browser, child.address) for _ in range(sessions)]
            time.sleep(BEGIN_S)
            began_ms = [page.evaluate("performance.now()") for page in pages]
            time.sleep(seconds)
            notes = [page.evaluate("window.benchmark") for page in pages]
            version = browser.version
    told = [evaluated(one, takes_ms, at_ms) for one, at_ms in zip(notes, began_ms, strict=True)]
    return {
        "browser": f"Chromium {version}",
        "sessions": sessions,
        **{f"{kind}_to_page_ms": percentiles([ms for one in told for ms in one[kind]]) for kind in KINDS},
        "cuts": sum(
            len([cut for cut in one["cuts"] if cut >= at]) for one, at in zip(notes, began_ms, strict=True)
        ),
        "cuts_told": sum(len(one["event"]) for one in told),
        "evidence_ms": {
            "mean": round(float(np.mean(takes_ms)), 2),
            "least": round(min(takes_ms), 2),
            "most": round(max(takes_ms), 2),
        },
    }


def started(browser: Browser, address: str) -> Page:
    """Give a page that has begun to listen."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(path=SCRIPT)
    page = context.new_page()
    page.goto(address)
    state(page, "ready")
    press(page, "Start")
    state(page, "listening", "nudge")
    return page


def evaluated(notes: dict[str, Any], takes_ms: Sequence[float], began_ms: float) -> dict[str, list[float]]:
    """From a page's notes to delays in ms, by kind: pauses, nudges and readings.

    Parameters
    ----------
    notes : ``cuts``, times in ms, and ``messages`` with ``now`` in ms, ``type`` and ``at_s``.
    takes_ms : what the evidence takes.
    began_ms : what was before isn't counted.
    """
    evidence = float(np.mean(takes_ms))
    pauses = [message for message in notes["messages"] if message["type"] == "pause_started"]
    cuts = [cut for cut in notes["cuts"] if cut >= began_ms]
    beyond, offsets = [], []
    for cut in cuts:
        told = [pause for pause in pauses if 0 < pause["now"] - cut < 1000 * OWED_S]
        if told:
            beyond.append(told[0]["now"] - cut - evidence)
            # Page time of the sample at stream time 0, as far as this cut tells.
            offsets.append(cut + evidence - 1000 * told[0]["at_s"])
    origin_ms = float(np.median(offsets)) if offsets else float("nan")
    late = {
        kind: [
            message["now"] - origin_ms - 1000 * message["at_s"]
            for message in notes["messages"]
            if message["type"] == kind and message["now"] >= began_ms
        ]
        for kind in ("nudge", "reading")
    }
    return {"event": beyond, **late}


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = report.parser("end_to_end", __doc__, seconds=60)
    parser.add_argument("--sessions", type=int, default=1, help="pages, each in a call (%(default)s)")
    asked = parser.parse_args(argv)
    out = report.heading("end_to_end", argv)
    out["ours"] = run(asked.seconds, asked.sessions)
    for kind in KINDS:
        delay = out["ours"][f"{kind}_to_page_ms"]
        text = f"p50 {report.ms(delay['p50'])} p95 {report.ms(delay['p95'])} ms ({delay['n']})"
        print(f"{kind} in the page: {text}")
    print(f"{out['ours']['cuts_told']} of {out['ours']['cuts']} cuts told; {out['ours']['evidence_ms']}")
    report.write(asked.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
