"""Checks of a contract's columns: name, type, key, class, texts in both languages, and the unit of measure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from warehouse.contract import LANDING_COLUMNS, SHARD_COLUMN, Classification, Derivation
from warehouse.contract_file import in_chinese, instead
from warehouse.contract_table import SNAKE_CASE

if TYPE_CHECKING:
    from open_data_contract_standard.model import SchemaObject, SchemaProperty

    from warehouse.contract import Column, Contract
    from warehouse.contract_file import ContractFile, Place

#: DuckDB's types that columns may have, and the standard's logical type of each; `DECIMAL(p,s)` and lists beside them.
TYPES = {
    "VARCHAR": "string",
    "UUID": "string",
    "BIGINT": "integer",
    "INTEGER": "integer",
    "SMALLINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
_DECIMAL = re.compile(r"DECIMAL\(\d+,\s*\d+\)")
_WINDOW = r"(_\d+m)?$"
#: A name's last word before its window says what kind of number a column is.
_MONEY = re.compile(rf"(^|_)cents{_WINDOW}")
_FRACTION = re.compile(rf"(^|_)(rate|ratio|share){_WINDOW}")
_BASIS_POINTS = re.compile(rf"(^|_)bp{_WINDOW}")
#: Custom properties of a column.
_TEXTS = ("descriptionZh", "unit", "derivation", "source", "window", "aggregation", "formula", "asOf", "consent")
COLUMN_PROPERTIES = (*_TEXTS, "controlSum")
#: Classes that never lie in the lake, and so are none of a table that nobody delivers.
_DELIVERED_ONLY = ("direct_identifier", "free_text")


def check_columns(file: ContractFile, top: Place, contract: Contract, table: SchemaObject) -> None:
    """Note what is wrong with a table's columns and its key."""
    if not contract.columns:
        file.note((*top, "properties"), "a table has properties: its columns")
        return
    taken: dict[str, str] = {}
    for number, (column, declared) in enumerate(zip(contract.columns, table.properties or (), strict=True)):
        place = (*top, "properties", number)
        _check_name(file, place, contract, column, taken)
        _check_type(file, place, column, declared)
        _check_words(file, place, column, declared)
        _check_unit(file, place, column)
        _check_custom(file, place, contract, column)
        _check_class(file, place, contract, column, declared)
        if declared.primaryKey and declared.required is False:
            file.note((*place, "required"), f"{column.name}: a column of the key may not be empty")
        if declared.primaryKeyPosition is not None and not declared.primaryKey:
            words = f"{column.name} has a primaryKeyPosition and is no primaryKey"
            file.note((*place, "primaryKeyPosition"), words)
    _check_key(file, (*top, "properties"), contract)


def logical_type(type_: str) -> str | None:
    """The standard's logical type of a DuckDB type; None where columns may not have that type."""
    if type_.endswith("[]"):
        return "array" if logical_type(type_[:-2]) not in (None, "array") else None
    return "number" if _DECIMAL.fullmatch(type_) else TYPES.get(type_)


def _check_name(file: ContractFile, place: Place, contract: Contract, column: Column, taken: dict[str, str]) -> None:
    if not column.name:
        file.note((*place, "name"), "a column needs a name")
        return
    here = (*place, "name")
    if not SNAKE_CASE.fullmatch(column.name):
        file.note(here, f"{column.name!r} is no column's name: lower-case letters, digits and single underscores")
    reserved = [SHARD_COLUMN[0], *(name for name, _ in LANDING_COLUMNS)] if contract.role == "feed" else []
    if column.name in reserved:
        file.note(here, f"{column.name} is a name of what landing adds to a feed's rows; choose another")
    names = dict.fromkeys((column.name, column.lake_name or column.name))
    if twice := [name for name in names if name in taken]:
        name, other = twice[0], taken[twice[0]]
        words = "is there already" if other == name else f"is called {name} in the lake"
        file.note(here, f"two columns are {name}: {other} {words}")
    taken.update(dict.fromkeys(names, column.name))


def _check_type(file: ContractFile, place: Place, column: Column, declared: SchemaProperty) -> None:
    logical = logical_type(column.type)
    if not column.type:
        file.note((*place, "physicalType"), f"{column.name} needs a physicalType")
    elif logical is None:
        known = [*TYPES, "DECIMAL(9,6)"]
        file.note((*place, "physicalType"), f"{column.name}: unknown type {column.type!r}{instead(column.type, known)}")
    elif declared.logicalType != logical:
        words = f"{column.name}: logicalType of {column.type} is {logical}, not {declared.logicalType!r}"
        file.note((*place, "logicalType"), words)


def _check_words(file: ContractFile, place: Place, column: Column, declared: SchemaProperty) -> None:
    if not column.description.strip():
        file.note((*place, "description"), f"{column.name} needs a description")
    if not in_chinese(column.custom.get("descriptionZh")):
        file.note(file.custom(place, "descriptionZh"), f"{column.name} needs a descriptionZh, what it is in Chinese")
    if declared.unique:
        words = f"{column.name}: nothing checks `unique`; the grain is the primaryKey, anything else a rule in quality"
        file.note((*place, "unique"), words)


def _check_unit(file: ContractFile, place: Place, column: Column) -> None:
    """Money is named `_cents` and has that unit; a rate, ratio or share is a fraction and says of what."""
    here, name, kind = file.custom(place, "unit"), column.name, logical_type(column.type)
    unit = str(column.unit or "")
    money = unit == "cents" or unit.startswith("cents ")
    if money and not _MONEY.search(name):
        file.note((*place, "name"), f"{name} is money (unit {unit}): its name must end in _cents, before any window")
    if _MONEY.search(name) and not money:
        file.note(here, f"{name} is named as money: custom property unit must be cents, not {unit!r}")
    if unit == "cents" and kind is not None and column.type != "BIGINT":
        file.note((*place, "physicalType"), f"{name} is money and must be BIGINT, not {column.type}")
    if _BASIS_POINTS.search(name) and not unit.startswith("basis points"):
        file.note(here, f"{name} is in basis points: custom property unit must say so, not {unit!r}")
    if _BASIS_POINTS.search(name) and kind not in ("integer", None):
        file.note((*place, "physicalType"), f"{name} is in basis points and must be whole, not {column.type}")
    if _FRACTION.search(name):
        _check_fraction(file, place, column, unit)


def _check_fraction(file: ContractFile, place: Place, column: Column, unit: str) -> None:
    if not unit or unit.startswith(("basis points", "percent", "cents")):
        words = (
            f"{column.name}: unit must say of what it is a fraction (share of income, fraction a year), not {unit!r}"
        )
        file.note(file.custom(place, "unit"), words)
    if logical_type(column.type) not in ("number", None):
        words = f"{column.name} is a fraction and must be DECIMAL or DOUBLE, not {column.type}"
        file.note((*place, "physicalType"), words)


def _check_custom(file: ContractFile, place: Place, contract: Contract, column: Column) -> None:
    for name, value in column.custom.items():
        if name in _TEXTS[1:] and value is not None and not isinstance(value, str):
            file.note(file.custom(place, name), f"{column.name}: {name} is {value!r}: text is expected")
        elif name not in COLUMN_PROPERTIES:
            words = f"{column.name}: unknown custom property {name!r}{instead(name, COLUMN_PROPERTIES)}"
            file.note(file.custom(place, name), words)
    if column.derivation is not None:
        here = file.custom(place, "derivation")
        if column.derivation not in get_args(Derivation):
            known = instead(str(column.derivation), get_args(Derivation))
            file.note(here, f"{column.name}: no derivation {column.derivation!r}{known}")
        if contract.role != "feed":
            file.note(here, f"{column.name}: only a column of a feed is derived, when its delivery is landed")
    if "controlSum" in column.custom:
        here = file.custom(place, "controlSum")
        if not isinstance(column.custom["controlSum"], bool):
            file.note(here, f"{column.name}: controlSum is {column.custom['controlSum']!r}: true or false is expected")
        if contract.role != "feed" or logical_type(column.type) not in ("integer", None):
            file.note(here, f"{column.name}: a control sum is of a feed's column of whole numbers")


def _check_class(
    file: ContractFile, place: Place, contract: Contract, column: Column, declared: SchemaProperty
) -> None:
    here, known = (*place, "classification"), get_args(Classification)
    if declared.classification is None:
        file.note(here, f"{column.name} needs a classification: one of {', '.join(known)}")
    elif column.classification not in known:
        words = f"{column.name}: unknown classification {column.classification!r}"
        file.note(here, f"{words}{instead(column.classification, known)}")
    elif column.classification in _DELIVERED_ONLY and contract.role != "feed":
        file.note(here, f"{column.name}: {column.classification} may only be delivered, never be in an output")
    elif column.name in ("customer_id", "customer_token") and column.classification != "pseudonym":
        file.note(here, f"{column.name} is who the row belongs to: its classification is pseudonym")


def _check_key(file: ContractFile, place: Place, contract: Contract) -> None:
    positions = sorted(c.key_position for c in contract.columns if c.key_position is not None)
    if not positions:
        file.note(place, "no column is primaryKey: the grain must be declared")
    elif positions != list(range(1, len(positions) + 1)):
        words = f"primaryKeyPosition counts 1, 2, … over the key's columns; these are {positions}"
        file.note(place, words)
    for column in contract.columns:
        if column.key_position is not None and column.lake_name is None:
            file.note(place, f"{column.name} is of the key and never in the lake ({column.classification})")
