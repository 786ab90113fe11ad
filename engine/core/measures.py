"""Measures of one speaker: over the recent past, and over the session."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dsp.accumulator import Accumulator, Snapshot
from dsp.frame import HOP_S
from dsp.speech_level import snr_confidence
from dsp.voicing_stats import LOSS_HOPS
from engine.cues.delivery.ending import GOES_ON_S, is_high
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures

from .certainty import NEEDS, fillers_sure, voiced_enough
from .pace import PaceReading, recent_pace, session_pace
from .windows import SpokenTime, hops
from .word_length import WordLength

NUCLEUS_LAG_S = 0.1
"""Syllables of the last moment are not yet confirmed; the rate is measured up to there."""

LEAST_VOICED_S, LEAST_CREAK_S, ENOUGH_VOICED_S = 4.0, 3.0, 6.0
"""Voiced time that a spread of F0 and a share of creak need at all, and that makes either sure."""

MOVEMENT_S = 0.3
"""Voiced time of one pitch movement: samples of F0 within it are not independent."""

MEDIAN_S = 0.5
"""Voiced time that a median of F0 needs, or the place of a pitch among the others."""

MOST_LOST = 0.3
"""Share of lost audio at which the confidence of all measures is 0."""


class TalkState(NamedTuple):
    """Whether a speaker talks, and for how long."""

    talking: bool
    known: bool
    """False while audio is lost or the speaker muted."""
    stretch_s: float
    unbroken_s: float
    silence_s: float
    talk_share: float | None


class PitchReading(NamedTuple):
    """Spread of F0 over the recent past; null where too little was voiced."""

    sd_st: float | None = None
    error_st: float | None = None
    confidence: float = 0.0


class CreakReading(NamedTuple):
    """Creak over the profile's window; null where too little was voiced."""

    share: float | None = None
    confidence: float = 0.0


class Measures:
    """Accumulates the facts of a speaker, and computes readings and session measures from them.

    Parameters
    ----------
    accumulator : sums over the hops of the speaker.
    """

    def __init__(self, profile: Profile, accumulator: Accumulator) -> None:
        self.profile = profile
        self.spoken = SpokenTime()
        self._word_length = WordLength(profile.pace.syllables_per_word)
        self._accumulator = accumulator
        self._speech_s = self._counted_s = 0.0
        self._nuclei = self._fillers = self._guessed_fillers = 0
        self._pauses_s: list[float] = []
        self._phrases = self._endings = self._rises = 0
        self._last_phrase: ev.PhraseEnded | None = None
        """While it isn't known whether the speaker goes on."""
        self._trailing_db: list[float] = []
        self.interruptions = self.backchannels = 0
        self.unheard_hops = 0
        """Lost hops in which the speaker was muted."""

    # --- facts --------------------------------------------------------

    def start(self, at_s: float, *, listened: bool) -> None:
        """Note that speech began, after a silence of the speaker's own or after listening."""
        if self._last_phrase is not None:
            ended, rose = self._ending(at_s - self._last_phrase.end_s, listened=listened)
            self._endings, self._rises, self._last_phrase = self._endings + ended, self._rises + rose, None
        self.spoken.start(at_s, listened=listened)

    def stop(self, at_s: float) -> None:
        """Note that speech ended."""
        speech_s = self._running_s(at_s)
        self._speech_s += speech_s
        self._counted_s += speech_s
        self.spoken.stop(at_s)

    def nucleus(self, at_s: float) -> None:
        """Count a syllable."""
        self._nuclei += 1
        self.spoken.nuclei_s.append(at_s)

    def learn(self, fact: ev.LateFact) -> None:
        """Learn the length of the words from recognised ones; other facts tell nothing here."""
        if isinstance(fact, ev.Words):
            self._word_length.add(fact, self.spoken.nuclei_s)

    def filler(self, end_s: float, *, sure: bool) -> None:
        """Count a filled pause; one that is not sure is counted apart."""
        if sure:
            self._fillers += 1
            self.spoken.fillers_s.append(end_s)
        else:
            self._guessed_fillers += 1

    def pause(self, silence_s: float) -> None:
        """Add a pause of the speaker's own."""
        self._pauses_s.append(silence_s)
        self._counted_s += min(silence_s, SpokenTime.silence_cap_s)

    def phrase(self, phrase: ev.PhraseEnded) -> None:
        """Count a phrase; whether it ended something said is known from what follows."""
        self._phrases += 1
        self._last_phrase = phrase
        sure = phrase.trailing_confidence >= self.profile.nudges.least_confidence
        if phrase.trailing_db is not None and sure:
            self._trailing_db.append(phrase.trailing_db)

    def lose(self) -> None:
        """Note that audio was lost: whether the last phrase ended something said will not be known."""
        self._last_phrase = None

    def _ending(self, silence_s: float, *, listened: bool) -> tuple[int, int]:
        """Return the ending, and the rise, that the last phrase was if this silence followed it: 0 or 1."""
        phrase = self._last_phrase
        if phrase is None or phrase.contour == "unsure" or not (silence_s > GOES_ON_S or listened):
            return 0, 0
        return 1, int(phrase.contour == "rise" and is_high(phrase))

    # --- measures ----------------------------------------------

    def height(self, f0_hz: float) -> float | None:
        """Return the share of the F0 so far that is lower, 0..1; None while too little is known of it."""
        voiced = self._accumulator.voiced
        return voiced.share_below(f0_hz) if voiced.pitch_hops >= hops(MEDIAN_S) else None

    def reading(self, now_s: float, talk: TalkState) -> ev.Reading:
        """Return all measures over their windows."""
        profile = self.profile
        self.spoken.forget(now_s - 10 * max(profile.pace.window_s, profile.fillers.window_s))
        now = self._accumulator.snapshot()
        heard = _heard(now)
        trust = snr_confidence(now.snr_db) * heard
        pace = self._pace(now_s, trust) if talk.known else PaceReading()
        pitch, creak = _pitch(now, trust), _creak(now, trust)
        return ev.Reading(
            talking=talk.talking,
            level_dbfs=-120.0 if math.isnan(now.level_dbfs) else now.level_dbfs,
            noise_dbfs=now.noise_dbfs,
            loudness_lufs=_known(now.loudness_lufs),
            snr_db=now.snr_db,
            level_confidence=now.level_confidence * heard,
            pace_wpm=pace.wpm,
            pace_error_wpm=pace.error_wpm,
            pace_usual_wpm=pace.usual_wpm,
            pace_confidence=pace.confidence,
            articulation_sps=pace.articulation_sps,
            f0_median_hz=now.f0_median_hz if now.f0_hops >= hops(MEDIAN_S) else None,
            f0_sd_st=pitch.sd_st,
            f0_error_st=pitch.error_st,
            f0_confidence=pitch.confidence,
            creak_share=creak.share,
            creak_confidence=creak.confidence,
            fillers_per_min=self._filler_rate(now_s),
            fillers_confidence=trust,
            level_change_db=_known(now.change_db),
            stretch_s=talk.stretch_s,
            unbroken_s=talk.unbroken_s,
            silence_s=talk.silence_s,
            speech_s=self.speech_s(now_s),
            talk_share=talk.talk_share,
        )

    def speech_s(self, now_s: float) -> float:
        """Return the speech so far, in seconds."""
        return self._speech_s + self._running_s(now_s)

    def _running_s(self, now_s: float) -> float:
        since_s = self.spoken.running_since_s
        return 0.0 if since_s is None else max(0.0, now_s - since_s)

    def _pace(self, now_s: float, trust: float) -> PaceReading:
        window_s = self.profile.pace.window_s
        rates = self.spoken.rates(now_s - NUCLEUS_LAG_S, window_s)
        before_s = self._counted_s + self._running_s(now_s) - rates.counted_s
        usual_sps = (self._nuclei - rates.syllables) / before_s if before_s >= window_s else None
        return recent_pace(rates, usual_sps, self._word_length.recent(now_s), window_s, trust)

    def _filler_rate(self, now_s: float) -> float | None:
        window_s = self.profile.fillers.window_s
        start_s, _, counted_s = self.spoken.window(now_s, window_s)
        if counted_s < 5.0:
            return None
        count = sum(t >= start_s for t in self.spoken.fillers_s)
        return 60.0 * count / max(counted_s, window_s / 2)

    def session(
        self, now_s: float, other_speech_s: float | None, longest_stretch_s: float, muted_s: float = 0.0
    ) -> ChannelMeasures:
        """Return the measures over the whole session so far."""
        speech_s, counted_s = self.speech_s(now_s), self._counted_s + self._running_s(now_s)
        silence_s = now_s - self._last_phrase.end_s if self._last_phrase else 0.0
        ended, rose = self._ending(silence_s, listened=False)
        now, level, voiced = self._accumulator.snapshot(), self._accumulator.level, self._accumulator.voiced
        voiced_hops, mean_dbfs = int(voiced.voiced_hops), level.mean_dbfs()
        less_s = 0.0 if other_speech_s is None else min(speech_s, other_speech_s)
        sure = self._sure(now, speech_s, counted_s, other_speech_s, longest_stretch_s)
        pace = PaceReading()
        if sure["pace_wpm"] > 0.0:
            pace = session_pace(self._nuclei, speech_s, counted_s, self._word_length.session())
        unsure = [name for name, how in sure.items() if how < self.profile.nudges.least_confidence]
        return ChannelMeasures(
            speech_s=speech_s,
            talk_share=speech_s / (speech_s + (other_speech_s or 0.0))
            if less_s >= NEEDS["talk_share"].least
            else None,
            pace_wpm=pace.wpm,
            pace_error_wpm=pace.error_wpm,
            syllables_per_s=pace.articulation_sps,
            syllables=self._nuclei,
            pause_count=len(self._pauses_s),
            pause_total_s=sum(self._pauses_s),
            longest_pause_s=max(self._pauses_s, default=0.0),
            longest_stretch_s=longest_stretch_s,
            f0_median_hz=now.f0_median_hz if now.f0_hops >= hops(MEDIAN_S) else None,
            f0_sd_st=voiced.sd_st() if sure["f0_sd_st"] else None,
            fillers=self._fillers,
            fillers_per_min=60.0 * self._fillers / counted_s
            if speech_s >= NEEDS["fillers_per_min"].least
            else None,
            creak_share=int(voiced.creak_hops) / voiced_hops if sure["creak_share"] else None,
            level_dbfs=mean_dbfs,
            noise_dbfs=now.noise_dbfs if now.noise_dbfs > -120.0 else None,
            loudness_lufs=level.mean_lufs(),
            snr_db=None if mean_dbfs is None else now.snr_db,
            trailing_db=float(np.median(self._trailing_db)) if sure["trailing_db"] else None,
            phrases=self._phrases,
            endings=self._endings + ended,
            rises=self._rises + rose,
            interruptions=self.interruptions,
            backchannels=self.backchannels,
            lost_s=self._lost_hops * HOP_S,
            muted_s=muted_s,
            unsure=unsure,
        )

    @property
    def _lost_hops(self) -> int:
        """Hops that never arrived, muted ones left out."""
        return int(self._accumulator.voiced.lost_hops) - self.unheard_hops

    def _sure(
        self,
        now: Snapshot,
        speech_s: float,
        counted_s: float,
        other_speech_s: float | None,
        longest_stretch_s: float,
    ) -> dict[str, float]:
        """Return the confidence of each measure over the session, 0..1."""
        profile, voiced = self.profile, self._accumulator.voiced
        longest_s = profile.check_in.limit_s(alone=other_speech_s is None)
        there = now.hops - self.unheard_hops
        lost = self._lost_hops / there if there else 0.0
        trust = snr_confidence(now.snr_db) * max(0.0, 1.0 - lost / MOST_LOST)
        voiced_s = int(voiced.voiced_hops) * HOP_S
        voice = trust * voiced_enough(int(voiced.pitch_hops) * HOP_S, speech_s)
        had = {
            "pace_wpm": trust * NEEDS["pace_wpm"].sure(speech_s),
            "f0_sd_st": voice * NEEDS["f0_sd_st"].sure(int(voiced.pitch_hops) * HOP_S),
            "creak_share": voice * NEEDS["creak_share"].sure(voiced_s),
            "fillers_per_min": voice
            * fillers_sure(self._fillers, self._guessed_fillers, counted_s, profile.fillers.per_min),
            "rises": NEEDS["rises"].sure(self._endings),
            "trailing_db": NEEDS["trailing_db"].sure(len(self._trailing_db)),
            "snr_db": NEEDS["snr_db"].sure(speech_s),
            "longest_stretch_s": float(longest_s is None or max(speech_s, longest_stretch_s) >= longest_s),
        }
        if other_speech_s is not None:
            had["talk_share"] = NEEDS["talk_share"].sure(min(speech_s, other_speech_s))
            heard_out = NEEDS["interruptions"].sure(other_speech_s)
            had["interruptions"] = 1.0 if self.interruptions else heard_out
        return had


def _heard(now: Snapshot) -> float:
    """Return a factor for the confidence of measures: 1 without recent loss, 0 from ``MOST_LOST`` on."""
    recent = min(now.hops, LOSS_HOPS)
    return max(0.0, 1.0 - now.lost_lately / recent / MOST_LOST) if recent else 0.0


def _pitch(now: Snapshot, trust: float) -> PitchReading:
    if now.f0_recent_hops < hops(LEAST_VOICED_S):
        return PitchReading()
    return PitchReading(
        sd_st=now.f0_sd_st,
        error_st=now.f0_sd_st / math.sqrt(2.0 * now.f0_recent_hops / hops(MOVEMENT_S)),
        confidence=min(1.0, now.f0_recent_hops / hops(ENOUGH_VOICED_S)) * trust,
    )


def _creak(now: Snapshot, trust: float) -> CreakReading:
    voice = voiced_enough(now.pitched_hops, now.spoken_hops)
    if now.voiced_hops < hops(LEAST_CREAK_S) or not voice:
        return CreakReading()
    return CreakReading(
        share=now.creaky_hops / now.voiced_hops,
        confidence=min(voice, now.voiced_hops / hops(ENOUGH_VOICED_S)) * trust,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
