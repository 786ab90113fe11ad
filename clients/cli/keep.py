"""``--keep``: put a recording, or a drill, into the record as a take of one's own."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError

from .kept_record import add_place_options, open_record

if TYPE_CHECKING:
    from engine.core.exercise_pitch import RecordingPitch
    from engine.media.files.analysis import Analysis
    from engine.media.files.recorded_take import SpeakerSound
    from engine.programme.script import Exercise
    from engine.protocol.drill_results import Card
    from engine.protocol.kept import Kept
    from engine.protocol.messages import Summary
    from engine.protocol.review import AnswerReview
    from engine.protocol.take import Take
    from engine.store.record import Record

MOST_PURPOSE = 100
"""Characters of a purpose, as in :mod:`engine.protocol.messages`."""

SWITCHES = ("figures", "words", "sound")
"""Those of :class:`engine.protocol.kept.Kept`, too much for help."""

ALLOWED = "as allowed"
"""What ``--keep`` alone means."""

NEVER_ASKED = (
    "nothing may be kept yet: say what, as in --keep figures,words,sound, or once for all on the page "
    "(sottovoce serve, Takes)"
)

WHICH_SPEAKER = "{file}: two speakers; say which one you are, so that only yours is kept: --me 0 or --me 1"

ONE_SPEAKER = (
    "{file}: one speaker, who is kept without --me; --me 1 is for a recording with two (with --with, "
    "FILE is yours)"
)

TOO_LITTLE = "too little was heard to keep this take"


def add_options(parser: Any, what: str) -> None:
    """Add the options that keep a take of ``what``."""
    parser.add_argument(
        "--keep",
        nargs="?",
        const=ALLOWED,
        metavar="WHAT",
        help=f"keep {what} as a take in your record; WHAT of it: figures, words and sound, with commas "
        "between them; without it, what you have allowed on the page",
    )
    add_place_options(parser)
    parser.add_argument(
        "--purpose",
        type=_purpose,
        metavar="NAME",
        help="what the take was made for, as `sottovoce programme today` names it: exercise:pep",
    )
    parser.add_argument(
        "--programme",
        metavar="NAME",
        help="programme of that exercise: a name or a TOML file (the shipped one by default)",
    )


def add_speaker(parser: Any) -> None:
    """Add the option that says who one is in a recording of two."""
    parser.add_argument(
        "--me",
        type=int,
        choices=(0, 1),
        help="which speaker of a FILE with two you are, counted from 0: nothing of the other one is kept",
    )


def _purpose(text: str) -> str:
    if len(text) > MOST_PURPOSE:
        raise argparse.ArgumentTypeError(f"at most {MOST_PURPOSE} characters, not {len(text)}")
    return text


class Keeper:
    """Keeps takes in the record of the person at the terminal, and says so on the error stream.

    Parameters
    ----------
    record : where to.
    kept : what is kept of each.
    purpose : what each was made for; may be empty.
    exercises : of the programme.
    """

    def __init__(self, record: Record, kept: Kept, purpose: str, exercises: Sequence[Exercise]) -> None:
        self._record = record
        self._kept = kept
        self._purpose = purpose
        self._exercises = exercises

    def close(self) -> None:
        """Close the record."""
        self._record.close()

    def sound(self, speaker: int | None = None) -> SpeakerSound | None:
        """Return what takes the sound of a speaker; None where it is not kept."""
        from engine.media.files.recorded_take import SpeakerSound

        return SpeakerSound(speaker or 0) if self._kept.sound else None

    def pitch(self, speaker: int | None = None) -> RecordingPitch:
        """Return what measures how a speaker's statements end, from the events."""
        from engine.core.exercise_pitch import RecordingPitch

        return RecordingPitch(speaker or 0)

    def keep_recording(
        self,
        file: str,
        analysis: Analysis,
        me: int | None,
        question: str,
        sound: SpeakerSound | None,
        pitch: RecordingPitch,
    ) -> None:
        """Keep a recording as a take.

        Parameters
        ----------
        me : the speaker of a file with two who is kept; None where that was not said.

        Raises
        ------
        UsageError
            It has two speakers, and which one is meant was not said.
        RecordUnavailable
            The record can't be written.
        """
        from engine.media.files.recorded_take import has_two_speakers, recorded_take

        two_in_one = has_two_speakers(analysis)
        if two_in_one and me is None:
            raise UsageError(WHICH_SPEAKER.format(file=analysis.file))
        take = recorded_take(
            analysis,
            (me or 0) if two_in_one else 0,
            id=secrets.token_hex(9),
            ended=datetime.fromtimestamp(Path(file).stat().st_mtime, UTC).astimezone(),
            kept=self._kept,
            title=Path(file).stem,
            question=question,
            purpose=self._purpose,
        )
        self._put(take, sound, pitch.figures)

    def keep_drill(
        self,
        summary: Summary,
        card: Card,
        question: str,
        review: AnswerReview | None,
        begun_at: datetime,
        sound: SpeakerSound | None,
    ) -> None:
        """Keep a drill as a take.

        Raises
        ------
        RecordUnavailable
            The record can't be written.
        """
        from engine.protocol.new_take import new_take

        take = new_take(
            summary,
            id=secrets.token_hex(9),
            kind="drill",
            begun_at=begun_at,
            kept=self._kept,
            question=question,
            purpose=self._purpose,
            card=card,
            review=review,
        )
        self._put(take, sound, {})

    def _put(self, take: Take, sound: SpeakerSound | None, captured: Mapping[str, float]) -> None:
        """Keep a take with its sound; one in which nobody was heard is not kept, and that is said."""
        from msgspec.structs import replace

        from engine.programme.exercise_scores import needs_usual_pitch, take_scored
        from engine.programme.progress import USUAL_TAKES
        from engine.protocol.new_take import LEAST_SPEECH_S
        from engine.server.settings import ME

        if take.measures is None or take.measures.speech_s < LEAST_SPEECH_S:
            print(f"sottovoce: not kept: {TOO_LITTLE}", file=sys.stderr)
            return
        packets = None if sound is None else sound.finish()
        if not packets:
            take = replace(take, kept=replace(take.kept, sound=False))
        needed = needs_usual_pitch(take.purpose, self._exercises)
        newest = self._record.takes(ME, limit=USUAL_TAKES) if needed else []
        earlier = self._record.these(ME, [entry.id for entry in newest])
        self._record.put(ME, take_scored(take, captured, earlier, self._exercises), packets)
        print(f"kept as take {take.id}", file=sys.stderr)


def keeper(args: argparse.Namespace) -> Keeper | None:
    """Open the record for ``--keep``; None without it.

    Raises
    ------
    UsageError
        An option that means nothing, a programme that can't be used, or nothing may be kept.
    RecordUnavailable
        The record can't be opened.
    """
    if args.keep is None:
        for name in ("me", "store", "record_key", "purpose", "programme"):
            if getattr(args, name, None) is not None:
                raise UsageError(f"--{name.replace('_', '-')} needs --keep")
        return None
    wanted = None if args.keep == ALLOWED else _switches(args.keep)
    from engine.server.settings import ME
    from engine.shipped import programmes
    from engine.store.sounds import NEEDS_KEY

    programme = programmes.load(args.programme or programmes.DEFAULT)
    record = open_record(args.store, args.record_key)
    kept = record.kept(ME) if wanted is None else wanted
    why = NEVER_ASKED if kept is None or not kept.anything else ""
    if kept is None or why or (kept.sound and record.needs_key):
        record.close()
        raise UsageError(why or NEEDS_KEY)
    return Keeper(record, kept, args.purpose or "", programme.exercise)


def _switches(text: str) -> Kept:
    from engine.protocol.kept import Kept

    names = [name.strip() for name in text.split(",")]
    wrong = [name for name in names if name not in SWITCHES]
    if wrong:
        raise UsageError(f"--keep {wrong[0]!r}: must be some of {', '.join(SWITCHES)}")
    return Kept(**dict.fromkeys(names, True))
