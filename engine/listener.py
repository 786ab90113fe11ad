"""One speaker: samples of any block size to hops, hops to facts; what is measured is in ``measures``."""

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
from dsp.level import is_audio

from . import events as ev
from .measures import Measures
from .profile import Profile
from .signal_watch import SignalWatch
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
FULL_SCALE_LIMIT = 8.0
"""Samples beyond this are not audio at full scale ±1."""


class Listener:
    """Hears one channel and says what happened."""

    def __init__(self, profile: Profile, emit: Emit) -> None:
        self.profile = profile
        self._emit = emit
        self._ears = Ears()
        self._hop: NDArray[np.float32] = np.zeros(HOP, np.float32)
        self._filled = 0
        self._hop_lost = False
        self.position = 0
        """Next sample index expected."""
        self.frames: deque[Frame] = deque()
        """Frames heard and not yet taken by the session."""
        self._bad_hops: deque[int] = deque()
        """Numbers of those whose samples were no audio."""

        self.state = "silent"
        """``speaking``, ``silent`` or ``unknown`` (after lost audio)."""
        self._heard_before = self._listening = False
        self._since_s = 0.0
        self._lost_hops = 0
        self._silence_lost_hops = 0
        self._lost_ends_s: deque[float] = deque(maxlen=LONG_LOSS_HOPS)
        """Ends of the newest lost hops."""
        self._lost_since_s: float | None = None
        self._creak_start: int | None = None
        self._creak_last = 0
        self.measured = Measures(profile)
        self.watch = SignalWatch(emit)

        self._trace_f0: list[float] = []
        self._trace_level: list[float] = [-120.0] * PITCH_DELAY_HOPS
        self._trace_known = True
        self._trace_start_s = -PITCH_DELAY_HOPS * HOP_S

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
        if self._hop_lost:
            self.frames.append(self._ears.lost())
        elif is_audio(self._hop, FULL_SCALE_LIMIT):
            self.frames.append(self._ears.hear(self._hop))
        else:
            self.frames.append(self._ears.lost())
            self._bad_hops.append(self.position // HOP - 1)
        self._filled = 0
        self._hop_lost = False

    # --- frames to facts -----------------------------------------------------

    def step(self, hop: int, frame: Frame) -> None:
        """Take the frame of hop number ``hop``."""
        now_s = (hop + 1) * HOP_S
        bad = bool(self._bad_hops) and self._bad_hops[0] == hop
        if bad:
            self._bad_hops.popleft()
        self.watch.step(frame, bad)
        if frame.known:
            self._known(hop, now_s, frame)
        else:
            self._unknown(now_s)
        self.measured.keep(frame, speaking=frame.known and self.state == "speaking")
        self._trace(hop, frame)

    def _unknown(self, now_s: float) -> None:
        if self._lost_since_s is None:
            self._lost_since_s = now_s - HOP_S
        self._lost_hops += 1
        self._lost_ends_s.append(now_s)
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
        if frame.talking != (self.state == "speaking"):
            edge_s = max(now_s - frame.edge_ago_hops * HOP_S, self._since_s)
            if frame.talking:
                self._begin(edge_s, now_s)
            else:
                self._end(edge_s, frame)
        if frame.nucleus_ago_hops:
            self.measured.nucleus(now_s - frame.nucleus_ago_hops * HOP_S)
        if frame.filler_start_ago_hops:
            end_s = now_s - frame.filler_end_ago_hops * HOP_S
            if frame.filler_confidence >= self.profile.nudges.least_confidence:
                self.measured.filler(end_s)
            self._emit(
                ev.FilledPause,
                start_s=now_s - frame.filler_start_ago_hops * HOP_S,
                end_s=end_s,
                confidence=frame.filler_confidence,
            )
        if frame.creak >= 0.5 or self._creak_start is not None:
            self._creak_span(hop, frame.creak >= 0.5)

    def _begin(self, start_s: float, now_s: float) -> None:
        silence_s = start_s - self._since_s
        heard = self._silence_lost_hops * HOP_S <= LOSS_IN_SILENCE * silence_s
        if self._heard_before and silence_s > 0 and heard and not self._listening:
            self._emit(ev.PauseEnded, start_s=start_s, silence_s=silence_s)
            self.measured.pause(silence_s)
        else:
            self._emit(ev.SpeechStarted, start_s=start_s)
        if self._stretch_since_s is None or self._offered(silence_s):
            self._stretch_since_s = start_s
        self.measured.start(start_s, listened=self._listening)
        self.state, self._since_s, self._heard_before = "speaking", start_s, True

    def _end(self, end_s: float, frame: Frame) -> None:
        known = not math.isnan(frame.ending_st)
        contour = kind(frame.ending_st, frame.ending_confidence)
        self._ended_on_rise = contour == "rise"
        sure = frame.trailing_confidence >= self.profile.nudges.least_confidence
        self.measured.phrase(rises=self._ended_on_rise, trailing_db=frame.trailing_db if sure else None)
        self._emit(
            ev.PhraseEnded,
            start_s=self._since_s,
            end_s=end_s,
            contour=contour,
            change_st=frame.ending_st if known and contour != "unsure" else None,
            confidence=frame.ending_confidence,
            trailing_db=None if math.isnan(frame.trailing_db) else frame.trailing_db,
            trailing_confidence=frame.trailing_confidence,
        )
        speech_s = end_s - self._since_s
        self._stop_speech(end_s)
        self.state, self._since_s = "silent", end_s
        self._silence_lost_hops = sum(lost_s > end_s + HOP_S / 2 for lost_s in self._lost_ends_s)
        self._emit(ev.PauseStarted, start_s=end_s, speech_s=speech_s)

    def _stop_speech(self, end_s: float) -> None:
        self.measured.stop(end_s)
        if self._stretch_since_s is not None:
            self._longest_stretch_s = max(self._longest_stretch_s, end_s - self._stretch_since_s)

    def _offered(self, silence_s: float) -> bool:
        """Whether a silence of this length offers the floor; after a rise, a question, half is enough."""
        return silence_s >= self.profile.check_in.offer_s * (0.5 if self._ended_on_rise else 1.0)

    def floor_taken(self) -> None:
        """The other side has the floor: the next words begin a new stretch, silences are no pauses."""
        self._stretch_since_s = None
        self._listening = True

    def floor_held(self) -> None:
        """The floor is this side's: its silences are its own."""
        self._listening = False

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

    # --- frames to traces and readings -------------------------------------------

    def _trace(self, hop: int, frame: Frame) -> None:
        self._trace_f0.append(frame.f0_hz)
        self._trace_level.append(frame.level_dbfs)
        self._trace_known &= frame.known
        if (hop + 1) % TRACE_HOPS == 0:
            self._emit(  # F0 is known later than the level
                ev.Trace,
                start_s=self._trace_start_s,
                f0_hz=[round(hz, 1) if hz else 0.0 for hz in self._trace_f0],
                level_dbfs=[round(db, 1) for db in self._trace_level[:TRACE_HOPS]],
                known=self._trace_known,
            )
            self._trace_f0, self._trace_known = [], True
            del self._trace_level[:TRACE_HOPS]
            self._trace_start_s = (hop + 1 - PITCH_DELAY_HOPS) * HOP_S

    def reading(self, now_s: float, talk_share: float | None) -> dict[str, Any]:
        """Fields of :class:`engine.events.Reading` as of now."""
        speaking, silent = self.state == "speaking", self.state == "silent"
        return {
            "talking": speaking,
            **self.measured.reading(now_s, known=self.state != "unknown"),
            "stretch_s": self.stretch_s(now_s),
            "unbroken_s": now_s - self._since_s if speaking else 0.0,
            "silence_s": now_s - self._since_s if silent else 0.0,
            "talk_share": talk_share,
        }

    def stretch_s(self, now_s: float) -> float:
        """Length of the stretch of talk that is going on; 0 once the floor has been offered."""
        if self._stretch_since_s is None or self.state == "unknown":
            return 0.0
        if self.state == "silent" and self._offered(now_s - self._since_s):
            return 0.0
        return now_s - self._stretch_since_s

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
        longest_s = self._longest_stretch_s
        if self.state == "speaking":
            longest_s = max(longest_s, self.stretch_s(now_s))
        return self.measured.session(now_s, other_speech_s, longest_s)
