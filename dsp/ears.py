"""The ears: everything in ``dsp/`` put together, 160 samples in, one ``Frame`` out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .contour import PhraseContour
from .creak import CreakDetector
from .fillers import Fillers
from .frame import HOP, Frame
from .level import Level
from .loudness import Loudness
from .pauses import Pauses
from .pitch import PitchTracker
from .spectrum import Spectrum
from .syllables import Syllables
from .trailing import Trailing
from .voice import VoiceActivity

PITCH_DELAY_HOPS = PitchTracker.DELAY_HOPS
"""``Frame.f0_hz`` and ``voicing`` tell of the hop this long before."""

CREAK_DELAY_HOPS = CreakDetector.DELAY_HOPS
"""``Frame.creak`` tells of the hop this long before."""

NO_ENDING = (math.nan, 0.0)
"""``Frame.ending_st`` and ``trailing_db``, each with its confidence, when no phrase has ended."""

Floats = NDArray[np.float32]


class Ears:
    """One channel's ears. The same hops always give the same frames."""

    def __init__(self) -> None:
        self._level = Level()
        self._trailing = Trailing(self._level)
        self._spectrum = Spectrum()
        self._loudness = Loudness()
        self._pitch = PitchTracker()
        self._voice = VoiceActivity()
        self._pauses = Pauses()
        self._syllables = Syllables()
        self._fillers = Fillers()
        self._creak = CreakDetector()
        self._contour = PhraseContour()

    def reset(self) -> None:
        """Forget everything heard."""
        self._level.reset()
        self._trailing.reset()
        self._loudness.reset()
        self._voice.reset()
        self._pauses.reset()
        self._contour.reset()
        self._fillers.reset()
        self._pitch.reset()
        self._forget_sound()

    def _forget_sound(self) -> None:
        """Forget samples and unfinished sounds, so that nothing spans what wasn't heard."""
        self._spectrum.reset()
        self._pitch.forget_sound()
        self._voice.forget_sound()
        self._pauses.forget_sound()
        self._syllables.forget_sound()
        self._fillers.forget_sound()
        self._creak.reset()

    def hear(self, hop: Floats) -> Frame:
        """Frame after the next 160 samples: finite float32, 16 kHz, full scale ±1.

        Raises
        ------
        ValueError
            The hop has another shape.
        """
        if hop.shape != (HOP,):
            raise ValueError(f"a hop is {HOP} samples in one dimension; got shape {hop.shape}")
        self._level.process(hop, self._voice.speech)
        level = self._level
        self._spectrum.process(hop)
        self._loudness.process(self._spectrum.bands)
        f0_hz, voicing = self._pitch.process(hop)
        self._voice.process(
            self._loudness.bands_above_db, self._spectrum.bands_db, level.level_dbfs, level.noise_dbfs
        )
        speech = self._voice.speech
        edge = self._pauses.process(speech, self._voice.settled, self._loudness.above_db)
        self._contour.process(f0_hz, voicing)
        ending = trailing = NO_ENDING
        if edge and self._pauses.talking:
            self._trailing.began(edge)
        elif edge:
            ending = self._contour.ending(max(0, edge - PITCH_DELAY_HOPS))
            trailing = self._trailing.ended(edge)
        nucleus = self._syllables.process(self._voice.nucleus)
        filler_confidence = self._fillers.process(
            f0_hz, self._spectrum.bands_db, level.level_dbfs, level.noise_dbfs, speech
        )
        # Clocks and keys click as single glottal pulses do: only where someone talks is it creak.
        creak = self._creak.process(hop, level.noise_dbfs, f0_hz, self._pitch.usual_hz)
        return Frame(
            known=True,
            level_dbfs=level.level_dbfs,
            noise_dbfs=level.noise_dbfs,
            clipped=level.clipped,
            momentary_lufs=level.momentary_lufs,
            short_term_lufs=level.short_term_lufs,
            snr_db=level.snr_db,
            speech=speech,
            talking=self._pauses.talking,
            edge_ago_hops=edge,
            f0_hz=f0_hz,
            voicing=voicing,
            nucleus_ago_hops=nucleus,
            filler_start_ago_hops=self._fillers.start_ago_hops if filler_confidence else 0,
            filler_end_ago_hops=self._fillers.end_ago_hops if filler_confidence else 0,
            filler_confidence=filler_confidence,
            creak=creak if self._pauses.talking else 0.0,
            ending_st=ending[0],
            ending_confidence=ending[1],
            trailing_db=trailing[0],
            trailing_confidence=trailing[1],
        )

    def lost(self) -> Frame:
        """Frame of a hop of which samples never arrived: unknown, not silence.

        ``talking`` stays what it was; what was unfinished is dropped.
        """
        self._forget_sound()
        self._level.lost()
        self._contour.lost()
        return Frame(
            known=False,
            level_dbfs=self._level.level_dbfs,
            noise_dbfs=self._level.noise_dbfs,
            clipped=0.0,
            momentary_lufs=self._level.momentary_lufs,
            short_term_lufs=self._level.short_term_lufs,
            snr_db=self._level.snr_db,
            speech=0.5,
            talking=self._pauses.talking,
            edge_ago_hops=0,
            f0_hz=0.0,
            voicing=0.0,
            nucleus_ago_hops=0,
            filler_start_ago_hops=0,
            filler_end_ago_hops=0,
            filler_confidence=0.0,
            creak=0.0,
            ending_st=NO_ENDING[0],
            ending_confidence=NO_ENDING[1],
            trailing_db=NO_ENDING[0],
            trailing_confidence=NO_ENDING[1],
        )
