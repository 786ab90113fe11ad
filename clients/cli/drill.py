"""``sottovoce drill``: get interrupted on purpose, and see how it was taken."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError
from engine.protocol.terms import LEVELS

from . import keep
from .drill_lines import JsonLines, TextLines
from .listed import listed

if TYPE_CHECKING:
    from engine.drills.script import Drill
    from engine.media.files.recorded_take import SpeakerSound
    from engine.media.resample import Samples
    from engine.media.voices.drill_playback import RenderedPlan
    from engine.media.voices.offline_drill import OfflineDrill
    from engine.protocol.drill_results import Card

    from .drill_words import DrillWords

Lines = JsonLines | TextLines


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "drill",
        help="practise being interrupted, and see how you handle it",
        description="Run a drill with this machine's microphone and headphones. It interrupts, challenges "
        "and distracts you, then shows how you handled each event. Press Ctrl+C to stop at once and see the "
        "result.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a shipped drill or a TOML file")
    parser.add_argument("--list", action="store_true", help="list the drills and when to use them")
    parser.add_argument(
        "--level",
        choices=LEVELS,
        default="medium",
        metavar="LEVEL",
        help=f"difficulty: {listed(LEVELS)} (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="S", help="repeat a drill exactly; by default each run differs"
    )
    parser.add_argument(
        "--against", metavar="FILE", help="run the drill over a recording of someone speaking, as if live"
    )
    parser.add_argument(
        "--sounds",
        metavar="FOLDER",
        help="use your own recordings as distractions: phone_ring.wav, murmur.mp3, ...",
    )
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="profile to use: a name or a TOML file (%(default)s)",
    )
    parser.add_argument(
        "--save", metavar="WAV", help="save what you said (left) and what was played (right) to this file"
    )
    parser.add_argument(
        "--history", metavar="FILE", help="add the results to this file, and compare them with earlier runs"
    )
    parser.add_argument(
        "--device", type=int, metavar="N", help="the microphone's number; by default the system's microphone"
    )
    parser.add_argument(
        "--words",
        action="store_true",
        help="recognise what you say as well, on this machine: the card uses it, and a review of your answer "
        "follows; English only (needs sottovoce[words])",
    )
    keep.add_options(parser, "the drill")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line, for programs")
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
        raise UsageError(f"{args.name} has no level {args.level}; choose --level {' or '.join(drill.levels)}")
    if args.against is None:
        from clients.terminal.microphone import check

        check(args.device)
    keeper = keep.keeper(args)
    try:
        _run(args, drill, keeper)
    finally:
        if keeper is not None:
            keeper.close()
    return 0


def _run(args: argparse.Namespace, drill: Drill, keeper: keep.Keeper | None) -> None:
    offline, rendered = _prepared(args, drill)
    question = rendered.plan.question
    words = drill_words(question) if args.words else None
    show = JsonLines() if args.json else TextLines()
    show.begin(rendered, hears=args.words)
    saved = _Saved(args.save, None if keeper is None else keeper.sound())
    hold = _over_file if args.against else _live
    begun_at = datetime.now(UTC).astimezone()
    try:
        card = hold(args, offline, show, saved, words)
    finally:
        saved.close()
    show.card(card, _history(args.history, card))
    summary = offline.session.summary()
    review = None if words is None else words.review(summary.measures[0])
    if review is not None:
        show.review(review)
    if keeper is not None:
        keeper.keep_drill(summary, card, question, review, begun_at, saved.own)


def drill_words(question: str) -> DrillWords:
    """Open what recognises and reviews the words of a drill that asks a question.

    Raises
    ------
    ModelError
        A package is missing.
    """
    from .drill_words import DrillWords

    return DrillWords(question)


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
    return OfflineDrill(ready, profile, hears=args.words), ready


def _over_file(
    args: argparse.Namespace,
    offline: OfflineDrill,
    show: Lines,
    saved: _Saved,
    words: DrillWords | None,
) -> Card:
    from engine.media.voices.offline_drill import read_speaker, run_against

    if words is not None:
        offline.words = words.of_recording(offline.session)
    for events, spoken, heard in run_against(offline, read_speaker(args.against)):
        saved.add(spoken, heard)
        card = show.events(events)
        if card is not None:
            show.events(offline.stop())
            return card
    raise AssertionError("a drill that was stopped has a card")


def _live(
    args: argparse.Namespace,
    offline: OfflineDrill,
    show: Lines,
    saved: _Saved,
    words: DrillWords | None,
) -> Card:
    """The microphone in, the loudspeaker out, until it is done or Ctrl+C."""
    import asyncio
    import contextlib

    from clients.terminal.microphone import microphone
    from clients.terminal.speaker import loudspeaker
    from engine.media.voices.offline_drill import in_blocks

    card: Card | None = None

    async def rehearse() -> None:
        nonlocal card
        async with contextlib.AsyncExitStack() as stack:
            if words is not None:
                offline.words = await stack.enter_async_context(words.of_microphone(offline.session))
            speaker = stack.enter_context(loudspeaker())
            async for block in microphone(args.device):
                for part in in_blocks([block]):
                    events = offline.hear_speaker(part)
                    heard = offline.next_block()
                    speaker.play(heard)
                    saved.add(part, heard)
                    card = show.events(events)
                    if card is not None:
                        return
        raise AssertionError("a microphone that stops says so")

    with contextlib.suppress(KeyboardInterrupt):  # it ends the drill early
        asyncio.run(rehearse())
    last = show.events(offline.stop())
    card = card or last
    assert card is not None, "a drill that was stopped has a card"
    return card


class _Saved:
    """Two channels in a WAV file, if one is wanted; and the speaker's own sound, if that is kept.

    Attributes
    ----------
    own : takes the speaker's sound.
    """

    def __init__(self, path: str | None, own: SpeakerSound | None) -> None:  # open until `close`
        import wave

        self.own = own
        self._file: wave.Wave_write | None = None
        if path is not None:
            try:
                self._file = wave.open(path, "wb")  # noqa: SIM115
            except OSError as error:
                raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
            self._file.setparams((2, 2, 16_000, 0, "NONE", ""))

    def add(self, spoken: Samples, heard: Samples) -> None:
        import numpy as np

        if self.own is not None:
            self.own.take(0, spoken)
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
        print(f"sottovoce: {path} can't be used as history: {error}; name another file", file=sys.stderr)
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
