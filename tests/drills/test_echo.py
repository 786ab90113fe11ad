"""The drill's own voice in the microphone: nobody's speech, and the speaker is heard beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.signal import butter, fftconvolve, sosfilt

from dsp.frame import HOP, RATE_HZ
from engine.core.playback_echo import Echo, Played
from engine.drills.history import Record
from engine.drills.plan import plan
from engine.drills.runner import Runner
from engine.drills.script import parse
from engine.media.resample import Samples
from engine.media.voices.clips import ClipCache
from engine.media.voices.drill_playback import RenderedPlan, render_plan
from engine.media.voices.offline_drill import OfflineDrill
from engine.media.webrtc.playout import BLOCK
from engine.protocol import events as ev
from engine.protocol.drill_results import StepResult
from engine.shipped.drills import bank
from engine.shipped.profiles import load

from .scripted import Manner, talk
from .test_score import recordings

ROLES = ("interviewer", "teammate", "client", "executive")
DELAYS_MS = (60, 150, 280, 400)
LEVELS_DB = (-15.0, -25.0)

HEAD = 'title = "A"\ntrains = "b"\nuse_when = "c"\nquestion = "What?"\nminutes = 3\n'
STEP = '\n[[step]]\ndo = "challenge"\nrole = "{}"\nwhen = {{ speaking_s = [4, 8], phrase_s = [0.4, 1.2] }}\n'


@dataclass
class Room:
    """A laptop on a table: the loudspeaker's voice comes back late, soft and coloured."""

    echo_db: float
    delay_ms: float
    seed: int = 0
    left: Samples = field(default_factory=lambda: np.zeros(200 * RATE_HZ, np.float32))

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        tail = self.rng.standard_normal(4800) * np.exp(-np.arange(4800) / (0.3 * RATE_HZ / 6.9))
        tail[0] = 4.0
        speaker = butter(2, [300, 7000], "band", fs=RATE_HZ, output="sos")
        room = np.pad(tail / np.sqrt((tail**2).sum()), (0, BLOCK))
        self._response = sosfilt(speaker, room) * 10 ** (self.echo_db / 20)

    def play(self, heard: Samples, at: int) -> None:
        if np.abs(heard).max() == 0.0:
            return
        back = fftconvolve(heard, self._response)[: self._response.size]
        first = at + round(self.delay_ms * RATE_HZ / 1000)
        self.left[first : first + back.size] += back[: self.left.size - first]

    def microphone(self, spoken: Samples, at: int) -> Samples:
        noise = 10 ** (-70 / 20) * self.rng.standard_normal(spoken.size)
        mixed: Samples = (spoken + self.left[at : at + spoken.size] + noise).astype(np.float32)
        return mixed


@dataclass
class Heard:
    """What came of a drill in a room."""

    record: Record
    results: list[StepResult]
    spans: list[tuple[float, float]]
    """Of each barge-in: its voice; where the speaker is silent, that silence."""
    events: list[ev.AnyEvent]


@pytest.fixture(scope="module")
def clips() -> ClipCache:
    return ClipCache()


def in_a_room(room: Room, clips: ClipCache, *, yields_s: float | None, usual: Samples | None = None) -> Heard:
    """Eight barge-ins; the speaker stops for each and goes on a second after it, or talks on."""
    script = parse(HEAD + "".join(STEP.format(role) for role in ROLES * 2), "test", name="test")
    ready: RenderedPlan = render_plan(plan(script, bank(), seed=room.seed), clips)
    offline = OfflineDrill(ready, load("conversation"))
    assert offline.session._drill is not None
    runner = offline.session._drill.runner
    assert isinstance(runner, Runner)
    usual = talk(Manner(), 60.0) if usual is None else usual
    spans: list[tuple[float, float]] = []
    told: list[ev.AnyEvent] = []
    at, said, silent_from, resume = 0, 0, None, 0
    while not offline.finished and at < 170 * RATE_HZ:
        if silent_from is not None and at >= resume:
            silent_from = None
        if silent_from is None or at < silent_from:
            spoken = usual[np.arange(said, said + BLOCK) % usual.size]
            said += BLOCK
        else:
            spoken = np.zeros(BLOCK, np.float32)
        events = offline.hear_speaker(room.microphone(spoken, at))
        told += events
        for event in events:
            if isinstance(event, ev.DrillSound) and yields_s is None:
                spans.append((at / RATE_HZ, at / RATE_HZ + event.length_s))
            elif isinstance(event, ev.DrillSound) and yields_s is not None:
                silent_from = at + BLOCK + round(yields_s * RATE_HZ)
                resume = at + round((event.length_s + 1.0) * RATE_HZ)
                spans.append((silent_from / RATE_HZ, resume / RATE_HZ))
        at += BLOCK
        room.play(offline.next_block(), at)
    told += offline.stop()
    results = [event.result for event in told if isinstance(event, ev.DrillStepEnded)]
    return Heard(runner.record, results, spans, told)


def false_talk(heard: Heard) -> list[bool]:
    """For each barge-in into a silence: whether speech of more than 0.2 s was heard in it."""
    return [
        any(end - start > 0.2 for start, end in heard.record.speech(start_s + 0.3, end_s - 0.05))
        for start_s, end_s in heard.spans
    ]


def talk_found(heard: Heard) -> list[bool]:
    """For each talk-over: whether half of it was heard."""
    return [heard.record.spoken_s(start, end) >= 0.5 * (end - start) for start, end in heard.spans]


@pytest.mark.slow
@pytest.mark.parametrize("echo_db", LEVELS_DB)
def test_an_echo_is_nobodys_speech_and_who_talks_over_it_is_heard(echo_db: float, clips: ClipCache) -> None:
    false: list[bool] = []
    found: list[bool] = []
    for delay_ms in DELAYS_MS:
        room = (echo_db, delay_ms, round(-echo_db))
        false += false_talk(in_a_room(Room(*room), clips, yields_s=0.5))
        heard = in_a_room(Room(*room), clips, yields_s=None)
        found += talk_found(heard)
        assert all(result.yield_s is None for result in heard.results), "a breath is no yielding"
    assert len(false) == len(found) == 32
    assert sum(false) <= 0.05 * len(false)
    assert sum(found) >= 0.9 * len(found)


@pytest.mark.corpus
@pytest.mark.parametrize("echo_db", LEVELS_DB)
def test_real_voices_beside_an_echo(echo_db: float, clips: ClipCache) -> None:
    false: list[bool] = []
    found: list[bool] = []
    for seed, samples in enumerate(recordings()):
        level = np.sqrt((samples[np.abs(samples) > 0.01] ** 2).mean())
        usual = (samples * (10 ** (-23 / 20) / level)).astype(np.float32)
        room = (echo_db, DELAYS_MS[seed % 4], seed)
        false += false_talk(in_a_room(Room(*room), clips, yields_s=0.5, usual=usual))
        found += talk_found(in_a_room(Room(*room), clips, yields_s=None, usual=usual))
    assert len(false) == len(found) >= 60
    assert sum(false) <= 0.05 * len(false)
    assert sum(found) >= 0.9 * len(found)


def test_yields_are_timed_beside_an_echo(clips: ClipCache) -> None:
    heard = in_a_room(Room(-25.0, 60), clips, yields_s=0.5)
    near = [abs((one.yield_s or 9.0) - 0.5) < 0.2 for one in heard.results]
    assert sum(near) >= len(near) - 1


def suggested(heard: Heard) -> list[bool]:
    """When headphones were suggested, and when no longer."""
    return [
        event.on for event in heard.events if isinstance(event, ev.SignalProblem) and event.kind == "echo"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("echo_db", [-10.0, -25.0, -40.0])
def test_headphones_are_suggested_where_there_is_an_echo(echo_db: float, clips: ClipCache) -> None:
    assert suggested(in_a_room(Room(echo_db, 150, 2), clips, yields_s=0.5)) == [True, False]


def test_an_echo_softer_than_the_room_is_not_worth_a_word(clips: ClipCache) -> None:
    assert suggested(in_a_room(Room(-55.0, 150, 2), clips, yields_s=0.5)) == []


def similar(clips: ClipCache) -> Samples:
    """The very voice that the drill has, with other words."""
    lines = [clips.speech("interviewer", line) for line in bank().lines["interviewer"]["insist"]]
    return np.concatenate([np.pad(line, (0, 3200)) for line in lines * 3]).astype(np.float32)


def babble(clips: ClipCache) -> Samples:
    """A room full of people."""
    voices = [talk(Manner(shift_st=shift_st), 30.0, n) for n, shift_st in enumerate((-4.0, 0.0, 2.0, 5.0))]
    mixed: Samples = (np.sum(voices, axis=0) / 2).astype(np.float32)
    return mixed


NOBODYS: dict[str, Callable[[ClipCache], Samples]] = {
    "another voice": lambda clips: talk(Manner(), 60.0),
    "the same voice": similar,
    "babble": babble,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "yields_s"),
    [("another voice", None), ("the same voice", None), ("the same voice", 0.5), ("babble", None)],
)
def test_talking_over_the_drill_is_no_echo(who: str, yields_s: float | None, clips: ClipCache) -> None:
    """Both loud at once was taken for an echo: headphones were suggested to who wore them."""
    heard = in_a_room(Room(-math.inf, 150, 3), clips, yields_s=yields_s, usual=NOBODYS[who](clips))
    assert suggested(heard) == []


def test_who_puts_headphones_on_is_not_told_again(clips: ClipCache) -> None:
    """The call goes on for long after the sound that came back: the word is taken back."""
    room = Room(-15.0, 100, 4)
    echo, at = Echo(), 0
    line = np.concatenate([clips.speech("client", text) for text in bank().lines["client"]["insist"]])
    seen: list[bool] = []
    for plugged in (False, True):
        for start in range(0, 14 * RATE_HZ, HOP):
            played = np.take(line, range(start, start + HOP), mode="wrap").astype(np.float32)
            echo.hop(room.microphone(np.zeros(HOP, np.float32), at), played)
            at += HOP
            if not plugged:
                room.play(played, at)
            seen.append(echo.found)
    assert not seen[0]
    assert seen[13 * 100]
    assert not seen[-1]


def test_what_was_played_is_found_again_hop_by_hop() -> None:
    played = Played()
    assert not played.recently(0, 2.0)
    sound = np.arange(1, 1601, dtype=np.float32)
    played.add(sound[:800], 1000)
    played.add(sound[800:], 1810)  # ten samples late: it follows all the same
    np.testing.assert_array_equal(played.hop(1000), sound[:160])
    np.testing.assert_array_equal(played.hop(1760), sound[760:920])
    assert not played.hop(0).any()
    assert played.recently(2600 + 31_000, 2.0)
    assert not played.recently(2600 + 33_000, 2.0)
    played.add(sound, 100_000)
    assert not played.hop(60_000).any()
    np.testing.assert_array_equal(played.hop(100_160), sound[160:320])
    assert not played.hop(101_600).any()
