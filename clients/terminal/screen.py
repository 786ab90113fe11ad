"""The screen of the terminal client: one nudge, and a few quiet figures below it."""

from __future__ import annotations

from rich import box
from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from engine.protocol import events as ev
from engine.protocol import messages
from engine.protocol.advice import Advice

from .heard_words import HeardWords
from .review import render_advice, render_review
from .speech_check import Heard

LISTENING = "listening"
MUTED = "muted"
"""Text while the speaker is muted; none of that time counts."""

SAY_SOMETHING = "Say something. Nothing is sent until you speak."

ADVICE: dict[Heard, str] = {
    Heard.NOTHING: "We hear nothing. Is it the right microphone, switched on and not muted? "
    "`sottovoce mic --list-devices` shows which there are; `--device N` takes another.",
    Heard.NOISE: "We hear only noise. Move closer to the microphone or turn its level up; "
    "`sottovoce mic --list-devices` shows which there are, and `--device N` takes another.",
    Heard.VOICE: "We hear you.",
}
"""Verdict of the microphone check, with what to do."""

SIGNAL: dict[ev.SignalKind, str] = {
    "silent": "We hear next to nothing: is it the right microphone, and switched on?",
    "clipping": "Too loud for the microphone: move back a little, or turn its gain down.",
    "bad_samples": "The microphone gives sound that cannot be used.",
}


class Screen:
    """Shows what the engine says: drawn in place on a terminal, line by line elsewhere.

    Use it as a context and give it every message.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._live: Live | None = None
        self._nudge: ev.Nudge | None = None
        self._why = ""
        self._problem = ""
        self._muted = False
        self._waits = False
        self._reading: ev.Reading | None = None
        self._heard = HeardWords()
        self._words_why = ""
        self._reviewed: list[ev.Word] = []

    def __enter__(self) -> Screen:
        if self._console.is_terminal:
            self._live = Live(
                console=self._console,
                get_renderable=self.render,
                auto_refresh=False,  # drawn when something changed, four times a second with the readings
                transient=True,
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def wait(self) -> None:
        """Show that nothing is sent until somebody speaks."""
        self._waits = True
        self._show(SAY_SOMETHING)

    def advise(self, heard: Heard) -> None:
        """Show what the microphone check heard, and what to do about it."""
        self._problem = "" if heard is Heard.VOICE else ADVICE[heard]
        self._waits = heard is not Heard.VOICE
        self._show(ADVICE[heard])

    def show_message(self, message: messages.ToClient) -> None:
        """Show a message of the engine."""
        match message:
            case messages.Hello(resumed=resumed, muted=muted):
                self._problem, self._muted, self._waits = "", muted, False
                self._line("connected again" if resumed else LISTENING)
            case ev.Nudge():
                self._nudge, self._why = message, message.why
                self._line(f"{_clock(message.at_s)}  {message.text.upper()}  {message.why}")
            case ev.NudgeCleared(id=number) if self._nudge is not None and self._nudge.id == number:
                self._nudge = None
            case ev.Reading():
                self._reading = message
            case ev.MuteStarted() | ev.MuteEnded():
                self._muted = isinstance(message, ev.MuteStarted)
                self._line(MUTED if self._muted else LISTENING)
            case ev.SignalProblem(kind=kind, on=on):
                self._problem = SIGNAL[kind] if on else ""
                if on:
                    self._line(SIGNAL[kind])
            case messages.WordsState():
                self._words_why = words_state(message)
                if self._words_why:
                    self._line(self._words_why)
            case messages.Review(review=review):
                self._reviewed = review.words
                self._console.print(render_review(review))
            case messages.Advised(advice=None, why=why):
                self._console.print(Text(f"  {why}", style="dim"))
            case messages.Advised(advice=Advice() as advice):
                self._console.print(render_advice(advice, self._reviewed))
            case messages.Ended(can_resume=True):
                self._problem = message.message
                self._line(message.message)
            case messages.Error():
                self._line(message.message)
            case messages.Summary():
                self._summary(message)
            case _:
                self._heard.observe(message)
        if self._live is not None and not isinstance(message, ev.Trace):
            self._live.refresh()

    def render(self) -> RenderableType:
        """Return the whole screen in its present state."""
        return Group(self._stage(), self._instruments(), self._last_words(), self._footer())

    def _stage(self) -> RenderableType:
        nudge = self._nudge
        if nudge is None:
            text = Text(SAY_SOMETHING if self._waits else MUTED if self._muted else LISTENING, style="dim")
            style = "dim"
        else:
            text = Text(" ".join(nudge.text.upper()), style="bold")
            style = "green" if nudge.tone == "thanks" else "red" if nudge.urgent else "yellow"
        return Panel(Align.center(text), box=box.ROUNDED, padding=(2, 4), style=style)

    def _instruments(self) -> Text:
        reading = self._reading
        if reading is None:
            return Text("")
        pace = "pace –" if reading.pace_wpm is None else f"pace about {reading.pace_wpm:.0f} words/min"
        pause = (
            f"silence {reading.silence_s:.1f} s"
            if reading.silence_s >= 1
            else f"talking {reading.stretch_s:.0f} s"
        )
        parts = [pace, pause, f"level {reading.level_dbfs:.0f} dB"]
        if reading.delay_ms is not None:
            parts.append(f"delay {reading.delay_ms:.0f} ms")
        return Text("   ".join(parts), style="dim", justify="center")

    def _last_words(self) -> Text:
        final, partial = self._heard.line(self._console.width - 4)
        text = Text.assemble((final, "dim"), " ", (partial, "dim italic"))
        return Text(self._words_why, style="dim", justify="center") if not (final or partial) else text

    def _footer(self) -> Text:
        if self._problem:
            return Text(self._problem, style="red", justify="center")
        return Text(self._why or "Ctrl+C ends", style="dim italic", justify="center")

    def _summary(self, summary: messages.Summary) -> None:
        self.__exit__()
        nudges = "one nudge" if len(summary.nudges) == 1 else f"{len(summary.nudges)} nudges"
        self._console.print(f"{_clock(summary.duration_s)} heard, {nudges}")
        for finding in (finding for findings in summary.findings for finding in findings):
            self._console.print(Text(f"  {'+' if finding.good else '→'} {finding.text}"))

    def _show(self, text: str) -> None:
        self._line(text)
        if self._live is not None:
            self._live.refresh()

    def _line(self, text: str) -> None:
        if self._live is None:
            self._console.print(Text(text), soft_wrap=True)


def words_state(state: messages.WordsState) -> str:
    """How words are recognised, in a line; empty where that is as it was asked for."""
    how = {
        "live": "",
        "phrase": "words come at each pause",
        "afterwards": "words come after the take",
        "off": "words are off",
        "unavailable": "no words",
    }[state.mode]
    return f"{how}: {state.why}" if how and state.why else how or state.why


def _clock(at_s: float) -> str:
    return f"{int(at_s) // 60}:{int(at_s) % 60:02d}"
