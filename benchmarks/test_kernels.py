"""Time of a 10 ms hop: sessions, the ears, and each component. ``pytest benchmarks --benchmark-only``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.loss import encoded
from dsp.accumulator import Accumulator
from dsp.band_snr import BandSnr
from dsp.creak import CreakDetector
from dsp.decimate import Decimator
from dsp.ears import Ears
from dsp.echo_suppressor import EchoSuppressor
from dsp.endpointer import Endpointer
from dsp.filled_pauses import FilledPauseDetector
from dsp.frame import HOP
from dsp.level_meter import LevelMeter, is_audio
from dsp.phrase_contour import WINDOW_HOPS, PhraseContour
from dsp.pitch import PitchTracker
from dsp.spectrum import Spectrum
from dsp.syllables import Syllables
from dsp.trailing_off import TrailingOff
from dsp.voice_activity import VoiceActivity
from engine.core.session import Session
from engine.media.rtp.codecs import AvDecoder, Decoder
from engine.media.rtp.opus import OpusDecoder
from engine.media.voices.synthesis import SpeechSynthesizer
from engine.protocol import messages
from engine.shipped import profiles

HOPS = 100
"""Hops per round: figures are for one second of speech; divide by this for a hop."""


@pytest.fixture(scope="module")
def spoken() -> list[NDArray[np.float32]]:
    """Hops of speech."""
    x = SpeechSynthesizer().synthesize("We led the move of our billing system to the cloud.")
    return [x[k * HOP : (k + 1) * HOP] for k in range(HOPS)]


def part_names() -> dict[str, Callable[[], Callable[[NDArray[np.float32]], Any]]]:
    """Each component, ready, as a function of a hop."""
    bands = Spectrum().bands * np.float32(1e6)
    bands_db = 10 * np.log10(bands)
    above_db = BandSnr().bands_above_db + 20.0

    def voice() -> Callable[[NDArray[np.float32]], Any]:
        activity = VoiceActivity()
        return lambda hop: activity.process(above_db, bands_db, -25.0, -60.0)

    def pauses() -> Callable[[NDArray[np.float32]], Any]:
        decision = Endpointer()
        return lambda hop: decision.process(0.9, 0.9, 20.0)

    def syllables() -> Callable[[NDArray[np.float32]], Any]:
        nuclei = Syllables()
        return lambda hop: nuclei.process(0.5)

    def fillers() -> Callable[[NDArray[np.float32]], Any]:
        detector = FilledPauseDetector()
        return lambda hop: detector.process(120.0, bands_db, -25.0, -60.0, 0.9)

    def loudness() -> Callable[[NDArray[np.float32]], Any]:
        above = BandSnr()
        return lambda hop: above.process(bands)

    def creak() -> Callable[[NDArray[np.float32]], Any]:
        detector = CreakDetector()
        return lambda hop: detector.process(hop, -60.0, 120.0, 120.0)

    def contour() -> Callable[[NDArray[np.float32]], Any]:
        phrase = PhraseContour()
        return lambda hop: phrase.process(120.0, 0.9)

    def ending() -> Callable[[NDArray[np.float32]], Any]:
        phrase = PhraseContour()
        for _ in range(WINDOW_HOPS):
            phrase.process(120.0, 0.9)
        return lambda hop: phrase.ending()

    def trailing() -> Callable[[NDArray[np.float32]], Any]:
        level = LevelMeter()
        end = TrailingOff(level)
        end.begin_phrase(0)
        noise = np.full(HOP, 0.1, np.float32)
        for _ in range(HOPS):
            level.process(noise)
        return lambda hop: end.end_phrase(0)

    def lost() -> Callable[[NDArray[np.float32]], Any]:
        ears = Ears()
        return lambda hop: ears.process_lost()

    def short_loss() -> Callable[[NDArray[np.float32]], Any]:
        ears = Ears()
        return lambda hop: (ears.process(hop), ears.process_lost())

    def heard() -> Callable[[NDArray[np.float32]], Any]:
        ears, sums = Ears(), Accumulator(HOPS)
        return lambda hop: sums.process_hops(hop, ears)

    def standing() -> Callable[[NDArray[np.float32]], Any]:
        sums = Accumulator(HOPS)
        return lambda hop: sums.snapshot()

    def echo() -> Callable[[NDArray[np.float32]], Any]:
        guard = EchoSuppressor()
        return lambda hop: guard.process(hop, hop)

    return {
        "echo": echo,
        "no_echo": lambda: functools.partial(EchoSuppressor().process, played=np.zeros(HOP, np.float32)),
        "heard": heard,
        "standing": standing,
        "lost": lost,
        "short_loss": short_loss,
        "is_audio": lambda: lambda hop: is_audio(hop, 8.0),
        "decimated": lambda: Decimator().process,
        "ending": ending,
        "trailing": trailing,
        "whole": lambda: Ears().process,
        "level": lambda: LevelMeter().process,
        "spectrum": lambda: Spectrum().process,
        "loudness": loudness,
        "pitch": lambda: PitchTracker().process,
        "voice": voice,
        "pauses": pauses,
        "syllables": syllables,
        "fillers": fillers,
        "creak": creak,
        "contour": contour,
    }


@pytest.mark.parametrize("name", part_names())
def test_a_second_of_speech(
    name: str, benchmark: Callable[..., Any], spoken: list[NDArray[np.float32]]
) -> None:
    process = part_names()[name]()

    def second() -> None:
        for hop in spoken:
            process(hop)

    second()  # compiled before it is timed
    benchmark(second)


@pytest.mark.parametrize("decoder", [OpusDecoder, lambda: AvDecoder("opus")], ids=["libopus", "pyav"])
def test_a_second_of_opus_packets(decoder: Callable[[], Decoder], benchmark: Callable[..., Any]) -> None:
    """Decode to 16 kHz mono: by libopus, or by PyAV and the resampler. 50 packets of 20 ms."""
    packets = encoded(
        SpeechSynthesizer().synthesize("We led the move of our billing system to the cloud."), 0.0, fec=False
    )
    packets = packets[10 : 10 + HOPS // 2]
    opus = decoder()

    def second() -> None:
        for packet in packets:
            opus.decode(packet)

    second()
    benchmark(second)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_second_of_a_session(
    channels: int, benchmark: Callable[..., Any], spoken: list[NDArray[np.float32]]
) -> None:
    """The whole of a hop of each channel: ears, facts, measures, policy and events, packet by packet."""
    session = Session(profiles.load("conversation"), channels)
    packets = [np.concatenate(spoken[k : k + 2]) for k in range(0, HOPS, 2)]

    def second() -> None:
        for packet in packets:
            for channel in range(channels):
                session.hear(channel, packet)
            for event in session.poll():
                messages.encode(event)

    second()
    benchmark(second)
