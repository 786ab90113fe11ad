"""What the drills let be heard, made ahead and kept: a voice that cuts in must not wait to be rendered.

Only lines and noises of the drills are kept, never a speaker's audio.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np

from engine.drills.script import Role, Sound

from .people import PEOPLE, speak
from .resample import Samples
from .sounds import sound
from .voice import PackagedVoice

log = logging.getLogger(__name__)

MADE_BY = 1
"""Raised when the same line or noise would sound different: what was kept before is then made anew."""

MOST_BYTES = 64 << 20
"""Kept in memory at the most; what was used longest ago goes first."""

NO_RECORDINGS: Mapping[str, Samples] = MappingProxyType({})


def cache_folder() -> Path:
    """Where clips are kept between runs: ``$XDG_CACHE_HOME/sottovoce/clips``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sottovoce" / "clips"


class Clips:
    """Lines and noises as samples, each rendered once. May be used from several threads.

    Parameters
    ----------
    folder : where to keep them between runs; None keeps them in memory only.
    own : recordings that stand in for distractions of their name.
    voice : makes the packaged voice, when it is first needed.
    """

    def __init__(
        self,
        folder: Path | None = None,
        own: Mapping[str, Samples] = NO_RECORDINGS,
        voice: Callable[[], PackagedVoice] = PackagedVoice,
    ) -> None:
        self._folder = folder
        self._own = own
        self._make_voice = voice
        self._voice: PackagedVoice | None = None
        self._kept: OrderedDict[str, Samples] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._warned = False

    def speech(self, role: Role, text: str, seed: int = 0) -> Samples:
        """A line as a person says it: float32, shape (n,), 16 kHz."""
        person = PEOPLE[role]
        key = _key("speech", msgspec.json.encode(person).decode(), text, seed, version("hibari-tts"))
        return self._get(key, lambda: speak(self._spoken(), person, text, seed))

    def sound(self, name: Sound, seconds: float, seed: int = 0) -> Samples:
        """A distraction of some length: float32, shape (n,), 16 kHz.

        A user's recording is played from its beginning; one that is shorter begins again.
        """
        if name in self._own:
            own = self._own[name]
            return np.resize(own, round(seconds * 16_000)).astype(np.float32)
        return self._get(_key("sound", name, f"{seconds:.3f}", seed), lambda: sound(name, seconds, seed))

    # --- inside ----------------------------------------------------------------

    def _spoken(self) -> PackagedVoice:
        if self._voice is None:
            self._voice = self._make_voice()
        return self._voice

    def _get(self, key: str, make: Callable[[], Samples]) -> Samples:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            samples = self._load(key)
            if samples is None:
                samples = make()
                self._save(key, samples)
            samples.flags.writeable = False
            self._kept[key] = samples
            self._bytes += samples.nbytes
            while self._bytes > MOST_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
            return samples

    def _load(self, key: str) -> Samples | None:
        if self._folder is None:
            return None
        try:
            kept = np.load(self._folder / f"{key}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if kept.dtype != np.float16 or kept.ndim != 1 or not np.isfinite(kept).all():
            return None
        samples: Samples = kept.astype(np.float32)
        return samples

    def _save(self, key: str, samples: Samples) -> None:
        """Keep a clip; whoever reads it meanwhile finds all of it or nothing."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                np.save(file, samples.astype(np.float16))
            os.replace(file.name, self._folder / f"{key}.npy")
        except OSError as error:
            if not self._warned:
                log.warning("voices of the drills are rendered anew at each start: %s", error)
            self._warned = True


def _key(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, (MADE_BY, *parts))).encode()).hexdigest()[:40]
