"""What the drills let be heard, made ahead and kept: a voice that cuts in must not wait to be rendered.

Only lines of the drills are kept, never a speaker's audio.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np

from engine.media.folders import cache_home
from engine.media.resample import Samples
from engine.protocol.terms import Role, Sound

from .rendering import DistractionRequest, LocalRenderer, Renderer, SpeechRequest
from .speakers import PEOPLE

log = logging.getLogger(__name__)

RENDER_VERSION = 1
"""Raised when the same line would sound different: what was kept before is then made anew."""

MAX_BYTES = 64 << 20
"""Kept in memory at the most; what was used longest ago goes first."""

NO_RECORDINGS: Mapping[str, Samples] = MappingProxyType({})


def cache_folder() -> Path | None:
    """Where clips are kept between runs: ``$XDG_CACHE_HOME/sottovoce/clips``; None for who has no home."""
    home = cache_home()
    return None if home is None else home / "clips"


class ClipCache:
    """Lines and noises as samples. May be used from several threads; what is there already never waits.

    A line is rendered once, and kept in the folder; noises take a moment only, and are kept in memory.

    Parameters
    ----------
    folder : where to keep lines between runs; None keeps them in memory only.
    own : recordings that stand in for distractions of their name.
    maker : makes them; in this process unless given.
    """

    def __init__(
        self,
        folder: Path | None = None,
        own: Mapping[str, Samples] = NO_RECORDINGS,
        maker: Renderer | None = None,
    ) -> None:
        self._folder = folder
        self._own = own
        self._maker = LocalRenderer() if maker is None else maker
        self._kept: OrderedDict[SpeechRequest | DistractionRequest, Samples] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._warned = False

    def speech(self, role: Role, text: str, seed: int = 0) -> Samples:
        """A line as a person says it: float32, shape (n,), 16 kHz."""
        return self._get(SpeechRequest(role, text, seed))

    def sound(self, name: Sound, seconds: float, seed: int = 0) -> Samples:
        """A distraction of some length: float32, shape (n,), 16 kHz.

        A user's recording is played from its beginning; one that is shorter begins again.
        """
        if name in self._own:
            own = self._own[name]
            return np.resize(own, round(seconds * 16_000)).astype(np.float32)
        return self._get(DistractionRequest(name, seconds, seed))

    def close(self) -> None:
        """Let go of what making them took."""
        with self._making:
            self._maker.close()

    # --- inside ----------------------------------------------------------------

    def _get(self, wanted: SpeechRequest | DistractionRequest) -> Samples:
        samples = self._remembered(wanted)
        if samples is not None:
            return samples
        with self._making:
            samples = self._remembered(wanted)  # whoever wanted it at the same time has had it made
            if samples is not None:
                return samples
            file = self._file(wanted)
            samples = None if file is None else self._load(file)
            if samples is None:
                samples = self._maker.make(wanted)
                if file is not None:
                    self._save(file, samples)
            samples.flags.writeable = False
            self._remember(wanted, samples)
            return samples

    def _remembered(self, wanted: SpeechRequest | DistractionRequest) -> Samples | None:
        with self._lock:
            if wanted in self._kept:
                self._kept.move_to_end(wanted)
            return self._kept.get(wanted)

    def _remember(self, wanted: SpeechRequest | DistractionRequest, samples: Samples) -> None:
        with self._lock:
            self._kept[wanted] = samples
            self._bytes += samples.nbytes
            while self._bytes > MAX_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes

    def _file(self, wanted: SpeechRequest | DistractionRequest) -> Path | None:
        """Where a line is kept; None where it isn't, and for a noise."""
        if self._folder is None or isinstance(wanted, DistractionRequest):
            return None
        person = msgspec.json.encode(PEOPLE[wanted.role]).decode()
        parts = (RENDER_VERSION, "speech", person, wanted.text, wanted.seed, version("hibari-tts"))
        return self._folder / f"{hashlib.sha256(chr(0).join(map(str, parts)).encode()).hexdigest()[:40]}.npy"

    def _load(self, file: Path) -> Samples | None:
        try:
            kept = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if kept.dtype != np.float16 or kept.ndim != 1 or not np.isfinite(kept).all():
            return None
        samples: Samples = kept.astype(np.float32)
        return samples

    def _save(self, file: Path, samples: Samples) -> None:
        """Keep a clip; whoever reads it meanwhile finds all of it or nothing."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
                np.save(part, samples.astype(np.float16))
            os.replace(part.name, file)
        except OSError as error:
            if not self._warned:
                log.warning("voices of the drills are rendered anew at each start: %s", error)
            self._warned = True
