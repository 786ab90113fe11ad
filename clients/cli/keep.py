"""``--keep``: put a recording into the record as a take of one's own."""

from __future__ import annotations

import argparse
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.media.files.analysis import Analysis
    from engine.media.resample import Samples
    from engine.protocol.kept import Kept
    from engine.store.record import Record

MOST_PURPOSE = 100
"""Characters of a purpose, as in :mod:`engine.protocol.messages`."""

SWITCHES = ("figures", "words", "sound")

ALLOWED = "as allowed"
"""What ``--keep`` alone means."""

NEVER_ASKED = (
    "nothing may be kept yet: say what, as in --keep figures,words,sound, or once for all on the page "
    "(sottovoce serve, Takes)"
)

WHICH_SPEAKER = "{file}: two speakers; say which one you are, so that only yours is kept: --me 0 or --me 1"


def add_options(parser: Any) -> None:
    """Add the options that keep a take."""
    parser.add_argument(
        "--keep",
        nargs="?",
        const=ALLOWED,
        metavar="WHAT",
        help="keep each FILE as a take in your record; WHAT of it: figures, words and sound, with commas "
        "between them; without it, what you have allowed on the page",
    )
    parser.add_argument(
        "--me",
        type=int,
        choices=(0, 1),
        help="which speaker of a FILE with two you are, counted from 0: nothing of the other one is kept",
    )
    parser.add_argument(
        "--store",
        metavar="WHERE",
        help="where takes are kept: a folder, or postgresql://… (the user's data folder)",
    )
    parser.add_argument(
        "--purpose",
        type=_purpose,
        metavar="NAME",
        help="what the take was made for, as `sottovoce programme today` names it: exercise:pep",
    )


def _purpose(text: str) -> str:
    if len(text) > MOST_PURPOSE:
        raise argparse.ArgumentTypeError(f"at most {MOST_PURPOSE} characters, not {len(text)}")
    return text


class Keeper:
    """Keeps analysed recordings in the record of the person at the terminal.

    Parameters
    ----------
    record : where to.
    kept : what is kept of each.
    me : the speaker of a file with two who is kept; None where that was not said.
    purpose : what each was made for; may be empty.
    """

    def __init__(self, record: Record, kept: Kept, me: int | None, purpose: str) -> None:
        self._record = record
        self._kept = kept
        self._me = me
        self._purpose = purpose

    def close(self) -> None:
        """Close the record."""
        self._record.close()

    def sound(self) -> SpeakerSound | None:
        """Return what takes the sound of a recording; None where it is not kept."""
        return SpeakerSound(self._me or 0) if self._kept.sound else None

    def keep(self, file: str, analysis: Analysis, question: str, sound: SpeakerSound | None) -> str:
        """Keep a recording as a take, and return its id.

        Raises
        ------
        UsageError
            It has two speakers, and which one is meant was not said.
        RecordUnavailable
            The record can't be written.
        """
        from msgspec.structs import fields, replace

        from engine.protocol.measures import ChannelMeasures
        from engine.protocol.take import Take, figures_of
        from engine.server.settings import ME

        two_in_one = len(analysis.measures) == 2 and analysis.other_file is None
        if two_in_one and self._me is None:
            raise UsageError(WHICH_SPEAKER.format(file=analysis.file))
        me = (self._me or 0) if two_in_one else 0
        measured = analysis.measures[me]
        review = analysis.reviews[me] if analysis.reviews else None
        measures, parts, found = (None, [], []) if review is None else figures_of(review)
        ended = datetime.fromtimestamp(Path(file).stat().st_mtime, UTC).astimezone()
        packets = None if sound is None else sound.finish()
        kept = self._kept if packets else replace(self._kept, sound=False)
        take = Take(
            id=secrets.token_hex(9),
            kind="recording",
            begun_at=ended - timedelta(seconds=analysis.duration_s),
            duration_s=analysis.duration_s,
            profile=analysis.profile,
            kept=kept,
            title=Path(file).stem,
            question=question,
            purpose=self._purpose,
            measures=ChannelMeasures(
                **{one.name: getattr(measured, one.name) for one in fields(ChannelMeasures)}
            ),
            findings=analysis.findings[me],
            nudges=[replace(nudge, channel=0) for nudge in analysis.nudges if nudge.channel == me],
            word_measures=measures,
            parts=parts,
            found=found,
            review=review,
        )
        self._record.put(ME, take, packets)
        return take.id


class SpeakerSound:
    """The sound of one speaker of a recording, encoded as it is read.

    Parameters
    ----------
    channel : of the analysis.
    """

    def __init__(self, channel: int) -> None:
        from engine.media.files.ogg_opus import StreamEncoder

        self._channel = channel
        self._encoder = StreamEncoder()

    def take(self, channel: int, part: Samples | int) -> None:
        """Take the next samples of a channel, or the number of samples lost."""
        if channel == self._channel:
            self._encoder.feed(part)

    def finish(self) -> bytes:
        """Return the Ogg Opus file."""
        return self._encoder.finish()


def keeper(args: argparse.Namespace) -> Keeper | None:
    """Open the record for ``--keep``; None without it.

    Raises
    ------
    UsageError
        An option that means nothing, or nothing may be kept.
    RecordUnavailable
        The record can't be opened.
    """
    if args.keep is None:
        for name in ("me", "store", "purpose"):
            if getattr(args, name) is not None:
                raise UsageError(f"--{name} needs --keep")
        return None
    wanted = None if args.keep == ALLOWED else _switches(args.keep)
    from engine.server.settings import ME
    from engine.store.record import Record

    record = Record.open(args.store)
    kept = record.kept(ME) if wanted is None else wanted
    if kept is None or not kept.anything:
        record.close()
        raise UsageError(NEVER_ASKED)
    return Keeper(record, kept, args.me, args.purpose or "")


def _switches(text: str) -> Kept:
    from engine.protocol.kept import Kept

    names = [name.strip() for name in text.split(",")]
    wrong = [name for name in names if name not in SWITCHES]
    if wrong:
        raise UsageError(f"--keep {wrong[0]!r}: must be some of {', '.join(SWITCHES)}")
    return Kept(**dict.fromkeys(names, True))
