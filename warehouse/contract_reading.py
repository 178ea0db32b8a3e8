"""From a contract's file to the :class:`~warehouse.contract.Contract`: what the standard has and what we add to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

from open_data_contract_standard.model import OpenDataContractStandard

from warehouse.contract import Column, Contract, Mistake, Role, shown
from warehouse.contract_columns import check_columns
from warehouse.contract_file import ContractFile, instead
from warehouse.contract_rules import contract_rules
from warehouse.contract_table import check_properties, check_table

if TYPE_CHECKING:
    from pathlib import Path

    from open_data_contract_standard.model import CustomProperty, SchemaProperty

    from warehouse.contract_file import Place

#: Where the one schema object of a document is.
TABLE: Place = ("schema", 0)


def read_contract(path: Path) -> tuple[Contract | None, list[Mistake]]:
    """Read the contract of `<schema>/<table>.yaml`: what it declares, and every mistake in the order of its lines.

    The contract can be used where there is no mistake. With mistakes it holds what could be read, so that the rest of
    the file can be checked too; None where there is no table at all.
    """
    if not path.is_file():
        return None, [Mistake(shown(path), 1, "there is no such file")]
    file = ContractFile(path)
    contract = _read(file, cast("OpenDataContractStandard", file.parsed(OpenDataContractStandard)))
    return contract, sorted(dict.fromkeys(file.mistakes), key=lambda m: m.line)


def _read(file: ContractFile, document: OpenDataContractStandard) -> Contract | None:
    if not document.schema_ or len(document.schema_) != 1:
        file.note(("schema",), "exactly one schema object is expected")
        return None
    table = document.schema_[0]
    own, shared = _custom(file, (), document.customProperties), _custom(file, TABLE, table.customProperties)
    role = own.get("role")
    if role not in get_args(Role):
        missing = "custom property role is missing" if role is None else f"there is no role {role!r}"
        place = ("customProperties",) if role is None else file.custom((), "role")
        file.note(place, f"{missing}{instead(str(role), get_args(Role))}")
        # The rest is judged as what the table's properties speak for.
        role = "feed" if "eventDate" in shared else "output"
    check_table(file, document, table, own)
    contract = Contract(
        name=f"{file.path.parent.name}.{file.path.stem}",
        role=cast("Role", role),
        version=document.version or "",
        description=table.description or "",
        description_zh=str(own.get("descriptionZh", "")),
        grain=table.dataGranularityDescription or "",
        columns=tuple(_column(file, n, p) for n, p in enumerate(table.properties or ())),
        rules=(),
        properties=own | {"role": role} | shared,
        path=file.path,
    )
    check_properties(file, TABLE, contract, shared)
    check_columns(file, TABLE, contract, table)
    return replace(contract, rules=contract_rules(file, contract, table, TABLE, _share(shared)))


def _share(properties: dict[str, Any]) -> float:
    """The share of bad rows a contract allows: 0 where it is not given, or is noted as a mistake."""
    value = properties.get("maxBadShare", 0.0)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _custom(file: ContractFile, place: Place, declared: list[CustomProperty] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, one in enumerate(declared or ()):
        here = (*place, "customProperties", number)
        if not one.property:
            file.note(here, "a custom property needs a `property` and a `value`")
        elif one.property in found:
            file.note(here, f"custom property {one.property!r} is given twice")
        else:
            found[one.property] = one.value
    return found


def _column(file: ContractFile, number: int, declared: SchemaProperty) -> Column:
    custom = _custom(file, (*TABLE, "properties", number), declared.customProperties)
    return Column(
        name=declared.name or "",
        type=declared.physicalType or "",
        required=bool(declared.required or declared.primaryKey),
        key_position=(declared.primaryKeyPosition or 1) if declared.primaryKey else None,
        classification=declared.classification or "internal",  # type: ignore[arg-type]  # checked with the columns
        description=declared.description or "",
        description_zh=str(custom.get("descriptionZh") or ""),
        unit=custom.get("unit"),
        control_sum=bool(custom.get("controlSum", False)),
        derivation=custom.get("derivation"),
        custom=custom,
    )
