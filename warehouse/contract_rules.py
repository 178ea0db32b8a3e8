"""The rules a contract makes: those that follow from its columns, and those it writes out as SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from warehouse.contract import PLACEHOLDER, Column, Rule, Severity
from warehouse.contract_columns import logical_type
from warehouse.contract_file import instead
from warehouse.sql import identifier, literal, literals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from open_data_contract_standard.model import DataQuality, SchemaObject, SchemaProperty

    from warehouse.contract import Contract
    from warehouse.contract_file import ContractFile, Place

_NAMED = re.compile(r"\{\s*([A-Za-z_][\w.]*)\s*\}")
_COUNT = re.compile(
    r"^\s*SELECT\s+count\(\*\)\s+FROM\s+\{object\}\s+WHERE\s+(?P<bad>.+?)\s*$", re.IGNORECASE | re.DOTALL
)
_CODE = re.compile(r"[a-z][a-z0-9_]*")
OPTIONS = {"minimum", "maximum", "pattern", "maxLength"}


def contract_rules(
    file: ContractFile, contract: Contract, table: SchemaObject, top: Place, max_bad_share: float
) -> tuple[Rule, ...]:
    """Every rule of a contract in the order of its columns, the key's, then the table's own; mistakes are noted."""
    found: list[tuple[Place, Rule]] = []
    for number, (column, declared) in enumerate(zip(contract.columns, table.properties or (), strict=True)):
        place = (*top, "properties", number)
        found += [(place, rule) for rule in _of_column(file, place, column, declared, max_bad_share)]
        found += _written(file, contract, place, column.name, declared.quality, max_bad_share)
    if key := contract.row_key:
        code, words = "key_unique", f"one row per {', '.join(key)}"
        one = key[0] if len(key) == 1 else None
        rule = Rule(code, "unique", one, words, "error", max_bad_share, arguments={"columns": list(key)})
        found.append(((*top, "properties"), rule))
    found += _written(file, contract, top, None, table.quality, max_bad_share)
    seen: set[str] = set()
    for place, rule in found:
        if rule.code in seen:
            file.note(place, f"rule {rule.code!r} is there already: the codes of a table's rules are unique")
        seen.add(rule.code)
    return tuple(rule for _, rule in found)


def _of_column(
    file: ContractFile, place: Place, column: Column, declared: SchemaProperty, max_bad_share: float
) -> Iterator[Rule]:
    """The rules that follow from what a column is declared to be: there, known, within bounds, of a form."""
    quoted = identifier(column.name)

    def rule(suffix: str, kind: str, words: str, bad: str, **arguments: Any) -> Rule:
        code, text = f"{column.name}_{suffix}", f"{column.name} {words}"
        return Rule(code, kind, column.name, text, "error", max_bad_share, bad_row_sql=bad, arguments=arguments)

    if column.required and column.derivation is None:
        yield rule("present", "not_null", "is given", f"{quoted} IS NULL")
    if declared.enum:
        values = [str(e.value) for e in declared.enum]
        _check_enum(file, (*place, "enum"), column, [e.value for e in declared.enum])
        listed = literals(values)
        yield rule("known", "in_set", f"is one of {', '.join(values)}", f"{quoted} NOT IN ({listed})", value_set=values)
    options = declared.logicalTypeOptions or {}
    _check_options(file, (*place, "logicalTypeOptions"), column, options)
    low, high = options.get("minimum"), options.get("maximum")
    if low is not None or high is not None:
        bounds = [(sign, word, v) for sign, word, v in (("<", "least", low), (">", "most", high)) if v is not None]
        bad = " OR ".join(f"{quoted} {sign} {literal(value)}" for sign, _, value in bounds)
        words = " and ".join(f"at {word} {value}" for _, word, value in bounds)
        yield rule("in_range", "between", f"is {words}", bad, min_value=low, max_value=high)
    if (pattern := options.get("pattern")) is not None:
        bad = f"NOT regexp_matches({quoted}, {literal(str(pattern))})"
        yield rule("matches", "regex", f"matches {pattern}", bad, regex=pattern)
    if (longest := options.get("maxLength")) is not None:
        words = f"has at most {longest} characters"
        yield rule("length", "length", words, f"length({quoted}) > {longest}", max_value=longest)


def _check_enum(file: ContractFile, place: Place, column: Column, values: list[Any]) -> None:
    if column.type != "VARCHAR" and logical_type(column.type) is not None:
        file.note(place, f"{column.name}: an enum lists texts; the column is {column.type}")
    for number, value in enumerate(values):
        if not isinstance(value, str):
            file.note((*place, number), f"{column.name}: {value!r} is no text; in quotes it would be one")
        elif value in values[:number]:
            file.note((*place, number), f"{column.name}: {value!r} is listed twice")


def _check_options(file: ContractFile, place: Place, column: Column, options: Mapping[str, Any]) -> None:
    """An option that no rule follows from, or whose rule could not be judged on the column's type, is a mistake."""
    for name, value in options.items():
        here = (*place, name)
        if name not in OPTIONS:
            file.note(here, f"{column.name}: no rule follows from {name!r}{instead(name, OPTIONS)}")
        elif name in ("minimum", "maximum"):
            if logical_type(column.type) not in ("integer", "number", None):
                file.note(here, f"{column.name}: {name} is for numbers; the column is {column.type}")
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                file.note(here, f"{column.name}: {name} must be a number, not {value!r}")
        elif column.type != "VARCHAR" and logical_type(column.type) is not None:
            file.note(here, f"{column.name}: {name} is for VARCHAR; the column is {column.type}")
        elif name == "maxLength" and (isinstance(value, bool) or not isinstance(value, int)):
            file.note(here, f"{column.name}: maxLength must be a whole number, not {value!r}")
    low, high = options.get("minimum"), options.get("maximum")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        file.note((*place, "minimum"), f"{column.name}: the minimum {low} is above the maximum {high}")


def _written(
    file: ContractFile,
    contract: Contract,
    top: Place,
    column: str | None,
    declared: list[DataQuality] | None,
    max_bad_share: float,
) -> list[tuple[Place, Rule]]:
    """The rules written out: ODCS `type: sql`, a query that counts what breaks it.

    `SELECT count(*) FROM {object} WHERE <predicate>` is a row rule (its predicate also picks the rows to
    quarantine); any other query counts violations over the whole table.
    """
    rules: list[tuple[Place, Rule]] = []
    for number, quality in enumerate(declared or ()):
        place = (*top, "quality", number)
        if contract.role not in ("feed", "output"):
            file.note(place, f"nothing judges a rule of a {contract.role}: only feeds and outputs have rules")
        name, query = quality.name or "", quality.query or ""
        _check_written(file, place, quality)
        if not name or not query:
            continue
        share = max_bad_share
        if quality.mustBeLessOrEqualTo is not None and quality.unit == "percent":
            share = float(quality.mustBeLessOrEqualTo) / 100
        severity: Severity = "warning" if quality.severity == "warning" else "error"
        match = _COUNT.match(query)
        rule = Rule(
            code=name,
            kind="sql",
            column=column,
            description=quality.description or name,
            severity=severity,
            max_bad_share=share,
            bad_row_sql=match["bad"] if match else None,
            violations_sql=None if match else query.strip(),
            line=file.line((*place, "query")),
        )
        rules.append((place, rule))
    return rules


def _check_written(file: ContractFile, place: Place, quality: DataQuality) -> None:
    what = f"rule {quality.name!r}" if quality.name else "a rule"
    for name in ("name", "description", "query"):
        if not getattr(quality, name):
            file.note((*place, name), f"{what} needs a {name}")
    if quality.name and not _CODE.fullmatch(quality.name):
        file.note((*place, "name"), f"{what}: a code is snake_case: lower-case letters, digits, underscores")
    if quality.type != "sql":
        file.note((*place, "type"), f"{what}: type must be sql, not {quality.type!r}")
    if quality.severity not in get_args(Severity):
        words = f"{what}: severity must be {' or '.join(get_args(Severity))}, not {quality.severity!r}"
        file.note((*place, "severity"), words)
    if quality.mustBe != 0 and (quality.mustBeLessOrEqualTo is None or quality.unit != "percent"):
        words = f"{what} says what is allowed: `mustBe: 0`, or `mustBeLessOrEqualTo` with `unit: percent`"
        file.note((*place, "mustBe"), words)
    for named in _NAMED.findall(quality.query or ""):
        if not PLACEHOLDER.fullmatch(f"{{{named}}}"):
            file.note((*place, "query"), f"{what}: {{{named}}} is neither {{object}} nor a {{schema.table}}")
