"""Cache rendered drill audio in memory and on disk: a voice that cuts in must not wait to be rendered.

Only the drills' own lines are stored, never a speaker's audio.
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

from engine.media.folders import cache_home
from engine.media.resample import Samples
from engine.protocol.terms import Role, Sound

from .rendering import DistractionRequest, LocalRenderer, Renderer, RenderingRefused, SpeechRequest
from .speakers import PEOPLE

log = logging.getLogger(__name__)

RENDER_VERSION = 1
"""Increased when the same line would sound different: cached clips are then rendered anew."""

MAX_BYTES = 64 << 20
"""Most bytes in memory; the least recently used clip goes first."""

NO_RECORDINGS: Mapping[str, Samples] = MappingProxyType({})


def cache_folder() -> Path | None:
    """Return the folder of clips, ``$XDG_CACHE_HOME/sottovoce/clips``; None for a user without a home."""
    home = cache_home()
    return None if home is None else home / "clips"


class ClipCache:
    """Cache of rendered lines and distractions. Thread-safe; a cached clip is returned without waiting.

    Lines are stored in the folder; distractions render fast, and are kept in memory only.

    Parameters
    ----------
    folder : stores lines between runs; None keeps them in memory only.
    own : recordings that replace the distractions of their name.
    renderer : renders clips; in this process unless given.
    refusal : returns why nothing can be rendered now; None when it can. The cache is used anyway.
    """

    def __init__(
        self,
        folder: Path | None = None,
        own: Mapping[str, Samples] = NO_RECORDINGS,
        renderer: Renderer | None = None,
        refusal: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._own = own
        self._renderer = LocalRenderer() if renderer is None else renderer
        self._refusal = refusal
        self._kept: OrderedDict[SpeechRequest | DistractionRequest, Samples] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._rendering_lock = threading.Lock()
        self._warned = False

    def speech(self, role: Role, text: str, seed: int = 0, fall_st: float = 0.0) -> Samples:
        """Return a person's line, with ends that fall by so many semitones: float32, shape (n,), 16 kHz."""
        return self._get(SpeechRequest(role, text, seed, fall_st))

    def sound(self, name: Sound, seconds: float, seed: int = 0) -> Samples:
        """Return a distraction of a given length: float32, shape (n,), 16 kHz.

        A user's recording is cut to the length, or repeated.
        """
        if name in self._own:
            own = self._own[name]
            return np.resize(own, round(seconds * 16_000)).astype(np.float32)
        return self._get(DistractionRequest(name, seconds, seed))

    def close(self) -> None:
        """Close the renderer."""
        with self._rendering_lock:
            self._renderer.close()

    # --- inside ----------------------------------------------------------------

    def _get(self, request: SpeechRequest | DistractionRequest) -> Samples:
        samples = self._remembered(request)
        if samples is not None:
            return samples
        with self._rendering_lock:
            samples = self._remembered(request)  # another thread may have rendered it meanwhile
            if samples is not None:
                return samples
            file = self._file(request)
            samples = None if file is None else self._load(file)
            if samples is None:
                why = self._refusal()
                if why is not None:
                    raise RenderingRefused(why)
                samples = self._renderer.render(request)
                if file is not None:
                    self._save(file, samples)
            samples.flags.writeable = False
            self._remember(request, samples)
            return samples

    def _remembered(self, request: SpeechRequest | DistractionRequest) -> Samples | None:
        with self._lock:
            if request in self._kept:
                self._kept.move_to_end(request)
            return self._kept.get(request)

    def _remember(self, request: SpeechRequest | DistractionRequest, samples: Samples) -> None:
        with self._lock:
            self._kept[request] = samples
            self._bytes += samples.nbytes
            while self._bytes > MAX_BYTES and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes

    def _file(self, request: SpeechRequest | DistractionRequest) -> Path | None:
        """Return the file of a line; None without a folder, and for a distraction."""
        if self._folder is None or isinstance(request, DistractionRequest):
            return None
        person = msgspec.json.encode(PEOPLE[request.role]).decode()
        parts = [RENDER_VERSION, "speech", person, request.text, request.seed, version("hibari-tts")]
        if request.fall_st:
            parts.append(request.fall_st)
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
        """Store a clip atomically."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
                np.save(part, samples.astype(np.float16))
            os.replace(part.name, file)
        except OSError as error:
            if not self._warned:
                log.warning("drill voices cannot be stored and are rendered anew at each start: %s", error)
            self._warned = True
