"""In a real Chromium: from a moment in the page's own audio to the message about it in the page.

    python -m benchmarks.end_to_end [--seconds 90] [--sessions 1] [--json OUT]

The microphone plays a sentence that is cut off in the middle of a vowel, over and over. The page
itself hears the cut, on its own audio, and notes the time on its own clock; so it does when the
engine's messages come. What remains after the time that the evidence of each itself takes, as a
recording of the same sound shows it, is the delay, told by stage. How that is got: docs/benchmarks.md.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from playwright.sync_api import Browser, Page, sync_playwright
from scipy.signal import hilbert

from benchmarks.latency import EAGER
from benchmarks.loss import encoded
from benchmarks.net import report
from benchmarks.net.measured_server import MeasuredServer, SessionRecord
from benchmarks.net.packet_delays import percentiles
from dsp.frame import HOP, RATE_HZ
from engine.core.session import Session
from engine.media.resample import Samples
from engine.media.rtp.opus import OpusDecoder
from engine.media.voices.synthesis import PackagedVoice, silence
from engine.protocol.events import PauseStarted
from engine.shipped import profiles
from engine.warm import drop_stale_kernels
from tests.harness.net.opus import PACKET, PACKET_S
from tests.harness.page import chromium, press, recording, state

SENTENCE = "All of it went live on time."
"""Nowhere silent inside: the page would take that for the cut."""

LOUD = 0.02
"""What the page takes for sound, too; room tone is a hundredth of it."""

SILENCE_S = 0.7
"""After the cut; as much again, nearly, comes before the first word."""

STEP = 40
"""Samples by which each cut lies later in its packet of 20 ms than the one before: all places come up."""

TIMES = PACKET // STEP
"""The sentence in the microphone's file; Chromium fills up the last 10 ms when it begins anew."""

BEGIN_S = 4.0
"""Left out: the page starts, its processing settles."""

OWED_S = 1.0
"""The message of a cut comes within this or not at all."""

ALIKE = RATE_HZ * 3 // 10
"""Samples before the cut by which it is found in what the server heard."""

LEAST_ALIKE = 0.8
"""Correlation of the two, at least; with the browser's echo cancellation it is 0.9."""

APART = RATE_HZ * 60 // 1000
"""So far from where it is expected, at most."""

CLOCKS = 40
"""Readings of a page's clock; that with the shortest way counts."""

KINDS = ("event", "nudge", "reading")

STAGES = ("codec", "decided_later", "packet", "way_there", "engine", "way_back")
"""What the delay of an event consists of; docs/benchmarks.md says what each is."""

SCRIPT = Path(__file__).with_suffix(".js")


@functools.cache
def cut_sentence() -> Samples:
    """The sentence up to the middle of its last strong vowel, then room tone."""
    said = PackagedVoice().say(SENTENCE)
    said = said / np.abs(said).max() * 0.6
    power = np.convolve(np.abs(said), np.ones(800) / 800, "same")
    end = int(np.flatnonzero(power > 0.6 * power.max())[-1])
    # The very last sample is loud, so that page and recording mean the same moment.
    end = int(np.flatnonzero(np.abs(said[:end]) > 3 * LOUD)[-1]) + 1
    size = (end + round(SILENCE_S * RATE_HZ)) // PACKET * PACKET + STEP
    return np.concatenate([said[:end], silence(SILENCE_S + PACKET_S)])[:size].astype(np.float32)


def cut_of(sound: Samples) -> int:
    """Where its last loud sample ends."""
    return int(np.flatnonzero(np.abs(sound) > LOUD)[-1]) + 1


@functools.cache
def evidence_ms(place: int) -> float:
    """From the cut to the hop that decides the pause, in a recording whose cuts lie so on the hops' grid.

    Parameters
    ----------
    place : sample of the cut; all that counts is where in a hop it lies.
    """
    sound = cut_sentence()
    cut = cut_of(sound)
    before = 8000 + (place - 2 * sound.size - cut) % HOP
    session = Session(profiles.load("conversation"))
    session.hear(0, np.concatenate([silence(1.0)[:before], *[sound] * 3]))
    cut_s = (before + 2 * sound.size + cut) / RATE_HZ
    starts = [event for event in session.poll() if isinstance(event, PauseStarted)]
    return next(1000 * (event.at_s - cut_s) for event in starts if 0 < event.at_s - cut_s < OWED_S)


def codec_ms() -> float:
    """By how much Opus delays: the look-ahead of encoder and decoder."""
    sound = cut_sentence()
    decoder = OpusDecoder()
    heard = [np.array(decoder.decode(packet)) for packet in encoded(sound, 0.0, fec=False)]
    cut = cut_of(sound)
    return 1000 * (found(np.concatenate(heard), cut) - cut) / RATE_HZ


def found(heard: Samples, near: int) -> int:
    """Sample at which the sentence is cut off in what was heard, within 60 ms of a place.

    By correlation with the analytic signal, for which it is all the same that a browser's filters
    turn the phase.

    Raises
    ------
    RuntimeError
        Nothing there is like it: something else than the cut was taken for it.
    """
    sound = cut_sentence()
    said = hilbert(sound[cut_of(sound) - ALIKE : cut_of(sound)])
    first = max(0, near - ALIKE - APART)
    there = sliding_window_view(heard[first : near + APART], ALIKE)
    power = np.linalg.norm(there, axis=1) * np.linalg.norm(said.real)
    alike = np.abs(there @ said.conj()) / power
    best = int(np.argmax(alike))
    if not alike[best] > LEAST_ALIKE:
        raise RuntimeError(f"no cut near {near / RATE_HZ:.2f} s: the best is alike by {alike[best]:.2f}")
    return first + ALIKE + best


def run(seconds: float, sessions: int) -> dict[str, Any]:
    """So many pages, each in its own call."""
    drop_stale_kernels()
    os.sched_setaffinity(0, [report.speakers_core()])
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        eager = Path(folder) / "eager.toml"
        eager.write_text(EAGER, "utf-8")
        microphone = recording(Path(folder) / "cut.wav", np.tile(cut_sentence(), TIMES))
        server = ("benchmarks.net.engine_server", "--samples", "--profile", str(eager))
        with (
            MeasuredServer(*server, cores=[report.SERVER_CORE]) as child,
            chromium(playwright, microphone=microphone) as browser,
        ):
            pages = [started(browser, child.address) for _ in range(sessions)]
            time.sleep(BEGIN_S)
            origins_s = [origin_s(page) for page in pages]
            began_ms = [page.evaluate("performance.now()") for page in pages]
            time.sleep(seconds)
            notes = [page.evaluate("window.benchmark") for page in pages]
            heard = child.records()
            version = browser.version
    takes_ms = codec_ms()
    told = [
        evaluated(one, heard[one["session"]], begin, origin, takes_ms)
        for one, begin, origin in zip(notes, began_ms, origins_s, strict=True)
    ]
    return {
        "browser": f"Chromium {version}",
        "sessions": sessions,
        **{f"{kind}_to_page_ms": percentiles([ms for one in told for ms in one[kind]]) for kind in KINDS},
        "stages_ms": {stage: percentiles([ms for one in told for ms in one[stage]]) for stage in STAGES},
        "evidence_ms": percentiles([ms for one in told for ms in one["evidence"]]),
        "cuts": sum(
            len([cut for cut in one["cuts"] if cut >= at]) for one, at in zip(notes, began_ms, strict=True)
        ),
        "cuts_told": sum(len(one["event"]) for one in told),
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


def origin_s(page: Page) -> float:
    """Monotonic time at which a page's clock was 0; right to half of the shortest way there and back."""
    found: list[tuple[float, float]] = []
    for _ in range(CLOCKS):
        before_s = time.monotonic()
        now_ms = page.evaluate("performance.now()")
        after_s = time.monotonic()
        found.append((after_s - before_s, (before_s + after_s) / 2 - now_ms / 1000))
    return min(found)[1]


def evaluated(
    notes: dict[str, Any], heard: SessionRecord, began_ms: float, origin_s: float, codec_ms: float
) -> dict[str, list[float]]:
    """From what page and server have noted to delays in ms: by kind, and the stages of those of events.

    Parameters
    ----------
    notes : ``cuts``, times in ms, and ``messages`` with ``now`` in ms, ``type`` and ``at_s``.
    heard : the server's.
    began_ms : what was before isn't counted.
    origin_s : monotonic time at which the page's clock was 0.
    codec_ms : by how much the codec delays.
    """
    out: dict[str, list[float]] = {kind: [] for kind in (*KINDS, *STAGES, "evidence")}
    pauses = [message for message in notes["messages"] if message["type"] == "pause_started"]
    starts_ms = []
    for cut_ms in notes["cuts"]:
        told = [pause for pause in pauses if 0 < pause["now"] - cut_ms < 1000 * OWED_S]
        if cut_ms < began_ms or not told:
            continue
        known = round(told[0]["at_s"] * RATE_HZ)
        place = found(heard.samples, known - round(RATE_HZ * evidence_ms(0) / 1000))
        takes_ms = evidence_ms(place)
        poll = int(np.searchsorted(heard.positions, known))
        arrived_ms, known_ms = (1000 * (one[poll] - origin_s) for one in (heard.arrived_s, heard.times_s))
        # When what the server has at sample 0 was spoken to the page.
        start_ms = cut_ms - 1000 * place / RATE_HZ
        starts_ms.append(start_ms)
        packet_ms = 1000 * (heard.positions[poll] - known) / RATE_HZ
        spoken_ms = start_ms + 1000 * heard.positions[poll] / RATE_HZ
        out["event"].append(told[0]["now"] - cut_ms - takes_ms)
        out["evidence"].append(takes_ms)
        out["codec"].append(codec_ms)
        out["decided_later"].append(1000 * (known - place) / RATE_HZ - takes_ms)
        out["packet"].append(packet_ms)
        out["way_there"].append(arrived_ms - spoken_ms - codec_ms)
        out["engine"].append(known_ms - arrived_ms)
        out["way_back"].append(told[0]["now"] - known_ms)
    for message in notes["messages"]:
        if message["type"] in ("nudge", "reading") and message["now"] >= began_ms and starts_ms:
            spoken_ms = float(np.median(starts_ms)) + 1000 * message["at_s"]
            out[message["type"]].append(message["now"] - spoken_ms)
    return out


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = report.parser("end_to_end", __doc__, seconds=90)
    parser.add_argument("--sessions", type=int, default=1, help="pages, each in a call (%(default)s)")
    asked = parser.parse_args(argv)
    out = report.heading("end_to_end", argv)
    out["ours"] = run(asked.seconds, asked.sessions)
    for kind in KINDS:
        delay = out["ours"][f"{kind}_to_page_ms"]
        text = f"p50 {report.ms(delay['p50'])} p95 {report.ms(delay['p95'])} ms ({delay['n']})"
        print(f"{kind} in the page: {text}")
    for stage, took in out["ours"]["stages_ms"].items():
        print(f"  {stage:13} p50 {report.ms(took['p50'])} p95 {report.ms(took['p95'])} ms")
    print(f"{out['ours']['cuts_told']} of {out['ours']['cuts']} cuts told")
    report.write(asked.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
