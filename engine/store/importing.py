"""Add what is in a file to a record: an export, one take's document, or what the page's *Save* wrote.

The file may be anybody's: it is read within bounds, and what is wrong in it is said, part by part.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from engine.errors import UsageError
from engine.protocol.documents import is_sealed
from engine.protocol.take import TAKE_VERSION, Imported, Take, decode_take

from .documents import body_of
from .exporting import DOCUMENTS_IN, FORMAT, RECORD, SOUND, TAKES
from .saved import SavedSession, take_of_saved

MAX_DOCUMENT_BYTES = 64 * 2**20
MAX_SOUND_BYTES = 512 * 2**20
MAX_FILES = 400_000

_NOT_ONE = "this is no file to import: give an export of a record, a take's JSON, or what the page saved"

_saved = msgspec.json.Decoder(SavedSession)

Problem = Callable[[str], None]


class _Take(NamedTuple):
    take: Take
    sound: bytes | None


class _Document(NamedTuple):
    kind: str
    id: str
    body: Struct


def import_from(
    file: BinaryIO,
    has: Callable[[str], bool],
    put: Callable[[Take, bytes | None], None],
    add: Callable[[str, str, Struct], bool],
) -> Imported:
    """Add the takes and documents of a file that are not there.

    Parameters
    ----------
    has : whether a take of an id is there.
    put : writes a take with its sound.
    add : writes a document of a kind and id unless it is there; whether it did.

    Raises
    ------
    UsageError
        The file is nothing that can be imported.
    """
    problems: list[str] = []
    counts = {"takes": 0, "there": 0, "sounds": 0, "documents": 0}
    for part in _parts_in(file, problems.append):
        if isinstance(part, _Document):
            counts["documents"] += add(*part)
        elif has(part.take.id):
            counts["there"] += 1
        else:
            try:
                put(*part)
            except UsageError as error:
                problems.append(f"The take {part.take.id[:64]} was not imported: {error}.")
            else:
                counts["takes"] += 1
                counts["sounds"] += part.sound is not None and part.take.kept.sound
    return Imported(**counts, problems=problems)


def _parts_in(file: BinaryIO, problem: Problem) -> Iterator[_Take | _Document]:
    """Yield what is in a file; ``problem`` gets a sentence for each part that cannot be used."""
    start = file.read(4)
    file.seek(0)
    if start == b"PK\x03\x04":
        yield from _of_export(file, problem)
    else:
        yield _Take(_of_json(file.read(MAX_DOCUMENT_BYTES + 1)), None)


def _of_json(document: bytes) -> Take:
    """Return the take of a JSON file."""
    if len(document) > MAX_DOCUMENT_BYTES:
        raise UsageError(f"a take has at most {MAX_DOCUMENT_BYTES // 2**20} MB; this file has more")
    try:
        raw: Any = msgspec.json.decode(document)
        if isinstance(raw, dict) and "saved_at" in raw:
            return take_of_saved(_saved.decode(document))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, IndexError, OverflowError) as error:
        raise UsageError(_NOT_ONE) from error
    return _take(document, "the file")


def _of_export(file: BinaryIO, problem: Problem) -> Iterator[_Take | _Document]:
    """Yield what is in an export: takes, oldest first, and documents."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UsageError(_NOT_ONE) from error
    with archive:
        names = archive.namelist()
        if RECORD not in names or len(names) > MAX_FILES:
            raise UsageError(_NOT_ONE)
        _refuse_newer(_read(archive, RECORD, MAX_DOCUMENT_BYTES))
        known = set(names)
        for name in names:
            if not name.startswith((TAKES, DOCUMENTS_IN)) or name.endswith("/"):
                continue
            try:
                document = _read(archive, name, MAX_DOCUMENT_BYTES)
                part = _take(document, name) if name.startswith(TAKES) else _document(document, name)
            except UsageError as error:
                problem(f"{error}.".capitalize())
                continue
            if isinstance(part, _Document):
                yield part
            else:
                yield _Take(part, _sound(archive, part, known, problem))


def _sound(archive: zipfile.ZipFile, take: Take, names: set[str], problem: Problem) -> bytes | None:
    """Return the sound of a take; None where it has none, or it is not the one that the take speaks of."""
    name = f"{SOUND}{take.id}.opus"
    if take.sound is None:
        return None
    if name not in names:
        problem(f"The sound of the take {take.id[:64]} is not in the file.")
        return None
    try:
        sound = _read(archive, name, MAX_SOUND_BYTES)
    except UsageError as error:
        problem(f"{error}.".capitalize())
        return None
    if hashlib.sha256(sound).hexdigest() != take.sound.sha256:
        problem(f"The sound of the take {take.id[:64]} is another one than it was.")
        return None
    return sound


def _take(document: bytes, name: str) -> Take:
    """Return the take of a document."""
    try:
        take = decode_take(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{name[:120]} is no take ({error})") from error
    if take.version > TAKE_VERSION:
        raise UsageError(f"{name[:120]} was written by a newer version of Sottovoce: update it")
    return take


def _document(document: bytes, name: str) -> _Document:
    """Return the document of a file of an export, which names its kind and id."""
    kind, _, file = name.removeprefix(DOCUMENTS_IN).partition("/")
    id = unquote(file.removesuffix(".json"))
    try:
        body = body_of(kind, id, document)
        if is_sealed(kind, document):
            raise UsageError("feedback that goes on stays where it was begun")
        return _Document(kind, id, body)
    except UsageError as error:
        raise UsageError(f"{name[:120]} was not imported: {error}") from error


def _refuse_newer(about: bytes) -> None:
    try:
        found: Any = msgspec.json.decode(about)["format"]
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise UsageError(_NOT_ONE) from error
    if not isinstance(found, int) or found > FORMAT:
        raise UsageError("this export was written by a newer version of Sottovoce: update it, then import")


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return a file of an archive, whatever size it says that it has."""
    try:
        with archive.open(name) as file:
            data = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UsageError(f"{name[:120]} in the file is damaged") from error
    if len(data) > most:
        raise UsageError(f"{name[:120]} in the file is larger than {most // 2**20} MB")
    return data
