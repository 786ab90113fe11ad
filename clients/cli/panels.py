"""Panels of a picture: one for each kind of measure, on axes that share their time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from numpy.typing import ArrayLike

from dsp.ears import CREAK_DELAY_HOPS, PITCH_DELAY_HOPS
from dsp.frame import HOP_S, RATE_HZ
from dsp.spectrum import SPECTRUM_DELAY_HOPS, WINDOW
from engine.profile import Profile
from engine.protocol import events as ev

from .track import ROWS, TOP_HZ, Channel

VOICE = ("#2b6cb0", "#c05621")
"""Colour of each speaker."""

FILLER, CREAK, OVERLAP, LOST, GRID, NUCLEUS, NOISE, SPEECH = (
    "#d69e2e",
    "#9f3fbf",
    "#e53e3e",
    "#a0aec0",
    "#e2e8f0",
    "#00796b",
    "#718096",
    "#276749",
)

CONTOUR: dict[ev.Contour, tuple[str, str]] = {
    "rise": ("↗", "#c53030"),
    "fall": ("↘", "#276749"),
    "level": ("→", "#4a5568"),
    "unsure": ("?", "#a0aec0"),
}
"""Mark and colour of each contour of a phrase end."""

VOICING = LinearSegmentedColormap.from_list("voicing", ["#fbd38d", "#ed8936", "#2b6cb0", "#1a365d"])
"""Colours of the probability of voicing, from 0.5 to 1."""

CONFIDENCES = {"pace": VOICE[0], "level": "#2d3748", "f0": NUCLEUS, "creak": CREAK, "fillers": FILLER}
"""Readings whose confidence is drawn, with its colour."""

ENDING = "#c53030"

F0_HZ = (60.0, 500.0)
F0_TICKS_HZ = (75, 100, 150, 200, 300, 400)
DEPTH_DB = 70.0
"""Range of the spectrogram below its loudest point."""

ROOM_HZ = (-0.08 * TOP_HZ, 1.1 * TOP_HZ)
"""Range of the spectrogram's axis: syllable nuclei are drawn below 0 Hz, phrase ends above ``TOP_HZ``."""

TRAILING_DB = 3.0
"""Trailing off from which on it is written, dB."""

SMALL, TINY = 8.0, 7.0
"""Font sizes, points."""


class Heard(NamedTuple):
    """Data of one speaker for the panels."""

    channel: Channel
    events: Sequence[ev.AnyEvent]
    profile: Profile
    colour: str


def waveform(panel: Axes, heard: Heard) -> None:
    """Draw samples, talk, pauses with their length, filled pauses, overlaps and lost audio."""
    colour = heard.colour
    at_s, low, high = heard.channel.waveform()
    panel.fill_between(at_s, low, high, color=colour, linewidth=0.3, alpha=0.9)
    known = np.isfinite(low)
    top = max(0.02, float(np.abs([low[known], high[known]]).max())) if known.any() else 1.0
    panel.set_ylim(-1.25 * top, 1.25 * top)
    panel.set_yticks([])
    for event in heard.events:
        match event:
            case ev.PhraseEnded(start_s=start_s, end_s=end_s):
                panel.axvspan(start_s, end_s, color=colour, alpha=0.13, linewidth=0)
            case ev.PauseEnded(start_s=start_s, silence_s=silence_s):
                where = (start_s - silence_s / 2, 0.04)
                _write(panel, where, f"{silence_s:.1f}", color="#4a5568", ha="center", va="bottom")
            case ev.Backchannel(start_s=start_s, end_s=end_s):
                panel.axvspan(start_s, end_s, 0.9, 1, color=colour, linewidth=0)
            case ev.FilledPause(start_s=start_s, end_s=end_s, confidence=confidence):
                panel.axvspan(start_s, end_s, color=FILLER, alpha=0.5 * confidence, linewidth=0)
            case ev.InterruptionEnded(start_s=start_s, end_s=end_s):
                panel.axvspan(start_s, end_s, 0.9, 1, color=OVERLAP, linewidth=0)
            case ev.SignalProblem(at_s=known_s, kind=kind, on=True):
                _write(panel, (known_s, 0.82), kind.replace("_", " "), color=OVERLAP)
            case ev.MuteEnded(start_s=start_s, end_s=end_s):
                panel.axvspan(start_s, end_s, facecolor=GRID, linewidth=0)
                _write(
                    panel, ((start_s + end_s) / 2, 0.04), "muted", color="#4a5568", ha="center", va="bottom"
                )
            case ev.AudioLost(start_s=start_s, end_s=end_s):
                panel.axvspan(start_s, end_s, facecolor="white", edgecolor=LOST, hatch="////", linewidth=0)


def spectrogram(panel: Axes, heard: Heard) -> None:
    """Draw power, F0 coloured by voicing, syllable nuclei below, creak, and contours of phrase ends above."""
    channel = heard.channel
    start_s = channel.waveform()[0][:1].sum() - HOP_S / 2
    power = channel.spectrogram()
    if power.size:
        late_s = (SPECTRUM_DELAY_HOPS + 0.5) * HOP_S
        left_s, right_s = start_s - late_s, start_s - late_s + power.shape[1] * HOP_S
        top_db = max(-60.0, float(power.max()))
        panel.imshow(
            power,
            origin="lower",
            aspect="auto",
            extent=(left_s, right_s, 0, ROWS * RATE_HZ / WINDOW),
            cmap="Greys",
            vmin=top_db - DEPTH_DB,
            vmax=top_db - 8,
            interpolation="antialiased",
        )
    panel.set_ylim(*ROOM_HZ)
    panel.set_yticks(range(0, round(TOP_HZ) + 1, 1000))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda hz, _: f"{hz / 1000:g}"))
    nuclei_s = channel.found("nucleus_ago_hops")
    panel.vlines(nuclei_s, 0, 0.06, color=NUCLEUS, linewidth=1.5, transform=panel.get_xaxis_transform())
    for event in heard.events:
        match event:
            case ev.Creak(start_s=start_s, end_s=end_s):
                panel.axvspan(start_s, end_s, 0.07, 0.93, color=CREAK, alpha=0.22, linewidth=0)
            case ev.PhraseEnded(end_s=end_s, contour=contour, change_st=change_st):
                mark, colour = CONTOUR[contour]
                text = mark if change_st is None else f"{mark}{change_st:+.1f}".replace("-", "−")
                _write(panel, (end_s, 0.985), text, color=colour, ha="center", va="top")
    f0(panel.twinx(), channel)


def f0(panel: Axes, channel: Channel) -> None:
    """Draw F0 on a logarithmic axis, coloured by the probability of voicing."""
    at_s, f0_hz = channel.field("f0_hz", PITCH_DELAY_HOPS)
    _, voicing = channel.field("voicing", PITCH_DELAY_HOPS)
    voiced = f0_hz > 0
    panel.scatter(
        at_s[voiced],
        f0_hz[voiced],
        c=voicing[voiced],
        cmap=VOICING,
        vmin=0.5,
        vmax=1.0,
        s=3.5,
        linewidths=0,
        rasterized=True,
    )
    panel.set_yscale("log")
    panel.set_ylim(*F0_HZ)
    panel.yaxis.set_major_locator(FixedLocator(F0_TICKS_HZ))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda hz, _: f"{hz:g}"))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.tick_params(labelsize=TINY)
    panel.spines[["top", "right"]].set_visible(False)
    panel.set_ylabel("F0, Hz", fontsize=SMALL)


def probability(panel: Axes, heard: Heard) -> None:
    """Draw the probabilities of speech (filled) and of creak, and the talk decision (bar above)."""
    channel, colour = heard.channel, heard.colour
    at_s, speech = channel.field("speech")
    panel.fill_between(at_s, 0, speech, color=colour, alpha=0.35, linewidth=0)
    _, talking = channel.field("talking")
    panel.fill_between(at_s, 1.08, 1.2, where=talking > 0, color=colour, linewidth=0, step="mid")
    panel.plot(*channel.field("creak", CREAK_DELAY_HOPS), color=CREAK, linewidth=0.9)
    panel.axhline(0.5, color=LOST, linewidth=0.6, linestyle=":")
    panel.set_ylim(0, 1.25)
    panel.set_yticks([0, 0.5, 1], ["0", "", "1"])


def level(panel: Axes, heard: Heard) -> None:
    """Draw level, momentary and short-term loudness, speech level, noise floor, clipping and trailing off."""
    channel = heard.channel
    at_s, noise_dbfs = channel.field("noise_dbfs")
    panel.plot(*channel.field("level_dbfs"), color=heard.colour, linewidth=0.4, alpha=0.45)
    panel.plot(*channel.field("momentary_lufs"), color=heard.colour, linewidth=1.0)
    panel.plot(*channel.field("short_term_lufs"), color="black", linewidth=1.2)
    panel.plot(at_s, noise_dbfs, color=NOISE, linewidth=1.1, linestyle=":")
    _, snr_db = channel.field("snr_db")
    panel.plot(at_s, noise_dbfs + snr_db, color=SPEECH, linewidth=0.9, dashes=(3, 2))
    _, clipped = channel.field("clipped")
    bar = panel.get_xaxis_transform()
    panel.fill_between(
        at_s, 0.93, 1, where=clipped > 0, color=OVERLAP, linewidth=0.8, step="mid", transform=bar
    )
    for event in heard.events:
        match event:
            case ev.PhraseEnded(end_s=end_s, trailing_db=float(fell_db), trailing_confidence=confidence):
                if fell_db > TRAILING_DB and confidence >= 0.5:
                    _write(panel, (end_s, 0.9), f"−{fell_db:.0f}", color=OVERLAP, ha="center", va="top")
    panel.set_ylim(-95, 0)
    panel.set_yticks([-80, -60, -40, -20])
    panel.grid(axis="y", color=GRID, linewidth=0.6)


def pace(panel: Axes, heard: Heard) -> None:
    """Draw the speech rate in words a minute with its error and aim, and the articulation rate."""
    channel, aim = heard.channel, heard.profile.pace
    wpm_per_sps = 60 / aim.syllables_per_word
    panel.axhspan(aim.slow_wpm, aim.fast_wpm, color="#2f855a", alpha=0.12, linewidth=0)
    at_s, wpm = channel.reading("pace_wpm")
    error_wpm = channel.reading("pace_error_wpm")[1]
    panel.fill_between(at_s, wpm - error_wpm, wpm + error_wpm, color=heard.colour, alpha=0.2, linewidth=0)
    panel.plot(at_s, wpm, color=heard.colour, linewidth=1.5)
    panel.plot(
        at_s,
        channel.reading("articulation_sps")[1] * wpm_per_sps,
        color="black",
        linewidth=0.8,
        dashes=(4, 2),
    )
    seen = wpm[np.isfinite(wpm)]
    low = min(60.0, aim.slow_wpm - 20, *(seen - 20))
    panel.set_ylim(max(0.0, low), max((aim.fast_wpm + 70, *(seen + 20))))

    def to_sps(wpm: ArrayLike) -> ArrayLike:
        return np.asarray(wpm) / wpm_per_sps

    def to_wpm(sps: ArrayLike) -> ArrayLike:
        return np.asarray(sps) * wpm_per_sps

    rate = panel.secondary_yaxis("right", functions=(to_sps, to_wpm))
    rate.set_ylabel("syll/s", fontsize=SMALL)
    rate.tick_params(labelsize=TINY)
    rate.spines["right"].set_visible(False)


def confidence(panel: Axes, heard: Heard) -> None:
    """Draw the confidence of the readings, and of each phrase end and filled pause (dots)."""
    for measure, colour in CONFIDENCES.items():
        panel.plot(*heard.channel.reading(f"{measure}_confidence"), color=colour, linewidth=1.0)
    for event in heard.events:
        if isinstance(event, ev.PhraseEnded | ev.FilledPause):
            colour = FILLER if isinstance(event, ev.FilledPause) else ENDING
            panel.plot([event.end_s], [event.confidence], ".", color=colour, markersize=5)
    panel.axhline(0.5, color=LOST, linewidth=0.6, linestyle=":")
    panel.set_ylim(-0.05, 1.1)
    panel.set_yticks([0, 0.5, 1], ["0", "", "1"])


PANELS: dict[str, tuple[float, Callable[[Axes, Heard], None]]] = {
    "waveform": (0.85, waveform),
    "kHz": (1.9, spectrogram),
    "P(speech)": (0.6, probability),
    "level, dB": (1.05, level),
    "words/min": (0.95, pace),
    "confidence": (0.6, confidence),
}
"""All panels from the top down, by their label: height in inches, and the function that draws it."""


def legend() -> Iterator[tuple[Patch | Line2D, str]]:
    """Yield every mark of the panels with its meaning."""
    yield Patch(color=VOICE[0], alpha=0.3), "talk, and pauses in seconds"
    yield Line2D([], [], color=VOICE[0], linewidth=4), "talking, as noticed live"
    yield Patch(color=FILLER, alpha=0.6), "filled pause"
    yield Patch(color=VOICE[0]), "backchannel"
    yield Patch(color=OVERLAP), "talking over, clipping; −5: trails off, dB"
    yield Patch(facecolor="white", edgecolor=LOST, hatch="////"), "lost"
    for surely, shade in (("hardly", VOICING(0.15)), ("surely", VOICING(1.0))):
        yield Line2D([], [], color=shade, marker="o", markersize=3, linestyle=""), f"F0, {surely} voiced"
    yield Line2D([], [], color=NUCLEUS, linewidth=2, marker="|", linestyle=""), "syllable nucleus"
    yield Patch(color=CREAK, alpha=0.35), "creak (line: its probability)"
    for contour, (mark, colour) in CONTOUR.items():
        yield (
            Line2D([], [], color=colour, marker=f"${mark}$", linestyle="", markersize=7),
            f"phrase ends: {contour}",
        )
    yield Line2D([], [], color=VOICE[0], linewidth=1.0), "loudness, momentary; speech rate"
    yield Line2D([], [], color="black", linewidth=1.2), "loudness, short-term"
    yield Line2D([], [], color=SPEECH, linewidth=0.9, dashes=(3, 2)), "speech level (noise + SNR)"
    yield Line2D([], [], color=NOISE, linestyle=":"), "noise floor"
    yield Line2D([], [], color="black", linewidth=0.8, dashes=(4, 2)), "articulation rate"
    yield Patch(color="#2f855a", alpha=0.15), "aim"
    for measure, colour in CONFIDENCES.items():
        yield Line2D([], [], color=colour, linewidth=1.0), f"confidence: {measure}"
    yield Line2D([], [], color=ENDING, marker=".", linestyle=""), "confidence: phrase ending"
    yield Line2D([], [], color=FILLER, marker=".", linestyle=""), "confidence: filled pause"


def _write(panel: Axes, where: tuple[float, float], text: str, **style: Any) -> None:
    """Write a text at a time and a share of the panel's height; clipped at the panel's edges."""
    panel.text(
        *where,
        text,
        transform=panel.get_xaxis_transform(),
        fontsize=TINY,
        clip_on=True,
        path_effects=[withStroke(linewidth=2.0, foreground="white")],
        **style,
    )
