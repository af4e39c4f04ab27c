"""What is asked and what is answered as plain data, for the way to another process and back."""

import functools
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from assistant.pipeline import Stage
from assistant.types import Answer, Statement

Told = Stage | Statement | Answer
_KINDS: dict[str, type[Told]] = {kind.__name__: kind for kind in (Stage, Statement, Answer)}


def to_plain(event: Told) -> dict[str, Any]:
    """An event of an answer as JSON has it: its kind and its fields."""
    return {"kind": type(event).__name__, "fields": _plain(event)}


def from_plain(row: dict[str, Any]) -> Told:
    """The event again, equal to what it was."""
    kind: Any = _KINDS[row["kind"]]
    made: Told = _maker(kind)(row["fields"])
    return made


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


@functools.cache
def _maker(kind: Any) -> Callable[[Any], Any]:
    """Makes a value of a type from its plain data."""
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        makers = [_maker(hints[name]) for name in names]
        return lambda row: kind(**{n: m(v) for n, m, v in zip(names, makers, row, strict=True)})
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return lambda row: kind(*row)
    if origin is tuple:
        one = _maker(arguments[0])
        return lambda row: tuple(map(one, row))
    if origin is dict:
        one = _maker(arguments[1])
        return lambda row: {key: one(value) for key, value in row.items()}
    if origin in (Union, types.UnionType):
        one = next(_maker(a) for a in arguments if a is not type(None))
        return lambda value: None if value is None else one(value)
    assert kind in (str, int, float, bool) or origin is Literal, kind
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
