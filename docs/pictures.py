"""Pictures of each measure, and how late it is known, for ``docs/ears.md``: ``python docs/pictures.py``.

A few seconds of the packaged voice each, drawn with the panels of ``sottovoce analyze --plot``.
The table of delays is measured on the built-in practice answer.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from clients.cli.panels import PANELS, VOICE, Heard  # noqa: E402
from clients.cli.plot import GAP, Page  # noqa: E402
from clients.cli.track import Track  # noqa: E402
from dsp.ears import CREAK_DELAY_HOPS, PITCH_DELAY_HOPS, Ears  # noqa: E402
from dsp.frame import HOP, HOP_S, RATE_HZ, Frame  # noqa: E402
from engine.core.attachments import FrameTap  # noqa: E402
from engine.core.session import Session  # noqa: E402
from engine.media.voices.practice_answer import ANSWER, render_answer, trim_silence  # noqa: E402
from engine.media.voices.synthesis import SpeechSynthesizer, silence  # noqa: E402
from engine.protocol import events as ev  # noqa: E402
from engine.shipped.profiles import load  # noqa: E402
from engine.warm import drop_stale_kernels  # noqa: E402

Samples = NDArray[np.float32]

FOLDER = ROOT / "docs" / "images"
EARS = ROOT / "docs" / "ears.md"
COLOURS = 200
"""Of a picture: it is kept small."""

TOP, BOTTOM = 0.1, 0.3
"""Inches around the panels."""


class Scene(NamedTuple):
    """A sound and what is shown of it."""

    sound: tuple[Samples, ...]
    """One for each speaker."""

    panels: tuple[str, ...]


def noise(seconds: float, dbfs: float) -> Samples:
    """White noise, the same every time."""
    values = np.random.default_rng(7).standard_normal(round(seconds * RATE_HZ)) * 10 ** (dbfs / 20)
    return values.astype(np.float32)


def keys(seconds: float) -> Samples:
    """Someone types: short clicks at uneven times."""
    rng = np.random.default_rng(3)
    out = silence(seconds)
    at = 0.1
    while at < seconds - 0.1:
        click = noise(0.012, -20) * np.exp(-np.arange(round(0.012 * RATE_HZ)) / 40).astype(np.float32)
        start = round(at * RATE_HZ)
        out[start : start + click.size] += click
        at += rng.uniform(0.09, 0.25)
    return out


def with_noise(said: Samples, dbfs: float) -> Samples:
    """The same in white noise."""
    return said + noise(said.size / RATE_HZ, dbfs)[: said.size]


def scenes(voice: SpeechSynthesizer) -> dict[str, Scene]:
    """All pictures by the name of what they show."""

    def say(text: str, shift_st: float = 0.0) -> Samples:
        return trim_silence(voice.synthesize(text, speed=0.85, liveliness=1.25, shift_st=shift_st))

    def join(*parts: Samples) -> Samples:
        """One after the other, with pauses, in a quiet room."""
        joined = np.concatenate([silence(0.6), *(piece for part in parts for piece in (part, silence(0.5)))])
        return joined + silence(joined.size / RATE_HZ)

    billing = say("I led the move of our billing system to the cloud.")
    trust = say("The hard part was trust.")
    passages = {passage.shows: render_answer(voice, (passage,))[0] for passage in ANSWER}
    fan = with_noise(join(billing), -45)
    you = join(billing, say("It went live two weeks early, and we lost no invoice."), silence(1.5))
    nod, cut_in = say("Yes.", -5.0), say("But nobody had told the customers about it.", -5.0)
    them = join(silence(1.2), nod, silence(1.9), cut_in, silence(9.0))
    answer = render_answer(voice, ANSWER[:2])[0]
    swell = (10 ** (np.linspace(-70, -25, answer.size) / 20)).astype(np.float32)
    drowned = answer + swell * noise(answer.size / RATE_HZ, 0)[: answer.size]
    return {
        "pitch": Scene((np.concatenate([join(billing), fan]),), ("kHz",)),
        "voice": Scene((join(trust, keys(2.5), trust, noise(2.0, -45)),), ("waveform", "P(speech)")),
        "pauses": Scene((with_noise(passages["good speaking"], -50),), ("waveform", "P(speech)")),
        "nuclei": Scene((join(billing),), ("waveform", "kHz")),
        "pace": Scene((answer,), ("waveform", "words/min")),
        "fillers": Scene((passages["hesitating"],), ("waveform", "kHz")),
        "creak": Scene((join(say("So I showed the finance team every test.")),), ("kHz", "P(speech)")),
        "endings": Scene((passages["ending like a question"],), ("waveform", "kHz")),
        "level": Scene(
            (np.concatenate([join(0.3 * trust), with_noise(join(trust, 5 * trust), -50)]).clip(-1, 1),),
            ("waveform", "level, dB"),
        ),
        "turns": Scene((you, them), ("waveform",)),
        "confidence": Scene((drowned,), ("waveform", "words/min", "confidence")),
    }


def draw(name: str, scene: Scene) -> Path:
    """Draw a scene into the folder of pictures."""
    profile = load("conversation")
    track = Track()
    session = Session(profile, len(scene.sound))
    session.attach(FrameTap(track.on_frame))
    for channel, sound in enumerate(scene.sound):
        sound = sound[: scene.sound[0].size]
        track.on_samples(channel, sound)
        session.hear(channel, sound)
    session.finish()
    events: list[ev.AnyEvent] = session.poll()
    for event in events:
        track.on_event(event)
    length_s = scene.sound[0].size / RATE_HZ
    group = sum(PANELS[label][0] + GAP for label in scene.panels)
    page = Page(TOP + BOTTOM + group * len(scene.sound))
    page.skip(TOP)
    axes = None
    for channel in range(len(scene.sound)):
        heard = Heard(track[channel], [e for e in events if e.channel == channel], profile, VOICE[channel])
        for label in scene.panels:
            inches, paint = PANELS[label]
            axes = page.panel(inches, axes)
            axes.set_ylabel(label, fontsize=8)
            axes.tick_params(labelbottom=False, bottom=False)
            axes.spines["bottom"].set_visible(False)
            paint(axes, heard)
    assert axes is not None
    axes.tick_params(labelbottom=True, bottom=True)
    axes.set_xlim(0.0, length_s)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at_s, _: f"{at_s:g} s"))
    path = FOLDER / f"ears-{name}.png"
    page.figure.savefig(path)
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    return path


def delays(sound: Samples) -> str:
    """How long after it happened each thing is known, as a table."""
    ears = Ears()
    frames = [ears.process(hop) for hop in sound[: sound.size // HOP * HOP].reshape(-1, HOP)]

    def row(what: str, ago: Callable[[Frame], int]) -> str:
        late_ms = [1000 * HOP_S * hops for frame in frames if (hops := ago(frame))]
        return f"| {what} | {np.median(late_ms):.0f} | {np.quantile(late_ms, 0.9):.0f} | {len(late_ms)} |"

    fixed = [
        ("level, loudness, noise floor, clipping", 0.0),
        ("probability of speech", 0.0),
        ("F0 and voicing", (PITCH_DELAY_HOPS + 0.5) * 1000 * HOP_S),
        ("creak", (CREAK_DELAY_HOPS + 0.5) * 1000 * HOP_S),
    ]
    return "\n".join(
        [
            "| known | median, ms | 9 of 10 within, ms | how often |",
            "| --- | --: | --: | --: |",
            *(
                f"| {what}: the middle of what it tells of | {ms:.0f} | {ms:.0f} | every hop |"
                for what, ms in fixed
                if ms
            ),
            *(f"| {what}: the end of what it tells of | 0 | 0 | every hop |" for what, ms in fixed if not ms),
            row("speech began", lambda frame: frame.edge_ago_hops if frame.talking else 0),
            row("speech ended, and how the phrase ended", lambda f: 0 if f.talking else f.edge_ago_hops),
            row("syllable nucleus", lambda frame: frame.nucleus_ago_hops),
            row("filled pause ended", lambda frame: frame.filler_end_ago_hops),
        ]
    )


def main() -> None:
    """Draw them all, and write the delays."""
    drop_stale_kernels()
    voice = SpeechSynthesizer()
    for name, scene in scenes(voice).items():
        path = draw(name, scene)
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")
    table = delays(render_answer(voice)[0])
    text, count = re.subn(
        r"(<!-- table: delays -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}{table}\n{found[2]}",
        EARS.read_text("utf-8"),
        flags=re.DOTALL,
    )
    assert count == 1, f"{EARS} has no place for the delays"
    EARS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
