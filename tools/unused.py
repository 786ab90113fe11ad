"""Delete what nothing uses of packages that are installed for one file or two: 130 MB of the environment.

``tools/setup`` runs it after pip has checked the hashes of the packages and unpacked them. Networks and
lists of words come inside packages whose own code, libraries, samples and lists of other languages the
engine doesn't touch: :mod:`engine.speech.meaning` reads the files that it needs. Python modules, metadata
and licences stay, so that pip can still replace and uninstall the packages. By hand:
``.venv/bin/python -m tools.unused``.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

UNUSED: Mapping[str, tuple[str, ...]] = {
    "moonshine_voice": ("libmoonshine.so*", "assets/*.wav", "assets/*.tsv"),
    "moonshine_voice.libs": ("*.so*",),
    "wordfreq": ("data/*.msgpack.gz", "data/jieba_*.txt"),
}
"""Patterns of files, by the folder they are in: a library and its onnxruntime, recordings, lists of words."""

USED = {"wordfreq/data/large_en.msgpack.gz"}
"""Files that fit a pattern and stay."""

MB = 1 << 20


def unused(packages: Path) -> Iterator[Path]:
    """Yield the files that nothing uses.

    Parameters
    ----------
    packages : folder in which packages are installed.
    """
    for folder, patterns in UNUSED.items():
        for pattern in patterns:
            for path in sorted((packages / folder).glob(pattern)):
                if path.is_file() and path.relative_to(packages).as_posix() not in USED:
                    yield path


def remove(packages: Path) -> int:
    """Delete them, and return how many bytes they had."""
    size = 0
    for path in unused(packages):
        size += path.stat().st_size
        path.unlink()
    return size


if __name__ == "__main__":
    removed = remove(Path(sysconfig.get_path("platlib")))
    if removed:
        print(f"{removed / MB:.0f} MB that nothing uses were deleted")
