"""Where compiled kernels are kept: beside the sources, or where there is a folder that can be written."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ..errors import UsageError
from ..media.folders import cache_home

VARIABLE = "NUMBA_CACHE_DIR"
"""Names the folder to numba; read when the first kernel is imported."""


def keep_kernels() -> None:
    """Name a folder to numba if it can't write beside the sources; to be called before they are imported.

    Each version of the sources has one of its own, so that no kernel outlives what it was made from.

    Raises
    ------
    UsageError
        No folder can be written.
    """
    told = os.environ.get(VARIABLE)
    if told is not None:
        if not is_writable(Path(told)):
            raise UsageError(f"{VARIABLE} names {told}, which cannot be written; name another folder or none")
        return
    tried = [_sources() / "__pycache__"]
    if is_writable(tried[0]):
        return
    name = f"kernels-{digest(_sources())[:16]}"
    for place in (cache_home, _shared):
        folder = place()
        if folder is None:
            continue
        tried.append(folder / name)
        if is_writable(tried[-1]):
            os.environ[VARIABLE] = str(tried[-1])
            return
    raise UsageError(
        f"the compiled ears can be kept nowhere: {', '.join(map(str, tried))} cannot be written; "
        f"name a folder that can be: {VARIABLE}=FOLDER {Path(sys.argv[0]).name} …"
    )


def digest(folder: Path) -> str:
    """Digest of the sources in a folder, which kernels are made from."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _sources() -> Path:
    spec = find_spec("dsp")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _shared() -> Path | None:
    """Folder of one's own where everybody may write; None where another one has taken it.

    Kernels are code that will run: nobody else may put any there.
    """
    folder = Path(tempfile.gettempdir()) / f"sottovoce-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return folder
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return folder if mine else None
