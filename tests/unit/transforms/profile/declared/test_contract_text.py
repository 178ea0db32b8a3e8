"""The profile's contracts have the columns that are declared, written in one direction: from the declarations."""

from __future__ import annotations

import pytest
import yaml

from transforms.profile.declared.contract_text import BEGIN, END, column_text, with_columns
from transforms.profile.declared.definition import Definition
from transforms.profile.declared.tables import TABLES, published
from warehouse.contract import contract_path, load_contract


@pytest.mark.parametrize("table", TABLES)
def test_a_contract_has_the_declared_columns(table: str) -> None:
    text = contract_path(table).read_text(encoding="utf-8")
    assert text == with_columns(table, text), (
        "run make dictionary: a declaration has changed, or a written part by hand"
    )
    assert [c.name for c in load_contract(table).columns] == published(table)


def test_only_what_stands_between_the_marks_is_written_anew() -> None:
    table = "profile.risk_point"
    text = contract_path(table).read_text(encoding="utf-8")
    by_hand = text.replace(BEGIN, f"{BEGIN}      - name: added\n").replace(
        "    quality:", "    # by hand\n    quality:"
    )
    assert with_columns(table, by_hand) == text.replace("    quality:", "    # by hand\n    quality:")


@pytest.mark.parametrize("mark", [BEGIN, END])
def test_a_contract_without_its_marks_is_left_alone_and_said(mark: str) -> None:
    table = "profile.risk_point"
    text = contract_path(table).read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"profile\.risk_point has no two lines"):
        with_columns(table, text.replace(mark, ""))


def test_all_that_is_declared_of_a_column_is_written() -> None:
    declared = Definition(
        "score_cents",
        "BIGINT",
        'What is "scored": all.',
        "得分",
        "bank.account",
        "events",
        how="sum",
        window="1 month",
        unit="cents",
        formula="a + b",
        consent="bank_statement",
        minimum=0,
        maximum=9,
        values=("a", "b"),
        required=True,
    )
    (column,) = yaml.safe_load(column_text(declared))
    custom = {one["property"]: one["value"] for one in column.pop("customProperties")}
    assert column == {
        "name": "score_cents",
        "logicalType": "integer",
        "logicalTypeOptions": {"minimum": 0, "maximum": 9},
        "physicalType": "BIGINT",
        "required": True,
        "classification": "personal",
        "enum": [{"value": "a"}, {"value": "b"}],
        "description": 'What is "scored": all.',
    }
    assert custom.pop("asOf").startswith("rows that had arrived by the business date")
    assert custom == {
        "descriptionZh": "得分",
        "unit": "cents",
        "source": "bank.account",
        "window": "1 month",
        "aggregation": "sum",
        "formula": "a + b",
        "consent": "bank_statement",
    }
