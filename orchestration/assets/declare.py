"""How an asset is declared: everything Dagster shows of a table comes from its contract, in one place."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.partitions import NIGHTS
from quality.results import CHECKS
from transforms.windows.features import COLUMNS_READ, EVENT_DATE, FEATURES
from warehouse.contract import Contract, load_contract

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

OWNER = "team:data-platform"


def asset_key(table: str) -> dg.AssetKey:
    """`risk.risk_assessment` → the key ["risk", "risk_assessment"]."""
    return dg.AssetKey(table.split("."))


def check_specs(table: str) -> list[dg.AssetCheckSpec]:
    """The checks of a table: one of the rules that stop the night, one of those that are only noted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)  # a check on a partition is a preview; Dagster is pinned
        return [
            dg.AssetCheckSpec(
                name, asset=asset_key(table), description=words, blocking=severity == "error", partitions_def=NIGHTS
            )
            for name, (words, severity) in CHECKS.items()
        ]


def asset_arguments(
    table: str,
    *,
    group: str,
    read: Collection[str] = (),
    judged_beside: Collection[str] = (),
    kinds: set[str] | None = None,
) -> dict[str, Any]:
    """Keyword arguments of `dg.asset` that follow from a table's contract and inputs.

    `read` are the tables it is made of, `judged_beside` those its rules compare it with; columns derive from the
    former.
    """
    contract, deps = load_contract(table), sorted({*read, *judged_beside})
    return {
        "key": asset_key(table),
        "deps": [asset_key(d) for d in deps],
        "group_name": group,
        "partitions_def": NIGHTS,
        "description": f"{contract.description} ({contract.description_zh})\n\nGrain: {contract.grain}.",
        "kinds": kinds or {"polars", "ducklake"},
        "owners": [OWNER],
        "code_version": contract.version,
        "tags": {"pii": pii_class(contract), "role": contract.role},
        "metadata": {
            "dagster/table_name": f"lake.{contract.name}",
            "dagster/column_schema": column_schema(contract),
            "dagster/column_lineage": column_lineage(contract, sorted(read)),
            "contract": f"warehouse/contracts/{contract.schema}/{contract.table}.yaml",
        },
    }


def pii_class(contract: Contract) -> str:
    """The most sensitive class of data among the contract's columns."""
    classes = {c.classification for c in contract.columns}
    for name in ("direct_identifier", "pseudonym", "free_text", "protected", "personal"):
        if name in classes:
            return name
    return "internal"


def column_schema(contract: Contract) -> dg.TableSchema:
    """The table as it lies in the lake, with units and both languages in the descriptions."""
    declared = {c.lake_name: c for c in contract.columns}
    columns = []
    for name, type_ in contract.lake_columns():
        column = declared.get(name)
        if column is None:
            text = {"shard": "Shard of the customer.", "feed_date": "Business date of the delivery it arrived with."}
            columns.append(dg.TableColumn(name, type_, text.get(name, "Sequence of that delivery.")))
            continue
        unit = f" Unit: {column.unit}." if column.unit else ""
        columns.append(
            dg.TableColumn(
                name,
                type_,
                f"{column.description}{unit} ({column.description_zh})",
                constraints=dg.TableColumnConstraints(
                    nullable=not column.required, unique=contract.lake_key == (name,)
                ),
                tags={"class": column.classification},
            )
        )
    return dg.TableSchema(columns)


def column_lineage(contract: Contract, deps: Sequence[str]) -> dg.TableColumnLineage:
    """Which columns of the tables read carry over under the same name, and what each windowed feature counts."""
    sources = {d: {name for name, _ in load_contract(d).lake_columns()} for d in deps}
    carried: dict[str, list[dg.TableColumnDep]] = {}
    for name, _ in contract.lake_columns():
        found = [dg.TableColumnDep(asset_key(d), name) for d, columns in sources.items() if name in columns]
        found += [dg.TableColumnDep(asset_key(d), column) for d, column in _counted().get(name, ()) if d in sources]
        if found:
            carried[name] = found
    return dg.TableColumnLineage(carried)


@cache
def _counted() -> dict[str, list[tuple[str, str]]]:
    """Column of a windowed feature → (feed, column) of everything its declaration reads."""
    return {
        column: [
            (feature.source, read)
            for read in (EVENT_DATE[feature.source], *COLUMNS_READ[feature.source])
            if read == EVENT_DATE[feature.source] or read in f"{feature.where} {feature.value}"
        ]
        for feature in FEATURES
        for column in feature.columns()
    }
