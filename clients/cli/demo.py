"""``sottovoce demo``: a practice answer through a real WebRTC connection, no microphone needed."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.media.resample import Samples
    from engine.media.voices.practice_answer import PassageSpan
    from engine.protocol import messages

QUESTION = "Tell me about a project that you led."
"""What the built-in answer answers."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="watch nudges arrive for a built-in practice answer; no microphone needed",
        description="Play a built-in practice answer through a real WebRTC connection to a server in this "
        "process, and print each nudge as it arrives. Takes about a minute and a half, and needs no "
        "microphone and no browser. Nudges may come every 5 seconds here, instead of every 20.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per line, for programs")
    parser.add_argument(
        "--words",
        action="store_true",
        help="recognise the words of the answer too, and review it at the end (needs sottovoce[words])",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.media.voices.practice_answer import render_answer
    from engine.media.voices.synthesis import SpeechSynthesizer
    from engine.warm import warm_up

    warm_up()
    answer, spans = render_answer(SpeechSynthesizer())
    asyncio.run(_call(answer, spans, _Json() if args.json else _Text(), words=args.words))
    return 0


async def _call(answer: Samples, spans: list[PassageSpan], show: _Json | _Text, *, words: bool) -> None:
    """Hold the call, and show what is said in it."""
    from clients.terminal.session import ask_for_words, once_ready
    from clients.whip.publisher import Publisher, paced
    from engine.protocol.events import AnyEvent
    from engine.protocol.messages import Hello, WordsState
    from engine.server.serve import serving
    from engine.server.settings import Settings

    to_come = list(spans)
    with resources.as_file(resources.files("clients.cli") / "demo.toml") as profile:
        settings = Settings(port=0, profile=str(profile))
        ready = asyncio.Event()
        source = once_ready(ready, paced(answer)) if words else paced(answer)
        async with serving(settings) as address, Publisher(address, source) as call:
            async for message in call:
                if isinstance(message, WordsState):
                    ready.set()
                if words and isinstance(message, Hello):
                    ask_for_words(call, message, QUESTION)
                while isinstance(message, AnyEvent) and to_come and message.at_s >= to_come[0].start_s:
                    show.passage(to_come.pop(0))
                show.message(message)


class _Json:
    """One JSON object a line: the passages, the nudges, the words, the summary and the review."""

    def passage(self, span: PassageSpan) -> None:
        print(json.dumps({"type": "passage", **span._asdict()}), flush=True)

    def message(self, message: messages.ToClient) -> None:
        from engine.protocol import messages
        from engine.protocol.events import Nudge, NudgeCleared, WordEvent

        told = Nudge | NudgeCleared | WordEvent | messages.Summary | messages.Review | messages.Error
        if isinstance(message, told | messages.WordsState):
            print(messages.encode(message), flush=True)


class _Text:
    """Lines for a person."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())

    def passage(self, span: PassageSpan) -> None:
        self._console.print(f"[dim]{_clock(span.start_s)}  now: {span.shows}[/dim]")

    def message(self, message: messages.ToClient) -> None:
        from engine.protocol import messages
        from engine.protocol.events import Nudge, Words

        if isinstance(message, Nudge):
            colour = "green" if message.tone == "thanks" else "yellow"
            proof = message.evidence
            self._console.print(f"{_clock(message.at_s)}  [bold {colour}]{message.text}[/bold {colour}]")
            self._console.print(f"      {message.why}")
            self._console.print(
                f"      [dim]{proof.measure} {proof.value:.4g} {proof.unit}, threshold {proof.threshold:g}, "
                f"{proof.window_s[0]:.1f} to {proof.window_s[1]:.1f} s, confidence {proof.confidence:.2f}; "
                f"processing delay {message.delay_ms:.0f} ms[/dim]"
            )
        elif isinstance(message, Words):
            said = " ".join(word.text for word in message.words)
            self._console.print(f"{_clock(message.start_s)}  {said}", style="dim italic", markup=False)
        elif isinstance(message, messages.WordsState):
            from clients.terminal.screen import words_state

            if state := words_state(message):
                self._console.print(state, style="dim", markup=False)
        elif isinstance(message, messages.Review):
            from clients.terminal.review import render_review

            self._console.print(render_review(message.review), soft_wrap=False)
        elif isinstance(message, messages.Error):
            self._console.print(f"[red]{message.message}[/red]")
        elif isinstance(message, messages.Summary):
            self._console.print(f"\nThat was {message.duration_s:.0f} seconds.")
            for finding in message.findings[0]:
                self._console.print(f"  [{'green' if finding.good else 'yellow'}]●[/] {finding.text}")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
