"""An adapter as declared: `adapter.toml` and the SQL files beside it, read and checked before any data is touched."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, field_validator

from warehouse.contract import contract_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationInfo
    from pydantic_core import ErrorDetails

ADAPTERS = Path(__file__).parent

Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
Text = Annotated[str, Field(min_length=1)]
Columns = Annotated[tuple[Text, ...], Strict(strict=False)]
Whole = Annotated[int, Field(ge=1)]


class AdapterError(ValueError):
    """An adapter or the extract it reads is not as declared; each of `mistakes` names the file and what to do."""

    def __init__(self, *mistakes: str) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class _Table(BaseModel):
    """A table of a file, exactly as declared: nothing is converted, and no other key is allowed in it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


T = TypeVar("T", bound=_Table)


class Reader(_Table):
    """How the extract's text files are read; every value arrives as text."""

    delimiter: Text = ","
    quote: str = '"'
    header: bool = True
    encoding: Text = "utf-8"
    null: str = ""


class Timeline(_Table):
    """By how much the extract's dates are moved: days or months, with a word on it."""

    shift_days: int = 0
    shift_months: int = 0
    note: str = ""

    @field_validator("shift_months")
    @classmethod
    def _one_of_both(cls, months: int, info: ValidationInfo) -> int:
        if months and info.data.get("shift_days"):
            raise ValueError("shift_days or shift_months is given, not both")
        return months


class Money(_Table):
    """The extract's currency, and by what its amounts are multiplied and divided."""

    currency: Text | None = None
    numerator: Whole = 1
    denominator: Whole = 1
    note: str = ""


class People(_Table):
    """The query that lists the extract's people, and the file that numbers them."""

    crosswalk: Text
    query: Text


class Merge(_Table):
    """How rows that several adapters give for one key of a feed become one.

    A column is taken from the first adapter in `order` that knows it; `least` and `greatest` columns from all.
    """

    order: Columns
    least: Columns = ()
    greatest: Columns = ()


class CrosswalkFile(_Table):
    """An invented link between people of different extracts; `label` is shown wherever the link is used."""

    label: Text
    salt: Text
    id_format: Text
    first: Mapping[Name, Whole]
    merge: Mapping[str, Merge] = {}


class AdapterFile(_Table):
    """`adapter.toml`: how an extract is read, moved in time and converted, and which feeds it cannot give."""

    name: Name
    description: str = ""
    read: Reader = Reader()
    sources: Annotated[Mapping[Name, Text], Field(min_length=1)]
    timeline: Timeline = Timeline()
    money: Money = Money()
    people: People | None = None
    empty: Mapping[str, Text] = {}


class Crosswalk(CrosswalkFile):
    """A crosswalk with its file."""

    path: Path


class Adapter(AdapterFile):
    """One extract's mapping: its declaration with the SQL text of each feed, and of what is prepared before them."""

    folder: Path
    feeds: Mapping[str, str]
    prepare: str | None
    crosswalk: Crosswalk | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the mapping adds to or changes in the extract, in words."""
        lines = [f"{self.name}: {note}" for note in (self.timeline.note, self.money.note) if note]
        if self.crosswalk is not None:
            lines.append(f"{self.name}: customer numbers by the {self.crosswalk.label} ({self.crosswalk.path.name})")
        return (*lines, *(f"{self.name}: {feed} has no rows: {why}" for feed, why in self.empty.items()))


def shipped() -> tuple[str, ...]:
    """Names of the adapters that come with the product."""
    return tuple(sorted(p.parent.name for p in ADAPTERS.glob("*/adapter.toml")))


def load_adapter(where: Path | str) -> Adapter:
    """The adapter in a folder, or the shipped one of that name; AdapterError has every mistake with its file."""
    folder = where if isinstance(where, Path) else _folder(where)
    path = folder / "adapter.toml"
    body = _toml(path)
    mistakes = list[str]()
    file = _read(AdapterFile, body, path, mistakes)
    feeds = _feeds(folder)
    empty = body["empty"] if isinstance(body.get("empty"), dict) else {}
    mistakes += _wrong_feeds(folder, feeds, empty)
    people = body["people"] if isinstance(body.get("people"), dict) else {}
    crosswalk = _crosswalk(folder, body, people["crosswalk"], mistakes) if people.get("crosswalk") else None
    if file is None or mistakes:
        raise AdapterError(*mistakes)
    prepare = folder / "prepare.sql"
    text = prepare.read_text(encoding="utf-8") if prepare.is_file() else None
    return Adapter(**dict(file), folder=folder, feeds=feeds, prepare=text, crosswalk=crosswalk)


def _folder(name: str) -> Path:
    folder = Path(name) if "/" in name else ADAPTERS / name
    if not (folder / "adapter.toml").is_file():
        raise AdapterError(f"no adapter {name!r}: shipped are {', '.join(shipped())}; give a folder for your own")
    return folder


def _wrong_feeds(folder: Path, feeds: Mapping[str, str], empty: Mapping[str, object]) -> list[str]:
    known = contract_names("feed")
    return [
        *(f"{folder}: {feed} is no feed{_instead(feed, known)}" for feed in (*feeds, *empty) if feed not in known),
        *(f"{folder / 'adapter.toml'}: [empty] {feed} has an SQL file too" for feed in sorted(feeds.keys() & empty)),
    ]


def _feeds(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.glob("*.sql") if p.name != "prepare.sql")
    return {p.name.removesuffix(".sql"): p.read_text(encoding="utf-8").strip().rstrip(";") for p in files}


def _crosswalk(folder: Path, body: Mapping[str, Any], named: object, mistakes: list[str]) -> Crosswalk | None:
    path = (folder / str(named)).resolve()
    try:
        file = _read(CrosswalkFile, _toml(path), path, mistakes)
    except AdapterError as error:
        mistakes += error.mistakes
        return None
    if file is None:
        return None
    if body.get("name") not in file.first:
        mistakes.append(f"{path}: [first] has no number for {body.get('name')}")
    return Crosswalk(**dict(file), path=path)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AdapterError(f"{path}: no such file") from error
    except tomllib.TOMLDecodeError as error:
        raise AdapterError(f"{path}: not valid TOML: {error}") from error


def _read(kind: type[T], body: Mapping[str, Any], path: Path, mistakes: list[str]) -> T | None:
    """`body` as `kind`; None where it is wrong, with each mistake added."""
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        mistakes += [f"{path}: {_words(kind, wrong)}" for wrong in error.errors(include_url=False)]
        return None


def _words(kind: type[BaseModel], wrong: ErrorDetails) -> str:
    """Mistakes of a file, by table and key, with the values allowed."""
    *above, key = wrong["loc"]
    table = f"[{'.'.join(map(str, above))}] " if above else ""
    if wrong["type"] == "missing":
        return f"{table}lacks {key}"
    if wrong["type"] == "extra_forbidden":
        return f"{table}unknown key {key}{_instead(str(key), _keys(kind, above))}"
    if key == "[key]":
        table, key = f"[{'.'.join(map(str, above[:-1]))}] ", repr(above[-1])
    if wrong["type"] == "string_pattern_mismatch":
        return f"{table}{key} must be lower-case letters, digits and underscores, not {wrong['input']!r}"
    if wrong["type"] == "too_short":
        return f"{table}{key} must not be empty"
    message = wrong["msg"].replace("Input should", "must").removeprefix("Value error, ")
    return f"{table}{key}: {message}, not {wrong['input']!r}"


def _keys(kind: type[BaseModel], above: Iterable[int | str]) -> list[str]:
    """Keys of the table below `above` in a file."""
    model = kind
    for key in above:
        held = model.model_fields[str(key)].annotation if str(key) in model.model_fields else model
        model = next((t for t in (held, *get_args(held)) if isinstance(t, type) and issubclass(t, BaseModel)), model)
    return list(model.model_fields)


def _instead(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(names)}"
