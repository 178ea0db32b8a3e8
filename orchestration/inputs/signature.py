"""What a transform reads and makes, from its signature alone (:mod:`transforms.reading`)."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from orchestration.assets.tables import TABLES
from orchestration.inputs.derived import DERIVED
from orchestration.inputs.facts import FACTS, tables_behind
from warehouse.contract import contract_names, load_contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.contract import Contract

Way = Literal["rows", "known", "latest"]
WAYS: tuple[Way, ...] = ("rows", "known", "latest")
EARLIER = "earlier_"


class SignatureError(TypeError):
    """A parameter names nothing that can be read; the message says which of which function, and what comes close."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: `rows` where it takes rows for SQL, `per_range` where it takes a frame of every range."""

    name: str
    rows: bool
    per_range: bool


@dataclass(frozen=True)
class Reads:
    """Feeds and output tables, by their whole names, that a transform reads itself or through what it names."""

    feeds: frozenset[str] = field(default_factory=frozenset)
    tables: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: Reads) -> Reads:
        return Reads(self.feeds | other.feeds, self.tables | other.tables)


@cache
def parameters_of(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a transform, as its source writes their types."""
    found = inspect.signature(function).parameters.values()
    return tuple(Parameter(p.name, str(p.annotation) == "Rows", str(p.annotation) == "PerRange") for p in found)


def is_reduction(function: Callable[..., Any]) -> bool:
    """Whether a function gives the text of a query."""
    return str(inspect.signature(function).return_annotation) == "Sql"


@cache
def tables_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The output tables a transform makes: of its own name, or those of the NamedTuple it returns."""
    made = function.__globals__.get(str(inspect.signature(function).return_annotation))
    names = getattr(made, "_fields", (function.__name__,))
    return tuple(output_named(name) for name in names)


@cache
def _by_short_name(role: Literal["feed", "output"]) -> dict[str, str]:
    names = {name.partition(".")[2]: name for name in contract_names(role)}
    if len(names) < len(contract_names(role)):
        raise SignatureError(f"two contracts of role {role} have the same table name; parameters could not tell them")
    return names


def output_named(short: str) -> str:
    """The output table of a short name; SignatureError without one."""
    found = _by_short_name("output").get(short)
    if found is None:
        raise SignatureError(f"{short} is no output table: write warehouse/contracts/<schema>/{short}.yaml")
    return found


def is_output(short: str) -> bool:
    """Whether an output table has that short name."""
    return short in _by_short_name("output")


def feed_named(short: str) -> str | None:
    """The feed of a short name, None without one."""
    return _by_short_name("feed").get(short)


def feed_and_way(name: str) -> tuple[str, Way] | None:
    """`repayment_known` → (`credit.repayment`, `known`); None where no feed is named."""
    for way in WAYS:
        feed = feed_named(name.removesuffix(f"_{way}")) if name.endswith(f"_{way}") else None
        if feed:
            return feed, way
    return None


@cache
def makers() -> dict[str, Callable[..., Any]]:
    """The transform of each output table, by the table's short name."""
    return {table.partition(".")[2]: function for function in TABLES for table in tables_of(function)}


def whole(name: str) -> bool:
    """Whether what a parameter names is of the whole night and not of a range of shards."""
    if name in FACTS:
        return True
    if name in DERIVED:
        return sees_whole(DERIVED[name])
    if is_output(name):
        return not load_contract(output_named(name)).customer_level
    if found := feed_and_way(name):
        return not load_contract(found[0]).customer_level
    return name.startswith(EARLIER) and whole(name.removeprefix(EARLIER))


@cache
def sees_whole(function: Callable[..., Any]) -> bool:
    """Whether a function is evaluated once a night, and not once a range."""
    return all(p.per_range or (not _customers(p.name) if p.rows else whole(p.name)) for p in parameters_of(function))


def _customers(short: str) -> bool:
    return _relation(short).customer_level


def _relation(short: str) -> Contract:
    return load_contract(feed_named(short) or output_named(short))


@cache
def reads_of(function: Callable[..., Any], *, computed: bool = False) -> Reads:
    """Everything a transform reads; `computed`: tables are not read but made anew, as of an earlier day."""
    found = Reads()
    for parameter in parameters_of(function):
        found |= _reads(parameter, function, computed=computed)
    return found


def _reads(parameter: Parameter, function: Callable[..., Any], *, computed: bool) -> Reads:
    name = parameter.name
    if parameter.rows and (feed := feed_named(name)):
        return Reads(feeds=frozenset({feed}))
    if name in FACTS and not parameter.rows:
        return Reads(feeds=frozenset(), tables=tables_behind(name))
    if name in DERIVED and not parameter.rows:
        return reads_of(DERIVED[name], computed=computed)
    if is_output(name):
        return reads_of(makers()[name], computed=True) if computed else Reads(tables=frozenset({output_named(name)}))
    if found := feed_and_way(name):
        return Reads(feeds=frozenset({found[0]}))
    if name.startswith(EARLIER):
        return _reads(Parameter(name.removeprefix(EARLIER), rows=False, per_range=False), function, computed=True)
    known = [*FACTS, *DERIVED, *_by_short_name("output"), *(f"{f}_{w}" for f in _by_short_name("feed") for w in WAYS)]
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise SignatureError(f"{function.__module__}.{function.__name__}: nothing is named {name}{hint}")
