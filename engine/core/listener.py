"""One speaker: blocks of samples to hops, hops to facts. ``measures`` has what is measured of them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dsp import input_faults
from dsp.accumulator import (
    CREAK,
    DETECTION,
    EDGE,
    FAULT,
    FULL_SCALE_LIMIT,
    LOSS,
    TRACE,
    TRACE_HOPS,
    Accumulator,
)
from dsp.ears import PITCH_DELAY_HOPS, Ears
from dsp.frame import HOP, HOP_S, Frame
from dsp.level_meter import is_audio
from dsp.phrase_contour import contour_kind
from engine.profile import Profile
from engine.protocol import events as ev
from engine.protocol.measures import ChannelMeasures

from .measures import Measures, TalkState
from .mute import Mute
from .windows import hops

Emit = Callable[[ev.Fact | ev.Trace], None]
"""Called with a fact or a trace; the session stamps its order, time and channel."""

LONG_LOSS_HOPS = 30
"""After this much lost audio nothing is known of whether the speaker talks."""

LOSS_IN_SILENCE = 0.2
"""Share of a silence that may be lost before its length counts as unknown."""

FAULTS: tuple[tuple[int, ev.SignalKind], ...] = (
    (input_faults.BAD_SAMPLES, "bad_samples"),
    (input_faults.SILENT, "silent"),
    (input_faults.CLIPPING, "clipping"),
)
"""Faults of the input, in the order in which they are emitted."""


class Listener:
    """Hears one channel and emits its facts."""

    def __init__(self, profile: Profile, emit: Emit) -> None:
        self.profile = profile
        self._emit = emit
        self.ears = Ears()
        self.accumulator = Accumulator(hops(profile.creak.window_s))
        self._hop: NDArray[np.float32] = np.zeros(HOP, np.float32)
        self._filled = 0
        self._hop_lost = False
        self.position = 0
        """Next sample index expected."""
        self._next = 0
        """Number of the hop that is heard next."""
        self._blocks: deque[NDArray[np.float32] | None] = deque()
        """Whole hops, one or more in a block, that wait to be heard; None is a lost one."""
        self.waiting = 0
        """Number of hops that wait to be heard."""

        self.state = "silent"
        """``speaking``, ``silent``, ``unknown`` (after lost audio) or ``muted``."""
        self.mute = Mute(self.accumulator.faults)
        self._heard_before = self._listening = self._anew = False
        self._since_s = 0.0
        self._lost_hops = 0
        self._silence_lost_hops = 0
        self._lost_ends_s: deque[float] = deque(maxlen=LONG_LOSS_HOPS)
        """Ends of the newest lost hops."""
        self._lost_since_s: float | None = None
        self.measured = Measures(profile, self.accumulator)
        self._faults = 0

        self._stretch_since_s: float | None = None
        self._longest_stretch_s = 0.0
        self._ended_on_rise = False

    # --- samples to frames ---------------------------------------------------

    def add_samples(self, samples: NDArray[np.float32]) -> None:
        """Queue the next samples, float32, mono, 16 kHz, any number; whole hops then wait to be heard."""
        if self.mute.said:
            samples = np.zeros_like(samples)
        self.position += samples.size
        done = min(-self._filled % HOP, samples.size)
        if done:
            self._fill(samples[:done])
        whole = done + (samples.size - done) // HOP * HOP
        if whole > done:
            self._blocks.append(samples[done:whole].copy())
            self.waiting += (whole - done) // HOP
        if whole < samples.size:
            self._fill(samples[whole:])

    def add_lost(self, count: int) -> None:
        """Queue ``count`` samples that never arrived."""
        if self.mute.said:
            return self.add_samples(np.zeros(count, np.float32))
        self.position += count
        while count > 0:
            part = min(HOP - self._filled, count)
            self._hop_lost = True
            self._fill(self._hop[:part])
            count -= part

    def _fill(self, part: NDArray[np.float32]) -> None:
        """Add a part of a hop."""
        self._hop[self._filled : self._filled + part.size] = part
        self._filled += part.size
        if self._filled == HOP:
            self._blocks.append(None if self._hop_lost else self._hop.copy())
            self.waiting += 1
            self._filled = 0
            self._hop_lost = False

    @property
    def block(self) -> NDArray[np.float32] | None:
        """Whole hops that wait, up to the next begin or end of a mute; None where the first one was lost."""
        block, hops = self._blocks[0], self.mute.hops_until_change(self._next)
        return block if block is None or hops is None else block[: hops * HOP]

    def set_muted(self, on: bool) -> None:
        """Mute or unmute the speaker, at a client's word, from the hop being filled on."""
        self.mute.set_told(on, self.position // HOP)

    def apply_mute(self) -> None:
        """Apply what a client said of a mute to the next hop; call it before that is heard."""
        while self.mute.apply_told(self._next):
            self._mute(self._next * HOP_S)

    def hear_block(self, most: int | None = None) -> tuple[int, int]:
        """Hear what waits, up to the first hop with something to emit.

        Parameters
        ----------
        most : samples to hear at most, whole hops; None for all that wait.

        Returns
        -------
        hops : how many were heard.
        told : what there is to emit of the last one, in bits of ``dsp.accumulator``.
        """
        block = self.block
        if block is not None and most is not None:
            block = block[:most]
        heard, told = (0, 0) if block is None else self.accumulator.process_hops(block, self.ears)
        if not heard:
            heard, told = 1, self.accumulator.add_frame(self.ears.process_lost(), bad=block is not None)
        self.consume(heard)
        return heard, told

    def next_hop(self) -> tuple[NDArray[np.float32] | None, bool]:
        """Return the next hop, None where it was lost, and whether its samples were no audio."""
        block = self._blocks[0]
        bad = block is not None and not is_audio(block[:HOP], FULL_SCALE_LIMIT)
        return None if block is None or bad else block[:HOP], bad

    def hear_hop(self, samples: NDArray[np.float32] | None) -> Frame:
        """Hear one hop, as these samples; None is a lost hop."""
        frame = self.ears.process_lost() if samples is None else self.ears.process(samples)
        self.consume(1)
        return frame

    def consume(self, count: int) -> None:
        """Remove hops that were heard from the queue."""
        self.waiting -= count
        self._next += count
        block = self._blocks[0]
        if block is None or block.size == count * HOP:
            self._blocks.popleft()
        else:
            self._blocks[0] = block[count * HOP :]

    # --- frames to facts -----------------------------------------------------

    def add_frame(self, hop: int, frame: Frame, *, bad: bool) -> None:
        """Add the frame of hop number ``hop``, and emit its facts."""
        told = self.accumulator.add_frame(frame, bad=bad)
        if told:
            self.emit_facts(hop, told, frame)

    def emit_facts(self, hop: int, told: int, frame: Frame | None = None) -> None:
        """Emit the facts of hop number ``hop``; its frame is the newest of the ears unless given."""
        if told & FAULT:
            self._signal(hop)
        if told & (LOSS | EDGE | DETECTION):
            frame = self.ears.newest_frame() if frame is None else frame
            now_s = (hop + 1) * HOP_S
            if self.mute.on:
                self.measured.unheard_hops += not frame.known
            elif frame.known:
                self._known(now_s, frame)
            else:
                self._unknown(now_s)
        if told & CREAK:
            first, stop = self.accumulator.creak_hops
            self._emit(ev.Creak(start_s=first * HOP_S, end_s=stop * HOP_S))
        if told & TRACE:
            f0_hz, level_dbfs, known = self.accumulator.trace
            start_s = (hop + 1 - TRACE_HOPS - PITCH_DELAY_HOPS) * HOP_S
            self._emit(ev.Trace(start_s=start_s, f0_hz=f0_hz, level_dbfs=level_dbfs, known=known))

    def _signal(self, hop: int) -> None:
        """Emit the faults of the input that began or ended with hop number ``hop``."""
        before, self._faults = self._faults, int(self.accumulator.faults.on)
        for bit, fault in FAULTS:
            if (before ^ self._faults) & bit:
                self._emit(ev.SignalProblem(kind=fault, on=bool(self._faults & bit)))
        if (before ^ self._faults) & input_faults.MUTED:
            self.mute.update_silence(listening=self._listening)
            self._mute(hop * HOP_S)

    def _mute(self, now_s: float) -> None:
        """Begin or end the mute with the hop that begins now, where it has changed."""
        mute = self.mute
        if not mute.changed():
            return
        if mute.on:
            mute.end(now_s)
            self._emit(ev.MuteEnded(start_s=mute.since_s, end_s=now_s))
            self.state, self._since_s, self._heard_before = "silent", now_s, False
            self._silence_lost_hops, self._anew = 0, True
            self.ears.unmute()
            return
        mute.begin(now_s, self._lost_since_s)
        self._emit(ev.MuteStarted(start_s=mute.since_s, told=mute.told))
        if self.state == "speaking":
            self._stop_speech(mute.since_s)
        self.measured.unheard_hops += self._lost_hops
        self._lost_since_s, self._lost_hops = None, 0
        self.state, self._stretch_since_s = "muted", None

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
            self.measured.lose()

    def _known(self, now_s: float, frame: Frame) -> None:
        if self._lost_since_s is not None:
            self._emit(ev.AudioLost(start_s=self._lost_since_s, end_s=now_s - HOP_S))
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
            sure = frame.filler_confidence >= self.profile.nudges.least_confidence
            self.measured.filler(end_s, sure=sure)
            self._emit(
                ev.FilledPause(
                    start_s=now_s - frame.filler_start_ago_hops * HOP_S,
                    end_s=end_s,
                    confidence=frame.filler_confidence,
                )
            )

    def _begin(self, start_s: float, now_s: float) -> None:
        silence_s = start_s - self._since_s
        heard = self._silence_lost_hops * HOP_S <= LOSS_IN_SILENCE * silence_s
        if self._heard_before and silence_s > 0 and heard and not self._listening:
            self._emit(ev.PauseEnded(start_s=start_s, silence_s=silence_s))
            self.measured.pause(silence_s)
        else:
            self._emit(ev.SpeechStarted(start_s=start_s))
        if self._stretch_since_s is None or self._offered(silence_s):
            self._stretch_since_s = start_s
        self.measured.start(start_s, listened=self._listening or self._anew)
        self._anew = False
        self.state, self._since_s, self._heard_before = "speaking", start_s, True

    def _end(self, end_s: float, frame: Frame) -> None:
        known = not math.isnan(frame.ending_st)
        contour = contour_kind(frame.ending_st, frame.ending_confidence)
        self._ended_on_rise = contour == "rise"
        phrase = ev.PhraseEnded(
            start_s=self._since_s,
            end_s=end_s,
            contour=contour,
            change_st=frame.ending_st if known and contour != "unsure" else None,
            height=self.measured.height(frame.ending_hz) if contour != "unsure" else None,
            confidence=frame.ending_confidence,
            trailing_db=None if math.isnan(frame.trailing_db) else frame.trailing_db,
            trailing_confidence=frame.trailing_confidence,
        )
        self.measured.phrase(phrase)
        self._emit(phrase)
        speech_s = end_s - self._since_s
        self._stop_speech(end_s)
        self.state, self._since_s = "silent", end_s
        self._silence_lost_hops = sum(lost_s > end_s + HOP_S / 2 for lost_s in self._lost_ends_s)
        self._emit(ev.PauseStarted(start_s=end_s, speech_s=speech_s))

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

    # --- readings -----------------------------------------------------------------

    def reading(self, now_s: float, talk_share: float | None) -> ev.Reading:
        """Return the reading of all measures as of now."""
        speaking, silent = self.state == "speaking", self.state == "silent"
        talk = TalkState(
            talking=speaking,
            known=speaking or silent,
            stretch_s=self.stretch_s(now_s),
            unbroken_s=now_s - self._since_s if speaking else 0.0,
            silence_s=self._silence_s(now_s) if silent else 0.0,
            talk_share=talk_share,
        )
        return self.measured.reading(now_s, talk)

    def _silence_s(self, now_s: float) -> float:
        """Return the length of the current silence, without what may turn out to be a mute."""
        maybe_s = self.mute.silent_since_s
        return max(0.0, (now_s if maybe_s is None else maybe_s) - self._since_s)

    def stretch_s(self, now_s: float) -> float:
        """Return the length of the current stretch of talk; 0 once the floor has been offered."""
        if self._stretch_since_s is None or self.state == "unknown":
            return 0.0
        if self.state == "silent" and self._offered(now_s - self._since_s):
            return 0.0
        return now_s - self._stretch_since_s

    def finish(self, now_s: float) -> None:
        """No more audio: close what is open."""
        if self.mute.on:
            self.mute.end(now_s)
            self._emit(ev.MuteEnded(start_s=self.mute.since_s, end_s=now_s))
            self.state = "unknown"
        if self._lost_since_s is not None:
            self._emit(ev.AudioLost(start_s=self._lost_since_s, end_s=now_s))
            self._lost_since_s = None
        if self.state == "speaking":
            self._stop_speech(now_s)
            self.state = "unknown"

    def measures(self, now_s: float, other_speech_s: float | None) -> ChannelMeasures:
        """Return the measures over the session so far."""
        longest_s = self._longest_stretch_s
        if self.state == "speaking":
            longest_s = max(longest_s, self.stretch_s(now_s))
        return self.measured.session(now_s, other_speech_s, longest_s, self.mute.total_s(now_s))
