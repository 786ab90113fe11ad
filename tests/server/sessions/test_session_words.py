"""The words of one session in made-up time: what becomes an event, what is unknown, and what is kept."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.core.session import Session
from engine.media.files.words import WordHearer
from engine.media.resample import Samples
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import events as ev
from engine.protocol import messages
from engine.server.rooms.shared_timeline import SharedTimeline
from engine.server.sessions import session_words
from engine.server.sessions.live_core import LiveCore, SoloCore
from engine.server.sessions.session_words import ENGLISH_ONLY
from engine.shipped.profiles import load
from engine.speech.hosted_speaker import Open
from engine.speech.speech_stream import SpeechStream
from tests.harness.inline_recognition import InlineRecognition, SpokenOwner, mixed
from tests.harness.loudness_recogniser import open_loudness, open_mending

TEXT = "The meeting went well and we agreed on the next steps for the whole team."
BLOCK = 1600


@pytest.fixture(scope="module")
def speech(voice: SpeechSynthesizer) -> Samples:
    return voice.synthesize(TEXT)


def begun(
    core: LiveCore | None = None, opener: Open = open_loudness
) -> tuple[SpokenOwner, InlineRecognition]:
    recognition = InlineRecognition(opener)
    return SpokenOwner(SoloCore(load("conversation")) if core is None else core, recognition), recognition


def hear(owner: SpokenOwner, recognition: InlineRecognition, samples: Samples) -> None:
    for start in range(0, samples.size, BLOCK):
        owner.core.hear(0, samples[start : start + BLOCK])
        owner.send_events()
        recognition.pump()


def words(owner: SpokenOwner) -> list[ev.Word]:
    return [word for event in owner.events if isinstance(event, ev.Words) for word in event.words]


def states(owner: SpokenOwner) -> list[str]:
    return [one.mode for one in owner.told if isinstance(one, messages.WordsState)]


def test_no_sample_is_tapped_before_the_speaker_asks_nor_after_they_take_it_back(speech: Samples) -> None:
    owner, recognition = begun()
    hear(owner, recognition, speech)
    assert (recognition.samples, owner.told) == (0, [])
    owner.words.switch(True)
    hear(owner, recognition, speech)
    assert recognition.samples == speech.size
    assert words(owner)
    owner.words.switch(False)
    hear(owner, recognition, speech)
    assert recognition.samples == speech.size
    assert states(owner) == ["live", "off"]


def test_sound_that_is_kept_to_be_heard_again_is_forgotten_with_a_no(speech: Samples) -> None:
    owner, recognition = begun(opener=open_mending)
    owner.words.switch(True)
    owner.words.set_correcting(True)
    hear(owner, recognition, speech)
    (speaker,) = recognition.worker._speakers.values()
    assert speaker.second is not None
    assert speaker.second.kept > 0
    before = len(corrections(owner))
    owner.words.switch(False)
    assert not recognition.worker._speakers
    hear(owner, recognition, speech)
    assert len(corrections(owner)) == before


def test_who_asks_in_the_middle_of_a_sentence_gets_the_rest_of_it(speech: Samples) -> None:
    owner, recognition = begun()
    hear(owner, recognition, speech[: 2 * RATE_HZ])
    owner.words.switch(True)
    hear(owner, recognition, speech[2 * RATE_HZ :])
    assert min(word.start_s for word in words(owner)) >= 2.0
    transcript = owner.words._builder.transcript()
    assert next(word.start_s for word in transcript.words) < 3.0


def test_another_language_is_said_not_to_be_recognised(speech: Samples) -> None:
    owner, recognition = begun()
    owner.words.switch(True, "de-CH")
    hear(owner, recognition, speech)
    assert owner.told == [messages.WordsState(mode="unavailable", why=ENGLISH_ONLY)]
    assert recognition.samples == 0
    owner.words.switch(True, "en-GB")
    assert states(owner)[-1] == "live"


def test_what_is_played_to_a_silent_speaker_is_no_word_of_theirs(speech: Samples) -> None:
    """Noise that the ears take for no speech: the recogniser hears a word in it, the core none."""
    owner, recognition = begun()
    owner.words.switch(True)
    noise = np.random.default_rng(3).normal(0, 0.05, 4 * RATE_HZ).astype(np.float32)
    hear(owner, recognition, np.concatenate([noise, speech]))
    assert recognition.samples == 4 * RATE_HZ + speech.size
    spoken = [event.start_s for event in owner.events if isinstance(event, ev.SpeechStarted)]
    assert spoken[0] > 3.5
    assert min(word.end_s for word in words(owner)) > spoken[0] - 0.3


def test_a_mute_is_not_unknown_and_lost_audio_is(speech: Samples) -> None:
    owner, recognition = begun()
    owner.words.switch(True)
    hear(owner, recognition, speech)
    owner.core.mute(True)
    hear(owner, recognition, speech)
    owner.core.mute(False)
    hear(owner, recognition, speech)
    assert not owner.of(ev.WordsMissed)
    assert recognition.samples < 3 * speech.size
    owner.core.missing(0, owner.core.now, owner.core.now + RATE_HZ)
    hear(owner, recognition, speech)
    (missed,) = owner.of(ev.WordsMissed)
    assert isinstance(missed, ev.WordsMissed)
    assert missed.why == "lost"
    assert missed.end_s - missed.start_s == pytest.approx(1.0, abs=0.05)


def test_less_and_less_time_for_words_is_told_and_what_was_missed_is_unknown(speech: Samples) -> None:
    owner, recognition = begun()
    owner.words.switch(True)
    hear(owner, recognition, speech)
    live = len(words(owner))
    owner.words.set_mode("afterwards", "busy")
    hear(owner, recognition, speech)
    assert len(words(owner)) == live
    owner.words.set_mode("unavailable", "busier")
    before = recognition.samples
    hear(owner, recognition, speech)
    assert recognition.samples == before
    owner.words.set_mode("live", "")
    hear(owner, recognition, speech)
    assert states(owner) == ["live", "afterwards", "unavailable", "live"]
    (missed,) = owner.of(ev.WordsMissed)
    assert isinstance(missed, ev.WordsMissed)
    length_s = speech.size / RATE_HZ
    assert missed.why == "busy"
    assert missed.end_s == pytest.approx(3 * length_s, abs=0.05)
    told = [word.end_s for word in owner.words._builder.transcript().words if word.end_s < 2 * length_s]
    assert max(told) - 0.01 <= missed.start_s <= 2 * length_s, "from the last word that was told on"
    transcript = owner.words._builder.transcript()
    second = [word for word in transcript.words if length_s < word.start_s < 2 * length_s]
    assert second, "heard afterwards: in the transcript, and no event"


def test_each_side_of_a_call_has_its_own_words_and_leakage_is_nobodys(speech: Samples) -> None:
    timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
    owners = [begun(core, open_mending) for core in timeline.cores]
    for owner, _ in owners:
        owner.words.switch(True)
        owner.words.set_correcting(True)
    length = speech.size + RATE_HZ
    lead = 2 * RATE_HZ
    first = mixed(speech, at=lead, size=lead + 2 * length)
    second = mixed(speech, at=lead + length, size=lead + 2 * length)
    rng = np.random.default_rng(0)
    room = [rng.normal(0, 1e-4, first.size).astype(np.float32) for _ in range(2)]
    late = 160
    leak = [np.roll(second, late) * 0.15, np.roll(first, late) * 0.15]
    heard = [first + leak[0] + room[0], second + leak[1] + room[1]]
    for start in range(0, first.size, 320):
        for (owner, _), samples in zip(owners, heard, strict=True):
            owner.core.arrived((start + 320) / RATE_HZ)
            owner.core.hear(0, samples[start : start + 320].astype(np.float32))
            owner.send_events()
        if start % BLOCK == 0:
            for _, recognition in owners:
                recognition.pump()
    begin_s, turn_s = lead / RATE_HZ, (lead + length) / RATE_HZ
    mine, theirs = (words(owner) for owner, _ in owners)
    assert mine
    assert theirs
    assert all(begin_s - 0.5 < word.start_s < turn_s - 0.5 for word in mine)
    assert all(word.start_s > turn_s - 0.5 for word in theirs)
    better, their_better = (corrections(owner) for owner, _ in owners)
    assert better
    assert their_better
    assert all(begin_s - 0.5 < one.start_s < turn_s - 0.5 for one in better)
    assert all(one.start_s > turn_s - 0.5 for one in their_better)
    for _, recognition in owners:
        assert recognition.samples > first.size / 2, "the leakage reached both recognisers"


def test_one_side_of_a_call_that_did_not_ask_has_no_sample_tapped(speech: Samples) -> None:
    timeline = SharedTimeline((load("conversation"), load("conversation")), lambda: 0.0)
    (asked, its), (other, others) = (begun(core) for core in timeline.cores)
    asked.words.switch(True)
    for start in range(0, speech.size, 320):
        for owner in (asked, other):
            owner.core.arrived((start + 320) / RATE_HZ)
            owner.core.hear(0, speech[start : start + 320])
            owner.send_events()
    for recognition in (its, others):
        recognition.pump()
    assert its.samples > speech.size / 2
    assert others.samples == 0
    assert set(timeline.taps.taps) == {0}


async def test_last_words_that_take_too_long_are_unknown_and_the_rest_is_reviewed(
    speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_words, "LAST_WORDS_S", 0.01)
    owner, recognition = begun()
    owner.words.switch(True)
    hear(owner, recognition, speech)
    known = len(words(owner))
    for start in range(0, speech.size, BLOCK):  # all of it waits
        owner.core.hear(0, speech[start : start + BLOCK])
        owner.send_events()
    recognition.stuck = True
    owner.core.finish()
    owner.send_events()
    owner.words.end(owner.core.summary())
    await owner.words.tell_review()
    (told,) = [one for one in owner.told if isinstance(one, messages.Review)]
    assert len(told.review.words) == known
    (unknown,) = told.review.unknown
    assert unknown.why == "busy"
    assert unknown.end_s == pytest.approx(2 * speech.size / RATE_HZ, abs=0.1)


def corrections(owner: SpokenOwner) -> list[ev.WordsCorrected]:
    return [event for event in owner.events if isinstance(event, ev.WordsCorrected)]


async def reviewed(owner: SpokenOwner) -> messages.Review:
    owner.core.finish()
    owner.send_events()
    owner.words.end(owner.core.summary())
    await owner.words.tell_review()
    (told,) = [one for one in owner.told if isinstance(one, messages.Review)]
    return told


async def test_better_words_become_events_and_the_review_has_those_of_the_end_too(speech: Samples) -> None:
    owner, recognition = begun(opener=open_mending)
    owner.words.switch(True)
    owner.words.set_correcting(True)
    for _ in range(2):
        hear(owner, recognition, speech)
    early = corrections(owner)
    assert early
    assert all(one.end_s <= one.at_s and one.source == "loudness" for one in early)
    assert {word.text for one in early for word in one.words} == {"louder"}
    assert "louder" not in [word.text for word in words(owner)]
    review = (await reviewed(owner)).review
    texts = [word.text for word in review.words]
    assert len(texts) == len(words(owner))
    assert texts.count("louder") > len(early)
    assert texts.count("louder") == len(texts) // 2


def test_who_is_not_to_have_words_corrected_any_more_gets_no_correction(speech: Samples) -> None:
    owner, recognition = begun(opener=open_mending)
    owner.words.switch(True)
    owner.words.set_correcting(True)
    hear(owner, recognition, speech)
    before = len(corrections(owner))
    owner.words.set_correcting(False)
    hear(owner, recognition, speech)
    assert len(corrections(owner)) == before


async def test_corrections_that_take_too_long_leave_the_words_as_they_are(
    speech: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_words, "CORRECTIONS_S", 0.01)
    owner, recognition = begun(opener=open_mending)
    owner.words.switch(True)
    owner.words.set_correcting(True)
    hear(owner, recognition, speech)
    (speaker,) = recognition.worker._speakers.values()
    monkeypatch.setattr(speaker, "work_again", list)  # it has no time any more
    live, better = len(words(owner)), len(corrections(owner))
    finish = recognition.finish

    def finish_words(stream: SpeechStream) -> None:
        recognition.stuck = True
        finish(stream)
        while speaker.has_work:
            for answer in recognition.worker.work():
                recognition._hand_on(answer)

    monkeypatch.setattr(recognition, "finish", finish_words)
    review = (await reviewed(owner)).review
    assert not review.unknown
    assert len(review.words) >= live
    assert sum(word.text == "louder" for word in review.words) == better


def test_long_talk_takes_no_more_memory_than_its_words(speech: Samples) -> None:
    owner, recognition = begun(opener=open_mending)
    owner.words.switch(True)
    owner.words.set_correcting(True)

    def talk(seconds: float) -> int:
        for _ in range(round(seconds * RATE_HZ / speech.size)):
            owner.core.hear(0, speech)
            owner.send_events()
            recognition.pump()
            owner.events.clear()
            owner.told.clear()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before, told = talk(30), len(owner.words._builder._words)
        after = talk(270)
    finally:
        tracemalloc.stop()
    more = len(owner.words._builder._words) - told
    assert more > 300
    assert after - before < 600 * more + 50_000


def test_a_call_and_its_recording_give_the_same_words(speech: Samples) -> None:
    whole = np.concatenate([speech, np.zeros(RATE_HZ, np.float32), speech, np.zeros(RATE_HZ, np.float32)])
    owner, recognition = begun()
    owner.words.switch(True)
    hear(owner, recognition, whole)
    session = Session(load("conversation"))
    hearer = WordHearer(session, lambda: open_loudness("live"))
    recorded = []
    for start in range(0, whole.size, 4000):
        hearer.hear(0, whole[start : start + 4000])
        session.hear(0, whole[start : start + 4000])
        recorded += session.poll()
    found = [word for event in recorded if isinstance(event, ev.Words) for word in event.words]
    assert len(found) > 10
    assert words(owner) == found
