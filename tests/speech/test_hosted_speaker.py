"""One speaker in the recognition process: bounded, in order, and the same in any block size."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.language.transcript import Transcript
from engine.media.resample import Samples
from engine.speech import hosted_speaker
from engine.speech.hosted_speaker import HostedSpeaker
from engine.speech.recogniser import Final, Missed, Partial, Result
from engine.speech.wire import AskReview, Begin, Heard, Reviewed
from engine.speech.worker import Worker
from tests.harness.loudness_recogniser import LoudnessRecogniser, open_loudness
from tests.harness.loudness_recogniser import review as made


def loud(seconds: float) -> Samples:
    return np.full(round(seconds * RATE_HZ), 0.1, np.float32)


def worked(speaker: HostedSpeaker) -> list[Result]:
    results: list[Result] = []
    speaker.finishing = True
    while speaker.has_work:
        results += speaker.work()
    return [one for one in results if not isinstance(one, Partial)]


def test_results_are_the_same_in_any_block_size() -> None:
    whole = np.concatenate([loud(1.3), np.zeros(RATE_HZ, np.float32), loud(2.0)])
    found = []
    for block in (37, 320, 4000, whole.size):
        speaker = HostedSpeaker(open_loudness, "live")
        for start in range(0, whole.size, block):
            speaker.hear(800 + start, whole[start : start + block])
        found.append(worked(speaker))
    assert found[0]
    assert all(one == found[0] for one in found)


def test_sound_that_waits_is_bounded_and_the_oldest_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted_speaker, "HELD", 10 * RATE_HZ)
    speaker = HostedSpeaker(open_loudness, "afterwards")
    for n in range(100):
        speaker.hear(n * RATE_HZ, loud(1))
        assert speaker.waiting <= 10 * RATE_HZ
    assert len(speaker._queue) <= 11
    assert speaker.taken == 100 * RATE_HZ
    results = worked(speaker)
    assert [one for one in results if isinstance(one, Missed)] == [Missed(0.0, 90.0, "busy")]
    words = [word for one in results if isinstance(one, Final) for word in one.words]
    assert len(words) == 20
    assert words[0].start_s == pytest.approx(90.1)


def test_samples_that_are_no_audio_are_lost() -> None:
    speaker = HostedSpeaker(open_loudness, "live")
    speaker.hear(0, loud(1))
    speaker.hear(RATE_HZ, np.full(RATE_HZ, np.nan, np.float32))
    speaker.hear(2 * RATE_HZ, loud(0.5))
    results = worked(speaker)
    assert [one for one in results if isinstance(one, Missed)] == [Missed(1.0, 2.0, "lost")]
    assert speaker.taken == round(2.5 * RATE_HZ)


def test_sixteen_bits_keep_the_sound() -> None:
    heard: list[Samples] = []

    class Keeping(LoudnessRecogniser):
        def process(self, samples: Samples) -> list[Result]:
            heard.append(samples)
            return []

    speaker = HostedSpeaker(lambda mode: Keeping(mode), "afterwards")
    given = np.random.default_rng(1).uniform(-1, 1, RATE_HZ).astype(np.float32)
    speaker.hear(0, given)
    worked(speaker)
    assert np.abs(np.concatenate(heard) - given).max() <= 1 / 32768


def test_what_reviews_need_is_loaded_once_there_is_nothing_else_to_do() -> None:
    loaded: list[str] = []
    worker = Worker(
        open_loudness,
        lambda transcript, question: made(transcript, question, None),
        lambda: loaded.append("it"),
    )
    assert not worker.busy
    list(worker.receive(Begin(1, "live")))
    list(worker.receive(Heard(1, 0, loud(1).tobytes())))
    while worker.busy:
        assert not loaded
        list(worker.work())
    assert loaded == ["it"]
    list(worker.receive(AskReview(1, "", Transcript.of_text("We."))))
    (answer,) = worker.work()
    assert isinstance(answer, Reviewed)
    assert loaded == ["it"]
