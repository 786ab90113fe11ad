"""Export all that is kept of a person as a ZIP file: takes, sound, a table, documents, and what they mean.

Deterministic: the same record gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec

from engine.errors import NoSuchTake
from engine.protocol.documents import DOCUMENTS
from engine.protocol.measures import ChannelMeasures
from engine.protocol.review import WordMeasures
from engine.protocol.take import TAKE_VERSION, Take, encode_take

FORMAT = 1
"""Raised when the names or the meaning of the files in an export change."""

RECORD, TABLE, SCHEMA = "record.json", "takes.csv", "schema.json"
TAKES, SOUND, REPORTS, DOCUMENTS_IN = "takes/", "sound/", "reports/", "documents/"

Report = Callable[[Take], tuple[str, bytes]]
"""Gives the printable report of a take, and how its file's name ends."""

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # of the dates that a ZIP file can hold
_OWNER_ONLY = 0o600 << 16


def export(
    file: BinaryIO,
    takes: Iterable[Take],
    sound: Callable[[str], bytes],
    documents: Iterable[tuple[str, str, str]],
    answers: list[dict[str, Any]],
    report: Report | None = None,
) -> None:
    """Write an export.

    Parameters
    ----------
    sound : gives the Ogg Opus file of a take by its id; one that is gone is named in ``record.json``.
    documents : kind, id and JSON text of each.
    answers : what the person allowed to be kept, and when.
    report : called for each take, the oldest first; None for an export without reports.
    """
    table = io.StringIO(newline="")
    rows = csv.writer(table)
    rows.writerow(columns())
    count = beside = 0
    missing = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for take in takes:
            count += 1
            begun = take.begun_at.astimezone(UTC)
            _add(archive, f"{TAKES}{take.id}.json", encode_take(take), begun)
            if take.sound is not None:
                try:
                    data = sound(take.id)
                except NoSuchTake:
                    missing.append(take.id)
                else:
                    _add(archive, f"{SOUND}{take.id}.opus", data, begun, zipfile.ZIP_STORED)
            if report is not None:
                form, page = report(take)
                _add(archive, f"{REPORTS}{take.id}.{form}", page, begun)
            rows.writerow([_cell(value) for value in values(take)])
        for kind, id, document in documents:
            beside += 1
            # quoted, as not every system may have a : in a file's name
            _add(archive, f"{DOCUMENTS_IN}{kind}/{quote(id, safe='')}.json", document.encode(), _EARLIEST)
        _add(archive, TABLE, table.getvalue().encode(), _EARLIEST)
        _add(archive, SCHEMA, _pretty(_schema()), _EARLIEST)
        about = {
            "program": "Sottovoce",
            "format": FORMAT,
            "version": TAKE_VERSION,
            "takes": count,
            "documents": beside,
            "sounds_missing": missing,
            "kept": answers,
        }
        _add(archive, RECORD, _pretty(about), _EARLIEST)


def columns() -> list[str]:
    """Return the names of the table's columns."""
    return [
        *("id", "kind", "begun_at", "duration_s", "title", "tags", "question", "story", "purpose", "note"),
        *("kept_figures", "kept_words", "kept_sound"),
        *("drill", "composure", "exercise", "score"),
        *_scalars(ChannelMeasures),
        *(f"words_{name}" for name in _scalars(WordMeasures)),
        *("words_fillers_least", "words_fillers_most"),
    ]


def values(take: Take) -> Iterator[Any]:
    """Yield the cells of a take, in the order of :func:`columns`."""
    yield from (take.id, take.kind, take.begun_at.isoformat(), take.duration_s, take.title)
    yield from ("; ".join(take.tags), take.question, take.story, take.purpose, take.note)
    yield from (take.kept.figures, take.kept.words, take.kept.sound)
    yield from (take.card.drill, take.card.composure) if take.card else (None, None)
    yield from (take.exercise.exercise, take.exercise.score) if take.exercise else (None, None)
    for kind, found in ((ChannelMeasures, take.measures), (WordMeasures, take.word_measures)):
        yield from (None if found is None else getattr(found, name) for name in _scalars(kind))
    fillers = take.word_measures.fillers if take.word_measures else None
    yield from (None, None) if fillers is None else (fillers.least, fillers.most)


def _scalars(kind: type[msgspec.Struct]) -> list[str]:
    """Return the fields of a struct that are one number."""
    numbers = (int, float, int | None, float | None)
    return [field.name for field in msgspec.structs.fields(kind) if field.type in numbers]


def _cell(value: Any) -> Any:
    """Return what a cell holds; an apostrophe keeps a spreadsheet from taking a text for a formula."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _schema() -> dict[str, Any]:
    """Return the JSON Schema of takes and documents."""
    kinds, parts = msgspec.json.schema_components([Take, *DOCUMENTS.values()])
    return {"anyOf": list(kinds), "$defs": parts}


def _add(
    archive: zipfile.ZipFile, name: str, data: bytes, at: datetime, how: int = zipfile.ZIP_DEFLATED
) -> None:
    at = max(at, _EARLIEST)
    info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    info.compress_type = how
    info.external_attr = _OWNER_ONLY
    archive.writestr(info, data)


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
