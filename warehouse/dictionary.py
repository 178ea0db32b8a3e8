"""The data dictionary: every table and column, read from the contracts, as one Markdown page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.contract import contract_names, load_contract

if TYPE_CHECKING:
    from warehouse.contract import Column, Contract

_ROLES = {
    "output": "Tables a night publishes",
    "feed": "Feeds: what is delivered",
    "reference": "Reference tables",
    "view": "Views over what is published",
    "control": "Control tables",
}
_HEAD = """# Data dictionary

Written from the contracts by `make dictionary`; do not edit. A column's definition says where it comes from, over which
window, how it is summed or by which formula over other columns, and which rows count on the night.
"""


def dictionary() -> str:
    """The whole page."""
    parts = [_HEAD]
    for role, title in _ROLES.items():
        contracts = [load_contract(name) for name in contract_names() if load_contract(name).role == role]
        if contracts:
            parts.append(f"## {title}\n")
        parts.extend(_table(contract) for contract in contracts)
    return "\n".join(parts)


def _table(contract: Contract) -> str:
    head = (
        f"### {contract.name}\n\n{contract.description} {contract.description_zh}。Version {contract.version}; "
        f"{contract.grain}.\n\n| column | type | unit | meaning | 含义 | definition |\n|---|---|---|---|---|---|\n"
    )
    return head + "".join(_row(column) for column in contract.columns)


def _row(column: Column) -> str:
    key = " (key)" if column.key_position else ""
    null = "" if column.required else ", may be empty"
    cells = (
        f"`{column.name}`{key}",
        f"{column.type}{null}",
        column.unit or "",
        column.description,
        column.description_zh,
        _definition(column),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _definition(column: Column) -> str:
    said = column.custom
    parts = [
        f"from {said['source']}" if "source" in said else "",
        str(said.get("window", "")),
        f"`{said['aggregation']}`" if "aggregation" in said else "",
        f"`{said['formula']}`" if "formula" in said else "",
        f"as of: {said['asOf']}" if "asOf" in said else "",
        f"needs consent {said['consent']}" if "consent" in said else "",
    ]
    return "; ".join(part for part in parts if part)
