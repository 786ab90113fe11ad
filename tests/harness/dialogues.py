"""Dialogues on two channels whose truth is known: composed of phrases, then put into rooms.

Two speakers take turns, after a gap or a little before the other has ended, pause within
their turns, say short words of listening, and cut in: start while the other talks and keep
on. One who is cut in on talks on to the end, or yields; so may the one who cut in. The
phrases are anybody's: recordings, or the packaged voice, so that tests need no recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from dsp.frame import RATE_HZ
from engine.media.voices.synthesis import SpeechSynthesizer
from tests.harness.labelled_speech import Samples, Span

OVERLAP_S = (1.05, 2.2)
"""How long two talk at once when one cuts in: more than the definition asks for."""

EARLY_S = (0.1, 0.6)
"""How long two talk at once when one starts a little before the other ends."""

GAP_S, PAUSE_S = (0.15, 1.2), (0.35, 0.9)
"""Silence between two speakers, and of one within a turn."""

SETTLED_S = 0.5
"""One has been talking for at least this long before the other cuts in or says a word."""

TURN_S = 0.3
"""One who began so long after the other had ended has the floor: then it is clear who cuts in on whom."""

FADE_S = 0.02
"""Who yields stops within this."""

LOUDSPEAKER_HZ = (300.0, 7000.0)

DIRECT = 4.0
"""The direct sound's pressure against that of the echoes that come with it: not far from the microphone."""

ROOM_DBFS = -75.0
"""Noise of both microphones where nothing else is asked for."""

SENTENCES = (
    "We moved the billing system to the cloud in less than four months.",
    "The hard part was that nobody trusted the numbers in the first reports.",
    "So I asked the finance team to sit with us on every single morning.",
    "After three weeks they found more mistakes in the old system than in ours.",
    "Would you do it in the same way if you had to start again today?",
    "I would begin with the people, and only then look at the machines.",
    "Many of our customers never noticed that anything had changed at all.",
    "How did you measure whether it was really worth all of that money?",
    "We counted the calls to the help desk before and after the change.",
    "Some of them were angry, and they had every reason to be angry with us.",
)
"""What the packaged voice says; long enough to be cut in on."""

NODS = ("Yeah.", "Okay.", "Right.", "Mm.", "Sure.")
"""Its words of listening."""


class Person(NamedTuple):
    """What one speaker can say."""

    phrases: Sequence[Samples]
    """Shape (n,) each, no silence before or after."""

    nods: Sequence[Samples]


class Room(NamedTuple):
    """What happens to the two voices on their way to the microphones."""

    name: str
    gains_db: tuple[float, float] = (0.0, 0.0)
    leak_db: float | None = None
    """The other side's voice in each microphone, against how it is in its own."""

    leak_ms: float = 0.0
    """How much later it comes."""

    noise_dbfs: float = ROOM_DBFS

    echo_s: float = 0.0
    """Where that voice comes by a loudspeaker: how long the room takes to let it die away by 60 dB."""


ROOMS = (
    Room("clean"),
    Room("levels 0 and -18 dB", gains_db=(0.0, -18.0)),
    Room("leak -30 dB", leak_db=-30.0),
    Room("leak -20 dB", leak_db=-20.0),
    Room("leak -20 dB, 40 ms late", leak_db=-20.0, leak_ms=40.0),
    Room("leak -20 dB, 200 ms late", leak_db=-20.0, leak_ms=200.0),
    Room("leak -15 dB", leak_db=-15.0),
    Room("leak -20 dB, levels 0 and -12 dB", gains_db=(0.0, -12.0), leak_db=-20.0),
    Room("noise -50 dBFS", noise_dbfs=-50.0),
    Room("noise -45 dBFS, leak -20 dB", leak_db=-20.0, noise_dbfs=-45.0),
    Room("loudspeaker -22 dB, 150 ms late", leak_db=-22.0, leak_ms=150.0, echo_s=0.4),
)


@dataclass
class Truth:
    """What happens between the two, by channel; times in seconds."""

    interruptions: list[list[Span]] = field(default_factory=lambda: [[], []])
    """From the start of who cuts in to where one of the two stops."""

    backchannels: list[list[Span]] = field(default_factory=lambda: [[], []])


class Dialogue(NamedTuple):
    """Two channels and what happens between them."""

    name: str
    samples: Samples
    """Shape (n, 2), 16 kHz."""

    truth: Truth


class _Stage:
    """Puts phrases onto two tracks."""

    def __init__(self, seconds: float) -> None:
        self.tracks = np.zeros((2, round((seconds + 20.0) * RATE_HZ)), np.float32)
        self.truth = Truth()

    def say(self, channel: int, start_s: float, samples: Samples) -> float:
        start = round(start_s * RATE_HZ)
        self.tracks[channel, start : start + samples.size] += samples
        return start_s + samples.size / RATE_HZ

    def stop(self, channel: int, at_s: float) -> None:
        """Silence a channel from there on."""
        at, fade = round(at_s * RATE_HZ), round(FADE_S * RATE_HZ)
        self.tracks[channel, at - fade : at] *= np.linspace(1, 0, fade, dtype=np.float32)
        self.tracks[channel, at:] = 0.0


def compose(people: tuple[Person, Person], seconds: float, seed: int) -> tuple[Samples, Truth]:
    """A dialogue of about this length, shape (2, n); the same for the same seed."""
    chance = np.random.default_rng(seed)
    stage = _Stage(seconds)
    speaker, start_s = int(chance.integers(2)), 0.6
    silent_s = [-TURN_S, -TURN_S]

    def pick(sounds: Sequence[Samples]) -> Samples:
        return sounds[int(chance.integers(len(sounds)))]

    def phrase() -> Samples:
        """Long enough for anything to happen in it."""
        return pick([p for p in people[speaker].phrases if p.size > 2.0 * RATE_HZ])

    end_s = stage.say(speaker, start_s, phrase())
    while end_s < seconds:
        silent_s[speaker] = end_s
        other, length_s = 1 - speaker, end_s - start_s
        what = chance.choice(("gap", "pause", "early", "nod", "cut in", "cut in"))
        if what == "nod":
            word = pick(people[other].nods)
            latest_s = length_s - word.size / RATE_HZ - 0.3
            at_s = start_s + float(chance.uniform(SETTLED_S, max(SETTLED_S + 0.01, latest_s)))
            stage.truth.backchannels[other].append((at_s, stage.say(other, at_s, word)))
            what = "pause"
        if what == "pause":
            start_s = end_s + float(chance.uniform(*PAUSE_S))
        elif what == "gap":
            speaker, start_s = other, end_s + float(chance.uniform(*GAP_S))
        elif what == "early" or start_s < silent_s[other] + TURN_S:
            speaker, start_s = other, end_s - float(chance.uniform(*EARLY_S))
        else:
            most_s = min(OVERLAP_S[1], length_s - SETTLED_S)
            cut_s = end_s - float(chance.uniform(OVERLAP_S[0], max(OVERLAP_S[0] + 0.01, most_s)))
            speaker = other
            over_s = min(end_s, stage.say(other, cut_s, phrase()))
            yields = int(chance.integers(3))  # nobody, who was cut in on, who cut in
            if yields:
                over_s = min(over_s, cut_s + float(chance.uniform(OVERLAP_S[0], OVERLAP_S[1])))
            if yields and over_s < end_s:
                stage.stop(1 - other if yields == 1 else other, over_s)
            stage.truth.interruptions[other].append((cut_s, over_s))
            silent_s = [_last_s(track) for track in stage.tracks]
            if yields == 2 and over_s < end_s:
                speaker = 1 - other
            start_s = max(silent_s) + float(chance.uniform(*GAP_S))
        end_s = stage.say(speaker, start_s, phrase())
    length = round((end_s + 0.6) * RATE_HZ)
    return stage.tracks[:, :length], stage.truth


def _last_s(track: Samples) -> float:
    return (int(np.flatnonzero(track)[-1]) + 1) / RATE_HZ if track.any() else 0.0


def heard_in(voices: Samples, room: Room, seed: int) -> Samples:
    """What the two microphones hear of two voices of shape (2, n): shape (n, 2)."""
    chance = np.random.default_rng(seed)
    gains = 10.0 ** (np.asarray(room.gains_db) / 20.0)
    heard = voices * gains[:, None]
    if room.leak_db is not None:
        late = round(room.leak_ms / 1000 * RATE_HZ)
        leaked = np.pad(heard, ((0, 0), (late, 0)))[::-1, : heard.shape[1]]
        if room.echo_s:
            leaked[:] = by_loudspeaker(leaked, room.echo_s, chance)
        heard = heard + 10.0 ** (room.leak_db / 20.0) * leaked
    heard = heard + 10.0 ** (room.noise_dbfs / 20.0) * chance.standard_normal(heard.shape)
    out: Samples = np.clip(heard.T, -1.0, 1.0).astype(np.float32)
    return out


def by_loudspeaker(
    voices: NDArray[np.float64], echo_s: float, chance: np.random.Generator
) -> NDArray[np.float64]:
    """Voices, shape (2, n), by a laptop's loudspeaker in a room: no louder or softer on the whole."""
    t_s = np.arange(round(echo_s * RATE_HZ)) / RATE_HZ
    response = chance.standard_normal(t_s.size) * 10.0 ** (-3.0 * t_s / echo_s)
    response[0] = DIRECT
    response /= np.linalg.norm(response)
    loudspeaker = butter(2, LOUDSPEAKER_HZ, "band", fs=RATE_HZ, output="sos")
    back: NDArray[np.float64] = sosfilt(loudspeaker, fftconvolve(voices, response[None], axes=1))
    return back[:, : voices.shape[1]]


def packaged_people() -> tuple[Person, Person]:
    """The packaged voice as two people: one lower and slower, one higher and faster."""
    voice = SpeechSynthesizer()
    low, high = (
        Person(
            [trimmed(voice.synthesize(text, shift_st=shift_st, speed=speed, seed=n)) for n, text in said],
            [
                trimmed(voice.synthesize(word, shift_st=shift_st, speed=1.4, seed=n))
                for n, word in enumerate(NODS)
            ],
        )
        for shift_st, speed, said in (
            (-5.0, 0.95, list(enumerate(SENTENCES))[::2]),
            (4.0, 1.1, list(enumerate(SENTENCES))[1::2]),
        )
    )
    return low, high


def trimmed(samples: Samples, below_db: float = 35.0) -> Samples:
    """Without what is so far below the loudest 10 ms before and after the speech."""
    blocks = samples[: samples.size // 160 * 160].reshape(-1, 160)
    power = (blocks.astype(np.float64) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10.0 ** (-below_db / 10.0))
    return samples[int(loud[0]) * 160 : (int(loud[-1]) + 1) * 160]
