"""Live words are heard again: which ones are replaced, when, and how much sound is kept for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.language.transcript import bare
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer, silence
from engine.protocol.words import Word
from engine.speech.hosted_speaker import HostedSpeaker
from engine.speech.open import open_corrected, open_recogniser
from engine.speech.recogniser import Abilities, Corrected, Final, Missed, Mode, Partial, Result
from engine.speech.second_pass import (
    BEHIND,
    BEHIND_S,
    KEPT,
    UNIT,
    CorrectedRecogniser,
    SecondPass,
    counterparts,
)
from engine.speech.wire import Answer, Begin, Drop, Finish, Finished, Heard, Request, Settled, Told
from engine.speech.worker import Worker
from engine.speech.yielding import stand_aside
from tests.harness.loudness_recogniser import LoudnessRecogniser, open_loudness, open_mending
from tests.harness.loudness_recogniser import review as made


def loud(seconds: float) -> Samples:
    return np.full(round(seconds * RATE_HZ), 0.1, np.float32)


def said(text: str, start_s: float = 0.0, step_s: float = 0.4) -> list[Word]:
    """Words one after the other, each a little shorter than a step."""
    return [
        Word(text=one, start_s=start_s + n * step_s, end_s=start_s + (n + 0.9) * step_s, confidence=0.8)
        for n, one in enumerate(text.split())
    ]


class Scripted:
    """Says given words when it is done."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.abilities = Abilities("scripted", ("en",), ("afterwards",), True)
        self.heard = 0
        self.lost = 0
        self._words = list(words)

    def process(self, samples: Samples) -> list[Result]:
        self.heard += samples.size
        return []

    def process_lost(self, samples: int) -> list[Result]:
        self.lost += samples
        return []

    def finish(self) -> list[Result]:
        return [Final(self._words, self.heard / RATE_HZ)] if self._words else []


def corrected(live: Sequence[Word], better: Sequence[Word]) -> list[Corrected]:
    second = SecondPass(Scripted(better))
    second.keep(loud(20))
    assert second.note(live) == list(live)
    second.finish()
    found = []
    while second.has_work:
        found += second.work()
    return found


def applied(live: Sequence[Word], corrections: Sequence[Corrected]) -> list[str]:
    """The text once each correction has replaced the words whose middle lies in it."""
    words = list(live)
    for one in corrections:
        assert one.words
        assert all(one.start_s <= word.start_s <= word.end_s <= one.end_s for word in one.words)
        kept = [w for w in words if not one.start_s <= (w.start_s + w.end_s) / 2 <= one.end_s]
        words = sorted([*kept, *one.words], key=lambda word: word.start_s)
    return [word.text for word in words]


@pytest.mark.parametrize(
    ("live", "better", "offset_s"),
    [
        ("we cut it in half", "we cut it in half", 0.0),
        ("we cat it in half", "we cut it in half", 0.0),
        ("we cut it in hall", "we cut it in half", 0.3),
        ("he cut it in half", "we cut it in half", -0.3),
        ("we we cut it in half", "we cut it in half", 0.2),
        ("we cut in half", "we cut it in half", 0.1),
        ("cut it in half", "we cut it in half", -0.35),
        ("a b c d e", "we cut it in half", 0.1),
    ],
)
def test_a_correction_replaces_what_was_said_there_whatever_times_say(
    live: str, better: str, offset_s: float
) -> None:
    before, after = said("It was slow.", 0.0), said("Then we slept.", 7.0)
    found = corrected([*before, *said(live, 4.0), *after], said(better, 4.0 + offset_s))
    assert applied([*before, *said(live, 4.0), *after], found) == [
        *["It", "was", "slow."],
        *better.split(),
        *["Then", "we", "slept."],
    ]
    assert len(found) == (live != better)


def test_only_what_differs_is_corrected() -> None:
    (one,) = corrected(said("we cat it in half"), said("we cut it in half"))
    assert [word.text for word in one.words] == ["cut"]
    assert one.known_s == 20.0


@pytest.mark.parametrize(
    ("live", "better", "heard"),
    [
        ("we um cat it in half", "we - cut it in half", "we um cut it in half"),
        ("we Um, cut it uh in half", "we - cut it - in half", "we Um, cut it uh in half"),
        ("we um cut it in half", "we uh cut it in half", "we uh cut it in half"),
        ("we um it in half", "we cut it in half", "we cut it in half"),
    ],
)
def test_a_filled_pause_stays_where_the_second_pass_wrote_nothing(live: str, better: str, heard: str) -> None:
    told = said(live)
    wrote = [word for word in said(better) if word.text != "-"]
    assert applied(told, corrected(told, wrote)) == heard.split()


def test_words_that_the_second_pass_did_not_hear_at_all_stay() -> None:
    assert corrected(said("we cut it in half"), []) == []
    live = [*said("some of it", 1.0), *said("was lost", 12.0)]
    assert applied(live, corrected(live, said("was last", 12.0))) == ["some", "of", "it", "was", "last"]


def test_a_word_at_a_cut_is_neither_doubled_nor_lost() -> None:
    live = said("we cut it in half and then we slept")
    found = corrected(live, said("we cut it in hall"))
    assert applied(live, found) == ["we", "cut", "it", "in", "hall", "and", "then", "we", "slept"]
    assert counterparts(live, said("we cut it", 0.1)) == (0, 3)


def test_live_words_that_come_after_their_correction_are_not_told() -> None:
    second = SecondPass(Scripted(said("we cut it in half")))
    second.keep(loud(20))
    second.note(said("we cat it"))
    second.finish()
    while second.has_work:
        second.work()
    late = said("we cat it in half and")[3:]
    assert [word.text for word in second.note(late)] == ["and"]


def test_sound_that_began_in_the_middle_of_speech_corrects_nothing_at_its_start() -> None:
    second = SecondPass(Scripted(said("tation of it was fine", 0.1)), RATE_HZ, cut=True)
    second.keep(loud(5))
    second.note(said("the presentation of it was good", 0.3))
    second.finish()
    (one,) = [one for _ in range(20) if second.has_work for one in second.work()]
    assert [word.text for word in one.words] == ["fine"]


def test_sound_is_kept_no_longer_than_a_minute_and_the_oldest_is_left_out() -> None:
    script = Scripted([])
    second = SecondPass(script)
    for _ in range(300):
        second.keep(loud(1))
        second.note(said("word", second._end / RATE_HZ - 1))
        assert second.kept <= KEPT
    assert len(second._queue) <= KEPT // UNIT + 1
    assert len(second._live) < 120
    second.finish()
    while second.has_work:
        second.work()
    assert (script.heard, script.lost) == (KEPT, 300 * RATE_HZ - KEPT)


def test_it_stays_behind_the_live_words_until_there_are_no_more() -> None:
    second = SecondPass(Scripted([]))
    second.keep(loud(BEHIND_S))
    assert not second.has_work
    second.keep(loud(1))
    worked = 0
    while second.has_work:
        second.work()
        worked += 1
    assert (worked, second.kept) == (2, BEHIND)


# --- of a speaker in the process -------------------------------------------------------


def spoken(worker: Worker, stream: int, seconds: int, since_s: int = 0) -> list[Answer]:
    """Let a worker hear a speaker, as in a call: what comes in is recognised before more comes."""
    answers: list[Answer] = []
    for n in range(since_s, since_s + seconds):
        answers += [*asked(worker, Heard(stream, n * RATE_HZ, loud(1).tobytes())), *worked(worker)]
    return answers


def asked(worker: Worker, *requests: Request) -> list[Answer]:
    return [answer for request in requests for answer in worker.receive(request)]


def worked(worker: Worker) -> list[Answer]:
    answers: list[Answer] = []
    while worker.busy:
        answers += worker.work()
    return answers


def begun(opener: object = open_mending) -> Worker:
    worker = Worker(opener, lambda transcript, question: made(transcript, question, None))  # type: ignore[arg-type]
    worker._prepare = None
    return worker


def corrections(answers: Sequence[Answer], stream: int = 1) -> list[Corrected]:
    told = [one for one in answers if isinstance(one, Told) and one.stream == stream]
    return [one for told_ in told for one in told_.results if isinstance(one, Corrected)]


def test_what_was_said_is_corrected_in_stream_time_and_the_rest_at_the_end() -> None:
    worker = begun()
    assert not asked(worker, Begin(1, "live", True))[1:]
    answers = spoken(worker, 1, 6, since_s=10)
    early = corrections(answers)
    assert [one.words[0].text for one in early] == ["louder"] * 3
    assert early[0].start_s == pytest.approx(10.6)
    rest = asked(worker, Finish(1)) + worked(worker)
    assert [type(one) for one in rest if not isinstance(one, Told)] == [Settled, Finished]
    assert len(corrections(rest)) == 3
    assert not worker._speakers


@pytest.mark.parametrize("request_", [Drop(1), Begin(1, "live", False), Begin(1, "phrase", False)])
def test_who_takes_it_back_has_their_kept_sound_forgotten_at_once(request_: Request) -> None:
    worker = begun()
    asked(worker, Begin(1, "live", True))
    spoken(worker, 1, 5)
    (speaker,) = worker._speakers.values()
    assert speaker.second is not None
    assert speaker.second.kept > 0
    asked(worker, request_)
    assert speaker.second is None or not worker._speakers
    assert not corrections(worked(worker) + asked(worker, Finish(1)) + worked(worker))


def test_without_being_asked_for_no_sound_is_kept() -> None:
    for mode, correct in (("live", False), ("phrase", True), ("afterwards", True)):
        worker = begun()
        asked(worker, Begin(1, mode, correct))  # type: ignore[arg-type]
        spoken(worker, 1, 5)
        assert worker._speakers[1].second is None


class Pondering(LoudnessRecogniser):
    """Afterwards it stands aside in the middle of each block."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(mode)
        self.mode = mode

    def process(self, samples: Samples) -> list[Result]:
        if self.mode == "afterwards":
            stand_aside()
        return super().process(samples)


def test_a_second_pass_stands_aside_for_live_words_in_its_middle() -> None:
    worker = begun(Pondering)
    asked(worker, Begin(1, "live", True), Begin(2, "live"))
    sent: list[Answer] = []
    given = [Heard(2, n * RATE_HZ, loud(1).tobytes()) for n in range(3)]

    def attend() -> bool:
        if given:
            sent.extend(asked(worker, given.pop(0)))
        return True

    asked(worker, *(Heard(1, n * RATE_HZ, loud(1).tobytes()) for n in range(4)))
    while worker._speakers[1].has_work:
        list(worker.work())
    worker.attend, worker.send = attend, sent.extend
    list(worker.work())  # one unit of the second pass
    words = [one for one in sent if isinstance(one, Told) and one.results]
    assert {one.stream for one in words} == {2}
    assert len(words) == 6
    assert not given


@pytest.mark.parametrize("request_", [Drop(1), Begin(1, "live", False), None])
def test_a_second_pass_is_given_up_in_its_middle_where_nobody_wants_it_or_is_there(
    request_: Request | None,
) -> None:
    worker = begun(Pondering)
    asked(worker, Begin(1, "live", True))
    asked(worker, Heard(1, 0, loud(4).tobytes()))
    while worker._speakers[1].has_work:
        list(worker.work())
    speaker = worker._speakers[1]
    assert speaker.has_corrections

    def attend() -> bool:
        if request_ is not None:
            asked(worker, request_)
        return request_ is not None

    worker.attend = attend
    assert list(worker.work()) == []


def test_a_second_pass_that_breaks_leaves_the_live_words() -> None:
    def opener(mode: Mode) -> LoudnessRecogniser:
        if mode == "afterwards":
            raise RuntimeError("broken")
        return open_loudness(mode)

    speaker = HostedSpeaker(opener, "live")
    speaker.correct(True)
    speaker.hear(0, loud(5))
    results: list[Result] = []
    while speaker.has_work:
        results += speaker.work()
    assert len([one for one in results if isinstance(one, Final)]) == 10
    assert not speaker.has_corrections


# --- of a recording, by the packaged network ---------------------------------------------


def heard(samples: Samples, block: int) -> list[Result]:
    recogniser = open_corrected("live")
    found: list[Result] = []
    for at in range(0, samples.size, block):
        found += recogniser.process(samples[at : at + block])
    return [one for one in found + recogniser.finish() if not isinstance(one, Partial)]


def test_block_sizes_make_no_difference_and_losses_none_to_what_is_missed() -> None:
    voice = SpeechSynthesizer()
    talk = np.concatenate([silence(0.2), voice.synthesize("We changed the schedule."), silence(1.7)])
    assert heard(talk, 5001) == heard(talk, talk.size)
    lost = CorrectedRecogniser(open_recogniser("live"), open_recogniser("afterwards"))
    told = lost.process(talk) + lost.process_lost(RATE_HZ) + lost.finish()
    assert [one.why for one in told if isinstance(one, Missed)] == ["lost"]
    words = [bare(word.text) for one in told if isinstance(one, Final) for word in one.words]
    assert "schedule" in words
