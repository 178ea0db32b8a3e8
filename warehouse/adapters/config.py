"""An adapter as declared: `adapter.toml` and the SQL files beside it, read and checked before any data is touched."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.contract import contract_names

if TYPE_CHECKING:
    from collections.abc import Mapping

ADAPTERS = Path(__file__).parent
_KEYS = {"name", "description", "read", "sources", "timeline", "money", "people", "empty"}
_IDENTIFIER = set("abcdefghijklmnopqrstuvwxyz0123456789_")


class AdapterError(ValueError):
    """An adapter or the extract it reads is not as declared; the message names the file and what to do."""


@dataclass(frozen=True)
class Reader:
    """How the extract's text files are read; every value arrives as text."""

    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    encoding: str = "utf-8"
    null: str = ""


@dataclass(frozen=True)
class Crosswalk:
    """An invented link between people of different extracts; `label` is said wherever it shows."""

    path: Path
    label: str
    salt: str
    id_format: str
    first: Mapping[str, int]
    merge: Mapping[str, Merge] = field(default_factory=dict)


@dataclass(frozen=True)
class Merge:
    """How rows that several adapters give for one key of a feed become one.

    A column is taken from the first adapter in `order` that knows it; `least` and `greatest` columns from all.
    """

    order: tuple[str, ...]
    least: tuple[str, ...] = ()
    greatest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Adapter:
    """One extract's mapping. `sources` is table name → file; `feeds` is feed → SQL text; `empty` is feed → why."""

    name: str
    folder: Path
    description: str
    reader: Reader
    sources: Mapping[str, str]
    shift_days: int
    shift_months: int
    timeline_note: str
    currency: str | None
    numerator: int
    denominator: int
    money_note: str
    people_query: str | None
    crosswalk: Crosswalk | None
    prepare: str | None
    feeds: Mapping[str, str]
    empty: Mapping[str, str]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the mapping adds to or changes in the extract, in words."""
        told = [f"{self.name}: {note}" for note in (self.timeline_note, self.money_note) if note]
        if self.crosswalk is not None:
            told.append(f"{self.name}: customer numbers by the {self.crosswalk.label} ({self.crosswalk.path.name})")
        return (*told, *(f"{self.name}: {feed} has no rows: {why}" for feed, why in self.empty.items()))


def shipped() -> tuple[str, ...]:
    """Names of the adapters that come with the product."""
    return tuple(sorted(p.parent.name for p in ADAPTERS.glob("*/adapter.toml")))


def load_adapter(where: Path | str) -> Adapter:
    """The adapter in a folder, or the shipped one of that name; AdapterError says what is wrong in which file."""
    folder = where if isinstance(where, Path) else _folder(where)
    path = folder / "adapter.toml"
    body = _toml(path)
    if unknown := set(body) - _KEYS:
        raise AdapterError(f"{path}: unknown key {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}")
    name = str(body.get("name", ""))
    if not name or not set(name) <= _IDENTIFIER:
        raise AdapterError(f"{path}: name must be lower-case letters, digits and underscores, not {name!r}")
    sources = _sources(path, body)
    try:
        reader = Reader(**_table(path, body, "read"))
    except TypeError as error:
        raise AdapterError(f"{path}: [read] {error}") from error
    timeline, money, people = (_table(path, body, key) for key in ("timeline", "money", "people"))
    numerator, denominator = int(money.get("numerator", 1)), int(money.get("denominator", 1))
    if "shift_days" in timeline and "shift_months" in timeline:
        raise AdapterError(f"{path}: [timeline] has shift_days or shift_months, not both")
    if numerator < 1 or denominator < 1:
        raise AdapterError(f"{path}: [money] numerator and denominator must be whole and at least 1")
    feeds, empty = _feeds(folder), {str(k): str(v) for k, v in _table(path, body, "empty").items()}
    _check_feeds(folder, feeds, empty)
    prepare = folder / "prepare.sql"
    return Adapter(
        name=name,
        folder=folder,
        description=str(body.get("description", "")),
        reader=reader,
        sources=sources,
        shift_days=int(timeline.get("shift_days", 0)),
        shift_months=int(timeline.get("shift_months", 0)),
        timeline_note=str(timeline.get("note", "")),
        currency=money.get("currency"),
        numerator=numerator,
        denominator=denominator,
        money_note=str(money.get("note", "")),
        people_query=people.get("query"),
        crosswalk=_crosswalk(folder, name, people) if people else None,
        prepare=prepare.read_text(encoding="utf-8") if prepare.is_file() else None,
        feeds=feeds,
        empty=empty,
    )


def _folder(name: str) -> Path:
    folder = Path(name) if "/" in name else ADAPTERS / name
    if not (folder / "adapter.toml").is_file():
        raise AdapterError(f"no adapter {name!r}: shipped are {', '.join(shipped())}; give a folder for your own")
    return folder


def _sources(path: Path, body: Mapping[str, Any]) -> dict[str, str]:
    sources = {str(k): str(v) for k, v in _table(path, body, "sources").items()}
    if not sources:
        raise AdapterError(f"{path}: [sources] names no file")
    for table in sources:
        if not set(table) <= _IDENTIFIER:
            raise AdapterError(f"{path}: [sources] {table!r} must be lower-case letters, digits and underscores")
    return sources


def _check_feeds(folder: Path, feeds: Mapping[str, str], empty: Mapping[str, str]) -> None:
    known = contract_names("feed")
    for feed in (*feeds, *empty):
        if feed not in known:
            raise AdapterError(f"{folder}: {feed} is no feed; feeds are {', '.join(known)}")
    if twice := set(feeds) & set(empty):
        raise AdapterError(f"{folder / 'adapter.toml'}: [empty] {min(twice)} has an SQL file too")


def _feeds(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.glob("*.sql") if p.name != "prepare.sql")
    return {p.name.removesuffix(".sql"): p.read_text(encoding="utf-8").strip().rstrip(";") for p in files}


def _crosswalk(folder: Path, name: str, people: Mapping[str, Any]) -> Crosswalk:
    path = (folder / str(people.get("crosswalk", ""))).resolve()
    body = _toml(path)
    first = {str(k): int(v) for k, v in _table(path, body, "first").items()}
    if name not in first:
        raise AdapterError(f"{path}: [first] has no number for {name}")
    if not people.get("query"):
        raise AdapterError(f"{folder / 'adapter.toml'}: [people] needs a query that lists the extract's people")
    merges = {
        feed: Merge(tuple(m["order"]), tuple(m.get("least", ())), tuple(m.get("greatest", ())))
        for feed, m in _table(path, body, "merge").items()
    }
    return Crosswalk(path, str(body["label"]), str(body["salt"]), str(body["id_format"]), first, merges)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AdapterError(f"{path}: no such file") from error
    except tomllib.TOMLDecodeError as error:
        raise AdapterError(f"{path}: not valid TOML: {error}") from error


def _table(path: Path, body: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key, {})
    if not isinstance(value, dict):
        raise AdapterError(f"{path}: [{key}] must be a table")
    return value
