"""Speech recognition by a Whisper model of the user's own, through the package faster-whisper.

Radford et al. (2022), "Robust speech recognition via large-scale weak supervision", arXiv 2212.04356. It
hears one phrase after the other, so it is no live recogniser. Our own ears find the phrases. A model is a
folder, or the name of one that faster-whisper fetches from its hub.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from dsp.frame import HOP_S
from engine.errors import ModelError
from engine.media.resample import Samples
from engine.protocol.words import Word

from .by_hops import BEFORE_HOPS, PAUSE_HOPS, ByHops, enough_speech, loops
from .recogniser import Abilities, Final, Mode
from .word_frequency import zipf

LONGEST_HOPS, ENOUGH_HOPS = 2800, {"phrase": 0, "afterwards": 1200}
"""Whisper hears 30 s at once. A pause ends what is gathered once it is long enough: more has fewer errors."""

FORGET_HOPS = 200
"""Silence that ends a phrase however short it is."""

LEAST_LIKELY = -1.0
"""Mean log probability of tokens from which a piece counts, as in Whisper's own fallback."""

BEAMS = 5
"""Beginnings followed at once, Whisper's own choice."""

MISSING = (
    "recognition by Whisper needs faster-whisper: `pip install faster-whisper` in the environment of "
    "sottovoce (.venv in a clone), or `pip install 'sottovoce[words-whisper]'`"
)


@functools.cache
def whisper(model: str) -> Any:
    """Load a model once for a process, with int8 weights, on one thread.

    Parameters
    ----------
    model : a folder with a model for CTranslate2, or a name such as ``small.en``.

    Raises
    ------
    ModelError
        faster-whisper is missing, or there is no such model.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise ModelError(MISSING) from error
    try:
        return WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
    except Exception as error:  # of the hub, of the network, of the files: it has no tree of its own
        raise ModelError(f"faster-whisper can't open the model {model!r}: {error}") from error


class WhisperRecogniser(ByHops):
    """Hears one speaker, phrase by phrase.

    Parameters
    ----------
    model : of :func:`whisper`; shared.
    name : of the model, for who reads the words.
    mode : ``phrase`` or ``afterwards``; ``live`` is heard by phrase.
    """

    def __init__(self, model: Any, name: str, mode: Mode) -> None:
        super().__init__(LONGEST_HOPS + 400)
        self._model = model
        self._name = name
        self._enough = ENOUGH_HOPS["afterwards" if mode == "afterwards" else "phrase"]
        self._start: int | None = None
        self._last_end_s = 0.0

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        languages = tuple(self._model.supported_languages)
        return Abilities(self._name, languages, ("phrase", "afterwards"), True)

    def step(self) -> None:
        """Do what is due after a hop."""
        hearing, now = self.hearing, self.hearing.hop
        if self._start is None:
            if hearing.talking:
                self._start = max(self.free, hearing.talk_began - BEFORE_HOPS)
            return
        silence = 0 if hearing.talking else now - hearing.talk_ended
        enough = hearing.talk_ended - self._start >= self._enough
        if (silence >= PAUSE_HOPS and enough) or silence >= FORGET_HOPS:
            self.end_at(now)
        elif now - self._start >= LONGEST_HOPS:
            self._cut(now)

    def end_at(self, end: int) -> None:
        """End the phrase."""
        if self._start is not None:
            end = min(end, self.talk_end())
            words = self._words(self._start, end)
            self._tell(words)
            if not words:
                self.miss(self._start, end)
            self.free, self._start = end, None

    def _cut(self, now: int) -> None:
        """Tell all words but those of the last seconds, which are heard again with what follows."""
        assert self._start is not None
        words = self._words(self._start, now)
        late_s = (now - LONGEST_HOPS // 4) * HOP_S
        done = [word for word in words if word.end_s < late_s]
        self._tell(done)
        self._start = round(done[-1].end_s / HOP_S) if done else round(late_s / HOP_S)

    def _words(self, start: int, end: int) -> list[Word]:
        samples: Samples = self.hearing.samples(start, end)
        pieces, _ = self._model.transcribe(
            np.pad(samples, (0, 1600)),
            language="en",
            beam_size=BEAMS,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        base_s, end_s = start * HOP_S, end * HOP_S
        found: list[Word] = []
        for piece in pieces:
            heard = piece.words or []
            if piece.avg_logprob < LEAST_LIKELY or loops([one.word for one in heard]):
                continue
            for one in heard:
                first_s = min(base_s + float(one.start), end_s - HOP_S)
                last_s = min(max(base_s + float(one.end), first_s + HOP_S), end_s)
                text = one.word.strip()
                sure = round(min(1.0, max(0.0, float(one.probability))), 3)
                found.append(Word(text=text, start_s=first_s, end_s=last_s, confidence=sure, zipf=zipf(text)))
        return found if enough_speech(len(found), self.certain_hops(start, end)) else []

    def _tell(self, words: list[Word]) -> None:
        told = [word for word in words if word.text and word.end_s > self._last_end_s]
        if told:
            self._last_end_s = told[-1].end_s
            self.results.append(Final(told, round(self.hearing.hop * HOP_S, 3)))
