"""``sottovoce analyze``: what a live session would have said of a recording."""

from __future__ import annotations

import argparse
import math
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import SottovoceError, UsageError
from engine.protocol.file_names import shown

from . import assistant, keep, words

if TYPE_CHECKING:
    from engine.assistant.endpoint import Endpoint
    from engine.media.files.analysis import Analysis
    from engine.media.files.recording import Recording, Which
    from engine.media.files.words import SpokenWords
    from engine.media.resample import Samples
    from engine.profile import Profile
    from engine.protocol.events import AnyEvent

LONG_S = 60.0
"""From this length on, a file gets a progress bar."""

NO_PLOTS = "--plot needs matplotlib: run `make setup-extras` in a clone, or `pip install 'sottovoce[plot]'`"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "analyze",
        help="get measures, events and nudges from a recording",
        description="Show what a live session would have said about a recording. "
        "A file with two channels counts as two speakers if each channel has its own voice.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a recording in any common format")
    parser.add_argument(
        "--with", dest="other", metavar="OTHER", help="a second file with the other side of the call"
    )
    parser.add_argument(
        "--channel",
        type=_channel,
        metavar="N",
        help="use this channel only, counted from 0; `mix` treats all channels as one speaker, `both` treats "
        "two channels as two speakers; by default the voices found decide",
    )
    parser.add_argument(
        "--track",
        type=_track,
        metavar="N",
        help="use this audio track of FILE, counted from 0; by default the first one with speech",
    )
    parser.add_argument("--with-track", type=_track, metavar="N", help="use this audio track of OTHER")
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="profile to use: a name or a TOML file (%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each FILE")
    parser.add_argument(
        "--plot",
        metavar="PNG",
        help="draw everything that was measured as a picture: .png, .svg or .pdf (needs sottovoce[plot])",
    )
    parser.add_argument(
        "--plot-span",
        nargs=2,
        type=float,
        default=(0.0, math.inf),
        metavar=("FROM", "TO"),
        help="draw only this span, in seconds",
    )
    parser.add_argument(
        "--block",
        type=_block,
        metavar="N",
        help="process the audio in blocks of N samples; the result is the same",
    )
    words.add_options(parser)
    words.add_recognition(parser)
    assistant.add_options(
        parser, "The words of the first speaker and the question are sent, and only after you agree."
    )
    assistant.add_agreement(parser)
    keep.add_options(parser, "each FILE")
    keep.add_speaker(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Analyse every file; one that fails costs only itself.

    Returns
    -------
    int
        Exit code: 0, 2 where a file cannot be used, 1 where the analysis itself failed.
    """
    from engine.shipped.profiles import load
    from engine.warm import warm_up

    profile = load(args.profile)
    for option in ("other", "plot"):
        if getattr(args, option) is not None and len(args.files) > 1:
            name = "--with" if option == "other" else "--plot"
            raise UsageError(
                f"{name} works with one FILE, not with {len(args.files)}: run the command once per file"
            )
    if args.plot is not None:
        if find_spec("matplotlib") is None:
            raise UsageError(NO_PLOTS)
        from .plot import check_path

        check_path(args.plot)
        start_s, end_s = args.plot_span
        if not 0 <= start_s < end_s:
            raise UsageError(
                f"--plot-span {start_s:g} {end_s:g}: must be two times in seconds, the earlier first"
            )
    words.check_options(args)
    where = assistant.endpoint(args)
    if where is not None:
        assistant.check_agreement(args.assistant_agree)
    keeper = keep.keeper(args)
    spoken = None
    if args.words:
        from engine.media.files.spoken import spoken_words

        spoken = spoken_words(
            args.question or "",
            args.words_mode or "afterwards",
            args.words_model or "moonshine",
            args.me or 0,
        )
    warm_up()
    code = 0
    for file in args.files:
        try:
            _one(file, profile, args, spoken, where, keeper)
        except SottovoceError as error:
            print(f"sottovoce: {error}", file=sys.stderr)
            code = code or 2
        except BrokenPipeError:
            raise
        except Exception as error:  # a mistake of ours: it must not cost the other files
            at = traceback.extract_tb(error.__traceback__)[-1]
            print(
                f"sottovoce: {shown(file)}: the analysis failed because of a bug: {error!r} "
                f"({Path(at.filename).name}:{at.lineno}); try the file as FLAC or WAV",
                file=sys.stderr,
            )
            code = 1
    if keeper is not None:
        keeper.close()
    return code


def _one(
    file: str,
    profile: Profile,
    args: argparse.Namespace,
    spoken: SpokenWords | None,
    where: Endpoint | None,
    keeper: keep.Keeper | None,
) -> None:
    from engine.media.files.analysis import analyze
    from engine.media.files.recording import Recording

    if args.other is None:
        recordings = [Recording(file, args.channel, track=args.track)]
    else:
        recordings = [
            Recording(path, args.channel, track=track, one_side=True)
            for path, track in ((file, args.track), (args.other, args.with_track))
        ]
    if args.me == 1 and [recording.speakers for recording in recordings] != [2]:
        raise UsageError(keep.ONE_SPEAKER.format(file=recordings[0].name))
    track = None
    if args.plot is not None:
        from .track import Track

        track = Track(*args.plot_span)
    sound = None if keeper is None else keeper.sound(args.me)
    pitch = None if keeper is None else keeper.pitch(args.me)

    def hand_out(channel: int, part: Samples | int) -> None:
        if track is not None:
            track.on_samples(channel, part)
        if sound is not None:
            sound.take(channel, part)

    def tell(event: AnyEvent) -> None:
        if track is not None:
            track.on_event(event)
        if pitch is not None:
            pitch.observe(event)

    with _progress(recordings) as on_progress:
        analysis = analyze(
            recordings,
            profile,
            block_samples=args.block,
            on_event=None if track is None and pitch is None else tell,
            on_frame=None if track is None else track.on_frame,
            on_samples=None if track is None and sound is None else hand_out,
            on_progress=on_progress,
            words=spoken,
        )
    for recording in recordings:
        _remark(recording)
    _show(analysis, profile, args, where)
    if keeper is not None and pitch is not None:
        keeper.keep_recording(file, analysis, args.me, args.question or "", sound, pitch)
    if track is not None:
        from .plot import draw

        draw(track, analysis, profile, args.plot)
        print(f"picture written to {shown(args.plot)}", file=sys.stderr)


def _show(analysis: Analysis, profile: Profile, args: argparse.Namespace, where: Endpoint | None) -> None:
    """Print an analysis, and what the assistant says of the first speaker's words."""
    if args.json:
        import msgspec

        try:
            if where is not None:
                advice = assistant.advise(analysis.reviews[0], where, agreed=args.assistant_agree)
                analysis = msgspec.structs.replace(analysis, advice=advice)
        finally:  # whatever became of the advice
            print(msgspec.json.encode(analysis).decode())
        return
    from rich.console import Console

    from clients.terminal.review import render_advice

    from .report import render

    console = Console(highlight=False)
    console.print(render(analysis, profile))
    if where is not None:
        advice = assistant.advise(analysis.reviews[0], where, agreed=args.assistant_agree)
        if advice is not None:
            console.print(render_advice(advice, analysis.reviews[0].words))


def _remark(recording: Recording) -> None:
    """Say what a person should know of how a file was taken."""
    for remark in recording.remarks():
        print(f"{recording.name}: {remark}", file=sys.stderr)


@contextmanager
def _progress(recordings: list[Recording]) -> Iterator[Callable[[float], None] | None]:
    """Progress bar on a terminal for what takes a while."""
    total_s = max((recording.length_s or 0.0) for recording in recordings)
    if total_s < LONG_S or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(shown(recordings[0].path.name), total=total_s)
        yield lambda heard_s: bar.update(task, completed=heard_s)


def _channel(text: str) -> Which:
    if text == "mix":
        return "mix"
    if text == "both":
        return "both"
    if text.isascii() and text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: must be a channel number (0 or more), mix, or both")


def _track(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: must be the number of an audio track (0 or more)")


def _block(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r}: must be a number of samples (1 or more)")
