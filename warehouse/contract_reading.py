"""From a contract's file to the :class:`~warehouse.contract.Contract`: what the standard has and what we add to it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from warehouse.contract import Column, Contract, ContractError, Role, Rule, Severity
from warehouse.sql import identifier, literal, literals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from open_data_contract_standard.model import CustomProperty, DataQuality, SchemaObject, SchemaProperty


def _loaded(path: Path) -> Any:
    """Read YAML with libyaml, as safe as the reader of the standard's own package and seven times as fast."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def read_contract(name: str, path: Path) -> Contract:
    """Read the contract of table `name` from its file; ContractError, or the standard's own error, if it is wrong."""
    document = OpenDataContractStandard(**_loaded(path))
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
        rules=(),
        properties=properties,
        path=path,
    )
    contract = replace(contract, rules=tuple(_rules(contract, table, max_bad_share)))
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


def _rules(contract: Contract, table: SchemaObject, max_bad_share: float) -> list[Rule]:
    rules: list[Rule] = []
    path, columns, key = contract.path, contract.columns, contract.row_key

    def add(code: str, kind: str, column: str | None, description: str, **more: Any) -> None:  # one place for defaults
        severity = more.pop("severity", "error")
        share = more.pop("max_bad_share", max_bad_share)
        rules.append(Rule(code, kind, column, description, severity, share, **more))

    for column, declared in zip(columns, table.properties or (), strict=True):
        quoted = identifier(column.name)
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
            add(
                f"{column.name}_known",
                "in_set",
                column.name,
                f"{column.name} is one of {', '.join(values)}",
                bad_row_sql=f"{quoted} NOT IN ({literals(values)})",
                arguments={"value_set": values},
            )
        rules.extend(_option_rules(column, declared.logicalTypeOptions or {}, max_bad_share))
        rules.extend(_declared_rule(path, column.name, q, max_bad_share) for q in declared.quality or ())
    if key:
        add(
            "key_unique",
            "unique",
            key[0] if len(key) == 1 else None,
            f"one row per {', '.join(key)}",
            arguments={"columns": list(key)},
        )
    rules.extend(_declared_rule(path, None, q, max_bad_share) for q in table.quality or ())
    return rules


def _option_rules(column: Column, options: Mapping[str, Any], max_bad_share: float) -> list[Rule]:
    """Rules from ODCS logicalTypeOptions: minimum, maximum, pattern, minLength, maxLength."""
    quoted, rules = identifier(column.name), []
    low, high = options.get("minimum"), options.get("maximum")
    if low is not None or high is not None:
        tests = [f"{quoted} < {_bound(low)}"] * (low is not None) + [f"{quoted} > {_bound(high)}"] * (high is not None)
        words = " and ".join([f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None))
        arguments = {"min_value": low, "max_value": high}
        rules.append(("in_range", "between", f"{column.name} is {words}", " OR ".join(tests), arguments))
    if (pattern := options.get("pattern")) is not None:
        rules.append(
            (
                "matches",
                "regex",
                f"{column.name} matches {pattern}",
                f"NOT regexp_matches({quoted}, {literal(str(pattern))})",
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


def _bound(value: Any) -> str:
    """A limit of a contract, a number or a text (dates are written as text there), as SQL."""
    return literal(value if isinstance(value, (int, float)) else str(value))


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
