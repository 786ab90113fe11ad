"""Delay of a drill's sounds, from the triggering packet to the first packet sent, and in Chromium.

    python -m benchmarks.drills [--sessions 1,10,50] [--seconds 20] [--json OUT]

A server's hub with sessions in which a short noise comes every two seconds, and their far ends, which
speak all the time, run in one process over loopback; then one Chromium, which records on its own clock
when its WebRTC plays the noise. First of all, the delay of an event loop's callbacks while a drill is
rendered, in its own process and in the one beside it. How each figure is measured: docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket
from playwright.sync_api import sync_playwright

from benchmarks.capacity import counts
from benchmarks.net import report
from benchmarks.net.packet_delays import percentiles
from benchmarks.playout import SETTLE_S
from engine.drills.plan import plan
from engine.media.resample import Samples
from engine.media.voices.clips import ClipCache
from engine.media.voices.drill_playback import render_plan
from engine.media.voices.practice_answer import render_answer
from engine.media.voices.rendering import LocalRenderer, ProcessRenderer, Renderer
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.media.webrtc.playout import Mixer, PlayoutTrack
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.hub import Hub
from engine.server.sessions.live_session import LiveSession
from engine.server.settings import Settings
from engine.shipped.drills import bank, load
from engine.warm import drop_stale_kernels
from tests.harness.page import Served, chromium, press, recording, state

NOISES = (
    'title = "Noises"\ntrains = "a"\nuse_when = "b"\nquestion = "What?"\nminutes = 30\nnudges = "off"\n'
    + (
        '[[step]]\ndo = "distraction"\nsound = "door_knock"\nfor_s = 0.5\n'
        "when = { after_s = [0.3, 1.0] }\ntimes = 20\n" * 20
    )
)
"""Half a second of noise, repeated some two seconds after it began."""

WITHIN_S = 1.0
"""Longest wait for a first packet; later ones count as never."""

PACKET_S = 0.005
"""Interval at which a call has work to do, with a few others."""

QUIET_MS = 300
"""Silence before a sound from which the page counts it as a beginning."""

NOTED = f"""
window.began = [];
const Peer = RTCPeerConnection;
window.RTCPeerConnection = class extends Peer {{
  constructor(...options) {{
    super(...options);
    this.addEventListener("track", ({{ track }}) => {{
      const context = new AudioContext({{ latencyHint: "interactive" }});
      const look = new AnalyserNode(context, {{ fftSize: 256 }});
      context.createMediaStreamSource(new MediaStream([track])).connect(look);
      const samples = new Float32Array(256);
      let last = 0;
      setInterval(() => {{
        look.getFloatTimeDomainData(samples);
        if (samples.every((value) => Math.abs(value) < 0.003)) return;
        const now = performance.timeOrigin + performance.now();
        if (now - last > {QUIET_MS}) window.began.push(now / 1000);
        last = now;
      }}, 2);
    }});
  }}
}};
"""


async def held_up(maker: Renderer) -> dict[str, Any]:
    """Delay of the event loop's callbacks while a drill is rendered, its voice not yet loaded."""
    made = plan(load("interruptions"), bank(), level="medium", seed=1)
    late_ms: list[float] = []
    began_s = time.monotonic()
    rendering = asyncio.create_task(asyncio.to_thread(render_plan, made, ClipCache(renderer=maker)))
    while not rendering.done():
        due_s = time.monotonic() + PACKET_S
        await asyncio.sleep(PACKET_S)
        late_ms.append(1000 * (time.monotonic() - due_s))
    await rendering
    maker.close()
    took_s, kind = time.monotonic() - began_s, type(maker).__name__.lower()
    print(
        f"rendered {kind:6} in {took_s:.1f} s: the loop p99 {np.percentile(late_ms, 99):.1f}, "
        f"most {max(late_ms):.1f} ms late",
        flush=True,
    )
    return {"took_s": round(took_s, 2), "late_ms": percentiles(late_ms), "most_ms": round(max(late_ms), 1)}


class FarEnd:
    """One session of a hub, and its far end, which speaks and listens."""

    def __init__(self, speech: Samples) -> None:
        self.mixer = Mixer()
        self.arrived_s: list[float] = []
        self.triggered: list[tuple[float, float]] = []
        """Arrival of the packet that triggered each noise, and time of the decision."""
        self.page = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._speech = speech

    async def join(self, hub: Hub) -> None:
        transceiver = self.page.addTransceiver(PlayoutTrack(self.mixer), "sendrecv")

        async def note(packet: RtpPacket, arrival_time_ms: int) -> None:
            self.arrived_s.append(time.monotonic())

        transceiver.receiver._handle_rtp_packet = note  # type: ignore[method-assign]
        self.page.createDataChannel("coach")
        await self.page.setLocalDescription(await self.page.createOffer())
        session, peer = await hub.publish(
            self.page.localDescription.sdp, profile_name=None, cues_off=(), token=None, hears=True
        )
        await self.page.setRemoteDescription(RTCSessionDescription(peer.sdp, "answer"))
        self.mixer.play(self._speech)
        while session.heard_since_s == float("inf"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await session.drill.prepare(messages.PrepareDrill(drill="noises", seed=id(self) % 1000), hears=True)
        watched(session, self.triggered, time.monotonic)
        session.drill.begin(hears=True, words=False)

    def delays_ms(self, since_s: float) -> dict[str, list[float]]:
        """Delays of the first packet here, from the triggering packet and from the decision."""
        arrived_s = np.asarray(self.arrived_s)
        found: dict[str, list[float]] = {"packet": [], "decision": []}
        for came_s, decided_s in self.triggered:
            if came_s < since_s or decided_s > time.monotonic() - WITHIN_S:
                continue
            later = arrived_s[(arrived_s > decided_s) & (arrived_s < decided_s + WITHIN_S)]
            first_s = later[0] if later.size else float("nan")
            found["packet"].append(1000 * (first_s - came_s))
            found["decision"].append(1000 * (first_s - decided_s))
        return found


def watched(session: LiveSession, triggered: list[tuple[float, float]], clock: Any) -> None:
    """Record when a session's noises are triggered."""
    play = session.drill.play_event

    def noted(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.DrillSound):
            triggered.append((session._delays._came_s, clock()))
        play(event)

    session.drill.play_event = noted  # type: ignore[method-assign]


async def run(numbers: Sequence[int], seconds: float, folder: str, speech: Samples) -> dict[str, Any]:
    """Measure each number of sessions."""
    out: dict[str, Any] = {}
    hub = Hub(Settings(max_cpu=100.0, max_delay_s=100.0, drills=folder))
    hub.warm_up()
    ends: list[FarEnd] = []
    async with hub:
        for count in numbers:
            while len(ends) < count:
                ends.append(FarEnd(speech))
                await ends[-1].join(hub)
            await asyncio.sleep(SETTLE_S)
            since_s, cpu_s = time.monotonic(), time.process_time()
            await asyncio.sleep(seconds)
            busy = (time.process_time() - cpu_s) / (time.monotonic() - since_s)
            found = [end.delays_ms(since_s) for end in ends]
            delays = {key: [ms for one in found for ms in one[key]] for key in ("packet", "decision")}
            step = {f"from_{key}_ms": percentiles(values) for key, values in delays.items()}
            never = int(np.isnan(delays["packet"]).sum())
            out[f"{count} sessions"] = {**step, "never": never, "core": round(busy, 3)}
            ms = step["from_packet_ms"]
            print(
                f"{count:3} sessions: first packet p50 {report.ms(ms['p50'])} p99 {report.ms(ms['p99'])} ms "
                f"after the one that triggered it (n {ms['n']}, never {never})",
                flush=True,
            )
        for end in ends:
            await end.page.close()
    return out


def heard_in_chromium(seconds: float, folder: str, speech: Samples) -> dict[str, Any]:
    """Delay from the decision to the page's own audio."""
    triggered: list[tuple[float, float]] = []
    with (
        Served(drills=folder) as served,
        sync_playwright() as playwright,
        chromium(playwright, microphone=recording(Path(folder) / "speech.wav", speech)) as browser,
    ):
        page = browser.new_page()
        page.add_init_script(NOTED)
        page.goto(served.address)
        state(page, "ready")
        press(page, "Drills")
        page.get_by_label("Drill", exact=True).select_option("noises")
        press(page, "Begin")
        state(page, "countdown")
        [session] = served.hub.sessions
        watched(session, triggered, time.time)
        state(page, "drilling")
        page.wait_for_timeout(1000 * seconds)
        began_s = np.asarray(page.evaluate("window.began"))
    delays_ms = []
    for _, decided_s in triggered[:-1]:
        later = began_s[(began_s > decided_s) & (began_s < decided_s + WITHIN_S)]
        delays_ms.append(1000 * (later[0] - decided_s) if later.size else float("nan"))
    figures = percentiles(delays_ms)
    never = int(np.isnan(delays_ms).sum())
    print(
        f"Chromium: heard p50 {report.ms(figures['p50'])} p95 {report.ms(figures['p95'])} "
        f"most {np.nanmax(delays_ms):.0f} ms after the decision (n {figures['n']}, never {never})"
    )
    return {"heard_ms": figures, "most_ms": float(np.nanmax(delays_ms)), "never": never}


def main(argv: Sequence[str] | None = None) -> int:
    parser = report.parser("drills", __doc__, seconds=20.0)
    parser.add_argument(
        "--sessions", type=counts, default=[1, 10, 50], help="numbers of sessions, such as 1,10,50"
    )
    args = parser.parse_args(argv)
    drop_stale_kernels()
    out = report.heading("drills", argv)
    out["held_up"] = {
        "beside": asyncio.run(held_up(ProcessRenderer())),
        "here": asyncio.run(held_up(LocalRenderer())),
    }
    answer, _ = render_answer(SpeechSynthesizer())
    speech = np.tile(answer, 10).astype(np.float32)
    with TemporaryDirectory() as folder:
        (Path(folder) / "noises.toml").write_text(NOISES, "utf-8")
        out["drills"] = asyncio.run(run(args.sessions, args.seconds, folder, speech))
        out["chromium"] = heard_in_chromium(args.seconds, folder, answer)
    report.write(args.json, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
