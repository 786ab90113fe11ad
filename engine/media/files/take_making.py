"""Make a take of a recording for a server, see :mod:`.take_worker`.

A :class:`TakeJob` comes as a line, and is answered by lines of :data:`TakeAnswer`. Nothing is written but the
sound, to an open file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO

import msgspec

from engine.core.exercise_pitch import RecordingPitch
from engine.errors import AudioFileError, SottovoceError
from engine.protocol import events as ev
from engine.protocol.new_take import LEAST_SPEECH_S
from engine.protocol.recording_upload import (
    RecordingHeard,
    RecordingOfTwo,
    RecordingRefused,
    SpeakerHeard,
)

from .analysis import Analysis, analyze
from .recorded_take import SpeakerSound, recorded_take
from .recording import Recording
from .take_job import TakeAnswer, TakeJob, TakeMade

TOLD_EVERY_S = 10.0
"""Of the recording, between two lines that say how far it was heard."""

LONGEST_S = 4 * 3600.0
"""Longest recording."""

TOO_LONG = "{name}: longer than 4 hours; cut it into parts"
TOO_LITTLE = "Hardly any speech was heard in it, so there is nothing to keep."


def serve(job_line: IO[bytes], answers: IO[bytes]) -> None:
    """Make the take of one job; where none comes nobody wants it any more."""

    def answer(one: TakeAnswer) -> None:
        answers.write(msgspec.json.encode(one) + b"\n")
        answers.flush()

    line = job_line.readline()
    if not line:
        return
    job = msgspec.json.decode(line, type=TakeJob)
    path = f"/dev/fd/{job.file}"
    try:
        answer(made(job, path, answer))
    except SottovoceError as error:
        said = str(error).replace(path, job.name)
        answer(RecordingRefused(why=f"{said}."))


def made(job: TakeJob, path: str, tell: Callable[[RecordingHeard], None]) -> TakeAnswer:
    """Return what becomes of a recording.

    Raises
    ------
    AudioFileError
        It can't be used.
    ModelError
        Words are wanted, and a package for them is missing.
    """
    recording = Recording(path, "mix" if job.speaker == "all" else None)
    if (recording.length_s or 0.0) > LONGEST_S:
        raise AudioFileError(TOO_LONG.format(name=job.name))
    asks = recording.speakers == 2 and job.speaker is None
    speaker = job.speaker if recording.speakers == 2 and isinstance(job.speaker, int) else 0
    sound = SpeakerSound(speaker) if job.kept.sound and not asks else None
    words = None
    if job.words and not asks:
        from .spoken import spoken_words

        words = spoken_words(job.question, "afterwards", "moonshine", speaker)
    pitch = RecordingPitch(speaker)
    analysis = analyze(
        [recording],
        job.profile,
        on_event=pitch.observe if job.purpose else None,
        on_progress=_Progress(job.name, recording.length_s, tell).heard,
        on_samples=None if sound is None else sound.take,
        words=words,
    )
    if asks:
        return RecordingOfTwo(speakers=[_speaker(analysis, channel) for channel in range(2)])
    if analysis.measures[speaker].speech_s < LEAST_SPEECH_S:
        return RecordingRefused(why=TOO_LITTLE)
    if sound is not None:
        with os.fdopen(job.sound, "wb") as file:
            file.write(sound.finish())
    take = recorded_take(
        analysis,
        speaker,
        id=job.id,
        ended=job.ended,
        kept=job.kept,
        title=os.path.splitext(job.name)[0],
        question=job.question,
        purpose=job.purpose,
    )
    return TakeMade(take=take, captured=pitch.figures)


class _Progress:
    """Tells now and then how far a recording was heard, and refuses one that doesn't end."""

    def __init__(self, name: str, length_s: float | None, tell: Callable[[RecordingHeard], None]) -> None:
        self._name = name
        self._length_s = length_s
        self._tell = tell
        self._due_s = 0.0

    def heard(self, heard_s: float) -> None:
        if heard_s > LONGEST_S:
            raise AudioFileError(TOO_LONG.format(name=self._name))
        if heard_s >= self._due_s:
            self._due_s = heard_s + TOLD_EVERY_S
            self._tell(RecordingHeard(heard_s=heard_s, length_s=self._length_s))


def _speaker(analysis: Analysis, channel: int) -> SpeakerHeard:
    starts = [
        event.start_s
        for event in analysis.events
        if isinstance(event, ev.SpeechStarted) and event.channel == channel
    ]
    speech_s = analysis.measures[channel].speech_s
    return SpeakerHeard(speech_s=speech_s, starts_s=starts[0] if starts else None)
