"""Keys of a table in TOML, taken from the record that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct


class TableKey(Struct, frozen=True, kw_only=True):
    """One key of a table: a field annotated with a ``Meta`` that bounds and describes it."""

    name: str
    hint: Any
    low: float | None
    high: float | None
    meaning: str
    default: Any
    """``msgspec.NODEFAULT`` when it must be given."""


SomeKey = TypeVar("SomeKey", bound=TableKey)


def keys_of(table: type[Struct], kind: type[SomeKey]) -> Mapping[str, SomeKey]:
    """Return every key of a table by its name, in order, as ``kind``."""
    hints = get_type_hints(table, include_extras=True)
    found = {}
    for field in msgspec.structs.fields(table):
        base, meta = get_args(hints[field.name])
        found[field.name] = kind(
            name=field.name,
            hint=base,
            low=meta.ge,
            high=meta.le,
            meaning=meta.description,
            default=field.default,
        )
    return MappingProxyType(found)
