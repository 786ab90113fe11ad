"""Read a profile from TOML: check every key and value, and name the first one that is wrong."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from engine.errors import ProfileError

from .records import Profile

LOWER_BELOW_UPPER = (("pace", "slow_wpm", "fast_wpm"), ("pitch_range", "flat_st", "lively_st"))
"""A table and two of its keys: the first key must be below the second."""

HEAD_KEYS = ("name", "description", "extends")

RENAMED_TABLES = {"voice": "creak"}
"""Tables of earlier versions, and what they are called now."""


def parse(
    text: str, origin: str, *, name: str, parents: Mapping[str, Profile] = MappingProxyType({})
) -> Profile:
    """Return the profile that a TOML text describes.

    Parameters
    ----------
    origin : where the text is from, for error messages.
    name : the profile's name, when the text doesn't give one.
    parents : the profiles that it may extend, by name.

    Raises
    ------
    ProfileError
        A key or value cannot be used: the message names file, key, value and what is allowed.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # what tomllib raises, beyond its own error
        raise ProfileError(f"{origin}: not TOML: {error}") from error
    check(table, origin)
    extends = table.pop("extends", None)
    if extends is not None and extends not in parents:
        raise ProfileError(f"{origin}: extends = {_shown(extends)}: must be one of {_list(parents)}")
    parent = Profile(name=name) if extends is None else parents[extends]
    changed: dict[str, Any] = {
        "name": table.pop("name", name),
        "description": table.pop("description", parent.description),
    }
    for key, values in table.items():
        old = getattr(parent, key)
        typed = {inner: type(getattr(old, inner))(value) for inner, value in values.items()}
        changed[key] = msgspec.structs.replace(old, **typed)
    profile = msgspec.structs.replace(parent, **changed)
    for key, low, high in LOWER_BELOW_UPPER:
        part = getattr(profile, key)
        if getattr(part, low) >= getattr(part, high):
            least, most = getattr(part, low), getattr(part, high)
            raise ProfileError(
                f"{origin}: {key}.{low} = {least}: must be below {key}.{high}, which is {most}"
            )
    return profile


class Setting(Struct, frozen=True, kw_only=True):
    """One key that a profile may set."""

    table: str
    key: str
    kind: type
    low: float | None
    high: float | None
    meaning: str
    default: Any

    @property
    def allowed(self) -> str:
        """Allowed values, in words."""
        if self.kind is bool:
            return "true or false"
        return f"{'a whole number' if self.kind is int else 'a number'} from {self.low:g} to {self.high:g}"

    def accepts(self, value: object) -> bool:
        """Return whether this key may have the value."""
        if self.kind is bool or isinstance(value, bool):
            return self.kind is bool and isinstance(value, bool)
        if not isinstance(value, int if self.kind is int else (int, float)):
            return False
        return self.low is not None and self.high is not None and self.low <= value <= self.high


def settings() -> Iterator[Setting]:
    """Yield every key of every table, in order; the documentation is generated from this."""
    for table, kind in get_type_hints(Profile).items():
        if table in HEAD_KEYS:
            continue
        for key, hint in get_type_hints(kind, include_extras=True).items():
            if get_origin(hint) is not Annotated:
                raise TypeError(f"{kind.__name__}.{key} has no range or description")
            base, *metas = get_args(hint)
            meta = next(m for m in metas if isinstance(m, Meta))
            yield Setting(
                table=table,
                key=key,
                kind=base,
                low=meta.ge,
                high=meta.le,
                meaning=meta.description or "",
                default=getattr(kind(), key),
            )


def check(table: dict[str, Any], origin: str) -> None:
    """Raise for the first key, type or value that a profile may not have.

    Raises
    ------
    ProfileError
        Names file, key, value and what is allowed.
    """
    known: dict[str, dict[str, Setting]] = {}
    for setting in settings():
        known.setdefault(setting.table, {})[setting.key] = setting
    for key, value in table.items():
        if key in HEAD_KEYS:
            if not isinstance(value, str):
                raise ProfileError(f"{origin}: {key} = {_shown(value)}: must be a text in quotes")
            continue
        if key in RENAMED_TABLES:
            raise ProfileError(f"{origin}: [{key}] is called [{RENAMED_TABLES[key]}] now; rename the table")
        if key not in known:
            raise ProfileError(f"{origin}: unknown key {_shown(key)}{_meant(key, [*known, *HEAD_KEYS])}")
        if not isinstance(value, dict):
            raise ProfileError(
                f"{origin}: {key} = {_shown(value)}: must be a table, [{key}], with keys {_list(known[key])}"
            )
        for inner, given in value.items():
            setting = known[key].get(inner)  # type: ignore[assignment]
            if setting is None:
                raise ProfileError(
                    f"{origin}: unknown key {_shown(f'{key}.{inner}')}{_meant(inner, list(known[key]))}"
                )
            if not setting.accepts(given):
                raise ProfileError(f"{origin}: {key}.{inner} = {_shown(given)}: must be {setting.allowed}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _shown(value: object) -> str:
    """Return a value as text, cut to 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _meant(wrong: str, right: list[str]) -> str:
    close = difflib.get_close_matches(wrong, right, 1)
    return f": did you mean {close[0]!r}?" if close else f"; allowed are {_list(right)}"
