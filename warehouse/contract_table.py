"""Checks of a contract's table: names, version, texts, and the properties its role needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from warehouse.contract_file import in_chinese, instead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject

    from warehouse.contract import Contract, Role
    from warehouse.contract_file import ContractFile, Place

#: Tables and columns are named like this.
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_STANDARD = re.compile(r"v3\.\d+\.\d+")
_STATUS = re.compile(r"active|deprecated")
_OF_DOCUMENT = ("role", "descriptionZh")


def check_table(
    file: ContractFile, document: OpenDataContractStandard, table: SchemaObject, own: Mapping[str, Any]
) -> None:
    """Note what is wrong with the document's head and its table's; `own` are the document's custom properties."""
    _check_names(file, document, table)
    for key, form, like in (
        ("apiVersion", _STANDARD, "v3.2.0"),
        ("version", _VERSION, "1.0.0"),
        ("status", _STATUS, "active"),
    ):
        value = getattr(document, key)
        if not form.fullmatch(value or ""):
            file.note((key,), f"{key} is {value!r}, expected is one like {like}")
    for key in own:
        if key not in _OF_DOCUMENT:
            words = f"{key!r} is no custom property of a contract{instead(key, _OF_DOCUMENT)}"
            file.note(file.custom((), key), words)
    for place, given, says in (
        (
            ("description",),
            _text_of(document.description.purpose if document.description else None),
            "purpose: what the table holds",
        ),
        (
            file.custom((), "descriptionZh") or ("customProperties",),
            in_chinese(own.get("descriptionZh")),
            "custom property descriptionZh: what it holds, in Chinese",
        ),
        (("schema", 0, "description"), _text_of(table.description), "description: what it holds"),
        (
            ("schema", 0, "dataGranularityDescription"),
            _text_of(table.dataGranularityDescription),
            "dataGranularityDescription: its grain, in words",
        ),
    ):
        if not given:
            file.note(place, f"the table needs a {says}")


def _check_names(file: ContractFile, document: OpenDataContractStandard, table: SchemaObject) -> None:
    """A table's name follows from its file's path; wherever else it is given it must be the same."""
    schema, short = file.path.parent.name, file.path.stem
    for part in (schema, short):
        if not SNAKE_CASE.fullmatch(part):
            file.note((), f"{part!r} names no table: lower-case letters, digits and single underscores")
    top: Place = ("schema", 0)
    for place, value, expected in (
        (("id",), document.id, f"fenqi.{schema}.{short}"),
        (("name",), document.name, short),
        (("domain",), document.domain, schema),
        (("kind",), document.kind, "DataContract"),
        ((*top, "name"), table.name, short),
        ((*top, "physicalName"), table.physicalName, f"{schema}.{short}"),
    ):
        if value != expected:
            file.note(place, f"{place[-1]} is {value!r}, expected {expected!r}")


def _text_of(value: str | None) -> str:
    return (value or "").strip()


def _one_of(*known: str) -> Callable[[Any], str | None]:
    return lambda value: None if value in known else f"one of {', '.join(known)}"


def _share(value: Any) -> str | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if number and 0 <= value <= 1 else "a fraction from 0 to 1"


def _change(value: Any) -> str | None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if number and value > 0 else "a number above 0"


def _days(value: Any) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return None if whole and value > 0 else "a whole number of days"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else "text"


_FEED: dict[str, Callable[[Any], str | None]] = {
    "delivery": _one_of("required", "optional"),
    "history": _one_of("events", "changes"),
    "eventDate": _text,
    "maxBadShare": _share,
    "duplicateWindowDays": _days,
}
_PARTITION: dict[str, Callable[[Any], str | None]] = {"partitionBy": _one_of("month", "day")}
#: Custom properties of a table by its role, each with what is wrong with a value.
TABLE_PROPERTIES: dict[Role, dict[str, Callable[[Any], str | None]]] = {
    "feed": _FEED,
    "output": {**_PARTITION, "maxRowChangeShare": _change},
    "control": _PARTITION,
    "reference": _PARTITION,
    "view": {},
}
#: Those that a role cannot do without, and what each says.
_NEEDED: dict[Role, dict[str, str]] = {
    "feed": {
        "delivery": "required or optional, whether a night stops without it",
        "history": "events, or changes of which the latest stands",
        "eventDate": "the column saying when a row's event happened",
        "maxBadShare": "the share of bad rows at which a night stops",
    },
    "output": {"partitionBy": "month or day, how its files are laid"},
}


def check_properties(file: ContractFile, place: Place, contract: Contract, properties: Mapping[str, Any]) -> None:
    """Note custom properties of the table that its role does not know, lacks, or that have no usable value."""
    role = contract.role
    known, needed = TABLE_PROPERTIES[role], _NEEDED.get(role, {})
    for name, value in properties.items():
        here = file.custom(place, name)
        if name not in known:
            file.note(here, f"{name!r} is no custom property of a table of role {role}{instead(name, known)}")
        elif (wanted := known[name](value)) is not None:
            file.note(here, f"{name} is {value!r}: {wanted} is expected")
    for name, says in needed.items():
        if name not in properties:
            file.note((*place, "customProperties"), f"{role} without custom property {name}: {says}")
    if role == "view" and not contract.path.with_suffix(".sql").is_file():
        file.note((), f"a view needs its SELECT beside it, in {contract.path.stem}.sql")
    if role == "feed" and isinstance(contract.event_date, str):
        _check_event_date(file, file.custom(place, "eventDate"), contract, contract.event_date)


def _check_event_date(file: ContractFile, place: Place, contract: Contract, name: str) -> None:
    columns = {c.name: c for c in contract.columns}
    column = columns.get(name)
    if column is None:
        dates = [c.name for c in contract.columns if c.type == "DATE"]
        file.note(place, f"eventDate names {name!r}, which is no column{instead(name, dates)}")
    elif column.type != "DATE":
        file.note(place, f"eventDate {name!r} is {column.type}: a DATE is expected")
    elif not column.required:
        file.note(place, f"eventDate {name!r} may be empty: it must be `required: true`")
