"""One speaker in the recognition process: a bounded queue, and the recogniser that it is for.

A recogniser counts time from its own first sample; here its results get the times of the stream. One that
breaks is begun anew, and what it had not decided is missed.
"""

from __future__ import annotations

import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from dsp.accumulator import FULL_SCALE_LIMIT
from dsp.frame import RATE_HZ
from engine.errors import SottovoceError
from engine.media.resample import Samples
from engine.protocol.words import MissedReason, Word

from .recogniser import Corrected, Final, Missed, Mode, Partial, Recogniser, Result
from .second_pass import SecondPass, noted

UNIT = RATE_HZ // 2
"""Samples that are recognised at a time, so that no speaker waits long for another."""

HELD_S = 900.0
"""Longest sound of one speaker that waits to be recognised afterwards: 29 MB at 16 bits."""

HELD = round(HELD_S * RATE_HZ)

UNDECIDED_S = 30.0
"""Longest time before the last sample of which a recogniser that broke may not have told the words."""

TRIES = 3
"""Recognisers that may break one after the other before a speaker is given up."""

Open = Callable[[Mode], Recogniser]


class Held(Struct):
    """Samples that wait."""

    samples: NDArray[np.int16] | Samples
    """16 bit integers where they may wait for long."""


class Gap(Struct):
    """Samples that are not there."""

    samples: int
    why: MissedReason


class Broken(Exception):
    """The recognisers of a speaker break again and again."""


class Abandoned(Exception):
    """Work that is not wanted any more is given up in its middle."""


class HostedSpeaker:
    """Recognises one speaker, in units of work.

    Parameters
    ----------
    open_recogniser : makes a recogniser for a mode.
    mode : of the first one.

    Attributes
    ----------
    source : name of the recogniser.
    mode : of the recogniser that there is.
    finishing : whether no more samples come.
    settled : whether all words were told; only corrections come then.
    second : hears live words again; None where they aren't.
    taken : samples that are recognised, or wait here for later; the reader sets it to 0.
    """

    def __init__(self, open_recogniser: Open, mode: Mode) -> None:
        self.mode = self._wanted = mode
        self.finishing = self.settled = False
        self.second: SecondPass | None = None
        self._correcting = False
        self._open = open_recogniser
        self._recogniser = open_recogniser(mode)
        self.source = self._recogniser.abilities.name
        self._queue: deque[Held | Gap | Mode] = deque()
        self._waiting = 0
        self.taken = 0
        self._first = 0
        """Stream position of the first sample of all."""
        self._begun = 0
        """Stream position of the first sample of the recogniser that there is."""
        self._end: int | None = None
        """Stream position after all that came in; None before the first."""
        self._position = 0
        """Stream position after all that was recognised."""
        self._decided_s = 0.0
        """Stream time up to which words, or their absence, have been told for certain."""
        self._busy: deque[tuple[float, float]] = deque(maxlen=64)
        """Spans that were dropped, of which the recogniser only knows that they are not there."""
        self._tries = 0

    @property
    def waiting(self) -> int:
        """Samples that wait to be recognised."""
        return self._waiting

    @property
    def has_work(self) -> bool:
        """Whether something waits to be recognised, or the last words to be told."""
        return bool(self._queue) or (self.finishing and not self.settled)

    @property
    def has_corrections(self) -> bool:
        """Whether something may be heard again."""
        return self.second is not None and self.second.has_work

    # --- what comes in ------------------------------------------------------------

    def change_mode(self, mode: Mode) -> None:
        """Go on in another mode, if it is another one, after what waits."""
        if mode == self._wanted:
            return
        self._wanted = mode
        self._queue.append(mode)

    def correct(self, on: bool) -> None:
        """Hear live words again from here on, or no more: then their sound is forgotten."""
        self._correcting = on
        if not on:
            self.second = None

    def hear(self, start: int, samples: Samples) -> None:
        """Queue samples; a gap before them was lost, and so are those that are no audio."""
        self.skip(start, start, "lost")
        if not bool((np.abs(samples) <= FULL_SCALE_LIMIT).all()):  # false for NaN
            self.taken += samples.size
            return self.skip(start, start + samples.size, "lost")
        held: NDArray[np.int16] | Samples = samples
        if self._wanted == "afterwards":
            held = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
            self.taken += samples.size
        self._queue.append(Held(held))
        self._end = start + samples.size
        self._waiting += samples.size
        while self._waiting > HELD:
            self._drop_oldest()

    def skip(self, start: int, stop: int, why: MissedReason) -> None:
        """Queue that samples ``start`` to ``stop``, and any before them, are not there."""
        if self._end is None:
            self._begun = self._position = self._end = self._first = start
            self._decided_s = start / RATE_HZ
        if stop <= self._end:
            return
        last = self._queue[-1] if self._queue else None
        if isinstance(last, Gap) and last.why == why:
            last.samples += stop - self._end
        else:
            self._queue.append(Gap(stop - self._end, why))
        self._end = stop

    def _drop_oldest(self) -> None:
        """Make a gap of the oldest samples that wait."""
        place, one = next((n, one) for n, one in enumerate(self._queue) if isinstance(one, Held))
        before = self._queue[place - 1] if place else None
        if isinstance(before, Gap) and before.why == "busy":
            before.samples += one.samples.size
            del self._queue[place]
        else:
            self._queue[place] = Gap(one.samples.size, "busy")
        self._count(one.samples)

    # --- what comes out -------------------------------------------------------------

    def work(self) -> list[Result]:
        """Do one unit of work.

        Raises
        ------
        Broken
            The recognisers break again and again.
        """
        if not self._queue:
            return self._finish()
        one = self._queue.popleft()
        if isinstance(one, Held):
            unit, rest = one.samples[:UNIT], one.samples[UNIT:]
            if rest.size:
                self._queue.appendleft(Held(rest))
            self._count(unit)
            self._keep(unit)
            self._position += unit.size
            scale = np.float32(1.0 if unit.dtype == np.float32 else 1 / 32768)
            samples: Samples = unit.astype(np.float32) * scale
            return self._tell(lambda recogniser: recogniser.process(samples))
        if isinstance(one, Gap):
            return self._pass_gap(one)
        results = self._end_recogniser()
        self.mode = one
        if one != "live":
            self.second = None
        self._begin_recogniser()
        return results

    def work_again(self) -> list[Corrected]:
        """Hear some of what was said again; return better words.

        Raises
        ------
        Abandoned
            By what was more urgent: the sound is forgotten.
        """
        second = self.second
        assert second is not None
        try:
            corrected = second.work()
        except Abandoned:
            raise
        except Exception as error:  # the live words stay
            report(error)
            self.correct(False)
            return []
        return corrected if self.second is second else []

    def _finish(self) -> list[Result]:
        """Return the last words; nothing waits any more."""
        results = self._end_recogniser()
        self.settled = True
        if self.second is not None:
            self.second.finish()
        return results

    def _keep(self, unit: NDArray[np.int16] | Samples) -> None:
        """Keep sound of live words, to be heard again."""
        if self.second is None and self._correcting and self.mode == "live":
            try:
                again = self._open("afterwards")
            except Exception as error:  # the live words stay
                report(error)
                self._correcting = False
                return
            self.second = SecondPass(again, self._position, cut=self._position > self._first)
        if self.second is not None:
            self.second.keep(unit)

    def _count(self, samples: NDArray[np.int16] | Samples) -> None:
        """Count samples that wait no longer; those of 16 bits were taken when they came."""
        self._waiting -= samples.size
        self.taken += samples.size if samples.dtype == np.float32 else 0

    def _pass_gap(self, gap: Gap) -> list[Result]:
        start_s = self._position / RATE_HZ
        self._position += gap.samples
        if self.second is not None:
            self.second.keep_loss(gap.samples)
        if gap.why == "busy":
            self._busy.append((start_s, self._position / RATE_HZ))
        return self._tell(lambda recogniser: recogniser.process_lost(gap.samples))

    def _end_recogniser(self) -> list[Result]:
        results = self._tell(lambda recogniser: recogniser.finish())
        self._decided_s = self._position / RATE_HZ
        return results

    def _begin_recogniser(self) -> None:
        try:
            self._recogniser = self._open(self.mode)
        except Exception as error:
            raise Broken(plain(error)) from error
        self._begun = self._position

    def _tell(self, call: Callable[[Recogniser], Iterable[Result]]) -> list[Result]:
        """Call the recogniser; where it breaks, begin another one, and tell what is missed."""
        begun_s = self._begun / RATE_HZ
        try:
            results = [self._placed(result, begun_s) for result in call(self._recogniser)]
        except Abandoned:
            raise
        except Exception as error:  # whatever it ran into, the other speakers go on
            report(error)
            self._tries += 1
            end_s = self._position / RATE_HZ
            start_s = max(self._decided_s, end_s - UNDECIDED_S)
            self._decided_s = end_s
            if self._tries >= TRIES:
                raise Broken(f"the recogniser failed {TRIES} times") from error
            self._begin_recogniser()
            return [Missed(start_s, end_s, "failed")] if end_s > start_s else []
        for result in results:
            if isinstance(result, Final) and result.words:
                self._tries = 0
            end_s = _end_s(result)
            self._decided_s = max(self._decided_s, end_s)
        return results if self.second is None else noted(self.second, results)

    def _placed(self, result: Result, begun_s: float) -> Result:
        """Return a result with the times of the stream."""
        if isinstance(result, Final):
            words = [_moved(word, begun_s) for word in result.words]
            return Final(words, result.known_s + begun_s)
        if isinstance(result, Partial):
            return Partial(result.text, result.start_s + begun_s)
        start_s, end_s = result.start_s + begun_s, result.end_s + begun_s
        if isinstance(result, Corrected):
            words = [_moved(word, begun_s) for word in result.words]
            return Corrected(words, start_s, end_s, result.known_s + begun_s)
        busy = any(start_s < stop_s and from_s < end_s for from_s, stop_s in self._busy)
        return Missed(start_s, end_s, "busy" if busy and result.why == "lost" else result.why)


def plain(error: Exception) -> str:
    """Return what a person may be told of an error: ours are sentences, of others the kind."""
    return str(error) if isinstance(error, SottovoceError) else f"it failed ({type(error).__name__})"


def _end_s(result: Result) -> float:
    if isinstance(result, Final):
        return max(chain((word.end_s for word in result.words), (0.0,)))
    return result.end_s if isinstance(result, Missed) else 0.0


def _moved(word: Word, by_s: float) -> Word:
    return replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s)


def report(error: Exception) -> None:
    """Say where something broke, without what was said."""
    place = "".join(traceback.format_tb(error.__traceback__))
    print(f"recognition: {type(error).__name__}\n{place}", file=sys.stderr)
