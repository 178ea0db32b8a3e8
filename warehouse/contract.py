"""The contract of a table: read once from `contracts/<schema>/<table>.yaml`, used everywhere.

DDL, typed reading, quarantine, Great Expectations suites, Dagster's column schema and the data dictionary all
start from the :class:`Contract` returned by :func:`load_contract`. The files follow the Open Data Contract
Standard v3; what the standard leaves to custom properties is listed in `docs/contracts.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from warehouse.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTRACTS = Path(__file__).parent / "contracts"

Role = Literal["feed", "output", "control", "reference", "view"]
Severity = Literal["error", "warning"]
Classification = Literal["direct_identifier", "pseudonym", "free_text", "personal", "protected", "internal"]
#: How a column that is not delivered is made when a delivery is landed.
Derivation = Literal["birth_month", "bank_line_type"]

#: Columns a landed fact carries besides its contract's own: where the row came from and which shard it is in.
LANDING_COLUMNS: tuple[tuple[str, str], ...] = (("feed_date", "DATE"), ("delivery_seq", "SMALLINT"))
SHARD_COLUMN = ("shard", "SMALLINT")
#: A rule's SQL names the rows judged `{object}` and any other table of the night `{schema.table}`.
PLACEHOLDER = re.compile(r"\{(object|[a-z_]+\.[a-z0-9_]+)\}")


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a contract: in which file and line (from 1), and what to write instead."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ContractError(ValueError):
    """A contract cannot be used; of a file with mistakes the message gives every one, a line each."""

    def __init__(self, message: str, mistakes: Iterable[Mistake] = ()) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    `bad_row_sql` is a predicate over one row that is TRUE exactly for a bad row. Rules that cannot be checked on a
    single row (a join with another table, a whole-table figure) have `violations_sql` instead, a query counting
    violations, in which `{object}` is the table and `{schema.table}` any other table of the same night. `line` is where
    its contract writes it out, 0 of a rule that follows from a column.
    """

    code: str
    kind: str
    column: str | None
    description: str
    severity: Severity
    max_bad_share: float
    bad_row_sql: str | None = None
    violations_sql: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Column:
    """One column as declared; `type` is DuckDB's name of its type, `custom` every custom property."""

    name: str
    type: str
    required: bool
    key_position: int | None
    classification: Classification
    description: str
    description_zh: str
    unit: str | None
    control_sum: bool
    derivation: Derivation | None
    custom: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lake_name(self) -> str | None:
        """Its name in the lake: pseudonyms become tokens; identifiers and free text never get there."""
        if self.classification in ("direct_identifier", "free_text"):
            return None
        if self.classification == "pseudonym":
            return token_column(self.name)
        return self.name

    @property
    def lake_type(self) -> str:
        """Its type in the lake: a token is a UUID."""
        return "UUID" if self.classification == "pseudonym" else self.type


@dataclass(frozen=True)
class Contract:
    """A table's whole contract. `name` is `<schema>.<table>`."""

    name: str
    role: Role
    version: str
    description: str
    description_zh: str
    grain: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    properties: Mapping[str, Any]
    path: Path

    @property
    def schema(self) -> str:
        """The first half of the name: source of a feed, layer of an output."""
        return self.name.split(".")[0]

    @property
    def table(self) -> str:
        """The second half of the name."""
        return self.name.split(".")[1]

    @property
    def key(self) -> tuple[str, ...]:
        """The grain's columns as declared, in order."""
        keyed = [c for c in self.columns if c.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))

    @property
    def lake_key(self) -> tuple[str, ...]:
        """The grain's columns under their names in the lake."""
        return tuple(self.column(name).lake_name or name for name in self.key)

    @property
    def row_key(self) -> tuple[str, ...]:
        """Key of the rows of a delivery: the contract's key, and where a key can change several times, the day too."""
        if self.properties.get("history") == "changes" and self.event_date not in (None, *self.key):
            return (*self.key, str(self.event_date))
        return self.key

    @property
    def delivered(self) -> tuple[Column, ...]:
        """The columns a delivery must hold, in order (those not derived at landing)."""
        return tuple(c for c in self.columns if c.derivation is None)

    @property
    def customer_level(self) -> bool:
        """Whether each row belongs to one customer, and so carries a shard."""
        return any(c.name in ("customer_id", "customer_token") for c in self.columns)

    @property
    def event_date(self) -> str | None:
        """The column saying when a row's event happened."""
        value = self.properties.get("eventDate")
        return None if value is None else str(value)

    def column(self, name: str) -> Column:
        """The column of that name; ContractError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(f"{self.path.name}: {self.name} has no column {name!r}")

    def lake_columns(self) -> tuple[tuple[str, str], ...]:
        """(name, DuckDB type) of the table in the lake, in order."""
        own = [(c.lake_name, c.lake_type) for c in self.columns]
        columns = [(name, type_) for name, type_ in own if name is not None]
        present = {name for name, _ in columns}
        if self.customer_level and SHARD_COLUMN[0] not in present:
            columns.append(SHARD_COLUMN)
        if self.role == "feed":
            columns.extend(LANDING_COLUMNS)
        return tuple(columns)

    def ddl(self, relation: str) -> str:
        """`CREATE TABLE IF NOT EXISTS` for the lake; DuckLake knows NOT NULL but no keys."""
        required = {c.lake_name for c in self.columns if c.required}
        body = ",\n  ".join(
            f"{identifier(name)} {type_}{' NOT NULL' if name in required else ''}"
            for name, type_ in self.lake_columns()
        )
        return f"CREATE TABLE IF NOT EXISTS {relation} (\n  {body}\n)"


def token_column(name: str) -> str:
    """`customer_id` → `customer_token`: what a pseudonymised identifier is called in the lake."""
    return name if name.endswith("_token") else f"{name.removesuffix('_id')}_token"


def contract_paths() -> list[Path]:
    """The files of all contracts."""
    return sorted(CONTRACTS.glob("*/*.yaml"))


@cache
def contract_names(role: Role | None = None) -> tuple[str, ...]:
    """Every contract's name, sorted; with `role`, only that role's."""
    names = sorted(f"{p.parent.name}.{p.stem}" for p in contract_paths())
    return tuple(n for n in names if role is None or load_contract(n).role == role)


@cache
def load_contract(name: str) -> Contract:
    """The contract of `<schema>.<table>`; ContractError, with every mistake found, if it is missing or wrong.

    Whether the SQL of its rules holds against the tables it names is asked of DuckDB by
    :func:`warehouse.contract_check.check_contracts` alone: for every process to ask it would cost more than reading.
    """
    from warehouse.contract_reading import read_contract  # noqa: PLC0415 - the standard's pydantic models are slow

    path = contract_path(name)
    if not path.is_file():
        raise ContractError(f"no contract for {name}: expected warehouse/contracts/{name.replace('.', '/')}.yaml")
    contract, mistakes = read_contract(path)
    if mistakes or contract is None:
        raise ContractError("\n".join(map(str, mistakes)), mistakes)
    return contract


def contract_path(name: str) -> Path:
    """Where the contract of `<schema>.<table>` is expected."""
    schema, _, table = name.partition(".")
    return CONTRACTS / schema / f"{table}.yaml"


def shown(path: Path) -> str:
    """A contract's path as messages give it: from the checkout's folder on, where it lies there."""
    root = Path(__file__).parents[1]
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
