"""``sottovoce drill``: get interrupted on purpose, and see how it was taken."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.drills.script import Drill
    from engine.media.resample import Samples
    from engine.media.voices.drill_playback import RenderedPlan
    from engine.media.voices.offline_drill import OfflineDrill
    from engine.protocol.drill_results import Card
    from engine.protocol.events import AnyEvent

LEVELS = ("gentle", "medium", "hard")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "drill",
        help="get interrupted on purpose, and see how you take it",
        description="Runs a drill with this machine's microphone and headphones: it interrupts, challenges "
        "and distracts, and tells how you took each event. Ctrl+C stops it at once and shows the card.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a shipped drill or a TOML file")
    parser.add_argument("--list", action="store_true", help="show the drills there are, and when to use them")
    parser.add_argument(
        "--level",
        choices=LEVELS,
        default="medium",
        metavar="LEVEL",
        help="gentle, medium or hard (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="S", help="the same seed gives the same drill; another one each time"
    )
    parser.add_argument(
        "--against", metavar="FILE", help="run it over a recording of someone speaking, as if live"
    )
    parser.add_argument(
        "--sounds",
        metavar="FOLDER",
        help="recordings that stand in for distractions: phone_ring.wav and such",
    )
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="thresholds: a name or a TOML file (%(default)s)",
    )
    parser.add_argument(
        "--save", metavar="WAV", help="keep what was spoken (left) and played (right) in a file"
    )
    parser.add_argument(
        "--history", metavar="FILE", help="add the figures to this file, and compare them with earlier runs"
    )
    parser.add_argument("--device", type=int, metavar="N", help="the microphone's number; the default one")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for a program")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.shipped.drills import load, shipped

    if args.list or args.name is None:
        for name in shipped():
            drill = load(name)
            print(f"{name:18} {drill.trains}\n{'':18} {drill.use_when}")
        return 0
    drill = load(args.name)
    if args.level not in drill.levels:
        raise UsageError(
            f"{args.name}: nothing happens at level {args.level}; it has {', '.join(drill.levels)}"
        )
    if args.against is None:
        from clients.terminal.microphone import check

        check(args.device)
    rehearsal, rendered = _prepared(args, drill)
    show = _Json() if args.json else _Text()
    show.begin(rendered)
    saved = _Saved(args.save)
    try:
        card = (
            _over_file(args, rehearsal, show, saved) if args.against else _live(args, rehearsal, show, saved)
        )
    finally:
        saved.close()
    show.card(card, _history(args.history, card))
    return 0


def _prepared(args: argparse.Namespace, drill: Drill) -> tuple[OfflineDrill, RenderedPlan]:
    from engine.drills.plan import plan
    from engine.media.voices.clips import ClipCache, cache_folder
    from engine.media.voices.distractions import load_recordings
    from engine.media.voices.drill_playback import render_plan
    from engine.media.voices.offline_drill import OfflineDrill
    from engine.shipped.drills import bank
    from engine.shipped.profiles import load
    from engine.warm import warm_up

    profile = load(args.profile)
    own: dict[str, Samples] = {}
    if args.sounds is not None:
        own, warnings = load_recordings(args.sounds)
        for warning in warnings:
            print(f"sottovoce: {warning}", file=sys.stderr)
    seed = args.seed if args.seed is not None else time.time_ns() % 1_000_000
    warm_up()
    ready = render_plan(plan(drill, bank(), level=args.level, seed=seed), ClipCache(cache_folder(), own))
    return OfflineDrill(ready, profile), ready


def _over_file(args: argparse.Namespace, rehearsal: OfflineDrill, show: _Json | _Text, saved: _Saved) -> Card:
    from engine.media.voices.offline_drill import read_speaker, run_against

    for events, spoken, heard in run_against(rehearsal, read_speaker(args.against)):
        saved.add(spoken, heard)
        card = show.events(events)
        if card is not None:
            return card
    raise AssertionError("a drill that was stopped has a card")


def _live(args: argparse.Namespace, rehearsal: OfflineDrill, show: _Json | _Text, saved: _Saved) -> Card:
    """The microphone in, the loudspeaker out, until it is done or Ctrl+C."""
    import asyncio

    from clients.terminal.microphone import microphone
    from clients.terminal.speaker import loudspeaker
    from engine.media.voices.offline_drill import in_blocks

    async def rehearse() -> Card:
        with loudspeaker() as speaker:
            async for block in microphone(args.device):
                for part in in_blocks([block]):
                    events = rehearsal.hear(part)
                    heard = rehearsal.heard()
                    speaker.play(heard)
                    saved.add(part, heard)
                    card = show.events(events)
                    if card is not None:
                        return card
        raise AssertionError("a microphone that stops says so")

    try:
        return asyncio.run(rehearse())
    except KeyboardInterrupt:
        card = show.events(rehearsal.stop())
        if card is None:
            raise
        return card


class _Saved:
    """Two channels in a WAV file, if one is wanted."""

    def __init__(self, path: str | None) -> None:  # open until `close`
        import wave

        self._file: wave.Wave_write | None = None
        if path is not None:
            try:
                self._file = wave.open(path, "wb")  # noqa: SIM115
            except OSError as error:
                raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
            self._file.setparams((2, 2, 16_000, 0, "NONE", ""))

    def add(self, spoken: Samples, heard: Samples) -> None:
        import numpy as np

        if self._file is not None:
            both = np.clip(np.stack([spoken, heard], axis=1), -1.0, 1.0)
            self._file.writeframes((both * 32767).astype("<i2").tobytes())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _history(path: str | None, card: Card) -> list[dict[str, Any]]:
    """Earlier runs of the same drill at the same level, the oldest first; this one is added to the file."""
    if path is None:
        return []
    file = Path(path)
    try:
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        earlier = [json.loads(line) for line in lines if line.strip()]
        with file.open("a", encoding="utf-8") as added:
            added.write(json.dumps(figures(card)) + "\n")
    except (OSError, ValueError) as error:
        print(f"sottovoce: {path}: not used as history: {error}", file=sys.stderr)
        return []
    alike = {name: value for name, value in figures(card).items() if name in ALIKE}
    return [run for run in earlier if isinstance(run, dict) and alike.items() <= run.items()]


ALIKE = ("drill", "level", "formula")
"""Figures of runs that differ in one of these say nothing about each other."""


def figures(card: Card) -> dict[str, Any]:
    """What of a card is worth comparing with another run's."""
    from statistics import median

    yields = [one.yield_s for one in card.events if one.yield_s is not None and one.parts.floor is not None]
    resumes = [
        one.resume_s for one in card.events if one.resume_s is not None and one.parts.resume is not None
    ]
    return {
        "drill": card.drill,
        "level": card.level,
        "formula": card.formula,
        "composure": card.composure,
        "yield_s": round(median(yields), 2) if yields else None,
        "resume_s": round(median(resumes), 2) if resumes else None,
    }


class _Json:
    """One JSON object a line: the drill's events and the nudges."""

    def begin(self, rendered: RenderedPlan) -> None:
        """Nothing: the first event says it."""

    def events(self, events: list[AnyEvent]) -> Card | None:
        from engine.protocol import events as ev
        from engine.protocol import messages

        card = None
        for event in events:
            if isinstance(event, ev.DrillEvent | ev.Nudge | ev.NudgeCleared):
                print(messages.encode(event), flush=True)
            if isinstance(event, ev.DrillEnded):
                card = event.card
        return card

    def card(self, card: Card, earlier: list[dict[str, Any]]) -> None:
        if earlier:
            print(json.dumps({"type": "earlier", "runs": earlier}), flush=True)


class _Text:
    """Lines for a person."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), markup=False)

    def begin(self, rendered: RenderedPlan) -> None:
        plan = rendered.plan
        self._say(f"{plan.title}, {plan.level}, seed {plan.seed}", style="bold")
        self._say(f"Talk about this: {plan.question}\n")

    def events(self, events: list[AnyEvent]) -> Card | None:
        from engine.protocol import events as ev

        card = None
        for event in events:
            match event:
                case ev.DrillSound(kind="voice"):
                    self._say(f"{_clock(event.at_s)}  {event.role}: {event.say}", style="cyan")
                case ev.DrillSound():
                    self._say(
                        f"{_clock(event.at_s)}  ({(event.sound or '').replace('_', ' ')})", style="cyan"
                    )
                case ev.DrillStep(do="silence"):
                    self._say(f"{_clock(event.at_s)}  (silence)", style="cyan")
                case ev.Nudge():
                    self._say(f"{_clock(event.at_s)}  {event.text}", style="yellow")
                case ev.DrillEnded():
                    card = event.card
        return card

    def card(self, card: Card, earlier: list[dict[str, Any]]) -> None:
        self._say(f"\nThat was {card.duration_s:.0f} seconds, and {len(card.events)} events.", style="bold")
        for one in card.events:
            mark = "   " if one.composure is None else f"{one.composure:3.0f}"
            self._say(f"\n{mark}  {_clock(one.start_s)}  {one.happened}")
            if one.composure is not None:
                self._say(f"           {one.changed}")
            if one.try_next:
                self._say(f"           {one.try_next}")
        if card.composure is not None:
            self._say(f"\nComposure {card.composure:.1f} of 10{_compared(card, earlier)}", style="bold")
            self._say(
                "10 × (a quarter floor, a quarter resuming, half speaking as before as far as the floor was "
                "right), mean of the events"
            )
        self._say(f"Next: {card.try_next}")

    def _say(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style)


def _compared(card: Card, earlier: list[dict[str, Any]]) -> str:
    known = [run["composure"] for run in earlier if isinstance(run.get("composure"), int | float)]
    if not known:
        return ""
    runs = "1 earlier run" if len(known) == 1 else f"{len(known)} earlier runs"
    return f"; last time {known[-1]:.1f}, best {max(known):.1f} in {runs} at level {card.level}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
