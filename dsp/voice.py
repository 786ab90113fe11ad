"""Voice activity: the probability that a hop holds speech.

Several cheap opinions are added as log-odds. A small recurrent network (earshot) knows
what speech sounds like but answers late at ends and trusts hums, rotors and tones. The
level between the noise floor and the speaker's own level is quick and knows nothing else.
Speech moves: what stands above the noise and hardly changes is none, however loud.
"""

from __future__ import annotations

import math

import numpy as np
from earshot import Detector
from numpy.typing import NDArray

from .change import Stir
from .frame import HOP
from .kernel import kernel
from .loudness import FIRST_BAND, LAST_BAND

FRAME = 256
"""Samples that earshot takes at a time, 16 ms."""

QUICK_HOPS, SLOW_HOPS = 4, 10
"""What stands above the noise is compared with itself 40 ms and 0.1 s before: a sound, half a syllable."""

QUICK_RATE, QUICK_DB, QUICK_WEIGHT = 0.2, 2.5, 1.0
SLOW_RATE, SLOW_DB, SLOW_WEIGHT = 0.04, 2.5, 2.0
"""Each change is averaged over some hops (a fifth of a hop's weight is 50 ms); below its limit each dB
costs so much log-odds. The quick one says that speech has stopped, the slow one that it never was."""

TOP_RATE = 0.03
"""The speaker's own level follows hops that are surely speech, over some 0.3 s of them."""

TOP_ABOVE_DB = 20.0
"""Speaker's level above the first noise heard, until speech was heard."""

MIDDLE = 0.55
"""Part of the way from the floor to the speaker's level (in dB) where level says neither yes nor no."""

LEVEL_WEIGHT, LEVEL_BELOW_DB, LEVEL_ABOVE_DB = 0.11, 12.0, 3.0
"""Log-odds a dB from that middle, and the dB beyond which more changes nothing: being soft says
more against speech than being loud says for it."""

QUIETEST_DBFS = -75.0
"""Floors below are as good as digital silence: no microphone's speaker is that soft."""

WANTED_DBFS = -21.0
"""Level of the loudest syllables that earshot knows best: it hears rooms as speech when they come
in loud, and misses speech that comes in soft."""

LOUD_ABOVE_DB, LOUD_RISE, LOUD_FALL_DB = 4.0, 0.2, 0.1
"""The loudest level is followed while this far above the noise: up by this share of the way a hop,
down by so many dB a hop."""

GAIN_MOST_DB, GAIN_SLACK_DB = 24.0, 8.0
"""The most the signal is changed, and how far off the level may be before it is touched."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@kernel
def amplify(x: Floats, gain: float, out: Floats) -> None:
    """First ``out.size`` samples of ``x`` times ``gain``, limited to full scale ±1."""
    for k in range(out.size):
        out[k] = min(1.0, max(-1.0, gain * x[k]))


def log_odds(probability: float) -> float:
    """Log-odds of a probability, kept within ±6."""
    p = min(0.9975, max(0.0025, probability))
    return math.log(p / (1.0 - p))


class VoiceActivity:
    """Probability of speech for each hop, at the end of that hop: it doesn't look ahead."""

    def __init__(self) -> None:
        self._detector = Detector()
        self._waiting = np.zeros(FRAME + HOP, np.float32)
        self._frame = np.zeros(FRAME, np.float32)
        self._stir = Stir(LAST_BAND - FIRST_BAND, (QUICK_HOPS, SLOW_HOPS))
        self._loud_dbfs = WANTED_DBFS
        self.speaker_dbfs = math.nan
        """The speaker's own level, dB re full scale; NaN before the first hop."""
        self.forget_sound()

    def reset(self) -> None:
        """Forget everything heard, the speaker's level too."""
        self.speaker_dbfs = math.nan
        self._loud_dbfs = WANTED_DBFS
        self.forget_sound()

    def forget_sound(self) -> None:
        """Forget the samples but not the speaker's level: nothing spans a gap."""
        self._detector.reset()
        self._waiting.fill(0.0)
        self._stir.reset()
        self._held = 0
        self._opinion = 0.0
        self._quick_db, self._slow_db = QUICK_DB, SLOW_DB
        self.speech = 0.0
        """Probability that the last hop is speech, 0..1."""

    def process(self, hop: Floats, above_db: Doubles, level_dbfs: float, noise_dbfs: float) -> None:
        """Take a hop in: its samples, its bands above their noise, its level and the noise floor."""
        floor_dbfs = max(noise_dbfs, QUIETEST_DBFS)
        if level_dbfs > floor_dbfs + LOUD_ABOVE_DB:
            over_db = level_dbfs - self._loud_dbfs
            self._loud_dbfs += LOUD_RISE * over_db if over_db > 0.0 else -LOUD_FALL_DB
        self._listen(hop)
        if math.isnan(self.speaker_dbfs):
            self.speaker_dbfs = floor_dbfs + TOP_ABOVE_DB
        if self._opinion > 0.6:
            self.speaker_dbfs += TOP_RATE * (max(level_dbfs, floor_dbfs) - self.speaker_dbfs)
        middle_dbfs = floor_dbfs + MIDDLE * max(4.0, self.speaker_dbfs - floor_dbfs)
        over_db = max(-LEVEL_BELOW_DB, min(LEVEL_ABOVE_DB, level_dbfs - middle_dbfs))
        self._stir.process(above_db)
        quick_db, slow_db = self._stir.change_db
        self._quick_db += QUICK_RATE * (quick_db - self._quick_db)
        self._slow_db += SLOW_RATE * (slow_db - self._slow_db)
        total = (
            log_odds(self._opinion)
            + LEVEL_WEIGHT * over_db
            - QUICK_WEIGHT * max(0.0, QUICK_DB - self._quick_db)
            - SLOW_WEIGHT * max(0.0, SLOW_DB - self._slow_db)
        )
        self.speech = 1.0 / (1.0 + math.exp(-total))

    def _listen(self, hop: Floats) -> None:
        """Let earshot hear whole frames, at the level it knows best."""
        self._waiting[self._held : self._held + HOP] = hop
        self._held += HOP
        if self._held < FRAME:
            return
        wrong_db = WANTED_DBFS - self._loud_dbfs
        gain_db = wrong_db - max(-GAIN_SLACK_DB, min(GAIN_SLACK_DB, wrong_db))
        gain_db = max(-GAIN_MOST_DB, min(GAIN_MOST_DB, gain_db))
        amplify(self._waiting, 10.0 ** (0.05 * gain_db), self._frame)
        self._opinion = self._detector.predict_f32(self._frame)
        self._held -= FRAME
        self._waiting[: self._held] = self._waiting[FRAME : FRAME + self._held]
