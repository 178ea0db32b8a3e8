"""A column is what its declaration says, in code, contract and dictionary; nothing is said in two places.

After a declaration changes: make dictionary
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from transforms.profile.declared.definition import AS_OF
from transforms.profile.declared.tables import CUSTOMER_PROFILE, TABLES, formulas, published, under_consent
from transforms.windows.features import FEATURES
from warehouse.contract import load_contract

if TYPE_CHECKING:
    from transforms.profile.declared.definition import Definition

ROOT = Path(__file__).parents[4]
_LOGICAL = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "SMALLINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
}


def written(definition: Definition) -> str:
    """A declaration as the contract's YAML has it."""
    d = definition
    lines = [f"      - name: {d.name}", f"        logicalType: {_LOGICAL.get(d.type, 'string')}"]
    bounds = [
        f"{name}: {value}" for name, value in (("minimum", d.minimum), ("maximum", d.maximum)) if value is not None
    ]
    lines += [f"        logicalTypeOptions: {{{', '.join(bounds)}}}"] * bool(bounds)
    lines.append(f"        physicalType: {d.type}")
    if d.key:
        lines += ["        primaryKey: true", f"        primaryKeyPosition: {d.key}"]
    lines += ["        required: true"] * (d.required and not d.key)
    lines.append(f"        classification: {d.classification}")
    if d.values:
        lines.append(f"        enum: [{', '.join(f'{{value: {v}}}' for v in d.values)}]")
    lines += [f"        description: {json.dumps(d.en)}", "        customProperties:"]
    told = {
        "descriptionZh": d.zh,
        "unit": d.unit,
        "source": d.source,
        "window": d.window,
        "aggregation": d.how,
        "formula": d.formula,
        "asOf": AS_OF[d.as_of],
        "consent": d.consent,
    }
    lines += [
        f"          - {{property: {name}, value: {json.dumps(value, ensure_ascii=False)}}}"
        for name, value in told.items()
        if value
    ]
    return "\n".join(lines)


def contract_path(table: str) -> Path:
    return ROOT / "warehouse" / "contracts" / f"{table.replace('.', '/')}.yaml"


def rewritten(table: str) -> str:
    """The contract's text with the columns the declarations give; what stands before and after is written by hand."""
    text = contract_path(table).read_text(encoding="utf-8")
    head, _, rest = text.partition("    properties:\n")
    _, mark, tail = rest.partition("    quality:\n")
    columns = "\n".join(written(d) for d in TABLES[table] if d.published)
    return f"{head}    properties:\n{columns}\n{mark}{tail}"


@pytest.mark.parametrize("table", TABLES)
def test_the_contract_says_what_the_declarations_say(table: str) -> None:
    assert contract_path(table).read_text(encoding="utf-8") == rewritten(table)
    assert [c.name for c in load_contract(table).columns] == published(table)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_says_where_it_comes_from_and_as_of_when(table: str) -> None:
    for d in TABLES[table]:
        assert d.en.endswith("."), d.name
        assert d.zh, d.name
        assert d.formula or d.source or d.how or d.as_of == "night", d.name
        if d.as_of == "events":
            assert d.window, d.name
            assert d.how or d.source, d.name
        if d.name.endswith("_cents"):
            assert d.unit == "cents", d.name


def test_every_windowed_feature_is_a_column_or_feeds_one() -> None:
    declared = {d.name: d for d in CUSTOMER_PROFILE}
    read = {name for formula in formulas().values() for name in pl.sql_expr(formula).meta.root_names()}
    for feature in FEATURES:
        for column in feature.columns():
            assert declared[column].published == feature.published
            assert feature.published or column in read, f"{column} is computed for nothing"


def test_formulas_read_columns_that_are_there_before_them() -> None:
    known = {d.name for d in CUSTOMER_PROFILE if not d.formula}
    for name, formula in formulas().items():
        assert set(pl.sql_expr(formula).meta.root_names()) <= known, name


def test_a_formula_reads_no_source_whose_consent_it_does_not_need() -> None:
    """Without the consent a derived column is empty, because what it is derived from is."""
    consent = {d.name: d.consent for d in CUSTOMER_PROFILE}
    for name, formula in formulas().items():
        needed = {consent[c] for c in pl.sql_expr(formula).meta.root_names()} - {""}
        assert needed <= {consent[name]}, name
    assert under_consent("bank_statement")


if __name__ == "__main__":
    for name in TABLES:
        contract_path(name).write_text(rewritten(name), encoding="utf-8")
