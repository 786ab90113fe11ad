"""Keys of a script, from its records: what each may be, for the documentation and for messages."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from msgspec import Struct

from engine.profile.table_keys import TableKey, keys_of


class Key(TableKey, frozen=True, kw_only=True):
    """One key of a script."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts allowed, if only some are."""
        return tuple(str(one) for kind in _parts(self.hint) for one in _literals(kind))

    @property
    def texts(self) -> bool:
        """Whether it is one text or several."""
        return get_args(_parts(self.hint)[0]) == (str, Ellipsis)

    @property
    def kind(self) -> type:
        """``list`` (of texts), ``tuple`` (a range), ``str``, ``bool``, ``int``, ``float`` or ``dict``."""
        first = _parts(self.hint)[0]
        if get_origin(first) is tuple:
            return list if get_args(first)[-1] is Ellipsis else tuple
        if get_origin(first) is Literal:
            return str
        return dict if issubclass(first, Struct) else first

    @property
    def allowed(self) -> str:
        """What may stand for it, for a person."""
        bounds = f" from {self.low:g} to {self.high:g}" if self.low is not None else ""
        match self.kind.__name__:
            case "list" if self.texts:
                return "a text in quotes, or a list of them"
            case "list" if self.choices:
                return f"a list of {named(self.choices)}"
            case "list":
                return "one or more tables, [[step]]"
            case "tuple":
                return f"a number{bounds}, or two of them, [low, high], to draw from"
            case "str":
                return f"one of {named(self.choices)}" if self.choices else "a text in quotes"
            case "bool":
                return "true or false"
            case "dict":
                return f"a table of {', '.join(keys(_parts(self.hint)[0]))}"
            case "int":
                return f"a whole number{bounds}"
        return f"a number{bounds}"

    def read(self, value: object) -> Any:
        """The value as the script has it; ``ValueError`` when it may not stand for this key."""
        match self.kind.__name__:
            case "tuple":
                pair: list[Any] = value if isinstance(value, list) else [value, value]
                if len(pair) == 2 and all(map(self._number, pair)) and pair[0] <= pair[1]:
                    return float(pair[0]), float(pair[1])
            case "list" if self.texts:
                texts = value if isinstance(value, list) else [value]
                if texts and all(isinstance(one, str) and one.strip() for one in texts):
                    return tuple(texts)
            case "list" if isinstance(value, list) and value and all(one in self.choices for one in value):
                return tuple(value)
            case "str" if isinstance(value, str) and value.strip():
                if not self.choices or value in self.choices:
                    return value
            case "bool" if isinstance(value, bool):
                return value
            case "int" if isinstance(value, int) and self._number(value):
                return value
            case "float" if self._number(value):
                return value
        raise ValueError

    def _number(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low is not None and self.high is not None and self.low <= value <= self.high


@functools.cache
def keys(kind: type[Struct]) -> Mapping[str, Key]:
    """Return every key of a part of a script, in order."""
    return keys_of(kind, Key)


def _parts(hint: Any) -> list[Any]:
    """Return the types of a union without None; a single type is its only part."""
    if get_origin(hint) in (Literal, tuple) or isinstance(hint, type):
        return [hint]
    return [kind for kind in get_args(hint) if kind is not type(None)]


def _literals(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Literal:
        yield from get_args(kind)
    elif get_origin(kind) is tuple:
        yield from _literals(get_args(kind)[0])


def named(names: Any) -> str:
    """Return names in quotes, for a message."""
    return ", ".join(f'"{name}"' for name in names)
