"""Files that a lender writes, read by pydantic exactly as declared, and every mistake of them in the writer's words.

Types of fields convert nothing: a number is no text, `1` is not true, a moment is no date. What a table declares must
be given, and nothing else may be.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import ErrorDetails

T = TypeVar("T")

#: Types of fields. A whole number is not below zero; a text is not empty.
Whole = Annotated[int, Field(strict=True, ge=0)]
Signed = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True, min_length=1)]
Day = Annotated[date, Field(strict=True)]
#: A name that can stand as a reason, product or other code.
Code = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]*$")]

#: How alike a name must be to be asked after (0 to 1); a lower one asks after names that only share letters.
_NEAR = 0.7
_CHOICE = re.compile(r"'([^']*)'")
_MUST = {
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be lower-case letters, digits and underscores",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "date_type": "must be a date, as 2024-07-01",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
}
_WHOLE_IN = {"_bp": "fractions are given in basis points", "_cents": "amounts are given in cents"}
_NOT_A_TABLE = ("dataclass_type", "dict_type")
_NOT_KNOWN = ("unexpected_keyword_argument", "extra_forbidden")


class PolicyError(ValueError):
    """A policy or catalogue is wrong; each of `mistakes` names file and place, and what exists instead."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class Table:
    """Base of a dataclass that is a table of a file: a key that is no field of it is a mistake."""

    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Each:
    """Says of a mapping to tables that each of `names` must be in it, and nothing else unless `others` may."""

    names: tuple[str, ...]
    others: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        member = handler.generate_schema(get_args(source)[1])
        return core_schema.typed_dict_schema(
            {name: core_schema.typed_dict_field(member) for name in self.names},
            extra_behavior="allow" if self.others else "forbid",
            extras_schema=member if self.others else None,
        )


@dataclass(frozen=True)
class Mistake:
    """One mistake of a table: the dotted path of the key it is about, and what to say of it."""

    path: str
    text: str


class Mistakes:
    """Every mistake found in one file so far, in file order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: dict[tuple[object, str], str] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, where: str, *texts: str, since: object = None) -> None:
        """Note mistakes at a place of the file.

        What a later version takes over from an earlier one is wrong there too. With `since`, the date it was written
        for, it is reported once, where it first occurs.
        """
        for text in texts:
            place = f"{self._source}: {where}: " if where else f"{self._source}: "
            self._found.setdefault((since or where, text), f"{place}{text}")

    def read(self, kind: type[T], raw: object, where: str, table: str = "", *, since: object = None) -> T | None:
        """`raw` as `kind`; None where it is wrong, with every mistake noted. `table` names it in them."""
        read, wrong = verdict(kind, raw)
        self.add(where, *(f"{table}: {m.text}" if table else m.text for m in wrong), since=since)
        return read

    def refuse(self) -> None:
        """PolicyError with all that was found, if anything was."""
        if self._found:
            raise PolicyError(*self._found.values())


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where something known is close to `name`, otherwise what exists, shortened."""
    known = sorted(known)
    if close := difflib.get_close_matches(name, known, cutoff=_NEAR):
        return f"; did you mean {close[0]!r}?"
    listed = ", ".join(known[:12])
    return f"; there are: {listed}{', …' if len(known) > 12 else ''}"


def verdict(
    kind: type[T], raw: object, *, context: Mapping[str, Any] | None = None, also: Iterable[str] = ()
) -> tuple[T | None, list[Mistake]]:
    """`raw` as `kind`, or None and everything that is wrong with it; `also` are keys known beside its fields."""
    try:
        return _adapter(kind).validate_python(raw, context=context), []  # type: ignore[arg-type]  # a type is hashable
    except ValidationError as error:
        return None, [m for each in error.errors() for m in _mistakes(kind, each, tuple(also))]


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _mistakes(kind: object, error: ErrorDetails, also: tuple[str, ...]) -> list[Mistake]:
    path, what, given, more = error["loc"], error["type"], error["input"], error.get("ctx", {})
    choices = tuple(_CHOICE.findall(str(more.get("expected"))))
    if path and path[-1] == "[key]":
        path, what = path[:-1], "extra_forbidden"
    dotted, name = _dotted(path), str(path[-1]) if path else ""
    above = f"[{_dotted(path[:-1])}]" if path[:-1] else ""
    if what == "value_error":
        cause = more["error"]
        texts = cause.mistakes if isinstance(cause, PolicyError) else (str(cause),)
        return [Mistake(dotted, f"{dotted}: {text}" if dotted else text) for text in texts]
    if what == "missing":
        lacking = f"section [{dotted}] is missing" if _names(_member(kind, path)) else f"{above} lacks {name}".strip()
        return [Mistake(dotted, lacking)]
    if what in _NOT_KNOWN:
        known = choices or (*_names(_member(kind, path[:-1])), *(() if above else also))
        return [Mistake(dotted, f"{above}: {name!r} is not known{nearest(name, known)}".removeprefix(": "))]
    if what in _NOT_A_TABLE:
        must = f"must be a table{f': write [version.{dotted}]' if dotted else ''}, got {given!r}"
    elif what == "literal_error":
        close = nearest(str(given), choices)
        must = f"{given!r} is not one of {', '.join(choices)}{close if 'did you mean' in close else ''}"
    else:
        words = _MUST.get(what, error["msg"].replace("Input should", "must")).format(**more)
        unit = next(
            (said for ending, said in _WHOLE_IN.items() if isinstance(given, float) and name.endswith(ending)), ""
        )
        must = f"{words}, got {given!r}{unit and f'; {unit}'}"
    return [Mistake(dotted, f"{dotted} {must}".strip())]


def _dotted(path: Iterable[int | str]) -> str:
    """`section.field`, and `section.field[2]` for the second of a list."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def _member(kind: Any, path: Iterable[int | str]) -> Any:
    """Type of the value at `path` of a table."""
    for key in path:
        while get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        if is_dataclass(kind):
            kind = get_type_hints(kind, include_extras=True)[str(key)]
        else:
            kind = get_args(kind)[1 if issubclass(get_origin(kind) or tuple, Mapping) else 0]
    return kind


def _names(kind: Any) -> tuple[str, ...]:
    """Keys of a table; none where `kind` is no table."""
    each = [more.names for more in getattr(kind, "__metadata__", ()) if isinstance(more, Each)]
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return each[0] if each else tuple(f.name for f in fields(kind)) if is_dataclass(kind) else ()
