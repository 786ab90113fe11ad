"""Sound files of takes: a folder of Ogg Opus files with random names, encrypted if there is a key.

A file is written whole, under another name, before its take is; it is removed after. What a killed process
leaves behind is therefore never in a take, and :meth:`Sounds.sweep` removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import itertools
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import RecordError

from .key import KEY_BYTES

_MAGIC = b"SOTTOVOCE-SOUND-1\n"
_NONCE_BYTES = 12
_ENDING = ".opus"
_UNFINISHED = ".part"
_LOCK = ".lock"

_TRIED = 3
"""Encrypted files that a key is tried on."""

NEEDS_KEY = (
    "The sound of this record is encrypted: give its key, by --record-key FILE or SOTTOVOCE_RECORD_KEY=FILE."
)
OTHER_KEY = (
    "The sound in {folder} is encrypted with another key: give that one, "
    "by --record-key FILE or SOTTOVOCE_RECORD_KEY=FILE."
)


class Sounds:
    """The folder of sound files.

    Raises
    ------
    RecordError
        The key is none, or not the one that the files there are encrypted with.
    """

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        if key is not None and len(key) != KEY_BYTES:
            raise RecordError(f"the key of a record has {KEY_BYTES} bytes, this one has {len(key)}")
        self.folder = folder
        self._key = key
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if key is not None:
            self._verify(key)

    @functools.cached_property
    def needs_key(self) -> bool:
        """Whether files are encrypted and there is no key: nothing is written beside them as it is."""
        return self._key is None and any(True for _ in self._sealed())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold off :meth:`sweep` of any process from a file's writing until its take names it."""
        with self._locked(fcntl.LOCK_SH):
            yield

    def write(self, sound: bytes) -> str:
        """Write a file and return its name."""
        if self.needs_key:
            raise RecordError(NEEDS_KEY)
        name = secrets.token_hex(16) + _ENDING
        unfinished = self.folder / (name + _UNFINISHED)
        data = sound if self._key is None else _sealed(sound, name, self._key)
        try:
            with open(_new(unfinished), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(unfinished, self.folder / name)
            self._sync_folder()
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return name

    def read(self, name: str) -> bytes:
        """Return a file as it was given to :meth:`write`.

        Raises
        ------
        OSError
            It is not there.
        RecordError
            It is encrypted and the key is missing or another one; or it was changed.
        """
        data = (self.folder / name).read_bytes()
        if not data.startswith(_MAGIC):
            return data
        if self._key is None:
            raise RecordError(NEEDS_KEY)
        return _opened(data, name, self._key)

    def copy(self, other: Sounds, name: str) -> None:
        """Copy a file of another folder as it is, encrypted or not."""
        target = self.folder / name
        with open(other.folder / name, "rb") as source, open(_new(target), "wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())

    def remove(self, names: Collection[str]) -> None:
        """Remove files, those that are there."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        if names:
            self._sync_folder()

    def names(self) -> set[str]:
        """Names of all finished files."""
        return {path.name for path in self.folder.glob("*" + _ENDING)}

    def sweep(self, known: Callable[[], Collection[str]]) -> int:
        """Remove what no take names, unless a take is being written; the number of files removed.

        ``known`` gives the names in takes; it is asked while nobody writes.
        """
        try:
            with self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
                lost = [path.name for path in self.folder.glob("*" + _UNFINISHED)]
                lost += self.names() - set(known())
                self.remove(lost)
                return len(lost)
        except BlockingIOError:
            return 0

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold a lock on the folder; the kernel releases it when the process ends, however it does."""
        file = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, how)
            yield
        finally:
            os.close(file)

    def _verify(self, key: bytes) -> None:
        """Refuse a key with which none of the encrypted files opens that are tried."""
        tried = list(itertools.islice(self._sealed(), _TRIED))
        for name in tried:
            try:
                _opened((self.folder / name).read_bytes(), name, key)
            except (RecordError, FileNotFoundError):  # one may be damaged, or deleted since
                continue
            return
        if tried:
            raise RecordError(OTHER_KEY.format(folder=self.folder))

    def _sealed(self) -> Iterator[str]:
        """Yield the names of files that are encrypted."""
        for path in self.folder.glob("*" + _ENDING):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                if file.read(len(_MAGIC)) == _MAGIC:
                    yield path.name

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _new(path: Path) -> int:
    """Make a file that only its owner may read, and return its descriptor."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _sealed(sound: bytes, name: str, key: bytes) -> bytes:
    """Return a sound encrypted and authenticated together with its name (AES-256-GCM)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _MAGIC + nonce + AESGCM(key).encrypt(nonce, sound, name.encode())


def _opened(data: bytes, name: str, key: bytes) -> bytes:
    """Return what :func:`_sealed` made unreadable."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    start = len(_MAGIC)
    nonce, sealed = data[start : start + _NONCE_BYTES], data[start + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, name.encode())
    except (InvalidTag, ValueError) as error:
        raise RecordError("a sound file was changed, or encrypted with another key") from error
