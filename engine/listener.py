"""One speaker: samples of any block size to hops, hops to facts and readings."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.contour import kind
from dsp.ears import CREAK_DELAY_HOPS, PITCH_DELAY_HOPS, Ears
from dsp.frame import HOP, HOP_S, Frame

from . import events as ev
from .profile import Profile
from .signal_watch import SignalWatch
from .windows import LOWEST_HZ, PitchHistogram, Ring, SpokenTime, hops, spread_st
from .wire import ChannelMeasures

Emit = Callable[..., None]
"""Called with an event's class and its fields; the session adds order, time and channel."""

READING_HOPS = 25
TRACE_HOPS = 10
LONG_LOSS_HOPS = 30
"""After this much lost audio nothing is known of whether the speaker talks."""

LOSS_IN_SILENCE = 0.2
"""Share of a silence that may be lost before its length counts as unknown."""

SHORTEST_CREAK_HOPS = 10
CREAK_GAP_HOPS = 5
NUCLEUS_LAG_S = 0.1
"""Syllables of the last moment are not yet confirmed; the rate is measured up to there."""

FULL_SCALE_LIMIT = 8.0
"""Samples beyond this are not audio at full scale ±1."""

LEVEL_HALF_LIFE_HOPS = 100
"""Half-life of the running speech level, in hops of speech."""


class Listener:
    """Hears one channel and says what happened; holds all that is measured of one speaker."""

    def __init__(self, profile: Profile, emit: Emit) -> None:
        self.profile = profile
        self._emit = emit
        self._ears = Ears()
        self._hop: NDArray[np.float32] = np.zeros(HOP, np.float32)
        self._filled = 0
        self._hop_lost = False
        self.position = 0
        """Next sample index expected."""
        self.frames: deque[tuple[Frame, bool]] = deque()
        """Frames heard and not yet taken by the session, each with whether its samples were bad."""

        self.state = "silent"
        """``speaking``, ``silent`` or ``unknown`` (after lost audio)."""
        self._heard_before = self._listening = False
        self._since_s = 0.0
        self._lost_hops = 0
        self._silence_lost_hops = 0
        self._lost_since_s: float | None = None
        self._creak_start: int | None = None
        self._creak_last = 0
        self.spoken = SpokenTime()
        self.watch = SignalWatch(emit)

        longest = hops(max(profile.voice.window_s, PITCH_WINDOW_S)) + 1
        self._f0_st = Ring(longest)
        self._creaky = Ring(longest)
        self._voiced = Ring(longest)
        self._recent: deque[float] = deque([-120.0] * (PITCH_DELAY_HOPS + 1), PITCH_DELAY_HOPS + 1)
        self._trace_f0: list[float] = []
        self._trace_level: list[float] = []
        self._trace_known = True
        self._trace_start_s = -PITCH_DELAY_HOPS * HOP_S

        self.pitch = PitchHistogram()
        self._power_now = self._power_sum = 0.0
        self._speech_hops = 0
        self.noise_dbfs = -120.0
        self._speech_s = 0.0
        self._nuclei = self._fillers = self._creak_hops = self._voiced_hops = 0
        self._pauses_s: list[float] = []
        self._counted_s = 0.0
        self._phrases = self._rises = 0
        self.interruptions = self.backchannels = 0
        self._lost_total_hops = 0
        self._stretch_since_s: float | None = None
        self._longest_stretch_s = 0.0
        self._ended_on_rise = False

    # --- samples to frames ---------------------------------------------------

    def hear(self, samples: NDArray[np.float32]) -> None:
        """Take the next samples, float32 mono 16 kHz, any number of them."""
        done = 0
        while done < samples.size:
            part = min(HOP - self._filled, samples.size - done)
            self._hop[self._filled : self._filled + part] = samples[done : done + part]
            done += part
            self._grow(part)

    def lose(self, count: int) -> None:
        """``count`` samples never arrived."""
        while count > 0:
            part = min(HOP - self._filled, count)
            self._hop[self._filled : self._filled + part] = 0.0
            self._hop_lost = True
            count -= part
            self._grow(part)

    def _grow(self, part: int) -> None:
        self._filled += part
        self.position += part
        if self._filled < HOP:
            return
        bad = not self._hop_lost and not float(np.abs(self._hop).max()) <= FULL_SCALE_LIMIT
        frame = self._ears.lost() if self._hop_lost or bad else self._ears.hear(self._hop)
        self.frames.append((frame, bad))
        self._filled = 0
        self._hop_lost = False

    # --- frames to facts -----------------------------------------------------

    def step(self, hop: int, frame: Frame, bad: bool) -> None:
        """Take the frame of hop number ``hop``."""
        now_s = (hop + 1) * HOP_S
        self.watch.step(frame, bad)
        if frame.known:
            self._known(hop, now_s, frame)
        else:
            self._unknown(now_s)
        self._keep(hop, frame)

    def _unknown(self, now_s: float) -> None:
        if self._lost_since_s is None:
            self._lost_since_s = now_s - HOP_S
        self._lost_hops += 1
        self._lost_total_hops += 1
        self._silence_lost_hops += self.state == "silent"
        if self._lost_hops == LONG_LOSS_HOPS and self.state != "unknown":
            if self.state == "speaking":
                self._stop_speech(self._lost_since_s)
            self.state = "unknown"
            self._stretch_since_s = None

    def _known(self, hop: int, now_s: float, frame: Frame) -> None:
        if self._lost_since_s is not None:
            self._emit(ev.AudioLost, start_s=self._lost_since_s, end_s=now_s - HOP_S)
            self._lost_since_s = None
            self._lost_hops = 0
        if self.state == "unknown":
            self.state, self._since_s, self._heard_before = "silent", now_s - HOP_S, False
            self._silence_lost_hops = 0
        edge_s = now_s - frame.edge_ago_hops * HOP_S
        if frame.talking and self.state != "speaking":
            self._begin(max(edge_s, self._since_s), now_s)
        elif not frame.talking and self.state == "speaking":
            self._end(max(edge_s, self._since_s), frame)
        if frame.nucleus_ago_hops:
            self._nuclei += 1
            self.spoken.nuclei_s.append(now_s - frame.nucleus_ago_hops * HOP_S)
        if frame.filler_start_ago_hops:
            self._fillers += 1
            end_s = now_s - frame.filler_end_ago_hops * HOP_S
            self.spoken.fillers_s.append(end_s)
            self._emit(ev.FilledPause, start_s=now_s - frame.filler_start_ago_hops * HOP_S, end_s=end_s)
        self._creak_span(hop, frame.creak >= 0.5)

    def _begin(self, start_s: float, now_s: float) -> None:
        silence_s = start_s - self._since_s
        heard = self._silence_lost_hops * HOP_S <= LOSS_IN_SILENCE * silence_s
        if self._heard_before and silence_s > 0 and heard and not self._listening:
            self._emit(ev.PauseEnded, start_s=start_s, silence_s=silence_s)
            self._pauses_s.append(silence_s)
            self._counted_s += min(silence_s, SpokenTime.silence_cap_s)
        else:
            self._emit(ev.SpeechStarted, start_s=start_s)
        if self._stretch_since_s is None or self._offered(silence_s):
            self._stretch_since_s = start_s
        self.spoken.start(start_s, listened=self._listening)
        self.state, self._since_s, self._heard_before, self._listening = "speaking", start_s, True, False

    def _end(self, end_s: float, frame: Frame) -> None:
        known = not math.isnan(frame.ending_st)
        contour = kind(frame.ending_st, frame.ending_confidence)
        self._phrases += 1
        self._ended_on_rise = contour == "rise"
        self._rises += self._ended_on_rise
        self._emit(
            ev.PhraseEnded,
            start_s=self._since_s,
            end_s=end_s,
            contour=contour,
            change_st=frame.ending_st if known and contour != "unsure" else None,
            confidence=frame.ending_confidence,
        )
        speech_s = end_s - self._since_s
        self._stop_speech(end_s)
        self.state, self._since_s, self._silence_lost_hops = "silent", end_s, 0
        self._emit(ev.PauseStarted, start_s=end_s, speech_s=speech_s)

    def _stop_speech(self, end_s: float) -> None:
        self.spoken.stop(end_s)
        speech_s = max(0.0, end_s - self._since_s)
        self._speech_s += speech_s
        self._counted_s += speech_s
        if self._stretch_since_s is not None:
            self._longest_stretch_s = max(self._longest_stretch_s, end_s - self._stretch_since_s)

    def _offered(self, silence_s: float) -> bool:
        """Whether a silence of this length offers the floor; after a rise, a question, half is enough."""
        return silence_s >= self.profile.check_in.offer_s * (0.5 if self._ended_on_rise else 1.0)

    def floor_taken(self) -> None:
        """The other side has the floor: the next words begin a new stretch, the silence is no pause."""
        self._stretch_since_s = None
        self._listening = True

    def _creak_span(self, hop: int, creaky: bool) -> None:
        if creaky:
            if self._creak_start is None:
                self._creak_start = hop
            self._creak_last = hop
        elif self._creak_start is not None and hop - self._creak_last > CREAK_GAP_HOPS:
            if self._creak_last - self._creak_start + 1 >= SHORTEST_CREAK_HOPS:
                self._emit(
                    ev.Creak,
                    start_s=max(0.0, (self._creak_start - CREAK_DELAY_HOPS) * HOP_S),
                    end_s=(self._creak_last + 1 - CREAK_DELAY_HOPS) * HOP_S,
                )
            self._creak_start = None

    # --- frames to measures ----------------------------------------------------

    def _keep(self, hop: int, frame: Frame) -> None:
        speaking = frame.known and self.state == "speaking"
        voiced = speaking and frame.f0_hz > 0
        creaky = speaking and frame.creak >= 0.5
        semitones = 12.0 * math.log2(frame.f0_hz / LOWEST_HZ) if voiced else -1.0
        self._f0_st.push(semitones if voiced else -1.0)
        self._creaky.push(creaky)
        self._voiced.push(voiced or creaky)
        self._voiced_hops += voiced or creaky
        self._creak_hops += creaky
        if voiced:
            self.pitch.add(max(0.0, semitones))
        if frame.known:
            self.noise_dbfs = frame.noise_dbfs
            if speaking and frame.speech >= 0.5:
                power = 10.0 ** (frame.level_dbfs / 10)
                self._speech_hops += 1
                self._power_sum += power
                rate = max(1.0 - 0.5 ** (1.0 / LEVEL_HALF_LIFE_HOPS), 1.0 / self._speech_hops)
                self._power_now += rate * (power - self._power_now)
        self._recent.append(frame.level_dbfs)
        self._trace_f0.append(frame.f0_hz)
        self._trace_level.append(self._recent[0])
        self._trace_known &= frame.known
        if (hop + 1) % TRACE_HOPS == 0:
            self._emit(
                ev.Trace,
                start_s=self._trace_start_s,
                f0_hz=self._trace_f0,
                level_dbfs=self._trace_level,
                known=self._trace_known,
            )
            self._trace_f0, self._trace_level, self._trace_known = [], [], True
            self._trace_start_s = (hop + 1 - PITCH_DELAY_HOPS) * HOP_S

    def reading(self, now_s: float, talk_share: float | None) -> dict[str, Any]:
        """Fields of :class:`engine.events.Reading` as of now."""
        profile = self.profile
        self.spoken.forget(now_s - 10 * max(profile.pace.window_s, profile.fillers.window_s))
        speaking, silent = self.state == "speaking", self.state == "silent"
        wpm, articulation, confidence = self._pace(now_s)
        level = self.level_dbfs()
        enough = self._speech_hops >= hops(10.0) and level is not None
        return {
            "talking": speaking,
            "level_dbfs": -120.0 if level is None else level,
            "noise_dbfs": self.noise_dbfs,
            "pace_wpm": wpm,
            "pace_confidence": confidence,
            "articulation_sps": articulation,
            "f0_median_hz": self.f0_median_hz(),
            "f0_sd_st": self._spread(),
            "creak_share": self._creak_share(),
            "fillers_per_min": self._filler_rate(now_s),
            "level_change_db": level - self._mean_level() if enough and level is not None else None,
            "stretch_s": self.stretch_s(now_s),
            "unbroken_s": now_s - self._since_s if speaking else 0.0,
            "silence_s": now_s - self._since_s if silent else 0.0,
            "speech_s": self._speech_s + (now_s - self._since_s if speaking else 0.0),
            "talk_share": talk_share,
        }

    def stretch_s(self, now_s: float) -> float:
        """Length of the stretch of talk that is going on; 0 once the floor has been offered."""
        if self._stretch_since_s is None or self.state == "unknown":
            return 0.0
        if self.state == "silent" and self._offered(now_s - self._since_s):
            return 0.0
        return now_s - self._stretch_since_s

    def _pace(self, now_s: float) -> tuple[float | None, float | None, float]:
        if self.state == "unknown":
            return None, None, 0.0
        pace = self.profile.pace
        end_s = now_s - NUCLEUS_LAG_S
        start_s, spoken_s, counted_s = self.spoken.window(end_s, pace.window_s)
        if spoken_s < min(2.5, pace.window_s / 2):
            return None, None, 0.0
        count = self.spoken.nuclei(start_s, end_s)
        snr_db = (self.level_dbfs() or -120.0) - self.noise_dbfs
        confidence = min(1.0, counted_s / (0.75 * pace.window_s)) * min(1.0, max(0.0, (snr_db - 3) / 9))
        wpm = 60.0 * count / counted_s / pace.syllables_per_word
        return wpm, count / spoken_s, confidence

    def _spread(self) -> float | None:
        values = self._f0_st.last(hops(PITCH_WINDOW_S))
        voiced = values[values >= 0]
        return spread_st(voiced) if voiced.size >= hops(LEAST_VOICED_S) else None

    def _creak_share(self) -> float | None:
        window = hops(self.profile.voice.window_s)
        voiced = int(self._voiced.last(window).sum())
        return float(self._creaky.last(window).sum()) / voiced if voiced >= hops(2.0) else None

    def _filler_rate(self, now_s: float) -> float | None:
        window_s = self.profile.fillers.window_s
        start_s, _, counted_s = self.spoken.window(now_s, window_s)
        if counted_s < 5.0:
            return None
        count = sum(t >= start_s for t in self.spoken.fillers_s)
        return 60.0 * count / max(counted_s, window_s / 2)

    def level_dbfs(self) -> float | None:
        """Speech level over the last seconds of speech, dB re full scale."""
        return 10.0 * math.log10(self._power_now + 1e-12) if self._speech_hops else None

    def _mean_level(self) -> float:
        return 10.0 * math.log10(self._power_sum / self._speech_hops + 1e-12)

    def f0_median_hz(self) -> float | None:
        """Median F0 of the session so far, from half a second of voice on."""
        if self.pitch.voiced_hops < hops(0.5):
            return None
        return LOWEST_HZ * math.exp2(self.pitch.median_st() / 12.0)

    def finish(self, now_s: float) -> None:
        """No more audio: close what is open."""
        if self._lost_since_s is not None:
            self._emit(ev.AudioLost, start_s=self._lost_since_s, end_s=now_s)
            self._lost_since_s = None
        if self.state == "speaking":
            self._stop_speech(now_s)
            self.state = "unknown"

    def measures(self, now_s: float, other_speech_s: float | None) -> ChannelMeasures:
        """Measures over the whole session so far."""
        running_s = now_s - self._since_s if self.state == "speaking" else 0.0
        speech_s, counted_s = self.speech_s(now_s), self._counted_s + running_s
        enough = speech_s >= 1.0
        words = self._nuclei / self.profile.pace.syllables_per_word
        voiced = self.pitch.voiced_hops >= hops(0.5)
        all_s = None if other_speech_s is None else speech_s + other_speech_s
        return ChannelMeasures(
            speech_s=speech_s,
            talk_share=speech_s / all_s if all_s else None,
            pace_wpm=60.0 * words / counted_s if enough else None,
            syllables_per_s=self._nuclei / speech_s if enough else None,
            syllables=self._nuclei,
            pause_count=len(self._pauses_s),
            pause_total_s=sum(self._pauses_s),
            longest_pause_s=max(self._pauses_s, default=0.0),
            longest_stretch_s=max(self._longest_stretch_s, self.stretch_s(now_s) if running_s else 0.0),
            f0_median_hz=self.f0_median_hz(),
            f0_sd_st=self.pitch.sd_st() if voiced else None,
            fillers=self._fillers,
            fillers_per_min=60.0 * self._fillers / counted_s if speech_s >= 5.0 else None,
            creak_share=self._creak_hops / self._voiced_hops if self._voiced_hops >= hops(0.5) else None,
            level_dbfs=self._mean_level() if self._speech_hops else None,
            noise_dbfs=self.noise_dbfs if self.noise_dbfs > -120.0 else None,
            phrases=self._phrases,
            rises=self._rises,
            interruptions=self.interruptions,
            backchannels=self.backchannels,
            lost_s=self._lost_total_hops * HOP_S,
        )

    def speech_s(self, now_s: float) -> float:
        """Speech so far, in seconds."""
        return self._speech_s + (now_s - self._since_s if self.state == "speaking" else 0.0)


PITCH_WINDOW_S = 15.0
LEAST_VOICED_S = 4.0
"""Voiced time that a spread of F0 needs."""
