"""WordPiece: words to the pieces that a BERT model knows.

Devlin et al. (2019), as in the uncased models: lower case, no accents, words split at punctuation, each
word cut greedily into the longest pieces of the vocabulary.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"

CONTROLS = ("Cc", "Cf", "Co", "Cs")
"""Unicode categories of characters that are left out; an unassigned one stays."""

LONGEST_WORD = 100
"""Characters; a longer word is unknown."""


def is_ideograph(character: str) -> bool:
    """Whether a character is a CJK ideograph, a word of its own here."""
    code = ord(character)
    return (
        0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x2CEAF
        or 0x2F800 <= code <= 0x2FA1F
    )


def is_punctuation(character: str) -> bool:
    """Whether a character is punctuation; in ASCII every symbol is."""
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return unicodedata.category(character).startswith("P")


def basic_words(text: str) -> Iterator[str]:
    """Yield words and punctuation marks, in lower case without accents."""
    cleaned = "".join(
        f" {c} " if is_ideograph(c) else " " if c.isspace() else c
        for c in text
        if c in "\t\n\r" or (c not in "\0\ufffd" and unicodedata.category(c) not in CONTROLS)
    )
    plain = "".join(c for c in unicodedata.normalize("NFD", cleaned) if unicodedata.category(c) != "Mn")
    word = ""
    for character in plain.lower():
        if character.isspace() or is_punctuation(character):
            if word:
                yield word
            word = ""
            if not character.isspace():
                yield character
        else:
            word += character
    if word:
        yield word


class WordPiece:
    """Cuts text into pieces of a vocabulary."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = vocabulary

    def pieces(self, word: str) -> list[str]:
        """Cut a word into the longest known pieces from the left; those after the first begin with ##."""
        if len(word) > LONGEST_WORD:
            return [UNKNOWN]
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in self._vocabulary:
                    break
            else:
                return [UNKNOWN]
            found.append(piece)
            start = end
        return found

    def encode(self, text: str, most: int) -> list[int]:
        """Numbers of a text's pieces between start and end, at most ``most`` of them."""
        known = self._vocabulary
        inner = [known[piece] for word in basic_words(text) for piece in self.pieces(word)]
        return [known[START], *inner[: most - 2], known[END]]
