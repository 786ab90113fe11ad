"""Download and unpacking of Debian packages, without installation."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path


def fetch(names: Iterable[str], folder: Path) -> None:
    """Unpack each package into ``folder/name``, unless it is there.

    Raises
    ------
    subprocess.CalledProcessError
        The package can't be fetched: no such name in this release, or no network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        target = folder / name
        if target.exists():
            continue
        print(f"fetching {name}", flush=True)
        for old in folder.glob(f"{name}_*.deb"):
            old.unlink()
        subprocess.run(["apt-get", "-q", "download", name], cwd=folder, check=True)
        (deb,) = folder.glob(f"{name}_*.deb")
        part = folder / f"{name}.part"
        subprocess.run(["dpkg-deb", "-x", deb, part], check=True)
        for archive in part.rglob("public.zip"):
            unpack_sounds(archive, part)
        part.rename(target)
        deb.unlink()


def unpack_sounds(archive: Path, target: Path) -> None:
    """Extract the sounds of 0 A.D. from their archive, and delete the rest."""
    with zipfile.ZipFile(archive) as inner:
        inner.extractall(target, [name for name in inner.namelist() if name.startswith("audio/")])
    archive.unlink()
