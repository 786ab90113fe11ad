"""Delay in a real Chromium: from a moment in the page's own audio to the message about it in the page.

    python -m benchmarks.end_to_end [--seconds 90] [--sessions 1] [--json OUT]

The microphone plays, over and over, a sentence that is cut off in the middle of a vowel. The page
itself detects the cut in its own audio and records the time on its own clock, as it does when the
engine's messages come. The delay is the difference, less the time that the evidence itself takes, which
analysis of a recording of the same sound gives; it is reported by stage. How each figure is
measured: docs/benchmarks.md.
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
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.protocol.events import PauseStarted
from engine.shipped import profiles
from engine.warm import drop_stale_kernels
from tests.harness.net.opus import PACKET, PACKET_S
from tests.harness.page import chromium, press, recording, state

SENTENCE = "All of it went live on time."
"""Nowhere silent inside: the page would take that for the cut."""

LOUD = 0.02
"""Magnitude that counts as sound, as in the page; room tone is a hundredth of it."""

SILENCE_S = 0.7
"""Silence after the cut; nearly as much precedes the first word."""

STEP = 40
"""Samples by which each cut lies later in its 20 ms packet than the one before, so that all positions
occur."""

TIMES = PACKET // STEP
"""Repetitions of the sentence in the microphone's file; Chromium pads the last 10 ms when it starts over."""

BEGIN_S = 4.0
"""Left out at the start: the page and its audio processing settle."""

OWED_S = 1.0
"""The message of a cut comes within this or not at all."""

ALIKE = RATE_HZ * 3 // 10
"""Samples before the cut by which it is located in the server's stream."""

LEAST_ALIKE = 0.8
"""Least correlation of the two; with the browser's echo cancellation it is 0.9."""

APART = RATE_HZ * 60 // 1000
"""Largest distance from the expected position."""

CLOCKS = 40
"""Readings of a page's clock; the one with the shortest round trip counts."""

KINDS = ("event", "nudge", "reading")

STAGES = ("codec", "decided_later", "packet", "way_there", "engine", "way_back")
"""Parts of an event's delay; docs/benchmarks.md describes each."""

SCRIPT = Path(__file__).with_suffix(".js")


@functools.cache
def cut_sentence() -> Samples:
    """The sentence up to the middle of its last strong vowel, then room tone."""
    said = SpeechSynthesizer().synthesize(SENTENCE)
    said = said / np.abs(said).max() * 0.6
    power = np.convolve(np.abs(said), np.ones(800) / 800, "same")
    end = int(np.flatnonzero(power > 0.6 * power.max())[-1])
    # The last sample is loud, so that page and recording detect the same moment.
    end = int(np.flatnonzero(np.abs(said[:end]) > 3 * LOUD)[-1]) + 1
    size = (end + round(SILENCE_S * RATE_HZ)) // PACKET * PACKET + STEP
    return np.concatenate([said[:end], silence(SILENCE_S + PACKET_S)])[:size].astype(np.float32)


def cut_of(sound: Samples) -> int:
    """One past the last loud sample."""
    return int(np.flatnonzero(np.abs(sound) > LOUD)[-1]) + 1


@functools.cache
def evidence_ms(place: int) -> float:
    """Time from the cut to the hop that decides the pause, in a recording with the same grid of hops.

    Parameters
    ----------
    place : sample of the cut; only its position within a hop matters.
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
    """Delay of Opus: the look-ahead of encoder and decoder."""
    sound = cut_sentence()
    decoder = OpusDecoder()
    heard = [np.array(decoder.decode(packet)) for packet in encoded(sound, 0.0, fec=False)]
    cut = cut_of(sound)
    return 1000 * (found(np.concatenate(heard), cut) - cut) / RATE_HZ


def found(heard: Samples, near: int) -> int:
    """Locate the cut of the sentence in a stream, within 60 ms of a position.

    The correlation is with the analytic signal, which is independent of phase shifts by a
    browser's filters.

    Raises
    ------
    RuntimeError
        Nothing there correlates: something else was taken for the cut.
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
    """Open the pages, each in its own call, and evaluate their notes."""
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
    """Open a page that listens."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(path=SCRIPT)
    page = context.new_page()
    page.goto(address)
    state(page, "ready")
    press(page, "Start")
    state(page, "listening", "nudge")
    return page


def origin_s(page: Page) -> float:
    """Monotonic time of a page clock's zero, exact to half of the shortest round trip."""
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
    """Compute delays in ms from the notes of page and server: by kind, and by stage for events.

    Parameters
    ----------
    notes : ``cuts``, times in ms, and ``messages`` with ``now`` in ms, ``type`` and ``at_s``.
    heard : the server's record.
    began_ms : earlier cuts and messages don't count.
    origin_s : monotonic time of the page clock's zero.
    codec_ms : delay of the codec.
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
        # When the server's sample 0 was spoken to the page.
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
    """Run from the command line."""
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
