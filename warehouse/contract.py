"""The contract of a table: read once from `contracts/<schema>/<table>.yaml`, believed everywhere.

DDL, typed reading, quarantine, Great Expectations suites, Dagster's column schema and the data dictionary all
start from the :class:`Contract` returned by :func:`load_contract`. The files follow the Open Data Contract
Standard v3; what the standard leaves to custom properties is listed in `docs/contracts.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from open_data_contract_standard.model import (
        CustomProperty,
        DataQuality,
        OpenDataContractStandard,
        SchemaObject,
        SchemaProperty,
    )

CONTRACTS = Path(__file__).parent / "contracts"

Role = Literal["feed", "output", "control", "reference", "view"]
Severity = Literal["error", "warning"]
Classification = Literal["direct_identifier", "pseudonym", "free_text", "personal", "protected", "internal"]

#: Columns a landed fact carries besides its contract's own: where the row came from and which shard it is in.
LANDING_COLUMNS: tuple[tuple[str, str], ...] = (("feed_date", "DATE"), ("delivery_seq", "SMALLINT"))
SHARD_COLUMN = ("shard", "SMALLINT")


class ContractError(ValueError):
    """A contract file is wrong; the message names file, table, column and what to write instead."""


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    `bad_row_sql` is a predicate over one row that is TRUE exactly for a bad row. Rules that cannot be said of a
    single row (a join with another table, a whole-table figure) have `violations_sql` instead, a query counting
    violations, in which `{object}` is the table and `{schema.table}` any other table of the same night.
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

    @property
    def row_level(self) -> bool:
        """Whether a single row can break this rule (and so can be quarantined for it)."""
        return self.bad_row_sql is not None or self.kind == "unique"


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
    derivation: str | None
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
            f'"{name}" {type_}{" NOT NULL" if name in required else ""}' for name, type_ in self.lake_columns()
        )
        return f"CREATE TABLE IF NOT EXISTS {relation} (\n  {body}\n)"


def token_column(name: str) -> str:
    """`customer_id` → `customer_token`: what a pseudonymised identifier is called in the lake."""
    return name if name.endswith("_token") else f"{name.removesuffix('_id')}_token"


def contract_names(role: Role | None = None) -> tuple[str, ...]:
    """Every contract's name, sorted; with `role`, only that role's."""
    names = sorted(f"{p.parent.name}.{p.stem}" for p in CONTRACTS.glob("*/*.yaml"))
    return tuple(n for n in names if role is None or load_contract(n).role == role)


@cache
def load_contract(name: str) -> Contract:
    """The contract of `<schema>.<table>`; ContractError if the file is missing or wrong."""
    from open_data_contract_standard.model import OpenDataContractStandard  # noqa: PLC0415 - pydantic models, slow

    schema, _, table = name.partition(".")
    path = CONTRACTS / schema / f"{table}.yaml"
    if not path.is_file():
        raise ContractError(f"no contract for {name}: expected warehouse/contracts/{schema}/{table}.yaml")
    try:
        return _parse(name, path, OpenDataContractStandard.from_file(str(path)))
    except ContractError:
        raise
    except Exception as error:
        raise ContractError(f"{path.name}: not a valid ODCS v3 contract: {error}") from error


def _parse(name: str, path: Path, document: OpenDataContractStandard) -> Contract:
    if not document.schema_ or len(document.schema_) != 1:
        raise ContractError(f"{path.name}: exactly one schema object is expected")
    table = document.schema_[0]
    if table.physicalName != name:
        raise ContractError(f"{path.name}: physicalName is {table.physicalName!r}, expected {name!r}")
    properties = _custom(document.customProperties) | _custom(table.customProperties)
    role = properties.get("role")
    if role not in get_args(Role):
        raise ContractError(f"{path.name}: custom property role must be one of {', '.join(get_args(Role))}")
    max_bad_share = float(properties.get("maxBadShare", 0.0))
    columns = tuple(_column(path, p) for p in table.properties or ())
    contract = Contract(
        name=name,
        role=cast("Role", role),
        version=document.version or "",
        description=table.description or "",
        description_zh=str(properties.get("descriptionZh", "")),
        grain=table.dataGranularityDescription or "",
        columns=columns,
        rules=tuple(_rules(path, table, columns, max_bad_share)),
        properties=properties,
        path=path,
    )
    _check(contract)
    return contract


def _custom(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {str(p.property): p.value for p in properties or ()}


def _column(path: Path, declared: SchemaProperty) -> Column:
    custom = _custom(declared.customProperties)
    if not declared.name or not declared.physicalType:
        raise ContractError(f"{path.name}: every property needs a name and a physicalType")
    return Column(
        name=declared.name,
        type=declared.physicalType,
        required=bool(declared.required or declared.primaryKey),
        key_position=(declared.primaryKeyPosition or 1) if declared.primaryKey else None,
        classification=declared.classification or "internal",  # type: ignore[arg-type]  # checked in _check
        description=declared.description or "",
        description_zh=str(custom.get("descriptionZh", "")),
        unit=custom.get("unit"),
        control_sum=bool(custom.get("controlSum", False)),
        derivation=custom.get("derivation"),
        custom=custom,
    )


def _rules(path: Path, table: SchemaObject, columns: tuple[Column, ...], max_bad_share: float) -> list[Rule]:
    rules: list[Rule] = []

    def add(code: str, kind: str, column: str | None, description: str, **more: Any) -> None:  # one place for defaults
        severity = more.pop("severity", "error")
        share = more.pop("max_bad_share", max_bad_share)
        rules.append(Rule(code, kind, column, description, severity, share, **more))

    for column, declared in zip(columns, table.properties or (), strict=True):
        quoted = f'"{column.name}"'
        if column.required and column.derivation is None:
            add(
                f"{column.name}_present",
                "not_null",
                column.name,
                f"{column.name} is given",
                bad_row_sql=f"{quoted} IS NULL",
            )
        if declared.enum:
            values = [str(e.value) for e in declared.enum]
            listed = ", ".join("'" + v.replace("'", "''") + "'" for v in values)
            add(
                f"{column.name}_known",
                "in_set",
                column.name,
                f"{column.name} is one of {', '.join(values)}",
                bad_row_sql=f"{quoted} NOT IN ({listed})",
                arguments={"value_set": values},
            )
        rules.extend(_option_rules(column, declared.logicalTypeOptions or {}, max_bad_share))
        rules.extend(_declared_rule(path, column.name, q, max_bad_share) for q in declared.quality or ())
    key = [c.name for c in sorted((c for c in columns if c.key_position), key=lambda c: c.key_position or 0)]
    if key:
        add(
            "key_unique",
            "unique",
            key[0] if len(key) == 1 else None,
            f"one row per {', '.join(key)}",
            arguments={"columns": key},
        )
    rules.extend(_declared_rule(path, None, q, max_bad_share) for q in table.quality or ())
    return rules


def _option_rules(column: Column, options: Mapping[str, Any], max_bad_share: float) -> list[Rule]:
    """Rules from ODCS logicalTypeOptions: minimum, maximum, pattern, minLength, maxLength."""
    quoted, rules = f'"{column.name}"', []
    low, high = options.get("minimum"), options.get("maximum")
    if low is not None or high is not None:
        tests = [f"{quoted} < {_literal(low)}"] * (low is not None) + [f"{quoted} > {_literal(high)}"] * (
            high is not None
        )
        words = " and ".join([f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None))
        arguments = {"min_value": low, "max_value": high}
        rules.append(("in_range", "between", f"{column.name} is {words}", " OR ".join(tests), arguments))
    if (pattern := options.get("pattern")) is not None:
        text = str(pattern).replace("'", "''")
        rules.append(
            (
                "matches",
                "regex",
                f"{column.name} matches {pattern}",
                f"NOT regexp_matches({quoted}, '{text}')",
                {"regex": pattern},
            )
        )
    if (longest := options.get("maxLength")) is not None:
        rules.append(
            (
                "length",
                "length",
                f"{column.name} has at most {longest} characters",
                f"length({quoted}) > {longest}",
                {"max_value": longest},
            )
        )
    return [
        Rule(
            f"{column.name}_{suffix}",
            kind,
            column.name,
            words,
            "error",
            max_bad_share,
            bad_row_sql=sql,
            arguments=arguments,
        )
        for suffix, kind, words, sql, arguments in rules
    ]


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, (int, float)) else "'" + str(value).replace("'", "''") + "'"


_COUNT = re.compile(
    r"^\s*SELECT\s+count\(\*\)\s+FROM\s+\{object\}\s+WHERE\s+(?P<bad>.+?)\s*$", re.IGNORECASE | re.DOTALL
)


def _declared_rule(path: Path, column: str | None, quality: DataQuality, max_bad_share: float) -> Rule:
    """A rule written out in the contract: ODCS `type: sql`, a query that counts what breaks it.

    `SELECT count(*) FROM {object} WHERE <predicate>` is a row rule (its predicate also picks the rows to
    quarantine); any other query counts violations over the whole table.
    """
    if quality.type != "sql" or not quality.query or not quality.name:
        raise ContractError(f"{path.name}: quality rules are `type: sql` with a name and a query")
    share = max_bad_share
    if quality.mustBeLessOrEqualTo is not None and quality.unit == "percent":
        share = float(quality.mustBeLessOrEqualTo) / 100
    severity: Severity = "warning" if quality.severity == "warning" else "error"
    match = _COUNT.match(quality.query)
    return Rule(
        code=quality.name,
        kind="sql",
        column=column,
        description=quality.description or quality.name,
        severity=severity,
        max_bad_share=share,
        bad_row_sql=match["bad"] if match else None,
        violations_sql=None if match else quality.query.strip(),
    )


_CLASSES = ("direct_identifier", "pseudonym", "free_text", "personal", "protected", "internal")


def _check(contract: Contract) -> None:
    where = f"{contract.path.parent.name}/{contract.path.name}"
    for column in contract.columns:
        if column.classification not in _CLASSES:
            raise ContractError(f"{where}: {column.name}: classification must be one of {', '.join(_CLASSES)}")
        if not column.description or not column.description_zh:
            raise ContractError(f"{where}: {column.name} needs a description and a descriptionZh")
        if column.name.endswith("_cents") and column.type != "BIGINT":
            raise ContractError(f"{where}: {column.name} is money and must be BIGINT")
    if not contract.key:
        raise ContractError(f"{where}: no primaryKey: the grain must be declared")
    if contract.role == "feed" and contract.event_date is None:
        raise ContractError(f"{where}: a feed must name its eventDate column")
    codes = [r.code for r in contract.rules]
    if twice := {c for c in codes if codes.count(c) > 1}:
        raise ContractError(f"{where}: rule codes are not unique: {', '.join(sorted(twice))}")
