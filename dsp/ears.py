"""One channel's analysis: 160 samples in, one ``Frame`` out, through all estimators of ``dsp/``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import (
    band_snr,
    creak,
    decimate,
    endpointer,
    filled_pauses,
    level_meter,
    phrase_contour,
    pitch,
    sample_history,
    spectrum,
    syllables,
    voice_activity,
)
from .band_snr import BandSnr
from .component import State
from .creak import CreakDetector
from .decimate import LOW_PASS, Decimator
from .endpointer import Endpointer
from .filled_pauses import FilledPauseDetector
from .frame import FRAME, HOP, UNKNOWN_FRAME, Frame
from .kernel import kernel
from .level_meter import LevelMeter
from .phrase_contour import PhraseContour
from .pitch import PitchTracker
from .sample_history import SampleHistory
from .spectrum import TABLES, Spectrum
from .syllables import Syllables
from .trailing_off import TrailingOff
from .voice_activity import WEIGHTS, VoiceActivity

PITCH_DELAY_HOPS = PitchTracker.DELAY_HOPS
"""``Frame.f0_hz`` and ``voicing`` describe the hop this many before the newest."""

CREAK_DELAY_HOPS = CreakDetector.DELAY_HOPS
"""``Frame.creak`` describes the hop this many before the newest."""

SHORT_LOSS_HOPS = 6
"""Losses up to this length (three packets) are bridged; a longer one ends what was going on."""

Floats = NDArray[np.float32]


STATE = np.dtype(
    [
        ("level_meter", LevelMeter.STATE),
        ("spectrum", Spectrum.STATE),
        ("band_snr", BandSnr.STATE),
        ("decimator", Decimator.STATE),
        ("pitch", PitchTracker.STATE),
        ("voice_activity", VoiceActivity.STATE),
        ("endpointer", Endpointer.STATE),
        ("phrase_contour", PhraseContour.STATE),
        ("syllables", Syllables.STATE),
        ("filled_pauses", FilledPauseDetector.STATE),
        ("creak", CreakDetector.STATE),
        ("history", SampleHistory.STATE),
        ("frame", FRAME),
        ("lost_hops", "i8"),
    ],
    align=True,
)
"""The whole state of one channel, in one block of memory."""


@kernel
def process_hop(hop: Floats, low_pass: Floats, tables: State, weights: Floats, ears: State) -> None:
    """Run all components on a hop, in the order of their dependencies, and fill in the frame.

    Parameters
    ----------
    hop : float32, shape (160,)
    low_pass, tables, weights : of ``dsp.decimate``, ``dsp.spectrum`` and ``dsp.voice_activity``
        Shared by all channels.
    ears : record of the type ``STATE``, shape (1,)
        Changed. The frame's fields on phrase endings and trailing off are left to :class:`Ears`.
    """
    state = ears[0]
    level, voice, filled = state.level_meter, state.voice_activity, state.filled_pauses
    bands_db = state.spectrum.bands_db
    level_meter.update_level(hop, voice.speech, level)
    spectrum.update_spectrum(hop, tables[0], state.spectrum)
    band_snr.update_band_snr(state.spectrum.bands, state.band_snr)
    decimate.decimate_hop(hop, low_pass, state.decimator)
    sample_history.append_samples(hop, state.history)
    pitch.track_pitch(state.decimator.x, state.pitch)
    f0_hz, voicing = state.pitch.f0_hz, state.pitch.voicing
    voice_activity.update_voice_activity(
        state.band_snr.bands_above_db, bands_db, level.level_dbfs, level.noise_dbfs, weights, voice
    )
    edge = endpointer.update_endpoints(voice.speech, voice.settled, state.band_snr.above_db, state.endpointer)
    talking = state.endpointer.talking
    phrase_contour.append_pitch(f0_hz, voicing, state.phrase_contour)
    nucleus = syllables.find_nucleus(voice.nucleus, state.syllables)
    filler = filled_pauses.detect_filled_pause(
        f0_hz, bands_db, level.level_dbfs, level.noise_dbfs, voice.speech, filled
    )
    # Clocks and keys click like single glottal pulses, so creak counts only while someone talks.
    creaky = creak.detect_creak(state.decimator.x, level.noise_dbfs, f0_hz, state.pitch.usual_hz, state.creak)
    frame = state.frame
    frame.known = True
    frame.level_dbfs = level.level_dbfs
    frame.noise_dbfs = level.noise_dbfs
    frame.clipped = level.clipped
    frame.momentary_lufs = level.momentary_lufs
    frame.short_term_lufs = level.short_term_lufs
    frame.snr_db = level.snr_db
    frame.speech = voice.speech
    frame.talking = talking
    frame.edge_ago_hops = edge
    frame.f0_hz = f0_hz
    frame.voicing = voicing
    frame.nucleus_ago_hops = nucleus
    frame.filler_start_ago_hops = filled.start_ago_hops if filler > 0.0 else 0
    frame.filler_end_ago_hops = filled.end_ago_hops if filler > 0.0 else 0
    frame.filler_confidence = filler
    frame.creak = creaky if talking else 0.0
    state.lost_hops = 0


class Ears:
    """One channel's analysis. The same hops always give the same frames.

    Attributes
    ----------
    state : record of the type ``STATE``, shape (1,), for :func:`process_hop`.
    history : the last second of sound.
    """

    def __init__(self) -> None:
        self.state: NDArray[np.void] = np.zeros(1, STATE)
        part = self.state[0]
        sound = Decimator(part["decimator"])
        self._level_meter = LevelMeter(part["level_meter"])
        self._trailing = TrailingOff(self._level_meter)
        self._spectrum = Spectrum(part["spectrum"])
        self._band_snr = BandSnr(part["band_snr"])
        self._pitch = PitchTracker(state=part["pitch"], sound=sound)
        self._voice_activity = VoiceActivity(part["voice_activity"])
        self._endpointer = Endpointer(part["endpointer"])
        self._syllables = Syllables(part["syllables"])
        self._filled_pauses = FilledPauseDetector(part["filled_pauses"])
        self._creak = CreakDetector(part["creak"], sound)
        self._phrase_contour = PhraseContour(part["phrase_contour"])
        self.history = SampleHistory(part["history"])
        self._frame: NDArray[np.void] = self.state["frame"]
        self._frame[0] = UNKNOWN_FRAME

    def reset(self) -> None:
        """Forget everything."""
        self.state["lost_hops"] = 0
        self._frame[0] = UNKNOWN_FRAME
        self._level_meter.reset()
        self._trailing.reset()
        self._band_snr.reset()
        self._voice_activity.reset()
        self._endpointer.reset()
        self._phrase_contour.reset()
        self._filled_pauses.reset()
        self._pitch.reset()
        self.history.reset()
        self._forget_fine()
        self._forget_sound()

    def _forget_fine(self) -> None:
        """Reset what is measured period by period or as one sound: it doesn't span even a short loss."""
        self._pitch.forget_sound()
        self._filled_pauses.forget_sound()
        self._creak.reset()

    def _forget_sound(self) -> None:
        """Forget samples and unfinished sounds, so that nothing spans lost audio."""
        self._spectrum.reset()
        self._voice_activity.forget_sound()
        self._endpointer.forget_sound()
        self._syllables.forget_sound()

    def unmute(self) -> None:
        """Restart after a mute: nobody talks, the noise floor is forgotten, the speaker's habits are kept."""
        self._level_meter.forget_noise()
        self._band_snr.reset()
        self._forget_fine()
        self._forget_sound()
        self._phrase_contour.process_lost()
        self._endpointer.state["talking"] = False
        self.state["lost_hops"] = 0

    def _bridge(self) -> None:
        """Let silence, talk and syllables continue over a hop of a short loss."""
        self._level_meter.bridge()
        self._band_snr.bridge(self._spectrum.bands)
        self._voice_activity.bridge()
        self._endpointer.bridge(float(self._voice_activity.settled))
        self._syllables.bridge(float(self._voice_activity.nucleus))

    def process(self, hop: Floats) -> Frame:
        """Process the next 160 samples: finite float32, 16 kHz, full scale ±1.

        Raises
        ------
        ValueError
            The hop has another shape.
        """
        if hop.shape != (HOP,):
            raise ValueError(f"a hop is {HOP} samples in one dimension; got shape {hop.shape}")
        process_hop(hop, LOW_PASS, TABLES, WEIGHTS, self.state)
        return self.newest_frame()

    def newest_frame(self) -> Frame:
        """Frame of the newest hop. Call it once for each hop in which ``talking`` changes."""
        frame = Frame._make(self._frame.item())
        return self._with_edge(frame) if frame.edge_ago_hops else frame

    def cleaned_frame(self) -> Frame:
        """Frame of the newest hop after :mod:`dsp.channel_pair` has removed leakage from it."""
        return Frame._make(self._frame.item())

    def _with_edge(self, frame: Frame) -> Frame:
        """Begin a phrase with this frame, or add how the phrase ended."""
        ago_hops = frame.edge_ago_hops
        if frame.talking:
            self._trailing.begin_phrase(ago_hops)
            return frame
        change_st, sure = self._phrase_contour.ending(max(0, ago_hops - PITCH_DELAY_HOPS))
        trailing_db, trailing_sure = self._trailing.end_phrase(ago_hops)
        return frame._replace(
            ending_st=change_st,
            ending_confidence=sure,
            ending_hz=self._phrase_contour.end_hz,
            trailing_db=trailing_db,
            trailing_confidence=trailing_sure,
        )

    def process_lost(self) -> Frame:
        """Process a hop of which samples never arrived: unknown, not silence.

        ``talking`` stays what it was. Unfinished sounds are dropped; silence, talk and syllables
        end only when more than ``SHORT_LOSS_HOPS`` are lost in a row.
        """
        self._forget_fine()
        self.history.process_lost()
        self.state["lost_hops"] += 1
        if self.state["lost_hops"][0] <= SHORT_LOSS_HOPS:
            self._bridge()
        else:
            self._forget_sound()
        level = self._level_meter
        level.process_lost()
        self._phrase_contour.process_lost()
        frame = UNKNOWN_FRAME._replace(
            level_dbfs=float(level.level_dbfs),
            noise_dbfs=float(level.noise_dbfs),
            momentary_lufs=float(level.momentary_lufs),
            short_term_lufs=float(level.short_term_lufs),
            snr_db=float(level.snr_db),
            talking=bool(self._endpointer.talking),
        )
        self._frame[0] = frame
        return frame
