"""The ears: everything in ``dsp/`` put together, 160 samples in, one ``Frame`` out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from . import contour, creak, decimate, fillers, level, loudness, pauses, pitch, spectrum, syllables
from . import voice as activity
from .contour import PhraseContour
from .creak import CreakDetector
from .decimate import LOW_PASS, Decimated
from .fillers import Fillers
from .frame import HOP, Frame
from .kernel import kernel
from .level import Level
from .loudness import Loudness
from .part import State
from .pauses import Pauses
from .pitch import PitchTracker
from .spectrum import TABLES, Spectrum
from .syllables import Syllables
from .trailing import Trailing
from .voice import WEIGHTS, VoiceActivity

PITCH_DELAY_HOPS = PitchTracker.DELAY_HOPS
"""``Frame.f0_hz`` and ``voicing`` tell of the hop this long before."""

CREAK_DELAY_HOPS = CreakDetector.DELAY_HOPS
"""``Frame.creak`` tells of the hop this long before."""

SHORT_LOSS_HOPS = 6
"""Losses up to this, three packets, are bridged; after a longer one nothing before it counts."""

Floats = NDArray[np.float32]


STATE = np.dtype(
    [
        ("level", Level.STATE),
        ("spectrum", Spectrum.STATE),
        ("loudness", Loudness.STATE),
        ("sound", Decimated.STATE),
        ("pitch", PitchTracker.STATE),
        ("voice", VoiceActivity.STATE),
        ("pauses", Pauses.STATE),
        ("contour", PhraseContour.STATE),
        ("syllables", Syllables.STATE),
        ("fillers", Fillers.STATE),
        ("creak", CreakDetector.STATE),
    ],
    align=True,
)
"""All that one pair of ears remembers, in one piece of memory."""

Answers = tuple[
    bool, float, float, float, float, float, float, float, bool, int, float, float, int, int, int,
    float, float, float, float, float, float,
]  # fmt: skip
"""Fields of a frame."""


@kernel
def hear(hop: Floats, low_pass: Floats, tables: State, weights: Floats, ears: State) -> Answers:
    """Take a hop into every part, in the order in which they need each other.

    Parameters
    ----------
    hop : float32, shape (160,)
    low_pass, tables, weights : of ``dsp.decimate``, ``dsp.spectrum`` and ``dsp.voice``, shared by all ears.
    ears : record of the type ``STATE``, shape (1,)
        Changed.

    Returns
    -------
    tuple
        Fields of a frame, of which the phrase's ending and trailing off are left open.
    """
    state = ears[0]
    known, voice, found = state.level, state.voice, state.fillers
    bands_db = state.spectrum.bands_db
    level.take(hop, voice.speech, known)
    spectrum.take(hop, tables[0], state.spectrum)
    loudness.take(state.spectrum.bands, state.loudness)
    decimate.take(hop, low_pass, state.sound)
    pitch.take(state.sound.x, state.pitch)
    f0_hz, voicing = state.pitch.f0_hz, state.pitch.voicing
    activity.take(state.loudness.bands_above_db, bands_db, known.level_dbfs, known.noise_dbfs, weights, voice)
    edge = pauses.take(voice.speech, voice.settled, state.loudness.above_db, state.pauses)
    talking = state.pauses.talking
    contour.take(f0_hz, voicing, state.contour)
    nucleus = syllables.take(voice.nucleus, state.syllables)
    filler = fillers.take(f0_hz, bands_db, known.level_dbfs, known.noise_dbfs, voice.speech, found)
    # Clocks and keys click as single glottal pulses do: only where someone talks is it creak.
    creaky = creak.take(state.sound.x, known.noise_dbfs, f0_hz, state.pitch.usual_hz, state.creak)
    return (
        True,
        known.level_dbfs,
        known.noise_dbfs,
        known.clipped,
        known.momentary_lufs,
        known.short_term_lufs,
        known.snr_db,
        voice.speech,
        talking,
        edge,
        f0_hz,
        voicing,
        nucleus,
        found.start_ago_hops if filler > 0.0 else 0,
        found.end_ago_hops if filler > 0.0 else 0,
        filler,
        creaky if talking else 0.0,
        math.nan,
        0.0,
        math.nan,
        0.0,
    )


class Ears:
    """One channel's ears. The same hops always give the same frames."""

    def __init__(self) -> None:
        self._state: NDArray[np.void] = np.zeros(1, STATE)
        part = self._state[0]
        sound = Decimated(part["sound"])
        self._level = Level(part["level"])
        self._trailing = Trailing(self._level)
        self._spectrum = Spectrum(part["spectrum"])
        self._loudness = Loudness(part["loudness"])
        self._pitch = PitchTracker(state=part["pitch"], sound=sound)
        self._voice = VoiceActivity(part["voice"])
        self._pauses = Pauses(part["pauses"])
        self._syllables = Syllables(part["syllables"])
        self._fillers = Fillers(part["fillers"])
        self._creak = CreakDetector(part["creak"], sound)
        self._contour = PhraseContour(part["contour"])
        self._lost_hops = 0

    def reset(self) -> None:
        """Forget everything heard."""
        self._lost_hops = 0
        self._level.reset()
        self._trailing.reset()
        self._loudness.reset()
        self._voice.reset()
        self._pauses.reset()
        self._contour.reset()
        self._fillers.reset()
        self._pitch.reset()
        self._forget_fine()
        self._forget_sound()

    def _forget_fine(self) -> None:
        """Forget what is measured from period to period or as one sound: not even a short loss is spanned."""
        self._pitch.forget_sound()
        self._fillers.forget_sound()
        self._creak.reset()

    def _forget_sound(self) -> None:
        """Forget samples and unfinished sounds, so that nothing spans what wasn't heard."""
        self._spectrum.reset()
        self._voice.forget_sound()
        self._pauses.forget_sound()
        self._syllables.forget_sound()

    def _bridge(self) -> None:
        """Take a short loss into what goes on behind it: silence, talk, a syllable."""
        self._level.bridge()
        self._loudness.bridge(self._spectrum.bands)
        self._voice.bridge()
        self._pauses.bridge(float(self._voice.settled))
        self._syllables.bridge(float(self._voice.nucleus))

    def hear(self, hop: Floats) -> Frame:
        """Frame after the next 160 samples: finite float32, 16 kHz, full scale ±1.

        Raises
        ------
        ValueError
            The hop has another shape.
        """
        if hop.shape != (HOP,):
            raise ValueError(f"a hop is {HOP} samples in one dimension; got shape {hop.shape}")
        self._lost_hops = 0
        frame = Frame._make(hear(hop, LOW_PASS, TABLES, WEIGHTS, self._state))
        return self._edge(frame) if frame.edge_ago_hops else frame

    def _edge(self, frame: Frame) -> Frame:
        """Begin a phrase with this frame, or tell how it ended."""
        ago_hops = frame.edge_ago_hops
        if frame.talking:
            self._trailing.began(ago_hops)
            return frame
        change_st, sure = self._contour.ending(max(0, ago_hops - PITCH_DELAY_HOPS))
        trailing_db, trailing_sure = self._trailing.ended(ago_hops)
        return frame._replace(
            ending_st=change_st,
            ending_confidence=sure,
            trailing_db=trailing_db,
            trailing_confidence=trailing_sure,
        )

    def lost(self) -> Frame:
        """Frame of a hop of which samples never arrived: unknown, not silence.

        ``talking`` stays what it was. What was unfinished is dropped; silence, talk and
        syllables only if more than ``SHORT_LOSS_HOPS`` are lost in a row.
        """
        self._forget_fine()
        self._lost_hops += 1
        if self._lost_hops <= SHORT_LOSS_HOPS:
            self._bridge()
        else:
            self._forget_sound()
        level = self._level
        level.lost()
        self._contour.lost()
        return Frame(
            known=False,
            level_dbfs=float(level.level_dbfs),
            noise_dbfs=float(level.noise_dbfs),
            clipped=0.0,
            momentary_lufs=float(level.momentary_lufs),
            short_term_lufs=float(level.short_term_lufs),
            snr_db=float(level.snr_db),
            speech=0.5,
            talking=bool(self._pauses.talking),
            edge_ago_hops=0,
            f0_hz=0.0,
            voicing=0.0,
            nucleus_ago_hops=0,
            filler_start_ago_hops=0,
            filler_end_ago_hops=0,
            filler_confidence=0.0,
            creak=0.0,
            ending_st=math.nan,
            ending_confidence=0.0,
            trailing_db=math.nan,
            trailing_confidence=0.0,
        )
