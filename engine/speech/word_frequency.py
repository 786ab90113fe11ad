"""How frequent a word is in general English, from the lists of the package wordfreq.

Speer (2022), wordfreq 3, doi:10.5281/zenodo.7199437, merges several corpora. Only
its list is read: words in groups, the n-th of which has a frequency of 10^(-n/100).
"""

from __future__ import annotations

import functools
import gzip

import msgspec

from .meaning import packaged_file

LIST = (
    "wordfreq",
    "data/large_en.msgpack.gz",
    "dffae8066b78dce0a6667cf5f58e567054f902674667090a7ac8a8a44628b05c",
)
"""Package, file and its SHA-256."""


@functools.cache
def _zipf() -> dict[str, float]:
    header, *groups = msgspec.msgpack.decode(gzip.decompress(packaged_file(*LIST)))
    if header != {"format": "cB", "version": 1}:
        raise ValueError(f"a list of words of another format: {header}")
    return {word: round(9.0 - n / 100.0, 2) for n, group in enumerate(groups) for word in group}


def zipf(text: str) -> float | None:
    """Zipf frequency of a word, log10 of its uses in 10^9 words; None for what isn't listed.

    Case and punctuation around it don't matter. A word with a possessive or another ending behind an
    apostrophe counts as the whole form, where that is listed, else as what stands before; a compound with
    hyphens as its rarest part. A number has none.

    Raises
    ------
    ModelError
        The package is not installed, or its list is not the expected one.
    """
    word = text.lower().replace("’", "'").strip(".,;:!?\"'()[]…-")
    if not word or any(letter.isdigit() for letter in word):
        return None
    known = _zipf()
    if word in known:
        return known[word]
    if "-" in word:
        parts = [zipf(part) for part in word.split("-") if part]
        sure = [part for part in parts if part is not None]
        return min(sure) if len(sure) == len(parts) and sure else None
    return known.get(word.partition("'")[0]) if "'" in word else None
